"""The document that ``summarize -o json`` prints: exact figures, drawn from a report."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

from canvas_events_cli.model import NO_NAME
from canvas_events_cli.summary.groups import Group, count_by, largest_groups, tally
from canvas_events_cli.summary.report import SummaryReport
from canvas_events_cli.summary.retries import Retries
from canvas_events_cli.summary.tallies import FieldTally, most_frequent
from canvas_events_cli.summary.timeline import NO_TIME, Bucket, format_micros, timeline

DEFAULT_TOP = 10

# Times are texts in UTC, RFC 3339 with milliseconds and Z; None where no event has a usable one.


class TargetCourse(TypedDict):
    """A course into which assignments were copied; ``assignments`` and ``users`` count distinct ones."""

    new_course_uuid: str
    target_course_id: str | None
    retries: int
    assignments: int
    users: int
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
    """A copied assignment that was retried at least twice, so that at least one retry failed too."""

    new_assignment_resource_link_id: str
    target_assignment_id: str | None
    new_course_uuid: str
    retries: int
    first: str | None
    last: str | None


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
        retry_clone=_retry_clone(report.retries, top),
    )
    if report.by:
        result["by"] = {name: _field(counts, top) for name, counts in report.by.items()}
    return result


def _field(counts: FieldTally, top: int) -> FieldDocument:
    return FieldDocument(values=most_frequent(counts.values, top), distinct=len(counts.values), absent=counts.absent)


def _retry_clone(retries: Retries, top: int) -> RetryCloneDocument:
    times: Sequence[int] = retries.micros
    if NO_TIME in times:
        times = [micros for micros in times if micros != NO_TIME]
    first, last = min(times, default=None), max(times, default=None)
    source_courses, target_courses = count_by(retries, "source_course"), count_by(retries, "target_course")
    assignments, users = count_by(retries, "target_assignment"), count_by(retries, "user")
    repeated = {assignment: count for assignment, count in assignments.items() if count > 1}
    return RetryCloneDocument(
        events=retries.events,
        unique=retries.unique,
        redelivered=retries.events - retries.unique,
        first_event_time=_time(first),
        last_event_time=_time(last),
        bad_times=retries.unique - len(times),
        statuses=most_frequent(tally(retries, "status")),
        domains=most_frequent(tally(retries, "domain")),
        context_roles=most_frequent(tally(retries, "context_role")),
        source_courses=len(source_courses),
        target_courses=len(target_courses),
        target_assignments=len(assignments),
        users=len(users),
        top_target_courses=[
            _target_course(group) for group in largest_groups(retries, "target_course", target_courses, top)
        ],
        top_source_courses=[
            _source_course(group) for group in largest_groups(retries, "source_course", source_courses, top)
        ],
        top_users=[_user(group) for group in largest_groups(retries, "user", users, top)],
        repeated_assignments=[
            _repeated_assignment(group) for group in largest_groups(retries, "target_assignment", repeated, top)
        ],
        timeline=_timeline(times, 0 if first is None or last is None else last - first),
    )


def _target_course(group: Group) -> TargetCourse:
    return TargetCourse(
        new_course_uuid=group.key,
        target_course_id=group.usual("target_course_id"),
        retries=group.retries,
        assignments=group.distinct("target_assignment"),
        users=group.distinct("user"),
        first=_time(group.first),
        last=_time(group.last),
    )


def _source_course(group: Group) -> SourceCourse:
    return SourceCourse(
        original_course_uuid=group.key,
        source_course_id=group.usual("source_course_id"),
        retries=group.retries,
        target_courses=group.distinct("target_course"),
    )


def _user(group: Group) -> User:
    return User(user_id=group.key, retries=group.retries, assignments=group.distinct("target_assignment"))


def _repeated_assignment(group: Group) -> RepeatedAssignment:
    course = group.usual("target_course")
    return RepeatedAssignment(
        new_assignment_resource_link_id=group.key,
        target_assignment_id=group.usual("target_assignment_id"),
        new_course_uuid=NO_NAME if course is None else course,
        retries=group.retries,
        first=_time(group.first),
        last=_time(group.last),
    )


def _timeline(times: Sequence[int], span: int) -> TimelineDocument:
    bucket, counts = timeline(times, span)
    return TimelineDocument(
        bucket=bucket,
        counts=[BucketCount(start=format_micros(start), retries=count) for start, count in counts],
    )


def _time(micros: int | None) -> str | None:
    return None if micros is None else format_micros(micros)
