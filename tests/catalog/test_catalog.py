"""Which schema is for what, and what is said when one cannot be used."""

import json
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from canvas_events_cli.catalog import bundled_schemas, load_catalog
from canvas_events_cli.errors import CeventsError

EVENT = "outcomes.retry_outcome_alignment_clone"
DRAFTS = {
    "draft 4": "http://json-schema.org/draft-04/schema#",
    "draft 6": "http://json-schema.org/draft-06/schema",
    "draft 7": "http://json-schema.org/draft-07/schema#",
    "2019-09": "https://json-schema.org/draft/2019-09/schema",
    "2020-12": "https://json-schema.org/draft/2020-12/schema#",
}


@pytest.fixture(params=["jsonschema-rs", "jsonschema alone"])
def _with_each_package(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check schemas with the fast package, and as on a machine that has only the other one."""
    if request.param == "jsonschema alone":
        monkeypatch.setitem(sys.modules, "jsonschema_rs", None)


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """Return a folder of schemas: an envelope, and a body for the events a and b."""
    folder = tmp_path / "mine"
    (folder / "bodies").mkdir(parents=True)
    for name, title in {"envelope": "E", "bodies/a": "A", "bodies/b": "B"}.items():
        (folder / f"{name}.json").write_text(json.dumps({"title": title}))
    return folder


def write(path: Path, schema: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(schema if isinstance(schema, str) else json.dumps(schema))
    return str(path)


def title(catalog: Any, event_name: str | None) -> str | None:
    found = catalog.body_for(event_name)
    return found.document["title"] if found else None


def fails(**options: Any) -> str:
    with pytest.raises(CeventsError) as error:
        load_catalog(**options)
    return str(error.value)


class TestWhichSchema:
    def test_bundled_schemas_from_any_directory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        catalog = load_catalog()
        assert catalog.envelope.path.endswith("envelope.json")
        assert EVENT in catalog.bodies
        assert catalog.body_for(EVENT) is catalog.bodies[EVENT]
        assert catalog.body_for("nothing_known") is None
        assert catalog.body_for(None) is None

    @pytest.mark.usefixtures("_with_each_package")
    def test_bundled_schemas_pass_every_check(self) -> None:
        assert load_catalog(schemas=bundled_schemas()).bodies.keys() == load_catalog().bodies.keys()

    def test_a_folder_replaces_the_bundled_schemas(self, schemas: Path) -> None:
        catalog = load_catalog(schemas)
        assert catalog.envelope.path == str(schemas / "envelope.json")
        assert (list(catalog.bodies), title(catalog, "a"), title(catalog, EVENT)) == (["a", "b"], "A", None)

    def test_named_bodies_win_over_every_body_which_wins_over_the_folder(self, schemas: Path, tmp_path: Path) -> None:
        one, every = write(tmp_path / "one.json", {"title": "1"}), write(tmp_path / "every.json", {"title": "*"})
        assert title(load_catalog(schemas, bodies=[f"b={one}"]), "a") == "A"
        assert title(load_catalog(schemas, bodies=[f"b={one}"]), "b") == "1"
        catalog = load_catalog(schemas, bodies=[every, f"b={one}"])
        assert [title(catalog, name) for name in ("a", "b", "c", None)] == ["*", "1", "*", "*"]

    def test_an_existing_file_is_one_even_with_an_equals_sign(self, tmp_path: Path) -> None:
        assert title(load_catalog(bodies=[write(tmp_path / "a=b.json", {"title": "odd"})]), "x") == "odd"

    def test_an_envelope_of_its_own(self, schemas: Path, tmp_path: Path) -> None:
        (schemas / "envelope.json").unlink()
        own = Path(write(tmp_path / "own.json", {"title": "own"}))
        catalog = load_catalog(schemas, own)
        assert (catalog.envelope.path, title(catalog, "a")) == (str(own), "A")

    def test_no_bodies_are_needed(self, tmp_path: Path) -> None:
        write(tmp_path / "envelope.json", {})
        assert dict(load_catalog(tmp_path).bodies) == {}

    def test_event_names_are_not_paths(self, schemas: Path) -> None:
        write(schemas / "secret.json", {})
        catalog = load_catalog(schemas)
        assert [catalog.body_for(name) for name in ("../secret", "a.json", "", "/", "bodies/a", "\0")] == [None] * 6

    def test_travels_to_workers(self, schemas: Path) -> None:
        catalog = load_catalog(schemas)
        assert pickle.loads(pickle.dumps(catalog)) == catalog
        assert title(pickle.loads(pickle.dumps(load_catalog())), EVENT)

    @pytest.mark.parametrize("name", DRAFTS)
    @pytest.mark.usefixtures("_with_each_package")
    def test_the_schema_says_its_dialect(self, name: str, tmp_path: Path) -> None:
        catalog = load_catalog(bodies=[write(tmp_path / "b.json", {"$schema": DRAFTS[name]})])
        assert catalog.every_body is not None
        assert catalog.every_body.dialect == name

    def test_a_byte_order_mark_is_no_fault(self, tmp_path: Path) -> None:
        assert load_catalog(bodies=[write(tmp_path / "b.json", "\ufefftrue")]).every_body


BROKEN: dict[str, tuple[Any, str]] = {
    "not-json": ('{"type": "object",\n}', "b.json: not JSON: trailing comma is not allowed at line 1, column 18"),
    "empty": ("", "b.json: not JSON: "),
    "html": ("<html>", "b.json: this looks like HTML"),
    "array": ([], "b.json: not a schema: expected an object, or true or false"),
    "null": (None, "b.json: not a schema"),
    "type": ({"properties": {"a": {"type": "strng"}}}, 'b.json: /properties/a/type: "strng" is not a value that'),
    "type-hint": ({"type": "strng"}, "did you mean 'string'?"),
    "required": ({"required": "a"}, 'b.json: /required: "a" is not a value that JSON Schema (2020-12) allows there'),
    "subschema": ({"properties": {"a/b": 5}}, "b.json: /properties/a~1b: 5 is not"),
    "draft-7-value": (
        {"$schema": DRAFTS["draft 7"], "minLength": -1},
        "/minLength: -1 is not a value that JSON Schema (draft 7)",
    ),
    "draft-4-value": (
        {"$schema": DRAFTS["draft 4"], "exclusiveMinimum": 3, "minimum": 1},
        "/exclusiveMinimum: 3 is not",
    ),
    "dialect": (
        {"$schema": "https://example.com/mine"},
        "b.json: /$schema: unknown dialect 'https://example.com/mine'",
    ),
    "dialect-draft-3": ({"$schema": "http://json-schema.org/draft-03/schema#"}, "unknown dialect"),
    "dialect-type": ({"$schema": 5}, "unknown dialect 5"),
    "dialect-inside": (
        {"$defs": {"a": {"$schema": DRAFTS["draft 7"]}}},
        "b.json: /$defs/a/$schema: differs from the dialect around it, 2020-12; only a schema with its own $id can",
    ),
    "dialect-unknown-inside": (
        {"$defs": {"a": {"$id": "a", "$schema": "https://json-schema.org/draft-07/schema#"}}},
        "b.json: /$defs/a/$schema: unknown dialect 'https://json-schema.org/draft-07/schema#'; did you mean 'http:",
    ),
    "pattern": (
        {"properties": {"a": {"pattern": "a("}}},
        'b.json: /properties/a/pattern: "a(" is not a regular expression',
    ),
    "lookahead": ({"pattern": "(?=a)"}, "look-around cannot run in time linear to the text"),
    "back-reference": ({"pattern": "(a)\\1"}, "b.json: /pattern: "),
    "patternProperties": ({"patternProperties": {"[": True}}, 'b.json: /patternProperties/[: "[" is not'),
    "deep": ('{"items":' * 300 + "{}" + "}" * 300, "b.json: nested deeper than 200 levels"),
    "bad-id": ({"$id": "http://["}, "b.json: /$id: 'http://[' is not a URI reference"),
}


class TestBrokenSchemas:
    @pytest.mark.parametrize("case", BROKEN)
    @pytest.mark.usefixtures("_with_each_package")
    def test_the_message_names_file_and_place(self, case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        schema, expected = BROKEN[case]
        write(tmp_path / "b.json", schema)
        message = fails(bodies=["x=b.json"])
        assert message.startswith("b.json: ")
        assert expected in message
        assert "\n" not in message

    def test_not_utf_8(self, tmp_path: Path) -> None:
        (tmp_path / "b.json").write_bytes(b'{\n "title": "\xff"}')
        assert "b.json: not UTF-8: byte 0xff at line 2, column 12" in fails(envelope=tmp_path / "b.json")

    def test_every_file_of_a_folder_is_checked(self, schemas: Path) -> None:
        write(schemas / "bodies" / "b.json", {"type": 3})
        assert fails(schemas=schemas).startswith(f"{schemas}/bodies/b.json: /type: 3 is not")

    def test_a_referenced_file_is_checked(self, schemas: Path) -> None:
        write(schemas / "defs.json", {"$defs": {"a": {"type": 3}}})
        write(schemas / "bodies" / "b.json", {"$ref": "../defs.json#/$defs/a"})
        assert fails(schemas=schemas).startswith(f"{schemas}/defs.json: /$defs/a/type: 3 is not")

    def test_no_envelope(self, schemas: Path) -> None:
        (schemas / "envelope.json").unlink()
        assert (
            fails(schemas=schemas) == f"{schemas}: has no envelope.json; add one, or name another with --envelope FILE"
        )

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ({"schemas": Path("nowhere")}, "nowhere: no such folder of schemas"),
            ({"schemas": Path("file.json")}, "file.json: no such folder of schemas"),
            ({"schemas": Path("loop")}, "loop: no such folder of schemas"),
            ({"envelope": Path("nowhere.json")}, "nowhere.json: cannot read the schema: No such file or directory"),
            ({"envelope": Path(".")}, ".: a schema must be a regular file"),
            ({"envelope": Path("loop")}, "loop: cannot read the schema: "),
            ({"bodies": ["nowhere.json"]}, "nowhere.json: cannot read the schema"),
            ({"bodies": ["x=nowhere.json"]}, "nowhere.json: cannot read the schema"),
            ({"bodies": ["=file.json"]}, "--body =file.json: expected FILE or EVENT=FILE"),
            ({"bodies": ["x="]}, "--body x=: expected FILE or EVENT=FILE"),
            ({"bodies": ["file.json", "file.json"]}, "a schema for every body is already given, file.json"),
            ({"bodies": ["x=file.json", "x=file.json"]}, "a schema for x is already given, file.json"),
            ({"bodies": ["a" * 5000]}, "cannot read the schema: File name too long"),
        ],
    )  # fmt: skip
    def test_options(
        self, options: dict[str, Any], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        write(tmp_path / "file.json", {})
        (tmp_path / "loop").symlink_to("loop")
        assert expected in fails(**options)


def test_the_same_fault_is_told_with_either_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def messages() -> Iterator[str]:
        for number, (schema, _) in enumerate(BROKEN.values()):
            yield fails(bodies=[write(tmp_path / f"{number}.json", schema)])

    with_rust = list(messages())
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    assert list(messages()) == with_rust
