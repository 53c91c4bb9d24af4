"""Looking at all that events hold, to be compared with what is documented."""

from collections.abc import Iterable
from dataclasses import dataclass

from canvas_events_cli import pointers
from canvas_events_cli.catalog.fields import json_type
from canvas_events_cli.drifting.report import ELEMENT, Alike, DriftReport, EventSeen, Objection
from canvas_events_cli.model import NO_NAME, Finding, Framed, Json, Malformed, Record, WrapperFault
from canvas_events_cli.running.reading import Compiled
from canvas_events_cli.same_event import name_and_time
from canvas_events_cli.structure import structure_of
from canvas_events_cli.timestamps import parse_instant
from canvas_events_cli.validation import EventChecker, ValidationSpec, compile_checker
from canvas_events_cli.validation.findings import Verdict


@dataclass(frozen=True, slots=True)
class DriftWork:
    """What ``run`` needs to look at all that events hold; picklable."""

    spec: ValidationSpec

    def compile(self) -> Compiled[DriftReport]:
        """Return what looks at events. Raises CeventsError for a schema that cannot be used."""
        checker = compile_checker(self.spec, by_types=True)
        return Compiled(lambda source_name, events: observe_records(checker, events), merges_slowly=True)


def observe_records(checker: EventChecker, items: Iterable[Framed | WrapperFault]) -> DriftReport:
    """Return the report of *items*; the same function serves every way of running it.

    What is undocumented, and what is wrong, *checker* says as it does for ``validate``; it must not be strict.
    """
    report = DriftReport()
    for item in items:
        if type(item) is Record and isinstance(item.value, dict):
            report.unverified += item.unverified
            name, time = name_and_time(item.value)
            key = (name or NO_NAME, structure_of(item.value))
            alike = report.alike.get(key) or report.hold(key, Alike(item.value, len(item.raw)))
            if not alike.is_valid or not checker.is_valid(item):
                alike.is_valid |= _judge(report.known, item.value, checker.check("", item))
            alike.seen.add(parse_instant(time))
        elif type(item) is Malformed:
            report.add_malformed(item)
        elif type(item) in (Record, WrapperFault):
            report.no_events += 1
    return report


def _judge(known: dict[str, EventSeen], event: dict[str, Json], verdict: Verdict) -> bool:
    """Take over what is to be told of *event*, and return whether it is valid."""
    of_name = known.setdefault(verdict.event_name or NO_NAME, EventSeen())
    of_name.is_new |= verdict.undocumented_event
    of_name.undocumented |= dict.fromkeys(verdict.undocumented_fields)
    if verdict.findings:
        of_name.invalid += 1
        of_name.objections |= dict.fromkeys(_objection(event, finding) for finding in verdict.findings)
    return not verdict.findings


def _objection(event: Json, finding: Finding) -> Objection:
    """Return *finding* without the values of *event* and the places in its arrays."""
    path: list[str | int] = []
    place: object = event
    for token in pointers.split(finding.pointer):
        path.append(ELEMENT if isinstance(place, list) else token)
        place = pointers.resolve(place, [token], pointers.ABSENT)
    kind = "" if place is pointers.ABSENT else json_type(place)
    return Objection(tuple(path), finding.keyword, finding.kind == "body", kind)
