"""What is known of events, as tables for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from canvas_events_cli import pointers
from canvas_events_cli.rendering.grid import Column, Row, grid_lines, markdown_table
from canvas_events_cli.rendering.safe_text import visible

if TYPE_CHECKING:
    from rich.text import Text

    from canvas_events_cli.catalog.fields import Field
    from canvas_events_cli.schema.check import CheckReport
    from canvas_events_cli.schema.listing import Described, DocumentedEvent

_EVENTS = (Column("event", "cyan"), Column("fields", "green", is_number=True), Column("required"), Column("expected"))
_FIELDS = (
    Column("field", "cyan"),
    Column("type", "green"),
    Column("required"),
    Column("null"),
    Column("format"),
    Column("refers to"),
    Column("description"),
)


def event_lines(events: Sequence[DocumentedEvent], width: int) -> Iterator[Text]:
    """Yield a line for each event: name, number of fields, the required and the expected ones."""
    return grid_lines(_EVENTS, _event_rows(events), width)


def events_markdown(events: Sequence[DocumentedEvent]) -> str:
    """Return the same as a Markdown table."""
    return markdown_table(_EVENTS, _event_rows(events))


def events_json(events: Sequence[DocumentedEvent]) -> list[dict[str, object]]:
    """Return the events as JSON values."""
    return [
        {
            "event_name": event.event_name,
            "title": event.title,
            "fields": event.fields,
            "required": event.required,
            "expected": event.expected,
        }
        for event in events
    ]


def field_lines(described: Described, width: int) -> Iterator[Text]:
    """Yield the title, what the schema says of itself, and a line for each field."""
    from rich.text import Text

    yield Text.assemble((visible(described.name), "bold cyan"), "  ", (visible(described.title), "bold"))
    yield Text(visible(described.description), "dim")
    yield Text()
    yield from grid_lines(_FIELDS, _field_rows(described), width)


def fields_markdown(described: Described) -> str:
    """Return the same as Markdown."""
    from canvas_events_cli.rendering.summary_markdown import escaped

    texts = [f"## {escaped(described.name)}", escaped(described.title), escaped(described.description)]
    return "\n\n".join(filter(None, texts)) + "\n\n" + markdown_table(_FIELDS, _field_rows(described))


def type_text(field: Field) -> str:
    """Return the types of *field* but null, as people write them."""
    return " or ".join(field.type_names) or "null"


def check_lines(report: CheckReport) -> Iterator[str]:
    """Yield ``FILE: POINTER message [rule]`` for each finding, safe to print."""
    for finding in report.findings:
        pointer = f" {visible(finding.pointer)}" if finding.pointer else ""
        prefix = "./" if finding.file.lstrip().startswith(("::", "##")) else ""
        yield f"{visible(prefix + finding.file)}:{pointer} {visible(finding.message)} [{finding.rule}]"


def check_closing(report: CheckReport) -> str:
    """Return the figures in one line."""
    files = "1 schema file" if report.files == 1 else f"{report.files:,} schema files"
    found = len(report.findings)
    return f"{files}: {'1 finding' if found == 1 else f'{found:,} findings'}"


def _event_rows(events: Sequence[DocumentedEvent]) -> list[Row]:
    return [
        (event.event_name, f"{event.fields:,}", ", ".join(event.required), ", ".join(event.expected))
        for event in events
    ]


def _field_rows(described: Described) -> list[Row]:
    return [
        (
            pointers.join(described.root, *field.path),
            type_text(field),
            "yes" if field.required else "expected" if field.expected else "",
            "yes" if field.nullable else "",
            field.format or "",
            " or ".join(field.refers),
            field.description,
        )
        for field in described.fields
    ]
