"""What is wrong with schema files, one fault a case."""

import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from canvas_events_cli import CeventsError
from canvas_events_cli.catalog import bundled_schemas
from canvas_events_cli.rendering.safe_text import json_bytes
from canvas_events_cli.schema.check import check_schemas

SCHEMAS = Path(__file__).parent.parent.parent / "schemas"
NAMED = '{"$id": "https://cevents.example/schemas/bodies/e.json", "type": "object", "examples": [{}]}'

CASES: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
    "sound": ("bodies/e.json", NAMED, []),
    "true": ("bodies/e.json", "true", []),
    "no id": ("bodies/e.json", "{}", []),
    "no JSON": ("bodies/e.json", '{"type":', [("", "json")]),
    "no schema": ("bodies/e.json", "[1]", [("", "schema")]),
    "unknown dialect": ("bodies/e.json", '{"$schema": "urn:x"}', [("/$schema", "schema")]),
    "two mistakes": (
        "bodies/e.json",
        '{"type": "strng", "required": "a"}',
        [("/required", "schema"), ("/type", "schema")],
    ),
    "a mistake under a number": (
        "bodies/e.json",
        '{"properties": {"7": {"type": "x"}}}',
        [("/properties/7/type", "schema")],
    ),
    "mistakes under like numbers": (
        "bodies/e.json",
        '{"properties": {"7": {"type": "x"}, "07": {"type": "y"}}}',
        [("/properties/07/type", "schema"), ("/properties/7/type", "schema")],
    ),
    "a mistake under no name": ("bodies/e.json", '{"$defs": {"": {"type": "x"}}}', [("/$defs//type", "schema")]),
    "an older resource inside": (
        "bodies/e.json",
        '{"not": {"$id": "o", "$schema": "http://json-schema.org/draft-07/schema", "items": [{}], "not": {"type": 1}}}',
        [("/not/not/type", "schema")],
    ),
    "mistakes where another draft has a schema": (
        "bodies/e.json",
        '{"$schema": "http://json-schema.org/draft-06/schema", "not": {"if": {"$defs": {"a": {"enum": 5}}}},'
        ' "else": {"type": 1}}',
        [("/else/type", "schema"), ("/not/if/$defs/a/enum", "schema")],
    ),
    "unknown keywords": (
        "bodies/e.json",
        '{"nullable": true, "x-own": 1, "properties": {"a": {"minlength": 1, "example": 2, "const": {"foo": 1}}}}',
        [("/nullable", "keyword"), ("/properties/a/example", "keyword"), ("/properties/a/minlength", "keyword")],
    ),
    "keywords of other drafts": (
        "bodies/e.json",
        '{"$schema": "http://json-schema.org/draft-04/schema#", "const": 1, "$id": "e", "$defs": {}, "$comment": ""}',
        [("/$id", "keyword"), ("/const", "keyword")],
    ),
    "a repeated key": ("bodies/e.json", '{"not": {"enum": [1], "enum": [2]}}', [("/not/enum", "duplicateKey")]),
    "an empty enum": ("bodies/e.json", '{"properties": {"a": {"enum": []}}}', [("/properties/a/enum", "enum")]),
    "required fields that nothing knows": (
        "bodies/e.json",
        '{"properties": {"a": {}}, "required": ["b"], "$defs": {"t": {"properties": {"xy": {}}, "required": ["xyz"]}}}',
        [("/$defs/t/required/0", "required"), ("/required/0", "required")],
    ),
    "a required field that is ruled out": (
        "bodies/e.json",
        '{"properties": {"a": {}}, "required": ["b"], "additionalProperties": false, "allOf": [{"$ref": "#/$defs/b"}],'
        ' "$defs": {"b": {"properties": {"b": {}}}}}',
        [("/required/0", "required")],
    ),
    "required fields that may well be there": (
        "bodies/e.json",
        '{"properties": {"a": {}}, "patternProperties": {"^p": {}}, "required": ["a", "p1", "b", "c"],'
        ' "anyOf": [{"properties": {"b": {}}, "required": ["a"]}, {"required": ["z"]}],'
        ' "then": {"properties": {"c": {}}},'
        ' "$defs": {"t": {"properties": {"x": {}}, "required": ["elsewhere"]}, "o": {"properties": {"x": {}},'
        ' "required": ["y"], "additionalProperties": {"type": "string"}}},'
        ' "not": {"properties": {"x": {}, "y": {"$ref": "#/$defs/t"}}, "required": ["q"],'
        ' "allOf": [{"$ref": "#/$defs/t"}]}}',
        [],
    ),
    "too deep": ("bodies/e.json", '{"not":' * 300 + "{}" + "}" * 300, [("", "schema")]),
    "pattern": ("bodies/e.json", '{"properties": {"a": {"pattern": "(?=x)"}}}', [("/properties/a/pattern", "pattern")]),
    "pattern of names": (
        "bodies/e.json",
        '{"patternProperties": {"(a)\\\\1": {}}}',
        [("/patternProperties/(a)\\1", "pattern")],
    ),
    "reference to nothing": ("bodies/e.json", '{"$ref": "#/$defs/x"}', [("/$ref", "reference")]),
    "reference outside": ("bodies/e.json", '{"$ref": "../../x.json"}', [("/$ref", "reference")]),
    "reference to the network": ("bodies/e.json", '{"$ref": "https://evil.example/x"}', [("/$ref", "reference")]),
    "loop": ("bodies/e.json", '{"$ref": "#"}', [("", "reference")]),
    "example": (
        "bodies/e.json",
        '{"type": "object", "required": ["a"], "examples": [{}]}',
        [("/examples/0/a", "example")],
    ),
    "example of a field": (
        "bodies/e.json",
        '{"properties": {"a/b": {"$ref": "#/$defs/t", "examples": ["x", 1]}}, "$defs": {"t": {"type": "string"}}}',
        [("/properties/a~1b/examples/1", "example")],
    ),
    "example of a definition": (
        "types.json",
        '{"$defs": {"t": {"minimum": 3, "examples": [1]}}}',
        [("/$defs/t/examples/0", "example")],
    ),
    "named for another event": ("bodies/f.json", NAMED, [("/$id", "name")]),
    "named for none": ("bodies/.json", "{}", [("", "name")]),
}


