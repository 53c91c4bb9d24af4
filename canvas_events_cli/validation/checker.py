"""Checking events, one at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, cast

from canvas_events_cli import caliper
from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.catalog.catalog import name_hint
from canvas_events_cli.duplicate_keys import duplicate_keys
from canvas_events_cli.exact_json import with_whole_integers
from canvas_events_cli.model import Finding, FindingKind, Record
from canvas_events_cli.same_event import ENVELOPES, name_in_envelope
from canvas_events_cli.validation import messages
from canvas_events_cli.validation.caliper_checker import CaliperChecker
from canvas_events_cli.validation.engines import load_engine
from canvas_events_cli.validation.findings import (
    NO_NOTES,
    Event,
    Fault,
    Notes,
    Verdict,
    faults_of,
    findings_of,
    in_order_of,
    violations_of,
)
from canvas_events_cli.validation.names import Names
from canvas_events_cli.validation.shape import Shape, Shapes
from canvas_events_cli.validation.spec import ValidationSpec
from canvas_events_cli.validation.violation import UNEXPECTED, CompiledSchema, Path, Violation

_MOST_SEEN = 256
_LONGEST_SEEN = 10_000
"""Characters of the names of an event's fields, beyond which they are not remembered: hostile ones have many."""
_BROKEN: dict[tuple[bool, bool], tuple[FindingKind, ...]] = {
    (True, True): (),
    (True, False): ("body",),
    (False, True): ("envelope",),
    (False, False): ("envelope", "body"),
}
"""By whether an event keeps to the envelope's schema and to its body's: which of them it breaks."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What checking the events of one name takes."""

    body: CompiledSchema | None
    body_is_valid: Callable[[object], bool]
    shape: Shape
    clean: Verdict | None
    """The verdict for an event with nothing to tell, where it is always the same."""
    compares_numbers: bool
    """Whether integers have to be as written."""
    seen: dict[tuple[tuple[str, ...], ...], list[Path]]
    """The undocumented fields of events met so far, by the fields that they have."""

    def notes(self, event: Event, order: Callable[[Path], Any]) -> Notes:
        """Return which fields of *event* are undocumented, and which expected ones are missing, in its own order."""
        if self.shape.notes_nothing(event):
            return NO_NOTES
        return Notes(self._undocumented(event, order), sorted(self.shape.missing(event), key=order))

    def _undocumented(self, event: Event, order: Callable[[Path], Any]) -> list[Path]:
        """Return the paths of the undocumented fields in *event*.

        A stream with such fields has the same ones again and again, so they are remembered where the names of the
        fields decide.
        """
        if not self.shape.is_flat:
            return sorted(self.shape.undocumented(event), key=order)
        fields = (tuple(event), *(tuple(inner) if isinstance(inner, dict) else () for inner in event.values()))
        found = self.seen.get(fields)
        if found is None:
            found = sorted(self.shape.undocumented(event), key=order)
            if len(self.seen) < _MOST_SEEN and sum(map(len, chain(*fields))) < _LONGEST_SEEN:
                self.seen[fields] = found
        return found


def compile_checker(spec: ValidationSpec) -> "EventChecker":
    """Return the checker for *spec*, with the schemas that the user named compiled and the bundled ones when needed.

    Raises CeventsError where the engine's package cannot be imported or cannot use a schema.
    """
    checker = EventChecker(spec)
    for event_name in spec.catalog.given:
        checker.prepare(event_name)
    return checker


