"""The formats of ``validate -o``, by name: what is written of each finding as it comes, and what in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from canvas_events_cli.model import Finding
from canvas_events_cli.rendering.safe_text import json_bytes
from canvas_events_cli.rendering.validation_ci import github_commands, junit_xml
from canvas_events_cli.rendering.validation_json import GitlabReport, sarif_json
from canvas_events_cli.rendering.validation_text import finding_line, kind_lines, markdown_document, rest_lines

if TYPE_CHECKING:
    from canvas_events_cli.validation.report import ValidationReport


@dataclass(frozen=True, slots=True)
class Writer:
    """What writes findings in one format."""

    end: Callable[[ValidationReport], bytes]
    """Makes a document, or what stands after the pieces."""
    piece: Callable[[Finding], bytes] | None = None
    """Makes what is written of a finding as it comes; None where the document has all."""
    is_json: bool = False
    for_tools: bool = False
    """Whether a program reads it, which wants many findings, and does not tell its user how many were left out."""
    by_source: bool = False
    """Whether it needs a report that tells events and findings by source."""
    rest: Callable[[ValidationReport], bytes] = lambda report: b""
    """Makes what follows where findings were left out."""


def _text(with_statistics: bool) -> Writer:
    if not with_statistics:
        rest = partial(_lines, rest_lines)
        return Writer(lambda report: b"", lambda finding: _line(finding_line(finding)), rest=rest)
    return Writer(partial(_lines, kind_lines))


def _jsonl(with_statistics: bool) -> Writer:
    if not with_statistics:
        return Writer(lambda report: b"", lambda finding: json_bytes(finding) + b"\n", is_json=True)
    return Writer(lambda report: b"".join(json_bytes(row) + b"\n" for row in report.statistics_rows()), is_json=True)


def _gitlab(_: bool) -> Writer:
    written = GitlabReport()
    return Writer(lambda report: written.end(), written.issue, is_json=True, for_tools=True)


def _lines(make: Callable[[ValidationReport], Iterable[str]], report: ValidationReport) -> bytes:
    return b"".join(map(_line, make(report)))


def _line(text: str) -> bytes:
    return f"{text}\n".encode("utf-8", "backslashreplace")


FORMATS: Mapping[str, Callable[[bool], Writer]] = {
    "text": _text,
    "jsonl": _jsonl,
    "gitlab": _gitlab,
    "json": lambda wanted: Writer(
        lambda report: json_bytes(report.document(statistics=wanted), indent=True) + b"\n", is_json=True
    ),
    "junit": lambda _: Writer(junit_xml, for_tools=True, by_source=True),
    "sarif": lambda _: Writer(lambda report: sarif_json(report) + b"\n", is_json=True, for_tools=True),
    "github": lambda _: Writer(github_commands),
    "markdown": lambda _: Writer(markdown_document),
}
"""By name what makes a writer, new for each output: of statistics in place of findings, where they are asked for."""
