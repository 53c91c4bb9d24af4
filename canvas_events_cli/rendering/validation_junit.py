"""Validation as JUnit XML: a suite a source, a case an event type, as CI servers show test results."""

from collections import Counter, defaultdict
from html import escape

from canvas_events_cli.model import Finding
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.validation_places import left_out
from canvas_events_cli.rendering.validation_text import finding_line
from canvas_events_cli.validation.report import ValidationReport

_Kept = dict[tuple[str, str], list[Finding]]


def document(report: ValidationReport) -> bytes:
    """Return the XML document, in UTF-8, legal whatever the data: what XML cannot hold is shown as escapes.

    *report* must tell its events and findings by source: a case fails even where none of its findings was kept.
    """
    kept: _Kept = defaultdict(list)
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


def _suite(source: str, names: list[str], found: Counter[str], kept: _Kept) -> str:
    body = "".join(_case(source, name, found[name], kept.get((source, name), [])) for name in names)
    return f'  <testsuite name="{_text(source)}" tests="{len(names)}" failures="{len(found)}">\n{body}  </testsuite>\n'


def _case(source: str, name: str, found: int, kept: list[Finding]) -> str:
    opening = f'    <testcase classname="{_text(source)}" name="{_text(name)}"'
    if not found:
        return f"{opening}/>\n"
    kinds = ", ".join(sorted({finding.keyword for finding in kept}))
    count = f"{found:,} finding{'s' * (found > 1)}"
    lines = [*map(finding_line, kept), *filter(None, [left_out(found, len(kept))])]
    text = escape("\n".join(lines))
    return f'{opening}>\n      <failure message="{count}" type="{_text(kinds)}">{text}</failure>\n    </testcase>\n'


def _unread(failures: list[str]) -> str:
    if not failures:
        return ""
    count = len(failures)
    opening = '    <testcase classname="sources" name="can be read">\n'
    cases = "".join(f'{opening}      <error message="{_text(failure)}"/>\n    </testcase>\n' for failure in failures)
    return f'  <testsuite name="sources" tests="{count}" failures="0" errors="{count}">\n{cases}  </testsuite>\n'


def _text(text: str) -> str:
    return escape(visible(text))
