"""A summary for a terminal: the answer, tables that find room on a narrow one, and a timeline of bars.

Every line begins with a blank, a count or a word of ours, so that no text of an event begins one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from canvas_events_cli.rendering.grid import fit, grid_lines, shown_rows
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.styled import STYLES, Piece, folded
from canvas_events_cli.rendering.summary_answer import answer
from canvas_events_cli.rendering.summary_tables import DrawnTimeline, drawn, tables
from canvas_events_cli.rendering.tables import Table, cell_text

if TYPE_CHECKING:
    from canvas_events_cli.summary.figures import Figures

_INDENT = _GAP = "  "
_BAR_WIDTH = 24
_READABLE = 120
"""Cells that a line of sentences takes at most."""
_EIGHTHS = " ▏▎▍▌▋▊▉"
_TALLIES = (["count", "text"], ["count", "words"])


def summary_lines(figures: Figures, width: int) -> Iterator[list[Piece]]:
    """Yield the answer and the tables of *figures*, fitted to *width*."""
    readable = min(width, _READABLE)
    for line in folded(visible(" ".join(answer(figures))), readable):
        # What is harmless inside a line may be a command where it begins one; its escape makes the line longer.
        yield from ([(visible(part), "")] for part in folded(visible(line), readable))
    for table in tables(figures, for_people=True):
        if table.columns[0].kind != "words":  # those figures the answer tells
            yield from ([], [(fit(visible(table.title), width), "bold")])
            if table.section == "timeline":
                yield from _timeline_lines(drawn(figures.document["retry_clone"]["timeline"]), width)
                continue
            note = folded(table.note, max(width - len(_INDENT), 20)) if table.note else ()
            yield from ([(_INDENT + line, "dim")] for line in note)
            is_tally = [column.kind for column in table.columns] in _TALLIES
            yield from _tally_lines(table, width) if is_tally else grid_lines(table, width, _INDENT)


def bar(count: int, largest: int, width: int) -> str:
    """Return a bar of at most *width* cells, in eighths of a cell; whatever is not zero can be seen.

    >>> bar(5, 10, 9), bar(0, 10, 9), bar(1, 1000, 9)
    ('████▌', '', '▏')
    """
    eighths = count * width * 8 // largest if largest else 0
    full, rest = divmod(max(eighths, 1 if count else 0), 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


def _tally_lines(table: Table, width: int) -> Iterator[list[Piece]]:
    rows, more = shown_rows(table.rows)
    counts = [count if isinstance(count, int) else 0 for count, _ in rows]
    largest = max(counts)
    digits, widest_bar = len(f"{largest:,}"), min(_BAR_WIDTH, width // 4)
    room = width - len(_INDENT) - digits - widest_bar - 2 * len(_GAP)
    for count, (_, name) in zip(counts, rows, strict=True):
        text = fit(visible(cell_text(name, table.columns[1].kind)), room)
        drawn_bar = f"{bar(count, largest, widest_bar):<{widest_bar}}"
        yield [(f"{_INDENT}{count:>{digits},}{_GAP}", STYLES["count"]), (drawn_bar, "dim"), (_GAP + text, "")]
    if more:
        yield [(f"{_INDENT}{more}", "dim")]


def _timeline_lines(timeline: DrawnTimeline, width: int) -> Iterator[list[Piece]]:
    yield [(f"{_INDENT}Each line is {timeline.row_length} from the time at its left, in UTC.", "dim")]
    largest = max(count for _, count in timeline.rows)
    for is_filled, group in groupby(timeline.rows, lambda row: row[1] > 0):
        rows = [*group]
        empty = "·" if len(rows) == 1 else f"· {len(rows):,} lines without any"
        for start, count in rows if is_filled else rows[:1]:
            room = width - len(_INDENT) - len(start) - len(_GAP) - len(f" {largest:,}")
            drawn_bar = bar(count, largest, max(min(room, 2 * _BAR_WIDTH), 1))
            number = (f" {count:,}", STYLES["count"]) if count else (empty, "dim")
            yield [(_INDENT + start + _GAP, STYLES["time"]), (drawn_bar, "dim"), number]
