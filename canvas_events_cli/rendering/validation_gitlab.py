"""Validation as GitLab's code quality report."""

from canvas_events_cli.model import Finding
from canvas_events_cli.rendering.json_bytes import json_bytes
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.validation_places import place_of, with_fingerprints
from canvas_events_cli.reports import ValidationReport


def document(report: ValidationReport) -> bytes:
    """Return the report: an array with an issue for each finding. It has no place for what is left out."""
    return json_bytes([_issue(finding, mark) for finding, mark in with_fingerprints(report.findings)], indent=True)


def _issue(finding: Finding, fingerprint: str) -> dict[str, object]:
    place = visible(f"{finding.shown_name} {finding.pointer}").rstrip()
    return {
        "description": f"{place}: {visible(finding.message)}",
        "check_name": f"cevents/{visible(finding.keyword)}",
        "fingerprint": fingerprint,
        "severity": "critical" if finding.kind == "malformed" else "major",
        "location": {"path": visible(place_of(finding.source)), "lines": {"begin": finding.line}},
    }
