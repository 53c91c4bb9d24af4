"""What a summary is made from: counts of every event of a stream, rows of the retry events."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Self

from canvas_events_cli.exact_json import compact_text
from canvas_events_cli.model import NO_NAME, Framed, Json, Malformed, Record, WrapperFault
from canvas_events_cli.query.fields import find, parse_field
from canvas_events_cli.running.reading import Compiled
from canvas_events_cli.running.report import Report
from canvas_events_cli.same_event import name_and_time
from canvas_events_cli.summary.retries import Retries
from canvas_events_cli.summary.retry_clone import OLDER_NAME, RETRY_CLONE, is_older_retry
from canvas_events_cli.summary.timeline import NO_TIME, latest_of
from canvas_events_cli.summary.updates import ASSIGNMENT_UPDATED, Updates
from canvas_events_cli.wrappers import exact_event

Lookup = Callable[[object], object]
"""Finds one field in an event, such as ``partial(find, field)``; None where it is absent or null."""

TOO_DEEP_TO_WRITE = "(nested too deep)"
"""In place of a value of more than 254 levels, which the JSON writer refuses."""

_AT_ONCE = 256
"""How many retries are counted at a time, and times compared: one by one it takes several times as long."""


@dataclass
class SummaryReport(Report):
    """What was counted in a part of the input, or in all of it. Append-only."""

    event_types: Counter[str] = field(default_factory=Counter)
    """Events by name; those without a usable one as ``(none)``."""
    retries: Retries = field(default_factory=Retries)
    updates: Updates = field(default_factory=Updates)
    latest: int = NO_TIME
    """The latest ``event_time`` of any event, in microseconds since 1970; NO_TIME where none has a usable one."""
    by: dict[str, Counter[str | None]] = field(default_factory=dict)
    """How often each value of the fields that were asked for occurs, by what the user called them.

    Strings are as they are, anything else is its JSON text, keys in order; None where the field is absent or null.
    """

    @property
    def events(self) -> int:
        """Count the records, malformed ones included."""
        return self.event_types.total() + self.malformed

    def merge(self, later: Self) -> Self:
        """Add what *later*, the part after this one, counted, and return this report."""
        self.event_types.update(later.event_types)
        self.retries.merge(later.retries)
        self.updates.merge(later.updates)
        self.latest = max(self.latest, later.latest)
        for name, tally in later.by.items():
            self.by.setdefault(name, Counter()).update(tally)
        return super().merge(later)


@dataclass(frozen=True, slots=True)
class SummaryWork:
    """What ``run`` needs to summarize; picklable."""

    by: tuple[str, ...] = ()
    """FIELDs to tally besides."""

    def compile(self) -> Compiled[SummaryReport]:
        """Return what tallies. Raises CeventsError for what is no field."""
        lookups = {name: partial(find, parse_field(name)) for name in self.by}
        return Compiled(lambda source_name, events: tally_records(events, lookups), merges_slowly=True)


def tally_records(items: Iterable[Framed | WrapperFault], by: Mapping[str, Lookup] | None = None) -> SummaryReport:
    """Return the report of *items*; the same function serves every way of running it.

    *by* names fields to tally over all events, redelivered copies included. An event that is no retry and no update of
    an assignment costs its name, its time and these fields, nothing else.
    """
    report = SummaryReport(by={name: Counter() for name in by or ()})
    lookups = [(report.by[name], lookup) for name, lookup in (by or {}).items()]
    event_types = report.event_types
    retries: list[Json] = []
    times: list[Json] = []
    for item in items:
        if type(item) is Record:
            event = item.value
            report.unverified += item.wrapping is not None and item.wrapping.unverified
            name, time = name_and_time(event)
            event_types[name or NO_NAME] += 1
            if name == RETRY_CLONE or (name == OLDER_NAME and is_older_retry(event)):
                retries.append(event)
                if len(retries) == _AT_ONCE:
                    report.latest = max(report.latest, report.retries.add(retries))
                    retries.clear()
            else:
                if name == ASSIGNMENT_UPDATED:
                    report.updates.add(event)
                if time is not None:
                    times.append(time)
                    if len(times) == _AT_ONCE:
                        report.latest = max(report.latest, latest_of(times))
                        times.clear()
            for tally, lookup in lookups:
                value = lookup(event)
                if isinstance(value, float | list | dict):
                    # No double holds every number: those, and what may contain some, are counted as they are written.
                    value = lookup(exact_event(item))
                if isinstance(value, str):
                    tally[str(value)] += 1  # also a number as it is written
                else:
                    tally[None if value is None else compact_text(value, sort_keys=True) or TOO_DEEP_TO_WRITE] += 1
        elif type(item) is Malformed:
            report.add_malformed(item)
        elif type(item) is WrapperFault:
            event_types[NO_NAME] += 1
    if retries:
        report.latest = max(report.latest, report.retries.add(retries))
    report.latest = max(report.latest, latest_of(times))
    return report
