"""What is counted of each event, but of copies only once, where that was asked for: fields, and the traffic."""

from collections.abc import Callable, Sequence

from canvas_events_cli.exact_json import compact_text
from canvas_events_cli.model import Json, Record
from canvas_events_cli.same_event import event_digest
from canvas_events_cli.summary.report import SummaryReport
from canvas_events_cli.summary.timeline import to_micros
from canvas_events_cli.wrappers import exact_event

Lookup = Callable[[object], object]
"""Finds one field in an event, such as ``partial(find, field)``; None where it is absent or null."""

TOO_DEEP_TO_WRITE = "(nested too deep)"
"""In place of a value of more than 254 levels, which the JSON writer refuses."""

_AT_ONCE = 256
_BYTES_AT_ONCE = 1 << 20
"""Events are counted many at a time, which takes half of the time; long ones sooner, for they are held until then."""


class InDepth:
    """Counts events in a report: what *lookups* find, and where nobody met a retry, the traffic."""

    def __init__(self, report: SummaryReport, lookups: Sequence[Lookup]) -> None:
        self._report = report
        self._lookups = lookups
        self._records: list[Record] = []
        self._times: list[Json] = []
        self._size = 0

    def add(self, record: Record, time: Json) -> None:
        """Add an event; what it comes to is known once :meth:`count` was called."""
        self._records.append(record)
        self._times.append(time)
        self._size += len(record.raw)
        if len(self._records) == _AT_ONCE or self._size > _BYTES_AT_ONCE:
            self.count()

    def count(self) -> None:
        """Count the events in the report."""
        report, records = self._report, self._records
        if report.retries.events:
            report.traffic = None
        if records and (self._lookups or report.traffic is not None):
            micros, are_exact = to_micros(self._times)
            moments = [divmod(at, 1_000_000) if exact else None for at, exact in zip(micros, are_exact, strict=True)]
            digests = [event_digest(record.value, at) for record, at in zip(records, moments, strict=True)]
            if self._lookups:
                for digest, record in zip(digests, records, strict=True):
                    report.by.add(digest, [_value(record, lookup) for lookup in self._lookups])
            if report.traffic is not None:
                report.traffic.add(records, micros, digests)
        self._records.clear()
        self._times.clear()
        self._size = 0


def _value(record: Record, lookup: Lookup) -> str | None:
    value = lookup(record.value)
    if isinstance(value, float | list | dict):
        # No double holds every number: those, and what may contain some, are counted as they are written.
        value = lookup(exact_event(record))
    if value is None or isinstance(value, str):
        return value if value is None else str(value)  # also a number as it is written
    return compact_text(value, sort_keys=True) or TOO_DEEP_TO_WRITE
