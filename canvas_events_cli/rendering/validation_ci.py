"""Validation for CI hosts: workflow commands of GitHub Actions, and JUnit XML."""

from __future__ import annotations

from collections import Counter, defaultdict
from html import escape
from typing import TYPE_CHECKING

from canvas_events_cli.errors import counted
from canvas_events_cli.model import Finding
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.validation_places import place_of
from canvas_events_cli.rendering.validation_text import counts_text, finding_line, left_out

if TYPE_CHECKING:
    from canvas_events_cli.validation.report import ValidationReport

MOST_ANNOTATIONS = 10
"""GitHub shows no more errors a step."""

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def github_commands(report: ValidationReport) -> bytes:
    """Return a command for each unreadable source and each of the first findings, and a line with the figures."""
    failures = report.failures[:MOST_ANNOTATIONS]
    shown = report.findings[: MOST_ANNOTATIONS - len(failures)]
    more = report.findings_total - len(shown)
    rest = f"; {more:,} more finding{' is' if more == 1 else 's are'} not annotated" if more else ""
    lines = [
        *(f"::error::{_escaped(failure, _DATA)}" for failure in failures),
        *map(_command, shown),
        f"{counts_text(report)}{rest}",
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


def junit_xml(report: ValidationReport) -> bytes:
    """Return the XML document, in UTF-8, legal whatever the data: what XML cannot hold is shown as escapes.

    *report* must tell its events and findings by source: a case fails even where none of its findings was kept.
    """
    kept: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in report.findings:
        kept[finding.source, finding.shown_name].append(finding)
    suites = "".join(
        _suite(source, [*names], report.findings_by_source.get(source, Counter()), kept)
        for source, names in report.by_source.items()
    )
    tests = sum(map(len, report.by_source.values())) + len(report.failures)
    failed = sum(map(len, report.findings_by_source.values()))
    rest = left_out(report.findings_total, len(report.findings))
    note = f"  <!-- {rest} -->\n" if rest else ""
    counts = f'tests="{tests}" failures="{failed}" errors="{len(report.failures)}"'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="cevents validate" {counts}>\n'
        f"{note}{suites}{_unread(report.failures)}</testsuites>\n"
    ).encode()


def _suite(source: str, names: list[str], found: Counter[str], kept: dict[tuple[str, str], list[Finding]]) -> str:
    body = "".join(_case(source, name, found[name], kept.get((source, name), [])) for name in names)
    return f'  <testsuite name="{_xml(source)}" tests="{len(names)}" failures="{len(found)}">\n{body}  </testsuite>\n'


def _case(source: str, name: str, found: int, kept: list[Finding]) -> str:
    opening = f'    <testcase classname="{_xml(source)}" name="{_xml(name)}"'
    if not found:
        return f"{opening}/>\n"
    kinds = ", ".join(sorted({finding.keyword for finding in kept}))
    count = counted(found, "finding")
    lines = [*map(finding_line, kept), *filter(None, [left_out(found, len(kept))])]
    text = escape("\n".join(lines))
    failure = f'<failure message="{count}" type="{_xml(kinds)}">{text}</failure>'
    return f"{opening}>\n      {failure}\n    </testcase>\n"


def _unread(failures: list[str]) -> str:
    if not failures:
        return ""
    count = len(failures)
    opening = '    <testcase classname="sources" name="can be read">\n'
    cases = "".join(f'{opening}      <error message="{_xml(failure)}"/>\n    </testcase>\n' for failure in failures)
    return f'  <testsuite name="sources" tests="{count}" failures="0" errors="{count}">\n{cases}  </testsuite>\n'


def _xml(text: str) -> str:
    return escape(visible(text))
