"""Sampling: every name, every shape and every kind of mistake, in few events."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canvas_events_cli import sampling, validate
from canvas_events_cli.sampling import shape_of
from canvas_events_cli.sources.source import Source
from canvas_events_cli.streaming import Events, sample_parts, validation_spec

EXAMPLE = json.loads((Path(__file__).parents[1] / "example.json").read_text())


def event(name: str, number: int, **body: Any) -> dict[str, Any]:
    metadata = EXAMPLE["metadata"] | {"event_name": name, "request_id": str(number)}
    return {"metadata": metadata, "body": body}


def chosen(events: list[Any], per_type: int) -> list[Any]:
    source = Source("<lines>", lines=[json.dumps(event) for event in events])
    blocks = sample_parts(Events([source]), validation_spec(), per_type)
    return [record.value for block in blocks for record in block.records]


def kinds(events: list[Any]) -> list[set[Any]]:
    """Return of each event its shape and what kinds of mistakes are in it."""
    found = [{(event["metadata"]["event_name"], *sorted(shape_of(event)))} for event in events]
    for finding in validate(events, max_findings=0).findings:
        assert finding.line is not None
        found[finding.line - 1].add((finding.event_name, finding.pointer, finding.keyword))
    return found


EVENTS = st.lists(
    st.builds(
        event,
        st.sampled_from(["course_created", "logged_out", "unknown"]),
        st.integers(0, 10**6),
        course_id=st.sampled_from(["1", "2", 3, "x", None]),
        more=st.sampled_from([None, {"a": 1}, {"a": 1.5}, [], [1], [1, 2], [1, "b"]]),
    ),
    max_size=30,
)


@given(EVENTS, st.integers(1, 4))
@settings(max_examples=40)
def test_few_show_everything(events: list[Any], per_type: int) -> None:
    few = chosen(events, per_type)
    positions = iter(events)
    assert all(event in positions for event in few), "in the order of the source"
    every = kinds(events)
    assert set().union(*kinds(few)) == set().union(*every)
    counts, all_counts = (Counter(event["metadata"]["event_name"] for event in each) for each in (few, events))
    for name, count in counts.items():
        shows = {kind for kinds_of_one in every for kind in kinds_of_one if kind[0] == name}
        assert min(per_type, all_counts[name]) <= count <= max(per_type, len(shows))


@given(EVENTS, st.integers(1, 4))
def test_what_was_alike_before_changes_nothing(events: list[Any], per_type: int) -> None:
    few = chosen(events, per_type)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sampling, "structure_of", lambda value: object())
        assert chosen(events, per_type) == few


def test_a_late_shape_takes_the_place_of_an_early_repetition() -> None:
    events = [event("logged_out", number) for number in range(9)] + [event("logged_out", 9, new=True)]
    assert chosen(events, 3) == [events[0], events[1], events[9]]
    assert chosen(events, 1) == [events[0], events[9]]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": [1, 2]}, {"a": [3]}, True),
        ({"a": 1}, {"a": 1.5}, False),
        ({"a": None}, {}, False),
        ({"a": []}, {"a": [1]}, False),
        ({"a": {"b": ""}}, {"a": {"c": ""}}, False),
    ],
)
def test_shapes(one: Any, other: Any, same: bool) -> None:
    assert (shape_of(one) == shape_of(other)) == same
