"""References lead to files inside the schema's own folder, and nowhere else."""

import json
from pathlib import Path
from typing import Any

import pytest

from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.catalog.schema_file import SchemaFile
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Record
from canvas_events_cli.validation import ENGINES, ValidationSpec, compile_checker

TEXT = {"$defs": {"text": {"type": "string"}}}


def write(path: Path, schema: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(schema))
    return path


def load(path: Path) -> SchemaFile:
    schema = load_catalog(bodies=[str(path)]).every_body
    assert schema is not None
    return schema


def refused(path: Path) -> str:
    with pytest.raises(CeventsError) as error:
        load(path)
    return str(error.value)


def faults(path: Path, body: Any) -> set[str]:
    """Return where *body* breaks the schema at *path*, having held both engines to one answer."""
    envelope = write(path.parent / "any-envelope.json", True)
    catalog = load_catalog(envelope=envelope, bodies=[str(path)])
    answers = []
    for engine in ENGINES:
        checker = compile_checker(ValidationSpec(catalog, engine))
        verdict = checker.check("test", Record(1, b"", {"body": body}, True))
        answers.append({finding.pointer.removeprefix("/body") for finding in verdict.findings})
    assert answers[0] == answers[1]
    return answers[0]


# id: (main.json, other files, a body, where the body breaks the schema)
FOLLOWED: dict[str, tuple[Any, dict[str, Any], Any, set[str]]] = {
    "beside": ({"properties": {"a": {"$ref": "defs.json#/$defs/text"}}}, {"defs.json": TEXT}, {"a": 1}, {"/a"}),
    "below-and-escaped": ({"$ref": "sub/x%20y.json"}, {"sub/x y.json": {"type": "object"}}, 1, {""}),
    "not-ascii": ({"$ref": "é.json"}, {"é.json": {"type": "object"}}, 1, {""}),
    "circle-over-three-files": (
        {"items": {"$ref": "a.json"}},
        {
            "a.json": {"$ref": "b.json#b"},
            "b.json": {
                "$defs": {"b": {"$anchor": "b", "type": "object", "properties": {"deep": {"$ref": "main.json"}}}}
            },
        },
        [{"deep": [{"deep": [1]}]}, 1],
        {"/1", "/0/deep/0/deep/0"},
    ),
    "same-relative-place": (
        {"$id": "https://schemas.example/v1/bodies/main.json", "properties": {"a": {"$ref": "../bodies/defs.json#t"}}},
        {"defs.json": {"$defs": {"text": {"$anchor": "t", "type": "string"}}}},
        {"a": 1},
        {"/a"},
    ),
    "exact-id": (
        {"properties": {"a": {"$ref": "urn:example:defs#/$defs/text"}}},
        {"some-name.json": {"$id": "urn:example:defs", **TEXT}},
        {"a": 1},
        {"/a"},
    ),
    "by-place-though-it-has-another-id": (
        {"properties": {"a": {"$ref": "defs.json#/$defs/other"}}},
        {
            "defs.json": {"$id": "https://other.example/x/defs.json", "$defs": {"other": {"$ref": "more.json"}}},
            "more.json": {"type": "string"},
        },
        {"a": 1},
        {"/a"},
    ),
    "without-a-dialect-as-the-file-that-refers": (
        {"$schema": "http://json-schema.org/draft-07/schema#", "items": {"$ref": "defs.json#/definitions/n"}},
        {"defs.json": {"definitions": {"n": {"items": [{"type": "null"}]}}}},
        [[1, 2]],
        {"/0/0"},
    ),
    "metaschema": (
        {"properties": {"a": {"$ref": "https://json-schema.org/draft/2020-12/schema"}}},
        {},
        {"a": {"minLength": -1}},
        {"/a/minLength"},
    ),
    "through-an-unknown-keyword": (
        {"properties": {"a": {"$ref": "#/x-own/text"}}, "x-own": {"text": {"$ref": "defs.json#/$defs/text"}}},
        {"defs.json": TEXT},
        {"a": 1},
        {"/a"},
    ),
    "names-and-values-that-look-like-references": (
        {
            "properties": {"$ref": {"type": "string"}, "const": {"$ref": "#/$defs/text"}},
            "default": {"$ref": "nowhere.json"},
            "examples": [{"$ref": "nowhere.json"}],
            "not": {"enum": [{"$ref": "nowhere.json"}]},
            **TEXT,
        },
        {},
        {"$ref": 1, "const": 1},
        {"/$ref", "/const"},
    ),
    "dynamic-over-two-files": (
        {"$id": "https://e.example/main.json", "$dynamicAnchor": "n", "$ref": "tree.json", "required": ["x"]},
        {"tree.json": {"$dynamicAnchor": "n", "properties": {"in": {"$dynamicRef": "#n"}}}},
        {"x": 1, "in": {"x": 1, "in": {}}},
        {"/in/in/x"},
    ),
}

