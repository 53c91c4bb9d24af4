"""The document that ``summarize -o json`` prints: exact figures, drawn from a report."""

from collections.abc import Sequence
from heapq import nsmallest
from typing import NamedTuple, NotRequired, TypedDict

from canvas_events_cli.model import NO_NAME
from canvas_events_cli.summary.assignments import Assignments, Ended, how_ended
from canvas_events_cli.summary.groups import Group, Rows, members, tally
from canvas_events_cli.summary.outcomes import OUTCOMES, Outcome
from canvas_events_cli.summary.report import SummaryReport
from canvas_events_cli.summary.retries import Retries
from canvas_events_cli.summary.retry_clone import RetryField
from canvas_events_cli.summary.tallies import FieldTally, most_frequent
from canvas_events_cli.summary.timeline import NO_TIME, Bucket, format_micros, timeline

DEFAULT_TOP = 10

# Times are texts in UTC, RFC 3339 with milliseconds and Z; None where no event has a usable one.


class TargetCourse(TypedDict):
    """A course into which assignments were copied; ``assignments`` and ``users`` count distinct ones.

    ``unresolved`` counts the assignments whose last retry did not succeed, those without a link id too.
    """

    new_course_uuid: str
    target_course_id: str | None
    retries: int
    assignments: int
    users: int
    unresolved: int
    first: str | None
    last: str | None


class SourceCourse(TypedDict):
    """A course whose assignments were copied; ``target_courses`` counts distinct ones."""

    original_course_uuid: str
    source_course_id: str | None
    retries: int
    target_courses: int


class User(TypedDict):
    """Someone who pressed "retry"; ``assignments`` counts distinct ones."""

    user_id: str
    retries: int
    assignments: int


class RepeatedAssignment(TypedDict):
    """A copied assignment that was retried at least twice, so that at least one retry failed too.

    ``seconds`` is from the last retry to its success, ``address`` the assignment's page.
    """

    new_assignment_resource_link_id: str
    target_assignment_id: str | None
    new_course_uuid: str
    retries: int
    first: str | None
    last: str | None
    last_outcome: Outcome
    seconds: float | None
    address: str | None


class BucketCount(TypedDict):
    """The retries in the minute, hour or day that begins at ``start``."""

    start: str
    retries: int


class TimelineDocument(TypedDict):
    """Retries over time, in order; empty buckets are left out."""

    bucket: Bucket
    counts: list[BucketCount]


class RetryCloneDocument(TypedDict):
    """The retry events in depth; every figure below ``redelivered`` counts unique events only."""

    events: int
    unique: int
    redelivered: int
    first_event_time: str | None
    last_event_time: str | None
    bad_times: int
    outcomes: dict[Outcome, int]
    statuses: dict[str, int]
    domains: dict[str, int]
    context_roles: dict[str, int]
    source_courses: int
    target_courses: int
    target_assignments: int
    users: int
    top_target_courses: list[TargetCourse]
    top_source_courses: list[SourceCourse]
    top_users: list[User]
    repeated_assignments: list[RepeatedAssignment]
    timeline: TimelineDocument


class FieldDocument(TypedDict):
    """The most frequent values of a field, how many there are in all, and events without one."""

    values: dict[str, int]
    distinct: int
    absent: int


class SummaryDocument(TypedDict):
    """The whole; ``by`` is there when fields were asked for."""

    events: int
    malformed: int
    event_types: dict[str, int]
    retry_clone: RetryCloneDocument
    by: NotRequired[dict[str, FieldDocument]]


def document(report: SummaryReport, top: int = DEFAULT_TOP) -> SummaryDocument:
    """Return the figures of *report*; lists, and the values of tallied fields, end after *top* (0: never).

    Counts stand in descending order, equal ones by name.
    """
    result = SummaryDocument(
        events=report.events,
        malformed=report.malformed,
        event_types=most_frequent(report.event_types),
        retry_clone=_retry_clone(report, top),
    )
    if report.by:
        result["by"] = {name: _field(counts, top) for name, counts in report.by.items()}
    return result


def _field(counts: FieldTally, top: int) -> FieldDocument:
    return FieldDocument(values=most_frequent(counts.values, top), distinct=len(counts.values), absent=counts.absent)


