import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.same_event import DIGEST_BYTES, envelope, event_digest

ENVELOPE = {"event_name": "e", "request_id": "r", "event_time": "2024-07-30T19:04:35.872Z", "user_id": "7"}
BODY = {"a": 1, "b": {"c": [1, 2], "d": None}}
EVENT = {"metadata": ENVELOPE, "body": BODY}


def changed(body=BODY, **fields):
    return {"metadata": ENVELOPE | fields, "body": body}


def without(*names, **fields):
    return {"metadata": {k: v for k, v in ENVELOPE.items() if k not in names} | fields, "body": BODY}


def nested(depth, leaf, array=False):
    text = ("[" if array else '{"k":') * depth + leaf + ("]" if array else "}") * depth
    return orjson.loads(text)


SAME = {
    "the copy itself": (EVENT, EVENT),
    "attributes for metadata": (EVENT, {"attributes": ENVELOPE, "body": BODY}),
    "keys in another order": (EVENT, changed({"b": {"d": None, "c": [1, 2]}, "a": 1})),
    "other members beside the two": (EVENT, EVENT | {"messageId": "x"}),
    "another envelope field": (EVENT, changed(user_id="8", hostname="h")),
    "offset": (EVENT, changed(event_time="2024-07-30T13:04:35.872-06:00")),
    "offset at the calendar's first second": (
        changed(event_time="0001-01-01T01:00:00+01:00"),
        changed(event_time="0001-01-01T00:00:00Z"),
    ),
    "trailing zeros of the second": (EVENT, changed(event_time="2024-07-30T19:04:35.87200Z")),
    "lower case": (EVENT, changed(event_time="2024-07-30t19:04:35.872z")),
    "leap second": (changed(event_time="2016-12-31T23:59:60Z"), changed(event_time="2017-01-01T00:00:00Z")),
    "job for want of a request": (without("request_id", job_id="j"), changed(request_id=None, job_id="j")),
    "a job beside the request": (EVENT, changed(job_id="j")),
    "null time is no time": (without("event_time"), changed(event_time=None)),
    "numbers that parse alike": (changed(orjson.loads("1.0")), changed(orjson.loads("1.00"))),
    "deep bodies": (changed(nested(1000, "1")), changed(nested(1000, "1"))),
    "deep bodies, keys in another order": (
        changed(nested(300, '{"a":1,"b":2}')),
        changed(nested(300, '{"b":2,"a":1}')),
    ),
}

DIFFERENT = {
    "name": (EVENT, changed(event_name="f")),
    "request": (EVENT, changed(request_id="s")),
    "job": (without("request_id", job_id="j"), without("request_id", job_id="k")),
    "time": (EVENT, changed(event_time="2024-07-30T19:04:35.8720001Z")),
    "body": (EVENT, changed(BODY | {"a": 2})),
    "body type": (EVENT, changed(BODY | {"a": "1"})),
    "order of an array": (EVENT, changed(BODY | {"b": {"c": [2, 1], "d": None}})),
    "integer and decimal": (changed(1), changed(1.0)),
    "null and absent in a body": (changed({"a": None}), changed({})),
    "unreadable times": (changed(event_time="yesterday"), changed(event_time="today")),
    "times of other types": (changed(event_time=0), changed(event_time="0")),
    "a list for a time": (changed(event_time=[0, ""]), changed(event_time="1970-01-01T00:00:00Z")),
    "values that are no events": ({"a": 1}, {"a": 2}),
    "null and an empty object": (None, {}),
    "envelopes that are no objects": ({"metadata": "x", "body": 1}, {"metadata": "y", "body": 1}),
    "deep bodies": (changed(nested(1000, "1")), changed(nested(1000, "2"))),
    "deep bodies of other depths": (changed(nested(400, "1")), changed(nested(401, "1"))),
    "deep arrays and objects": (changed(nested(400, "1")), changed(nested(400, "1", array=True))),
    "deep, another shape": (changed(nested(300, "[[1],2]")), changed(nested(300, "[[1,2]]"))),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_copies_have_one_digest(one, other):
    assert event_digest(one) == event_digest(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_different_events_have_different_digests(one, other):
    assert event_digest(one) != event_digest(other)


ENVELOPES = {
    "metadata": ({"metadata": {"a": 1}}, {"a": 1}),
    "attributes": ({"attributes": {"a": 1}}, {"a": 1}),
    "metadata before attributes": ({"attributes": {"a": 1}, "metadata": {"b": 1}}, {"b": 1}),
    "attributes beside unusable metadata": ({"attributes": {"a": 1}, "metadata": None}, {"a": 1}),
    "no object": ([{"metadata": {}}], {}),
    "neither": ({"body": {}}, {}),
}


@pytest.mark.parametrize(("event", "expected"), ENVELOPES.values(), ids=ENVELOPES)
def test_envelope(event, expected):
    assert envelope(event) == expected


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(json_values, json_values, st.sampled_from(["event_name", "request_id", "event_time", "job_id"]))
def test_any_json_has_a_digest_that_survives_reordering(body, field, name):
    event = changed(body, **{name: field})
    reordered = orjson.loads(json.dumps({"body": body, "metadata": dict(reversed(event["metadata"].items()))}))
    assert event_digest(event) == event_digest(reordered)
    assert len(event_digest(body)) == DIGEST_BYTES
