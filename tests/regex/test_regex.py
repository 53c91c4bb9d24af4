"""Regular expressions as ECMA 262 has them: what matches, by hand; both ways to run one; what is refused, and why."""

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.regex import UnsupportedPattern, rust_matcher, rust_pattern
from canvas_events_cli.regex.automaton import automaton_matcher
from canvas_events_cli.regex.rust import text_of
from canvas_events_cli.regex.syntax import parse_pattern

MATCHING: dict[str, tuple[str, str]] = {
    # Texts in which it is found, and in which not, parted by spaces: ␣ is a space, ␊ LF, ␍ CR, ␤ U+2028, ␥ U+2029.
    r"^.$": ("a 😀 \x85 \v é", "␊ ␍ ␤ ␥ ab"),
    r"^[^a]$": ("b ␊ ␍ ␤ 😀", "a"),
    r"a$": ("a ba", "a␊ a␍ ab"),
    r"^a": ("ab", "␊a"),
    r"^\d$": ("0 9", "٣ \uff15 a"),
    r"^\D$": ("٣ a ␊", "0"),
    r"^\w$": ("a Z 0 _", "é - \u017f ß"),
    r"^\W$": ("é - ␣", "_"),
    r"^\s$": ("␣ ␊ ␍ ␤ ␥ \xa0 \ufeff \u3000 \v \f \t", "\x85 \u200b \u180e a"),
    r"^[^\S]$": ("␣ \ufeff", "a"),
    r"\bé": ("aé", "é ␣é"),
    r"é\b": ("éa", "é é␣"),
    r"\Bé": ("é", "aé"),
    r"^[\b]$": ("\x08", "b"),
    r"\<br\>": ("<br> x<br>y", "br see␣br␣here"),
    r"^\-\/\#\%\_\'\ $": ("-/#%_'␣", "x"),
    r"^\cA\cz\0$": ("\x01\x1a\x00", "cA"),
    r"^\x41\u0042\u{43}\u{1F600}\uD83D\uDE00$": ("ABC😀😀", "ABC😀"),
    r"^[\uD83D\uDE00-\u{1F64F}]$": ("😀 🙏", "a"),
    r"\p{Letter}cole": ("école", "␣cole"),
    r"^\p{L}\p{Lu}\p{gc=Nd}\p{digit}$": ("éÉ5٣", "é5É٣"),
    r"^[\P{L}x]$": ("1 x", "é"),
    r"^[^\p{L}]$": ("1", "é"),
    r"^\p{Script=Greek}\p{sc=Latin}\p{scx=Grek}$": ("λaλ", "aλa"),
    r"^\p{Alphabetic}\p{White_Space}\p{ASCII}$": ("é␣a", "␣éa"),
    r"^(?:a|b)+c?$": ("ab abc", "c"),
    r"^(?<name>a)(b)$": ("ab", "a"),
    r"^a{2}b{1,}c{0,2}?$": ("aab aabbcc", "ab aabccc"),
    r"^[a-c\d-]$": ("a - 5", "d"),
    r"^[\w-.]+$": ("a-b.c", "a@b"),
    r"^[]$": ("", "a ␊"),
    r"^[^]$": ("a ␊", "ab"),
    r"^[a&&b]$": ("a & b", "ab"),
    r"^[[]$": ("[", "]"),
    r"^x}]$": ("x}]", "x"),
    r"^(?i:É\u212a)$": ("ék Ék ÉK", "ek"),
    r"^(?i:[^a])$": ("b", "a A"),
    r"^(?s:.)$": ("␊", "ab"),
    r"^(|a|bc)$": ("a bc", "ab"),
    r"^$|x": ("ax", "a"),
    r"^(?:a*)*b$": ("b aab", "a"),
    r"(?:(?:)*x){2}": ("xx", "x"),
    r"\ud800": ("", "a ?"),
}
NEEDS_RUST = {r"^\p{Script=Greek}\p{sc=Latin}\p{scx=Grek}$", r"^\p{Alphabetic}\p{White_Space}\p{ASCII}$"}
"""Patterns with properties that Python has no tables of."""
SIGNS = str.maketrans({"␣": " ", "␊": "\n", "␍": "\r", "␤": "\u2028", "␥": "\u2029"})


@pytest.mark.parametrize("matcher", [rust_matcher, automaton_matcher])
@pytest.mark.parametrize("pattern", MATCHING)
def test_what_a_pattern_matches(pattern: str, matcher: object) -> None:
    if matcher is automaton_matcher and pattern in NEEDS_RUST:
        with pytest.raises(UnsupportedPattern, match="needs jsonschema-rs"):
            automaton_matcher(pattern)
        return
    found, missed = ([text.translate(SIGNS) for text in side.split(" ") if text] for side in MATCHING[pattern])
    matches = matcher(pattern)  # type: ignore[operator]
    assert [text for text in found if not matches(text)] == []
    assert [text for text in missed if matches(text)] == []


