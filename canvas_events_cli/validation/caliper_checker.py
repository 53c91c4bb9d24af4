"""Checking Caliper events, and the envelopes that they were sent in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from canvas_events_cli import caliper
from canvas_events_cli.exact_json import with_whole_integers
from canvas_events_cli.model import Finding, FindingKind, Record
from canvas_events_cli.validation import messages
from canvas_events_cli.validation.engines import EngineModule
from canvas_events_cli.validation.findings import (
    Event,
    Fault,
    Notes,
    Verdict,
    faults_of,
    findings_of,
    in_order_of,
)
from canvas_events_cli.validation.names import Names
from canvas_events_cli.validation.shape import Shape, Shapes
from canvas_events_cli.validation.spec import ValidationSpec
from canvas_events_cli.validation.violation import CompiledSchema, Violation


@dataclass(frozen=True, slots=True)
class _Known:
    """One of the two schemas, ready for use."""

    kind: FindingKind
    schema: CompiledSchema
    shape: Shape


class CaliperChecker:
    """The compiled form of a catalogue's schemas of Caliper, of which there may be none."""

    def __init__(self, spec: ValidationSpec, engine: EngineModule, shapes: Shapes) -> None:
        self._spec = spec
        self._known: Mapping[str, _Known] = {
            name: _Known(
                "body" if name == "event" else "envelope", engine.compile_schema(file), shapes.event(file, None)
            )
            for name, file in spec.catalog.caliper.items()
        }
        self._compares_numbers = any(file.compares_numbers for file in spec.catalog.caliper.values())

    def check(self, source: str, record: Record, event: Event) -> Verdict:
        """Return the verdict on *event*, the value of *record*: a Caliper event, or an envelope that is no wrapper."""
        name = caliper.event_name(event)
        if self._compares_numbers:
            event = cast(Event, with_whole_integers(record.raw, event))
        findings: list[Finding] = []
        told = Notes([], [])
        for part, known in self._parts(record, event):
            order = in_order_of(part)
            violations = [] if known.schema.is_valid(part) else list(known.schema.violations(part))
            notes = Notes(
                sorted(known.shape.undocumented(part), key=order), sorted(known.shape.missing(part), key=order)
            ).beside((known.kind, violation) for violation in violations)
            faults = list(self._faults(part, known, violations, notes)) if violations or self._spec.strict else []
            findings += findings_of(source, record.line, name, faults, order)
            told = Notes(told.undocumented + notes.undocumented, told.missing + notes.missing)
        is_unknown = name is not None and "event" not in self._known
        if not self._spec.strict:
            return told.verdict(name, tuple(findings), is_unknown=is_unknown)
        if is_unknown:
            fault = Fault("body", ("type",), "undocumented", messages.UNDOCUMENTED_CALIPER)
            findings += findings_of(source, record.line, name, [fault], in_order_of(event))
        return Verdict(name, tuple(findings))

    def _parts(self, record: Record, event: Event) -> Iterator[tuple[Event, _Known]]:
        """Yield what there is to check, with what is known of it: an envelope before the first event in it."""
        sent_in = record.wrapping.envelope if record.wrapping is not None else None
        found = {"envelope": sent_in, "event": event} if caliper.is_event(event) else {"envelope": event}
        for name, part in found.items():
            if part is not None and name in self._known:
                yield part, self._known[name]

    def _faults(self, part: Event, known: _Known, violations: list[Violation], notes: Notes) -> Iterator[Fault]:
        names = Names(part, known.shape, notes.undocumented)
        found = ((known.kind, violation) for violation in violations)
        yield from faults_of(found, names, show_values=self._spec.show_values)
        if self._spec.strict:
            for fault in notes.faults(names):
                yield fault._replace(kind=known.kind)