def _retry_clone(report: SummaryReport, top: int) -> RetryCloneDocument:
    retries = report.retries
    times: Sequence[int] = retries.micros
    if NO_TIME in times:
        times = [micros for micros in times if micros != NO_TIME]
    first, last = min(times, default=None), max(times, default=None)
    assignments = Assignments(retries)
    ended = how_ended(retries, assignments, report.updates, report.latest)
    lists = _Lists(retries, assignments, ended, top)
    sources, targets, users = lists.groups("source_course"), lists.groups("target_course"), lists.groups("user")
    return RetryCloneDocument(
        events=retries.events,
        unique=retries.unique,
        redelivered=retries.events - retries.unique,
        first_event_time=_time(first),
        last_event_time=_time(last),
        bad_times=retries.unique - len(times),
        outcomes={outcome: ended.counts[outcome] for outcome in OUTCOMES},
        statuses=most_frequent(tally(retries, "status")),
        domains=most_frequent(tally(retries, "domain")),
        context_roles=most_frequent(tally(retries, "context_role")),
        source_courses=sources.distinct,
        target_courses=targets.distinct,
        target_assignments=len(assignments.count()),
        users=users.distinct,
        top_target_courses=[lists.target_course(uuid, group) for uuid, group in targets.largest],
        top_source_courses=[lists.source_course(uuid, group) for uuid, group in sources.largest],
        top_users=[lists.user(user, group) for user, group in users.largest],
        repeated_assignments=lists.repeated_assignments(),
        timeline=_timeline(times, 0 if first is None or last is None else last - first),
    )


class _Groups(NamedTuple):
    """The groups that a field makes: how many, and the largest by what they have in common, in order."""

    distinct: int
    largest: list[tuple[str, Group]]


class _Lists:
    """What the lists of the document are made from."""

    def __init__(self, retries: Retries, assignments: Assignments, ended: Ended, top: int) -> None:
        self._retries = retries
        self._assignments = assignments
        self._ended = ended
        self._top = top
        self._table = Rows(retries)

    def groups(self, field: RetryField) -> _Groups:
        column = self._retries.column(field)
        counts = {text: retries for text, retries in column.count().items() if text is not None}
        largest = {column.numbers[text]: text for text in most_frequent(counts, self._top)}
        found = members(column.rows, largest)
        return _Groups(len(counts), [(text, Group(found[number], self._table)) for number, text in largest.items()])

    def target_course(self, uuid: str, group: Group) -> TargetCourse:
        numbers = {self._assignments.rows[row] for row in group.rows}
        return TargetCourse(
            new_course_uuid=uuid,
            target_course_id=group.usual("target_course_id"),
            retries=group.retries,
            assignments=self._linked(group),
            users=group.distinct("user"),
            unresolved=sum(self._ended.last_of(number).outcome != "succeeded" for number in numbers),
            first=_time(group.first),
            last=_time(group.last),
        )

    def source_course(self, uuid: str, group: Group) -> SourceCourse:
        return SourceCourse(
            original_course_uuid=uuid,
            source_course_id=group.usual("source_course_id"),
            retries=group.retries,
            target_courses=group.distinct("target_course"),
        )

    def user(self, user: str, group: Group) -> User:
        return User(user_id=user, retries=group.retries, assignments=self._linked(group))

    def repeated_assignments(self) -> list[RepeatedAssignment]:
        counts = {number: retries for number, retries in self._assignments.count().items() if retries > 1}
        names = self._assignments.names(counts)
        largest = nsmallest(self._top or len(counts), counts, key=lambda number: (-counts[number], names[number]))
        found = members(self._assignments.rows, largest)
        return [self._repeated(number, names[number][0], Group(found[number], self._table)) for number in largest]

    def _repeated(self, number: int, link: str, group: Group) -> RepeatedAssignment:
        course, ending = group.usual("target_course"), self._ended.last_of(number)
        return RepeatedAssignment(
            new_assignment_resource_link_id=link,
            target_assignment_id=group.usual("target_assignment_id"),
            new_course_uuid=NO_NAME if course is None else course,
            retries=group.retries,
            first=_time(group.first),
            last=_time(group.last),
            last_outcome=ending.outcome,
            seconds=ending.seconds,
            address=group.usual_address(),
        )

    def _linked(self, group: Group) -> int:
        numbers = {self._assignments.rows[row] for row in group.rows}
        return sum(map(self._assignments.has_link, numbers))


def _timeline(times: Sequence[int], span: int) -> TimelineDocument:
    bucket, counts = timeline(times, span)
    return TimelineDocument(
        bucket=bucket,
        counts=[BucketCount(start=format_micros(start), retries=count) for start, count in counts],
    )


def _time(micros: int | None) -> str | None:
    return None if micros is None else format_micros(micros)
