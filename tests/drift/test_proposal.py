"""A proposed catalogue accepts and names everything in the capture that it was made from."""

import copy
import json
import random
import shutil
import tempfile
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canvas_events_cli import CeventsError, validate
from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.drifting.comparison import Drift, compare_seen
from canvas_events_cli.drifting.proposal import Proposal, write_proposal
from canvas_events_cli.drifting.report import DriftReport
from canvas_events_cli.model import Record
from canvas_events_cli.schema.check import check_schemas
from canvas_events_cli.sources.source import Source
from canvas_events_cli.streaming import Events, drift_parts, validation_spec
from canvas_events_cli.validation import EventChecker

HERE = Path(__file__).parent.parent
SCHEMAS = HERE.parent / "schemas"
METADATA = json.loads((HERE / "example.json").read_text())["metadata"]
BODIES = {path.stem: json.loads(path.read_text())["examples"][0] for path in SCHEMAS.glob("bodies/*.json")}
NESTED = (
    *("course_progress", "default_blueprint_restrictions_updated", "learning_outcome_created", "quiz_export_complete"),
    *("outcomes.retry_outcome_alignment_clone", "course_section_updated", "logged_out", "submission_comment_created"),
)

names = st.sampled_from(["added", "id", "a/b", "~", "*", "0", "$ref", "required", "properties", "Assignment", ""])
scalars = st.one_of(st.none(), st.booleans(), st.integers(-3, 10**20), st.floats(-2, 2), st.text(max_size=3))
values = st.recursive(
    scalars, lambda below: st.lists(below, max_size=3) | st.dictionaries(names, below, max_size=3), max_leaves=6
)


@st.composite
def mutated_events(draw: st.DrawFn) -> dict[str, Any]:
    """Return an event with a few fields dropped, replaced or added anywhere."""
    name = draw(st.sampled_from([*NESTED, "brand_new", "brand.new-2"]))
    body = BODIES.get(name, {"brand": {"new": [1]}})
    event: dict[str, Any] = {
        draw(st.sampled_from(["metadata", "metadata", "attributes"])): {**METADATA, "event_name": name},
        "body": copy.deepcopy(body),
    }
    for _ in range(draw(st.integers(0, 4))):
        path = draw(st.sampled_from(list(places(event))))
        if "event_name" not in path:
            mutate(event, path, draw(st.sampled_from(["drop", "set", "add"])), draw(names), draw(values))
    return event


def places(value: Any, path: tuple[Any, ...] = ()) -> Any:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for token, below in items:
        yield from places(below, (*path, token))


def mutate(event: Any, path: tuple[Any, ...], verb: str, name: str, value: Any) -> None:
    place = event
    for token in path[:-1]:
        place = place[token]
    here = place[path[-1]] if path else event
    if verb == "add" and isinstance(here, dict):
        here[name] = value
    elif path and verb == "drop":
        del place[path[-1]]
    elif path:
        place[path[-1]] = value


def lines(events: Any) -> list[bytes]:
    return [json.dumps(event).encode() for event in events]


def observe(events: Any, schemas: Path | None = None) -> DriftReport:
    total = DriftReport()
    spec = validation_spec(load_catalog(schemas))
    for part in drift_parts(Events([Source("<lines>", lines=lines(events))]), spec=spec):
        total.merge(part)
    return total


def propose(events: Any, folder: Path, schemas: Path | None = None) -> Proposal:
    return write_proposal(observe(events, schemas), load_catalog(schemas), schemas, folder)


def drift(events: Any, schemas: Path | None = None) -> Drift:
    return compare_seen(observe(events, schemas), load_catalog(schemas))


def assert_fits(events: Any, folder: Path) -> None:
    report = validate(lines(events), schemas=folder)
    assert [(found.event_name, found.pointer, found.message) for found in report.findings] == []
    assert not report.undocumented_fields
    assert not report.undocumented_events
    assert not drift(events, folder).found
    assert check_schemas(folder).findings == ()


