"""Validation as Markdown, for pull requests and the summaries of CI jobs."""

from dataclasses import replace

from canvas_events_cli.model import Finding
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.summary_markdown import escaped
from canvas_events_cli.rendering.validation_places import left_out
from canvas_events_cli.rendering.validation_text import figures
from canvas_events_cli.validation.report import ValidationReport

_MOST_ROWS = 100
_MOST_BYTES = 1024 * 1024
"""GitHub refuses a step's summary that is longer."""


def step_summary(report: ValidationReport) -> bytes:
    """Return the document as short as the summary of a GitHub step has to be: without its table, if need be."""
    text = document(replace(report, findings=report.findings[:_MOST_ROWS]))
    return text if len(text) <= _MOST_BYTES else document(replace(report, findings=[]))


def document(report: ValidationReport) -> bytes:
    """Return the figures and a table of the findings; text of events is escaped."""
    lines = [f"## {'Valid' if report.passed else 'Invalid'} Canvas events", "", f"{figures(report)}."]
    if report.findings:
        lines += ["", "| where | event | field | what is wrong |", "| --- | --- | --- | --- |"]
        lines += map(_row, report.findings)
    rest = left_out(report.findings_total, len(report.findings))
    lines += ["", f"{escaped(rest)}."] if rest else []
    lines += [f"\nNot everything could be read: {escaped(failure)}" for failure in report.failures]
    return "\n".join([*lines, ""]).encode("utf-8", "backslashreplace")


def _row(finding: Finding) -> str:
    message = f"{finding.message} [{finding.keyword}]"
    cells = (f"{finding.source}:{finding.line}", finding.shown_name, finding.pointer, message)
    return f"| {' | '.join(escaped(visible(cell)) for cell in cells)} |"
