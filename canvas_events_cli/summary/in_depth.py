"""What is counted of each event, but of copies only once, where that was asked for: fields, and the traffic."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from canvas_events_cli.exact_json import compact_text
from canvas_events_cli.model import Json, Record
from canvas_events_cli.same_event import event_digest, event_time
from canvas_events_cli.summary.report import SummaryReport
from canvas_events_cli.timestamps import to_micros
from canvas_events_cli.wrappers import exact_event

Lookup = Callable[[object], object]
"""Finds one field in an event, such as ``partial(find, field)``; None where it is absent or null."""

TOO_DEEP_TO_WRITE = "(nested too deep)"
"""In place of a value of more than 254 levels, which the JSON writer refuses."""

_AT_ONCE = 256
_BYTES_AT_ONCE = 1 << 20
"""Events are counted many at a time, which takes half of the time; long ones sooner, for they are held until then."""
_TEXT_OR_NONE = {str, type(None)}


class Parsed(NamedTuple):
    """Events that were read together."""

    events: Sequence[Json]
    columns: Sequence[Sequence[object]]
    """For each field what it is in each of them."""
    record: Callable[[int], Record]
    """Makes the record of one, by its place among them."""
    items: Iterable[Any]
    """The same events, for whatever else is to be counted of them."""


class InDepth:
    """Counts events in a report: what *lookups* find, and where nobody met a retry, the traffic."""

    def __init__(self, report: SummaryReport, lookups: Sequence[Lookup]) -> None:
        self._report = report
        self._lookups = lookups
        self._records: list[Record] = []

    def through(self, items: Iterable[Any]) -> Iterator[Any]:
        """Yield *items*, those of events that were read together one by one; when all is taken, all is counted."""
        size = 0
        rest = iter(items)
        for item in rest:
            if not self._lookups and self._report.retries.events:  # so nobody asks for the traffic
                self._report.traffic = None
                self._records.clear()
                yield item
                yield from rest
                return
            if type(item) is Parsed:
                self._count_those()
                self._count(item)
                yield from item.items
                continue
            if type(item) is Record:
                self._records.append(item)
                size += len(item.raw)
                if len(self._records) == _AT_ONCE or size > _BYTES_AT_ONCE:
                    self._count_those()
                    size = 0
            yield item
        self._count_those()

    def _count_those(self) -> None:
        records = self._records
        if records:
            events = [record.value for record in records]
            columns = [[*map(lookup, events)] for lookup in self._lookups]
            self._count(Parsed(events, columns, records.__getitem__, ()))
            records.clear()

    def _count(self, parsed: Parsed) -> None:
        report, events = self._report, parsed.events
        if report.retries.events:
            report.traffic = None
        digests = [*map(event_digest, events)]
        each = zip(parsed.columns, self._lookups, strict=True)
        report.by.extend(digests, [_texts(column, lookup, parsed.record) for column, lookup in each])
        if report.traffic is not None:
            records = [*map(parsed.record, range(len(events)))]
            report.traffic.add(records, to_micros([*map(event_time, events)])[0], digests)


def _texts(column: Sequence[Any], lookup: Lookup, record: Callable[[int], Record]) -> Sequence[str | None]:
    """Return the values in *column* as texts; *record* makes the record in which *lookup* has found one."""
    if {*map(type, column)} <= _TEXT_OR_NONE:
        return column
    return [_text(value, lookup, record, place) for place, value in enumerate(column)]


def _text(value: object, lookup: Lookup, record: Callable[[int], Record], place: int) -> str | None:
    if isinstance(value, float | list | dict):
        # No double holds every number: those, and what may contain some, are counted as they are written.
        value = lookup(exact_event(record(place)))
    if value is None or isinstance(value, str):
        return value if value is None else str(value)  # also a number as it is written
    return compact_text(value, sort_keys=True) or TOO_DEEP_TO_WRITE
