"""A summary as one CSV table (RFC 4180): a column tells the section, the others are all sections' columns."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.summary_tables import NOTHING, Cell, tables

if TYPE_CHECKING:
    from canvas_events_cli.summary.aside import Aside
    from canvas_events_cli.summary.document import SummaryDocument

# What spreadsheets take for the beginning of a formula, the full-width forms included.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_text(document: SummaryDocument, aside: Aside = NOTHING) -> str:
    """Return the tables of *document* as CSV; counts and seconds as plain numbers, times in RFC 3339.

    Columns have their names of the JSON document. Text of events is made visible as on a terminal, and can
    become no formula.
    """
    drawn = tables(document, aside)
    names = list(dict.fromkeys(column.name for table in drawn for column in table.columns))
    out = io.StringIO()
    writer = csv.DictWriter(out, ["section", *names], restval="", lineterminator="\r\n")
    writer.writeheader()
    for table in drawn:
        for row in table.rows:
            cells = {column.name: _safe(cell) for column, cell in zip(table.columns, row, strict=True)}
            writer.writerow({"section": _safe(table.section), **cells})
    return out.getvalue()


def _safe(cell: Cell) -> Cell:
    if not isinstance(cell, str):
        return cell
    starts_badly = cell.lstrip().startswith(_FORMULA) or cell.startswith(("\t", "\r"))
    return ("'" if starts_badly else "") + visible(cell)
