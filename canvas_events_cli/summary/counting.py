"""Events counted many at a time."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from canvas_events_cli.exact_json import compact_text
from canvas_events_cli.model import Json, Record
from canvas_events_cli.same_event import event_digest
from canvas_events_cli.summary.report import SummaryReport
from canvas_events_cli.summary.timeline import micros_of_each
from canvas_events_cli.wrappers import exact_event

Lookup = Callable[[object], object]
"""Finds one field in an event, such as ``partial(find, field)``; None where it is absent or null."""

TOO_DEEP_TO_WRITE = "(nested too deep)"
"""In place of a value of more than 254 levels, which the JSON writer refuses."""

_EVENTS_AT_ONCE = 256
_BYTES_AT_ONCE = 1 << 20
"""Events are counted many at a time, which takes half of the time; long ones sooner, for they are held until then."""


class EventBatch:
    """Events that are counted together: by name and time, and where that was asked for, in depth."""

    def __init__(self, report: SummaryReport, lookups: Sequence[Lookup]) -> None:
        self._report = report
        self._lookups = lookups
        self._records: list[Record] = []
        self._names: list[str] = []
        self._times: list[Json] = []
        self._size = 0

    def add(self, record: Record, name: str, time: Json) -> None:
        """Add an event; what it comes to is known once :meth:`count` was called."""
        self._records.append(record)
        self._names.append(name)
        self._times.append(time)
        self._size += len(record.raw)
        if len(self._names) == _EVENTS_AT_ONCE or self._size > _BYTES_AT_ONCE:
            self.count()

    def count(self) -> None:
        """Count the events in the report."""
        report = self._report
        report.event_types.update(self._names)
        micros, exact = micros_of_each(self._times)
        by_name: defaultdict[str, list[int]] = defaultdict(list)
        for name, at in zip(self._names, micros, strict=True):
            by_name[name].append(at)
        for name, times in by_name.items():
            report.spans.extend(name, times)
        if report.retries.events:
            report.traffic = None
        if self._records and (report.traffic is not None or self._lookups):
            self._count_in_depth(micros, exact=exact)
        self._records.clear()
        self._names.clear()
        self._times.clear()
        self._size = 0

    def _count_in_depth(self, micros: Sequence[int], *, exact: bool) -> None:
        """Count what of copies counts once; times are *exact*, or some are cut or not known."""
        events = [record.value for record in self._records]
        if exact:
            digests = [event_digest(event, divmod(at, 1_000_000)) for event, at in zip(events, micros, strict=True)]
        else:
            digests = [*map(event_digest, events)]
        if self._lookups:
            for digest, record in zip(digests, self._records, strict=True):
                self._report.by.add(digest, [_value(record, lookup) for lookup in self._lookups])
        if self._report.traffic is not None:
            self._report.traffic.add(self._records, micros, digests)


def _value(record: Record, lookup: Lookup) -> str | None:
    value = lookup(record.value)
    if isinstance(value, float | list | dict):
        # No double holds every number: those, and what may contain some, are counted as they are written.
        value = lookup(exact_event(record))
    if value is None or isinstance(value, str):
        return value if value is None else str(value)  # also a number as it is written
    return compact_text(value, sort_keys=True) or TOO_DEEP_TO_WRITE
