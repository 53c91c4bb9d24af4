"""What counts the events of a stream, and keeps rows of the retry events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from canvas_events_cli.model import NO_NAME, Framed, Json, Malformed, Record, WrapperFault
from canvas_events_cli.query.fields import Field, find, parse_field
from canvas_events_cli.running.reading import Compiled, FastPath
from canvas_events_cli.same_event import name_and_time
from canvas_events_cli.summary.event_rows import EventRows
from canvas_events_cli.summary.in_depth import InDepth, Lookup
from canvas_events_cli.summary.packed import Rows
from canvas_events_cli.summary.report import SummaryReport
from canvas_events_cli.summary.retry_clone import OLDER_NAME, RETRY_CLONE, is_older_retry
from canvas_events_cli.summary.traffic import Traffic
from canvas_events_cli.summary.updates import ASSIGNMENT_UPDATED
from canvas_events_cli.timestamps import to_micros

_AT_ONCE = 256
"""How many retries are counted at a time, and times compared: one by one it takes several times as long."""

_ROWS_AT_ONCE = 64
"""How many times rows are held until retries between them are counted; they hold some hundred retries each."""


@dataclass(frozen=True, slots=True)
class SummaryWork:
    """What ``run`` needs to summarize; picklable."""

    by: tuple[str, ...] = ()
    """FIELDs to tally besides."""
    traffic: bool = False
    """Whether to count what one wants to know of a capture without retries; it takes half as long again."""

    def compile(self) -> Compiled[SummaryReport]:
        """Return what tallies. Raises CeventsError for what is no field."""
        fields = {name: parse_field(name) for name in self.by}
        lookups = {name: partial(find, field) for name, field in fields.items()}
        return Compiled(
            lambda source_name, events: tally_records(events, lookups, traffic=self.traffic),
            fast=partial(_fast, [*fields.values()]),
            merges_slowly=True,
        )


def _fast(by: Sequence[Field]) -> FastPath:
    # Of what goes the plain way nobody asks for these.
    from canvas_events_cli.summary.fast import decode, parse

    return parse.fast_path(by) if by else decode.fast_path()


def tally_records(
    items: Iterable[Framed | WrapperFault | Rows], by: Mapping[str, Lookup] | None = None, *, traffic: bool = False
) -> SummaryReport:
    """Return the report of *items*; the same function serves every way of running it.

    *by* names fields to tally over all unique events. Without these and *traffic*, an event that is no retry and no
    update of an assignment costs its name and its time, nothing else.
    """
    report = SummaryReport(traffic=Traffic() if traffic else None, by=EventRows({name: {} for name in by or ()}))
    retries, retry_names, rows_between = list[Json](), list[str](), list[tuple[int, Rows]]()
    times, names = list[Json](), list[str]()

    def count() -> None:
        if retries:
            report.spans.add(retry_names, report.retries.add(retries, rows_between))
        report.spans.add(names, to_micros(times)[0])
        for batch in (retries, retry_names, rows_between, names, times):
            batch.clear()

    for item in InDepth(report, [*by.values()] if by else []).through(items) if by or traffic else items:
        if type(item) is Record:
            event = item.value
            report.unverified += item.unverified
            known_name, time = name_and_time(event)
            name = known_name or NO_NAME
            report.event_types[name] += 1
            if name == RETRY_CLONE or (name == OLDER_NAME and is_older_retry(event)):
                retries.append(event)
                retry_names.append(name)
            else:
                names.append(name)
                times.append(time)
                if name == ASSIGNMENT_UPDATED:
                    report.updates.add(event)
            if len(retries) == _AT_ONCE or len(times) == _AT_ONCE:
                count()
        elif type(item) is Rows:
            report.unverified += len(item.keys) * item.is_unverified
            report.event_types[RETRY_CLONE] += len(item.keys)
            report.spans.extend(RETRY_CLONE, item.micros)
            if retries:
                rows_between.append((len(retries), item))
            else:
                report.retries.extend(item)
            if len(rows_between) == _ROWS_AT_ONCE:
                count()
        elif type(item) is Malformed:
            report.add_malformed(item)
        elif type(item) is WrapperFault:
            report.event_types[NO_NAME] += 1
    count()
    if report.retries.events:
        report.traffic = None
    return report
