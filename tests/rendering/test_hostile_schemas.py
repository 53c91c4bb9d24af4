"""Hostile text in schema files, and in the names of new events and fields, through every renderer."""

import json
from pathlib import Path

import pytest
from hostile import HOSTILE, assert_harmless

from canvas_events_cli import CeventsError
from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.drifting.comparison import Drift, NeverSeen, NewEvent, UndocumentedField, UndocumentedTypes
from canvas_events_cli.rendering.drift import drift_lines, drift_markdown
from canvas_events_cli.rendering.grid import grid_lines
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.schemas import (
    check_lines,
    diff_lines,
    diff_markdown,
    events_table,
    field_lines,
    fields_markdown,
)
from canvas_events_cli.rendering.styled import plain
from canvas_events_cli.rendering.tables import markdown_table
from canvas_events_cli.schema.check import CheckReport, SchemaFinding
from canvas_events_cli.schema.diff import compare
from canvas_events_cli.schema.listing import DocumentedEvent, description_of

hostile = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
WIDTHS = (40, 20_000)


def printed(lines):
    return "".join(f"{plain(line)}\n" for line in lines)


def catalog(folder: Path, text: str, **body: object):
    (folder / "bodies").mkdir(parents=True)
    (folder / "envelope.json").write_text("{}")
    schema = {"title": text, "description": text, "properties": {text: {"description": text, "format": text}}, **body}
    (folder / "bodies" / "e.json").write_text(json.dumps(schema))
    return folder


@hostile
def test_a_schema(text, tmp_path):
    described = description_of(load_catalog(catalog(tmp_path / "a", text)), "e")
    for width in WIDTHS:
        output = printed(field_lines(described, width))
        assert_harmless(output)
    assert visible(text) in output
    assert_harmless(fields_markdown(described))


@hostile
def test_a_list_of_events(text):
    events = [DocumentedEvent(text, text, 1, (text, text), (text,))]
    for width in WIDTHS:
        assert_harmless(printed(grid_lines(events_table(events), width)))
    assert_harmless(markdown_table(events_table(events)))


@hostile
def test_differences(text, tmp_path):
    old = catalog(tmp_path / "a", text)
    new = catalog(tmp_path / "b", text, required=[text], enum=[text], properties={text: {"type": "string"}})
    diff = compare(old, new)
    assert diff.schemas
    for width in WIDTHS:
        assert_harmless(printed(diff_lines(diff, width)))
    assert_harmless(diff_markdown(diff))


@hostile
def test_findings(text):
    report = CheckReport(1, (SchemaFinding(text, text, "schema", text),))
    assert_harmless("\n".join(check_lines(report)))


@hostile
def test_a_name_that_is_not_known(text):
    with pytest.raises(CeventsError) as error:
        description_of(load_catalog(), text)
    assert_harmless(visible(str(error.value)))


@hostile
def test_drift(text):
    when = (1, None, "2024-09-03T14:05:11.000Z")
    drift = Drift(
        events=1,
        invalid=0,
        malformed=0,
        event_types={text: 1},
        new_events=(NewEvent(text, 1, *when),),
        undocumented_fields=(UndocumentedField(text, f"/{text}", {"string": 1}, 0.5, text, *when),),
        undocumented_types=(UndocumentedTypes(text, f"/{text}", ("string",), {"null": 1}, *when),),
        never_seen=(NeverSeen(text, f"/{text}", True, False),),
    )
    for width in WIDTHS:
        assert_harmless(printed(drift_lines(drift, width)))
    assert_harmless(drift_markdown(drift))
