"""Drift for people, as text and as Markdown, and for programs; any name in it comes from events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from canvas_events_cli.drifting.changes import Changes, told_once
from canvas_events_cli.drifting.field_changes import SETTLED
from canvas_events_cli.errors import counted
from canvas_events_cli.rendering.grid import grid_lines
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.styled import Piece, folded
from canvas_events_cli.rendering.tables import Column, Table, cell_text, markdown_page
from canvas_events_cli.validation.messages import short_json

if TYPE_CHECKING:
    from canvas_events_cli.drifting.comparison import Drift, NewEvent, UndocumentedField, UndocumentedTypes

_EVENT, _FIELD, _TIMES = Column("event", "name"), Column("field", "pointer"), Column("when")
_WORDS: Mapping[str, str] = {
    "event_new": "new event",
    "event_gone": "event gone",
    "event_rate": "frequency",
    "field_new": "new field",
    "field_gone": "field gone",
    "present_share": "present",
    "null_share": "null",
    "types": "types",
    "forms": "form of id",
    "value_new": "new value",
    "value_gone": "value gone",
}


def drift_lines(found: Drift | Changes, width: int, *, everything: bool = False) -> Iterator[list[Piece]]:
    """Yield tables of what was found; with *everything*, also the documented fields that never came."""
    for table in _tables(found, everything):
        yield [(table.title, "bold")]
        yield from ([(f"  {line}", "dim")] for line in folded(table.note, width - 2) if line)
        yield from grid_lines(table, width, "  ")
        yield []
    yield [(_closing(found), "bold red" if found.found else "green" if _compared(found) else "")]
    if note := _note(found, everything):
        yield [(note, "dim")]


def drift_markdown(found: Drift | Changes, *, everything: bool = False) -> str:
    """Return the same as Markdown."""
    texts = filter(None, (_closing(found), _note(found, everything)))
    return markdown_page("Drift", _tables(found, everything), "\n\n".join(texts))


def _tables(found: Drift | Changes, everything: bool) -> list[Table]:
    every = [_changes_table(found)] if isinstance(found, Changes) else _drift_tables(found, everything)
    # Fields stand below the event that they are of.
    return [replace(table, grouped=_FIELD in table.columns) for table in every if table.rows]


def _drift_tables(drift: Drift, everything: bool) -> list[Table]:
    return [
        Table(
            (Column("events", "count"), _EVENT, Column("fields", "count"), _TIMES),
            [(event.count, event.event_name, event.fields, _when(event)) for event in drift.new_events],
            "New events",
        ),
        Table(
            (_EVENT, _FIELD, Column("types"), Column("null", "count"), _TIMES),
            [
                (
                    found.event_name,
                    found.pointer,
                    _types(found.types),
                    f"{found.types.get('null', 0):,} of {found.count:,}",
                    f"{_when(found)}" + ("" if found.example is None else f", as {short_json(found.example)}"),
                )
                for found in drift.undocumented_fields
            ],
            "Undocumented fields",
        ),
        Table(
            (_EVENT, _FIELD, Column("documented"), Column("seen as"), Column("count", "count"), _TIMES),
            [
                (
                    found.event_name,
                    found.pointer,
                    " or ".join(found.documented),
                    _types(found.types),
                    found.count,
                    _when(found),
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
                if everything
            ],
            "Never seen",
            "Documented, but in none of these events. That is no drift by itself: Canvas may leave out what is null.",
        ),
    ]


def _changes_table(changes: Changes) -> Table:
    columns = (_EVENT, _FIELD, Column("change"), Column("since", "time"), Column("before → after"))
    rows = [
        (
            change.event_name,
            change.pointer or "",
            _WORDS[change.change],
            change.first,
            (f"{change.after['value']}: " if "value" in change.after else "")
            + f"{_shares(change.before)} → {_shares(change.after)}"
            + ("" if change.is_drift else " (too few to count)"),
        )
        for change in told_once(changes)
    ]
    return Table(columns, rows, "Changes")


def _shares(side: Mapping[str, Any]) -> str:
    if "of" not in side:
        return ", ".join(f"{kind} {_shares(share)}" for kind, share in side.items())
    return f"{side['count']:,} of {side['of']:,}"


def _when(found: NewEvent | UndocumentedField | UndocumentedTypes) -> str | None:
    first, last = (cell_text(moment, "time") for moment in (found.first, found.last))
    return first if first == last else f"{first} to {last}"


def _types(types: Mapping[str, int]) -> str:
    return ", ".join(visible(kind) if len(types) == 1 else f"{kind} ({count:,})" for kind, count in types.items())


def _closing(found: Drift | Changes) -> str:
    if not _compared(found):
        return "There is no event to compare."
    few = ""
    if isinstance(found, Changes):
        events = f"between {found.before:,} and {counted(found.after, 'event')}"
        figures = [(len([*told_once(found)]), "change")]
        if not found.found and min(found.before, found.after) < SETTLED:
            few = f", but fewer than {SETTLED} are too few to tell"
    else:
        events = f"in {counted(found.events - found.malformed, 'event')}"
        figures = [
            (len(found.new_events), "new event"),
            (len(found.undocumented_fields), "undocumented field"),
            (len(found.undocumented_types), "undocumented type"),
        ]
    told = [counted(count, noun) for count, noun in figures if count]
    return f"{'Drift' if found.found else 'No drift'} {events}{': ' if told else ''}{', '.join(told)}{few}."


def _compared(found: Drift | Changes) -> bool:
    """Tell whether there was an event; without one there is no comparison of captures."""
    return isinstance(found, Changes) or bool(found.event_types)


def _note(found: Drift | Changes, everything: bool) -> str:
    if isinstance(found, Changes):
        few = sum(not change.is_drift for change in told_once(found))
        return f"{few:,} seen too few times to count as drift." if few else ""
    count = len(found.never_seen)
    fields = counted(count, "documented field")
    return f"{fields} never seen; --all lists {'it' if count == 1 else 'them'}." if count and not everything else ""
