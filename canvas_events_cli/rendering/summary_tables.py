"""The tables of a summary, in the order in which they answer a person's questions; each format draws the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from canvas_events_cli.errors import counted
from canvas_events_cli.model import NO_NAME
from canvas_events_cli.rendering.tables import Cell, Column, Kind, Table, cell_text, markdown_page
from canvas_events_cli.summary.timeline import BUCKETS
from canvas_events_cli.timestamps import Instant

if TYPE_CHECKING:
    from canvas_events_cli.summary.figures import Figures


def _column(name: str, kind: Kind, label: str = "") -> Column:
    return Column(label or name.replace("_", " "), kind, name)


_RETRIES = _column("retries", "count")
_EVENTS = _column("events", "count")
_ASSIGNMENTS = _column("assignments", "count")
_FIRST, _LAST = _column("first", "time"), _column("last", "time")
_FIGURES = (_column("name", "words", "figure"), _column("figure", "count", "value"))

_TARGET_COURSES = (
    _RETRIES,
    _column("target_course_id", "id", "course id"),
    _column("new_course_uuid", "id", "course uuid"),
    _ASSIGNMENTS,
    _column("unresolved", "count"),
    _column("users", "count"),
    _FIRST,
    _LAST,
)
_REPEATED = (
    _RETRIES,
    _column("over_seconds", "seconds", "over"),
    _column("last_outcome", "words"),
    _column("seconds", "seconds", "took"),
    _column("waiting_seconds", "seconds", "waiting"),
    _column("target_assignment_id", "id", "assignment id"),
    _column("new_assignment_resource_link_id", "id", "assignment link id"),
    _column("address", "address"),
    _FIRST,
    _LAST,
    _column("new_course_uuid", "id", "course uuid"),
)
_SOURCE_COURSES = (
    _RETRIES,
    _column("source_course_id", "id", "course id"),
    _column("original_course_uuid", "id", "course uuid"),
    _column("target_courses", "count"),
)
_USERS = (_RETRIES, _column("user_id", "id"), _column("user_login", "text", "login"), _ASSIGNMENTS)

_NO_RETRIES = "No outcomes.retry_outcome_alignment_clone events here."
_COPIES = "Copies delivered again count in the first three figures only. Times in UTC."
_STEPS = {"minute": (1, 2, 5, 10, 15, 30), "hour": (1, 2, 3, 6, 12, 24), "day": (1, 2, 7, 14, 28, 91, 182, 364)}
"""How many buckets make a row, so that rows begin where a person expects."""
_WAITING = ("failed", "timed_out", "unknown")
"""Outcomes after which an assignment still waits for a clone."""
_FAILED_BEFORE = "Each retry proves that the cloning had failed before it."


class DrawnTimeline(NamedTuple):
    """Retries from the first to the last in rows of equal length, empty ones included."""

    row_length: str
    """For people, such as ``6 hours``."""
    rows: list[tuple[str, int]]
    """When each row begins, for people, in UTC; and its retries."""


def tables(figures: Figures) -> list[Table]:
    """Return the tables that have rows: outcomes, records, event types, retries in depth, tallied fields, timeline.

    A uuid or a link id, which Canvas cannot open, stands only where the numeric id is missing.
    """
    document = figures.document
    retry = document["retry_clone"]
    records = [("events", document["events"]), ("malformed", document["malformed"])]
    every = [
        _outcomes(retry),
        Table(_FIGURES, records, "Records", section="records"),
        _tally("event_types", "Event types", document["event_types"], _EVENTS),
        _figures(retry, figures.older),
        _tally("statuses", "States of the target assignments", retry["statuses"]),
        *_groups(figures),
        *_fields(document),
        _timeline(retry["timeline"]),
    ]
    return [table for table in every if table.rows]


def tables_for_people(figures: Figures) -> list[Table]:
    """Return :func:`tables` without the columns in which nothing is known."""
    return [_without_empty_columns(table) for table in tables(figures)]


def markdown_text(figures: Figures) -> str:
    """Return the tables under headings, as GitHub, GitLab and pull-request comments draw them."""
    return markdown_page("Canvas events", tables_for_people(figures))


def drawn(timeline: Mapping[str, Any], most_rows: int = 24) -> DrawnTimeline:
    """Return the *timeline* of a document in about *most_rows* rows or fewer; each row adds up whole buckets."""
    bucket, length = timeline["bucket"], BUCKETS[timeline["bucket"]]
    counts = {item["start"].seconds // length: item["retries"] for item in timeline["counts"]}
    if not counts:
        return DrawnTimeline("", [])
    first, last = min(counts), max(counts)
    buckets = last - first + 1
    step = next((step for step in _STEPS[bucket] if step * most_rows >= buckets), -(-buckets // most_rows))
    if bucket != "day":
        first -= first % step
    merged: Counter[int] = Counter()
    for number, retries in counts.items():
        merged[(number - first) // step * step + first] += retries
    text_length = len("1970-01-01") if bucket == "day" else len("1970-01-01 00:00")
    rows = [
        (cell_text(Instant(number * length, ""), "time")[:text_length], merged[number])
        for number in range(first, last + 1, step)
    ]
    return DrawnTimeline(counted(step, bucket), rows)


def _without_empty_columns(table: Table) -> Table:
    kept = [place for place, _ in enumerate(table.columns) if any(row[place] is not None for row in table.rows)]
    columns = [table.columns[place] for place in kept]
    return replace(table, columns=columns, rows=[[row[place] for place in kept] for row in table.rows])


def _tally(section: str, title: str, counts: Mapping[str, int], counted: Column = _RETRIES, note: str = "") -> Table:
    rows = [(count, value) for value, count in counts.items()]
    return Table((counted, _column("name", "text")), rows, title, note, section)


def _outcomes(retry: Mapping[str, Any]) -> Table:
    counts = retry["outcomes"]
    notes = []
    if counts["unknown"]:
        what = "one retry" if counts["unknown"] == 1 else f"{counts['unknown']:,} retries"
        notes.append(f"How {what} ended is not known: no assignment_updated event here tells.")
    if counts["timed_out"]:
        notes.append("Timed out is presumed: no end came within 20 minutes.")
    columns = (_RETRIES, _column("outcome", "words"))
    rows = [(count, outcome) for outcome, count in counts.items()] if retry["unique"] else []
    return Table(columns, rows, "How the retries ended", " ".join(notes), "outcomes")


def _figures(retry: Mapping[str, Any], older: int) -> Table:
    names = (
        "events", "unique", "redelivered", "first_event_time", "last_event_time", "bad_times", "source_courses",
        "target_courses", "target_assignments", "users",
    )  # fmt: skip
    note = _COPIES if retry["events"] else _NO_RETRIES
    if older:
        note += f" {older:,} of the events came as quizzes_next_quiz_duplicated, as they did before mid-2024."
    rows = [(name, retry[name]) for name in names]
    return Table(_FIGURES, rows, "Retries of outcome alignment clones", note, "retries")


def _groups(figures: Figures) -> Iterator[Table]:
    retry = figures.document["retry_clone"]
    targets, sources, users = retry["top_target_courses"], retry["top_source_courses"], retry["top_users"]
    yield Table(
        _TARGET_COURSES,
        _rows(_TARGET_COURSES, targets, {"new_course_uuid": "target_course_id"}),
        "Target courses retried most",
        _most("target courses", targets, retry["target_courses"]),
        "target_courses",
    )
    yield _repeated(retry["repeated_assignments"], figures.latest)
    yield Table(
        _SOURCE_COURSES,
        _rows(_SOURCE_COURSES, sources, {"original_course_uuid": "source_course_id"}),
        "Source courses the trouble comes from",
        _most("source courses", sources, retry["source_courses"]),
        "source_courses",
    )
    yield _tally("domains", "Domains", retry["domains"])
    named = [{**row, "user_login": figures.logins.get(row["user_id"])} for row in users]
    yield Table(_USERS, _rows(_USERS, named), "Users who retried", _most("users", users, retry["users"]), "users")
    yield _tally("context_roles", "Roles of these users", retry["context_roles"])


def _repeated(assignments: Sequence[Mapping[str, Any]], latest: Instant | None) -> Table:
    items = [
        {
            **row,
            "over_seconds": _seconds(row["first"], row["last"]),
            "waiting_seconds": _seconds(row["last"], latest) if row["last_outcome"] in _WAITING else None,
        }
        for row in assignments
    ]
    rows = _rows(
        _REPEATED, items, {"new_assignment_resource_link_id": "target_assignment_id", "new_course_uuid": "address"}
    )
    unknown = sum(row["last_outcome"] == "unknown" for row in assignments)
    note = _FAILED_BEFORE + (f" How the last one ended is not known for {unknown:,} of them." if unknown else "")
    return Table(_REPEATED, rows, "Assignments retried more than once", note, "repeated_assignments")


def _fields(document: Mapping[str, Any]) -> Iterator[Table]:
    for field, counts in document.get("by", {}).items():
        note = _most("values", counts["values"], counts["distinct"])
        table = _tally(f"by:{field}", f"By {field}", counts["values"], _EVENTS, note)
        yield replace(table, rows=[*table.rows, (counts["absent"], NO_NAME)]) if counts["absent"] else table


def _timeline(timeline: Mapping[str, Any]) -> Table:
    columns = (_column("start", "time"), _RETRIES)
    note = f"By {timeline['bucket']}, in UTC; those without retries are left out."
    return Table(columns, _rows(columns, timeline["counts"]), "Retries over time", note, "timeline")


def _rows(
    columns: Sequence[Column], items: Iterable[Mapping[str, Any]], unless: Mapping[str, str] | None = None
) -> list[list[Cell]]:
    """Return a row for each of *items*; what *unless* names stands only where another of its values is not known."""

    def cell(item: Mapping[str, Any], name: str) -> Cell:
        known: Cell = item[name]
        return known if unless is None or name not in unless or item[unless[name]] is None else None

    return [[cell(item, column.name) for column in columns] for item in items]


def _most(what: str, shown: Sequence[object] | Mapping[str, int], total: int) -> str:
    return f"The first {len(shown):,} of {total:,} {what}." if len(shown) < total else ""


def _seconds(first: Instant | None, last: Instant | None) -> int | None:
    return last.seconds - first.seconds if first and last else None
