"""Events of every documented kind, and what can go wrong with them."""

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from canvas_events_cli.catalog import load_catalog

EXAMPLE = json.loads((Path(__file__).parent / "example.json").read_text())
CATALOG = load_catalog()


def event_of(name: str) -> dict[str, Any]:
    """Return an event with the body that its schema gives as an example."""
    document: Any = CATALOG.bodies[name].document
    return {"metadata": {**EXAMPLE["metadata"], "event_name": name}, "body": document["examples"][0]}


EVENTS = [event_of(name) for name in CATALOG.bodies]

ODD_TIMES = [
    "2024-07-30T19:04:35.872+05:30",
    "2016-12-31T23:59:60Z",
    "2016-12-31T22:59:60Z",
    "2023-02-29T10:00:00Z",
    "2024-13-01T00:00:00Z",
    "2024-07-30T24:00:00Z",
    "2024-07-30T19:04:35",
    "2024-07-30 19:04:35Z",
    "2024-07-30",
    "0000-01-01T00:00:00Z",
    "2024-07-30T19:04:35.872Z\n",
]
VALUES = st.one_of(
    st.sampled_from(
        [None, True, False, 0, 1, 1.0, -1, 1.5, "", " ", "\n", [], {}, "null", "9" * 400, "٣", "12\n", "é", "\x1b[0m"]
    ),
    st.sampled_from(ODD_TIMES),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    st.dictionaries(st.sampled_from(["event_name", "status", "a"]), st.none() | st.text(max_size=3), max_size=3),
)
NAMES = st.sampled_from(sorted({*EXAMPLE["metadata"], *EXAMPLE["body"], "producer", "job_id", "real_user_id", "a/b~"}))


def mutate(draw: Any, event: dict[str, Any]) -> dict[str, Any]:
    """Return *event* after one thing that can go wrong with it."""
    part = draw(st.sampled_from(["metadata", "attributes", "body", ""]))
    place = event.get(part) if part else event
    if not isinstance(place, dict):
        return event
    name = draw(st.sampled_from(sorted(place)) if place else NAMES)
    match draw(
        st.sampled_from(["drop", "retype", "null", "rename", "nest", "add", "envelope", "swap", "empty", "time"])
    ):
        case "drop":
            place.pop(name, None)
        case "retype":
            place[name] = draw(VALUES)
        case "null":
            place[name] = None
        case "empty":
            place[name] = type(place[name])() if place.get(name) else ""
        case "time" if "event_time" in place:
            place["event_time"] = draw(st.sampled_from(ODD_TIMES))
        case "rename":
            place[draw(NAMES)] = place.pop(name, None)
        case "nest":
            place[name] = draw(st.sampled_from([[place.get(name)], {name: place.get(name)}]))
        case "add":
            place[draw(NAMES)] = draw(VALUES)
        case "envelope" if "metadata" in event:
            event["attributes"] = event.pop("metadata")
        case "swap":
            event[part or "body"], event["body"] = event.get("body"), event.get(part)
    return event


@st.composite
def wrong_events(draw: Any) -> Any:
    event = copy.deepcopy(draw(st.just(EXAMPLE) | st.sampled_from(EVENTS)))
    for _ in range(draw(st.integers(1, 4))):
        event = mutate(draw, event)
    return event
