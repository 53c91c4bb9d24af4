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


_KINDS: Mapping[Kind, str] = {
    "count": "retries events assignments unresolved users target_courses figure",
    "time": "first last start",
    "seconds": "seconds over_seconds waiting_seconds",
    "id": "target_course_id source_course_id user_id new_course_uuid original_course_uuid target_assignment_id "
    "new_assignment_resource_link_id",
    "text": "user_login name",
    "words": "outcome last_outcome",
    "address": "address",
}
_KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names.split()}
_LABELS = {
    "target_course_id": "course",
    "source_course_id": "course",
    "user_login": "login",
    "over_seconds": "over",
    "last_outcome": "in the end",
    "address": "assignment",
    "figure": "value",
}
"""What people read above a column in place of its name."""
_SPARE = ("users", "first", "over_seconds")
_TARGET_COURSES = "retries target_course_id new_course_uuid assignments unresolved users first last"
_SOURCE_COURSES = "retries source_course_id original_course_uuid target_courses"
_REPEATED = (
    "retries over_seconds last_outcome seconds waiting_seconds target_assignment_id new_assignment_resource_link_id "
    "address first last new_course_uuid"
)
_REPEATED_FOR_PEOPLE = "retries over_seconds last_outcome last address"
"""One line for each, and of what it can be known by what can be opened."""

_COPIES = "Copies delivered again count in the first three figures only. Times in UTC."
CLONING = "outcome_alignment_cloning"
"""The state that Canvas itself always sends: worth a table only beside others."""
_STEPS = {"minute": (1, 2, 5, 10, 15, 30), "hour": (1, 2, 3, 6, 12, 24), "day": (1, 2, 7, 14, 28, 91, 182, 364)}
"""How many buckets make a row, so that rows begin where a person expects."""
_RATES = (("day", 86_400), ("hour", 3_600), ("minute", 60))
_LEAST_UNITS = 3
"""How many a capture is long at least, for rates to be told by them."""
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
    document, traffic = figures.document, figures.traffic
    every = []
    for field, counts in document.get("by", {}).items():
        table = _tally(f"by:{field}", f"By {field}", counts["values"], "events")
        rows = [*table.rows, (counts["absent"], NO_NAME)] if counts["absent"] else table.rows
        every.append(replace(table, rows=rows, note=_most("values", counts["values"], counts["distinct"])))
    if document["retry_clone"]["events"]:
        every += _of_retries(figures, for_people=for_people)
    every.append(_figures("records", "Capture", _records(figures)))
    if traffic is not None and (not for_people or len(traffic.hosts) > 1):  # one, the answer tells
        every.append(_tally("hosts", "Hosts", most_frequent(traffic.hosts), "events"))
    every.append(_event_types(document))
    return [_without_empty_columns(table) if for_people else table for table in every if table.rows]


def _of_retries(figures: Figures, *, for_people: bool) -> Iterator[Table]:
    retry = figures.document["retry_clone"]
    yield _repeated(retry["repeated_assignments"], figures.latest, for_people=for_people)
    yield _outcomes(retry["outcomes"], for_people=for_people)
    yield _courses(retry, "target", "Target courses retried most", _TARGET_COURSES, for_people=for_people)
    users = [{**row, "user_login": figures.logins.get(row["user_id"])} for row in retry["top_users"]]
    note = _most("users", users, retry["users"])
    yield _table("users", "Users who retried", "retries user_id user_login assignments", users, note)
    yield _courses(retry, "source", "Source courses the trouble comes from", _SOURCE_COURSES, for_people=for_people)
    yield _tally("domains", "Domains", retry["domains"])
    yield _tally("context_roles", "Roles of these users", retry["context_roles"])
    if not for_people or retry["statuses"].keys() - {CLONING}:
        yield _tally("statuses", "States of the target assignments", retry["statuses"])
    timeline = retry["timeline"]
    note = f"By {timeline['bucket']}, in UTC; those without retries are left out."
    yield _table("timeline", "Retries over time", "start retries", timeline["counts"], note)
    older = f" {figures.older:,} of the events came as quizzes_next_quiz_duplicated, as they did before mid-2024."
    names = (
        "events", "unique", "redelivered", "first_event_time", "last_event_time", "bad_times", "source_courses",
        "target_courses", "target_assignments", "users",
    )  # fmt: skip
    title, note = "Retries of outcome alignment clones", _COPIES + (older if figures.older else "")
    yield _figures("retries", title, [(name, retry[name]) for name in names], note)


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


def _columns(names: str) -> list[Column]:
    return [
        Column(_LABELS.get(name) or name.replace("_", " "), _KIND_OF[name], name, name in _SPARE)
        for name in names.split()
    ]


def _table(section: str, title: str, names: str, items: Iterable[Mapping[str, Any]], note: str = "") -> Table:
    """Return a row for each of *items*, of the values that *names* tell."""
    columns = _columns(names)
    return Table(columns, [[item[column.name] for column in columns] for item in items], title, note, section)


