"""The figures that are drawn from a report, and the document of them that ``summarize -o json`` prints."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import nlargest, nsmallest
from itertools import count
from typing import Any, NamedTuple

from canvas_events_cli.defaults import DEFAULT_TOP
from canvas_events_cli.model import NO_NAME
from canvas_events_cli.running.report import most_frequent
from canvas_events_cli.summary.outcomes import Assignments, Ending, how_ended
from canvas_events_cli.summary.packed import members
from canvas_events_cli.summary.report import SummaryReport
from canvas_events_cli.summary.timeline import timeline
from canvas_events_cli.summary.traffic import Traffic
from canvas_events_cli.summary.updates import OUTCOMES, Outcome
from canvas_events_cli.timestamps import NO_TIME, Instant, format_utc, instant_of


class Retried(NamedTuple):
    """The answer in short: of the assignments that were retried, with a link id or without."""

    assignments: int
    unresolved: int
    """Those whose last retry is not known to have succeeded."""
    worst: Mapping[str, Any] | None
    """Of these with a link id the one that was retried most, as in ``repeated_assignments``."""
    last_outcomes: Mapping[Outcome, int] = {}
    """How many of the unresolved ended in each way that some did."""


class Figures(NamedTuple):
    """The figures of a report, and what the formats for people say besides."""

    document: dict[str, Any]
    """What ``-o json`` prints, but with instants for times; None where no event has a usable one."""
    latest: Instant | None = None
    """The latest time of any event: until then an assignment waits."""
    older: int = 0
    """Retries that came under the name that they had before mid-2024, copies included."""
    logins: Mapping[str, str] = {}
    """The login of users in the document, by their ids."""
    retried: Retried | None = None
    """None where there are no retries."""
    traffic: Traffic | None = None
    """What one wants to know of a capture without retries, where that was asked for."""

    def to_dict(self) -> dict[str, Any]:
        """Return the document as values of JSON; times are texts in UTC, RFC 3339 with milliseconds and ``Z``."""
        return {name: _as_json(value) for name, value in self.document.items()}


def figures(report: SummaryReport, top: int = DEFAULT_TOP) -> Figures:
    """Return the figures of *report*; lists, and the values of tallied fields, end after *top* (0: never).

    Counts stand in descending order, equal ones by name.
    """
    retries = _RetryFigures(report, top)
    result = {
        "events": report.events,
        "malformed": report.malformed,
        "event_types": most_frequent(report.event_types),
        "event_type_times": {
            name: {"first": instant_of(first), "last": instant_of(last)}
            for name, (first, last) in sorted(report.spans.items())
        },
        "retry_clone": retries.document(),
    }
    if report.by.numbers:
        result["by"] = {
            name: {"values": most_frequent(values, top), "distinct": len(values), "absent": tally[None]}
            for name, tally in report.by.tallies()
            for values in [{value: count for value, count in tally.items() if value is not None}]
        }
    latest, older = instant_of(report.spans.latest), report.retries.older
    return Figures(result, latest, older, retries.logins(), retries.retried(), report.traffic)


class _Groups(NamedTuple):
    """The groups that retries fall into by a field: how many, and the rows of the largest by its value, in order."""

    distinct: int
    largest: dict[str, list[int]]


class _RetryFigures:
    """The figures of the unique retries; a group of them is a list of rows."""

    def __init__(self, report: SummaryReport, top: int) -> None:
        self._retries = report.retries
        self._top = top
        self._texts: dict[str, dict[int, str | None]] = {}
        self._rows = report.retries.rows
        self._micros = self._rows.micros
        self._assignments = Assignments(report.retries)
        ended = how_ended(report.retries, self._assignments, report.updates, report.spans.latest)
        self._outcomes, self._last_endings = ended
        self._sources = self._groups("original_course_uuid")
        self._targets = self._groups("new_course_uuid")
        self._users = self._groups("user_id")
        repeated, worst = self._most_repeated(), self._most_repeated_unresolved()
        rows = members(self._assignments.rows, {*repeated, *worst})
        self._repeated, self._worst = ({number: rows[number] for number in some} for some in (repeated, worst))
        groups = (self._sources.largest, self._targets.largest, self._users.largest, self._repeated, self._worst)
        self._shown = sorted({row for group in groups for rows in group.values() for row in rows})
        """The rows that more is told of than what they are counted by."""

    def document(self) -> dict[str, Any]:
        """Return all that the document says of them; whatever it counts below ``redelivered`` is unique."""
        retries = self._retries
        times: Sequence[int] = self._micros
        first, last = min(times, default=NO_TIME), max(times, default=NO_TIME)
        if first == NO_TIME:  # No list of them all where that can be avoided: it would take 40 bytes a retry.
            times = self._times(range(retries.unique))
            first = min(times, default=NO_TIME)
        return {
            "events": retries.events,
            "unique": retries.unique,
            "redelivered": retries.events - retries.unique,
            "first_event_time": instant_of(first),
            "last_event_time": instant_of(last),
            "bad_times": retries.unique - len(times),
            "outcomes": {outcome: self._outcomes[outcome] for outcome in OUTCOMES},
            "statuses": self._tally("status"),
            "domains": self._tally("domain"),
            "context_roles": self._tally("context_role"),
            "source_courses": self._sources.distinct,
            "target_courses": self._targets.distinct,
            "target_assignments": self._assignments.distinct - len(self._assignments.unlinked),
            "users": self._users.distinct,
            "top_target_courses": [self._target_course(*group) for group in self._targets.largest.items()],
            "top_source_courses": [
                {
                    "original_course_uuid": uuid,
                    "source_course_id": self._usual("source_course_id", rows),
                    "retries": len(rows),
                    "target_courses": self._distinct("new_course_uuid", rows),
                }
                for uuid, rows in self._sources.largest.items()
            ],
            "top_users": [
                {"user_id": user, "retries": len(rows), "assignments": self._linked(rows)}
                for user, rows in self._users.largest.items()
            ],
            "repeated_assignments": [self._assignment(*group) for group in self._repeated.items()],
            "timeline": timeline(times, last - first),
        }

    def retried(self) -> Retried | None:
        """Return how many assignments there are, how many are unresolved, and which of these was retried most."""
        if not self._retries.unique:
            return None
        worst = next(iter(self._worst.items()), None)
        ended = Counter(ending.outcome for ending in self._last_endings.values())
        ended["unknown"] += self._assignments.distinct - len(self._last_endings)
        unresolved: dict[Outcome, int] = {
            outcome: ended[outcome] for outcome in OUTCOMES if ended[outcome] and outcome != "succeeded"
        }
        row = None if worst is None else self._assignment(*worst)
        return Retried(self._assignments.distinct, sum(unresolved.values()), row, unresolved)

    def logins(self) -> dict[str, str]:
        """Return the logins that are known of the users in the document."""
        logins = {user: self._usual("user_login", rows) for user, rows in self._users.largest.items()}
        return {user: login for user, login in logins.items() if login is not None}

    def _target_course(self, uuid: str, rows: list[int]) -> dict[str, Any]:
        return {
            "new_course_uuid": uuid,
            "target_course_id": self._usual("target_course_id", rows),
            "retries": len(rows),
            "assignments": self._linked(rows),
            "users": self._distinct("user_id", rows),
            # Of the assignments, those without a link id too, whose last retry did not succeed.
            "unresolved": sum(self._last_ending(n).outcome != "succeeded" for n in self._assignments_of(rows)),
            **self._first_and_last(rows),
        }

    def _most_repeated(self) -> list[int]:
        """Return the first in order of the assignments that were retried twice, so that at least one retry failed."""
        counts = self._assignments.repeated
        top = self._top or len(counts)
        least = min(nlargest(top, counts.values()), default=0)
        names = self._assignments.names(number for number, retries in counts.items() if retries >= least)
        return nsmallest(top, names, key=lambda number: (-counts[number], names[number]))

    def _most_repeated_unresolved(self) -> list[int]:
        """Return the assignment that was retried most of those whose last retry did not succeed, if there is one."""
        rows = self._assignments.rows
        succeeded = {number for number, ending in self._last_endings.items() if ending.outcome == "succeeded"}
        counts = {number: n for number, n in self._assignments.repeated.items() if number not in succeeded}
        most = max(counts.values(), default=0)
        names = self._assignments.names(number for number, retries in counts.items() if retries == most)
        worst = min(names, key=names.__getitem__, default=None)
        if worst is None:
            passed_over = succeeded | self._assignments.unlinked | self._assignments.repeated.keys()
            columns = (self._rows.values(field) for field in ("new_assignment_resource_link_id", "root_account_uuid"))
            named = zip(*columns, rows, count(), strict=False)
            once = (
                (link or "", root or "", row)
                for link, root, number, row in named
                if number == row and row not in passed_over
            )
            worst = min(once, default=(None,))[-1]
        return [] if worst is None else [worst]

    def _assignment(self, number: int, rows: list[int]) -> dict[str, Any]:
        course = self._usual("new_course_uuid", rows)
        ending = self._last_ending(number)
        return {
            "new_assignment_resource_link_id": next(self._values("new_assignment_resource_link_id", rows)),
            "target_assignment_id": self._usual("target_assignment_id", rows),
            "new_course_uuid": NO_NAME if course is None else course,
            "retries": len(rows),
            **self._first_and_last(rows),
            "last_outcome": ending.outcome,
            "seconds": ending.seconds,
            "address": _usual(self._addresses(rows)),
        }

    def _addresses(self, rows: list[int]) -> Iterator[str | None]:
        """Yield the address of the target assignment's page, where a retry tells host and both numeric ids."""
        fields = ("host", "target_course_id", "target_assignment_id")
        for host, course, assignment in zip(*(self._values(field, rows) for field in fields), strict=True):
            known = host and course and assignment
            yield f"https://{host}/courses/{course}/assignments/{assignment}" if known else None

    def _groups(self, field: str) -> _Groups:
        counts = {text: retries for text, retries in self._rows.count(field).items() if text is not None}
        return _Groups(len(counts), self._rows.members(field, most_frequent(counts, self._top)))

    def _tally(self, field: str) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for value, rows in self._rows.count(field).items():
            counts[NO_NAME if value is None else value] += rows
        return most_frequent(counts)

    def _values(self, field: str, rows: Iterable[int]) -> Iterator[str | None]:
        if field not in self._texts:
            self._texts[field] = dict(zip(self._shown, self._rows.pick(field, self._shown), strict=True))
        return map(self._texts[field].__getitem__, rows)

    def _distinct(self, field: str, rows: list[int]) -> int:
        """Count the values of *field*, absent ones aside."""
        return len(set(self._values(field, rows)) - {None})

    def _usual(self, field: str, rows: list[int]) -> str | None:
        return _usual(self._values(field, rows))

    def _times(self, rows: Iterable[int]) -> list[int]:
        """Return the known times, in microseconds since 1970."""
        return [at for at in map(self._micros.__getitem__, rows) if at != NO_TIME]

    def _first_and_last(self, rows: list[int]) -> dict[str, Instant | None]:
        times = self._times(rows)
        return {"first": instant_of(min(times, default=NO_TIME)), "last": instant_of(max(times, default=NO_TIME))}

    def _assignments_of(self, rows: list[int]) -> set[int]:
        return {self._assignments.rows[row] for row in rows}

    def _linked(self, rows: list[int]) -> int:
        """Count the assignments that have a link id."""
        return len(self._assignments_of(rows) - self._assignments.unlinked)

    def _last_ending(self, assignment: int) -> Ending:
        return self._last_endings.get(assignment, Ending())


def _usual(values: Iterable[str | None]) -> str | None:
    """Return the most frequent of *values*, of equally frequent ones the smallest; None where there are none.

    That is the shortest, then the first in the order of text, which for digits is their order as numbers.
    """
    counts = Counter(values)
    del counts[None]
    return min(counts, key=lambda value: (-counts[value], len(value or ""), value), default=None)


def _as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_json(item) for name, item in value.items()}
    if isinstance(value, list):
        return [*map(_as_json, value)]
    return format_utc(value) if isinstance(value, Instant) else value
