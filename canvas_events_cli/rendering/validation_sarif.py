"""Validation as SARIF 2.1.0 (OASIS), which code-scanning tools read."""

from canvas_events_cli.model import Finding
from canvas_events_cli.rendering.json_bytes import json_bytes
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.validation_places import Fingerprints, left_out, source_uri
from canvas_events_cli.validation.report import ValidationReport
from canvas_events_cli.version import __version__

MOST_RESULTS = 25_000
"""GitHub takes no file with more results a run."""

_HELP = {
    "json": "The record is not JSON. The message says what the parser met and where; look at what wrote the capture.",
    "required": "A field that the documentation promises is missing. It may have been renamed, or dropped on the way.",
    "type": "A field has another JSON type than the documentation promises: null where a value is due, for instance.",
    "format": "A text is not in the documented format, such as a date and time with an offset.",
    "pattern": "A text does not have the documented form, such as an id of decimal digits.",
    "minLength": "A text is shorter than documented, mostly empty.",
    "undocumented": "--strict: the field or the event is not documented. Canvas may have added it: see cevents drift.",
    "duplicateKey": "A key stands more than once in its object; parsers disagree about which value counts.",
    "wrapper": "What looks like a queue message, a row or a token holds no event.",
    "signature": "The token's signature fits none of the keys, or it was not valid when the event happened.",
}


def document(report: ValidationReport) -> bytes:
    """Return the log as JSON: a result a finding, a rule a keyword."""
    findings = report.findings[:MOST_RESULTS]
    keywords = sorted({finding.keyword for finding in findings})
    fingerprints = Fingerprints()
    notes = [*report.failures, *filter(None, [left_out(report.findings_total, len(findings))])]
    run = {
        "tool": {"driver": {"name": "cevents", "version": __version__, "rules": [_rule(word) for word in keywords]}},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not report.failures,
                "toolExecutionNotifications": [
                    {"level": "error" if note in report.failures else "note", "message": {"text": visible(note)}}
                    for note in notes
                ],
            }
        ],
        "results": [
            _result(finding, fingerprints.of(finding), keywords.index(finding.keyword)) for finding in findings
        ],
    }
    return json_bytes(
        {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}, indent=True
    )


def _rule(keyword: str) -> dict[str, object]:
    text = _HELP.get(keyword, "The event breaks this keyword of its JSON Schema: the message says what was expected.")
    return {
        "id": visible(keyword),
        "shortDescription": {"text": f"Live event: {visible(keyword)}"},
        "fullDescription": {"text": text},
        "help": {"text": text},
    }


def _result(finding: Finding, fingerprint: str, rule: int) -> dict[str, object]:
    where = {"fullyQualifiedName": visible(f"{finding.shown_name} {finding.pointer}").rstrip(), "kind": "member"}
    return {
        "ruleId": visible(finding.keyword),
        "ruleIndex": rule,
        "level": "error",
        "message": {"text": f"{where['fullyQualifiedName']}: {visible(finding.message)}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": source_uri(finding.source)},
                    "region": {"startLine": finding.line},
                },
                "logicalLocations": [where],
            }
        ],
        "partialFingerprints": {"cevents/v1": fingerprint},
    }
