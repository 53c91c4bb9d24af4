"""Looking at all that events hold, to be compared with what is documented."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from canvas_events_cli import pointers
from canvas_events_cli.catalog.fields import json_type
from canvas_events_cli.drifting.report import ELEMENT, DriftReport, EventSeen, Objection, Sightings
from canvas_events_cli.model import NO_NAME, Finding, Framed, Json, Malformed, Record, WrapperFault
from canvas_events_cli.running.reading import Compiled
from canvas_events_cli.same_event import name_and_time
from canvas_events_cli.structure import structure_of
from canvas_events_cli.timestamps import parse_instant
from canvas_events_cli.validation import EventChecker, ValidationSpec, compile_checker

_MOST_BYTES = 2 * 1024 * 1024
"""Of events that are held, as text: as values they take several times as much."""


@dataclass(frozen=True, slots=True)
class DriftWork:
    """What ``run`` needs to look at all that events hold; picklable."""

    spec: ValidationSpec
    examples: bool
    """Whether a value of each field is kept, which may be personal."""

    def compile(self) -> Compiled[DriftReport]:
        """Return what looks at events. Raises CeventsError for a schema that cannot be used."""
        checker = compile_checker(self.spec, by_types=True)
        return Compiled(
            lambda source_name, events: observe_records(checker, events, examples=self.examples), merges_slowly=True
        )


def observe_records(
    checker: EventChecker, items: Iterable[Framed | WrapperFault], *, examples: bool = False
) -> DriftReport:
    """Return the report of *items*; the same function serves every way of running it.

    What is undocumented, and what is wrong, *checker* says as it does for ``validate``; it must not be strict.
    *examples* keeps a value of each field, which may be personal.
    """
    report = DriftReport()
    alike = _Alike(report, checker, examples)
    for item in items:
        if type(item) is Record and isinstance(item.value, dict):
            report.unverified += item.unverified
            alike.add(item, item.value)
        elif type(item) is Malformed:
            report.add_malformed(item)
        elif type(item) in (Record, WrapperFault):
            report.no_events += 1
    alike.flush()
    return report


@dataclass(slots=True)
class _Group:
    """Events of one name and structure."""

    event: dict[str, Json]
    """The first."""
    is_valid: bool = False
    """Whether one of them was."""
    seen: Sightings = field(default_factory=Sightings)


class _Alike:
    """The latest events, in groups: what is in those of a group is looked at once for all."""

    def __init__(self, report: DriftReport, checker: EventChecker, examples: bool) -> None:
        self._events = report.events
        self._checker = checker
        self._examples = examples
        self._groups: dict[tuple[str, Hashable], _Group] = {}
        self._bytes = 0

    def add(self, record: Record, event: dict[str, Json]) -> None:
        """Add *event*, the value of *record*; runs for every event."""
        name, time = name_and_time(event)
        key = (name or NO_NAME, structure_of(event))
        group = self._groups.get(key)
        if group is None:
            if self._bytes > _MOST_BYTES:
                self.flush()
            self._bytes += len(record.raw)
            group = self._groups[key] = _Group(event)
        if not group.is_valid or not self._checker.is_valid(record):
            group.is_valid |= self._judge(record, event)
        group.seen.add(parse_instant(time))

    def _judge(self, record: Record, event: dict[str, Json]) -> bool:
        """Take over what is to be told of *event*, and return whether it is valid."""
        verdict = self._checker.check("", record)
        name = verdict.event_name or NO_NAME
        known = self._events.get(name)
        if known is None:
            known = self._events[name] = EventSeen()
        known.is_new |= verdict.undocumented_event
        known.undocumented |= dict.fromkeys(verdict.undocumented_fields)
        if verdict.findings:
            known.invalid += 1
            known.objections |= dict.fromkeys(_objection(event, finding) for finding in verdict.findings)
        return not verdict.findings

    def flush(self) -> None:
        """Look at what the events hold, in the order in which their structures came."""
        for (name, _), group in self._groups.items():
            self._events[name].seen.add(group.event, group.seen, examples=self._examples)
        self._groups.clear()
        self._bytes = 0


def _objection(event: Json, finding: Finding) -> Objection:
    """Return *finding* without the values of *event* and the places in its arrays."""
    path: list[str | int] = []
    place: object = event
    for token in pointers.split(finding.pointer):
        path.append(ELEMENT if isinstance(place, list) else token)
        place = pointers.resolve(place, [token], pointers.ABSENT)
    kind = "" if place is pointers.ABSENT else json_type(place)
    return Objection(tuple(path), finding.keyword, finding.kind == "body", kind)
