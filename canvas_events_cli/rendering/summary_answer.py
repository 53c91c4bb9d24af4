"""The answer in two or three sentences, before any table; texts of events in it are as they came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from canvas_events_cli.errors import counted
from canvas_events_cli.rendering.moments import span
from canvas_events_cli.rendering.tables import cell_text
from canvas_events_cli.timestamps import instant_of

if TYPE_CHECKING:
    from canvas_events_cli.summary.figures import Figures, Retried
    from canvas_events_cli.summary.traffic import Traffic
    from canvas_events_cli.timestamps import Instant

_MOST_NAMES = 3
_MINUTE = len("2024-07-30 19:04")
_LAST_RETRY = {
    "failed": "the last retry failed",
    "abandoned": "it was deleted",
    "timed_out": "the last retry timed out, presumably",
    "unknown": "how the last retry ended is not known",
}
_ENDED = {"timed_out": "timed out", "unknown": "not known"}


def answer(figures: Figures) -> list[str]:
    """Return what the figures come to: of the retries where there are some, else of the capture."""
    return [*(_capture(figures) if figures.retried is None else _retries(figures, figures.retried))]


def period(document: Mapping[str, Any]) -> tuple[Instant | None, Instant | None]:
    """Return when the first and the last event with a usable time were."""
    times = document["event_type_times"].values()
    return min((span["first"] for span in times), default=None), max((span["last"] for span in times), default=None)


def _retries(figures: Figures, retried: Retried) -> Iterator[str]:
    document = figures.document
    retry = document["retry_clone"]
    were = "was" if retried.assignments == 1 else "were"
    courses = f" in {counted(retry['target_courses'], 'course')}" if retry["target_courses"] else ""
    when = _period(retry["first_event_time"], retry["last_event_time"])
    told = f"{counted(retried.assignments, 'assignment')} {were} retried {counted(retry['unique'], 'time')}"
    users, top = retry["users"], retry["top_users"]
    whom = ""
    if users > _MOST_NAMES or len(top) < users:
        whom = f" by {users:,} people"
    elif users:
        names = [figures.logins.get(row["user_id"]) or f"user {row['user_id']}" for row in top]
        whom = f" by {' and '.join([', '.join(names[:-1]), names[-1]] if len(names) > 1 else names)}"
    yield f"{told}{whom}{courses}{when}."
    yield _unresolved(retried)
    events, copies = document["events"] - document["malformed"], retry["redelivered"]
    if events > retry["events"] or copies:
        types = counted(len(document["event_types"]), "type")
        of_retries = f"{copies:,} of them {_copies(copies)} of {'retries' if copies > 1 else 'a retry'}"
        included = f", {of_retries}, which only the events by type include" if copies else ""
        yield f"In all, there are {counted(events, 'event')} of {types}{included}."
    if figures.older:
        yield f"{figures.older:,} of the events came as quizzes_next_quiz_duplicated, as they did before mid-2024."
    if bad := retry["bad_times"]:
        yield f"{bad:,} {'retry is' if bad == 1 else 'retries are'} without a usable time."
    yield from _malformed(document["malformed"])


def _unresolved(retried: Retried) -> str:
    count, ended = retried.unresolved, retried.last_outcomes
    unknown = ended.get("unknown", 0)
    if not count:
        return "The last retry succeeded: it is resolved." if retried.assignments == 1 else "All of them are resolved."
    how = ", ".join(f"{number:,} {_ENDED.get(outcome, outcome)}" for outcome, number in ended.items())
    others = f" ({how})" if unknown else ""
    resolved = retried.assignments - count
    how_many = f"All {count:,}" if count == retried.assignments > 1 else f"{count:,}"
    told = f"{how_many} {'is' if count == 1 else 'are'} still unresolved{others}"
    if unknown == count:
        which = f"How the last retry{' of each' if retried.assignments > 1 else ''}"
        if resolved:
            others = f"the other {count:,}" if count > 1 else "the other"
            which = f"{resolved:,} {'is' if resolved == 1 else 'are'} resolved; how the last retry of {others}"
        told = f"{which} ended is not known, as no assignment_updated event here tells"
    worst = retried.worst
    if worst is None or worst["retries"] == 1 < count:
        return f"{told}."
    seconds = worst["last"].seconds - worst["first"].seconds if worst["first"] else 0
    over = f" over {span(seconds)}" if seconds else ""
    introduced = ": " if count == 1 else "; worst is "
    # How often the only one was retried, the sentence before tells.
    times = f", retried {counted(worst['retries'], 'time')}{over}" if retried.assignments > 1 else ""
    last = f"; {_LAST_RETRY[worst['last_outcome']]}" if unknown < count else ""
    return f"{told}{introduced}{worst['address'] or name_of(worst)}{times}{last}."


def name_of(assignment: Mapping[str, Any]) -> str:
    """Return what *assignment* can be known by where it has no address."""
    identifier = assignment["target_assignment_id"]
    known = f"assignment {identifier}" if identifier else assignment["new_assignment_resource_link_id"]
    return f"{known} in course {assignment['new_course_uuid']}"


def _capture(figures: Figures) -> Iterator[str]:
    document, traffic = figures.document, figures.traffic
    if not document["events"]:
        yield "No events here."
        return
    events = document["events"] - document["malformed"]
    if events:
        first, last = period(document)
        types = counted(len(document["event_types"]), "type")
        lasting = f" ({span(last.seconds - first.seconds)})" if first and last and last.seconds > first.seconds else ""
        told = ""
        if traffic is not None:
            hosts = [*traffic.hosts]
            where = f"on {hosts[0]}" if len(hosts) == 1 else f"on {counted(len(hosts), 'host')}" if hosts else ""
            users = f"by {counted(len(traffic.users), 'user')}" if traffic.users else ""
            courses = f"in {counted(len(traffic.courses), 'course')}" if traffic.courses else ""
            told = " ".join(filter(None, (users, courses, where)))
        yield f"{counted(events, 'event')} of {types}{_period(first, last)}{lasting}{f', {told}' if told else ''}."
    if traffic is not None and events:
        yield from _oddities(events, traffic)
    yield from _malformed(document["malformed"])


def _oddities(events: int, traffic: Traffic) -> Iterator[str]:
    copies = events - traffic.rows.unique()
    are = f"{copies:,} of them {'is' if copies == 1 else 'are'} {_copies(copies)}"
    yield f"{are}, which the counts by type and host include." if copies else "No event came twice."
    gap = traffic.largest_gap()
    if gap is not None:
        between = _period(instant_of(gap.start), instant_of(gap.end))
        yield f"The longest time without events was {span((gap.end - gap.start) // 1_000_000)}{between}."
    if traffic.late:
        of = f"{traffic.late:,} of {traffic.arrivals:,}"
        yield f"{of} came more than a minute late, at most {span(traffic.longest_delay // 1_000_000)}."
    elif traffic.arrivals:
        yield "None came more than a minute late."


def _malformed(count: int) -> Iterator[str]:
    if count:
        are, them = ("is", "it") if count == 1 else ("are", "them")
        yield f"{counted(count, 'record')} {are} malformed: no event could be read from {them}."


def _copies(count: int) -> str:
    return "a redelivered copy" if count == 1 else "redelivered copies"


def _period(first: Instant | None, last: Instant | None) -> str:
    start, end = (cell_text(moment, "time")[:_MINUTE] for moment in (first, last))
    if first is None:
        return ""
    return f", at {start} UTC" if start == end else f", from {start} to {end} UTC"