@pytest.mark.parametrize("case", CASES)
def test_findings(case: str, tmp_path: Path) -> None:
    path, text, expected = CASES[case]
    (tmp_path / "bodies").mkdir()
    (tmp_path / "envelope.json").write_text("{}")
    (tmp_path / path).write_text(text)
    for target in (tmp_path, tmp_path / path):
        report = check_schemas(target)
        assert [(found.pointer, found.rule) for found in report.findings] == expected
        assert all(found.file == str(tmp_path / path) for found in report.findings)


def test_the_bundled_catalogue_is_sound() -> None:
    report = check_schemas(bundled_schemas())
    assert report.files == len(list(SCHEMAS.rglob("*.json")))
    assert report.findings == ()


def test_a_fault_in_a_shared_file_is_told_once(tmp_path: Path) -> None:
    names = (
        "envelope",
        "bodies/definitions/types",
        "bodies/course_created",
        "bodies/course_updated",
        "bodies/logged_in",
    )
    for name in names:
        path = tmp_path / "mine" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SCHEMAS / f"{name}.json", path)
    types = tmp_path / "mine" / "bodies" / "definitions" / "types.json"
    document = json.loads(types.read_text())
    document["$defs"]["id"]["type"] = "identifier"
    types.write_text(json.dumps(document))
    (found,) = check_schemas(tmp_path / "mine").findings
    assert (found.file, found.pointer, found.rule) == (str(types), "/$defs/id/type", "schema")


def test_bodies_without_an_envelope(tmp_path: Path) -> None:
    (tmp_path / "bodies").mkdir()
    (tmp_path / "bodies" / "e.json").write_text("{}")
    assert [found.rule for found in check_schemas(tmp_path).findings] == ["layout"]


def test_a_file_that_leads_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("{}")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "x.json").symlink_to(tmp_path / "secret.json")
    assert [found.rule for found in check_schemas(tmp_path / "mine").findings] == ["reference"]


def test_a_file_name_that_is_no_text_can_be_written_as_json(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"bad\xff.json")).write_text("[]")
    (found,) = check_schemas(tmp_path).findings
    assert json.loads(json_bytes({"findings": (asdict(found),)}))["findings"][0]["file"].endswith("bad?.json")


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_nothing_to_check(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(CeventsError, match=name):
        check_schemas(tmp_path / name)


def test_the_reference_engine_finds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Any] = []
    for rust in (True, False):
        if not rust:
            monkeypatch.setitem(__import__("sys").modules, "jsonschema_rs", None)
        for number, (path, text, _) in enumerate(CASES.values()):
            (tmp_path / f"{rust}{number}" / "bodies").mkdir(parents=True)
            (tmp_path / f"{rust}{number}" / path).write_text(text)
            report = check_schemas(tmp_path / f"{rust}{number}" / path)
            found.append(
                (number, [(one.pointer, one.rule, one.message.replace(str(rust), "")) for one in report.findings])
            )
    half = len(found) // 2
    assert found[:half] == found[half:]
