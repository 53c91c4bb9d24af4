"""The fields that schemas document, and schemas bundled into one file."""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from canvas_events_cli import CeventsError
from canvas_events_cli.catalog import SchemaFile, load_catalog
from canvas_events_cli.catalog.catalog import load_schema_file
from canvas_events_cli.catalog.fields import fields_of
from canvas_events_cli.schema.bundle import bundled
from canvas_events_cli.validation.engines import compile_schema

CATALOG = load_catalog()
ANYTHING = ("any",)


def load(folder: Path, schema: Any, **others: Any) -> SchemaFile:
    for name, document in {"main": schema, **others}.items():
        (folder / f"{name}.json").write_text(json.dumps(document))
    return load_schema_file(folder / "main.json")


# A schema for the field "a" of an object, its types but null, and whether it may be null.
TYPES: dict[str, tuple[Any, tuple[str, ...], bool]] = {
    "one": ({"type": "string"}, ("string",), False),
    "several": ({"type": ["null", "string", "integer"]}, ("integer", "string"), True),
    "numbers are integers too": ({"type": "number"}, ("number",), False),
    "none": ({}, ANYTHING, True),
    "true": (True, ANYTHING, True),
    "referred": ({"$ref": "#/$defs/t"}, ("string",), True),
    "referred and narrowed": ({"$ref": "#/$defs/t", "type": "string"}, ("string",), False),
    "in another file": ({"$ref": "other.json"}, ("boolean",), False),
    "all of": ({"allOf": [{"type": ["string", "null"]}, {"type": ["integer", "null"]}]}, (), True),
    "any of": ({"anyOf": [{"type": "string"}, {"type": "null"}]}, ("string",), True),
    "one of": ({"oneOf": [{"type": "string"}, {"type": "array"}]}, ("array", "string"), False),
    "any of, with true": ({"anyOf": [{"type": "string"}, True]}, ANYTHING, True),
    "const": ({"const": 4.0}, ("integer",), False),
    "enum": ({"enum": ["a", None, 1.5]}, ("number", "string"), True),
    "a branch tells nothing": ({"if": {"type": "string"}, "then": {"type": "null"}}, ANYTHING, True),
    "around in a circle": ({"anyOf": [{"properties": {"a": {"$ref": "#/properties/a"}}}]}, ANYTHING, True),
}


@pytest.mark.parametrize("case", TYPES)
def test_types(case: str, tmp_path: Path) -> None:
    schema, types, nullable = TYPES[case]
    document = {"properties": {"a": schema}, "$defs": {"t": {"type": ["string", "null"]}}}
    (field,) = (one for one in fields_of(load(tmp_path, document, other={"type": "boolean"})) if one.path == ("a",))
    assert (field.type_names, field.nullable) == (types, nullable)


def test_fields_of_every_branch_and_depth(tmp_path: Path) -> None:
    schema = {
        "required": ["a"],
        "allOf": [{"required": ["b"]}],
        "anyOf": [{"properties": {"a": {"format": "uuid"}}, "required": ["c"]}, {"properties": {"b": {}}}],
        "properties": {"l": {"items": {"properties": {"x/y": {"description": "Deep."}}}}},
        "patternProperties": {"^p": {"type": "null"}},
    }
    rows = {field.pointer: field for field in fields_of(load(tmp_path, schema))}
    assert rows.keys() == {"", "/a", "/b", "/l", "/l/*", "/l/*/x~1y", "/*"}
    assert [pointer for pointer, field in rows.items() if pointer and field.required] == ["/a", "/b"]
    assert rows["/a"].format == "uuid"
    assert rows["/l/*/x~1y"].description == "Deep."


def test_a_schema_inside_itself_is_told_one_level_deep(tmp_path: Path) -> None:
    schema = {"properties": {"name": {}, "children": {"items": {"$ref": "#"}}}}
    pointers = [field.pointer for field in fields_of(load(tmp_path, schema))]
    inside = ["/name", "/children", "/children/*"]
    assert pointers == ["", *inside, *(f"/children/*{pointer}" for pointer in inside[:2])]


