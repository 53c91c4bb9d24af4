import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from orjson import dumps

from canvas_events_cli.model import Finding, Record
from canvas_events_cli.rendering.event_tree import marks_of, members_of, stands_as_it_is, tree_of, value_piece
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.validation.findings import MEANT_BY, Verdict
from canvas_events_cli.wrappers import unwrap


def read(raw):
    return tree_of(Record(1, raw, None, True))


def finding(pointer):
    return Finding("s", 1, "e", "body", "required", pointer, "message")


NUMBERS = ("12345678901234567890123", "1.10", "-0", "1E5", "9" * 5000, "1e400")


@pytest.mark.parametrize("spelling", NUMBERS, ids=lambda spelling: spelling[:24])
def test_numbers_keep_their_spelling(spelling):
    tree = read(f"[{spelling}]".encode())
    assert tree == [spelling.encode()]


def test_repeated_keys_stay():
    tree = read(b'{"a": 1, "b": 2, "a": 3}')
    assert tree == (("a", b"1"), ("b", b"2"), ("a", b"3"))


def test_byte_order_mark():
    assert read(b"\xef\xbb\xbf{}") == ()


def test_marks_by_container_and_key():
    findings = [finding(pointer) for pointer in ("", "/body", "/body/a~1b", "/body/a~1b", "/body/deep/0", "/")]
    assert marks_of(Verdict("e", tuple(findings))) == {
        None: {"": ["message"]},
        "": {"body": ["message"], "": ["message"]},
        "/body": {"a/b": ["message", "message"]},
        "/body/deep": {"0": ["message"]},
    }


def test_a_misspelt_field_is_marked_beside_itself():
    missing = Finding("s", 1, "e", "body", "required", "/body/status", "missing" + MEANT_BY.format("st/us"))
    marks = marks_of(Verdict("e", (missing,), ("/body/other", "/body/st~1us", "/metadata/st~1us")))
    assert marks["/body"] == {"status": [missing.message], "st/us": ["did you mean 'status'?"]}
    assert "/metadata" not in marks


KEYS = st.sampled_from(["a", "data", "body", 'b":', "\u00e9", "metadata"])


def objects(values):
    spelled = st.one_of(KEYS.map(json.dumps), st.just(r'"\u0064\u0061ta"'))
    members = st.tuples(spelled, st.sampled_from([":", ": ", " :"]), values).map("".join)
    return st.lists(members, max_size=4).map(lambda members: f"{{{', '.join(members)}}}")


VALUES = st.recursive(
    st.sampled_from(['"x"', '" :"', '"\\":"', "null", "true", "0", "-0", "12", "1.0", "1e2", "9" * 25, '"-0,"']),
    lambda inner: st.one_of(st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"), objects(inner)),
    max_leaves=6,
)


def spelled_out(tree):
    if isinstance(tree, list):
        return [spelled_out(item) for item in tree]
    if isinstance(tree, dict | tuple):
        return tuple((key, spelled_out(value)) for key, value in members_of(tree))
    return dumps(tree) if type(tree) in (int, float) else tree


@given(objects(VALUES))
def test_a_value_stands_for_its_text_only_where_it_says_all_of_it(text):
    raw = text.encode()
    event = next(iter(unwrap(Record(1, raw, json.loads(raw), True))))
    if isinstance(event, Record) and event.wrapping is None:
        assert spelled_out(tree_of(event)) == spelled_out(read(raw))


@given(st.text("aeEtrun01-+:#.\\ \u00e9\n"))
def test_what_stands_as_it_is_looks_like_nothing_else(text):
    if stands_as_it_is(text):
        assert value_piece(text) == (visible(text), "")
        with pytest.raises(json.JSONDecodeError):
            json.loads(text)


def test_too_deep_for_the_parser():
    with pytest.raises(RecursionError):
        read(b"[" * 100_000 + b"]" * 100_000)
