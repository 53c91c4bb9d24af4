"""Checking events, one at a time."""

from collections.abc import Callable
from operator import add
from typing import NamedTuple

from canvas_events_cli import caliper, pointers
from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.catalog.catalog import name_hint
from canvas_events_cli.defaults import DEFAULT_ENGINE
from canvas_events_cli.exact_json import with_whole_integers
from canvas_events_cli.framing.fast import fast_paths_are_on
from canvas_events_cli.json_text import duplicate_keys
from canvas_events_cli.model import Finding, FindingKind, Json, Record, WrapperFault
from canvas_events_cli.same_event import ENVELOPES, event_name, name_in_envelope
from canvas_events_cli.validation import messages
from canvas_events_cli.validation.engines import (
    NOT_DOCUMENTED,
    NOT_THERE,
    UNEXPECTED,
    CompiledSchema,
    Path,
    ValidationSpec,
    Violation,
    compile_schema,
)
from canvas_events_cli.validation.findings import Verdict, hints, in_common, in_order_of, starred
from canvas_events_cli.validation.messages import describe
from canvas_events_cli.validation.outline import Outline, Outlines

Event = dict[str, Json]


class _Rule(NamedTuple):
    """One of the schemas that an event is held against."""

    kind: FindingKind
    field: str | None
    """Of the value of which field it is; None where it is of the whole event."""
    schema: CompiledSchema


class _Rules(NamedTuple):
    """What checking a kind of events takes: those of one name, say, or Caliper's."""

    kind: FindingKind
    """Whose findings there are of what is not inside ``body``."""
    each: tuple[_Rule, ...]
    """Where two object alike, the first is told."""
    outline: Outline
    compares_numbers: bool
    """Whether integers have to be as written."""
    is_known: bool
    """Whether the catalogue has a schema for just these events."""


class _Told(NamedTuple):
    """What was found in one value: an event, or the envelope that it was sent in."""

    findings: tuple[Finding, ...] = ()
    undocumented: tuple[Path, ...] = ()
    missing: tuple[Path, ...] = ()


_NOTHING = _Told()


def compile_checker(spec: ValidationSpec, *, by_types: bool = False) -> "EventChecker":
    """Return the checker for *spec*, with the schemas that the user named compiled and the bundled ones when needed.

    *by_types* asks the engine about few valid events, for those who ask about many one by one. Raises CeventsError
    where the engine's package cannot be imported or cannot use a schema.
    """
    clean = None
    if by_types and spec.engine == DEFAULT_ENGINE and fast_paths_are_on():
        from canvas_events_cli.validation.fast.judging import Alone  # few do without

        clean = Alone(spec)
    checker = EventChecker(spec, clean)
    for name in spec.catalog.given:
        checker.prepare(name)
    return checker


