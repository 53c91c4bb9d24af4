"""Validation of a stream of records into a report."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import MALFORMED, NO_NAME, Finding, Framed, Malformed, Record, WrapperFault
from canvas_events_cli.parse import moved
from canvas_events_cli.reports import ValidationReport
from canvas_events_cli.validation import EventChecker, ValidationSpec, Verdict, compile_checker
from canvas_events_cli.work.reading import Read
from canvas_events_cli.work.runner import Compiled
from canvas_events_cli.wrappers import NOT_VERIFIED

LEAST_PROVEN_BYTES = 64 * 1024
"""Smaller blocks are framed as they are: it takes longer to get ready to prove anything."""
_PAUSE = 15
"""Blocks that are framed as they are after one of which nothing was proven."""


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
        unproven = _Unproven(self.spec)

        def part(source_name: str, events: Iterable[Read]) -> ValidationReport:
            report = validate_records(checker, source_name, events, self.options)
            report.valid += unproven.counts.total()
            report.event_types.update(unproven.counts)
            unproven.counts.clear()
            if self.options.by_source and source_name:
                malformed = Counter({MALFORMED: report.malformed}) if report.malformed else Counter()
                report.by_source[source_name] = report.event_types + malformed
            return report

        return Compiled(part, unproven.feed)

    def failed(self, source_name: str, failure: str) -> ValidationReport:
        """Return the report of a source that cannot be read (on)."""
        return ValidationReport(failures=[failure])

    def moved(self, part: ValidationReport, lines: int) -> ValidationReport:
        """Return *part* with its findings *lines* lines further down."""
        part.findings = [_moved(finding, lines) for finding in part.findings]
        return part


class _Unproven:
    """Feeds a framer all but the events that are known to be valid from their bytes alone, and counts these."""

    def __init__(self, spec: ValidationSpec) -> None:
        self.counts: Counter[str] = Counter()
        self._spec = spec
        self._pause = 0

    @cached_property
    def _prove(self) -> Callable[[bytes], str | None] | None:
        from canvas_events_cli.validation.proof import compile_prover

        prover = compile_prover(self._spec)
        return prover.prove if prover is not None else None

    def feed(self, framer: Framer, block: bytes) -> Iterator[Framed]:
        """Yield what ``framer.feed(block)`` does, less the events that are proven valid.

        Between records, a line that is a complete object is a record of its own, so it can be taken out.
        """
        prove = self._prove if len(block) >= LEAST_PROVEN_BYTES else None
        if prove is None or self._pause:
            self._pause = max(self._pause - 1, 0)
            yield from framer.feed(block)
            return
        *lines, rest = block.split(b"\n")
        others: list[bytes] = []
        limit = framer.max_record_bytes
        in_step = framer.between_records
        proven = 0
        for line in lines:
            name = prove(line) if len(line) <= limit else None
            if name is not None and others:
                yield from framer.feed(b"\n".join(others) + b"\n")
                others.clear()
                in_step = framer.between_records
            if name is not None and in_step:
                self.counts[name] += 1
                framer.line += 1
                proven += 1
            else:
                others.append(line)
        if not proven:
            # Such blocks come in rows, and each attempt costs as much as a parse.
            self._pause = _PAUSE
        yield from framer.feed(b"\n".join([*others, rest]))


def validate_records(
    checker: EventChecker, source_name: str, framed: Iterable[Read], options: ReportOptions
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
