"""Validation for CI hosts: annotations of GitHub, JUnit XML, GitLab's code quality report, and SARIF 2.1.0 (OASIS)."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from canvas_events_cli.errors import counted
from canvas_events_cli.model import Finding
from canvas_events_cli.rendering.safe_text import json_bytes, visible
from canvas_events_cli.rendering.validation_text import counts_text, finding_line, left_out
from canvas_events_cli.sources.source import STDIN_NAME, is_url
from canvas_events_cli.validation.explanations import EXPLANATIONS
from canvas_events_cli.version import __version__

if TYPE_CHECKING:
    from canvas_events_cli.validation.report import ValidationReport

MOST_ANNOTATIONS = 10
"""GitHub shows no more errors a step."""

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})
_CASE = '    <testcase classname="{}" name="{}"'
MOST_RESULTS = 25_000
"""GitHub takes no file with more results a run."""
_ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
"""Where GitHub and GitLab say that the repository is."""
_ANY_KEYWORD = "The event breaks this keyword of its JSON Schema: the message says what was expected."


def github_commands(report: ValidationReport) -> bytes:
    """Return a command for each unreadable source and each of the first findings, and a line with the figures."""
    failures = report.failures[:MOST_ANNOTATIONS]
    shown = report.findings[: MOST_ANNOTATIONS - len(failures)]
    more = report.findings_total - len(shown)
    rest = f"; {more:,} more finding{' is' if more == 1 else 's are'} not annotated" if more else ""
    lines = [f"::error::{visible(failure).translate(_DATA)}" for failure in failures]
    for finding in shown:
        title = visible(f"{finding.shown_name} {finding.pointer}".rstrip()).translate(_PROPERTY)
        file = visible(place_of(finding.source)).translate(_PROPERTY)
        message = visible(f"{finding.message} [{finding.keyword}]").translate(_DATA)
        lines.append(f"::error file={file},line={finding.line},title={title}::{message}")
    return "\n".join([*lines, f"{counts_text(report)}{rest}", ""]).encode("utf-8", "backslashreplace")


def junit_xml(report: ValidationReport) -> bytes:
    """Return the XML document, in UTF-8, legal whatever the data: what XML cannot hold is shown as escapes.

    *report* must tell its events and findings by source: a case fails even where none of its findings was kept.
    """
    kept: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in report.findings:
        kept[finding.source, finding.shown_name].append(finding)
    suites = ""
    for source, names in report.by_source.items():
        found = report.findings_by_source.get(source, Counter())
        cases = [_case(source, name, found[name], kept.get((source, name), [])) for name in names]
        suites += _suite(source, cases, f'failures="{len(found)}"')
    if errors := [f'      <error message="{_xml(failure)}"/>\n' for failure in report.failures]:
        cases = [_CASE.format("sources", "can be read") + f">\n{error}    </testcase>\n" for error in errors]
        suites += _suite("sources", cases, f'failures="0" errors="{len(cases)}"')
    tests = sum(map(len, report.by_source.values())) + len(report.failures)
    failed = sum(map(len, report.findings_by_source.values()))
    rest = left_out(report.findings_total, len(report.findings))
    note = f"  <!-- {rest} -->\n" if rest else ""
    counts = f'tests="{tests}" failures="{failed}" errors="{len(report.failures)}"'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="cevents validate" {counts}>\n'
        f"{note}{suites}</testsuites>\n"
    ).encode()


def _suite(name: str, cases: list[str], counts: str) -> str:
    opening = f'  <testsuite name="{_xml(name)}" tests="{len(cases)}" {counts}>\n'
    return f"{opening}{''.join(cases)}  </testsuite>\n"


def _case(source: str, name: str, found: int, kept: list[Finding]) -> str:
    opening = _CASE.format(_xml(source), _xml(name))
    if not found:
        return f"{opening}/>\n"
    kinds = ", ".join(sorted({finding.keyword for finding in kept}))
    text = "\n".join([*map(finding_line, kept), *filter(None, [left_out(found, len(kept))])])
    failure = f'<failure message="{counted(found, "finding")}" type="{_xml(kinds)}">{escape(text)}</failure>'
    return f"{opening}>\n      {failure}\n    </testcase>\n"


def _xml(text: str) -> str:
    return escape(visible(text))


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
