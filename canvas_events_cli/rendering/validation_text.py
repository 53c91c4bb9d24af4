"""Validation findings and figures for people: a line a finding for terminals, editors and logs, and Markdown."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from canvas_events_cli.errors import counted
from canvas_events_cli.model import Finding
from canvas_events_cli.rendering.safe_text import location, markdown, visible
from canvas_events_cli.rendering.styled import Piece
from canvas_events_cli.rendering.tables import Column, Table, markdown_table
from canvas_events_cli.running.report import most_frequent
from canvas_events_cli.sources.source import is_url

if TYPE_CHECKING:
    from rich.text import Text

    from canvas_events_cli.catalog import SchemaFile
    from canvas_events_cli.validation.report import ValidationReport

_NOTES_SHOWN = 10
_MOST_ROWS = 100
_MOST_BYTES = 1024 * 1024
"""GitHub refuses a step's summary that is longer."""


def finding_line(finding: Finding) -> str:
    """Return ``SOURCE:LINE: EVENT_NAME POINTER message [keyword]``, safe to print, without a line feed."""
    return "".join(text for text, _ in _pieces(finding))


def finding_text(finding: Finding) -> Text:
    """Return the same line in colours."""
    from rich.text import Text

    return Text.assemble(*_pieces(finding), overflow="ignore", no_wrap=True)


def statistics_lines(report: ValidationReport) -> Iterator[str]:
    """Yield a line for each event, pointer and keyword that findings share, the most frequent first."""
    rows = most_frequent(report.statistics)
    width = max((len(f"{count:,}") for count in rows.values()), default=0)
    for (name, pointer, keyword), count in rows.items():
        yield f"{count:>{width},}  {visible(name)} {visible(pointer) or '(the whole record)'} [{visible(keyword)}]"


def note_lines(report: ValidationReport, bodies: Mapping[str, SchemaFile]) -> Iterator[str]:
    """Yield a line for each undocumented event or field, and each expected field that lacks, up to ten of a kind.

    *bodies* are the events that there are schemas for.
    """
    from canvas_events_cli.catalog.catalog import name_hint  # --help reads the formats, and needs no catalogue

    hint = partial(name_hint, bodies=bodies)
    yield from _notes(report.undocumented_events, "note: {} has no body schema ({})", hint)
    yield from _notes(report.undocumented_fields, "note: {} is not documented ({})")
    yield from _notes(report.missing_fields, "note: {} is expected, but absent or null ({})")


def place_of(source: str) -> str:
    """Return *source* as a path from the working directory where it lies in that: hosts know files by such a path.

    With ``/`` between its parts, also where the system has something else.
    """
    try:
        here = os.path.join(os.getcwd(), "")
    except FileNotFoundError:
        here = ""
    return source.removeprefix(here).replace(os.sep, "/").removeprefix("./")


def source_uri(source: str) -> str:
    """Return *source* as a URI reference, percent-encoded: relative to the working directory for what lies in it.

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


def counts_text(report: ValidationReport) -> str:
    """Return how many events there were, and how many of them valid, invalid and malformed."""
    counts = f"{report.valid:,} valid, {report.invalid:,} invalid, {report.malformed:,} malformed"
    return f"{counted(report.events, 'event')}: {counts}"


def closing_line(report: ValidationReport, seconds: float) -> str:
    """Return the figures in one line; *seconds* is the time that validation took."""
    rate = report.events / seconds if seconds > 0 else 0.0
    noted = f"; {counted(report.notes, 'note')} (--strict makes them findings)" if report.notes else ""
    return f"{counts_text(report)}{noted}; {seconds:.2f} s, {rate:,.0f} events/s"


def left_out(total: int, shown: int) -> str:
    """Return the sentence that says how many findings are not among the *shown*; nothing where all are."""
    more = total - shown
    return f"{more:,} more finding{' is' if more == 1 else 's are'} left out" * (more > 0)


def step_summary(report: ValidationReport) -> bytes:
    """Return the document as short as the summary of a GitHub step has to be: without its table, if need be."""
    text = markdown_document(replace(report, findings=report.findings[:_MOST_ROWS]))
    return text if len(text) <= _MOST_BYTES else markdown_document(replace(report, findings=[]))


def markdown_document(report: ValidationReport) -> bytes:
    """Return the figures and a table of the findings; text of events is escaped."""
    parts = [
        f"## {'Invalid' if report.invalid or report.malformed else 'Valid'} Canvas events\n\n{counts_text(report)}.\n"
    ]
    if report.findings:
        columns = (Column("where"), Column("event"), Column("field"), Column("what is wrong"))
        rows = [
            (f"{one.source}:{one.line}", one.shown_name, one.pointer, f"{one.message} [{one.keyword}]")
            for one in report.findings
        ]
        parts.append(markdown_table(Table(columns, rows)))
    if rest := left_out(report.findings_total, len(report.findings)):
        parts.append(f"{markdown(rest)}.\n")
    parts += [f"Not everything could be read: {markdown(failure)}\n" for failure in report.failures]
    return "\n".join(parts).encode("utf-8", "backslashreplace")


def _pieces(finding: Finding) -> list[Piece]:
    malformed = finding.kind == "malformed"
    name = visible(finding.shown_name)
    pointer = visible(finding.pointer)
    return [
        (location(finding.source, finding.line), "bold"),
        (": ", ""),
        (name, "magenta" if malformed else "cyan"),
        (f" {pointer}" if pointer else "", "yellow"),
        (f" {visible(finding.message)} ", ""),
        (f"[{visible(finding.keyword)}]", "red"),
    ]


def _notes(counts: Counter[str], template: str, hint: Callable[[str], str] = lambda _: "") -> Iterator[str]:
    for name, count in most_frequent(counts, _NOTES_SHOWN).items():
        yield template.format(visible(name), counted(count, "event")) + visible(hint(name))
    if len(counts) > _NOTES_SHOWN:
        yield f"note: … and {len(counts) - _NOTES_SHOWN:,} more (-o json lists all)"