def _tally(section: str, title: str, counts: Mapping[str, int], counted: str = "retries") -> Table:
    return _table(section, title, f"{counted} name", [{counted: count, "name": name} for name, count in counts.items()])


def _figures(section: str, title: str, figures: Iterable[tuple[str, Cell]], note: str = "") -> Table:
    columns = [Column("figure", "words", "name"), *_columns("figure")]
    return Table(columns, [*figures], title, note, section)


def _outcomes(counts: Mapping[str, int], *, for_people: bool) -> Table:
    notes = []
    if counts["unknown"]:
        what = "one retry" if counts["unknown"] == 1 else f"{counts['unknown']:,} retries"
        notes.append(f"How {what} ended is not known: no assignment_updated event here tells.")
    if counts["timed_out"]:
        notes.append("Timed out is presumed: no end came within 20 minutes.")
    items = [{"retries": count, "outcome": name} for name, count in counts.items() if count or not for_people]
    return _table("outcomes", "How the retries ended", "retries outcome", items, " ".join(notes))


def _records(figures: Figures) -> Iterator[tuple[str, Cell]]:
    document, traffic = figures.document, figures.traffic
    first, last = period(document)
    yield from (("events", document["events"]), ("malformed", document["malformed"]))
    yield from (("event_types", len(document["event_types"])), ("first_event_time", first), ("last_event_time", last))
    if traffic is not None:
        gap = traffic.largest_gap()
        yield "redelivered", document["events"] - document["malformed"] - traffic.rows.unique()
        yield from (("hosts", len(traffic.hosts)), ("users", len(traffic.users)), ("courses", len(traffic.courses)))
        yield "largest_gap", (gap.end - gap.start) / 1e6 if gap else None
        if traffic.arrivals:
            yield "late_arrivals", traffic.late
            yield "longest_delay", traffic.longest_delay / 1e6 if traffic.late else None


def _event_types(document: Mapping[str, Any]) -> Table:
    first, last = period(document)
    seconds = last.seconds - first.seconds if first and last else 0
    unit, length = next((unit for unit in _RATES if seconds >= unit[1] * _LEAST_UNITS), _RATES[-1])
    events, *ends = _columns("events first last")
    columns = (events, Column("event", "name", "name"), Column(f"per {unit}", "rate", f"per_{unit}"), *ends)
    rows = []
    for name, count in document["event_types"].items():
        times = document["event_type_times"].get(name, {})
        rate = count * length / seconds if seconds and count > 1 else None
        rows.append((count, name, rate, times.get("first"), times.get("last")))
    return Table(columns, rows, "Events by type", "" if first is None else "Times in UTC.", "event_types")


def _courses(retry: Mapping[str, Any], which: str, title: str, names: str, *, for_people: bool) -> Table:
    """Return a row for each course; for people the uuid in the place of an id that is not known, else beside it."""
    _, identifier, uuid, *_ = names.split()
    items = [{**item} for item in retry[f"top_{which}_courses"]]
    for item in items:
        if for_people:
            item[identifier] = item[identifier] or item[uuid]
        elif item[identifier] is not None:
            item[uuid] = None
    note = _most(f"{which} courses", items, retry[f"{which}_courses"])
    return _table(f"{which}_courses", title, names.replace(f"{uuid} ", "" if for_people else f"{uuid} "), items, note)


def _repeated(assignments: Iterable[Mapping[str, Any]], latest: Instant | None, *, for_people: bool) -> Table:
    """Return a row for each of *assignments*; for people in few columns how its last retry ended, and its page."""
    items = []
    for row in assignments:
        waiting = _seconds(row["last"], latest) if row["last_outcome"] in _WAITING else None
        item = {**row, "over_seconds": _seconds(row["first"], row["last"]), "waiting_seconds": waiting}
        if not for_people:
            if row["target_assignment_id"] is not None:
                item["new_assignment_resource_link_id"] = None
            if row["address"] is not None:
                item["new_course_uuid"] = None
        elif waiting:
            item["last_outcome"] += f", waits {cell_text(waiting, 'seconds')}"
        elif row["seconds"] is not None:
            item["last_outcome"] += f" after {cell_text(row['seconds'], 'seconds')}"
        items.append(item if not for_people else item | {"address": row["address"] or name_of(row)})
    unknown = sum(item["last_outcome"].startswith("unknown") for item in items)
    note = _FAILED_BEFORE + (f" How the last one ended is not known for {unknown:,} of them." if unknown else "")
    names = _REPEATED_FOR_PEOPLE if for_people else _REPEATED
    table = _table("repeated_assignments", "Assignments retried more than once", names, items, note)
    if for_people:
        table = replace(
            table,
            columns=[replace(c, label="last retry", spare=True) if c.name == "last" else c for c in table.columns],
        )
    return table


def _most(what: str, shown: Sequence[object] | Mapping[str, int], total: int) -> str:
    return f"The first {len(shown):,} of {total:,} {what}." if len(shown) < total else ""


def _seconds(first: Instant | None, last: Instant | None) -> int | None:
    return last.seconds - first.seconds if first and last else None
