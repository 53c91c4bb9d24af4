"""The JSON Schema organisation's own test suite, on both engines; few answers differ, and each for a reason below.

The source distribution of the package jsonschema carries the suite in ``json/tests``; ``.ci/run`` fetches it and names
that folder in ``JSON_SCHEMA_TEST_SUITE``.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from canvas_events_cli.catalog.dialects import DIALECTS
from canvas_events_cli.catalog.folder import Folder
from canvas_events_cli.catalog.references import load_schema
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.validation import ENGINES
from canvas_events_cli.validation.engines import compile_schema

VARIABLE = "JSON_SCHEMA_TEST_SUITE"
FOLDERS = {name: f"draft{name.removeprefix('draft ')}" for name in DIALECTS}
ELSEWHERE = "http://localhost:1234"
"""Where the suite has what schemas refer to, metaschemas of its own among it: nothing is ever fetched from there."""
OTHER_ANSWERS = {
    "is only an annotation by default": "format is asserted",
    "an invalid JSON document": "content is not looked into",
    "an invalid base64 string (% is not a valid character)": "content is not looked into",
    "a validly-encoded invalid JSON document": "content is not looked into",
    "an invalid base64 string that is valid JSON": "content is not looked into",
}
"""By the end of a case's description."""


class Group(NamedTuple):
    """Cases that share a schema."""

    name: str
    schema: Any
    cases: list[dict[str, Any]]


def groups(folder: Path, uri: str) -> Iterator[Group]:
    for file in sorted(folder.rglob("*.json")):
        for group in json.loads(file.read_text(encoding="utf-8")):
            schema = group["schema"]
            if isinstance(schema, dict):
                schema = {"$schema": uri, **schema}
            yield Group(f"{file.relative_to(folder)}: {group['description']}", schema, group["tests"])


def answers(group: Group, folder: Path) -> list[list[bool]]:
    """Return what each engine says of each case; raises CeventsError for a schema that is refused."""
    (folder / "schema.json").write_text(json.dumps(group.schema), encoding="utf-8")
    place = (folder / "schema.json").resolve()
    file = load_schema(place, Folder(folder, "*.json"), shown="schema.json")
    found = []
    for name in ENGINES:
        compiled = compile_schema(file, name)
        found.append([compiled.is_valid(case["data"]) for case in group.cases])
        assert found[-1] == [not list(compiled.violations(case["data"])) for case in group.cases], group.name
    return found


@pytest.mark.slow
@pytest.mark.skipif(VARIABLE not in os.environ, reason=f"{VARIABLE} names no folder; .ci/run fetches it")
@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_both_engines_answer_as_the_suite_does(dialect: Any, tmp_path: Path) -> None:
    asked = 0
    refused = []
    for group in groups(Path(os.environ[VARIABLE]) / FOLDERS[dialect.name], dialect.uri):
        try:
            found = answers(group, tmp_path)
        except CeventsError:
            refused.append(group)
            continue
        for index, case in enumerate(group.cases):
            differs = case["description"].endswith(tuple(OTHER_ANSWERS))
            assert [said[index] for said in found] == [case["valid"] != differs] * 2, (group.name, case)
            asked += 1
    assert asked > 700
    assert [group.name for group in refused if ELSEWHERE not in json.dumps(group.schema)] == []