class EventChecker:
    """The compiled form of a ValidationSpec: one in each process."""

    def __init__(self, spec: ValidationSpec, clean: Callable[[Record], Verdict | None] | None = None) -> None:
        """*clean* may return, sooner than the engine, the verdict that there is nothing to tell."""
        self._spec = spec
        self._clean = clean or (lambda _: None)
        self._outlines = Outlines()
        self._envelope = _Rule("envelope", None, compile_schema(spec.catalog.envelope, spec.engine))
        self._by_name: dict[str | None, _Rules] = {}
        self._unnamed = self._rules(spec.catalog.every_body)
        self._caliper: dict[str, _Rules] = {}

    def check(self, source: str, record: Record | WrapperFault) -> Verdict:
        """Return the verdict on one event.

        Runs once an event: a valid one costs two calls of the engine and a walk through its objects.
        """
        if isinstance(record, WrapperFault):
            return Verdict(None, (Finding(source, record.line, None, "envelope", record.keyword, "", record.message),))
        event = record.value
        if not isinstance(event, dict):
            violation = Violation((), "type", "object", event)
            message = describe(violation, show_values=self._spec.show_values)
            return Verdict(None, (Finding(source, record.line, None, "envelope", "type", "", message),))
        if (clean := self._clean(record)) is not None:
            return clean
        name, rules, is_caliper = self.applying(event)
        sent_in = record.wrapping.envelope if is_caliper and record.wrapping is not None else None
        told = self._examine(source, record, name, event, rules)
        if sent_in is not None:
            around = self._examine(source, record, name, sent_in, self._caliper_rules("envelope"))
            told = _Told(*map(add, around or _NOTHING, told or _NOTHING))
        if self._spec.strict:
            findings = [*(told.findings if told is not None else ())]
            for pointer in duplicate_keys(record.raw):  # which costs several times the parse
                kind = "body" if pointer.startswith("/body/") else rules.kind
                findings.append(
                    Finding(source, record.line, name, kind, "duplicateKey", pointer, messages.DUPLICATE_KEY)
                )
            return Verdict(name, tuple(findings))
        is_unknown = name is not None and not rules.is_known
        if told is None:
            return Verdict(name, (), (), is_unknown)
        # Fields of all elements of an array are told once.
        undocumented, missing = (dict.fromkeys(map(starred, paths)) for paths in (told.undocumented, told.missing))
        return Verdict(name, told.findings, tuple(undocumented), is_unknown, tuple(missing))

    def is_valid(self, record: Record) -> bool:
        """Tell whether nothing forbids the event of *record*; of one that came in an envelope of its own, never.

        All others that are valid get the same verdict where their names and their ``structure`` are equal.
        """
        return (record.wrapping is None or record.wrapping.envelope is None) and not self.is_wrong(record)

    def is_wrong(self, record: Record) -> bool:
        """Tell whether :meth:`check` has findings, without making any."""
        event, wrapping = record.value, record.wrapping
        if self._spec.strict or not isinstance(event, dict) or (wrapping and wrapping.envelope is not None):
            return bool(self.check("", record).findings)
        if self._clean(record) is not None:
            return False
        _, rules, _ = self.applying(event)
        return bool(_broken(with_whole_integers(record.raw, event) if rules.compares_numbers else event, rules))

    def applying(self, event: Event) -> tuple[str | None, _Rules, bool]:
        """Return what *event* is called, what it is held against, and whether that is what Caliper's are."""
        name = name_in_envelope(event)
        if name is None and ((is_event := caliper.is_event(event)) or caliper.is_envelope(event)):
            return caliper.event_name(event), self._caliper_rules("event" if is_event else "envelope"), True
        return name, self._by_name.get(name) or self.prepare(name), False

    def prepare(self, name: str | None) -> _Rules:
        """Return what checking events of this name takes, compiled on the first call for a known one.

        Names that the catalogue does not list are not remembered: events can hold any number of them.
        """
        bodies = self._spec.catalog.bodies
        if name is None or name not in bodies:
            return self._unnamed
        if name not in self._by_name:
            self._by_name[name] = self._rules(bodies[name])
        return self._by_name[name]

    def _rules(self, body: SchemaFile | None) -> _Rules:
        envelope = self._spec.catalog.envelope
        of_body = (_Rule("body", "body", compile_schema(body, self._spec.engine)),) if body else ()
        numbers = envelope.compares_numbers or (body is not None and body.compares_numbers)
        outline = self._outlines.event(envelope, body)
        return _Rules("envelope", (*of_body, self._envelope), outline, numbers, body is not None)

    def _caliper_rules(self, part: str) -> _Rules:
        """Return what checking Caliper events takes, or the envelopes that they are sent in: there may be no schema."""
        if part not in self._caliper:
            kind: FindingKind = "body" if part == "event" else "envelope"
            file = self._spec.catalog.caliper.get(part)
            rules = (_Rule(kind, None, compile_schema(file, self._spec.engine)),) if file is not None else ()
            outline = self._outlines.event(file) if file is not None else self._outlines.together([], [])
            numbers = file is not None and file.compares_numbers
            self._caliper[part] = _Rules(kind, rules, outline, numbers, file is not None)
        return self._caliper[part]

    def _examine(self, source: str, record: Record, name: str | None, value: Event, rules: _Rules) -> _Told | None:
        """Return what is wrong with *value*, and what there is to note of it; None where there is nothing."""
        if rules.compares_numbers and value is record.value:
            value = with_whole_integers(record.raw, value)
        broken = _broken(value, rules)
        undocumented, missing = rules.outline.notes(value)
        unknown = self._unknown_event(value, rules) if self._spec.strict and not rules.is_known else []
        if not (broken or undocumented or missing or unknown):
            return None
        if not (broken or self._spec.strict) and len(undocumented) + len(missing) == 1:
            return _Told((), tuple(undocumented), tuple(missing))  # sooner: one note alone is what most events have
        order = in_order_of(value)
        violations = _violations(value, broken)
        places = {violation.path for violation in violations}
        undocumented = sorted(undocumented, key=order)
        missing = sorted((path for path in missing if path not in places), key=order)
        unexpected = [*undocumented, *(found.path for found in violations if found.keyword in UNEXPECTED)]
        if self._spec.strict:
            for word, paths in ((NOT_DOCUMENTED, undocumented), (NOT_THERE, missing)):
                violations += [
                    Violation(path, word, kind="body" if path[0] == "body" else rules.kind) for path in paths
                ]
            violations += unknown
        hint = hints(value, rules.outline, unexpected)
        told = {
            (found.kind, found.path, found.keyword, describe(found, show_values=self._spec.show_values) + hint(found))
            for found in violations
        }
        findings = tuple(
            Finding(source, record.line, name, kind, keyword, pointers.join("", *path), message)
            for kind, path, keyword, message in sorted(told, key=lambda row: (order(row[1]), *row[2:]))
        )
        return _Told(findings, tuple(undocumented), tuple(missing))

    def _unknown_event(self, event: Event, rules: _Rules) -> list[Violation]:
        """Return that the catalogue knows no events of this name; nothing of events without a name."""
        name = event_name(event)
        if name is None:
            return []
        if rules.kind == "body":
            return [Violation(("type",), NOT_DOCUMENTED, messages.UNDOCUMENTED_CALIPER, kind="body")]
        key = next(key for key in ENVELOPES if isinstance(part := event.get(key), dict) and "event_name" in part)
        hint = name_hint(name, self._spec.catalog.bodies)
        return [Violation((key, "event_name"), NOT_DOCUMENTED, messages.UNDOCUMENTED_EVENT + hint)]