@pytest.fixture(scope="module")
def few_schemas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled catalogue without most bodies, which would have to be checked for every example."""
    folder = tmp_path_factory.mktemp("few")
    for path in ("envelope.json", "bodies/definitions/types.json", *(f"bodies/{name}.json" for name in NESTED)):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SCHEMAS / path, folder / path)
    return folder


@settings(max_examples=settings().max_examples // 4, suppress_health_check=[HealthCheck.too_slow])
@given(events=st.lists(mutated_events(), min_size=1, max_size=5))
def test_it_fits_the_capture(events: Any, few_schemas: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("proposed")
    propose(events, folder, few_schemas)
    assert_fits(events, folder)


def test_only_what_has_to_change_does(few_schemas: Path, tmp_path: Path) -> None:
    event = {"metadata": {**METADATA, "event_name": "course_progress"}, "body": BODIES["course_progress"]}
    assert propose([event], tmp_path / "same", few_schemas).changed == ()
    event["body"] = {**event["body"], "badge": "gold", "user": {**event["body"]["user"], "id": 1.5}}
    assert propose([event], tmp_path / "new", few_schemas).changed == ("bodies/course_progress.json",)
    schema = json.loads((tmp_path / "new" / "bodies" / "course_progress.json").read_text())
    documented = json.loads((few_schemas / "bodies" / "course_progress.json").read_text())
    assert schema["properties"].pop("badge") == {"type": ["string", "null"]}
    user = schema["properties"].pop("user")
    types = json.loads((few_schemas / "bodies" / "definitions" / "types.json").read_text())["$defs"]
    documented["properties"].pop("user")
    assert schema == documented
    known = types["user"]["properties"].pop("id")
    assert user["properties"].pop("id") == {
        **{keyword: value for keyword, value in known.items() if keyword != "$ref"},
        "anyOf": [{"$ref": "definitions/types.json" + known["$ref"]}, {"type": "number"}],
    }
    assert user["properties"].keys() == types["user"]["properties"].keys()


WRONG = [7, -1.5, True, None, "", "not a date", [], [{"a": 1}], {"a": 1}, "absent", "9" * 30]
OTHER = {
    "type": "object",
    "required": ["state", "at"],
    "properties": {
        "state": {"enum": ["on", "off"]},
        "at": {"$ref": "#/$defs/at"},
        "until": {"$ref": "#/$defs/at"},
        "o": {"$ref": "#/$defs/closed"},
        "each": {"items": {"$ref": "definitions/types.json#/$defs/user"}},
        "least": {"allOf": [{"type": "integer", "minimum": 0}, {"maximum": 9}]},
    },
    "oneOf": [{"properties": {"until": {"$ref": "#/$defs/at"}}}, {"required": ["no"]}],
    "$defs": {
        "at": {"type": "string", "format": "date-time"},
        "closed": {"properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False},
    },
    "examples": [
        {"state": "on", "at": "2024-09-03T14:05:11Z", "until": "2024-09-03T14:05:11Z", "o": {"a": "x"}, "least": 3,
         "each": [{"id": "1", "name": "n"}]}
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def other_schemas(few_schemas: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("other")
    shutil.copytree(few_schemas, folder, dirs_exist_ok=True)
    (folder / "bodies" / "other.json").write_text(json.dumps(OTHER))
    return folder


def changed(event: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a copy of *event* with *value* at *path*, where that is not "absent"."""
    event = copy.deepcopy(event)
    place = event
    for token in path[:-1]:
        place = place[token]
    place[path[-1]] = value
    if value == "absent":
        del place[path[-1]]
    return event


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(chance=st.randoms(use_true_random=False))
def test_it_widens_what_was_seen_and_nothing_else(chance: random.Random, other_schemas: Path) -> None:
    name = chance.choice([*NESTED, "other", "other"])
    body = {**BODIES, "other": OTHER["examples"][0]}[name]
    usual = {"metadata": {**METADATA, "event_name": name}, "body": body}
    paths = [path for path in places(usual) if path and path[-1] not in ("event_name", "metadata")]
    added = [("metadata", "added"), ("body", "added")]
    where = chance.choice([*paths, *added])
    odd = changed(usual, where, chance.choice([value for value in WRONG if value != "absent" or where in paths]))
    with tempfile.TemporaryDirectory() as folder:
        propose([odd, usual][: chance.choice([1, 2])], Path(folder, "new"), other_schemas)
        specs = [validation_spec(load_catalog(each)) for each in (other_schemas, Path(folder, "new"))]
    before, after = map(EventChecker, specs)
    assert not after.is_wrong(record(odd))

    def is_elsewhere(pointer: str) -> bool:
        # The elements of an array are all one.
        path = [int(token) if token.isdecimal() else token for token in pointer.split("/")[1:]]
        return any(a != b and {type(a), type(b)} != {int} for a, b in zip(path, where, strict=False))

    for path, value in chance.sample([*product([*paths, *added], WRONG)], 60):
        for base in (usual, odd, {"attributes": usual["metadata"], "body": body}):
            is_there = path in [*places(base)] if path not in added else isinstance(base.get(path[0]), dict)
            if not is_there or (path in added and value == "absent"):
                continue
            other = record(changed(base, path, value))
            if not before.is_wrong(other):
                # What is documented now may have types that were not seen.
                assert where in added or not after.is_wrong(other), (path, value)
            elif any(is_elsewhere(found.pointer) for found in before.check("", other).findings):
                assert after.is_wrong(other), (path, value)


