"""Validation of a stream of records into a report."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from canvas_events_cli.model import NO_NAME, Finding, Malformed, Record, WrapperFault
from canvas_events_cli.reports import ValidationReport
from canvas_events_cli.sources.locate import Source, SourceError
from canvas_events_cli.validation import EventChecker, Verdict
from canvas_events_cli.work.reading import Read, ReadOptions, read_events
from canvas_events_cli.wrappers import NOT_VERIFIED


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What a validation report keeps, and how far reading goes."""

    max_findings: int = 100
    """How many findings are kept; 0 keeps all."""
    statistics: bool = False
    fail_fast: bool = False
    """Stop after the first record that is invalid or malformed."""


def validate_source(
    checker: EventChecker, source: Source | SourceError, options: ReportOptions, reading: ReadOptions
) -> Iterator[ValidationReport]:
    """Yield a report for each block of *source*, as it arrives; their merge is the report of the source."""
    source_name = "" if isinstance(source, SourceError) else source.name
    for framed in read_events(source, reading):
        if isinstance(framed, SourceError):
            yield ValidationReport(failures=[str(framed)])
            return
        report = validate_records(checker, source_name, framed, options)
        yield report
        if options.fail_fast and not report.passed:
            return


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
