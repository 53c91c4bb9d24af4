"""Every common keyword, on both engines: the same places, keywords and messages."""

from pathlib import Path
from typing import Any

import pytest
from engine_pair import outcomes, places, write_schema

DRAFT_4 = "http://json-schema.org/draft-04/schema#"
DRAFT_6 = "http://json-schema.org/draft-06/schema#"
DRAFT_7 = "http://json-schema.org/draft-07/schema#"
DRAFT_2019 = "https://json-schema.org/draft/2019-09/schema"

TREE = {
    "$id": "https://schemas.example/tree",
    "$dynamicAnchor": "node",
    "type": "object",
    "properties": {"data": True, "children": {"type": "array", "items": {"$dynamicRef": "#node"}}},
}

Case = tuple[Any, list[Any], list[tuple[Any, set[str]]]]
"""A schema, valid instances, and invalid ones with where they break which keyword."""

CASES: dict[str, Case] = {
    "type": ({"type": "string"}, ["", "a"], [(1, {"type"}), (None, {"type"})]),
    "type-list": ({"type": ["string", "null"]}, ["a", None], [(True, {"type"}), ([], {"type"})]),
    "integer": ({"type": "integer"}, [1, 1.0, -3, 1e3], [(1.5, {"type"}), (True, {"type"}), ("1", {"type"})]),
    "number": ({"type": "number"}, [1, 1.5], [(True, {"type"})]),
    "boolean": ({"type": "boolean"}, [True], [(1, {"type"}), (0.0, {"type"})]),
    "const": ({"const": 1}, [1, 1.0], [(True, {"const"}), ("1", {"const"})]),
    "const-object": ({"const": {"a": [1, False]}}, [{"a": [1.0, False]}], [({"a": [1, 0]}, {"const"})]),
    "enum": ({"enum": ["a", 0, None]}, ["a", 0, 0.0, None], [(False, {"enum"}), ("b", {"enum"})]),
    "enum-long": ({"enum": list("abcdefghijkl")}, ["a"], [("z", {"enum"})]),
    "minimum": ({"minimum": 1.5}, [1.5, 2, "a"], [(1, {"minimum"})]),
    "maximum": ({"maximum": 3}, [3, 3.0], [(3.5, {"maximum"})]),
    "exclusiveMinimum": ({"exclusiveMinimum": 0}, [0.1], [(0, {"exclusiveMinimum"})]),
    "exclusiveMaximum": ({"exclusiveMaximum": 10}, [9], [(10, {"exclusiveMaximum"})]),
    "multipleOf": ({"multipleOf": 5}, [0, 10, 10.0], [(7, {"multipleOf"})]),
    "multipleOf-decimal": ({"multipleOf": 0.01}, [19.99, 4.35, 3], [(0.075, {"multipleOf"})]),
    "minLength": ({"minLength": 2}, ["ab", "😀😀"], [("", {"minLength"}), ("😀", {"minLength"})]),
    "maxLength": ({"maxLength": 1.0}, ["a"], [("ab", {"maxLength"})]),
    "pattern": ({"pattern": "^[a-z]+$"}, ["ab", 1], [("ab\n", {"pattern"}), ("", {"pattern"})]),
    "pattern-digit": ({"pattern": r"^\d+$"}, ["12"], [("١٢", {"pattern"})]),
    "pattern-space": (
        {"pattern": r"^\s[^\s]\S$"},
        ["\u2003ab", "\ufeffab"],
        [("aab", {"pattern"}), (" a\xa0", {"pattern"})],
    ),
    "pattern-escapes": ({"pattern": r"^\u0041\x42\cA\/$"}, ["AB\x01/"], [("AB/", {"pattern"})]),
    "minItems": ({"minItems": 2}, [[1, 2]], [([1], {"minItems"}), ([], {"minItems"})]),
    "maxItems": ({"maxItems": 1}, [[1]], [([1, 2], {"maxItems"})]),
    "uniqueItems": (
        {"uniqueItems": True},
        [[1, True, "1", [1], [True], {"a": 1}, {"a": True}], [[1], [True], [2]]],
        [
            ([1, 1.0], {"uniqueItems"}),
            ([{"a": 1, "b": 2}, {"b": 2, "a": 1}], {"uniqueItems"}),
            ([[1], [True], [1]], {"uniqueItems"}),
        ],
    ),
    "items": ({"items": {"type": "string"}}, [[], ["a"]], [(["a", 1, 2], {"/1 type", "/2 type"})]),
    "prefixItems": (
        {"prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
        [["a", 1], ["a"]],
        [([1, 1, 2, 3], {"/0 type", "/2 items", "/3 items"})],
    ),
    "contains": ({"contains": {"const": 1}}, [[2, 1]], [([], {"contains"}), ([2], {"contains"})]),
    "minContains": ({"contains": {"const": 1}, "minContains": 2}, [[1, 1]], [([1], {"contains"}), ([], {"contains"})]),
    "maxContains": ({"contains": {"const": 1}, "maxContains": 1}, [[1]], [([1, 1], {"contains"}), ([], {"contains"})]),
    "minContains-0": ({"contains": {"const": 1}, "minContains": 0}, [[], [1]], []),
    "unevaluatedItems": ({"prefixItems": [True], "unevaluatedItems": False}, [[1]], [([1, 2], {"unevaluatedItems"})]),
    "required": ({"required": ["a", "b"]}, [{"a": 1, "b": None}, []], [({}, {"/a required", "/b required"})]),
    "properties": (
        {"properties": {"a": {"type": "string"}, "no": False, "items": {"minimum": 3}}},
        [{}, {"a": "x", "z": 1}],
        [({"a": 1, "no": 2, "items": 1}, {"/a type", "/no properties", "/items minimum"})],
    ),
    "patternProperties": (
        {"patternProperties": {"^x-": {"type": "string"}, "e$": False}},
        [{"x-a": "1", "ae\n": 1}],
        [({"x-a": 1, "e": 1}, {"/x-a type", "/e patternProperties"})],
    ),
    "additionalProperties": (
        {"properties": {"a": True}, "patternProperties": {"^x$": True}, "additionalProperties": False},
        [{"a": 1, "x": 1}],
        [({"a": 1, "b/c": 2, "x\n": 3}, {"/b~1c additionalProperties", "/x\n additionalProperties"})],
    ),
    "additionalProperties-schema": (
        {"additionalProperties": {"type": "string"}},
        [{"a": "b"}],
        [({"a": 1, "b": 2}, {"/a type", "/b type"})],
    ),
    "additionalProperties-alone": (
        {"additionalProperties": False},
        [{}],
        [({"a": 1, "b": 2}, {"/a additionalProperties", "/b additionalProperties"})],
    ),
    "minProperties": ({"minProperties": 1}, [{"a": 1}], [({}, {"minProperties"})]),
    "maxProperties": ({"maxProperties": 1}, [{"a": 1}], [({"a": 1, "b": 2}, {"maxProperties"})]),
    "propertyNames": (
        {"propertyNames": {"maxLength": 1, "pattern": "^[a-c]"}},
        [{"a": 1}],
        [({"xx": 1, "d": 2, "a": 3}, {"/xx propertyNames", "/d propertyNames"})],
    ),
    "dependentRequired": (
        {"dependentRequired": {"a": ["b", "c"]}},
        [{}, {"a": 1, "b": 1, "c": 1}],
        [({"a": 1, "c": 1}, {"/b dependentRequired"}), ({"a": 1}, {"/b dependentRequired", "/c dependentRequired"})],
    ),
    "dependentSchemas": (
        {"dependentSchemas": {"a": {"required": ["b"]}, "z": False}},
        [{}, {"a": 1, "b": 1}],
        [({"a": 1}, {"/b required"}), ({"z": 1}, {"dependentSchemas"})],
    ),
    "allOf": ({"allOf": [{"minimum": 2}, {"maximum": 4}, True]}, [3], [(1, {"minimum"}), (5, {"maximum"})]),
    "allOf-false": ({"allOf": [False]}, [], [(1, {"allOf"})]),
    "anyOf": ({"anyOf": [{"minimum": 2}, {"type": "string"}]}, [3, "a"], [(1, {"anyOf"})]),
    "anyOf-types": (
        {"anyOf": [{"type": "null"}, {"type": ["string", "integer"]}]},
        [None, "a"],
        [(1.5, {"anyOf"}), ([], {"anyOf"})],
    ),
    "anyOf-nested": (
        {"properties": {"a": {"anyOf": [{"type": "null"}, {"properties": {"b": {"type": "null"}}, "type": "object"}]}}},
        [{"a": {"b": None}}],
        [({"a": {"b": 1}}, {"/a anyOf"}), ({"a": 3}, {"/a anyOf"})],
    ),
    "oneOf": ({"oneOf": [{"minimum": 2}, {"maximum": 4}]}, [1, 5], [(3, {"oneOf"})]),
    "oneOf-none": ({"oneOf": [{"type": "null"}, {"type": "string"}]}, ["a"], [(3, {"oneOf"})]),
    "not": ({"not": {"type": "integer"}}, ["a"], [(1, {"not"})]),
    "if": (
        {
            "if": {"properties": {"a": {"const": 1}}, "required": ["a"]},
            "then": {"required": ["b"]},
            "else": {"required": ["c"]},
        },
        [{"a": 1, "b": 2}, {"c": 1}],
        [({"a": 1}, {"/b required"}), ({"a": True}, {"/c required"})],
    ),
    "if-false": ({"if": {"required": ["a"]}, "then": False}, [{}], [({"a": 1}, {"then"})]),
    "ref": (
        {
            "properties": {"a": {"$ref": "#/$defs/a~1b%25"}, "c": {"$ref": "#c"}},
            "$defs": {"a/b%": {"type": "string"}, "c": {"$anchor": "c", "minimum": 3}},
        },
        [{"a": "x", "c": 3}],
        [({"a": 1, "c": 2}, {"/a type", "/c minimum"})],
    ),
    "ref-false": ({"$ref": "#/$defs/never", "$defs": {"never": False}}, [], [(1, {"false"})]),
    "ref-recursive": (
        {"type": "object", "properties": {"a": {"$ref": "#"}}},
        [{"a": {"a": {}}}],
        [({"a": {"a": 1}}, {"/a/a type"})],
    ),
    "ref-embedded-id": (
        {
            "$id": "https://schemas.example/root",
            "properties": {"a": {"$ref": "item"}},
            "$defs": {
                "item": {"$id": "item", "properties": {"b": {"$ref": "#/$defs/b"}}, "$defs": {"b": {"type": "null"}}}
            },
        },
        [{"a": {"b": None}}],
        [({"a": {"b": 1}}, {"/a/b type"})],
    ),
    "dynamicRef": (
        {**TREE, "$id": "https://schemas.example/plain"},
        [{"children": [{}]}],
        [({"children": [{"children": 1}, 2]}, {"/children/0/children type", "/children/1 type"})],
    ),
    "dynamicRef-extended": (
        {
            "$id": "https://schemas.example/strict",
            "$dynamicAnchor": "node",
            "$ref": "tree",
            "unevaluatedProperties": False,
            "$defs": {"tree": TREE},
        },
        [{"children": [{"data": 1}]}],
        [({"children": [{"daat": 1}]}, {"/children/0/daat unevaluatedProperties"})],
    ),
    "unevaluatedProperties": (
        {
            "allOf": [{"properties": {"a": True}}],
            "anyOf": [{"required": ["b"], "properties": {"b": True}}, {"properties": {"c": True}}],
            "unevaluatedProperties": False,
        },
        [{"a": 1, "b": 1, "c": 1}, {"a": 1, "c": 1}],
        [({"a": 1, "b": 1, "x": 1, "y": 2}, {"/x unevaluatedProperties", "/y unevaluatedProperties"})],
    ),
    "unevaluatedProperties-schema": (
        {"properties": {"a": True}, "patternProperties": {"^x": True}, "unevaluatedProperties": {"type": "string"}},
        [{"a": 1, "x": 1, "b": "s"}],
        [
            (
                {"b": 1, "c": 2, "\nx": 3},
                {"/b unevaluatedProperties", "/c unevaluatedProperties", "/\nx unevaluatedProperties"},
            )
        ],
    ),
    "unevaluatedProperties-in-place": (
        {
            "$ref": "#/$defs/base",
            "if": {"required": ["kind"], "properties": {"kind": {"const": 1}}},
            "then": {"properties": {"one": True}},
            "else": {"properties": {"other": True}},
            "dependentSchemas": {"card": {"properties": {"address": True}}},
            "unevaluatedProperties": False,
            "$defs": {"base": {"properties": {"name": True}}},
        },
        [{"name": 1, "kind": 1, "one": 1}, {"name": 1, "other": 1}],
        [
            ({"kind": 1, "other": 1}, {"/other unevaluatedProperties"}),
            ({"one": 1}, {"/one unevaluatedProperties"}),
            ({"address": 1}, {"/address unevaluatedProperties"}),
            ({"card": 1, "address": 1}, {"/card unevaluatedProperties"}),
        ],
    ),
    "format-date-time": (
        {"format": "date-time"},
        ["2024-07-30T19:04:35.872Z", "2016-12-31T23:59:60Z", "2016-12-31T18:59:60-05:00", "2024-02-29t00:00:00z", 5],
        [
            (text, {"format"})
            for text in (
                "2023-02-29T00:00:00Z",
                "2024-07-30T19:04:35",
                "2024-07-30 19:04:35Z",
                "2016-12-31T22:59:60Z",
                "2024-07-30T24:00:00Z",
                "",
            )
        ],
    ),
    "format-date": (
        {"format": "date"},
        ["2024-02-29"],
        [("2023-02-29", {"format"}), ("2024-2-29", {"format"}), ("2024-02-29Z", {"format"})],
    ),
    "format-time": (
        {"format": "time"},
        ["19:04:35Z", "23:59:60Z", "18:59:60.5-05:00"],
        [("19:04:35", {"format"}), ("24:00:00Z", {"format"}), ("12:00:60Z", {"format"})],
    ),
    "format-others": (
        {
            "properties": {
                name: {"format": name}
                for name in (
                    "email",
                    "ipv4",
                    "ipv6",
                    "uri",
                    "uuid",
                    "hostname",
                    "regex",
                    "json-pointer",
                    "duration",
                    "x-own",
                )
            }
        },
        [
            {
                "email": "a@b.example",
                "ipv4": "192.0.2.1",
                "ipv6": "2001:db8::1",
                "uri": "https://a.example/b?c#d",
                "uuid": "0d5e2f6a-7c41-4b89-9a3e-58f1c6d2b074",
                "hostname": "a.example",
                "regex": "^a+$",
                "json-pointer": "/a~1b",
                "duration": "P1DT2H",
                "x-own": "?",
            }
        ],
        [
            (
                {
                    "email": "b.example",
                    "ipv4": "192.0.2.256",
                    "ipv6": "2001:db8",
                    "uri": "not a uri",
                    "uuid": "0d5e2f6a",
                    "hostname": "-a",
                    "regex": "(",
                    "json-pointer": "a",
                    "duration": "1 day",
                },
                {
                    f"/{name} format"
                    for name in (
                        "email",
                        "ipv4",
                        "ipv6",
                        "uri",
                        "uuid",
                        "hostname",
                        "regex",
                        "json-pointer",
                        "duration",
                    )
                },
            )
        ],
    ),
    "content": ({"contentEncoding": "base64", "contentMediaType": "application/json"}, ["%%"], []),
    "unevaluatedProperties-failing": (
        {
            "allOf": [{"properties": {"a": {"type": "string"}}}],
            "$ref": "#/$defs/b",
            "if": True,
            "then": {"properties": {"c": {"type": "string"}}},
            "unevaluatedProperties": False,
            "$defs": {"b": {"properties": {"b": {"type": "string"}}}},
        },
        [{"a": "", "b": "", "c": ""}],
        [({"a": 1, "b": 1, "c": 1}, {"/a type", "/b type", "/c type", "/a unevaluatedProperties"})],
    ),
    "propertyNames-false": ({"propertyNames": False}, [{}], [({"a": 1}, {"/a propertyNames"})]),
    "contains-false": ({"contains": False}, [], [([1], {"contains"}), ([], {"contains"})]),
    "unevaluatedItems-schema": ({"unevaluatedItems": {"type": "string"}}, [["a"]], [([1, 2], {"unevaluatedItems"})]),
    "true": (True, [1, None, {}], []),
    "false": (False, [], [({}, {"false"})]),
    "draft-7": (
        {
            "$schema": DRAFT_7,
            "items": [{"type": "string"}],
            "additionalItems": False,
            "dependencies": {"a": ["b"], "c": {"required": ["d"]}},
            "properties": {"r": {"$ref": "#/definitions/n", "type": "null"}, "q": {"$ref": "#n"}},
            "definitions": {"n": {"$id": "#n", "type": "integer"}},
            "contentEncoding": "base64",
        },
        [["a"], {"r": 1, "q": 1}, "%%"],
        [
            ([1, 2], {"/0 type", "additionalItems"}),
            ({"a": 1, "c": 1, "r": None, "q": "1"}, {"/b dependencies", "/d required", "/r type", "/q type"}),
        ],
    ),
    "draft-6": (
        {"$schema": DRAFT_6, "contains": {"const": 1}, "items": False, "propertyNames": {"maxLength": 1}},
        [],
        [([1, 2], {"/0 items", "/1 items"}), ({"ab": 1}, {"/ab propertyNames"})],
    ),
    "draft-4": (
        {
            "$schema": DRAFT_4,
            "id": "https://schemas.example/old",
            "minimum": 1,
            "exclusiveMinimum": True,
            "maximum": 5,
            "properties": {"a": {"type": "integer"}},
        },
        [2, 5, {"a": 1}],
        [(1, {"exclusiveMinimum"}), (0, {"exclusiveMinimum"}), (6, {"maximum"}), ({"a": 1.0}, {"/a type"})],
    ),
    "draft-2019": (
        {
            "$schema": DRAFT_2019,
            "$recursiveAnchor": True,
            "type": "object",
            "properties": {"a": {"$recursiveRef": "#"}, "l": {"items": [True], "additionalItems": False}},
            "unevaluatedProperties": False,
            "dependentRequired": {"a": ["l"]},
        },
        [{"l": [1]}],
        [
            ({"a": {"b": 1}}, {"/l dependentRequired", "/a/b unevaluatedProperties"}),
            ({"l": [1, 2]}, {"/l additionalItems"}),
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_both_engines_report_the_same(case: str, tmp_path: Path) -> None:
    schema, valid, invalid = CASES[case]
    file = write_schema(tmp_path, schema)
    found = outcomes(file, *valid, *(instance for instance, _ in invalid))
    assert [places(outcome) for outcome in found] == [set()] * len(valid) + [expected for _, expected in invalid]
