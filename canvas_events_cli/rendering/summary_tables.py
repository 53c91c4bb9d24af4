"""The tables of a summary, in the order in which they answer a person's questions; each format draws the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from canvas_events_cli.errors import counted
from canvas_events_cli.model import NO_NAME
from canvas_events_cli.rendering.safe_text import markdown
from canvas_events_cli.rendering.summary_answer import answer, name_of, period
from canvas_events_cli.rendering.tables import Cell, Column, Kind, Table, cell_text, markdown_page
from canvas_events_cli.running.report import most_frequent
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
_EVENT_TYPES = (
    _EVENTS,
    _column("name", "name", "event"),
    replace(_FIRST, spare=True),
    _LAST,
)
_TARGET_COURSES = (
    _RETRIES,
    _column("target_course_id", "id", "course id"),
    _column("new_course_uuid", "id", "course uuid"),
    _ASSIGNMENTS,
    _column("unresolved", "count"),
    replace(_column("users", "count"), spare=True),
    replace(_FIRST, spare=True),
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
_REPEATED_FOR_PEOPLE = (
    _RETRIES,
    replace(_column("over_seconds", "seconds", "over"), spare=True),
    _column("last_outcome", "words", "in the end"),
    replace(_LAST, label="last retry", spare=True),
    _column("address", "address", "assignment"),
)
"""One line for each, and of what it can be known by what can be opened."""
_SOURCE_COURSES = (
    _RETRIES,
    _column("source_course_id", "id", "course id"),
    _column("original_course_uuid", "id", "course uuid"),
    _column("target_courses", "count"),
)
_USERS = (_RETRIES, _column("user_id", "id"), _column("user_login", "text", "login"), _ASSIGNMENTS)

_COPIES = "Copies delivered again count in the first three figures only. Times in UTC."
CLONING = "outcome_alignment_cloning"
"""The state that Canvas itself always sends: worth a table only beside others."""
_STEPS = {"minute": (1, 2, 5, 10, 15, 30), "hour": (1, 2, 3, 6, 12, 24), "day": (1, 2, 7, 14, 28, 91, 182, 364)}
"""How many buckets make a row, so that rows begin where a person expects."""
_RATES = (("day", 86_400), ("hour", 3_600), ("minute", 60))
_LEAST_UNITS = 3
"""How many a capture is long at least, for rates to be told by them."""
_ENDS = ("first", "last")
_WAITING = ("failed", "timed_out", "unknown")
"""Outcomes after which an assignment still waits for a clone."""
_FAILED_BEFORE = "Each retry proves that the cloning had failed before it."


class DrawnTimeline(NamedTuple):
    """Retries from the first to the last in rows of equal length, empty ones included."""

    row_length: str
    """For people, such as ``6 hours``."""
    rows: list[tuple[str, int]]
    """When each row begins, for people, in UTC; and its retries."""


def tables(figures: Figures, *, for_people: bool = False) -> list[Table]:
    """Return the tables that have rows: tallied fields, retries in depth where there are some, records, event types.

    A uuid or a link id, which Canvas cannot open, stands only where the numeric id is missing. *for_people* there are
    no columns in which nothing is known, and no rows of what never happened.
    """
    document = figures.document
    retry = document["retry_clone"]
    every = [*_fields(document)]
    if retry["events"]:
        every += _of_retries(figures, for_people=for_people)
    every += [
        Table(_FIGURES, [*_records(figures)], "Capture", section="records"),
        *_hosts(figures, for_people=for_people),
        _event_types(document),
    ]
    return [_without_empty_columns(table) if for_people else table for table in every if table.rows]


def _of_retries(figures: Figures, *, for_people: bool) -> Iterator[Table]:
    retry = figures.document["retry_clone"]
    yield (_repeated_for_people if for_people else _repeated)(retry["repeated_assignments"], figures.latest)
    yield _outcomes(retry, for_people=for_people)
    yield from _groups(retry, figures.logins, for_people=for_people)
    yield _tally("domains", "Domains", retry["domains"])
    yield _tally("context_roles", "Roles of these users", retry["context_roles"])
    if not for_people or retry["statuses"].keys() - {CLONING}:
        yield _tally("statuses", "States of the target assignments", retry["statuses"])
    yield _timeline(retry["timeline"])
    yield _figures(retry, figures.older)


def markdown_text(figures: Figures) -> str:
    """Return the answer and the tables under headings, as GitHub, GitLab and pull-request comments draw them."""
    closing = " ".join(map(markdown, answer(figures)))
    return markdown_page("Canvas events", tables(figures, for_people=True), closing)


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


def _outcomes(retry: Mapping[str, Any], *, for_people: bool) -> Table:
    counts = retry["outcomes"]
    notes = []
    if counts["unknown"]:
        what = "one retry" if counts["unknown"] == 1 else f"{counts['unknown']:,} retries"
        notes.append(f"How {what} ended is not known: no assignment_updated event here tells.")
    if counts["timed_out"]:
        notes.append("Timed out is presumed: no end came within 20 minutes.")
    columns = (_RETRIES, _column("outcome", "words"))
    rows = [(count, outcome) for outcome, count in counts.items() if count or not for_people]
    return Table(columns, rows, "How the retries ended", " ".join(notes), "outcomes")


def _records(figures: Figures) -> Iterator[tuple[str, Cell]]:
    document, traffic = figures.document, figures.traffic
    yield "events", document["events"]
    yield "malformed", document["malformed"]
    yield "event_types", len(document["event_types"])
    first, last = period(document)
    yield "first_event_time", first
    yield "last_event_time", last
    if traffic is not None:
        gap = traffic.largest_gap()
        yield "redelivered", document["events"] - document["malformed"] - traffic.rows.unique()
        yield from (("hosts", len(traffic.hosts)), ("users", len(traffic.users)), ("courses", len(traffic.courses)))
        yield "largest_gap", (gap.end - gap.start) / 1e6 if gap else None
        if traffic.arrivals:
            yield "late_arrivals", traffic.late
            yield "longest_delay", traffic.longest_delay / 1e6 if traffic.late else None


def _hosts(figures: Figures, *, for_people: bool) -> Iterator[Table]:
    if figures.traffic is not None and (not for_people or len(figures.traffic.hosts) > 1):  # one, the answer tells
        yield _tally("hosts", "Hosts", most_frequent(figures.traffic.hosts), _EVENTS)


def _event_types(document: Mapping[str, Any]) -> Table:
    first, last = period(document)
    seconds = last.seconds - first.seconds if first and last else 0
    unit, length = next((unit for unit in _RATES if seconds >= unit[1] * _LEAST_UNITS), _RATES[-1])
    columns = (*_EVENT_TYPES[:2], _column(f"per_{unit}", "rate"), *_EVENT_TYPES[2:])
    times = document["event_type_times"]
    rows = [
        (
            count,
            name,
            count * length / seconds if seconds and count > 1 else None,
            *(times.get(name, {}).get(end) for end in _ENDS),
        )
        for name, count in document["event_types"].items()
    ]
    return Table(columns, rows, "Events by type", "" if first is None else "Times in UTC.", "event_types")


def _figures(retry: Mapping[str, Any], older: int) -> Table:
    names = (
        "events", "unique", "redelivered", "first_event_time", "last_event_time", "bad_times", "source_courses",
        "target_courses", "target_assignments", "users",
    )  # fmt: skip
    note = _COPIES
    if older:
        note += f" {older:,} of the events came as quizzes_next_quiz_duplicated, as they did before mid-2024."
    rows = [(name, retry[name]) for name in names]
    return Table(_FIGURES, rows, "Retries of outcome alignment clones", note, "retries")


def _groups(retry: Mapping[str, Any], logins: Mapping[str, str], *, for_people: bool) -> Iterator[Table]:
    targets, sources, users = retry["top_target_courses"], retry["top_source_courses"], retry["top_users"]
    courses = _courses_for_people if for_people else _courses
    title, note = "Target courses retried most", _most("target courses", targets, retry["target_courses"])
    yield Table(*courses(_TARGET_COURSES, targets), title, note, "target_courses")
    named = [{**row, "user_login": logins.get(row["user_id"])} for row in users]
    yield Table(_USERS, _rows(_USERS, named), "Users who retried", _most("users", users, retry["users"]), "users")
    title, note = "Source courses the trouble comes from", _most("source courses", sources, retry["source_courses"])
    yield Table(*courses(_SOURCE_COURSES, sources), title, note, "source_courses")


def _courses(
    columns: Sequence[Column], items: Sequence[Mapping[str, Any]]
) -> tuple[Sequence[Column], list[list[Cell]]]:
    _, identifier, uuid, *_ = (column.name for column in columns)
    return columns, _rows(columns, items, {uuid: identifier})


def _courses_for_people(
    columns: Sequence[Column], items: Sequence[Mapping[str, Any]]
) -> tuple[Sequence[Column], list[list[Cell]]]:
    """Return the columns and the rows with the uuid of a course in the place of its id, where this is not known."""
    count, identifier, uuid, *others = columns
    named = [{**item, identifier.name: item[identifier.name] or item[uuid.name]} for item in items]
    shown = (count, replace(identifier, label="course"), *others)
    return shown, _rows(shown, named)


def _repeated_for_people(assignments: Sequence[Mapping[str, Any]], latest: Instant | None) -> Table:
    """Return a line for each of *assignments*: how its last retry ended, and where to open it."""
    table = _repeated(assignments, latest)
    rows = []
    for item in assignments:
        outcome, seconds = item["last_outcome"], item["seconds"]
        if outcome in _WAITING and (waiting := _seconds(item["last"], latest)):
            outcome = f"{outcome}, waits {cell_text(waiting, 'seconds')}"
        elif seconds is not None:
            outcome = f"{outcome} after {cell_text(seconds, 'seconds')}"
        over = _seconds(item["first"], item["last"])
        rows.append((item["retries"], over, outcome, item["last"], item["address"] or name_of(item)))
    return replace(table, columns=_REPEATED_FOR_PEOPLE, rows=rows)


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
