"""Rows in columns: one model, and how terminals, Markdown and CSV draw it; any text may come from an event."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from canvas_events_cli.rendering.moments import span
from canvas_events_cli.rendering.safe_text import csv_cell, markdown
from canvas_events_cli.timestamps import Instant, format_utc, parse_instant, to_datetime

Cell: TypeAlias = str | int | float | Instant | None
"""Counts and seconds are numbers, times are instants or text, all else is text. None: not known."""
Kind = Literal["count", "seconds", "time", "id", "address", "name", "pointer", "type", "text", "words", "rate"]
"""What a column holds; ``words`` are JSON keys of ours, to be read as words, an ``address`` is that of a page."""

RIGHT: frozenset[Kind] = frozenset({"count", "seconds", "rate"})
UNKNOWN = "-"
"""How a cell that is not known looks to people."""

_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+/courses/[0-9]+/assignments/[0-9]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its label for people, what it holds, and its name in JSON and CSV."""

    label: str
    kind: Kind = "text"
    name: str = ""
    spare: bool = False
    """Whether a terminal that is too narrow for all columns may go without it."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table; ``section`` tells it from the others in a format that has one table only."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    title: str = ""
    note: str = ""
    section: str = ""
    grouped: bool = False
    """Whether in text the first column stands above the rows that have it in common: so the others find room."""


def cell_text(cell: Cell, kind: Kind) -> str:
    """Return a cell for people: grouped digits, lengths of time, times without ``T`` and milliseconds."""
    if cell is None:
        return UNKNOWN
    if isinstance(cell, Instant):
        moment = to_datetime(cell)
        return moment.isoformat(" ")[:19] if moment else UNKNOWN
    if isinstance(cell, float):
        if kind == "rate":
            return f"{cell:,.1f}" if cell >= 1 else f"{cell:.2g}"
        return span(round(cell)) if cell >= 60 else f"{cell:.1f} s"
    if isinstance(cell, int):
        return span(cell) if kind == "seconds" else f"{cell:,}"
    if kind == "words":
        return cell.replace("_", " ")
    return cell[:19].replace("T", " ") if kind == "time" and parse_instant(cell) else cell


def is_link(cell: Cell, kind: Kind) -> bool:
    """Tell whether a cell is the address of a page, of characters that mean nothing in any format."""
    return kind == "address" and isinstance(cell, str) and _ADDRESS.fullmatch(cell) is not None


def markdown_table(table: Table) -> str:
    """Return the rows as a Markdown table, a line feed at its end."""
    columns = table.columns
    lines = [[column.label for column in columns], ["---:" if column.kind in RIGHT else "---" for column in columns]]
    for row in table.rows:
        cells = [(cell, cell_text(cell, column.kind), column.kind) for cell, column in zip(row, columns, strict=True)]
        lines.append([f"<{text}>" if is_link(cell, kind) else markdown(text) for cell, text, kind in cells])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def markdown_page(title: str, tables: Iterable[Table], closing: str = "") -> str:
    """Return *tables* below a title of ours, and *closing* as their first paragraph, where it is not empty."""
    blocks = [f"# {title}\n", *([f"{closing}\n"] if closing else [])]
    for table in tables:
        blocks += [f"## {markdown(table.title)}\n", *([f"{markdown(table.note)}\n"] if table.note else [])]
        blocks.append(markdown_table(table))
    return "\n".join(blocks)


def csv_text(tables: Sequence[Table]) -> str:
    """Return *tables* as one of CSV (RFC 4180): a column tells the section, the others are all tables' columns.

    Columns have their names of the JSON document, counts and seconds are plain numbers, times RFC 3339.
    """
    import csv
    import io

    names = dict.fromkeys(column.name for table in tables for column in table.columns)
    out = io.StringIO()
    writer = csv.DictWriter(out, ["section", *names], restval="", lineterminator="\r\n")
    writer.writeheader()
    for table in tables:
        for row in table.rows:
            texts = [format_utc(cell) if isinstance(cell, Instant) else cell for cell in row]
            cells = {
                column.name: csv_cell(text) if isinstance(text, str) else text
                for column, text in zip(table.columns, texts, strict=True)
            }
            writer.writerow({"section": csv_cell(table.section), **cells})
    return out.getvalue()
