"""Events in every spelling that JSON allows, and selections that often match them.

An example has a theme: the values in its events and those asked for are kin, or hardly any condition would ever hold.
"""

import json
from dataclasses import dataclass

from hypothesis import strategies as st

from canvas_events_cli.query.expressions import Condition
from canvas_events_cli.query.fields import parse_field
from canvas_events_cli.query.selection import Selection


@dataclass(frozen=True)
class Theme:
    strings: tuple[str, ...]
    others: tuple[str, ...] = ()
    """JSON texts of numbers, words and containers."""
    regexes: tuple[str, ...] = ("e",)

    @property
    def operands(self):
        return self.strings + self.others


THEMES = (
    Theme(
        strings=("1", "1.0", "01"),
        others=("1", "1.0", "1e0", "10E-1", "0.1e+1", "true", "10"),
        regexes=("1", r"1\.0", "e0$", "^10*$", "1?0"),
    ),
    Theme(
        strings=("0", "-0"),
        others=("0", "-0", "0.0", "0e7", "-0E-3", "1e-400", "0e99", "false"),
        regexes=("0", "^0$", "0e|-0", r"\.0"),
    ),
    Theme(
        strings=("-1.5", "-1.50"),
        others=("-1.5", "-1.50", "-15e-1", "-0.15E1", "-2"),
        regexes=(r"1\.5", "5e", "1.5+", "-1"),
    ),
    Theme(
        strings=("12345678901234567890123", "1.2345678901234567890123e22"),
        others=("12345678901234567890123", "1.2345678901234567890123E22", "12345678901234567890124"),
        regexes=("123+45678", "9012.$", "23e2?2?"),
    ),
    Theme(
        strings=("565", "0565", "21070000000000565", "10000000000565", "10000000000000", "0"),
        others=("565", "565.0", "5.65e2", "21070000000000565", "2.1070000000000565e16", "0", "20000000000000"),
        regexes=("565$", "70+5", r"\d65", "5{2}"),
    ),
    Theme(
        strings=("active", "activate", "a/b", "Übung 😀", ""),
        regexes=("active", "^act", "a.tiv", "a/?b", "Üb", "(?i)ACTIVE", "active|x", "e?x*", "activez?", "ctiv[ae]"),
    ),
    Theme(
        strings=('say "active"', "back\\slash", "line\nfeed", "http://a/b"),
        regexes=('"active"', "e\n", r"k\\s", "//a"),
    ),
    Theme(
        strings=("[1, 2]", "a"),
        others=('["a"]', '{"a":[ "b" ]}', '[ "a" , 1.50 ]', "[]", "[1,2]", '{ "b":null}'),
        regexes=("1, ?2", '":."b', ":null", r'a",1\.50', "a"),
    ),
    Theme(strings=("true", "null", "false"), others=("true", "false", "null"), regexes=("true", "ul", "^$")),
)
KEYS = ["status", "status", "status", "status", "a/b", "é", "0"]
FIELDS = ["status", "body.status", "/body/status", "/body/a~1b", "é", "body.0", "/body/status/0", "/body/status/é"]
FIELDS += ["status", "user_id", "metadata.user_id", "/metadata", "/body", "metadata.event_name"]
NAMES = ["course_created", "course_updated", "outcomes.retry", "Übung"]
GLOBS = ["course_*", "*", "*.retry", "?bung", "Übun[a-z]", "outcomes.retry"]


_space = st.sampled_from(["", "", "", " ", "\t", "\r ", "\n  "])


def _usual(char):
    return json.dumps(char, ensure_ascii=False)[1:-1]


def _code(char):
    units = char.encode("utf-16-be")
    return "".join(rf"\u{units[at]:02x}{units[at + 1]:02X}" for at in range(0, len(units), 2))


SPELLINGS = [
    lambda char: st.just(_usual(char)),
    lambda char: st.just(_usual(char)),
    lambda char: st.just(r"\/" if char == "/" else _usual(char)),
    lambda char: st.just(_code(char) if char in '"s' else _usual(char)),
    lambda char: st.sampled_from([_usual(char)] * 9 + [_code(char)]),
]
"""How the characters of one event are written: as they are, or some as escapes."""


def _event(body, name, user, envelope, envelope_first):
    parts = [f'"{envelope}": {{"event_name":{name} , "user_id" :{user}}}', f'"body":{body}']
    return ("{" + " ,".join(parts if envelope_first else parts[::-1]) + "}").encode()


def _events(theme, spelling):
    def string(text):
        return st.tuples(*map(spelling, text)).map(lambda characters: '"' + "".join(characters) + '"')

    def object_of(members):
        pair = st.tuples(_space, st.sampled_from(KEYS).flatmap(string), _space, st.just(":"), _space, members, _space)
        return st.lists(pair.map("".join), min_size=1, max_size=3).map(lambda pairs: "{" + ",".join(pairs) + "}")

    scalars = st.sampled_from(theme.strings).flatmap(string) | st.sampled_from(theme.others or ("{}",))
    lists = st.lists(scalars, max_size=2).map(lambda items: "[" + " ,".join(items) + " ]")
    values = st.one_of(scalars, scalars, scalars, lists, object_of(scalars))
    envelopes = st.sampled_from([*["metadata"] * 5, "attributes", r"m\u0065tadata"])
    names = st.sampled_from(NAMES).flatmap(string)
    return st.builds(_event, object_of(values), names, scalars, envelopes, st.booleans())


def events(theme):
    """Give the bytes of events whose values are of *theme*."""
    return st.sampled_from(SPELLINGS).flatmap(lambda spelling: _events(theme, spelling))


def conditions(theme):
    """Give conditions that ask for values of *theme*."""
    ids = [operand for operand in theme.operands if operand.isdigit()] or ["5"]
    operands = {"@": ids, "~": theme.regexes, "!~": theme.regexes, "": [""], "!": [""]}
    signs = st.sampled_from(["=", "=", "=", "~", "~", "@", "!=", "!~", "<", "<=", ">", ">=", "", "!"])
    fields = st.sampled_from(FIELDS).map(parse_field)
    return signs.flatmap(
        lambda sign: st.builds(Condition, fields, st.just(sign), st.sampled_from(operands.get(sign, theme.operands)))
    )


def selections(theme):
    """Give selections of one or two conditions of *theme*, and now and then of event names."""
    return st.builds(
        Selection,
        where=st.lists(conditions(theme), min_size=1, max_size=2).map(tuple),
        any_where=st.booleans(),
        event_globs=st.just(()) | st.just(()) | st.lists(st.sampled_from(GLOBS), max_size=2).map(tuple),
        invert=st.sampled_from([False, False, False, False, True]),
    )


captures = st.sampled_from(THEMES).flatmap(
    lambda theme: st.tuples(st.lists(events(theme), min_size=1, max_size=3), selections(theme))
)
"""A few events and a selection to make among them."""
