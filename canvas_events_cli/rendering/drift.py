"""Drift for people, as text and as Markdown, and for programs; any name in it comes from events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from canvas_events_cli.errors import counted
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.tables import Cell, Column, Table, grid_lines, markdown_page
from canvas_events_cli.validation.messages import short_json

if TYPE_CHECKING:
    from rich.text import Text

    from canvas_events_cli.drifting.comparison import Drift, NewEvent, UndocumentedField, UndocumentedTypes

_EVENT, _FIELD = Column("event", "name"), Column("field", "pointer")
_WHEN = (Column("count", "count"), Column("first", "time"), Column("last", "time"))
_MOST_ROWS = 500
"""Of a table on a screen: nobody reads more, and laying out 100,000 takes most of a minute."""


def drift_lines(drift: Drift, width: int) -> Iterator[Text]:
    """Yield a table for each kind of drift that was found."""
    from rich.text import Text

    for table in _tables(drift):
        yield Text(table.title, "bold")
        if table.note:
            yield Text(f"  {table.note}", "dim")
        yield from grid_lines(Table(table.columns, table.rows[:_MOST_ROWS]), width, "  ")
        if len(table.rows) > _MOST_ROWS:
            yield Text(f"  … and {len(table.rows) - _MOST_ROWS:,} more, which -o json tells", "dim")
        yield Text()
    yield Text(_closing(drift), "bold red" if drift.found else "green")


def drift_markdown(drift: Drift) -> str:
    """Return the same as Markdown."""
    return markdown_page("Drift", _tables(drift), _closing(drift))


def _tables(drift: Drift) -> list[Table]:
    every = [
        Table(
            (_EVENT, Column("fields", "count"), *_WHEN),
            [(event.event_name, event.fields, *_when(event)) for event in drift.new_events],
            "New events",
        ),
        _undocumented_fields(drift),
        Table(
            (_EVENT, _FIELD, Column("documented"), Column("seen as"), *_WHEN),
            [
                (
                    found.event_name,
                    found.pointer,
                    " or ".join(found.documented),
                    _types(found.types),
                    *_when(found),
                )
                for found in drift.undocumented_types
            ],
            "Undocumented types",
        ),
        Table(
            (_EVENT, _FIELD, Column("")),
            [
                (
                    found.event_name or "(all)",
                    found.pointer,
                    "required" if found.required else "expected" if found.expected else "",
                )
                for found in drift.never_seen
            ],
            "Never seen",
            "Documented, but in none of these events. That is no drift by itself: Canvas may leave out what is null.",
        ),
    ]
    return [table for table in every if table.rows]


def _undocumented_fields(drift: Drift) -> Table:
    columns = (_EVENT, _FIELD, Column("types"), Column("null", "count"), *_WHEN)
    rows: list[Sequence[Cell]] = []
    has_examples = any(found.example is not None for found in drift.undocumented_fields)
    for found in drift.undocumented_fields:
        example = [None if found.example is None else short_json(found.example)] if has_examples else []
        nulls = f"{found.null_rate:.0%}"
        rows.append((found.event_name, found.pointer, _types(found.types), nulls, *_when(found), *example))
    return Table((*columns, *([Column("example")] if has_examples else [])), rows, "Undocumented fields")


def _when(found: NewEvent | UndocumentedField | UndocumentedTypes) -> tuple[Cell, ...]:
    return found.count, found.first, found.last


def _types(types: Mapping[str, int]) -> str:
    return ", ".join(visible(kind) if len(types) == 1 else f"{kind} ({count:,})" for kind, count in types.items())


def _closing(drift: Drift) -> str:
    events = counted(drift.events, "event")
    if not drift.found:
        return f"No drift in {events}."
    figures = (
        (len(drift.new_events), "new event"),
        (len(drift.undocumented_fields), "undocumented field"),
        (len(drift.undocumented_types), "undocumented type"),
    )
    told = [counted(count, noun) for count, noun in figures if count]
    return f"Drift in {events}: {', '.join(told)}."
