"""What one wants to know of a capture of whatever events: from where, whose, how late, what twice, where nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from canvas_events_cli import caliper
from canvas_events_cli.model import NO_NAME, Json, Record
from canvas_events_cli.query.fields import find, parse_field
from canvas_events_cli.same_event import envelope, event_name
from canvas_events_cli.summary.event_rows import EventRows
from canvas_events_cli.summary.timeline import BUCKETS, bucket_of
from canvas_events_cli.timestamps import NO_TIME, Instant, micros_of
from canvas_events_cli.wrappers.shapes import TIME_LABELS

MINUTE = 60_000_000
"""In microseconds: what comes so long after its event is late, and shorter gaps are none."""

_FIELDS = [parse_field(name) for name in ("hostname", "user_id", "context_type", "context_id")]


class Gap(NamedTuple):
    """The longest time without an event, between two; in microseconds since 1970."""

    start: int
    end: int


@dataclass(slots=True)
class Traffic:
    """What was counted of events. It grows with the distinct values, by a minute with events, and 8 bytes an event."""

    hosts: Counter[str] = field(default_factory=Counter)
    users: set[str] = field(default_factory=set)
    courses: set[str] = field(default_factory=set)
    """Ids of courses that are the context of an event."""
    arrivals: int = 0
    """Events in a wrapper that says when it was sent or arrived; only these can be late."""
    late: int = 0
    """Those of them that came more than a minute after their event."""
    longest_delay: int = 0
    """Of these, in microseconds."""
    rows: EventRows = field(default_factory=EventRows)
    minutes: dict[str, Counter[int]] = field(default_factory=dict)
    """By name of events, how many there were in each minute since 1970."""
    _minutes: dict[int, tuple[int, int]] = field(default_factory=dict)
    """The first and the last time in each minute that has some."""

    def add(self, records: Sequence[Record], micros: Sequence[int], digests: Iterable[bytes]) -> None:
        """Count the events of *records*, whose times are *micros*."""
        self.rows.extend(digests)
        hosts, users, kinds, contexts = zip(*(_found(record.value) for record in records), strict=True)
        courses = (context for kind, context in zip(kinds, contexts, strict=True) if kind == "Course")
        self.hosts.update(_texts(hosts))
        self.users.update(_texts(users))
        self.courses.update(_texts(courses))
        timed = sorted(at for at in micros if at != NO_TIME)
        for minute, times in groupby(timed, lambda at: at // MINUTE):
            first, *others = times
            self._extend_minute(minute, first, others[-1] if others else first)
        for record, at in zip(records, micros, strict=True):
            if at != NO_TIME:
                self.minutes.setdefault(event_name(record.value) or NO_NAME, Counter())[at // MINUTE] += 1
            if record.wrapping is None or at == NO_TIME:
                continue
            # The outermost wrapper comes first: it came last.
            arrivals = (micros_of(text) for label, text in record.wrapping.details if label in TIME_LABELS)
            arrived = next(arrivals, NO_TIME)
            if arrived != NO_TIME:
                self.arrivals += 1
                self.late += arrived - at > MINUTE
                self.longest_delay = max(self.longest_delay, arrived - at if arrived - at > MINUTE else 0)

    def merge(self, later: "Traffic") -> "Traffic":
        """Add what *later* counted, and return this."""
        self.hosts.update(later.hosts)
        self.users |= later.users
        self.courses |= later.courses
        self.arrivals += later.arrivals
        self.late += later.late
        self.longest_delay = max(self.longest_delay, later.longest_delay)
        self.rows.merge(later.rows)
        for name, counts in later.minutes.items():
            self.minutes.setdefault(name, Counter()).update(counts)
        for minute, (first, last) in later._minutes.items():
            self._extend_minute(minute, first, last)
        return self

    def largest_gap(self) -> Gap | None:
        """Return the largest gap of a minute or more, of equal ones the first; it lies between two minutes."""
        spans = [self._minutes[minute] for minute in sorted(self._minutes)]
        gaps = (Gap(last, first) for (_, last), (first, _) in pairwise(spans))
        gap = max(gaps, key=lambda gap: gap.end - gap.start, default=None)
        return gap if gap is not None and gap.end - gap.start >= MINUTE else None

    def timelines(self) -> dict[str, dict[str, Any]]:
        """Return a timeline, as of retries, for each name of events, from the first to the last time of them all."""
        every = [minute for counts in self.minutes.values() for minute in (min(counts), max(counts))]
        if not every:
            return {}
        ends = min(every), max(every)
        bucket = bucket_of((ends[1] - ends[0]) * MINUTE)
        length = BUCKETS[bucket] // 60
        found = {}
        for name, counts in self.minutes.items():
            buckets: Counter[int] = Counter(dict.fromkeys((end // length for end in ends), 0))
            for minute, count in counts.items():
                buckets[minute // length] += count
            rows = [{"start": Instant(start * length * 60, ""), "retries": count} for start, count in buckets.items()]
            found[name] = {"bucket": bucket, "counts": rows}
        return found

    def _extend_minute(self, minute: int, first: int, last: int) -> None:
        known = self._minutes.get(minute, (first, last))
        self._minutes[minute] = min(known[0], first), max(known[1], last)


def _found(event: Json) -> Iterable[object]:
    if isinstance(event, dict) and caliper.is_event(event):
        return [find(place, event) for place in _FIELDS]
    fields = envelope(event)
    return fields.get("hostname"), fields.get("user_id"), fields.get("context_type"), fields.get("context_id")


def _texts(values: Iterable[object]) -> Iterator[str]:
    return (value for value in values if isinstance(value, str))