REFUSED = {
    "x(?=a)": (1, "look-around cannot run in time linear"),
    "(?!a)": (0, "look-around"),
    "(?<=a)b": (0, "look-around"),
    "(?<!a)b": (0, "look-around"),
    r"(a)\1": (3, "back reference"),
    r"(?<n>a)\k<n>": (7, "back reference"),
    "ab(c": (2, "not closed"),
    "ab)": (2, "closes no group"),
    "a[b": (1, "not closed"),
    "a{2,1}": (1, "from more to less"),
    "[a-z][z-a]": (6, "runs backwards"),
    "*a": (0, "nothing here that *"),
    "a++": (2, "nothing here that +"),
    "a|?": (2, "nothing here that ?"),
    "^*": (1, "assertion"),
    "a{,3}": (1, "no count"),
    "{a}": (0, "no count"),
    "[[:alpha:]]": (1, "POSIX"),
    "[x[:digit:]y]": (2, "POSIX"),
    r"x\a": (1, r"no escape \a"),
    r"\e": (0, r"no escape \e"),
    r"\Q.\E": (0, r"no escape \Q"),
    r"\é": (0, r"no escape \é"),
    r"\A": (0, "is ^"),
    r"\z": (0, "is $"),
    r"\Z": (0, "is $"),
    r"[\B]": (1, "no character"),
    r"\x4": (0, "two hexadecimal"),
    r"\u12": (0, "four hexadecimal"),
    r"\u{110000}": (0, "10FFFF"),
    r"\c1": (0, "letter"),
    r"\01": (0, "no other digit"),
    r"\pL": (0, "braces"),
    r"\p{Greek}": (0, "Script=Greek"),
    r"\p{letter}": (0, "no property"),
    r"\p{script=Greek}": (0, "no property"),
    r"\p{^L}": (0, "no property"),
    r"x\p{Script=Klingon}": (1, "unknown Unicode property"),
    "(?i)a": (0, "(?i:…)"),
    "(?P<n>a)": (0, "(?<name>…)"),
    "(?>a)": (0, "atomic"),
    "(?#a)": (0, "comments"),
    "(?m:^a)": (0, "only the flags i and s"),
    "(?": (0, "no such group"),
    "a\\": (1, "nothing is escaped"),
    "a{1000000}": (0, "too much"),
    "x(?:a{1000}){1000}": (1, "too much"),
    "x{" + "9" * 5000 + "}": (0, "too much"),
    "(" * 101: (100, "nested deeper"),
}


@pytest.mark.parametrize("matcher", [rust_matcher, automaton_matcher])
@pytest.mark.parametrize("pattern", REFUSED)
def test_what_is_refused(pattern: str, matcher: object) -> None:
    at, reason = REFUSED[pattern]
    if matcher is automaton_matcher and "Klingon" in pattern:
        at, reason = 4, "needs jsonschema-rs"
    with pytest.raises(UnsupportedPattern, match=re.escape(reason)) as caught:
        matcher(pattern)  # type: ignore[operator]
    assert caught.value.at == at


ATOMS = st.sampled_from(
    [*"aé_1 .^$", r"\d", r"\W", r"\s", r"\b", r"\B", "[^a]", "[é-ü]", r"[\w-]", r"\p{L}", r"\P{Lu}", "(?i:Ä|k)", r"\n"]
)
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=3).map("".join)
        | st.lists(inner, min_size=1, max_size=3).map("|".join)
        | st.builds("(?:{}){}".format, inner, st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}"]))
    ),
    max_leaves=6,
)
TEXTS = st.text(st.sampled_from("aéäÄ_1 \n\r\u2028Kk\u212a😀"), max_size=5)


@given(PATTERNS, st.lists(TEXTS, min_size=1, max_size=6))
def test_both_ways_to_run_a_pattern_agree(pattern: str, texts: list[str]) -> None:
    fast, plain = rust_matcher(pattern), automaton_matcher(pattern)
    assert [fast(text) for text in texts] == [plain(text) for text in texts]


@pytest.mark.parametrize(
    "pattern", ["", "^[0-9]+$", "^a?b*[A-Fa-f]z$", "a**", "a+?", "^*", "$a", "[z-a]", "a\n", "[]", "^a^"]
)
def test_a_pattern_that_engines_read_alike_is_left_as_it_is(pattern: str) -> None:
    try:
        told = text_of(parse_pattern(pattern))
    except UnsupportedPattern:
        with pytest.raises(UnsupportedPattern):
            rust_pattern(pattern)
    else:
        assert rust_pattern(pattern) == told


@given(st.text(st.sampled_from("a1()[]{}|\\^$.*+?-,:<=!pPubkxi&é\ud800\n") | st.characters(), max_size=10))
def test_any_text_is_a_pattern_or_refused(text: str) -> None:
    with contextlib.suppress(UnsupportedPattern):
        automaton_matcher(text)("a1")


def test_an_automaton_takes_time_in_proportion_to_the_text() -> None:
    matches = automaton_matcher("^(?:a*)*(?:[^][^])*$")
    assert matches("a" * 10_000)
    assert not automaton_matcher("^(a+)+$")("a" * 10_000 + "!")
