"""Validation as workflow commands of GitHub Actions, which it draws beside the lines of the files."""

from canvas_events_cli.model import Finding
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.validation_places import place_of
from canvas_events_cli.rendering.validation_text import figures
from canvas_events_cli.validation.report import ValidationReport

MOST_ANNOTATIONS = 10
"""GitHub shows no more errors a step."""

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def document(report: ValidationReport) -> bytes:
    """Return a command for each unreadable source and each of the first findings, and a line with the figures."""
    failures = report.failures[:MOST_ANNOTATIONS]
    shown = report.findings[: MOST_ANNOTATIONS - len(failures)]
    more = report.findings_total - len(shown)
    rest = f"; {more:,} more finding{' is' if more == 1 else 's are'} not annotated" if more else ""
    lines = [
        *(f"::error::{_escaped(failure, _DATA)}" for failure in failures),
        *map(_command, shown),
        f"{figures(report)}{rest}",
    ]
    return "\n".join([*lines, ""]).encode("utf-8", "backslashreplace")


def _command(finding: Finding) -> str:
    properties = {
        "file": place_of(finding.source),
        "line": str(finding.line),
        "title": f"{finding.shown_name} {finding.pointer}".rstrip(),
    }
    told = ",".join(f"{key}={_escaped(value, _PROPERTY)}" for key, value in properties.items())
    return f"::error {told}::{_escaped(f'{finding.message} [{finding.keyword}]', _DATA)}"


def _escaped(text: str, table: dict[int, str]) -> str:
    return visible(text).translate(table)
