"""Where each record begins and ends: a table of inputs, and what holds for all."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Framed, Malformed, Record

# Input → what is found: (line, value) for a record, (line, message's end) for a malformed one.
RECORDS = {
    "one a line": (b'{"a":1}\n{"b":2}\n', [(1, {"a": 1}), (2, {"b": 2})]),
    "no final line feed": (b'{"a":1}\n{"b":2}', [(1, {"a": 1}), (2, {"b": 2})]),
    "crlf and blank lines": (b'{"a":1}\r\n\r\n  \r\n{"b":2}\r\n', [(1, {"a": 1}), (4, {"b": 2})]),
    "separators inside strings": (
        '{"a":"\u2028\u2029\u0085"}\n5\n'.encode(),
        [(1, {"a": "\u2028\u2029\u0085"}), (2, 5)],
    ),
    "pretty": (b'{\n  "a": [\n    1\n  ]\n}\n{\n  "b": {}\n}\n', [(1, {"a": [1]}), (6, {"b": {}})]),
    "pretty without indent": (b'{\n"a": [\n{\n"b": 1\n},\n{\n"c": 2\n}\n]\n}\n', [(1, {"a": [{"b": 1}, {"c": 2}]})]),
    "short objects on lines of their own": (
        b'{\n "a": [\n  {"b":1},\n  {"c":1}\n ]\n}\n',
        [(1, {"a": [{"b": 1}, {"c": 1}]})],
    ),
    "empty object in an array": (b'{\n "a": [\n{}\n]}\n', [(1, {"a": [{}]})]),
    "scalars": (b'42\n"x"\nnull\n-0.5e1\n', [(1, 42), (2, "x"), (3, None), (4, -5.0)]),
    "array on one line": (b'[{"a":1}, 2,[3]]\n{"b":1}\n', [(1, {"a": 1}), (1, 2), (1, [3]), (2, {"b": 1})]),
    "pretty array": (
        b'[\n {"a":1},\n\n {\n"b":"],"\n}\n]\n{"c":1}\n',
        [(2, {"a": 1}), (4, {"b": "],"}), (8, {"c": 1})],
    ),
    "empty arrays": (b"[]\n[ ]\n[\n]\n", []),
    "arrays one after another": (b"[1][2]\n", [(1, 1), (1, 2)]),
    "concatenated": (b'{"a":1}{"b":2} {"c":3}\n{"d":4}', [(1, {"a": 1}), (1, {"b": 2}), (1, {"c": 3}), (2, {"d": 4})]),
    "concatenated pretty": (b'{\n"a":1\n}{\n"b":2\n}\n', [(1, {"a": 1}), (3, {"b": 2})]),
    "concatenated with arrays": (b'{"a":1}[{"b":1},2]{"c":1}\n', [(1, {"a": 1}), (1, {"b": 1}), (1, 2), (1, {"c": 1})]),
    "list with one element a line": (
        b'{"Messages":[\n{"a":1},\n{"b":1}\n]}\n{"c":1}\n',
        [(1, {"Messages": [{"a": 1}, {"b": 1}]}), (5, {"c": 1})],
    ),
    "array with one element a line": (b'[\n{"a":1}\n,{"b":1},\n5]\n', [(2, {"a": 1}), (3, {"b": 1}), (4, 5)]),
    "elements that begin in the middle of a line": (
        b'[{\n "a": "}, {"\n}, {\n "b": {}\n},{\n}, 5, {\n  "c": [{}, {}]\n}]\n{"d":1}\n',
        [(1, {"a": "}, {"}), (3, {"b": {}}), (5, {}), (6, 5), (6, {"c": [{}, {}]}), (9, {"d": 1})],
    ),
    "several elements a line": (
        b'[{"a":1}, {"b":"}, {"},\n{"c":1} ,{"d":{}},{},\n {"e":[{}, {}]}, {"f":1},\n{"g":1}, 5,\n{"h":1}]\n',
        [
            (1, {"a": 1}),
            (1, {"b": "}, {"}),
            (2, {"c": 1}),
            (2, {"d": {}}),
            (2, {}),
            (3, {"e": [{}, {}]}),
            (3, {"f": 1}),
            (4, {"g": 1}),
            (4, 5),
            (5, {"h": 1}),
        ],
    ),
    "numbers": (b"[1, -2.5e3,3,\n4]\n[5,6]\n", [(1, 1), (1, -2500.0), (1, 3), (2, 4), (3, 5), (3, 6)]),
    "byte order marks of joined files": (
        b'{"a":1}\n\xef\xbb\xbf{"b":1}\n\xef\xbb\xbf{\n"c":1\n}\n\xef\xbb\xbf[{"d":1},\n\xef\xbb\xbf5]\n\xef\xbb\xbf\n',
        [(1, {"a": 1}), (2, {"b": 1}), (3, {"c": 1}), (6, {"d": 1}), (7, 5)],
    ),
    "rfc 7464": (b'\x1e{"a":1}\n\x1e{\n"b":2}\n\x1e{"c":3}\n', [(1, {"a": 1}), (2, {"b": 2}), (4, {"c": 3})]),
    "bare token": (b"eyJh.eyJi.c-_\n eyJh.eyJi. \n", [(1, "eyJh.eyJi.c-_"), (2, "eyJh.eyJi.")]),
    "bare tokens, blanks in their headers": (b"eyAi.e30.c\newogIm.e30.c\n", [(1, "eyAi.e30.c"), (2, "ewogIm.e30.c")]),
    "empty": (b"", []),
    "blank": (b"\n \n\r\n", []),
    "1024 levels": (b"[" * 3 + b'{"a":' + b"[" * 1021 + b"]" * 1021 + b"}" + b"]" * 3, None),
}
MALFORMED = {
    "junk": (b'nope\n{"a":1}\n', [(1, "at line 1, column 1"), (2, {"a": 1})]),
    "cut in a string": (b'{"a":"cut\n{"b":1}\n', [(1, "at line 1, column 10"), (2, {"b": 1})]),
    "cut between tokens": (b'{"a":[1,\n{"b":1}\n', [(1, "at line 1, column 9"), (2, {"b": 1})]),
    "two cut lines": (b'{"a":[1,\n{"b":[2,\n{"c":1}\n', [(1, "column 9"), (2, "column 9"), (3, {"c": 1})]),
    "two junk lines": (b'INFO x\nINFO y\n{"c":1}\n', [(1, "column 1"), (2, "column 1"), (3, {"c": 1})]),
    "log lines before pretty values": (b"INFO x\n{\n1:\n}\n", None),
    "three NaN": (b'{"a":NaN}\n' * 3, [(line, f"line {line}, column 6") for line in (1, 2, 3)]),
    "cut, then good ones": (
        b'{"a":{"b":\n{"c":1}\n{"d":1}\n',
        [(1, "at line 1, column 11"), (2, {"c": 1}), (3, {"d": 1})],
    ),
    "cut pretty value": (b'{\n  "a": [\n    1,\n{"b":1}\n', [(1, "line 3, column 7"), (4, {"b": 1})]),
    "broken pretty value": (b'{\n  "a": [\n    01\n  ]\n}\n{"b":1}\n', [(1, "line 3, column 5"), (6, {"b": 1})]),
    "pretty value with an object on a line": (b'{\n  "a": [\n  {}\n', [(1, "line 3, column 5"), (3, {})]),
    "cut value, not indented": (b'{\n"a":\n1,\n', [(1, "column 2"), (2, "line 2, column 4"), (3, "line 3, column 2")]),
    "list cut off": (
        b'{"Messages":[\n{"a":1},\n{"b":1}\n',
        [(1, "column 14"), (2, "line 2, column 8"), (3, {"b": 1})],
    ),
    "array cut off, then lines": (
        b'[{"a":1},{"b":\n{"c":1}\n{"d":1}\n',
        [(1, {"a": 1}), (1, "of this element"), (2, {"c": 1}), (3, {"d": 1})],
    ),
    "bracket, then lines": (
        b'[\n{"c":1}\n{"d":1}\n',
        [(2, {"c": 1}), (2, "that opens on line 1 is never closed"), (3, {"d": 1})],
    ),
    "cut element in an array of lines": (
        b'[\n{"a":"cu\n{"b":1},\n{"c":1}\n]\n',
        [(2, "of this element"), (3, {"b": 1}), (4, {"c": 1})],
    ),
    "broken element in a pretty array": (
        b'[\n  {\n    "a": nope\n  },\n  {\n    "b": 1\n  }\n]\n',
        [(2, "line 3, column 10 of this element"), (5, {"b": 1})],
    ),
    "missing comma in a pretty array": (
        b'[\n  {"a": 1}\n  {"b": 1},\n  {"c": 1}\n]\n',
        [(2, {"a": 1}), (3, "a comma is missing in an array"), (3, {"b": 1}), (4, {"c": 1})],
    ),
    "junk, then pretty": (b'INFO x\n{\n "a": 1\n}\n', [(1, "column 1"), (2, {"a": 1})]),
    "junk, then an array": (b'INFO x\n[{"a":1}]\n', [(1, "column 1"), (2, {"a": 1})]),
    "junk, then a token": (b"INFO x\neyJh.eyJi.c\n", [(1, "column 1"), (2, "eyJh.eyJi.c")]),
    "cut pretty value, then pretty": (b'{\n "a": {\n{\n "b": 2\n}\n', [(1, "at line 2, column 8"), (3, {"b": 2})]),
    "log line in brackets": (b'[INFO] x\n{"a":1}\n', [(1, "column 2"), (2, {"a": 1})]),
    "text after an object": (b'{"a":1} x\n{"b":1}\n', [(1, "at line 1, column 9"), (2, {"b": 1})]),
    "bracket too many": (b'{"a":1}}\n{"b":1}\n', [(1, "at line 1, column 8"), (2, {"b": 1})]),
    "text after the second": (b'{"a":1}{"b":1} x\n', [(1, {"a": 1}), (1, "column 9")]),
    "not a number": (b'{"a":NaN}\n', [(1, "at line 1, column 6")]),
    "trailing comma": (b'{"a":1,}\n', [(1, "column 7")]),
    "single quotes": (b"{'a':1}\n", [(1, "column 2")]),
    "leading zero": (b"01\n", [(1, "column 1")]),
    "too large a number": (b"1e999\n", [(1, "column 1")]),
    "5,000 digits": (b"1" * 5000, [(1, "column 1")]),
    "lone surrogate": (b'"\\ud800"\n', [(1, "column 2")]),
    "not utf-8": (b'{"\xc3\xa9":"\xff"}\n', [(1, "byte 0xff at line 1, column 7")]),
    "html": (b"<!DOCTYPE html>\n<p>\n", [(line, "did curl fail? (try curl --fail)") for line in (1, 2)]),
    "too deep": (b"[" * 1100 + b"]" * 1100, [(1, "of this element")]),
    "far too deep": (b'{"a":' * 20_000, [(1, "depth limit exceeded at line 1, column 5122")]),
    "open brackets": (b"[" * 20_000, [(1, "depth limit exceeded at line 1, column 1026 of this element")]),
    "broken element": (b'[{"a":1},{b},{"c":1}]\n', [(1, {"a": 1}), (1, "of this element"), (1, {"c": 1})]),
    "comma at the end of an array": (b'[{"a":1},]\n', [(1, {"a": 1}), (1, "a value is missing in an array")]),
    "two commas": (b'[{"a":1},,{"b":1}]', [(1, {"a": 1}), (1, "a value is missing in an array"), (1, {"b": 1})]),
    "open array": (b'[\n{"a":1}\n', [(2, {"a": 1}), (2, "the array that opens on line 1 is never closed")]),
    "open array, cut": (b'[{"a":1},{"b":', [(1, {"a": 1}), (1, "line 1, column 6 of this element")]),
    "bracket after an array": (b'["x"]]\n', [(1, "x"), (1, "at line 1, column 1")]),
    "cut sequence": (b'\x1e{"a"\n\x1e{"b":1}\n', [(1, "column 1"), (2, {"b": 1})]),
}


def framed(data: bytes, size: int | None = None, limit: int = 1 << 20) -> list[Framed]:
    framer = Framer(limit)
    pieces = [data[at : at + size] for at in range(0, len(data), size)] if size else [data]
    return [item for piece in pieces for item in framer.feed(piece)] + list(framer.finish())


@pytest.mark.parametrize("name", [*RECORDS, *MALFORMED])
def test_records(name: str) -> None:
    data, expected = (RECORDS | MALFORMED)[name]
    for size in (None, 1, 2, 7, 64) if len(data) < 20_000 else (None, 64, 1000):
        assert_framed(data, size, expected)


def assert_framed(data: bytes, size: int | None, expected: Any) -> None:
    found = framed(data, size)
    if expected is None:
        assert [item[:2] for item in found] == [item[:2] for item in framed(data)]
        return
    assert len(found) == len(expected), found
    for item, (line, what) in zip(found, expected, strict=True):
        assert item[0] == line
        if isinstance(item, Malformed):
            assert isinstance(what, str)
            assert item.message.endswith(what), item.message
        else:
            assert isinstance(item, Record)
            assert item.value == what


@pytest.mark.parametrize("size", [None, 1, 10, 333])
@pytest.mark.parametrize(
    "long",
    [
        b'{"a":"%s"}' % (b"x" * 5000),
        b'{"a":\n"%s"}' % (b"x" * 5000),
        b'[{"a":"%s"}]' % (b"x" * 5000),
        b'[\n{"a":[\n"%s"]}\n]' % (b"x\\n" * 2000),
        b'{"b":1}{"a":"%s"}' % (b"x" * 5000),
        b"%s" % (b"junk " * 1000),
        b'"%s"' % (b"x" * 5000),
    ],
    ids=["line", "joined", "array", "pretty array", "concatenated", "junk", "string"],
)
def test_a_record_over_the_limit_is_one_malformed_record(long: bytes, size: int | None) -> None:
    found = framed(b'{"first":1}\n' + long + b'\n{"last":1}\n', size, limit=1000)
    malformed = [item for item in found if isinstance(item, Malformed)]
    assert [item.message.split(":")[0] for item in malformed][:1] == ["longer than 1,000 bytes"]
    values = [item.value for item in found if isinstance(item, Record)]
    assert values[0] == {"first": 1}
    assert values[-1] == {"last": 1}
    if long[:4] != b'{"a"' or b"\n" not in long:
        assert len(malformed) == 1


def test_small_values_on_a_line_over_the_limit_are_read() -> None:
    data = b'{"a":1}' * 1000 + b"\n"
    for size in (None, 10, 500):
        assert [item[:2] for item in framed(data, size, limit=100)] == [(1, b'{"a":1}')] * 1000


@pytest.mark.parametrize(
    ("cut", "lines"),
    [
        *[(cut, 1) for cut in [b'{"a":"cu', b'{"a":1', b'{"a":{"b":1,', b'{"a":[1', b'{"a":tr', b'{\n "a": 1', b"["]],
        *[(cut, 2) for cut in [b'{"a":', b'{"a":[', b'{"a":[1,', b'[{"a":']],
    ],
)
def test_good_lines_wait_for_no_more_than_one_that_cannot_follow_a_cut_one(cut: bytes, lines: int) -> None:
    framer = Framer()
    list(framer.feed(cut + b"\n"))
    told = [[item for item in framer.feed(b'{"b":1}\n') if isinstance(item, Record)] for _ in range(2)]
    assert [len(records) for records in told] == ([1, 1] if lines == 1 else [0, 2])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=5), JSON, min_size=1, max_size=3)
JUNK = st.sampled_from(
    [b"junk", b'{"cut":', b'{"cut":"', b"}", b"]", b'"x', b"[INFO] x", b"\xff\xfe", b"{", b"1 2", b""]
)
FRAGMENTS = st.lists(
    st.sampled_from(
        [b'{"a":1}', b"{", b"}", b"[", b"]", b",", b'"', b"\\", b"\n", b"\r\n", b" ", b":", b'"a"', b"1", b"\x1e"]
    ),
    max_size=40,
).map(b"".join)


@given(st.one_of(FRAGMENTS, st.binary(max_size=60)), st.integers(1, 20))
@example(b'[{"a":1}\n{"a":1}\n', 3)
def test_pieces_of_any_size_give_the_same(data: bytes, size: int) -> None:
    assert framed(data, size) == framed(data)


@given(st.lists(st.one_of(OBJECTS, JUNK.filter(lambda junk: junk != b"}")), max_size=12))
def test_events_on_their_own_lines_are_found_among_junk(lines: list[dict[str, object] | bytes]) -> None:
    raws = [json.dumps(line).encode() if isinstance(line, dict) else line for line in lines]
    found = framed(b"".join(raw + b"\n" for raw in raws))
    events = [
        (number, raw) for number, (line, raw) in enumerate(zip(lines, raws, strict=True), 1) if isinstance(line, dict)
    ]
    assert [(item.line, item.raw) for item in found if isinstance(item, Record) and item.own_line] == events


@given(FRAGMENTS.filter(lambda data: b"[" not in data), st.sampled_from([50, 1000]))
def test_outside_arrays_no_byte_is_lost(data: bytes, limit: int) -> None:
    kept = b"".join(item.raw for item in framed(data, limit=limit))
    assert sorted(kept.translate(None, b" \t\r\n\x1e")) == sorted(data.translate(None, b" \t\r\n\x1e"))


ENDLESS = """
import resource, sys
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Malformed, Overflow
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
framer, counts = Framer(), {Malformed: 0, Overflow: 0}
block = b"x" * (1 << 20)
for piece in [sys.argv[1].encode(), *[block] * 1024]:
    for item in framer.feed(piece):
        counts[type(item)] += 1
for item in framer.finish():
    counts[type(item)] += 1
print(counts[Malformed], (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("start", ['{"a":"', '[{"a":"'], ids=["line", "array"])
def test_a_gib_without_a_line_feed_is_not_held(start: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENDLESS, start],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    malformed, grown = map(int, done.stdout.split())
    assert malformed <= 2
    assert grown < 64