def misspelt(record: Record, verdict: Verdict, checker: EventChecker) -> dict[str, str]:
    """Return by pointers the ends of messages that ask what is meant, of the undocumented fields outside of arrays."""
    event = record.value
    paths = [path for pointer in verdict.undocumented_fields if "*" not in (path := pointers.split(pointer))]
    if not paths or not isinstance(event, dict):
        return {}
    hint = hints(event, checker.applying(event)[1].outline, paths)
    told = ((path, hint(Violation(path, NOT_DOCUMENTED))) for path in paths)
    return {pointers.join("", *path): text for path, text in told if text}


def _broken(event: Event, rules: _Rules) -> list[_Rule]:
    """Return those of *rules* that *event* breaks."""
    broken = []
    for rule in rules.each:
        _, field, schema = rule
        if (field is None or field in event) and not schema.is_valid(event if field is None else event[field]):
            broken.append(rule)
    return broken


def _violations(event: Event, broken: list[_Rule]) -> list[Violation]:
    """Return all violations of the rules that are *broken*, their paths from the root; where two object alike, one."""
    found: list[Violation] = []
    for kind, field, schema in broken:
        claimed = {(violation.path, violation.keyword) for violation in found}
        above = () if field is None else (field,)
        for violation in schema.violations(event if field is None else event[field]):
            path = (*above, *violation.path)
            if (path, violation.keyword) not in claimed:
                found.append(violation._replace(path=path, kind=kind))
    return in_common(found)
