"""What a field is in some events only: told in words, or not at all."""

from pathlib import Path
from typing import Any

import pytest

from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.catalog.catalog import load_schema_file
from canvas_events_cli.catalog.fields import fields_of
from canvas_events_cli.defaults import bundled_schemas
from canvas_events_cli.rendering.safe_text import json_bytes
from canvas_events_cli.schema.explain import conditions_of

IS_NULL = {"properties": {"b": {"type": ["null"]}}}
B = {"required": ["b"]}
IS_A = {"required": ["a"], "properties": {"a": {"const": "x"}}}


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"if": IS_A, "then": B}, ['required where a is "x"']),
        ({"if": IS_A, "else": B}, ['required unless a is "x"']),
        (
            {"allOf": [{"if": {"required": ["a"]}, "then": {"properties": {"b": {"type": ["null"]}}}}]},
            ["null where a is there"],
        ),
        (
            {"if": {"anyOf": [IS_A, {"required": ["c"]}]}, "then": B},
            ['required where a is "x" or c is there'],
        ),
        ({"if": {"properties": {"a": {"const": "x"}}}, "then": B}, []),
        ({"if": {"not": {"required": ["a"]}}, "then": B}, []),
        ({"if": {"anyOf": [IS_A, True]}, "then": B}, []),
        ({"if": True, "then": B}, []),
        ({"if": IS_A, "then": {"required": ["a"]}, "else": False}, []),
    ],
)
def test_conditions_in_words(rule: dict[str, Any], told: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(json_bytes({"properties": {"b": {"type": ["string", "null"]}}, **rule}))
    file = load_schema_file(tmp_path / "a.json")
    assert [*conditions_of(file, {field.path: field for field in fields_of(file)}[("b",)])] == told


def test_those_of_the_envelope() -> None:
    envelope = load_catalog(bundled_schemas()).envelope
    told = {field.pointer: conditions_of(envelope, field) for field in fields_of(envelope)}
    assert told["/metadata"] == ("required unless attributes is there",)
    assert told["/metadata/root_account_id"] == (
        'required, string where producer is "canvas", and request_id or job_id is not null',
    )
    assert told["/metadata/user_id"] == told[""] == ()
