"""Validation as GitLab's code quality report: an array with an issue for each finding.

It is written as findings come: a million of them in memory would take more than a gigabyte.
"""

from canvas_events_cli.model import Finding
from canvas_events_cli.rendering.json_bytes import json_bytes
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.validation_places import Fingerprints, place_of


class GitlabReport:
    """The report in pieces, one a finding."""

    def __init__(self) -> None:
        self._fingerprints = Fingerprints()
        self._is_open = False

    def issue(self, finding: Finding) -> bytes:
        """Return the piece for *finding*, the next one."""
        place = visible(f"{finding.shown_name} {finding.pointer}").rstrip()
        issue = {
            "description": f"{place}: {visible(finding.message)}",
            "check_name": f"cevents/{visible(finding.keyword)}",
            "fingerprint": self._fingerprints.of(finding),
            "severity": "critical" if finding.kind == "malformed" else "major",
            "location": {"path": visible(place_of(finding.source)), "lines": {"begin": finding.line}},
        }
        before = b",\n" if self._is_open else b"[\n"
        self._is_open = True
        return before + json_bytes(issue)

    def end(self) -> bytes:
        """Return the last piece. The report has no place for what is left out."""
        return b"\n]\n" if self._is_open else b"[]\n"
