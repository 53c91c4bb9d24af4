"""Caliper 1.1: what is right passes, each single mistake is found where it is, by both engines."""

import copy
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from canvas_events_cli import validate
from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.sources.source import Source
from canvas_events_cli.streaming import Events, validate_parts
from canvas_events_cli.validation import ENGINES, ValidationSpec
from canvas_events_cli.validation.report import ReportOptions

ENVELOPE = json.loads((Path(__file__).parents[2] / "schemas" / "caliper" / "envelope.json").read_text())["examples"][0]
EVENT = ENVELOPE["data"][0]
REQUIRED = ("@context", "id", "type", "actor", "action", "object", "eventTime")
CATALOG = load_catalog()


def findings(value: Any) -> list[tuple[str, str, str]]:
    return [found[1:] for found in placed_findings([value], "jsonschema-rs")]


def placed_findings(values: Sequence[Any], engine: Any) -> list[tuple[int, str, str, str]]:
    events = Events([Source("<lines>", lines=[*map(json.dumps, values)])])
    reports = validate_parts(events, ValidationSpec(CATALOG, engine), ReportOptions(max_findings=0))
    return [(found.line, found.kind, found.pointer, found.keyword) for report in reports for found in report.findings]


def test_what_is_documented_is_valid() -> None:
    assert findings(ENVELOPE) == findings(EVENT) == []
    for kind, action in (("NavigationEvent", "NavigatedTo"), ("Event", "Modified"), ("SessionEvent", "LoggedIn")):
        assert findings({**EVENT, "type": kind, "action": action}) == []


@pytest.mark.parametrize("name", ["target", "generated", "referrer", "edApp", "group", "membership", "session"])
def test_what_may_be_missing_may_be_null(name: str) -> None:
    assert findings({**EVENT, name: None}) == []
    assert findings({key: value for key, value in EVENT.items() if key != name}) == []


@pytest.mark.parametrize("entity", ["urn:instructure:canvas:user:1", "http://learn.example.edu/"])
def test_an_entity_can_be_told_by_its_iri(entity: str) -> None:
    assert findings({**EVENT, "actor": entity, "object": entity, "group": entity}) == []


def mistakes() -> Iterator[tuple[str, Any]]:
    """Yield (pointer, event) for required members that are missing, null or of another type, and for wrong types."""
    for name in REQUIRED:
        yield f"/{name}", {key: value for key, value in EVENT.items() if key != name}
        yield from ((f"/{name}", {**EVENT, name: wrong}) for wrong in (None, 5, [], True))
    yield from (("/eventTime", {**EVENT, "eventTime": wrong}) for wrong in ("2024-09-03", "2024-02-30T00:00:00Z", ""))
    canvas = EVENT["extensions"]["com.instructure.canvas"]
    for name in canvas:
        event = copy.deepcopy(EVENT)
        event["extensions"]["com.instructure.canvas"][name] = {"a": 1}
        yield f"/extensions/com.instructure.canvas/{name}", event


def test_a_mistake_is_found_where_it_is() -> None:
    pointers, events = zip(*mistakes(), strict=True)
    one, other = (placed_findings(events, engine) for engine in ENGINES)
    assert one == other
    assert {found[:3] for found in one} == {(line, "body", pointer) for line, pointer in enumerate(pointers, 1)}


@pytest.mark.parametrize("name", ["sensor", "sendTime", "dataVersion"])
def test_the_envelope_is_checked_once(name: str) -> None:
    envelope = {**ENVELOPE, "data": [EVENT, {**EVENT, "id": EVENT["id"][:-1] + "0"}]}
    del envelope[name]
    assert findings(envelope) == [("envelope", f"/{name}", "required")]


def test_an_envelope_without_events_is_a_finding() -> None:
    assert findings({**ENVELOPE, "data": []}) == [("envelope", "", "wrapper")]


def test_names_and_copies() -> None:
    report = validate([json.dumps(ENVELOPE), json.dumps(EVENT)])
    assert report.event_types == {f"{EVENT['type']}/{EVENT['action']}": 2}