def record(event: Any) -> Record:
    return Record(1, json.dumps(event).encode(), event, True)


@pytest.mark.parametrize(
    "name", ["../up", "a/b", ".hidden", "", "a\\b", "C:x", "a b", "é", "x" * 250, "COURSE_PROGRESS", "nul\0", "a\n"]
)
def test_a_name_that_is_no_file_name_is_refused(name: str, few_schemas: Path, tmp_path: Path) -> None:
    event = {"metadata": {**METADATA, "event_name": name}, "body": {}}
    proposal = propose([event], tmp_path / "deep" / "new", few_schemas)
    assert proposal.refused == (1 if name else 0)
    assert not [path for path in proposal.changed if path.startswith("bodies")]
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["new"]


def test_nothing_is_written_over(few_schemas: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text("{}")
    with pytest.raises(CeventsError, match="is not empty"):
        propose([], tmp_path, few_schemas)
    with pytest.raises(CeventsError, match=r"mine\.json"):
        propose([], tmp_path / "mine.json", few_schemas)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.json"]


OWN: dict[str, Any] = {
    "closed": {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False},
    "closed by reference": {
        "$ref": "#/$defs/x",
        "$defs": {"x": {"properties": {"a": {}}, "additionalProperties": False}},
    },
    "closed and combined": {"allOf": [{"properties": {"a": {"minLength": 3}}}], "unevaluatedProperties": False},
    "branches": {"anyOf": [{"required": ["a"]}, {"required": ["b"], "properties": {"b": {"const": 1}}}]},
    "one of": {
        "oneOf": [{"properties": {"a": {"$ref": "#/$defs/t"}}}, {"required": ["c"]}],
        "$defs": {"t": {"type": "null"}},
    },
    "not": {
        "properties": {"a": {"$ref": "#/$defs/t"}},
        "not": {"properties": {"a": {"$ref": "#/$defs/t"}}},
        "$defs": {"t": {}},
    },
    "condition": {"if": {"required": ["a"]}, "then": {"required": ["z"], "properties": {"b": {"type": "null"}}}},
    "condition on values": {"if": {"properties": {"a": {"type": "string"}}}, "then": False},
    "dependent": {"properties": {"a": {}}, "dependentRequired": {"a": ["z"]}},
    "dependent schemas": {"dependentSchemas": {"a": {"properties": {"b": False}}}},
    "names": {"propertyNames": {"maxLength": 0}},
    "patterns": {"properties": {"c": {}}, "patternProperties": {"^.$": {"type": "boolean"}}},
    "rest": {"properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "null"}},
    "tuple": {"properties": {"l": {"prefixItems": [{"type": "string"}], "items": False}}},
    "contains": {"properties": {"l": {"contains": {"type": "null"}}}},
    "elements": {"properties": {"l": {"items": {"properties": {"a": {"enum": ["y"]}}, "required": ["n"]}}}},
    "into itself": {"properties": {"a": {"type": "null"}, "b": {"$ref": "#/properties/a"}, "o": {"$ref": "#"}}},
    "definitions": {"properties": {"o": {"$ref": "#/$defs/o"}}, "$defs": {"o": {"properties": {"a": {"const": 0}}}}},
    "nothing": False,
    "anything": True,
    "sizes": {"minProperties": 9, "properties": {"o": {"maxProperties": 0}, "a": {"maxLength": 0}}},
    "draft 7": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "properties": {"o": {"$ref": "#/definitions/o"}, "l": {"items": [{"type": "null"}]}},
        "definitions": {"o": {"properties": {"a": {"type": "null"}}}},
    },
}
CAPTURE = [
    {"a": "xy", "b": 1, "l": ["s", {"a": "x", "m": 1}], "o": {"a": 1, "b": {"c": 1}}},
    {"a": 7, "b": "t", "l": [None, 3], "o": {"a": "z"}},
    {},
    "text",
    {"l": [], "o": [], "a/b": {"~": 1}},
]  # fmt: skip


@pytest.mark.parametrize("body", OWN.values(), ids=OWN)
def test_it_fits_whatever_the_schema_asks(body: Any, tmp_path: Path) -> None:
    (tmp_path / "own" / "bodies").mkdir(parents=True)
    (tmp_path / "own" / "envelope.json").write_text('{"type": "object"}')
    (tmp_path / "own" / "bodies" / "e.json").write_text(json.dumps(body))
    events = [{"metadata": {"event_name": "e"}, "body": value} for value in CAPTURE]
    propose(events, tmp_path / "new", tmp_path / "own")
    report = validate(lines(events), schemas=tmp_path / "new")
    assert [(found.pointer, found.message) for found in report.findings] == []
    assert check_schemas(tmp_path / "new").findings == ()
