"""What `cevents schema` tells, for people and for programs: events and their fields, findings, differences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from canvas_events_cli.errors import counted
from canvas_events_cli.rendering.grid import grid_lines
from canvas_events_cli.rendering.safe_text import location, markdown, visible
from canvas_events_cli.rendering.styled import Piece, folded
from canvas_events_cli.rendering.tables import Column, Table, markdown_table
from canvas_events_cli.schema.diff import once

if TYPE_CHECKING:
    from canvas_events_cli.schema.check import CheckReport
    from canvas_events_cli.schema.diff import CatalogDiff, SchemaDiff
    from canvas_events_cli.schema.listing import Described, DocumentedEvent

_LONGEST = 60
_ANSWERS = {
    "yes": ("every event valid before is still valid", "green"),
    "no": ("not every event valid before is still valid", "red"),
    "unknown": ("whether every event valid before is still valid is not known", "magenta"),
}
"""In words, and in which style."""
_MORE = {"yes": "; more are", "no": ", and no others", "unknown": "; more may be"}


def events_table(events: Sequence[DocumentedEvent]) -> Table:
    """Return a row for each event: name, number of fields, the required and the expected ones."""
    columns = (Column("event", "name"), Column("fields", "count"), Column("required"), Column("expected"))
    rows = [(one.event_name, one.fields, ", ".join(one.required), ", ".join(one.expected)) for one in events]
    return Table(columns, rows)


def field_lines(described: Described, width: int) -> Iterator[list[Piece]]:
    """Yield the title, what the schema says of itself, and a line for each field."""
    yield [(f"{visible(described.name)}  {visible(described.title)}", "bold")]
    yield from ([(visible(line), "dim")] for line in folded(visible(described.description), width))
    yield []
    yield from grid_lines(_fields_table(described), width)


def fields_markdown(described: Described) -> str:
    """Return the same as Markdown."""
    texts = (f"## {markdown(described.name)}", markdown(described.title), markdown(described.description))
    return "\n\n".join([*filter(None, texts), markdown_table(_fields_table(described))])


def _fields_table(described: Described) -> Table:
    columns = (
        Column("field", "name"),
        Column("type", "type"),
        *map(Column, ("required", "null", "format", "refers to", "description")),
    )
    rows = [
        (
            field.pointer,
            field.types_text,
            "yes" if field.required else "expected" if field.expected else "",
            "yes" if field.nullable else "",
            field.format or "",
            " or ".join(field.refers),
            field.description,
        )
        for field in described.fields
    ]
    return Table(columns, rows)


def check_lines(report: CheckReport) -> Iterator[str]:
    """Yield ``FILE: POINTER message [rule]`` for each finding, safe to print."""
    for finding in report.findings:
        pointer = f" {visible(finding.pointer)}" if finding.pointer else ""
        yield f"{location(finding.file)}:{pointer} {visible(finding.message)} [{finding.rule}]"


def check_closing(report: CheckReport) -> str:
    """Return the figures in one line."""
    return f"{counted(report.files, 'schema file')}: {counted(len(report.findings), 'finding')}"


def diff_lines(diff: CatalogDiff, width: int) -> Iterator[list[Piece]]:
    """Yield a heading for each schema that changed, its changes, and the answer; last, the answer for all."""
    for schema in diff.schemas:
        yield [(visible(schema.name), "bold"), (f": {schema.change}", "")]
        yield from grid_lines(_changes(schema), width, "  ") if schema.changes else ()
        answer, why = _answer(schema), _why(schema)
        yield [(f"  {answer}{':' if why else ''}", _ANSWERS[schema.still_valid][1])]
        yield from ([(f"    {visible(line)}", "")] for line in why)
        yield []
    if not diff.schemas:
        yield [("no difference", "green")]
        return
    yield [(f"all in all, {_answer(diff)}", f"bold {_ANSWERS[diff.still_valid][1]}")]


def diff_markdown(diff: CatalogDiff) -> str:
    """Return the same as Markdown."""
    if not diff.schemas:
        return "No difference.\n"
    parts = [f"All in all, **{_answer(diff)}**\n"]
    for schema in diff.schemas:
        parts.append(f"## {markdown(schema.name)}: {schema.change}\n")
        if schema.changes:
            parts.append(markdown_table(_changes(schema)))
        why = "; ".join(map(markdown, _why(schema)))
        parts.append(f"{_answer(schema).capitalize()}{f': {why}' if why else ''}\n")
    return "\n".join(parts)


def _answer(diff: SchemaDiff | CatalogDiff) -> str:
    return _ANSWERS[diff.still_valid][0] + (_MORE[diff.more_valid] if diff.still_valid == "yes" else "")


def _why(schema: SchemaDiff) -> tuple[str, ...]:
    """Return what the answer rests on: what rules events out, else what widens."""
    return schema.reasons or (schema.widened if schema.more_valid != "no" else ())


def _changes(schema: SchemaDiff) -> Table:
    rows = []
    for change in once(schema.changes):
        texts = [text[:_LONGEST] + "…" * (len(text) > _LONGEST) or "nothing" for text in (change.old, change.new)]
        rows.append(
            (change.pointer or "(the whole)", change.kind, " → ".join(texts) if change.old or change.new else "")
        )
    return Table((Column("field", "name"), Column("change"), Column("before and after")), rows)
