"""Validation findings and figures for people: a line a finding for terminals, editors and logs, and Markdown."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from canvas_events_cli.errors import counted
from canvas_events_cli.model import Finding
from canvas_events_cli.rendering.safe_text import location, markdown, visible
from canvas_events_cli.rendering.styled import STYLES, Piece, plain

if TYPE_CHECKING:
    from pathlib import Path

    from canvas_events_cli.catalog import SchemaFile
    from canvas_events_cli.validation.baseline import Kind
    from canvas_events_cli.validation.report import ValidationReport

_NOTES_SHOWN = 10
_KINDS_SHOWN = 10
_MOST_ROWS = 100
_MOST_BYTES = 1024 * 1024
"""GitHub refuses a step's summary that is longer."""


def finding_line(finding: Finding) -> str:
    """Return ``SOURCE:LINE: EVENT_NAME POINTER message [keyword]``, safe to print, without a line feed."""
    return plain(finding_pieces(finding))


def kind_lines(report: ValidationReport, most: int | None = None) -> Iterator[str]:
    """Yield how often each event, pointer and keyword occurred, the most frequent first, and where first and last."""
    rows = report.kinds_by_count()
    width = len(f"{rows[0][1].times:,}") if rows else 0
    for kind, (count, first, last) in rows[:most]:
        places = " to ".join(location(*place) for place in dict.fromkeys((first, last)))
        yield f"{count:>{width},}  {_kind(kind)}  {places}"
    if most and len(rows) > most:
        yield f"… and {len(rows) - most:,} more (--statistics lists all)"


def rest_lines(report: ValidationReport) -> Iterator[str]:
    """Yield what stands at the end where findings are left out: how often each kind occurred, up to ten."""
    yield f"all {report.findings_total:,} findings by kind:"
    yield from kind_lines(report, _KINDS_SHOWN)


def gone_line(kinds: Collection[Kind], baseline: Path) -> str:
    """Return the line that tells of *kinds*, which the file *baseline* lists and nothing found."""
    which = f" ({_kind(next(iter(kinds)))})" if len(kinds) == 1 else ""
    number = "1 entry" if len(kinds) == 1 else f"{len(kinds):,} entries"
    return f"note: {number} of {baseline} did not occur here{which}; --update-baseline keeps only what occurs"


def note_lines(report: ValidationReport, bodies: Mapping[str, SchemaFile]) -> Iterator[str]:
    """Yield a line for each undocumented event or field, and each expected field that lacks, up to ten of a kind.

    *bodies* are the events that there are schemas for.
    """
    from canvas_events_cli.catalog.catalog import name_hint  # --help reads the formats, and needs no catalogue
    from canvas_events_cli.running.report import most_frequent

    for counts, told, hint in (
        (report.undocumented_events, "has no body schema", partial(name_hint, bodies=bodies)),
        (report.undocumented_fields, "is not documented", None),
        (report.missing_fields, "is expected, but absent or null", None),
    ):
        for name, count in most_frequent(counts, _NOTES_SHOWN).items():
            meant = visible(hint(name)) if hint else ""
            yield f"note: {visible(name)} {told} ({counted(count, 'event')}){meant}"
        if len(counts) > _NOTES_SHOWN:
            yield f"note: … and {len(counts) - _NOTES_SHOWN:,} more (-o json lists all)"


def counts_text(report: ValidationReport) -> str:
    """Return how many events there were, how many of them valid, invalid and malformed, and what is known."""
    return plain(_figures(report))


def closing_pieces(report: ValidationReport, seconds: float) -> list[Piece]:
    """Return the figures in one line, the verdict in its colour; *seconds* is the time that validation took."""
    rate = report.events / seconds if seconds > 0 else 0.0
    noted = f"; {counted(report.notes, 'note')} (--strict makes them findings)" if report.notes else ""
    lacking = f"; {counted(len(report.failures), 'source')} could not be read, these figures lack "
    lacking += "it" if len(report.failures) == 1 else "them"
    rest = f"{noted}; {seconds:.2f} s, {rate:,.0f} events/s"
    return [*_figures(report), (lacking if report.failures else "", "bold red"), (rest, "")]


def _figures(report: ValidationReport) -> list[Piece]:
    known = report.known.total()
    wrong = "bold red" if report.failing else STYLES["warning"]
    return [
        (f"{counted(report.events, 'event')}: ", ""),
        (f"{report.valid:,} valid", "green" if report.valid and report.passed else ""),
        (", ", ""),
        (f"{report.invalid:,} invalid", wrong if report.invalid else ""),
        (", ", ""),
        (f"{report.malformed:,} malformed", wrong if report.malformed else ""),
        (f"; {counted(known, 'known finding')} (--baseline)" if known else "", ""),
    ]


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
    from canvas_events_cli.rendering.tables import Column, Table, markdown_table

    parts = [f"## {'Invalid' if report.failing else 'Valid'} Canvas events\n\n{counts_text(report)}.\n"]
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


def finding_pieces(finding: Finding) -> list[Piece]:
    """Return the same in pieces: what catches the eye is where it is and what is wrong, not which event it is of."""
    pointer = visible(finding.pointer)
    return [
        (location(finding.source, finding.line), "bold"),
        (": ", ""),
        (visible(finding.shown_name), "dim"),
        (f" {pointer}" if pointer else "", STYLES["pointer"]),
        (" ", ""),
        (visible(finding.message), "bold red"),
        (" ", ""),
        (f"[{visible(finding.keyword)}]", "dim"),
    ]


def _kind(kind: Kind) -> str:
    name, pointer, keyword = map(visible, kind)
    return f"{name} {pointer or '(the whole record)'} [{keyword}]"
