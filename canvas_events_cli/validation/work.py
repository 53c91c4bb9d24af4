"""Validation of a stream of records into a report."""

from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

from canvas_events_cli.model import MALFORMED, Finding, Malformed, Record, WrapperFault
from canvas_events_cli.running.reading import Compiled, FastPath, Read
from canvas_events_cli.validation.checker import EventChecker, compile_checker
from canvas_events_cli.validation.engines import ValidationSpec
from canvas_events_cli.validation.findings import Judged, Verdict
from canvas_events_cli.validation.report import ReportOptions, ValidationReport


class ValidationWork(NamedTuple):
    """What ``run`` needs to validate; picklable."""

    spec: ValidationSpec
    options: ReportOptions

    def compile(self) -> Compiled[ValidationReport]:
        """Return what validates. Raises CeventsError for a schema that cannot be used."""
        checker = compile_checker(self.spec)

        def fast() -> FastPath | None:
            from canvas_events_cli.validation.fast.judging import fast_path  # of the plain way nobody asks for it

            return fast_path(checker.check, self.spec, self.options)

        return Compiled(partial(validate_records, checker, options=self.options), fast=fast)


def validate_records(
    checker: EventChecker, source: str, items: Iterable[Read | Judged], options: ReportOptions
) -> ValidationReport:
    """Return the report of *items* of *source*; the same function serves every way of running it."""
    report = ValidationReport()
    no_event: Verdict | None = None
    for item in items:
        if type(item) is Record:
            report.unverified += item.unverified
            # A list can hold millions of numbers, and what the verdicts on these differ in is kept no more.
            is_known = type(item.value) is not dict and report.is_full(options.max_findings)
            verdict = no_event if no_event and is_known else checker.check(source, item)
            no_event = verdict if is_known else no_event
            report.add(source, verdict, (item.line,), options)
        elif type(item) is Malformed:
            report.add_malformed(item)
            message = item.message if options.kinds or not report.is_full(options.max_findings) else ""
            finding = Finding(source, item.line, None, "malformed", "json", "", message)
            report.add_findings(source, (finding,), (item.line,), options)
        elif type(item) is Judged:
            lines = item.lines[:1] if options.fail_fast and options.new(item.verdict.findings) else item.lines
            report.unverified += len(lines) * item.unverified
            report.add(source, item.verdict, lines, options)
        elif type(item) is WrapperFault:
            report.add(source, checker.check(source, item), (item.line,), options)
        if options.fail_fast and not report.passed:
            break
    if options.by_source and source:
        malformed = Counter({MALFORMED: report.malformed} if report.malformed else ())
        report.by_source[source] = report.event_types + malformed
    return report
