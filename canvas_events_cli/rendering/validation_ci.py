"""Validation for CI hosts: workflow commands of GitHub Actions, and JUnit XML."""

from __future__ import annotations

from collections import Counter, defaultdict
from html import escape
from typing import TYPE_CHECKING

from canvas_events_cli.errors import counted
from canvas_events_cli.model import Finding
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.validation_json import place_of
from canvas_events_cli.rendering.validation_text import counts_text, finding_line, left_out

if TYPE_CHECKING:
    from canvas_events_cli.validation.report import ValidationReport

MOST_ANNOTATIONS = 10
"""GitHub shows no more errors a step."""

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_CASE = '    <testcase classname="{}" name="{}"'
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


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
