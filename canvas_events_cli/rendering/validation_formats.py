"""The formats of ``validate -o``, by name: what is written of each finding as it comes, and what in the end.

What makes them is imported with the format that is asked for: the names alone are what ``--help`` reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from canvas_events_cli.model import Finding
from canvas_events_cli.rendering.safe_text import json_bytes

if TYPE_CHECKING:
    from canvas_events_cli.validation.report import ValidationReport


class Writer(NamedTuple):
    """What writes findings in one format."""

    end: Callable[[ValidationReport], bytes]
    """Makes a document, or what stands after all pieces."""
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
    from canvas_events_cli.rendering.validation_text import finding_line, kind_lines, rest_lines

    if with_statistics:
        return Writer(lambda report: _lines(kind_lines(report)))
    return Writer(
        lambda report: b"",
        lambda finding: _lines([finding_line(finding)]),
        rest=lambda report: _lines(rest_lines(report)),
    )


def _jsonl(with_statistics: bool) -> Writer:
    if not with_statistics:
        return Writer(lambda report: b"", lambda finding: json_bytes(finding) + b"\n", is_json=True)
    return Writer(lambda report: b"".join(json_bytes(row) + b"\n" for row in report.statistics_rows()), is_json=True)


def _gitlab(_: bool) -> Writer:
    from canvas_events_cli.rendering.validation_ci import GitlabReport

    written = GitlabReport()
    return Writer(lambda report: written.end(), written.issue, is_json=True, for_tools=True)


def _document(module: str, name: str, **flags: Any) -> Callable[[bool], Writer]:
    """Return what makes a writer with these *flags*, of the document that the function called *name* returns."""

    def end(report: ValidationReport) -> bytes:
        document: bytes = getattr(import_module(f"canvas_events_cli.rendering.{module}"), name)(report)
        return document

    return lambda _: Writer(end)._replace(**flags)


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")


FORMATS: Mapping[str, Callable[[bool], Writer]] = {
    "text": _text,
    "jsonl": _jsonl,
    "gitlab": _gitlab,
    "json": lambda wanted: Writer(
        lambda report: json_bytes(report.document(statistics=wanted), indent=True) + b"\n", is_json=True
    ),
    "junit": _document("validation_ci", "junit_xml", for_tools=True, by_source=True),
    "sarif": _document("validation_ci", "sarif_json", is_json=True, for_tools=True),
    "github": _document("validation_ci", "github_commands"),
    "markdown": _document("validation_text", "markdown_document"),
}
"""By name what makes a writer, new for each output: of statistics in place of findings, where they are asked for."""
