"""The two engines on events that went wrong in some way: one answer, over every keyword that the schemas use."""

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canvas_events_cli.catalog import SchemaFile, load_catalog
from canvas_events_cli.catalog.dialects import subschemas
from canvas_events_cli.model import Record
from canvas_events_cli.validation import ENGINES, EventChecker, ValidationSpec, compile_checker

EXAMPLE = json.loads((Path(__file__).parent.parent / "example.json").read_text())
CATALOG = load_catalog()


def event_of(name: str) -> dict[str, Any]:
    """Return an event with the body that its schema gives as an example."""
    document: Any = CATALOG.bodies[name].document
    return {"metadata": {**EXAMPLE["metadata"], "event_name": name}, "body": document["examples"][0]}


EVENTS = [event_of(name) for name in CATALOG.bodies]

VALIDATING = frozenset(
    (
        *("const", "contains", "dependentRequired", "enum", "exclusiveMaximum", "exclusiveMinimum", "format"),
        *("maxItems", "maxLength", "maxProperties", "maximum", "minItems", "minLength", "minProperties", "minimum"),
        *("multipleOf", "not", "oneOf", "anyOf", "pattern", "propertyNames", "required", "type", "uniqueItems"),
        *("unevaluatedItems", "unevaluatedProperties"),
    )
)
"""Keywords that can be violated; ``additionalProperties`` and ``items`` are too where their value is ``false``."""


def keywords_of(file: SchemaFile) -> set[str]:
    found: set[str] = set()
    pending: list[Any] = [file.document, *(document for _, document in file.resources)]
    while pending:
        schema = pending.pop()
        found |= VALIDATING & schema.keys()
        found |= {keyword for keyword in ("additionalProperties", "items") if schema.get(keyword) is False}
        pending += [below for _, below in subschemas(schema)]
    return found


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


def places_in(checker: EventChecker, event: Any) -> list[tuple[str, str, str]]:
    verdict = checker.check("capture.ndjson", Record(1, json.dumps(event).encode(), event, True))
    return [(finding.pointer, finding.keyword, finding.message) for finding in verdict.findings]


def test_the_engines_agree_on_every_keyword_that_the_schemas_use() -> None:
    checkers = [compile_checker(ValidationSpec(CATALOG, engine, True, True)) for engine in ENGINES]
    violated: set[str] = set()

    @settings(max_examples=600, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.one_of(wrong_events(), wrong_events(), wrong_events(), VALUES))
    def agree(event: Any) -> None:
        fast, reference = (places_in(checker, event) for checker in checkers)
        assert fast == reference
        violated.update(keyword for _, keyword, _ in fast)

    agree()
    used = keywords_of(CATALOG.envelope).union(*map(keywords_of, CATALOG.bodies.values()))
    assert used - violated == set()
    assert used >= {"type", "required", "format"}
