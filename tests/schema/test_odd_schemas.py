"""Keywords with values of no sense, also where only another draft has a schema: no reader of schemas is surprised."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from canvas_events_cli import CeventsError
from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.catalog.dialects import DIALECTS, LEADS, NAMED, Dialect
from canvas_events_cli.catalog.fields import fields_of
from canvas_events_cli.catalog.wellformed import fast_check
from canvas_events_cli.model import Record
from canvas_events_cli.schema.bundle import bundled
from canvas_events_cli.schema.check import check_schemas
from canvas_events_cli.schema.diff import compare
from canvas_events_cli.validation import ENGINES, ValidationSpec, compile_checker

KEYWORDS = ["type", "enum", "required", "properties", "anyOf", "format", "$id", "x-expected", *sorted(LEADS)]
VALUES: list[Any] = [{}, [{}], 5]
EVENT: Any = {"metadata": {"event_name": "e"}, "body": {"a": {"b": ["2024-01-01", 1]}}}
RECORD = Record(1, json.dumps(EVENT).encode(), EVENT, True)


def places(schema: Any, dialect: Dialect) -> Iterator[Any]:
    """Yield schemas of *dialect* that hold *schema* where the metaschema of this draft knows of none."""
    yield schema
    yield {"properties": {"a": {"$ref": "#/x-own/a"}}, "x-own": {"a": schema}}
    yield {"properties": {"a": {"$ref": "#/x-own/0"}}, "x-own": [{"anyOf": [{}, schema]}]}
    for keyword in fast_check(dialect)[1]:
        held = {"a": schema} if keyword in NAMED else [schema] if keyword == "prefixItems" else schema
        yield {"properties": {"a": {keyword: held}}}


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@pytest.mark.parametrize("keyword", KEYWORDS)
def test_each_is_refused_or_means_the_same_to_all(dialect: Dialect, keyword: str, tmp_path: Path) -> None:
    path = tmp_path / "e.json"
    for first, value in enumerate(VALUES):
        # Each place has one of the values, another one for the next keyword.
        for schema in [*places({keyword: value}, dialect)][(first + KEYWORDS.index(keyword)) % 3 :: 3]:
            path.write_text(json.dumps({"$schema": dialect.uri, **schema}))
            check_schemas(path)
            try:
                catalog = load_catalog(bodies=[str(path)])
            except CeventsError:
                continue
            checkers = [compile_checker(ValidationSpec(catalog, engine, strict=True)) for engine in ENGINES]
            verdicts = [checker.check("", RECORD) for checker in checkers]
            assert verdicts[0].findings == verdicts[1].findings, schema
            file = catalog.every_body
            assert file is not None
            fields_of(file)
            bundled(file)
            compare(path, path)
