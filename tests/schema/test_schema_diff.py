"""What is told of two schemas, and whether the answer about validity holds."""

import copy
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli import CeventsError
from canvas_events_cli.schema.diff import CatalogDiff, SchemaDiff, compare, once

SCHEMAS = Path(__file__).parent.parent.parent / "schemas"
BASE: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"$ref": "#/$defs/id"}, "name": {"type": ["string", "null"]}, "at": {"type": "string"}},
    "$defs": {"id": {"type": ["string", "integer"], "pattern": "^[0-9]+$"}},
    "examples": [{"id": "1", "name": "x"}],
}

# Where, what is put there (DROP: removed), the changes, and whether all that was valid is still.
DROP = object()
CASES: dict[str, tuple[str, Any, list[tuple[str, str]], str]] = {
    "required": ("required", ["id", "name"], [("/name", "newly required")], "no"),
    "no longer required": ("required", [], [("/id", "no longer required")], "yes"),
    "added to an open object": ("properties/new", {"type": "string"}, [("/new", "added")], "no"),
    "added, of any type": ("properties/new", {}, [("/new", "added")], "yes"),
    "removed": ("properties/name", DROP, [("/name", "removed")], "yes"),
    "narrower type": ("$defs/id/type", "string", [("/id", "retyped")], "no"),
    "wider type": ("properties/at/type", ["string", "integer"], [("/at", "retyped")], "yes"),
    "other type": ("properties/at/type", "integer", [("/at", "retyped")], "no"),
    "integers were numbers": ("properties/at/type", "number", [("/at", "retyped")], "no"),
    "nullable": ("properties/at/type", ["string", "null"], [("/at", "now nullable")], "yes"),
    "not nullable": ("properties/name/type", "string", [("/name", "no longer nullable")], "no"),
    "format": ("properties/at/format", "date-time", [("/at", "format changed")], "no"),
    "pattern dropped": ("$defs/id/pattern", DROP, [("/id", "rules changed")], "yes"),
    "pattern added": ("properties/at/pattern", "^a", [("/at", "rules changed")], "no"),
    "closed": ("additionalProperties", False, [("", "rules changed")], "no"),
    "inside": (
        "properties/name/properties",
        {"deep": {"required": ["x"]}},
        [("/name", ""), ("/name/deep", "added")],
        "yes",
    ),
    "description": ("description", "Other words.", [], ""),
    "written in another way": (
        "properties/name",
        {"anyOf": [{"type": "null"}, {"type": "string"}]},
        [("/name", "rules changed")],
        "yes",
    ),
}


def changed(where: str, to: Any) -> dict[str, Any]:
    schema = copy.deepcopy(BASE)
    *parents, last = where.split("/")
    place = schema
    for token in parents:
        place = place[token]
    if to is DROP:
        del place[last]
    else:
        place[last] = to
    return schema


def diff(old: Any, new: Any, folder: Path) -> CatalogDiff:
    paths = []
    for name, schema in (("old", old), ("new", new)):
        (folder / name).mkdir(exist_ok=True)
        paths.append(folder / name / "e.json")
        paths[-1].write_text(json.dumps(schema))
    return compare(*paths)


@pytest.mark.parametrize("case", CASES)
def test_one_change(case: str, tmp_path: Path) -> None:
    where, to, changes, answer = CASES[case]
    found = diff(BASE, changed(where, to), tmp_path)
    expected = [change for change in changes if change[1]]
    assert [(change.pointer, change.kind) for schema in found.schemas for change in schema.changes] == expected
    if not answer:
        assert found.schemas == ()
        return
    (schema,) = found.schemas
    assert schema.still_valid == found.still_valid == answer
    assert bool(schema.reasons) == (answer != "yes")


def test_the_reasons_are_the_changes_that_narrow(tmp_path: Path) -> None:
    new = changed("required", ["id", "name"])
    new["properties"]["at"]["pattern"] = "^a"
    (schema,) = diff(BASE, new, tmp_path).schemas
    assert schema.reasons == ("/name is newly required", "/at has other rules")


def test_what_widens_is_said_in_words(tmp_path: Path) -> None:
    new = changed("required", [])
    new["properties"]["at"]["type"] = ["string", "integer", "null"]
    (schema,) = diff(BASE, new, tmp_path).schemas
    assert (schema.still_valid, schema.more_valid) == ("yes", "yes")
    assert schema.widened == ("/id may be absent", "/at may be of type integer or string", "/at may be null")
    (schema,) = diff(new, BASE, tmp_path).schemas
    assert (schema.still_valid, schema.more_valid) == ("no", "no")


def test_without_the_rust_package_it_is_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    assert diff(BASE, BASE, tmp_path).schemas == ()
    assert diff(BASE, changed("required", []), tmp_path).still_valid == "unknown"


# What is done to a schema that describes an object, by way of one of its fields that may be null: each narrows it.
NARROWING: dict[str, Callable[[dict[str, Any], str], object]] = {
    "typed field added": lambda at, name: at["properties"].update(added={"type": "string"}),
    "field added by reference": lambda at, name: at["properties"].update(added={"$ref": "#/$defs/other"}),
    "field added that is null or a text": lambda at, name: at["properties"].update(added={"type": ["string", "null"]}),
    "required": lambda at, name: at["required"].append(name),
    "required, not known before": lambda at, name: at["required"].append("added"),
    "enum": lambda at, name: at["properties"][name].update(enum=["a", "b"]),
    "closed": lambda at, name: at.update(additionalProperties=False),
    "others typed": lambda at, name: at.update(additionalProperties={"type": "string"}),
    "format": lambda at, name: at["properties"][name].update(format="uri"),
    "pattern": lambda at, name: at["properties"][name].update(pattern="^a"),
    "minLength": lambda at, name: at["properties"][name].update(minLength=3),
    "maxLength": lambda at, name: at["properties"][name].update(maxLength=300),
    "not null": lambda at, name: at["properties"][name].update(type="string"),
    "fewer fields": lambda at, name: at.update(maxProperties=3),
}
OBJECTS: dict[str, tuple[str, Callable[[Any], dict[str, Any]], str]] = {
    "envelope": ("envelope.json", lambda document: document["$defs"]["envelope"], "hostname"),
    "body": ("bodies/course_created.json", lambda document: document, "name"),
}


