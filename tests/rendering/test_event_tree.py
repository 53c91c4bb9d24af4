import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.model import Finding, Record
from canvas_events_cli.rendering.event_tree import marks_of, stands_as_it_is, tree_of, value_piece
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.validation.findings import MEANT_BY, Verdict


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


@given(st.text("aeEtrun01-+:#.\\ \u00e9\n"))
def test_what_stands_as_it_is_looks_like_nothing_else(text):
    if stands_as_it_is(text):
        assert value_piece(text) == (visible(text), "")
        with pytest.raises(json.JSONDecodeError):
            json.loads(text)


def test_too_deep_for_the_parser():
    with pytest.raises(RecursionError):
        read(b"[" * 100_000 + b"]" * 100_000)
