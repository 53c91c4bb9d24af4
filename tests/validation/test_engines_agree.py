"""Every common keyword, on both engines: the same places, keywords and messages."""

from pathlib import Path
from typing import Any

import pytest
from engine_pair import outcomes, places, write_schema

DRAFT_4 = "http://json-schema.org/draft-04/schema#"
DRAFT_6 = "http://json-schema.org/draft-06/schema#"
DRAFT_7 = "http://json-schema.org/draft-07/schema#"
DRAFT_2020 = "https://json-schema.org/draft/2020-12/schema"
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
    "wide const": (
        {"const": 2**64 + 1},
        [2**64 + 1],
        [(2**64, {"const"}), (2**64 + 2, {"const"}), (float(2**64), {"const"})],
    ),
    "wide enum": ({"enum": [-(2**70), {"a": [10**30]}]}, [-(2**70), {"a": [10**30]}], [(1 - 2**70, {"enum"})]),
    "wide maximum": ({"maximum": 2**64 + 1}, [2**64 + 1, 2.0**64], [(2**64 + 2, {"maximum"}), (1e20, {"maximum"})]),
    "wide exclusiveMinimum": ({"exclusiveMinimum": -(2**64)}, [1 - 2**64], [(-(2**64), {"exclusiveMinimum"})]),
    "wide multipleOf": ({"multipleOf": 3}, [3 * 10**30], [(3 * 10**30 + 1, {"multipleOf"})]),
    "multipleOf of a wide one": ({"multipleOf": 2**64}, [0, 3 * 2**64], [(2**64 + 1, {"multipleOf"})]),
    "wide uniqueItems": ({"uniqueItems": True}, [[2**64, 2**64 + 1]], [([2**64, 2**64], {"uniqueItems"})]),
    "wide type": ({"type": "integer"}, [2**64 + 1, -(10**300)], []),
    "size beyond all": ({"minLength": 2**64, "minItems": 1e300}, [1], [("a", {"minLength"}), ([], {"minItems"})]),
    "minLength": ({"minLength": 2}, ["ab", "😀😀"], [("", {"minLength"}), ("😀", {"minLength"})]),
    "maxLength": ({"maxLength": 1.0}, ["a"], [("ab", {"maxLength"})]),
    "pattern": ({"pattern": "^[a-z]+$"}, ["ab", 1], [("ab\n", {"pattern"}), ("", {"pattern"})]),
    "pattern-digit": ({"pattern": r"^\d+$"}, ["12"], [("\u0661٢", {"pattern"})]),
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
    "enum-empty": ({"properties": {"a": {"enum": []}}}, [{}], [({"a": 1}, {"/a enum"}), ({"a": None}, {"/a enum"})]),
    "metaschema": (
        {"properties": {"a": {"$ref": DRAFT_2020}, "b": {"$ref": "https://json-schema.org/draft/2020-12/meta/core"}}},
        [{"a": {"properties": {"b": {"type": "string"}}}, "b": {"$id": "x"}}],
        [
            (
                {"a": {"properties": {"b": {"type": "strng"}}, "minLength": -1}},
                {"/a/properties/b/type anyOf", "/a/minLength minimum"},
            ),
            ({"a": 1, "b": {"$defs": 1}}, {"/a type", "/b/$defs type"}),
        ],
    ),
    "metaschema-7": (
        {"$schema": DRAFT_7, "$ref": DRAFT_7},
        [{"items": [True]}, False],
        [({"not": {"enum": 1}}, {"/not/enum type"})],
    ),
    "dependencies": (
        {"dependencies": {"a": ["b"], "c": {"required": ["d"]}, "e": False}},
        [{}, {"a": 1, "b": 1}],
        [({"a": 1}, {"/b dependencies"}), ({"c": 1}, {"/d required"}), ({"e": 1}, {"dependencies"})],
    ),
    "embedded-older": (
        {
            "$id": "https://schemas.example/new",
            "$ref": "old",
            "$defs": {
                "old": {
                    "$id": "old",
                    "$schema": DRAFT_7,
                    "properties": {"a": {"$ref": "#/definitions/n", "type": "string"}},
                    "definitions": {"n": {"type": "integer"}},
                    "dependentRequired": {"b": ["c"]},
                    "items": [{"pattern": "a$"}],
                }
            },
            "dependentRequired": {"d": ["e"]},
        },
        [{"a": 1, "b": 1}, ["a", 1]],
        [({"a": "x", "d": 1}, {"/a type", "/e dependentRequired"}), (["a\n"], {"/0 pattern"})],
    ),
    "embedded-newer": (
        {
            "$schema": DRAFT_7,
            "allOf": [{"$ref": "https://schemas.example/new"}],
            "definitions": {
                "new": {
                    "$id": "https://schemas.example/new",
                    "$schema": DRAFT_2020,
                    "prefixItems": [{"$ref": "#/$defs/s", "maxLength": 1}],
                    "$defs": {"s": {"type": "string"}},
                }
            },
            "prefixItems": [False],
        },
        [["a"]],
        [(["ab"], {"/0 maxLength"}), ([1], {"/0 type"})],
    ),
    "embedded-same": (
        {
            "$id": "https://schemas.example/r",
            "$ref": "s",
            "$defs": {"s": {"$id": "s", "$schema": DRAFT_2020, "type": "string"}},
        },
        ["a"],
        [(1, {"type"})],
    ),
    "dynamicAnchor-of-a-root-without-id": (
        {
            "$ref": "https://schemas.example/list",
            "$defs": {
                "item": {"$dynamicAnchor": "item", "type": "string"},
                "list": {
                    "$id": "https://schemas.example/list",
                    "items": {"$dynamicRef": "#item"},
                    "$defs": {"any": {"$dynamicAnchor": "item"}},
                },
            },
        },
        [["a"]],
        [([1], {"/0 type"})],
    ),
    "numbers-as-names": (
        {
            "properties": {"7": {"type": "string"}},
            "patternProperties": {"^0": {"properties": {"12": {"required": ["3"]}}}},
            "additionalProperties": {"enum": [1]},
        },
        [{"7": "", "0": {"12": {"3": 1}}, "8": 1}],
        [
            ({"7": 1, "8": 2}, {"/7 type", "/8 enum"}),
            (
                {"0": {"12": {}}, "00": {"12": {}}, "+5": 2, "\u0661": 3},
                {"/0/12/3 required", "/00/12/3 required", "/+5 enum", "/\u0661 enum"},
            ),
        ],
    ),
    "empty names": (
        {"additionalProperties": {"additionalProperties": {"type": "string"}}},
        [{"": {"": ""}}, {"": 1}],
        [({"": {"a": 1}, "a": {"": 1}, "b": {"c": 1}}, {"//a type", "/a/ type", "/b/c type"})],
    ),
    "pattern-escapes-of-others": (
        {"pattern": r"^\<\-\d\p{Letter}\b"},
        ["<-1a"],
        [("<-\u0661a", {"pattern"}), ("-1a", {"pattern"})],
    ),
    "patterns-that-become-one": (
        {"patternProperties": {r"\d": {"type": "string"}, "[0-9]": {"minLength": 2}}, "additionalProperties": False},
        [{"1": "ab"}],
        [({"1": "a"}, {"/1 minLength"}), ({"1": 1}, {"/1 type"}), ({"٣": "ab"}, {"/٣ additionalProperties"})],
    ),
    "ref-through-a-pattern": (
        {
            "patternProperties": {r"^\w$": {"type": "string"}},
            "properties": {"long": {"$ref": r"#/patternProperties/%5E%5Cw$"}},
        },
        [{"a": "", "long": ""}],
        [({"a": 1, "long": 1}, {"/a type", "/long type"})],
    ),
    "draft-4-patterns": (
        {
            "$schema": DRAFT_4,
            "id": "https://schemas.example/p",
            "properties": {"a": {"pattern": r"^.\b\s"}},
            "patternProperties": {r"^é\W": {"$ref": "#/properties/a"}},
        },
        [{"a": "a ", "é-": "b\u2003"}],
        [({"a": "\u2028 ", "é ": "é "}, {"/a pattern", "/é  pattern"})],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_both_engines_report_the_same(case: str, tmp_path: Path) -> None:
    schema, valid, invalid = CASES[case]
    file = write_schema(tmp_path, schema)
    found = outcomes(file, *valid, *(instance for instance, _ in invalid))
    assert [places(outcome) for outcome in found] == [set()] * len(valid) + [expected for _, expected in invalid]


def nested(depth: int, leaf: Any, name: str = "x") -> Any:
    for _ in range(depth):
        leaf = {name: leaf}
    return leaf


def lists(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


NODE = {"properties": {"x": {"$ref": "#/$defs/node"}, "y": {"type": "string"}}}
DEEP = nested(1000, 1)
DEEP_LIST = lists(1000)
DEEP_CASES: dict[str, tuple[Any, Any]] = {
    "additionalProperties": ({"additionalProperties": False}, DEEP),
    "anyOf": ({"anyOf": [{"type": "string"}, {"type": "null"}]}, DEEP),
    "const": ({"const": 1}, DEEP),
    "const of its like": ({"const": nested(190, 1)}, nested(190, 2)),
    "contains": ({"contains": {"type": "null"}}, DEEP_LIST),
    "dependentRequired": ({"dependentRequired": {"x": ["y"]}}, DEEP),
    "dependentSchemas": ({"dependentSchemas": {"x": False}}, DEEP),
    "enum": ({"enum": [1, None]}, DEEP),
    "false": (False, DEEP),
    "items": ({"items": False}, DEEP_LIST),
    "maxItems": ({"maxItems": 0}, DEEP_LIST),
    "maxProperties": ({"maxProperties": 0}, DEEP),
    "minItems": ({"minItems": 2}, DEEP_LIST),
    "minProperties": ({"minProperties": 2}, DEEP),
    "not": ({"not": {"type": "object"}}, DEEP),
    "oneOf": ({"oneOf": [{"type": "string"}, {"type": "null"}]}, DEEP),
    "prefixItems": ({"prefixItems": [False]}, DEEP_LIST),
    "properties": ({"properties": {"x": False}}, DEEP),
    "propertyNames": ({"propertyNames": {"maxLength": 0}}, DEEP),
    "required": ({"required": ["y"]}, DEEP),
    "then": ({"if": True, "then": False}, DEEP),
    "type": ({"type": "string"}, DEEP),
    "unevaluatedItems": ({"unevaluatedItems": False}, DEEP_LIST),
    "unevaluatedProperties": ({"unevaluatedProperties": False}, DEEP),
    # Python 3.12 compares no lists as deep as it parses them.
    "uniqueItems": ({"uniqueItems": True}, [lists(300)] * 2),
    "at a deep place": ({"$ref": "#/$defs/node", "$defs": {"node": NODE}}, nested(900, {"y": 1})),
    "at a deep place, of a deep value": (
        {"$ref": "#/$defs/node", "$defs": {"node": NODE}},
        nested(500, {"y": nested(500, 1)}),
    ),
}


@pytest.mark.parametrize("case", DEEP_CASES)
def test_what_is_wrong_with_deep_values(case: str, tmp_path: Path) -> None:
    """jsonschema-rs cannot describe a value of more than 254 levels, nor Python follow references as deep."""
    schema, value = DEEP_CASES[case]
    (found,) = outcomes(write_schema(tmp_path, schema), value)
    ((pointer, keyword, _),) = found
    assert keyword == ("type" if " deep " in case else case.split()[0])
    assert pointer.count("/") == {"at a deep place": 901, "at a deep place, of a deep value": 501}.get(
        case, pointer.count("/")
    )
