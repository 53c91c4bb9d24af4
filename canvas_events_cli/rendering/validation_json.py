"""Validation as JSON, for programs: our own documents, GitLab's code quality report, and SARIF 2.1.0 (OASIS)."""

from __future__ import annotations

import os
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from canvas_events_cli.model import Finding
from canvas_events_cli.rendering.safe_text import json_bytes, visible
from canvas_events_cli.rendering.validation_text import left_out
from canvas_events_cli.sources.source import STDIN_NAME, is_url
from canvas_events_cli.validation.explanations import EXPLANATIONS
from canvas_events_cli.version import __version__

if TYPE_CHECKING:
    from canvas_events_cli.validation.report import ValidationReport

MOST_RESULTS = 25_000
"""GitHub takes no file with more results a run."""
_ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
"""Where GitHub and GitLab say that the repository is."""
_ANY_KEYWORD = "The event breaks this keyword of its JSON Schema: the message says what was expected."


class Fingerprints:
    """Names findings so that the names stay the same where lines are only put in or taken out."""

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()

    def of(self, finding: Finding) -> str:
        """Return 64 hexadecimal digits for *finding*, the next one.

        They are made of everything but the line; of findings that agree in all of that, of their number, too.
        """
        from hashlib import sha256

        # A malformed record's message tells a line and a column.
        message = "" if finding.kind == "malformed" else finding.message
        parts = (place_of(finding.source), finding.event_name, finding.kind, finding.pointer, finding.keyword, message)
        hashed = sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass"))
        self._seen[hashed.digest()] += 1
        hashed.update(b"\0%d" % self._seen[hashed.digest()])
        return hashed.hexdigest()


class GitlabReport:
    """GitLab's report in pieces, one a finding: a million of them in memory would take more than a gigabyte."""

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


def sarif_json(report: ValidationReport) -> bytes:
    """Return the log of SARIF: a result a finding, a rule a keyword."""
    findings = report.findings[:MOST_RESULTS]
    keywords = sorted({finding.keyword for finding in findings})
    fingerprints = Fingerprints()
    notes = [*report.failures, *filter(None, [left_out(report.findings_total, len(findings))])]
    told = [
        {"level": "error" if note in report.failures else "note", "message": {"text": visible(note)}} for note in notes
    ]
    run = {
        "tool": {"driver": {"name": "cevents", "version": __version__, "rules": [*map(_rule, keywords)]}},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": not report.failures, "toolExecutionNotifications": told}],
        "results": [
            _result(finding, fingerprints.of(finding), keywords.index(finding.keyword)) for finding in findings
        ],
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json_bytes(log, indent=True) + b"\n"


def _rule(keyword: str) -> dict[str, object]:
    explained = EXPLANATIONS.get(keyword)
    text = explained.means if explained else _ANY_KEYWORD
    return {
        "id": visible(keyword),
        "shortDescription": {"text": f"Live event: {visible(keyword)}"},
        "fullDescription": {"text": text},
        "help": {"text": f"{text} {explained.cause}" if explained else text},
    }


def _result(finding: Finding, fingerprint: str, rule: int) -> dict[str, object]:
    place = visible(f"{finding.shown_name} {finding.pointer}").rstrip()
    where = {"artifactLocation": {"uri": source_uri(finding.source)}, "region": {"startLine": finding.line}}
    logical = [{"fullyQualifiedName": place, "kind": "member"}]
    return {
        "ruleId": visible(finding.keyword),
        "ruleIndex": rule,
        "level": "error",
        "message": {"text": f"{place}: {visible(finding.message)}"},
        "locations": [{"physicalLocation": where, "logicalLocations": logical}],
        "partialFingerprints": {"cevents/v1": fingerprint},
    }


def place_of(source: str) -> str:
    """Return *source* as a path from the root of the repository that it lies in: hosts know files by such a path.

    The root is what a host says, else the nearest folder above with a ``.git``, else the working directory; what lies
    elsewhere keeps its path. With ``/`` between its parts, also where the system has something else.
    """
    if is_url(source) or source == STDIN_NAME:
        return source
    try:
        here = os.getcwd()
    except FileNotFoundError:
        here = ""
    told = next(filter(None, map(os.environ.get, _ROOTS)), "")
    return _from_root(source, here, told)


@lru_cache(maxsize=1024)
def _from_root(source: str, here: str, told: str) -> str:
    path = os.path.join(here, source.removeprefix(f".{os.sep}"))
    if os.pardir in path.split(os.sep):
        path = os.path.normpath(path)
    root = os.path.abspath(told) if told else _repository(path) or here
    for folder in (root, os.path.realpath(root)):
        if path.startswith(inside := os.path.join(folder, "")):
            return path.removeprefix(inside).replace(os.sep, "/")
    return source.replace(os.sep, "/").removeprefix("./")


def _repository(path: str) -> str | None:
    """Return the nearest folder above *path* that has a ``.git``, a file in worktrees; None where there is none."""
    while (above := os.path.dirname(path)) != path:
        if os.path.exists(os.path.join(above, ".git")):
            return above
        path = above
    return None


def source_uri(source: str) -> str:
    """Return *source* as a URI reference, percent-encoded: relative to the repository's root for what lies in it.

    >>> source_uri("captures/a b.ndjson")
    'captures/a%20b.ndjson'
    """
    if is_url(source):
        return quote(source, safe=":/?&=%~")
    place = place_of(source)
    drive = os.path.splitdrive(place)[0]
    path = quote(os.fsencode(place), safe="/~:" if drive else "/~")
    if path.startswith("//") and drive:
        return f"file:{path}"
    return f"file://{'/' * bool(drive)}{path}" if drive or path.startswith("/") else path
