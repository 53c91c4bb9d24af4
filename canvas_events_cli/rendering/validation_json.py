"""Validation findings and figures as JSON, for programs."""

from canvas_events_cli.model import Finding
from canvas_events_cli.rendering.json_bytes import json_bytes
from canvas_events_cli.validation.report import ValidationReport


def finding_json(finding: Finding) -> bytes:
    """Return *finding* as one line of JSON, without a line feed."""
    return json_bytes(finding)


def report_json(report: ValidationReport, *, statistics: bool = False) -> bytes:
    """Return *report* as one indented document, with its ``statistics`` where these were asked for."""
    document = {
        "events": report.events,
        "valid": report.valid,
        "invalid": report.invalid,
        "malformed": report.malformed,
        "event_types": _by_count(report.event_types),
        "notes": {
            "undocumented_fields": _by_count(report.undocumented_fields),
            "undocumented_events": _by_count(report.undocumented_events),
            "missing_fields": _by_count(report.missing_fields),
        },
        "findings": report.findings,
        "findings_total": report.findings_total,
    }
    if statistics:
        document["statistics"] = _statistics(report)
    return json_bytes(document, indent=True)


def statistics_json(report: ValidationReport) -> list[bytes]:
    """Return a line of JSON for each event, pointer and keyword that findings share, the most frequent first."""
    return [json_bytes(row) for row in _statistics(report)]


def _statistics(report: ValidationReport) -> list[dict[str, str | int]]:
    rows = sorted(report.statistics.items(), key=lambda row: (-row[1], row[0]))
    return [
        {"event_name": name, "pointer": pointer, "keyword": keyword, "count": count}
        for (name, pointer, keyword), count in rows
    ]


def _by_count(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda row: (-row[1], row[0])))
