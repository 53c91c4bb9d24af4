"""What a part of the input holds, as a value that merges: what drift is told from."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from canvas_events_cli import pointers
from canvas_events_cli.catalog.fields import json_type
from canvas_events_cli.drifting.seen import Seen, Sightings, merge_into
from canvas_events_cli.model import NO_NAME, Finding, Framed, Json, Malformed, Record, WrapperFault
from canvas_events_cli.running.report import Report
from canvas_events_cli.same_event import envelope
from canvas_events_cli.timestamps import parse_instant
from canvas_events_cli.validation import EventChecker
from canvas_events_cli.validation.engines import Path


class Fault(NamedTuple):
    """One way in which events break a schema; the elements of an array are all one."""

    path: Path
    """From the event's root; 0 stands for every element of an array."""
    keyword: str
    is_body: bool
    """Whether the body's schema objects, not the envelope's."""
    type: str
    """The JSON type of what was there; empty where nothing was."""


@dataclass(slots=True)
class EventSeen:
    """What the events of one name hold. Append-only."""

    sightings: Sightings = field(default_factory=Sightings)
    invalid: int = 0
    is_new: bool = False
    """Whether no body schema is known for the name."""
    seen: Seen = field(default_factory=Seen)
    undocumented: dict[str, None] = field(default_factory=dict)
    """The pointers of undocumented fields, array elements as ``*``, in the order in which they came."""
    faults: dict[Fault, None] = field(default_factory=dict)

    def merge(self, later: Self) -> None:
        """Add what another part of the input holds."""
        self.sightings.merge(later.sightings)
        self.invalid += later.invalid
        self.is_new = self.is_new or later.is_new
        self.seen.merge(later.seen)
        self.undocumented |= later.undocumented
        self.faults |= later.faults


@dataclass
class DriftReport(Report):
    """What was seen in a part of the input, or in all of it. Append-only."""

    no_events: int = 0
    """Values that are no objects, and wrappers without an event in them."""
    events: dict[str, EventSeen] = field(default_factory=dict)
    """By event name; those without a usable one as ``(none)``."""

    def merge(self, later: Self) -> Self:
        """Take over what *later*, the part after this one, saw, and return this report."""
        self.no_events += later.no_events
        merge_into(self.events, later.events)
        return super().merge(later)


def observe_records(
    checker: EventChecker, items: Iterable[Framed | WrapperFault], *, examples: bool = False
) -> DriftReport:
    """Return the report of *items*; the same function serves every way of running it.

    What is undocumented, and what is wrong, *checker* says as it does for ``validate``; it must not be strict.
    *examples* keeps a value of each field, which may be personal.
    """
    report = DriftReport()
    for item in items:
        if type(item) is Record and isinstance(item.value, dict):
            report.unverified += item.wrapping is not None and item.wrapping.unverified
            _observe(report, checker, item, item.value, examples=examples)
        elif type(item) is Malformed:
            report.add_malformed(item)
        elif type(item) in (Record, WrapperFault):
            report.no_events += 1
    return report


def _observe(
    report: DriftReport, checker: EventChecker, record: Record, event: dict[str, Json], *, examples: bool
) -> None:
    verdict = checker.check("", record)
    name = verdict.event_name or NO_NAME
    known = report.events.get(name)
    if known is None:
        known = report.events[name] = EventSeen()
    moment = parse_instant(envelope(event).get("event_time"))
    known.sightings.add(moment)
    known.seen.add(event, moment, examples=examples)
    known.is_new = known.is_new or verdict.undocumented_event
    known.undocumented |= dict.fromkeys(verdict.undocumented_fields)
    if verdict.findings:
        known.invalid += 1
        known.faults |= dict.fromkeys(_fault(event, finding) for finding in verdict.findings)


def _fault(event: Json, finding: Finding) -> Fault:
    """Return *finding* without the values of *event* and the places in its arrays."""
    path: list[str | int] = []
    place: object = event
    for token in pointers.split(finding.pointer):
        is_element = isinstance(place, list)
        place = pointers.resolve(place, [token], _ABSENT)
        path.append(0 if is_element else token)
    kind = "" if place is _ABSENT else json_type(place)
    return Fault(tuple(path), finding.keyword, finding.kind == "body", kind)


_ABSENT = object()
