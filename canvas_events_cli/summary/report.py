"""What a summary is made from: counts of every event, rows of the retry events."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from canvas_events_cli.model import NO_NAME, Framed, Json, Malformed, Record, WrapperFault
from canvas_events_cli.parse import is_web_page
from canvas_events_cli.running.report import LeftOut
from canvas_events_cli.same_event import event_time, name_and_time
from canvas_events_cli.summary.retries import Retries, RetryBatch
from canvas_events_cli.summary.retry_clone import OLDER_NAME, RETRY_CLONE
from canvas_events_cli.summary.tallies import FieldTally
from canvas_events_cli.summary.timeline import NO_TIME, latest_of
from canvas_events_cli.summary.updates import ASSIGNMENT_UPDATED, Updates
from canvas_events_cli.wrappers import exact_event

Lookup = Callable[[object], object]
"""Finds one field in an event, such as ``partial(find, field)``; None where it is absent or null."""

_TIMES_AT_ONCE = 256
"""Times are compared many at a time, which takes a tenth of the time."""


@dataclass(slots=True)
class SummaryReport:
    """What was counted in a part of the input, or in all of it. Append-only.

    A report of a part merges into the report of what came before it. Merging is associative and an empty report
    is its identity, so that any cut of the input and any grouping of the parts give the serial answer.
    """

    malformed: int = 0
    event_types: Counter[str] = field(default_factory=Counter)
    """Events by name; those without a usable one as ``(none)``."""
    retries: Retries = field(default_factory=Retries)
    updates: Updates = field(default_factory=Updates)
    latest: int = NO_TIME
    """The latest ``event_time`` of any event, in microseconds since 1970; NO_TIME where none has a usable one."""
    by: dict[str, FieldTally] = field(default_factory=dict)
    """Tallies of the fields that were asked for, by what the user called them."""
    unverified: int = 0
    """Events out of signed tokens whose signature was not verified, for want of keys."""
    web_page: bool = False
    """Whether a source began as a web page does."""
    left_out: LeftOut = field(default_factory=LeftOut)
    failures: list[str] = field(default_factory=list)
    """Sources that could not be read to their end: the figures lack what they held."""

    @property
    def events(self) -> int:
        """Count the records, malformed ones included."""
        return self.event_types.total() + self.malformed

    def merge(self, later: Self) -> Self:
        """Add what *later*, the part after this one, counted, and return this report."""
        self.malformed += later.malformed
        self.web_page |= later.web_page
        self.event_types.update(later.event_types)
        self.retries.merge(later.retries)
        self.updates.merge(later.updates)
        self.latest = max(self.latest, later.latest)
        for name, tally in later.by.items():
            self.by.setdefault(name, FieldTally()).merge(tally)
        self.unverified += later.unverified
        self.left_out.merge(later.left_out)
        self.failures += later.failures
        return self


def tally_records(
    items: Iterable[Framed | WrapperFault | RetryBatch], by: Mapping[str, Lookup] | None = None
) -> SummaryReport:
    """Return the report of *items*; the same function serves every way of running it.

    *by* names fields to tally over all events, redelivered copies included. An event that is no retry and no update of
    an assignment costs its name, its time and these fields, nothing else.
    """
    report = SummaryReport(by={name: FieldTally() for name in by or ()})
    lookups = [(report.by[name].add, lookup) for name, lookup in (by or {}).items()]
    event_types = report.event_types
    keep = {
        RETRY_CLONE: report.retries.add,
        OLDER_NAME: report.retries.add_older,
        ASSIGNMENT_UPDATED: report.updates.add,
    }.get
    times: list[Json] = []
    for item in items:
        if type(item) is Record:
            event = item.value
            report.unverified += item.wrapping is not None and item.wrapping.unverified
            name, time = name_and_time(event)
            event_types[name or NO_NAME] += 1
            add_event = keep(name or NO_NAME)
            if add_event is not None:
                add_event(event)
            if time is not None:
                times.append(time)
                if len(times) == _TIMES_AT_ONCE:
                    report.latest = max(report.latest, latest_of(times))
                    times.clear()
            for add, lookup in lookups:
                value = lookup(event)
                if isinstance(value, float | list | dict):
                    # No double holds every number: those, and what may contain some, are counted as they are written.
                    value = lookup(exact_event(item))
                add(value)
        elif type(item) is Malformed:
            report.malformed += 1
            report.web_page |= is_web_page(item.line, item.message)
        elif type(item) is WrapperFault:
            event_types[NO_NAME] += 1
        elif type(item) is RetryBatch:
            event_types[RETRY_CLONE] += len(item.requests)
            report.retries.add_batch(item)
            report.latest = max(report.latest, max(item.micros))
            for event in item.updates:
                event_types[ASSIGNMENT_UPDATED] += 1
                report.updates.add(event)
            report.latest = max(report.latest, latest_of([event_time(event) for event in item.updates]))
    report.latest = max(report.latest, latest_of(times))
    return report
