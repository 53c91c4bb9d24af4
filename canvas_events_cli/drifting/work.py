"""Looking at all that events hold, to be compared with what is documented."""

from collections.abc import Iterable
from dataclasses import dataclass

from canvas_events_cli import pointers
from canvas_events_cli.catalog.fields import json_type
from canvas_events_cli.drifting.report import ELEMENT, DriftReport, EventSeen, Objection
from canvas_events_cli.model import NO_NAME, Finding, Framed, Json, Malformed, Record, WrapperFault
from canvas_events_cli.running.reading import Compiled
from canvas_events_cli.same_event import envelope
from canvas_events_cli.timestamps import parse_instant
from canvas_events_cli.validation import EventChecker, ValidationSpec, compile_checker


@dataclass(frozen=True, slots=True)
class DriftWork:
    """What ``run`` needs to look at all that events hold; picklable."""

    spec: ValidationSpec
    examples: bool
    """Whether a value of each field is kept, which may be personal."""

    def compile(self) -> Compiled[DriftReport]:
        """Return what looks at events. Raises CeventsError for a schema that cannot be used."""
        checker = compile_checker(self.spec)
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
    known.seen.add(event, parse_instant(envelope(event).get("event_time")), examples=examples)
    known.is_new |= verdict.undocumented_event
    known.undocumented |= dict.fromkeys(verdict.undocumented_fields)
    if verdict.findings:
        known.invalid += 1
        known.objections |= dict.fromkeys(_objection(event, finding) for finding in verdict.findings)


def _objection(event: Json, finding: Finding) -> Objection:
    """Return *finding* without the values of *event* and the places in its arrays."""
    path: list[str | int] = []
    place: object = event
    for token in pointers.split(finding.pointer):
        path.append(ELEMENT if isinstance(place, list) else token)
        place = pointers.resolve(place, [token], pointers.ABSENT)
    kind = "" if place is pointers.ABSENT else json_type(place)
    return Objection(tuple(path), finding.keyword, finding.kind == "body", kind)
