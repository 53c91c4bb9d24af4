"""The schema files by themselves: what both packages make of them, and whether they say what the facts say."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
import referencing
from referencing.jsonschema import DRAFT202012

from canvas_events_cli import pointers

HERE = Path(__file__).parents[1]
SCHEMAS = HERE.parent / "schemas"
FILES = sorted(SCHEMAS.rglob("*.json"))
DEFINITIONS = sorted(SCHEMAS.rglob("definitions/*.json"))
BASE = "https://cevents.example/schemas/"
RETRY = "outcomes.retry_outcome_alignment_clone"

FACTS = json.loads((HERE / "facts" / "live_events.json").read_text())
SEED = json.loads((HERE / "example.json").read_text())
ENVELOPE = json.loads((SCHEMAS / "envelope.json").read_text())
BODY = json.loads((SCHEMAS / "bodies" / f"{RETRY}.json").read_text())
FIELDS = ENVELOPE["$defs"]["envelope"]["properties"]

Schema = dict[str, Any]
Found = set[tuple[str, str]]

DOCUMENTS: dict[str, Schema] = {schema["$id"]: schema for schema in (json.loads(path.read_text()) for path in FILES)}
PYTHON_REGISTRY: referencing.Registry[Schema] = referencing.Registry().with_contents(
    DOCUMENTS.items(), default_specification=DRAFT202012
)
RUST_REGISTRY = jsonschema_rs.Registry(list(DOCUMENTS.items()))


def python_findings(schema: Schema, value: object) -> Found:
    kind = jsonschema.Draft202012Validator
    errors = kind(schema, registry=PYTHON_REGISTRY, format_checker=kind.FORMAT_CHECKER).iter_errors(value)
    return {
        (_pointer(error.absolute_path, error.validator, error.message.split("'")[1:2]), error.validator)
        for error in errors
    }


def rust_findings(schema: Schema, value: object) -> Found:
    kind = jsonschema_rs.Draft202012Validator
    errors = kind(schema, registry=RUST_REGISTRY, validate_formats=True, offline=True).iter_errors(value)
    return {
        (_pointer(error.instance_path, error.kind.name, error.message.split('"')[1:2]), error.kind.name)
        for error in errors
    }


def _pointer(path: Any, keyword: str, missing: list[str]) -> str:
    return pointers.join("", *path, *(missing if keyword == "required" else ()))


both_engines = pytest.mark.parametrize("engine", [python_findings, rust_findings], ids=["jsonschema", "jsonschema-rs"])


def changed(*changes: tuple[str, object], base: object = SEED) -> Any:
    """Return a copy of *base* with (pointer, value) set, or dropped where the value is ``...``."""
    event = copy.deepcopy(base)
    for pointer, value in changes:
        *parents, last = pointers.split(pointer)
        parent: Any = pointers.resolve(event, parents)
        if value is ...:
            del parent[last]
        else:
            parent[last] = value
    return event


def self_hosted(*changes: tuple[str, object]) -> Any:
    event = {"attributes": SEED["metadata"], "body": SEED["body"]}
    return changed(("/attributes/producer", ...), *changes, base=event)


def subschemas_with_examples(schema: Schema, pointer: str = "") -> Iterator[tuple[str, list[object]]]:
    if "examples" in schema:
        yield pointer, schema["examples"]
    for keyword in ("properties", "$defs"):
        for name, below in schema.get(keyword, {}).items():
            yield from subschemas_with_examples(below, pointers.join(pointer, keyword, name))


def test_it_is_a_titled_and_described_2020_12_schema() -> None:
    for path in FILES:
        schema = json.loads(path.read_text())
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert schema["$id"] == BASE + path.relative_to(SCHEMAS).as_posix()
        assert schema["title"]
        assert schema["description"].endswith(".")
        assert schema.get("examples") or path in DEFINITIONS
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema_rs.meta.validate(schema)


@both_engines
def test_its_examples_are_valid(engine: Callable[[Schema, object], Found]) -> None:
    for path in FILES:
        schema = json.loads(path.read_text())
        for pointer, examples in subschemas_with_examples(schema):
            part = {"$ref": f"{schema['$id']}#{pointer}"}
            for example in examples:
                assert engine(part, example) == set(), pointer


def test_every_part_is_described() -> None:
    """A field is described where it stands or where its reference leads."""
    for path in FILES:
        schema = json.loads(path.read_text())
        registry = PYTHON_REGISTRY.resolver(schema["$id"])
        pending = [schema]
        while pending:
            part = pending.pop()
            for keyword in ("properties", "patternProperties", "$defs"):
                for name, below in part.get(keyword, {}).items():
                    described = below if "description" in below else registry.lookup(below["$ref"]).contents
                    assert described["description"].endswith("."), name
                    pending.append(below)
            if "items" in part:
                pending.append(part["items"])


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.stem)
def test_every_definition_is_of_use(path: Path) -> None:
    text = "".join(user.read_text() for user in path.parents[1].rglob("*.json"))
    assert [name for name in json.loads(path.read_text())["$defs"] if f'#/$defs/{name}"' not in text] == []


def test_the_envelope_has_the_fields_of_the_facts() -> None:
    facts = FACTS["metadata"]
    assert len(facts) == 28
    assert list(FIELDS) == list(facts)
    envelope = ENVELOPE["$defs"]["envelope"]
    assert envelope["required"] == present("always")
    assert envelope["then"]["required"] == present("always from producer canvas")
    assert ENVELOPE["properties"]["metadata"]["x-expected"] == present("expected")


def present(word: str) -> list[str]:
    return [name for name, fact in FACTS["metadata"].items() if fact["present"] == word]


@pytest.mark.parametrize("name", FACTS["metadata"])
@both_engines
def test_an_envelope_field_has_the_type_of_the_facts(name: str, engine: Callable[[Schema, object], Found]) -> None:
    fact = FACTS["metadata"][name]
    pointer = f"/metadata/{name}"
    always = fact["present"].startswith("always")
    text = {(pointer, "pattern")} if fact["type"] == "id" else {(pointer, "format")}
    free = fact["type"] == "string"
    empty = {(pointer, "minLength")} if free and always else set() if free else text
    mistake = {(pointer, "type")}

    assert FIELDS[name]["examples"]
    assert engine(ENVELOPE, changed((pointer, "no id, no time"))) == (set() if free else text)
    assert engine(ENVELOPE, changed((pointer, ""))) == empty
    assert engine(ENVELOPE, changed((pointer, None))) == (mistake if always else set())
    for value in (7, True, ["1"], {"id": "1"}):
        assert engine(ENVELOPE, changed((pointer, value))) == mistake, value

    absent = changed((pointer, None), (pointer, ...))
    assert engine(ENVELOPE, absent) == ({(pointer, "required")} if always else set())


ROOTS = present("always from producer canvas")
NEITHER = (("/metadata/request_id", ...),)
JOB = (("/metadata/request_id", None), ("/metadata/job_id", "90417"))


@pytest.mark.parametrize("name", ROOTS)
@pytest.mark.parametrize(
    ("changes", "is_required"),
    [
        ((), True),
        (JOB, True),
        (NEITHER, False),
        ((("/metadata/request_id", None),), False),
        ((("/metadata/producer", "quizzes"),), False),
        ((("/metadata/producer", None),), False),
        ((("/metadata/producer", ...),), False),
        ((*JOB, ("/metadata/producer", "quizzes")), False),
    ],
)
@both_engines
def test_what_canvas_sends_always(
    name: str, changes: Any, is_required: bool, engine: Callable[[Schema, object], Found]
) -> None:
    pointer = f"/metadata/{name}"
    assert engine(ENVELOPE, changed(*changes, (pointer, ...))) == ({(pointer, "required")} if is_required else set())
    assert engine(ENVELOPE, changed(*changes, (pointer, None))) == ({(pointer, "type")} if is_required else set())
    assert engine(ENVELOPE, changed(*changes)) == set()


def test_the_retry_body_has_the_fields_of_the_facts() -> None:
    facts = FACTS["events"][RETRY]
    assert list(BODY["properties"]) == list(facts["body"])
    assert BODY["required"] == facts["identified_by"]
    assert BODY["x-expected"] == facts["expected"]


@pytest.mark.parametrize("name", FACTS["events"][RETRY]["body"])
@both_engines
def test_a_field_of_the_retry_body_is_a_text(name: str, engine: Callable[[Schema, object], Found]) -> None:
    pointer = f"/{name}"
    body = SEED["body"]
    is_required = name in FACTS["events"][RETRY]["identified_by"]
    assert engine(BODY, changed((pointer, "x"), base=body)) == set()
    assert engine(BODY, changed((pointer, ...), base=body)) == ({(pointer, "required")} if is_required else set())
    assert engine(BODY, changed((pointer, ""), base=body)) == ({(pointer, "minLength")} if is_required else set())
    assert engine(BODY, changed((pointer, None), base=body)) == ({(pointer, "type")} if is_required else set())
    for value in (7, False, [], {}):
        assert engine(BODY, changed((pointer, value), base=body)) == {(pointer, "type")}, value


VALID = {
    "the published example": SEED,
    "New Quizzes": {
        "metadata": {
            "event_name": "quizzes.quiz_created",
            "event_time": "2024-10-01T08:12:44.102Z",
            "producer": "quizzes",
            "root_account_uuid": "vT3kQmZ8rYwB1xLpN6sHc0dJfUa9EoGi5RtKbXyM",
        },
        "body": {"id": "5208"},
    },
    "from a console": {"metadata": {"event_name": "course_updated", "event_time": "2024-10-01T08:12:44Z"}, "body": {}},
    "self-hosted, without producer": self_hosted(),
    "self-hosted, empty producer": self_hosted(("/attributes/producer", "")),
    "self-hosted, with producer": self_hosted(("/attributes/producer", "canvas")),
    "both envelopes": {**SEED, "attributes": SEED["metadata"]},
    "an unknown event": changed(("/metadata/event_name", "course_imploded"), ("/body", {})),
    "undocumented fields": changed(("/metadata/x", 1), ("/body/x", 1), ("/x", 1)),
    "another offset": changed(("/metadata/event_time", "2024-07-31T00:34:35.8721+05:30")),
    "a leap day": changed(("/metadata/event_time", "2024-02-29T23:59:59Z")),
    "a long id": changed(("/metadata/context_id", "9" * 40)),
}

INVALID = {
    "a number": (7, {("", "type")}),
    "null": (None, {("", "type")}),
    "an array": ([SEED], {("", "type")}),
    "an empty object": ({}, {("/metadata", "required"), ("/body", "required")}),
    "no envelope": (changed(("/metadata", ...)), {("/metadata", "required")}),
    "no body": (changed(("/body", ...)), {("/body", "required")}),
    "a body of text": (changed(("/body", "{}")), {("/body", "type")}),
    "a null body": (changed(("/body", None)), {("/body", "type")}),
    "an envelope that is an array": (changed(("/metadata", [])), {("/metadata", "type")}),
    "an empty envelope": (
        changed(("/metadata", {})),
        {(f"/metadata/{name}", "required") for name, fact in FACTS["metadata"].items() if fact["present"] == "always"},
    ),
    "self-hosted, null": (self_hosted(("/attributes", None)), {("/attributes", "type")}),
    "self-hosted, by Canvas": (
        self_hosted(("/attributes/producer", "canvas"), ("/attributes/root_account_id", ...)),
        {("/attributes/root_account_id", "required")},
    ),
    "self-hosted, no time": (self_hosted(("/attributes/event_time", ...)), {("/attributes/event_time", "required")}),
    "both envelopes, both wrong": (
        {**self_hosted(("/attributes/user_id", 1)), "metadata": changed(("/metadata/event_name", ...))["metadata"]},
        {("/attributes/user_id", "type"), ("/metadata/event_name", "required")},
    ),
    "digits of another script": (changed(("/metadata/user_id", "\uff11\uff12")), {("/metadata/user_id", "pattern")}),
    "a signed id": (changed(("/metadata/user_id", "-1")), {("/metadata/user_id", "pattern")}),
    "a day that does not exist": (
        changed(("/metadata/event_time", "2023-02-29T00:00:00Z")),
        {("/metadata/event_time", "format")},
    ),
    "a time without offset": (
        changed(("/metadata/event_time", "2024-07-30T19:04:35.872")),
        {("/metadata/event_time", "format")},
    ),
    "a date alone": (changed(("/metadata/event_time", "2024-07-30")), {("/metadata/event_time", "format")}),
    "hour 24": (changed(("/metadata/event_time", "2024-07-30T24:00:00Z")), {("/metadata/event_time", "format")}),
}


@pytest.mark.parametrize("event", VALID.values(), ids=VALID)
@both_engines
def test_valid(event: object, engine: Callable[[Schema, object], Found]) -> None:
    assert engine(ENVELOPE, event) == set()


@pytest.mark.parametrize(("event", "found"), INVALID.values(), ids=INVALID)
@both_engines
def test_invalid(event: object, found: Found, engine: Callable[[Schema, object], Found]) -> None:
    assert engine(ENVELOPE, event) == found


@both_engines
def test_the_published_body_is_valid(engine: Callable[[Schema, object], Found]) -> None:
    assert engine(BODY, SEED["body"]) == set()
    assert engine(BODY, changed(("/extra", 1), base=SEED["body"])) == set()
    assert engine(BODY, "text") == {("", "type")}
