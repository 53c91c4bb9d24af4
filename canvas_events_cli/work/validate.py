"""Validation of a stream of records into a report."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple, cast

from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.framing.stretches import feed_in_stretches
from canvas_events_cli.model import MALFORMED, NO_NAME, Finding, Framed, Malformed, Record, WrapperFault
from canvas_events_cli.parse import moved
from canvas_events_cli.reports import ValidationReport
from canvas_events_cli.validation import EventChecker, ValidationSpec, Verdict, compile_checker
from canvas_events_cli.work.reading import Feed, Read
from canvas_events_cli.work.runner import Compiled
from canvas_events_cli.wrappers import NOT_VERIFIED

if TYPE_CHECKING:
    from canvas_events_cli.validation.proof import Prover

LEAST_PROVEN_BYTES = 64 * 1024
"""Smaller blocks are framed as they are: it takes longer to get ready to prove anything."""
_PAUSE = 15
"""How many blocks are framed as they are after one of which nothing was proven: such blocks come in rows, and each
attempt costs as much as a parse. And how many stretches are looked at line by line after one that was not all alike."""


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What a validation report keeps, and how far reading goes."""

    max_findings: int = 100
    """How many findings are kept; 0 keeps all."""
    statistics: bool = False
    by_source: bool = False
    """Tell the event types of each source, and how many findings each has."""
    fail_fast: bool = False
    """Stop after the first record that is invalid or malformed."""


@dataclass(frozen=True, slots=True)
class ValidationWork:
    """What ``run`` needs to validate; picklable."""

    spec: ValidationSpec
    options: ReportOptions

    def compile(self) -> Compiled[ValidationReport]:
        """Return what validates. Raises CeventsError for a schema that cannot be used."""
        checker = compile_checker(self.spec)

        def part(source_name: str, events: Iterable[Read | Proven]) -> ValidationReport:
            report = validate_records(checker, source_name, events, self.options)
            if self.options.by_source and source_name:
                malformed = Counter({MALFORMED: report.malformed}) if report.malformed else Counter()
                report.by_source[source_name] = report.event_types + malformed
            return report

        return Compiled(part, cast(Feed, _Proving(self.spec).feed))

    def failed(self, source_name: str, failure: str) -> ValidationReport:
        """Return the report of a source that cannot be read (on)."""
        return ValidationReport(failures=[failure])

    def moved(self, part: ValidationReport, lines: int) -> ValidationReport:
        """Return *part* with its findings *lines* lines further down."""
        part.findings = [_moved(finding, lines) for finding in part.findings]
        return part


class Proven(NamedTuple):
    """Events that are known to be valid from their bytes alone."""

    event_types: Mapping[str, int]
    """How many of each name."""


class _Proving:
    """Feeds a framer all but the events that are proven valid, and counts these."""

    def __init__(self, spec: ValidationSpec) -> None:
        self._spec = spec
        self._blocks_to_pass = 0
        self._stretches_to_pass = 0

    @cached_property
    def _prover(self) -> "Prover | None":
        from canvas_events_cli.validation.proof import compile_prover

        return compile_prover(self._spec)

    def feed(self, framer: Framer, block: bytes) -> Iterator[Framed | Proven]:
        """Yield what ``framer.feed(block)`` does, with counts in place of the events that are proven valid."""
        if self._blocks_to_pass or len(block) < LEAST_PROVEN_BYTES or self._prover is None:
            self._blocks_to_pass = max(self._blocks_to_pass - 1, 0)
            yield from framer.feed(block)
            return
        self._blocks_to_pass = _PAUSE
        prove_lines = partial(self._prove_lines, self._prover)
        for item in feed_in_stretches(framer, block, partial(self._prove_stretch, self._prover), prove_lines):
            if type(item) is Proven:
                self._blocks_to_pass = 0
            yield item

    def _prove_stretch(self, prover: "Prover", block: bytes, start: int, end: int, objects: int) -> Proven | None:
        if self._stretches_to_pass:
            self._stretches_to_pass -= 1
            return None
        name = prover.prove_all(block, start, end, objects)
        if name is None:
            self._stretches_to_pass = _PAUSE
            return None
        return Proven({name: objects})

    def _prove_lines(self, prover: "Prover", framer: Framer, block: bytes) -> Iterator[Framed | Proven]:
        """Yield what ``framer.feed(block)`` does, less the events that are proven valid one by one, and their counts.

        Between records, a line that is a complete object is a record of its own, so it can be taken out.
        """
        *lines, rest = block.split(b"\n")
        others: list[bytes] = []
        proven: Counter[str] = Counter()
        limit = framer.max_record_bytes
        in_step = framer.between_records
        for line in lines:
            name = prover.prove(line) if len(line) <= limit else None
            if name is not None and others:
                if proven:
                    yield Proven(proven)
                    proven = Counter()
                yield from framer.feed(b"\n".join(others) + b"\n")
                others.clear()
                in_step = framer.between_records
            if name is not None and in_step:
                proven[name] += 1
                framer.line += 1
            else:
                others.append(line)
        if proven:
            yield Proven(proven)
        yield from framer.feed(b"\n".join([*others, rest]))


def validate_records(
    checker: EventChecker, source_name: str, framed: Iterable[Read | Proven], options: ReportOptions
) -> ValidationReport:
    """Return the report of *framed* records; the same function serves every way of running it."""
    report = ValidationReport()
    check = checker.check
    event_types = report.event_types
    for item in framed:
        if type(item) is Record:
            report.unverified += item.wrapping is not None and NOT_VERIFIED in item.wrapping.details
            verdict = check(source_name, item)
            event_types[verdict.event_name or NO_NAME] += 1
            if verdict.undocumented_fields or verdict.undocumented_event:
                _note(report, verdict)
            if not verdict.findings:
                report.valid += 1
                continue
            report.invalid += 1
            _add_findings(report, verdict.findings, options)
        elif type(item) is Proven:
            report.valid += sum(item.event_types.values())
            for name, events in item.event_types.items():
                event_types[name] += events
        elif type(item) is Malformed:
            report.malformed += 1
            _add_findings(report, (_malformed(source_name, item),), options)
        elif type(item) is WrapperFault:
            report.invalid += 1
            event_types[NO_NAME] += 1
            _add_findings(report, (_fault(source_name, item),), options)
        if options.fail_fast and not report.passed:
            break
    return report


def _moved(finding: Finding, lines: int) -> Finding:
    message = moved(finding.message, lines) if finding.kind == "malformed" else finding.message
    return replace(finding, line=finding.line + lines, message=message)


def _note(report: ValidationReport, verdict: Verdict) -> None:
    name = verdict.event_name or NO_NAME
    for pointer in verdict.undocumented_fields:
        report.undocumented_fields[f"{name} {pointer}"] += 1
    if verdict.undocumented_event:
        report.undocumented_events[name] += 1


def _malformed(source_name: str, item: Malformed) -> Finding:
    return Finding(source_name, item.line, None, "malformed", "json", "", item.message)


def _fault(source_name: str, item: WrapperFault) -> Finding:
    return Finding(source_name, item.line, None, "envelope", item.keyword, "", item.message)


def _add_findings(report: ValidationReport, findings: Iterable[Finding], options: ReportOptions) -> None:
    for finding in findings:
        report.findings_total += 1
        if not options.max_findings or len(report.findings) < options.max_findings:
            report.findings.append(finding)
        if options.statistics:
            report.statistics[finding.event_name or NO_NAME, finding.pointer, finding.keyword] += 1
        if options.by_source:
            report.findings_by_source.setdefault(finding.source, Counter())[finding.shown_name] += 1
