import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.json_text import duplicate_keys

CASES = {
    "none": ('{"a": 1, "b": {"a": 1}, "c": [{"a": 1}, {"a": 1}]}', []),
    "root": ('{"a": 1, "a": 1}', ["/a"]),
    "three times": ('{"a": 1, "a": 2, "a": 3}', ["/a"]),
    "inside": ('{"body": {"status": "x", "status": null}}', ["/body/status"]),
    "in an array": ('[0, "a", [], {"a": {}}, {"b": [1, {"a": 1, "a": 2}]}]', ["/4/b/1/a"]),
    "several": ('{"a": {"x": 1, "x": 1}, "b": 1, "a": 2, "b": 2}', ["/a/x", "/a", "/b"]),
    "in the value that does not count": ('{"a": {"x": 1, "x": 2}, "a": 3}', ["/a/x", "/a"]),
    "escaped": (r'{"a\/b": 1, "\u0061/b": 2}', ["/a~1b"]),
    "empty": ('{"": {"": 1, "": 2}}', ["//"]),
    "structure in strings": (r'{"a": "\"a\":{[,", "b": ":", "a": 1}', ["/a"]),
    "a colon for each that is gone": (r'{"a": 1, "a": ":\u003A\u003a"}', ["/a"]),
    "numbers that no int holds": ('{"a": %s, "a": 1e999999}' % ("9" * 5000), ["/a"]),
    "scalar": ("7", []),
    "string": ('"a"', []),
    "spaces": ('\t{ "a"\n:\r1 , "a" : 2 }\n', ["/a"]),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_duplicate_keys(text, expected):
    assert list(duplicate_keys(text.encode())) == expected


@pytest.mark.parametrize("depth", [500, 1_020])
def test_deep_nesting(depth):
    text = '{"a":' * depth + '{"b":1,"b":2}' + "}" * depth
    assert list(duplicate_keys(text.encode())) == ["/a" * depth + "/b"]


NAMES = st.sampled_from(["a", "b", "", "é", '"', "\\", "{", "~/"])


@st.composite
def texts(draw, depth=3):
    """JSON text, and the pointers of its duplicates in the order of their second members."""
    kind = draw(st.sampled_from("sssao" if depth else "s"))
    if kind == "s":
        return draw(st.sampled_from(["1", "-1.5e3", "null", '"a"', '"\\":{"', '"\\u003a"', "{}", "[ ]"])), []
    parts = draw(st.lists(st.tuples(NAMES, texts(depth=depth - 1)), max_size=5))
    found, written, counts = [], [], {}
    for index, (name, (text, inner)) in enumerate(parts):
        key = name.replace("~", "~0").replace("/", "~1") if kind == "o" else str(index)
        counts[key] = counts.get(key, 0) + 1
        if counts[key] == 2:
            found.append(f"/{key}")
        found += [f"/{key}{pointer}" for pointer in inner]
        written.append(f"{json.dumps(name, ensure_ascii=draw(st.booleans()))} : {text}" if kind == "o" else text)
    inside = ", ".join(written)
    return (f"{{{inside}}}" if kind == "o" else f"[{inside}]"), found


@given(texts())
def test_any_json(case):
    text, expected = case
    assert list(duplicate_keys(text.encode())) == expected