@pytest.mark.parametrize(
    ("kind", "place"),
    [*((kind, "body") for kind in NARROWING), *((kind, "envelope") for kind in [*NARROWING][:5])],
)
def test_what_rules_events_out_is_proven_and_named(kind: str, place: str, tmp_path: Path) -> None:
    """Through references, and beside them: every field here is one."""
    name, inside, field = OBJECTS[place]
    shutil.copytree(SCHEMAS / "bodies" / "definitions", (tmp_path / name).parent / "definitions")
    document = json.loads((SCHEMAS / name).read_text())
    document.setdefault("$defs", {})["other"] = {"type": "integer"}
    (tmp_path / name).write_text(json.dumps(document))
    before = tmp_path / name
    NARROWING[kind](inside(document), field)
    after = before.with_name("after.json")
    after.write_text(json.dumps(document))
    (schema,) = compare(before, after).schemas
    assert (schema.still_valid, schema.more_valid) == ("no", "no")
    there = f"/{field}" if f"/{field}'" in str([change.pointer for change in schema.changes]) else "added"
    assert all(place == "body" or "attributes too" in reason or "differently" in reason for reason in schema.reasons)
    assert any(there in reason or "rules" in reason or "differently" in reason for reason in schema.reasons)
    (schema,) = compare(after, before).schemas
    assert (schema.still_valid, schema.more_valid) in (("yes", "yes"), ("unknown", "yes"))


class TestCatalogues:
    def test_a_catalogue_and_itself(self) -> None:
        assert compare(None, SCHEMAS).schemas == ()

    def test_events_that_came_and_went(self, tmp_path: Path) -> None:
        new = tmp_path / "new"
        shutil.copytree(SCHEMAS, new)
        (new / "bodies" / "logged_out.json").unlink()
        (new / "bodies" / "imploded.json").write_text('{"type": "object"}')
        found = compare(None, new)
        assert found.schemas == (
            SchemaDiff("imploded", "added", "no", ("the bodies of this event were not checked before",)),
            SchemaDiff("logged_out", "removed", "yes", ("without a schema, every body is valid",)),
        )

    def test_a_shared_type(self, tmp_path: Path) -> None:
        new = tmp_path / "new"
        shutil.copytree(SCHEMAS, new)
        types = new / "bodies" / "definitions" / "types.json"
        types.write_text(types.read_text().replace('"minLength": 1', '"minLength": 2'))
        found = compare(SCHEMAS, new)
        assert {change.kind for schema in found.schemas for change in schema.changes} == {"rules changed"}
        assert found.still_valid == "no"

    def test_what_is_said_under_both_names_of_the_envelope_is_told_once(self, tmp_path: Path) -> None:
        new = tmp_path / "new"
        shutil.copytree(SCHEMAS, new)
        envelope = json.loads((new / "envelope.json").read_text())
        envelope["$defs"]["envelope"]["properties"]["added"] = {"type": "string"}
        envelope["properties"]["attributes"]["required"] = ["hostname"]
        (new / "envelope.json").write_text(json.dumps(envelope))
        (schema,) = compare(None, new).schemas
        assert [change.pointer for change in once(schema.changes) if change.kind == "added"] == [
            "/metadata/added (attributes too)"
        ]
        assert "/attributes/hostname" in {change.pointer for change in once(schema.changes)}
        assert len(schema.changes) == len([*once(schema.changes)]) + 1

    def test_a_folder_and_a_file(self) -> None:
        with pytest.raises(CeventsError, match="two of a kind"):
            compare(None, SCHEMAS / "envelope.json")


def leaf_schemas() -> st.SearchStrategy[Any]:
    types = st.sampled_from(
        ["string", "integer", "number", "null", "object", ["string", "null"], ["integer", "string"]]
    )
    rules = {
        "minLength": st.integers(0, 2),
        "pattern": st.sampled_from(["^[0-9]+$", "^a"]),
        "enum": st.just(["a", 1, None]),
        "minimum": st.integers(0, 2),
    }
    return st.booleans() | st.fixed_dictionaries({}, optional={"type": types, **rules})


def object_schemas() -> st.SearchStrategy[Any]:
    names = st.sampled_from(["a", "b"])
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", ["object", "null"]]),
            "properties": st.dictionaries(names, leaf_schemas()),
            "required": st.lists(names, unique=True),
            "additionalProperties": leaf_schemas(),
            "anyOf": st.lists(
                st.fixed_dictionaries({"required": st.lists(names, unique=True)}), min_size=1, max_size=2
            ),
        },
    )


instances = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), st.sampled_from([None, "", "a", "12", 0, 1, 1.5, {}, [], True])
)


@given(old=object_schemas(), new=object_schemas(), values=st.lists(instances | st.none() | st.just("x"), max_size=8))
def test_a_yes_holds(old: Any, new: Any, values: list[Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    found = diff(old, new, tmp_path_factory.mktemp("pair"))
    before, after = jsonschema.Draft202012Validator(old), jsonschema.Draft202012Validator(new)
    if found.still_valid == "yes":
        assert all(after.is_valid(value) for value in values if before.is_valid(value))
    if not found.schemas:
        assert all(after.is_valid(value) == before.is_valid(value) for value in values)
