"""The tables of a summary, in the order in which they answer a person's questions; each format draws the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from canvas_events_cli.model import NO_NAME
from canvas_events_cli.rendering.moments import span
from canvas_events_cli.timestamps import parse_instant

if TYPE_CHECKING:
    from canvas_events_cli.summary.document import RetryCloneDocument, SummaryDocument

Cell: TypeAlias = str | int | None
"""Counts and seconds are numbers, all else is text; any text may come from an event. None: not known."""

UNKNOWN = "-"
"""How a cell that is not known looks to people."""

Kind = Literal["count", "seconds", "time", "id", "text", "words"]
"""What a column holds; ``words`` are JSON keys of ours, to be read as words."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column, by its name in the JSON document and by its label for people."""

    name: str
    label: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Table:
    """One table; ``section`` tells it from the others in a format that has one table only."""

    section: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: list[tuple[Cell, ...]]


_RETRIES = Column("retries", "retries", "count")
_EVENTS = Column("events", "events", "count")
_ASSIGNMENTS = Column("assignments", "assignments", "count")
_FIRST, _LAST = Column("first", "first", "time"), Column("last", "last", "time")
_FIGURES = (Column("name", "figure", "words"), Column("figure", "value", "count"))

_TARGET_COURSES = (
    _RETRIES,
    Column("target_course_id", "course id", "id"),
    Column("new_course_uuid", "course uuid", "id"),
    _ASSIGNMENTS,
    Column("users", "users", "count"),
    _FIRST,
    _LAST,
)
_REPEATED = (
    _RETRIES,
    Column("over_seconds", "over", "seconds"),
    Column("target_assignment_id", "assignment id", "id"),
    Column("new_assignment_resource_link_id", "assignment link id", "id"),
    _FIRST,
    _LAST,
    Column("new_course_uuid", "course uuid", "id"),
)
_SOURCE_COURSES = (
    _RETRIES,
    Column("source_course_id", "course id", "id"),
    Column("original_course_uuid", "course uuid", "id"),
    Column("target_courses", "target courses", "count"),
)
_USERS = (_RETRIES, Column("user_id", "user id", "id"), _ASSIGNMENTS)
_TIMELINE = (Column("start", "start", "time"), _RETRIES)

_NO_RETRIES = "No outcomes.retry_outcome_alignment_clone events here."
_COPIES = "Copies delivered again count in the first three figures only. Times in UTC."
_OUTCOME = (
    "Each retry proves that the cloning had failed before it. How the last retry of an assignment ended is not "
    "known: no event tells."
)


def tables(document: SummaryDocument) -> list[Table]:
    """Return the tables that have rows: records, event types, retries in depth, tallied fields, timeline."""
    retry = document["retry_clone"]
    records = [("events", document["events"]), ("malformed", document["malformed"])]
    every = [
        Table("records", "Records", "", _FIGURES, [*records]),
        _tally("event_types", "Event types", document["event_types"], _EVENTS),
        _figures(retry),
        _tally("statuses", "States of the target assignments", retry["statuses"]),
        *_groups(retry),
        *_fields(document),
        _timeline(retry),
    ]
    return [table for table in every if table.rows]


def cell_text(cell: Cell, kind: Kind) -> str:
    """Return a cell for people: grouped digits, lengths of time, times without ``T`` and milliseconds."""
    if cell is None:
        return UNKNOWN
    if isinstance(cell, int):
        return span(cell) if kind == "seconds" else f"{cell:,}"
    return _TEXTS.get(kind, str)(cell)


def _time_text(cell: str) -> str:
    return cell[:19].replace("T", " ") if parse_instant(cell) else cell


_TEXTS: Mapping[Kind, Callable[[str], str]] = {
    "time": _time_text,
    "count": _time_text,  # a figure that is a time
    "words": lambda cell: cell.replace("_", " "),
}


def _tally(section: str, title: str, counts: Mapping[str, int], counted: Column = _RETRIES, note: str = "") -> Table:
    return Table(section, title, note, (counted, Column("name", "name", "text")), [(n, v) for v, n in counts.items()])


def _figures(retry: RetryCloneDocument) -> Table:
    rows: list[tuple[Cell, ...]] = [
        ("events", retry["events"]),
        ("unique", retry["unique"]),
        ("redelivered", retry["redelivered"]),
        ("first_event_time", retry["first_event_time"]),
        ("last_event_time", retry["last_event_time"]),
        ("bad_times", retry["bad_times"]),
        ("source_courses", retry["source_courses"]),
        ("target_courses", retry["target_courses"]),
        ("target_assignments", retry["target_assignments"]),
        ("users", retry["users"]),
    ]
    title = "Retries of outcome alignment clones"
    return Table("retries", title, _COPIES if retry["events"] else _NO_RETRIES, _FIGURES, rows)


def _groups(retry: RetryCloneDocument) -> Iterator[Table]:
    targets, sources, users = retry["top_target_courses"], retry["top_source_courses"], retry["top_users"]
    yield Table(
        "target_courses",
        "Target courses retried most",
        _most("target courses", len(targets), retry["target_courses"]),
        _TARGET_COURSES,
        _rows(_TARGET_COURSES, targets),
    )
    repeated = [{**row, "over_seconds": _seconds(row["first"], row["last"])} for row in retry["repeated_assignments"]]
    yield Table(
        "repeated_assignments", "Assignments retried more than once", _OUTCOME, _REPEATED, _rows(_REPEATED, repeated)
    )
    yield Table(
        "source_courses",
        "Source courses the trouble comes from",
        _most("source courses", len(sources), retry["source_courses"]),
        _SOURCE_COURSES,
        _rows(_SOURCE_COURSES, sources),
    )
    yield _tally("domains", "Domains", retry["domains"])
    yield Table("users", "Users who retried", _most("users", len(users), retry["users"]), _USERS, _rows(_USERS, users))
    yield _tally("context_roles", "Roles of these users", retry["context_roles"])


def _fields(document: SummaryDocument) -> Iterator[Table]:
    for field, counts in document.get("by", {}).items():
        note = _most("values", len(counts["values"]), counts["distinct"])
        table = _tally(f"by:{field}", f"By {field}", counts["values"], _EVENTS, note)
        table.rows.extend([(counts["absent"], NO_NAME)] if counts["absent"] else [])
        yield table


def _timeline(retry: RetryCloneDocument) -> Table:
    timeline = retry["timeline"]
    note = f"By {timeline['bucket']}, in UTC; those without retries are left out."
    return Table("timeline", "Retries over time", note, _TIMELINE, _rows(_TIMELINE, timeline["counts"]))


def _rows(columns: tuple[Column, ...], items: Iterable[Mapping[str, Any]]) -> list[tuple[Cell, ...]]:
    return [tuple(item[column.name] for column in columns) for item in items]


def _most(what: str, shown: int, total: int) -> str:
    return f"The first {shown:,} of {total:,} {what}." if shown < total else ""


def _seconds(first: str | None, last: str | None) -> int | None:
    begin, end = parse_instant(first), parse_instant(last)
    return end.seconds - begin.seconds if begin and end else None
