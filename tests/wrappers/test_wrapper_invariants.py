import json
import pickle
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wrapper_builders import BUILDERS, base64, unsigned_token

from canvas_events_cli.json_text import compact
from canvas_events_cli.model import Record, WrapperFault
from canvas_events_cli.parse import ParseError, parse
from canvas_events_cli.wrappers import unwrap

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
EVENTS = st.fixed_dictionaries(
    {"metadata": st.dictionaries(st.text(), VALUES, max_size=3), "body": st.dictionaries(st.text(), VALUES, max_size=3)}
)

# Values full of the words and texts that wrappers are known by, in the right places and in wrong ones.
EVENT = '{"metadata":{"event_name":"x"},"body":{}}'
WORDS = (
    "Messages", "Records", "records", "MessageId", "messageId", "Body", "body", "attributes", "metadata",
    "data", "kinesis", "Sns", "Type", "Message", "detail-type", "detail", "recordId", "token", "jwt", "event",
    "sensor", "sendTime", "@context", "type", "action", "MessageAttributes", "Attributes", "event_name",
    "StringValue", "SentTimestamp", "sequenceNumber", "approximateArrivalTimestamp", "eventSource",
)  # fmt: skip
TEXTS = st.sampled_from(
    ("Notification", EVENT, f"[{EVENT},1]", EVENT * 2, base64(EVENT), base64("{"), "a.b.c", "", "[[", '"', "0", "é=",
     unsigned_token(EVENT), unsigned_token("[]"), unsigned_token(EVENT, header='{"alg":[]}', signature=""))
)  # fmt: skip
ODD = st.recursive(
    SCALARS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6),
    max_leaves=16,
)


def same_but_for_the_older_shape(own, value):
    return own == value or {"body" if key == "data" else key: item for key, item in own.items()} == value


# A token's claims are an object.
IN_TOKEN = {name for name, build in BUILDERS.items() if build(EVENT).startswith("{")}
AROUND_CLAIMS = {name for name in BUILDERS if "token" in name}
NESTINGS = st.lists(st.sampled_from(list(BUILDERS)), min_size=1, max_size=4).filter(
    lambda names: all(outer not in AROUND_CLAIMS or inner in IN_TOKEN for outer, inner in pairwise(names))
)


@given(EVENTS, NESTINGS, st.sampled_from([None, 1]))
def test_any_nesting_gives_the_event_back(event, names, spaces):
    event_text = json.dumps(event, ensure_ascii=False, indent=spaces)
    try:
        value = parse(event_text.encode())
    except ParseError:  # an integer that overflows a double
        return
    raw = event_text
    for name in reversed(names):
        raw = BUILDERS[name](raw)
    (found,) = unwrap(Record(1, raw.encode(), parse(raw.encode()), True))
    assert isinstance(found, Record)
    assert found.value == value
    assert found.raw == compact(event_text.encode())


@given(ODD)
def test_nothing_raises_and_no_event_differs_from_its_text(value):
    raw = json.dumps(value).encode()
    try:
        record = Record(1, raw, parse(raw), True)
    except ParseError:
        return
    found = list(unwrap(record))
    assert found
    for item in found:
        if isinstance(item, WrapperFault):
            assert (item.line, item.raw, item.keyword) == (1, raw, "wrapper")
        elif item.wrapping is not None:
            assert item.wrapping.raw == raw
            assert same_but_for_the_older_shape(parse(item.raw), item.value)
        assert pickle.loads(pickle.dumps(item)) == item


@pytest.mark.parametrize("depth", [500, 1_000, 1_020])
def test_deep_values_in_wrappers(depth):
    deep = f'{{"metadata":{{"event_name":"x"}},"body":{{"deep":{"[" * depth}{"]" * depth}}}}}'
    raw = BUILDERS["SQS message"](deep)
    (event,) = unwrap(Record(1, raw.encode(), parse(raw.encode()), True))
    assert event.raw == deep.encode()


def test_many_events_in_place_take_time_in_proportion():
    raw = f'{{"Records":[{",".join([EVENT] * 20_000)}]}}'.encode()
    assert sum(event.raw == EVENT.encode() for event in unwrap(Record(1, raw, parse(raw), True))) == 20_000