def test_schemas_that_lead_to_each_other_are_told_two_levels_deep(tmp_path: Path) -> None:
    kinds = "abcdefghijklmnop"
    definition = {"properties": {kind: {"$ref": f"#/$defs/{kind}"} for kind in kinds}}
    schema = {"properties": {"top": {"$ref": "#/$defs/a"}}, "$defs": dict.fromkeys(kinds, definition)}
    fields = fields_of(load(tmp_path, schema))
    assert max(len(field.path) for field in fields) == 3
    assert len(fields) == 2 + 16 + 16 * 16


def test_the_fields_of_a_caliper_event_come_to_an_end() -> None:
    pointers = {field.pointer for field in fields_of(CATALOG.caliper["event"])}
    assert "/actor/extensions/com.instructure.canvas/entity_id" in pointers


def test_more_fields_than_anybody_can_read_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("canvas_events_cli.catalog.fields._MOST_FIELDS", 1000)
    levels = {f"l{n}": {"properties": {key: {"$ref": f"#/$defs/l{n + 1}"} for key in "ab"}} for n in range(40)}
    schema = {"$ref": "#/$defs/l0", "$defs": {**levels, "l40": {}}}
    with pytest.raises(CeventsError, match=r"main\.json: has more than 1,000 fields"):
        fields_of(load(tmp_path, schema))


@pytest.mark.parametrize("name", [*CATALOG.bodies, "envelope"])
def test_a_bundle_accepts_what_the_schema_accepts(name: str) -> None:
    file = CATALOG.envelope if name == "envelope" else CATALOG.bodies[name]
    document: Any = json.loads(json.dumps(bundled(file)))
    jsonschema_rs.meta.validate(document)
    alone = jsonschema_rs.Draft202012Validator(document, validate_formats=True, offline=True)
    among_others = compile_schema(file, "jsonschema-rs")
    for example in document.get("examples", ({},)):
        assert alone.is_valid(example)
        for field in (None, *example):
            for value in (None, "x", 7, {}, [1], "2024-09-03T14:05:11Z"):
                changed = copy.deepcopy(example) if field is None else {**example, field: value}
                assert alone.is_valid(changed) == among_others.is_valid(changed), (field, value)


def test_a_bundle_of_files_in_a_circle(tmp_path: Path) -> None:
    main = {"$id": "urn:main", "properties": {"b": {"$ref": "urn:b"}}, "examples": [{"$ref": "urn:b"}]}
    other = {
        "$id": "urn:b",
        "properties": {"$id": {"$ref": "#here"}, "m": {"$ref": "urn:main"}, "again": {"$ref": "#"}},
        "$defs": {"t": {"$anchor": "here", "type": "string"}},
    }
    document: Any = bundled(load(tmp_path, main, b=other))
    assert document["examples"] == [{"$ref": "urn:b"}]
    alone = jsonschema_rs.Draft202012Validator(document, offline=True)
    assert alone.is_valid({"b": {"$id": "x", "m": {"b": {"again": {"$id": "y"}}}}})
    assert not alone.is_valid({"b": {"m": {"b": {"again": {"$id": 5}}}}})


def test_a_bundle_of_an_older_draft(tmp_path: Path) -> None:
    draft = "http://json-schema.org/draft-07/schema#"
    main = {"$schema": draft, "properties": {"a": {"$ref": "other.json#/definitions/t"}}}
    document: Any = bundled(load(tmp_path, main, other={"$schema": draft, "definitions": {"t": {"type": "null"}}}))
    assert document == {
        "$schema": draft,
        "properties": {"a": {"$ref": "#/definitions/t"}},
        "definitions": {"t": {"type": "null"}},
    }


def test_dynamic_references_cannot_be_bundled(tmp_path: Path) -> None:
    with pytest.raises(CeventsError, match="dynamic references"):
        bundled(load(tmp_path, {"$dynamicAnchor": "n", "properties": {"a": {"$dynamicRef": "#n"}}}))
