import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.json_text import compact, indent

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)

COMPACT = {
    "between tokens": (b' { "a" : [ 1 ,\t2 ]\r\n}\n', b'{"a":[1,2]}'),
    "inside strings": (rb'{"a b": " c \" d \\"}', rb'{"a b":" c \" d \\"}'),
    "numbers as written": (
        b"[1.10, 1E5, -0, 12345678901234567890123]",
        b"[1.10,1E5,-0,12345678901234567890123]",
    ),
    "escapes as written": (rb'["\u0041\/", "A"]', rb'["\u0041\/","A"]'),
    "duplicate keys": (b'{"a": 1, "a": 2}', b'{"a":1,"a":2}'),
    "scalar": (b" 1 ", b"1"),
    "byte order mark": (b'\xef\xbb\xbf{"a": 1}', b'{"a":1}'),
    "other spaces are text": ('"\u00a0 \u2003"'.encode(), '"\u00a0 \u2003"'.encode()),
}


@pytest.mark.parametrize(("raw", "expected"), COMPACT.values(), ids=COMPACT)
def test_compact(raw, expected):
    assert compact(raw) == expected


INDENT = {
    "members": (b'{"a":1,"b":[true,null]}', '{\n  "a": 1,\n  "b": [\n    true,\n    null\n  ]\n}'),
    "empty containers": (b'{"a":{ },"b":[ ]}', '{\n  "a": {},\n  "b": []\n}'),
    "strings with structure": (b'["{[,:]}"]', '[\n  "{[,:]}"\n]'),
    "numbers as written": (b"[1.10]", "[\n  1.10\n]"),
    "scalar": (b" 1e2 ", "1e2"),
    "indented already": (b"[\n\n  1\n , 2 ]", "[\n  1,\n  2\n]"),
    "next to nothing": (b"[[]]", "[\n  []\n]"),
}


@pytest.mark.parametrize(("raw", "expected"), INDENT.values(), ids=INDENT)
def test_indent(raw, expected):
    assert "".join(indent(raw)) == expected


def test_indent_margin():
    assert "".join(indent(b"[1,2]", "  ")) == "[\n    1,\n    2\n  ]"


@given(VALUES, st.sampled_from([None, 0, 3]))
def test_layout_never_changes_the_value(value, spaces):
    raw = json.dumps(value, ensure_ascii=False, indent=spaces).encode()
    assert "".join(indent(raw)) == json.dumps(value, ensure_ascii=False, indent=2)
    assert compact(raw) == json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize("depth", [32, 33, 1024, 100_000])
def test_deep_nesting_stays_small(depth):
    raw = b"[" * depth + b"1,2" + b"]" * depth
    text = "".join(indent(raw))
    assert compact(text.encode()) == raw
    assert len(text) < 3 * depth + 5000
