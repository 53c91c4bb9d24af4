"""The tables of a summary, in the order in which they answer a person's questions; each format draws the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from canvas_events_cli.model import NO_NAME
from canvas_events_cli.rendering.moments import span
from canvas_events_cli.summary.aside import Aside
from canvas_events_cli.timestamps import parse_instant

if TYPE_CHECKING:
    from canvas_events_cli.summary.document import RetryCloneDocument, SummaryDocument

Cell: TypeAlias = str | int | float | None
"""Counts and seconds are numbers, all else is text; any text may come from an event. None: not known."""

UNKNOWN = "-"
"""How a cell that is not known looks to people."""

Kind = Literal["count", "seconds", "time", "id", "address", "text", "words"]
"""What a column holds; ``words`` are JSON keys of ours, to be read as words, an ``address`` is that of a page."""


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
    Column("unresolved", "unresolved", "count"),
    Column("users", "users", "count"),
    _FIRST,
    _LAST,
)
_REPEATED = (
    _RETRIES,
    Column("over_seconds", "over", "seconds"),
    Column("last_outcome", "last outcome", "words"),
    Column("seconds", "took", "seconds"),
    Column("waiting_seconds", "waiting", "seconds"),
    Column("target_assignment_id", "assignment id", "id"),
    Column("new_assignment_resource_link_id", "assignment link id", "id"),
    Column("address", "address", "address"),
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
_USERS = (_RETRIES, Column("user_id", "user id", "id"), Column("user_login", "login", "text"), _ASSIGNMENTS)
_TIMELINE = (Column("start", "start", "time"), _RETRIES)

NOTHING = Aside()
_NO_RETRIES = "No outcomes.retry_outcome_alignment_clone events here."
_COPIES = "Copies delivered again count in the first three figures only. Times in UTC."
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+/courses/[0-9]+/assignments/[0-9]+")

_WAITING = ("failed", "timed_out", "unknown")
"""Outcomes after which an assignment still waits for a clone."""
_FAILED_BEFORE = "Each retry proves that the cloning had failed before it."


def tables(document: SummaryDocument, aside: Aside = NOTHING) -> list[Table]:
    """Return the tables that have rows: outcomes, records, event types, retries in depth, tallied fields, timeline.

    A uuid or a link id, which Canvas cannot open, stands only where the numeric id is missing.
    """
    retry = document["retry_clone"]
    records = [("events", document["events"]), ("malformed", document["malformed"])]
    every = [
        _outcomes(retry),
        Table("records", "Records", "", _FIGURES, [*records]),
        _tally("event_types", "Event types", document["event_types"], _EVENTS),
        _figures(retry, aside),
        _tally("statuses", "States of the target assignments", retry["statuses"]),
        *_groups(retry, aside),
        *_fields(document),
        _timeline(retry),
    ]
    return [table for table in every if table.rows]


def tables_for_people(document: SummaryDocument, aside: Aside = NOTHING) -> list[Table]:
    """Return :func:`tables` without the columns in which nothing is known."""
    return [_without_empty_columns(table) for table in tables(document, aside)]


def _without_empty_columns(table: Table) -> Table:
    kept = [place for place, _ in enumerate(table.columns) if any(row[place] is not None for row in table.rows)]
    columns = tuple(table.columns[place] for place in kept)
    return replace(table, columns=columns, rows=[tuple(row[place] for place in kept) for row in table.rows])


def cell_text(cell: Cell, kind: Kind) -> str:
    """Return a cell for people: grouped digits, lengths of time, times without ``T`` and milliseconds."""
    if cell is None:
        return UNKNOWN
    if isinstance(cell, float):
        return span(round(cell)) if cell >= 60 else f"{cell:.1f} s"
    if isinstance(cell, int):
        return span(cell) if kind == "seconds" else f"{cell:,}"
    return _TEXTS.get(kind, str)(cell)


def is_link(cell: Cell, kind: Kind) -> bool:
    """Tell whether a cell is the address of a page, of characters that mean nothing in any format."""
    return kind == "address" and isinstance(cell, str) and _ADDRESS.fullmatch(cell) is not None


def _time_text(cell: str) -> str:
    return cell[:19].replace("T", " ") if parse_instant(cell) else cell


_TEXTS: Mapping[Kind, Callable[[str], str]] = {
    "time": _time_text,
    "count": _time_text,  # a figure that is a time
    "words": lambda cell: cell.replace("_", " "),
}


def _tally(section: str, title: str, counts: Mapping[str, int], counted: Column = _RETRIES, note: str = "") -> Table:
    return Table(section, title, note, (counted, Column("name", "name", "text")), [(n, v) for v, n in counts.items()])


def _outcomes(retry: RetryCloneDocument) -> Table:
    counts = retry["outcomes"]
    notes = []
    if counts["unknown"]:
        what = "one retry" if counts["unknown"] == 1 else f"{counts['unknown']:,} retries"
        notes.append(f"How {what} ended is not known: no assignment_updated event here tells.")
    if counts["timed_out"]:
        notes.append("Timed out is presumed: no end came within 20 minutes.")
    columns = (_RETRIES, Column("outcome", "outcome", "words"))
    rows: list[tuple[Cell, ...]] = [(count, outcome) for outcome, count in counts.items()]
    return Table("outcomes", "How the retries ended", " ".join(notes), columns, rows if retry["unique"] else [])


def _figures(retry: RetryCloneDocument, aside: Aside) -> Table:
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
    note = _COPIES if retry["events"] else _NO_RETRIES
    if aside.older:
        note += f" {aside.older:,} of the events came as quizzes_next_quiz_duplicated, as they did before mid-2024."
    return Table("retries", title, note, _FIGURES, rows)


def _groups(retry: RetryCloneDocument, aside: Aside) -> Iterator[Table]:
    targets, sources, users = retry["top_target_courses"], retry["top_source_courses"], retry["top_users"]
    yield Table(
        "target_courses",
        "Target courses retried most",
        _most("target courses", len(targets), retry["target_courses"]),
        _TARGET_COURSES,
        _rows(_TARGET_COURSES, [_unless(row, "target_course_id", "new_course_uuid") for row in targets]),
    )
    yield _repeated(retry, aside)
    yield Table(
        "source_courses",
        "Source courses the trouble comes from",
        _most("source courses", len(sources), retry["source_courses"]),
        _SOURCE_COURSES,
        _rows(_SOURCE_COURSES, [_unless(row, "source_course_id", "original_course_uuid") for row in sources]),
    )
    yield _tally("domains", "Domains", retry["domains"])
    named = [{**row, "user_login": aside.logins.get(row["user_id"])} for row in users]
    yield Table("users", "Users who retried", _most("users", len(users), retry["users"]), _USERS, _rows(_USERS, named))
    yield _tally("context_roles", "Roles of these users", retry["context_roles"])


def _repeated(retry: RetryCloneDocument, aside: Aside) -> Table:
    rows = [
        {
            **_unless(
                _unless(row, "target_assignment_id", "new_assignment_resource_link_id"), "address", "new_course_uuid"
            ),
            "over_seconds": _seconds(row["first"], row["last"]),
            "waiting_seconds": _seconds(row["last"], aside.latest) if row["last_outcome"] in _WAITING else None,
        }
        for row in retry["repeated_assignments"]
    ]
    unknown = sum(row["last_outcome"] == "unknown" for row in retry["repeated_assignments"])
    note = _FAILED_BEFORE + (f" How the last one ended is not known for {unknown:,} of them." if unknown else "")
    return Table("repeated_assignments", "Assignments retried more than once", note, _REPEATED, _rows(_REPEATED, rows))


def _unless(row: Mapping[str, Any], known: str, name: str) -> dict[str, Any]:
    """Return *row*, *name* only where *known* is not."""
    return dict(row) if row[known] is None else {**row, name: None}


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
