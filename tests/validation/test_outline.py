"""Which fields a schema documents."""

from pathlib import Path
from typing import Any

import pytest
from engine_pair import write_schema

from canvas_events_cli import pointers
from canvas_events_cli.validation.outline import Outlines

INNER = {"properties": {"b": {"properties": {"c": True}}}}
EVERY_BRANCH = {"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1, "g": 1, "h": 1, "x": 1}

# id: (schema, other files, value, what is undocumented)
CASES: dict[str, tuple[Any, dict[str, Any], Any, set[str]]] = {
    "declared": ({"properties": {"a": True}}, {}, {"a": {"z": 1}}, set()),
    "undeclared": ({"properties": {"a": True}}, {}, {"b": 1, "c": {"d": 1}}, {"/b", "/c"}),
    "nothing-declared": ({"type": "object", "required": ["a"]}, {}, {"a": 1, "b": 2}, set()),
    "empty-properties": ({"properties": {}}, {}, {"b": 2}, set()),
    "true": (True, {}, {"a": 1}, set()),
    "nested": ({"properties": {"a": INNER}}, {}, {"a": {"b": {"c": 1, "d": 1}, "e": 1}}, {"/a/b/d", "/a/e"}),
    "only-the-topmost": ({"properties": {"a": INNER}}, {}, {"z": {"b": {"d": 1}}}, {"/z"}),
    "escaped": ({"properties": {"a/b": INNER}}, {}, {"a/b": {"~": 1}}, {"/a~1b/~0"}),
    "patternProperties": (
        {"patternProperties": {"^x-": INNER}},
        {},
        {"x-1": {"b": {"d": 1}}, "y": 1},
        {"/x-1/b/d", "/y"},
    ),
    "additionalProperties-true": (
        {"properties": {"a": INNER}, "additionalProperties": True},
        {},
        {"a": {"z": 1}, "y": 1},
        {"/a/z"},
    ),
    "additionalProperties-false": ({"properties": {"a": True}, "additionalProperties": False}, {}, {"y": 1}, set()),
    "additionalProperties-schema": (
        {"properties": {"a": True}, "additionalProperties": INNER},
        {},
        {"a": {"z": 1}, "y": {"b": {"d": 1}}, "w": {"z": 1}},
        {"/y/b/d", "/w/z"},
    ),
    "unevaluatedProperties-schema": (
        {"properties": {"a": True}, "unevaluatedProperties": INNER},
        {},
        {"y": {"z": 1}},
        {"/y/z"},
    ),
    "items": ({"items": INNER}, {}, [{"b": 1}, {"z": 1}, [{"z": 1}]], {"/1/z"}),
    "prefixItems": (
        {"prefixItems": [INNER], "items": {"properties": {"x": True}}},
        {},
        [{"b": 1, "x": 1, "y": 1}],
        {"/0/y"},
    ),
    "contains": ({"contains": INNER}, {}, [{"b": 1, "z": 1}], {"/0/z"}),
    "every-branch": (
        {
            "allOf": [{"properties": {"a": True}}],
            "anyOf": [{"properties": {"b": True}}, False],
            "oneOf": [{"properties": {"c": True}}],
            "if": {"properties": {"d": {"const": 0}}},
            "then": {"properties": {"e": True}},
            "else": {"properties": {"f": True}},
            "dependentSchemas": {"z": {"properties": {"g": True}}},
            "$ref": "#/$defs/h",
            "not": {"properties": {"x": True}},
            "$defs": {"h": {"properties": {"h": True}}},
        },
        {},
        EVERY_BRANCH,
        {"/x"},
    ),
    "branches-meet-inside": (
        {
            "allOf": [
                {"properties": {"a": {"properties": {"b": True}}}},
                {"properties": {"a": {"properties": {"c": True}}}},
            ]
        },
        {},
        {"a": {"b": 1, "c": 1, "d": 1}},
        {"/a/d"},
    ),
    "recursive": (
        {"properties": {"next": {"$ref": "#"}, "list": {"items": {"$ref": "#"}}}},
        {},
        {"next": {"next": {"x": 1}, "list": [{"next": {"y": 1}}]}},
        {"/next/next/x", "/next/list/0/next/y"},
    ),
    "other-file": (
        {"properties": {"a": {"$ref": "more.json#/$defs/a"}}},
        {"more": {"$defs": {"a": {"$ref": "#b"}, "b": {"$anchor": "b", **INNER}}}},
        {"a": {"b": {"d": 1}}},
        {"/a/b/d"},
    ),
    "dynamic": (
        {"$id": "https://e.example/main", "$dynamicAnchor": "n", "$ref": "more.json", "properties": {"mine": True}},
        {"more": {"$dynamicAnchor": "n", "properties": {"in": {"$dynamicRef": "#n"}}}},
        {"mine": 1, "in": {"mine": 1, "in": {"other": 1}}},
        {"/in/in/other"},
    ),
    "recursive-2019": (
        {"$schema": "https://json-schema.org/draft/2019-09/schema", "properties": {"a": {"$recursiveRef": "#"}}},
        {},
        {"a": {"a": {"b": 1}}},
        {"/a/a/b"},
    ),
    "metaschema": (
        {"properties": {"a": {"$ref": "https://json-schema.org/draft/2020-12/schema"}}},
        {},
        {"a": {"z": 1}},
        set(),
    ),
    "other-types": ({"properties": {"a": INNER}}, {}, {"a": "b"}, set()),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_undocumented(case: str, tmp_path: Path) -> None:
    schema, others, value, expected = CASES[case]
    outline = Outlines().event(write_schema(tmp_path, schema, **others), None)
    found = outline.notes(value)[0]
    assert {pointers.join("", *path) for path in found} == expected
    assert len(found) == len(expected)


def test_the_body_s_schema_adds_to_the_envelope_s(tmp_path: Path) -> None:
    envelope = write_schema(tmp_path, {"properties": {"metadata": INNER, "body": {"properties": {"of_both": True}}}})
    body = write_schema(tmp_path, {"properties": {"a": INNER}}, "body.json")
    outline = Outlines().event(envelope, body)
    event = {"metadata": {"b": {"c": 1}}, "body": {"of_both": 1, "a": {"b": {}}}}
    assert outline.notes(event)[0] == []
    event["body"] |= {"x": 1, "a": {"y": 1}}
    assert sorted(outline.notes(event)[0]) == [("body", "a", "y"), ("body", "x")]
    assert outline.at(("body", "a")).names == {"b"}


ASKS = {"x-expected": ["a"], "properties": {"a": True}}
# id: (schema, value, what is missing)
MISSING: dict[str, tuple[Any, Any, set[str]]] = {
    "absent": (ASKS, {}, {"/a"}),
    "null": (ASKS, {"a": None}, {"/a"}),
    "there": (ASKS, {"a": ""}, set()),
    "false": (ASKS, {"a": False}, set()),
    "no-object": (ASKS, [], set()),
    "not-declared": ({"x-expected": ["a/b"]}, {"x": 1}, {"/a~1b"}),
    "inside": ({"properties": {"o": ASKS}}, {"o": {}}, {"/o/a"}),
    "inside-nothing": ({"properties": {"o": ASKS}}, {"o": None}, set()),
    "two-down": ({"properties": {"o": {"properties": {"p": ASKS}}}}, {"o": {"p": {"b": 1}}}, {"/o/p/a"}),
    "of-elements": ({"properties": {"l": {"items": ASKS}}}, {"l": [{"a": 1}, {}]}, {"/l/1/a"}),
    "of-fields-by-rule": ({"additionalProperties": ASKS}, {"o": {}, "p": {"a": 1}}, {"/o/a"}),
    "by-reference": ({"properties": {"o": {"$ref": "#/$defs/o"}}, "$defs": {"o": ASKS}}, {"o": {}}, {"/o/a"}),
    "beside-a-reference": (
        {"properties": {"o": {"$ref": "#/$defs/o", "x-expected": ["b"]}}, "$defs": {"o": ASKS}},
        {"o": {}},
        {"/o/a", "/o/b"},
    ),
    "allOf": ({"allOf": [ASKS, {"x-expected": ["b"]}]}, {}, {"/a", "/b"}),
    "recursive": ({**ASKS, "properties": {"a": {"$ref": "#"}}}, {"a": {"a": {"a": None}}}, {"/a/a/a"}),
    "not-of-a-branch": ({"anyOf": [ASKS, {}], "if": ASKS, "then": ASKS, "not": {"not": ASKS}}, {}, set()),
    "not-inside-a-branch": ({"anyOf": [{"properties": {"o": ASKS}}], "properties": {"o": {}}}, {"o": {}}, set()),
    "not-after-a-list": ({"properties": {"l": {"prefixItems": [True], "items": ASKS}}}, {"l": [{}]}, set()),
}


@pytest.mark.parametrize("case", MISSING)
def test_what_is_missing(case: str, tmp_path: Path) -> None:
    schema, value, expected = MISSING[case]
    outline = Outlines().event(write_schema(tmp_path, schema), None)
    found = outline.notes(value)[1]
    assert {pointers.join("", *path) for path in found} == expected
    assert len(found) == len(expected)
