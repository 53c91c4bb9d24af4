"""Validation of a stream of records into a report."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from canvas_events_cli.model import NO_NAME, Finding, Malformed, Record, WrapperFault
from canvas_events_cli.parse import moved
from canvas_events_cli.reports import ValidationReport
from canvas_events_cli.validation import EventChecker, ValidationSpec, Verdict, compile_checker
from canvas_events_cli.work.reading import Read
from canvas_events_cli.work.runner import Compiled
from canvas_events_cli.wrappers import NOT_VERIFIED


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What a validation report keeps, and how far reading goes."""

    max_findings: int = 100
    """How many findings are kept; 0 keeps all."""
    statistics: bool = False
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
        return Compiled(lambda source_name, events: validate_records(checker, source_name, events, self.options))

    def failed(self, source_name: str, failure: str) -> ValidationReport:
        """Return the report of a source that cannot be read (on)."""
        return ValidationReport(failures=[failure])

    def moved(self, part: ValidationReport, lines: int) -> ValidationReport:
        """Return *part* with its findings *lines* lines further down."""
        part.findings = [_moved(finding, lines) for finding in part.findings]
        return part


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
