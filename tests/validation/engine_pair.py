"""Both engines on one schema, for the tests that hold them equal."""

import json
from pathlib import Path
from typing import Any

from canvas_events_cli import pointers
from canvas_events_cli.catalog.folder import Folder
from canvas_events_cli.catalog.references import load_schema
from canvas_events_cli.catalog.schema_file import SchemaFile
from canvas_events_cli.validation import ENGINES
from canvas_events_cli.validation.engines import compile_schema
from canvas_events_cli.validation.messages import describe

Outcome = set[tuple[str, str, str]]
"""(pointer, keyword, message) of each violation."""


def write_schema(folder: Path, schema: Any, name: str = "schema.json", **others: Any) -> SchemaFile:
    """Write *schema*, and *others* under ``KEY.json``, and load it as a file that the user named."""
    for stem, document in others.items():
        (folder / f"{stem}.json").write_text(json.dumps(document))
    path = folder / name
    path.write_text(json.dumps(schema))
    return load_schema(path.resolve(), Folder(folder, "**/*.json"), shown=name)


def outcomes(schema: SchemaFile, *instances: Any) -> list[Outcome]:
    """Return what is wrong with each instance, having held the engines to one answer."""
    by_engine = [_run(compile_schema(schema, name), instances) for name in ENGINES]
    assert by_engine[0] == by_engine[1]
    return by_engine[0]


def places(outcome: Outcome) -> set[str]:
    """Return ``POINTER KEYWORD`` of each violation; ``KEYWORD`` alone for the whole value."""
    return {f"{pointer} {keyword}".strip(" ") for pointer, keyword, _ in outcome}


def _run(compiled: Any, instances: tuple[Any, ...]) -> list[Outcome]:
    found = []
    for instance in instances:
        violations = list(compiled.violations(instance))
        assert compiled.is_valid(instance) == (not violations)
        found.append(
            {(pointers.join("", *item.path), item.keyword, describe(item, show_values=True)) for item in violations}
        )
    return found
