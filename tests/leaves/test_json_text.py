import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.json_text import compact, elements, indent, text_at, without_members
from canvas_events_cli.parse import loads

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


@given(VALUES, st.sampled_from([None, 0, 3]), st.sampled_from([0, 40]))
def test_layout_never_changes_the_value(value, spaces, more):
    value = [value, *[[]] * more]
    raw = json.dumps(value, ensure_ascii=False, indent=spaces).encode()
    assert "".join(indent(raw)) == json.dumps(value, ensure_ascii=False, indent=2)
    assert compact(raw) == json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize("depth", [32, 33, 1024, 100_000])
def test_deep_nesting_stays_small(depth):
    raw = b"[" * depth + b"1,2" + b"]" * depth
    text = "".join(indent(raw))
    assert compact(text.encode()) == raw
    assert len(text) < 3 * depth + 5000


VALUE_AT = {
    "whole": (b' {"a": 1}\n', (), b'{"a": 1}'),
    "scalar": (b" 1.10 ", (), b"1.10"),
    "number as written": (b'{"a": {"b": [0, 12345678901234567890123]}}', ("a", "b", 1), b"12345678901234567890123"),
    "string with structure": (rb'{"x": "}\"]", "a": "{,:\\"}', ("a",), rb'"{,:\\"'),
    "past containers": (b'[[{"a": []}, []], {}, [1 , 2 ]]', (2,), b"[1 , 2 ]"),
    "key with escapes": (rb'{"\u0061\/": 1}', ("a/",), b"1"),
    "key of other letters": ('{"é": 1}'.encode(), ("é",), b"1"),
    "empty key": (b'{"": {"": 1}}', ("", ""), b"1"),
    "the last of repeated keys": (b'{"a": 1, "a": {"b": 2, "b": 3}}', ("a", "b"), b"3"),
    "key that is a number": (b'{"0": "a"}', ("0",), b'"a"'),
}


@pytest.mark.parametrize(("raw", "path", "expected"), VALUE_AT.values(), ids=VALUE_AT)
def test_value_at(raw, path, expected):
    assert text_at(raw, path) == expected


@pytest.mark.parametrize("path", [("b",), (0,), ("a", 2), ("a", 0, "x")], ids=repr)
def test_value_at_where_there_is_none(path):
    with pytest.raises(KeyError):
        text_at(b'{"a": [1, {}]}', path)


@given(VALUES, st.sampled_from([None, 1]))
def test_every_value_is_found_where_it_is(value, spaces):
    raw = json.dumps(value, ensure_ascii=False, indent=spaces).encode()
    pending = [((), value)]
    while pending:
        path, inner = pending.pop()
        text = text_at(raw, path)
        assert json.loads(text) == inner
        if isinstance(inner, dict):
            pending += [((*path, key), member) for key, member in inner.items()]
        elif isinstance(inner, list):
            assert [json.loads(element) for element in elements(text)] == inner
            pending += [((*path, index), element) for index, element in enumerate(inner)]


WITHOUT = {
    "one": (b'{ "a" : 1.10 , "iat": [1, {"a": 2}], "b": { "iat": 3 } }', b'{"a":1.10,"b":{ "iat": 3 }}'),
    "escaped": (rb'{"i\u0061t": 1, "a": 2}', b'{"a":2}'),
    "all": (b'{"iat": 1}', b"{}"),
    "none": (b"{ }", b"{}"),
}


@pytest.mark.parametrize(("raw", "expected"), WITHOUT.values(), ids=WITHOUT)
def test_without_members(raw, expected):
    assert without_members(raw, ("iat", "exp")) == expected


def test_deep_nesting_is_cut_out():
    deep = b"[" * 1000 + b"]" * 1000
    assert text_at(b'{"a": {"b": ' + deep + b"}}", ("a", "b")) == deep
    assert loads(text_at(deep, (0,) * 999)) == []


DEEP = b"[" * 1000 + b"1 " + b"]" * 1000
ODD = {
    "nested too deeply for the quick way": (b"[0, " + DEEP + b"]", [b"0", DEEP]),
    "numbers that no double holds": (b"[ 1e400 , -0]", [b"1e400", b"-0"]),
}


@pytest.mark.parametrize(("raw", "expected"), ODD.values(), ids=ODD)
def test_texts_of_odd_arrays(raw, expected):
    assert [*elements(raw)] == expected
    assert text_at(raw, [1]) == expected[1]
    assert compact(raw) == b"[%b]" % b",".join(text.replace(b" ", b"") for text in expected)
