"""Drift for people, as text and as Markdown; any name in it comes from events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from canvas_events_cli.rendering.grid import Column, Row, grid_lines, markdown_table
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.validation.messages import shorten

if TYPE_CHECKING:
    from rich.text import Text

    from canvas_events_cli.drift.comparison import Drift, When

_EVENT, _FIELD = Column("event", "cyan"), Column("field", "yellow")
_COUNT, _FIRST, _LAST = Column("count", "green", is_number=True), Column("first", "magenta"), Column("last", "magenta")
_NULLS = Column("null", "green", is_number=True)
_UNKNOWN = "-"
_MOST_ROWS = 500
"""Of a table on a screen: nobody reads more, and laying out 100,000 takes most of a minute."""


class _Section(NamedTuple):
    title: str
    note: str
    columns: Sequence[Column]
    rows: Sequence[Row]


def drift_lines(drift: Drift, width: int) -> Iterator[Text]:
    """Yield a table for each kind of drift that was found."""
    from rich.text import Text

    for section in _sections(drift):
        yield Text(section.title, "bold")
        if section.note:
            yield Text(f"  {section.note}", "dim")
        yield from grid_lines(section.columns, section.rows[:_MOST_ROWS], width, indent="  ")
        if len(section.rows) > _MOST_ROWS:
            yield Text(f"  … and {len(section.rows) - _MOST_ROWS:,} more, which -o json tells", "dim")
        yield Text()
    yield Text(_closing(drift), "bold red" if drift.found else "green")


def drift_markdown(drift: Drift) -> str:
    """Return the same as Markdown."""
    parts = ["# Drift\n", f"{_closing(drift)}\n"]
    for section in _sections(drift):
        parts.append(f"## {section.title}\n")
        if section.note:
            parts.append(f"{section.note}\n")
        parts.append(markdown_table(section.columns, section.rows))
    return "\n".join(parts)


def _sections(drift: Drift) -> Iterator[_Section]:
    every = (_new_events(drift), _undocumented_fields(drift), _undocumented_types(drift), _never_seen(drift))
    return (section for section in every if section.rows)


def _new_events(drift: Drift) -> _Section:
    columns = (_EVENT, Column("fields", "green", is_number=True), _COUNT, _FIRST, _LAST)
    rows = [(event.event_name, f"{event.fields:,}", *_when(event.when)) for event in drift.new_events]
    return _Section("New events", "", columns, rows)


def _undocumented_fields(drift: Drift) -> _Section:
    has_examples = any(found.example is not None for found in drift.undocumented_fields)
    columns = (_EVENT, _FIELD, Column("types"), _NULLS, _COUNT, _FIRST, _LAST)
    rows: list[Row] = []
    for found in drift.undocumented_fields:
        example = [_UNKNOWN if found.example is None else shorten(found.example)] if has_examples else []
        nulls = f"{found.null_rate:.0%}"
        rows.append((found.event_name, found.pointer, _types(found.types), nulls, *_when(found.when), *example))
    return _Section("Undocumented fields", "", (*columns, *([Column("example")] if has_examples else [])), rows)


def _undocumented_types(drift: Drift) -> _Section:
    columns = (_EVENT, _FIELD, Column("documented"), Column("seen as"), _COUNT, _FIRST, _LAST)
    rows = [
        (found.event_name, found.pointer, " or ".join(found.documented), _types(found.types), *_when(found.when))
        for found in drift.undocumented_types
    ]
    return _Section("Undocumented types", "", columns, rows)


def _never_seen(drift: Drift) -> _Section:
    note = "Documented, but in none of these events. That is no drift by itself: Canvas may leave out what is null."
    rows = [
        (
            found.event_name or "(all)",
            found.pointer,
            "required" if found.required else "expected" if found.expected else "",
        )
        for found in drift.never_seen
    ]
    return _Section("Never seen", note, (_EVENT, _FIELD, Column("")), rows)


def _when(when: When) -> Row:
    return (f"{when.count:,}", *((time or _UNKNOWN).replace("T", " ") for time in (when.first, when.last)))


def _types(types: Mapping[str, int]) -> str:
    return ", ".join(visible(kind) if len(types) == 1 else f"{kind} ({count:,})" for kind, count in types.items())


def _closing(drift: Drift) -> str:
    events = f"{drift.events:,} event{'' if drift.events == 1 else 's'}"
    if not drift.found:
        return f"No drift in {events}."
    figures = (
        (len(drift.new_events), "new event"),
        (len(drift.undocumented_fields), "undocumented field"),
        (len(drift.undocumented_types), "undocumented type"),
    )
    told = [f"{count:,} {noun}{'' if count == 1 else 's'}" for count, noun in figures if count]
    return f"Drift in {events}: {', '.join(told)}."
