import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.query.fast import literals
from canvas_events_cli.regex import UnsupportedPattern, best_matcher

STRINGS = {
    "plain": ("active", '"active"'),
    "empty": ("", '""'),
    "non-ASCII": ("Übung 😀", '"Übung 😀"'),
    "quote inside": ('ab"cde', 'cde"'),
    "backslash inside": ("abcd\\e", '"abcd'),
    "line feed inside": ("a\nbcd\te", "bcd"),
    "delete is plain": ("a\x7f", '"a\x7f"'),
}


@pytest.mark.parametrize(("text", "expected"), STRINGS.values(), ids=STRINGS)
def test_of_string(text, expected):
    assert literals.of_string(text) == expected


GLOBS = {
    "no magic": ("course_created", '"course_created"'),
    "prefix": ("outcomes.*", '"outcomes.'),
    "suffix": ("*_created", '_created"'),
    "question mark": ("a?cde?f", "cde"),
    "set": ("ab[cd]efghij", '"ab'),
    "open bracket": ("ab[cdefg", '"ab'),
    "everything": ("*", '"'),
    "quote": ('a"bcd*', "bcd"),
}


@pytest.mark.parametrize(("glob", "expected"), GLOBS.values(), ids=GLOBS)
def test_of_glob(glob, expected):
    assert literals.of_glob(glob) == expected


REGEXES = {
    "plain": ("courses", "courses"),
    "anchors": ("^courses$", "courses"),
    "any character": ("a.bcd", "bcd"),
    "star": ("abcd*ef", "abc"),
    "lazy star": ("abcd*?ef", "abc"),
    "question mark": ("abcd?", "abc"),
    "plus": ("abc+d", "abc"),
    "count": ("abc{2}defg", "ab"),
    "count of none": ("abc{0}", "ab"),
    "escaped sign": (r"canvas\.docker", "canvas.docker"),
    "escaped sign, repeated": (r"ab\.*", "ab"),
    "class": ("courses/[0-9]+/assignments", "courses/"),
    "class escape": (r"courses/\d+/assignments", "/assignments"),
    "word ends": (r"\bopen\b", "open"),
    "group": ("ab(cdef)", "ab"),
    "alternatives": ("abc|abd", ""),
    "alternatives in a group": ("abc(d|e)", ""),
    "escaped bar": (r"abc\|d", ""),
    "flags": ("(?i)abc", ""),
    "named class": (r"ab\pNcd", "ab"),
    "braced class": (r"ab\p{Greek}", "ab"),
    "quoted": (r"ab\Q.*\E", "ab"),
    "character by number": (r"ab\x41cdef", "ab"),
    "control escape": (r"ab\ncdef", "ab"),
    "non-ASCII": ("Übung?", "Übun"),
    "quote": ('ab"cde', "cde"),
    "empty": ("", ""),
}


@pytest.mark.parametrize(("pattern", "expected"), REGEXES.values(), ids=REGEXES)
def test_of_regex(pattern, expected):
    assert literals.of_regex(pattern) == expected


pieces = st.sampled_from([*"ab.^$*+?", r"\.", r"\d", r"\w", r"\*", "[ab]", "[^]]", "(a)", "(?:ab)", "{2}", "{0}", "é"])


@given(st.lists(pieces, max_size=8).map("".join), st.text("ab.*1é", max_size=8))
def test_what_matches_holds_the_literal(pattern, text):
    try:
        found = best_matcher(pattern, leading_flags=True)(text)
    except UnsupportedPattern:
        return
    assert not found or literals.of_regex(pattern) in text


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_escapes_are_found(text):
    plain = "".join(char for char in text if literals.is_plain(char))
    pattern = re.compile(literals.escapes(plain)) if plain else None
    for char in plain:
        for escaped in (json.dumps(char)[1:-1], re.sub("(....)", r"\\u\1", char.encode("utf-16-be").hex().upper())):
            assert pattern.search(escaped) or escaped == char


@pytest.mark.parametrize(
    ("characters", "escaped", "expected"),
    [
        ("&", r"\u0026", True),
        ("abc", r"\u0026", False),
        ("é", r"\u00E9", True),
        ("é", r"\u00e9", True),
        ("\N{CYRILLIC SMALL LETTER DZE}", r"\u0455", True),
        ("\N{LATIN SMALL LETTER OPEN E}", r"\u025B", True),
        ("😀", r"\ud83D\uDe00", True),
        ("/", r"\/", True),
        ("a", r"\/", False),
        ("n", r"\n", False),
    ],
)
def test_escapes_of(characters, escaped, expected):
    assert (re.search(literals.escapes(characters), escaped) is not None) is expected
