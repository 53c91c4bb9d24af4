"""What a finding means, as text, Markdown and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from canvas_events_cli.rendering.grid import grid_lines
from canvas_events_cli.rendering.safe_text import markdown, visible
from canvas_events_cli.rendering.styled import Piece, folded
from canvas_events_cli.rendering.tables import Column, Table

if TYPE_CHECKING:
    from canvas_events_cli.catalog.fields import DocumentedField
    from canvas_events_cli.schema.explain import Told

_LABEL = 13
"""Cells that a label takes, with what is left of it."""
_READABLE = 80
_CODE = frozenset(("schema", "right", "wrong"))
Section = tuple[str, list[tuple[str, str]]]
"""A title, and what is below it: labels and texts; a text without a label is a sentence by itself."""


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
