"""Events as a table, one line each, that fits the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.text import Text

from canvas_events_cli.rendering.safe_text import shorten, visible

SETTLING_ROWS = 200
"""Rows worth waiting for before the columns' widths are settled; later rows are cut to these."""

_GAP = 2
_NARROWEST = 3


def column_widths(columns: Sequence[str], rows: Iterable[Sequence[str]], width: int) -> list[int]:
    """Return the cells for each column so that a line takes at most *width*.

    Columns are as wide as the widest of their *rows* and of their own name; where that is too much, the widest are
    cut to one common width. The first column, which is most often the time, is cut last.
    """
    wanted = [cell_len(visible(name)) for name in columns]
    for row in rows:
        wanted = [max(now, cell_len(visible(cell))) for now, cell in zip(wanted, row, strict=True)]
    room = width - _GAP * (len(columns) - 1)
    if sum(wanted) <= room:
        return wanted
    first = min(wanted[0], max(room - _NARROWEST * (len(columns) - 1), _NARROWEST))
    if first * 3 > width * 2 or len(columns) == 1:
        return _cut(wanted, room)
    return [first, *_cut(wanted[1:], room - first)]


def header_line(columns: Sequence[str], widths: Sequence[int]) -> Text:
    """Return the names of the columns."""
    return _line(columns, widths, "bold")


def table_line(cells: Sequence[str], widths: Sequence[int]) -> Text:
    """Return one row; *cells* are texts of an event, cut visibly where they are too long."""
    return _line(cells, widths, "")


def _line(cells: Sequence[str], widths: Sequence[int], style: str) -> Text:
    line = Text(style=style, no_wrap=True, overflow="ignore")
    for cell, width in zip(cells, widths, strict=True):
        text = shorten(visible(cell), width)
        line.append(text + " " * (width - cell_len(text) + _GAP))
    line.rstrip()
    return line


def _cut(wanted: Sequence[int], room: int) -> list[int]:
    """Return *wanted* with the largest cut to one limit, so that the sum is *room* where that can be."""
    left, widths = room, [0] * len(wanted)
    for place, index in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
        share = max(left // (len(wanted) - place), _NARROWEST)
        widths[index] = min(wanted[index], share)
        left -= widths[index]
    return widths