# id: (main.json, what the message says of it)
REFUSED: dict[str, tuple[Any, str]] = {
    "https": ({"$ref": "https://schemas.example/x.json"}, "/$ref: 'https://schemas.example/x.json' leads to https://"),
    "https-same-host": ({"$id": "https://e.example/main.json", "$ref": "/x.json"}, "leads to"),
    "parent": (
        {"properties": {"a": {"$ref": "../outside.json"}}},
        "/properties/a/$ref: '../outside.json' leads outside",
    ),
    "parent-escaped": ({"$ref": "%2e%2e/outside.json"}, "leads outside the schema's folder"),
    "parent-by-the-way": ({"$ref": "sub/../../outside.json"}, "leads outside the schema's folder"),
    "parent-from-id": ({"$id": "https://e.example/a/b/main.json", "$ref": "../outside.json"}, "leads outside"),
    "parent-in-nested-id": (
        {"$defs": {"a": {"$id": "../", "$ref": "outside.json"}}},
        "/$defs/a/$ref: 'outside.json' leads outside",
    ),
    "file-uri": ({"$ref": "file:///etc/hostname"}, "/$ref: 'file:///etc/hostname' leads outside"),
    "file-uri-of-a-host": ({"$ref": "file://host/etc/hostname"}, "leads to file://host/etc/hostname, which is no file"),
    "network-path": ({"$ref": "//host/x.json"}, "leads to file://host/x.json, which is no file"),
    "symlink": ({"$ref": "link.json"}, "/$ref: 'link.json' leads outside"),
    "symlinked-folder": ({"$ref": "up/outside.json"}, "/$ref: 'up/outside.json' leads outside"),
    "query": ({"$ref": "defs.json?x"}, "which is no file in the schema's folder"),
    "null-byte": ({"$ref": "defs%00.json"}, "which is no file in the schema's folder"),
    "long-name": ({"$ref": "a" * 9000}, "which is not a file"),
    "missing-file": ({"$ref": "nowhere.json"}, "leads to nowhere.json, which is not a file"),
    "folder": ({"$ref": "sub"}, "leads to sub, which is not a file"),
    "itself-as-a-folder": ({"$ref": "."}, "which is not a file"),
    "not-a-uri": ({"$ref": "http://["}, "/$ref: 'http://[' is not a URI reference"),
    "pointer": (
        {"allOf": [{"$ref": "#/$defs/no"}]},
        "/allOf/0/$ref: '#/$defs/no' leads to /$defs/no, where main.json has nothing",
    ),
    "pointer-in-file": ({"$ref": "defs.json#/$defs/no"}, "leads to /$defs/no, where defs.json has nothing"),
    "anchor": ({"$ref": "#no"}, "/$ref: '#no' leads to the anchor 'no', which main.json does not have"),
    "dynamic-anchor": ({"items": {"$dynamicRef": "#no"}}, "/items/$dynamicRef: '#no' leads to the anchor 'no'"),
    "no-schema": (
        {"required": ["a"], "not": {"$ref": "#/required"}},
        "leads to /required of main.json, which is not a schema",
    ),
    "no-schema-in-an-unknown-place": (
        {"$ref": "#/x-own/a", "x-own": {"a": {"not": {"format": {}}}}},
        "main.json: /x-own/a/not/format: {} is not a value that JSON Schema (2020-12) allows there",
    ),
    "no-text": ({"$schema": "http://json-schema.org/draft-04/schema", "$ref": {}}, "/$ref: expected a URI reference"),
    "not-the-root": (
        {"$schema": "https://json-schema.org/draft/2019-09/schema", "items": {"$recursiveRef": "#/items"}},
        "/items/$recursiveRef: expected '#'",
    ),
    "two-of-one-id": ({"$ref": "urn:example:twin"}, "fits two files: twin-1.json and twin-2.json have the same $id"),
    "own-id-again": (
        {"$id": "urn:example:lone", "$defs": {"a": {"$ref": "file:FOLDER/lone.json"}}},
        "main.json and lone.json have the same $id, urn:example:lone",
    ),
    "other-dialect": ({"$ref": "old.json"}, "leads from 2020-12 to draft 7: both files must be of one dialect"),
    "other-metaschema": ({"$ref": "http://json-schema.org/draft-07/schema#"}, "is no file in the schema's folder"),
    "loop": ({"$ref": "#"}, "main.json: refers to itself without going deeper into the value"),
    "loop-through-branches": (
        {"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"anyOf": [True, {"not": {"$ref": "#/$defs/a"}}]}}},
        "/$defs/a/anyOf/1/not: refers to itself without going deeper into the value",
    ),
    "broken-neighbour": ({"$ref": "broken.json"}, "broken.json: not JSON: "),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current directory: a folder of schemas with something forbidden beside it."""
    write(tmp_path / "outside.json", {})
    inside = tmp_path / "inside"
    write(inside / "sub" / "x.json", {})
    write(inside / "defs.json", TEXT)
    write(inside / "old.json", {"$schema": "http://json-schema.org/draft-07/schema#"})
    write(inside / "lone.json", {"$id": "urn:example:lone"})
    for number in (1, 2):
        write(inside / f"twin-{number}.json", {"$id": "urn:example:twin"})
    (inside / "broken.json").write_text("{")
    (inside / "link.json").symlink_to(tmp_path / "outside.json")
    (inside / "up").symlink_to(tmp_path)
    monkeypatch.chdir(inside)
    return inside


class TestReferences:
    @pytest.mark.parametrize("case", FOLLOWED)
    def test_inside_the_folder_are_followed(self, case: str, tmp_path: Path) -> None:
        main, others, body, expected = FOLLOWED[case]
        path = write(tmp_path / "main.json", main)
        for name, schema in others.items():
            write(tmp_path / name, schema)
        assert faults(path, body) == expected

    @pytest.mark.parametrize("case", REFUSED)
    def test_elsewhere_or_nowhere_are_refused(self, case: str, folder: Path) -> None:
        main, expected = REFUSED[case]
        text = json.dumps(main).replace("FOLDER", str(folder))
        (folder / "main.json").write_text(text)
        message = refused(Path("main.json"))
        assert expected in message
        assert "\n" not in message
        if "leads outside" in message or "leads to http" in message:
            assert message.endswith("cevents never fetches schemas, nor reads them from elsewhere")

    def test_a_folder_of_schemas_is_one_place(self, tmp_path: Path) -> None:
        write(tmp_path / "envelope.json", {"$ref": "common/any.json"})
        write(tmp_path / "common" / "any.json", {"type": "object"})
        write(tmp_path / "bodies" / "a.json", {"$ref": "../common/any.json"})
        write(tmp_path / "bodies" / "b.json", {"$ref": "a.json"})
        catalog = load_catalog(tmp_path)
        assert {len(catalog.envelope.resources), len(catalog.bodies["a"].resources)} == {1}
        assert len(catalog.bodies["b"].resources) == 2

    def test_a_symlink_inside_the_folder_is_no_escape(self, tmp_path: Path) -> None:
        write(tmp_path / "v1" / "envelope.json", {"type": "object"})
        (tmp_path / "envelope.json").symlink_to("v1/envelope.json")
        assert load_catalog(tmp_path).envelope.document == {"type": "object"}

    @pytest.mark.parametrize("name", ["envelope.json", "bodies/a.json"])
    def test_a_schema_that_is_a_symlink_to_elsewhere(self, name: str, tmp_path: Path) -> None:
        inside = tmp_path / "inside"
        write(inside / "envelope.json", {})
        (inside / "bodies").mkdir()
        (inside / name).unlink(missing_ok=True)
        (inside / name).symlink_to(write(tmp_path / "outside.json", {}))
        with pytest.raises(CeventsError, match=rf"inside/{name}: leads outside the schema's folder"):
            load_catalog(inside)

    def test_a_schema_named_by_a_symlink_may_use_what_lies_beside_the_file(self, tmp_path: Path) -> None:
        write(tmp_path / "real" / "defs.json", TEXT)
        write(tmp_path / "real" / "main.json", {"$ref": "defs.json#/$defs/text"})
        (tmp_path / "main.json").symlink_to("real/main.json")
        assert len(load(tmp_path / "main.json").resources) == 1
