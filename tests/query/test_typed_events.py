"""What a type tells of a batch of events is what finding each field in each event tells, or it tells nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spelled_events import FIELDS, THEMES, events

from canvas_events_cli.framing.fast.batches import Batch, in_batches
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Record
from canvas_events_cli.parse import loads
from canvas_events_cli.query.fast import typed_events
from canvas_events_cli.query.fast.deciding import is_own_event
from canvas_events_cli.query.fast.typed_events import TypedEvents, has_two_keys
from canvas_events_cli.query.fields import find, parse_field

KNOWN = [*filter(has_two_keys, map(parse_field, dict.fromkeys(FIELDS)))]
ODD_VALUES = [
    *("null", "true", "7", "-0", "1.50", "1e5", "1e999", "-1e400", "9" * 19, "9" * 20, "9" * 400, "01", "NaN"),
    *(r'"\ud800"', r'"\ud83d\ude00"', '"\x01"', r'"\q"', "[]", "{}", '["x"]', '{"a":[{"b":[1]}]}', "[[[[[[1]]]]]]"),
    *("[" * 1100 + "]" * 1100, '"x" "y"', '{"a":1', '{"a":1}}'),
]
ODD_BYTES = [b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\x80"', b"\xff"]
USUAL = '{"metadata":{"event_name":"course_created","user_id":"5","a/b":null},"body":{"status":"active"}}'


def batches(lines):
    return [part for part in in_batches(Framer(1 << 20), b"\n".join([*lines, b""])) if isinstance(part, Batch)]


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(typed_events, "LEAST_BATCHES", 0)
    monkeypatch.setattr(typed_events, "PAUSE", 0)


@st.composite
def odd_events(draw):
    """Give lines of which some are no events, or none that are usual."""
    value = draw(st.sampled_from([*(text.encode() for text in ODD_VALUES), *ODD_BYTES]))
    status = json.dumps(draw(st.sampled_from(["active", "", "é", "a/b"]))).encode()
    return draw(
        st.sampled_from(
            [
                b'{"metadata":{"event_name":"a","x":%b},"body":{"status":%b}}' % (value, status),
                b'{"metadata":{"event_name":"a"},"body":{"status":%b,"status":%b}}' % (value, status),
                b'{"metadata":{"event_name":"a"},"body":{"status":%b,"status":%b}}' % (status, value),
                b'{"metadata":{"user_id":%b},"body":{"status":%b},"body":{}}' % (status, value),
                b'{"metadata":{"user_id":"5"},"body":{"status":%b},"more":%b}' % (status, value),
                b'{"metadata":{"user_id":"5"},"body":%b}' % value,
                b'{"metadata":%b,"body":{"status":%b}}' % (value, status),
                b'{"attributes":{"user_id":"6"},"metadata":{"user_id":"5"},"body":{"status":%b}}' % status,
                b'{"metadata":{"user_id":"5"},"body":{%b:%b}}' % (status, value),
            ]
        )
    )


@given(
    st.lists(st.one_of(odd_events(), st.sampled_from(THEMES).flatmap(events), st.just(USUAL.encode())), max_size=6),
    st.lists(st.sampled_from(KNOWN), min_size=1, max_size=3),
)
def test_it_tells_what_finding_each_field_tells(lines, fields):
    types = TypedEvents(dict(enumerate(fields)))
    for batch in [*batches(lines), *(batch for line in lines for batch in batches([line, line])), *batches(lines)]:
        columns = types.columns(batch)
        values = [item.value for item in batch.plainly() if type(item) is Record]
        are_events = len(values) == batch.count and all(map(is_own_event, values))
        if columns is not None:
            assert are_events
            assert [loads(text) for text in batch.texts()] == values
            assert [*columns.values()] == [[find(field, value) for value in values] for field in fields]
        elif are_events:
            types.learn(values)


def test_it_tells_of_events_that_are_as_those_it_has_learned_of():
    status, user = parse_field("status"), parse_field("metadata.user_id")
    types = TypedEvents({0: status, 7: user})
    (batch,) = batches([USUAL.encode()] * 3)
    assert types.columns(batch) is None
    types.learn([json.loads(USUAL)])
    assert types.columns(batch) == {0: ["active"] * 3, 7: ["5"] * 3}
    other = USUAL.replace('"active"', '"gone","more":1')
    types.learn([json.loads(other)])
    (mixed,) = batches([USUAL.encode(), other.encode()])
    assert types.columns(mixed) == {0: ["active", "gone"], 7: ["5", "5"]}


def test_bodies_with_very_many_fields_need_no_type_of_their_own():
    many = json.loads(USUAL)
    types = TypedEvents(dict(enumerate(map(parse_field, ("body.status", "body.n7", "body.new")))))
    types.learn([many | {"body": many["body"] | {f"n{number}": str(number) for number in range(200)}}])
    (batch,) = batches([USUAL.encode(), USUAL.replace('"status"', '"new"').encode()])
    assert types.columns(batch) == {0: ["active", None], 1: [None, None], 2: [None, "active"]}
