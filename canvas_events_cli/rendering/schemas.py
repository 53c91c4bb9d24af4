"""What `cevents schema` and `explain` tell: events and their fields, findings and what they mean, differences."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from canvas_events_cli.rendering.grid import grid_lines
from canvas_events_cli.rendering.safe_text import location, markdown, visible
from canvas_events_cli.rendering.styled import Piece, folded
from canvas_events_cli.rendering.tables import Column, Table, markdown_table
from canvas_events_cli.schema.diff import once

if TYPE_CHECKING:
    from canvas_events_cli.catalog.fields import DocumentedField
    from canvas_events_cli.schema.check import CheckReport
    from canvas_events_cli.schema.diff import CatalogDiff, SchemaDiff
    from canvas_events_cli.schema.explain import Told
    from canvas_events_cli.schema.listing import Described, DocumentedEvent

_LONGEST = 60
_ANSWERS = {
    "yes": ("every event valid before is still valid", "green"),
    "no": ("not every event valid before is still valid", "red"),
    "unknown": ("whether every event valid before is still valid is not known", "magenta"),
}
"""In words, and in which style."""
_MORE = {"yes": "; more are", "no": ", and no others", "unknown": "; more may be"}
_LABEL = 13
"""Cells that a label takes, with what is left of it."""
_READABLE = 80
_CODE = frozenset(("schema", "right", "wrong"))
Section = tuple[str, list[tuple[str, str]]]
"""A title, and what is below it: labels and texts; a text without a label is a sentence by itself."""


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


def explanation_lines(told: Told, width: int) -> Iterator[list[Piece]]:
    """Yield the sections, each text folded to *width*, and to what reads well where that is more."""
    width = min(width, _READABLE)
    for number, (title, rows) in enumerate(_sections(told)):
        if number:
            yield []
        yield [(visible(title), "bold")]
        for label, text in rows:
            column = _LABEL if label else 2
            first, *more = folded(visible(text), max(width - column, 20))
            yield [(f"  {label}".ljust(column), "dim"), (first, "green" if label == "right" else "")]
            yield from ([(f"{'':{column}}{visible(line)}", "")] for line in more)


def keyword_lines(told: Told, width: int) -> Iterator[list[Piece]]:
    """Yield a line for each keyword, as far as *width* allows, and how to learn more of one."""
    rows = [(word, explanation.means) for word, explanation in told.keywords.items()]
    yield from grid_lines(Table((Column("keyword", "name"), Column("means")), rows), width)
    yield []
    yield [("'cevents explain KEYWORD' and 'cevents explain EVENT POINTER' tell more.", "dim")]


def explanation_markdown(told: Told) -> str:
    """Return the same as Markdown."""
    parts = []
    for title, rows in _sections(told):
        parts.append(f"## {markdown(title)}\n")
        for label, text in rows:
            shown = f"<code>{markdown(text)}</code>" if label in _CODE else markdown(text)
            parts.append(f"- {label}: {shown}" if label else f"{shown}\n")
        parts.append("")
    return "\n".join(parts)


def explanation_json(told: Told) -> dict[str, Any]:
    """Return what there is to say as JSON values: ``field`` is null where only a keyword is explained."""
    field = told.field and {
        "event_name": told.event_name,
        "pointer": told.pointer,
        "types": list(told.field.type_names),
        "nullable": told.field.nullable,
        "required": told.required,
        "conditions": list(told.conditions),
        "format": told.field.format,
        "refers_to": list(told.field.refers),
        "rules": {keyword: json.loads(value) for keyword, value in sorted(told.field.rules)},
        "description": told.field.description,
        "example": json.loads(told.example) if told.example is not None else None,
    }
    keywords = [{"keyword": word, **explanation._asdict()} for word, explanation in told.keywords.items()]
    return {"field": field, "keywords": keywords}


def _sections(told: Told) -> Iterator[Section]:
    if told.field is not None:
        yield f"{told.event_name} {told.pointer}", list(_field_rows(told, told.field))
    for word, (means, cause, schema, right, wrong) in told.keywords.items():
        rows = [("", means), ("usually", cause)]
        if told.field is None:
            rows += [("schema", json.dumps(schema))] if schema is not None else []
            rows += [("right", right), ("wrong", wrong)]
        yield word, rows


def _field_rows(told: Told, field: DocumentedField) -> Iterator[tuple[str, str]]:
    if field.description:
        yield "", field.description
    yield "type", field.values_text
    yield "required", told.required
    yield from (("also", condition) for condition in told.conditions)
    if field.format:
        yield "format", field.format
    if field.refers:
        yield "refers to", " or ".join(field.refers)
    for keyword, value in sorted(field.rules):
        yield keyword[: _LABEL - 3], f"{keyword} {value}" if len(keyword) > _LABEL - 3 else value
    if told.example is not None:
        yield "right", told.example
