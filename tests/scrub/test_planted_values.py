"""A personal value planted in every field of every schema, whatever the field is for: none survives."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from scrub.personal_fields import FACTS, RETRY

from canvas_events_cli.sources.source import Source
from canvas_events_cli.streaming import Events, scrub_parts, scrub_spec

TEXTS = {
    "an address": "jane.doe@school.example.edu",
    "a name": "Jane Doe",
    "a first name": "Bartholomew",
    "a name in small letters": "bartholomew",
    "a login": "jdoe_bartholomew",
    "a login with a number": "bartholomew42",
    "a page with a password": "https://jane:hunter22@school.example.edu/users/5551",
    "a number of a student": "S-2043117",
    "digits": "20431177",
    "a telephone": "+1 555 0100 2231",
    "an address of a machine": "198.51.100.23",
    "other letters": "Бартоломью",
    "a sentence": "Jane Doe failed the course.",
}
NUMBERS = {"a long number": 20431177, "a fraction": 20431.177}


def planted(facts: dict[str, Any], value: object) -> dict[str, object]:
    """Return an object of these fields in which *value* stands for each text there is, nested ones too."""
    return {
        name: planted(kind, value) if isinstance(kind, dict) else [value] if kind == "array" else value
        for name, kind in facts.items()
    }


def events(value: object) -> Iterator[dict[str, Any]]:
    """Yield one event of each name with *value* in every field but the name."""
    for name, fact in FACTS["events"].items():
        envelope = dict.fromkeys(FACTS["metadata"], value) | {"event_name": name}
        yield {"metadata": envelope, "body": planted(fact["body"], value)}
    yield {"metadata": {"event_name": value, "event_time": value}, "body": {"status": value}}
    # A name that could be a field's stays: it is all that tells what an undocumented field is.
    name = "extra" if str(value).isidentifier() else str(value)
    yield {"metadata": {"event_name": RETRY, "extra": value}, "body": {name: value, "more": [{name: 1}]}}
    yield {"attributes": {"event_name": value}, "body": [value]}
    yield {"sensor": value, "sendTime": value, "dataVersion": value, "data": [{"type": value, "action": value}]}
    message = {"MessageId": value, "Body": json.dumps({"metadata": {"event_name": RETRY}, "body": {"status": value}})}
    yield {**message, "Attributes": {"SentTimestamp": value}, "Type": value, "eventSource": value, "region": value}


def scrubbed(lines: list[str]) -> str:
    blocks = scrub_parts(Events([Source("<lines>", lines=lines)]), scrub_spec(key="key"))
    return b"".join(record for block in blocks for record in block.records).decode()


def test_no_text_survives() -> None:
    planted = [(value, json.dumps(event, ensure_ascii=False)) for value in TEXTS.values() for event in events(value)]
    lines = scrubbed([line for _, line in planted]).splitlines()
    assert [line for (value, _), line in zip(planted, lines, strict=True) if value in line] == []


@pytest.mark.parametrize("value", NUMBERS.values(), ids=NUMBERS)
def test_a_number_survives_only_where_a_number_is(value: float) -> None:
    numeric = {
        name
        for fact in FACTS["events"].values()
        for name, kind in [*fact["body"].items(), *_inside(fact["body"])]
        if kind == "number"
    }
    for line in scrubbed([json.dumps(event) for event in events(value)]).splitlines():
        assert _holders(json.loads(line), value) <= numeric


def _inside(body: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for kind in body.values():
        if isinstance(kind, dict):
            yield from kind.items()
            yield from _inside(kind)


def _holders(value: Any, wanted: object, name: str = "") -> set[str]:
    if isinstance(value, dict):
        return set().union(*(_holders(member, wanted, key) for key, member in value.items()))
    if isinstance(value, list):
        return set().union(*(_holders(member, wanted, name) for member in value))
    return {name} if value == wanted else set()


STATES = (
    *(
        "outcome_alignment_cloning",
        "failed_to_clone_outcome_alignment",
        "published",
        "unpublished",
        "deleted",
        "active",
    ),
    *("fail_to_import", "migrating", "online_text_entry,online_upload", "StudentEnrollment", "Quizzes::Quiz"),
    *("America/Denver", "en", "pt-BR", "application/pdf", "97.5", "ContentMigration#import_content", "GET", "true"),
)


@pytest.mark.parametrize("state", STATES)
def test_states_stay(state: str) -> None:
    lines = [json.dumps({"metadata": {"event_name": RETRY, "context_role": state}, "body": {"status": state}})]
    (event,) = map(json.loads, scrubbed(lines).splitlines())
    assert (event["metadata"]["context_role"], event["body"]["status"]) == (state, state)
