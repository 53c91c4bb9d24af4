"""Streams of what real input is made of: good lines, broken ones, values over several lines, whole and cut."""

import json

from hypothesis import strategies as st

VALUES = st.recursive(
    st.sampled_from([None, True, 12, -1.5, "", "x", 'q"\\', "}\n{", "caf\u00e9 \u2028"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.sampled_from("abcde"), VALUES, min_size=1, max_size=3)
INDENTS = st.sampled_from([0, 1, 2, "\t"])


def written(value: object) -> st.SearchStrategy[str]:
    return st.sampled_from(
        [json.dumps(value), json.dumps(value, separators=(",", ":")), json.dumps(value, ensure_ascii=False)]
    )


def _broken(line: str, place: int) -> list[str]:
    return [
        line[: 1 + place % max(len(line) - 1, 1)],
        line.replace('"', "'"),
        line[:-1] + ",}",
        line.replace(":", " ", 1),
        line[:-1] + ', "e": "\\x"}',
        line[:-1] + ', "e": "\t"}',
        line[:-1] + ', "e": "\udcff"}',
        line[:-1] + ', "e": NaN}',
        line[:-1] + ', "e": 01}',
        line + " x",
        line + "}",
        line + ",",
        "INFO " + line,
        line[1:],
    ]


GOOD = OBJECTS.flatmap(written)
BROKEN = st.builds(
    lambda line, place, kind: _broken(line, place)[kind % 14], GOOD, st.integers(0, 200), st.integers(0, 13)
)
JUNK = st.sampled_from(
    [
        "junk",
        "[INFO] x",
        "[INFO] {",
        "<p>",
        "}",
        "]",
        "},",
        "{",
        "[1,",
        '"x',
        "1 2",
        '{"a":',
        '{"a":{"b":1',
        '  "b": 2',
        ":",
    ]
)
ODD = st.sampled_from(
    ["", " ", "5", "null", '"text"', "eyJh.eyJi.c-_", '\ufeff{"a": 1}', "\x1e", '\x1e{"a": 1}', "{}", " {}"]
)
PRETTY = st.builds(lambda value, indent: json.dumps(value, indent=indent), OBJECTS, INDENTS)
CUT = st.builds(lambda text, keep: "\n".join(text.split("\n")[: keep + 1]), PRETTY, st.integers(0, 12))
SPOILT = st.builds(
    lambda text, at: "\n".join(
        line[:-1] + "x" if number == at else line for number, line in enumerate(text.split("\n"))
    ),
    PRETTY,
    st.integers(0, 12),
)
ELEMENTS = st.lists(GOOD, min_size=1, max_size=4)
LISTS = st.builds(
    lambda items, margin, comma: '{"Messages":[\n' + comma.join(margin + item for item in items) + "\n]}",
    ELEMENTS,
    st.sampled_from(["", " ", "    "]),
    st.sampled_from([",\n", "\n,"]),
)
CUT_LISTS = st.builds(lambda text, keep: "\n".join(text.split("\n")[: keep + 1]), LISTS, st.integers(0, 5))
ARRAYS = st.one_of(
    st.builds(
        lambda values, indent: json.dumps(values, indent=indent), st.lists(OBJECTS | VALUES, max_size=4), INDENTS
    ),
    st.builds(lambda values: json.dumps(values), st.lists(OBJECTS | VALUES, max_size=4)),
    st.builds(lambda items, end: "[\n" + ",\n".join(items) + end, ELEMENTS, st.sampled_from(["\n]", "]"])),
    st.builds(
        lambda items, gaps: "[" + "".join(item + gap for item, gap in zip(items, gaps, strict=False)) + "null]",
        st.lists(GOOD | PRETTY, min_size=1, max_size=6),
        st.lists(st.sampled_from([", ", ",", " ,", ",\n", ", \n ", "\n,", "\n , "]), min_size=6, max_size=6),
    ),
)
ROW = st.builds(lambda one, other, gap: one + gap + other, GOOD | PRETTY, GOOD | PRETTY, st.sampled_from(["", " "]))
IN_LINE = st.builds(
    lambda margin, gap, one, count, last: margin + gap.join([one] * count + [last]),
    st.sampled_from(["", "  ", "\x1e", '{"a": 1}', "x"]),
    st.sampled_from(["", " ", "\t", "\x1e", ","]),
    GOOD,
    st.integers(1, 6),
    GOOD | BROKEN | JUNK | ODD | CUT,
)
"""Values in a line, most of which begin in the same way."""
PARTS = [GOOD, GOOD, BROKEN, BROKEN, JUNK, ODD, PRETTY, CUT, SPOILT, LISTS, CUT_LISTS, ROW]


def mixed(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    """Return streams of *parts*, each beginning on a line of its own."""
    return st.builds(
        lambda texts, feed, last: (feed.join(texts) + last * feed).encode("utf-8", "surrogateescape"),
        st.lists(st.one_of(*parts), max_size=8),
        st.sampled_from(["\n", "\n", "\r\n", "\n\n"]),
        st.booleans(),
    )
