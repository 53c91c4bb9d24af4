"""What is read of a wrapper stays as it was: as many events and faults, of the same kinds, whatever its content is."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wrappers.wrapper_builders import EVENT_TEXT, base64, gzipped, unsigned_token

from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Malformed, Record, WrapperFault
from canvas_events_cli.scrubbing import Scrubber
from canvas_events_cli.streaming import scrub_spec
from canvas_events_cli.wrappers import unwrap
from canvas_events_cli.wrappers.shapes import SHAPES, Shape

SCRUBBER = Scrubber(scrub_spec(key="key"))
UNREADABLE = [
    *("", " ", "\n", "\ufeff", "\t\ufeff", "é", "\U0001f600"),
    *("Jane", "Jane\nDoe", "J\n\nD\n", "12", "1234 5678", "null\n7", '"Jane"', '"J" "D"', "j@x.edu", "a:b", "1~23"),
    *("{", "{Jane", "{Jane\n}", "[", "[1", "[Jane, 1]", "[]", "[[]]", "{}\n{", "\u00a0{}", "\x1c[Jane\n]", "{}Jane"),
    *("W3sKMQo=", "eyJKYW5l", "H4sIAAAA", "KLUv/QAA", "IA==", "CgoK", "AAoKAA", "a.b.c", "eyJhIjox.e30.", "eyJh.e30"),
    *(unsigned_token("Jane"), unsigned_token("[1]"), unsigned_token("{}", header="{}"), "eyJhbGciOiJub25lIn0.x.y"),
    *(base64(gzipped("Jane\nDoe")), base64(gzipped(EVENT_TEXT)[:40])),
]
"""Also parts of what is readable, with line feeds where decoding or a broken list makes several values of one text."""
AROUND: list[Callable[[Any], Any]] = [
    lambda content: {"row": content, "other": "Jane"},
    lambda content: {"row": {"metadata": {}, "attributes": content}},
    lambda content: {"row": {"attributes": {}, "data": content}},
    lambda content: {"metadata": {}, "data": content},
    lambda content: {"attributes": {}, "body": content},
    lambda content: [[{"list": [content, {"Body": content, "metadata": {}}]}], content],
    lambda content: {"Records": {"topic": [content, {"row": {"body": {}, "row": content}}]}},
    lambda content: {"sensor": "Jane", "sendTime": "now", "dataVersion": "http", "data": [content, {"row": content}]},
]
"""Events by half, rows and lists: what holds something and is read as something else."""
CONTENTS = st.recursive(
    st.sampled_from([*UNREADABLE, EVENT_TEXT, unsigned_token(EVENT_TEXT)]) | st.text(max_size=6),
    lambda inner: st.one_of(
        st.builds(base64, inner),
        st.builds(lambda text: base64(gzipped(text)), inner),
        st.builds(json.dumps, inner),
        st.lists(inner, max_size=3).map("\n".join),
        st.lists(inner, max_size=3).map(json.dumps),
        st.lists(inner, max_size=3).map(lambda texts: f"[{','.join(texts)}]"),
        st.builds(lambda shape, content: json.dumps(wrapper(shape, content)), st.sampled_from(SHAPES), inner),
        st.builds(lambda around, content: json.dumps(around(content)), st.sampled_from(AROUND), inner),
    ),
    max_leaves=5,
)


def wrapper(shape: Shape, content: Any) -> dict[str, Any]:
    """Return a wrapper of this *shape*, in a list where only that marks it."""
    value = content
    for name in reversed(shape.content[0]):
        value = {name: value}
    for name, wanted in shape.marks[:1]:
        value |= {name: wanted or "1"}
    return value if shape.marks or not shape.listed else {shape.listed[0]: [value]}


def framed(text: str) -> list[Record | Malformed]:
    framer = Framer(10_000)
    found = [*framer.feed(text.encode()), *framer.finish()]
    return [item for item in found if isinstance(item, Record | Malformed)]


def read(text: str) -> list[str]:
    """Return of what kinds the events and faults are."""
    found: list[str] = []
    for item in framed(text):
        events = unwrap(item) if isinstance(item, Record) else [item]
        found += [event.keyword if isinstance(event, WrapperFault) else type(event).__name__ for event in events]
    return found


def assert_the_same_is_read(text: str) -> None:
    records = [item for item in framed(text) if isinstance(item, Record)]
    # Elements that are lists stay in one. What is malformed outside of any wrapper is left out.
    forms = ["[%s]" if isinstance(record.value, list) else "%s" for record in records]
    scrubbed = [form % SCRUBBER.scrub(record).decode() for form, record in zip(forms, records, strict=True)]
    assert read("\n".join(scrubbed)) == [kind for kind in read(text) if kind != "Malformed"], scrubbed


@pytest.mark.parametrize("content", UNREADABLE)
def test_in_every_shape(content: str) -> None:
    encoded = base64(content)
    for shape in SHAPES:
        assert_the_same_is_read(json.dumps(wrapper(shape, content)))
        assert_the_same_is_read(json.dumps({"records": [wrapper(shape, encoded), encoded, json.loads(EVENT_TEXT)]}))


@given(CONTENTS)
def test_in_wrappers_in_wrappers(content: str) -> None:
    assert_the_same_is_read(json.dumps({"MessageId": "1", "Body": content}))
    assert_the_same_is_read(json.dumps({"recordId": "1", "data": content}))
    for around in AROUND:
        assert_the_same_is_read(json.dumps(around(content)))
    assert_the_same_is_read(json.dumps(content))
    assert_the_same_is_read(content)