class EventChecker:
    """The compiled form of a ValidationSpec: one in each process."""

    def __init__(self, spec: ValidationSpec) -> None:
        self._spec = spec
        self._engine = load_engine(spec.engine)
        self._shapes = Shapes(self._engine.matcher)
        self._envelope = self._engine.compile_schema(spec.catalog.envelope)
        self._envelope_is_valid = self._envelope.is_valid
        self._compares_numbers = spec.catalog.envelope.compares_numbers
        self._by_name: dict[str | None, _Known] = {}
        self._unnamed = self._learn(spec.catalog.every_body, None)

    def check(self, source: str, record: Record) -> Verdict:
        """Return the verdict on one event.

        Runs once an event: a valid one costs two calls of the engine and three comparisons of its names with those
        that the schemas know.
        """
        event = record.value
        if not isinstance(event, dict):
            return self._not_an_event(source, record)
        name = name_in_envelope(event)
        if name is None and (caliper.is_event(event) or caliper.is_envelope(event)):
            verdict = self._caliper.check(source, record, event)
            return self._with_duplicate_keys(source, record, verdict) if self._spec.strict else verdict
        known = self._by_name.get(name) or self.prepare(name)
        if known.compares_numbers:
            event = cast(Event, with_whole_integers(record.raw, event))
        broken = self._schemas_broken_by(event, known)
        if not broken and known.clean is not None and known.shape.notes_nothing(event):
            verdict = known.clean
        else:
            verdict = self._examine(source, record.line, event, name, broken)
        return self._with_duplicate_keys(source, record, verdict) if self._spec.strict else verdict

    @cached_property
    def _caliper(self) -> CaliperChecker:
        return CaliperChecker(self._spec, self._engine, self._shapes)

    def prepare(self, event_name: str | None) -> _Known:
        """Return what checking events of this name takes, compiled on the first call for a known name.

        Names that the catalogue does not list are not remembered: events can hold any number of them.
        """
        catalog = self._spec.catalog
        if event_name is None or event_name not in catalog.bodies:
            return self._unnamed
        if event_name not in self._by_name:
            self._by_name[event_name] = self._learn(catalog.bodies[event_name], Verdict(event_name))
        return self._by_name[event_name]

    def _learn(self, body: SchemaFile | None, clean: Verdict | None) -> _Known:
        compiled = self._engine.compile_schema(body) if body else None
        is_valid = compiled.is_valid if compiled else _accept
        shape = self._shapes.event(self._spec.catalog.envelope, body)
        numbers = self._compares_numbers or (body is not None and body.compares_numbers)
        return _Known(compiled, is_valid, shape, clean, numbers, {})

    def _schemas_broken_by(self, event: Event, known: _Known) -> tuple[FindingKind, ...]:
        """Return which of the two schemas *event* does not keep to."""
        envelope = self._envelope_is_valid(event)
        body = "body" not in event or known.body_is_valid(event["body"])
        return _BROKEN[envelope, body]

    def _examine(
        self, source: str, line: int, event: Event, name: str | None, broken: tuple[FindingKind, ...]
    ) -> Verdict:
        """Say what is wrong with an event that breaks the schemas *broken*, or what there is to note of it."""
        known = self.prepare(name)
        order = in_order_of(event)
        notes = known.notes(event, order)
        is_unknown = name is not None and known.body is None
        if not broken and not self._spec.strict:
            return notes.verdict(name, is_unknown=is_unknown)
        violations = violations_of(
            event, self._envelope if "envelope" in broken else None, known.body if "body" in broken else None
        )
        notes = notes.beside(violations)
        forbidden = [found.path for _, found in violations if found.keyword in UNEXPECTED]
        names = Names(event, known.shape, [*notes.undocumented, *forbidden])
        faults = [*faults_of(violations, names, show_values=self._spec.show_values)]
        if self._spec.strict:
            faults += notes.faults(names)
            if name is not None and is_unknown:
                faults.append(self._undocumented_event(event, name))
        findings = findings_of(source, line, name, faults, order)
        if self._spec.strict:
            return Verdict(name, findings)
        return notes.verdict(name, findings, is_unknown=is_unknown)

    def _with_duplicate_keys(self, source: str, record: Record, verdict: Verdict) -> Verdict:
        """Add a finding for each repeated key; looking for them costs several times the parse."""
        is_caliper = caliper.is_event(record.value)
        duplicates = tuple(
            Finding(
                source,
                record.line,
                verdict.event_name,
                "body" if is_caliper or pointer.startswith("/body/") else "envelope",
                "duplicateKey",
                pointer,
                messages.DUPLICATE_KEY,
            )
            for pointer in duplicate_keys(record.raw)
        )
        return verdict._replace(findings=verdict.findings + duplicates) if duplicates else verdict

    def _undocumented_event(self, event: Event, name: str) -> Fault:
        hint = name_hint(name, self._spec.catalog.bodies)
        return Fault(
            "envelope", (_envelope_key(event), "event_name"), "undocumented", messages.UNDOCUMENTED_EVENT + hint
        )

    def _not_an_event(self, source: str, record: Record) -> Verdict:
        violation = Violation((), "type", "object", record.value)
        message = messages.describe(violation, show_values=self._spec.show_values)
        return Verdict(None, (Finding(source, record.line, None, "envelope", "type", "", message),))


def _envelope_key(event: Event) -> str:
    return next(key for key in ENVELOPES if isinstance(envelope := event.get(key), dict) and "event_name" in envelope)


def _accept(body: object) -> bool:
    return True
