"""A summary for a terminal: tables that stay readable on a narrow one, and a timeline of bars.

Every line begins with a count or a word of ours, so that no text of an event begins one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from textwrap import wrap
from typing import TYPE_CHECKING

from rich.text import Text

from canvas_events_cli.rendering.safe_text import shorten, visible
from canvas_events_cli.rendering.summary_tables import DrawnTimeline, drawn, tables_for_people
from canvas_events_cli.rendering.tables import STYLES, UNKNOWN, Cell, Column, Table, cell_text, is_link, row_line

if TYPE_CHECKING:
    from rich.console import Console

    from canvas_events_cli.summary.figures import Figures

_INDENT = _GAP = "  "
_BAR_WIDTH = 24
_CELL_WIDTH = 44
"""Cells of one field at most in a table of several: Canvas's uuids fit, free text is cut."""
_MOST_TALLIED = 200
"""Lines of a tally on a screen: 20,000 would take a second to lay out, and nobody reads them."""
_EIGHTHS = " ▏▎▍▌▋▊▉"
_TALLIES = (["count", "text"], ["count", "words"])


def print_summary(figures: Figures, console: Console) -> None:
    """Print the tables of *figures*, fitted to the console's width."""
    for number, table in enumerate(tables_for_people(figures)):
        if number:
            console.print()
        for line in _lines(table, figures, console.width):
            console.print(line, no_wrap=True, overflow="ignore", crop=False)


def _lines(table: Table, figures: Figures, width: int) -> Iterator[Text]:
    yield Text(shorten(visible(table.title), width), "bold")
    if table.section == "timeline":
        yield from _timeline_lines(drawn(figures.document["retry_clone"]["timeline"]), width)
        return
    yield from (Text(_INDENT + line, "dim") for line in wrap(table.note, max(width - len(_INDENT), 20)))
    kinds = [column.kind for column in table.columns]
    if kinds[0] == "words":
        yield from _figure_lines(table)
    else:
        yield from (_tally_lines if kinds in _TALLIES else _table_lines)(table, width)


def bar(count: int, largest: int, width: int) -> str:
    """Return a bar of at most *width* cells, in eighths of a cell; whatever is not zero can be seen.

    >>> bar(5, 10, 9), bar(0, 10, 9), bar(1, 1000, 9)
    ('████▌', '', '▏')
    """
    eighths = count * width * 8 // largest if largest else 0
    full, rest = divmod(max(eighths, 1 if count else 0), 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


def _figure_lines(table: Table) -> Iterator[Text]:
    names = [cell_text(name, "words") for name, _ in table.rows]
    longest = max(map(len, names))
    for name, (_, figure) in zip(names, table.rows, strict=True):
        style = STYLES["count" if isinstance(figure, int) else "time"]
        yield Text.assemble(_INDENT, f"{name:<{longest}}", _GAP, (cell_text(figure, "count"), style))


def _tally_lines(table: Table, width: int) -> Iterator[Text]:
    counts = [count if isinstance(count, int) else 0 for count, _ in table.rows]
    largest = max(counts)
    digits, widest_bar = len(f"{largest:,}"), min(_BAR_WIDTH, width // 4)
    room = width - len(_INDENT) - digits - widest_bar - 2 * len(_GAP)
    for count, (_, name) in zip(counts[:_MOST_TALLIED], table.rows, strict=False):
        yield Text.assemble(
            _INDENT,
            (f"{count:>{digits},}", STYLES["count"]),
            _GAP,
            (f"{bar(count, largest, widest_bar):<{widest_bar}}", "dim"),
            _GAP,
            shorten(visible(cell_text(name, table.columns[1].kind)), room),
        )
    if len(counts) > _MOST_TALLIED:
        yield Text(f"{_INDENT}… and {len(counts) - _MOST_TALLIED:,} more, which -o json tells", "dim")


def _timeline_lines(timeline: DrawnTimeline, width: int) -> Iterator[Text]:
    yield Text(f"{_INDENT}Each line is {timeline.row_length} from the time at its left, in UTC.", "dim")
    largest = max(count for _, count in timeline.rows)
    for start, count in timeline.rows:
        room = width - len(_INDENT) - len(start) - len(_GAP) - len(f" {largest:,}")
        drawn_bar = bar(count, largest, max(min(room, 2 * _BAR_WIDTH), 1))
        number = f" {count:,}" if count else "·"
        yield Text.assemble(
            _INDENT, (start, STYLES["time"]), _GAP, (drawn_bar, "cyan"), (number, "green" if count else "dim")
        )


def _table_lines(table: Table, width: int) -> Iterator[Text]:
    """Yield a header and a line for each row; columns that do not fit go below it, with their labels."""
    rows = [[_cell(cell, column) for cell, column in zip(row, table.columns, strict=True)] for row in table.rows]
    widths = [
        max(len(column.label), *(text.cell_len for text in cells))
        for column, cells in zip(table.columns, zip(*rows, strict=True), strict=True)
    ]
    fitting = sum(1 for end in accumulate(cells + len(_GAP) for cells in widths) if end <= width) or 1
    fitting -= table.columns[fitting - 1].name == "first"  # the last time does not fit: the two stay together
    columns = table.columns[:fitting]
    yield row_line(_INDENT, [Text(column.label, "dim") for column in columns], widths, columns)
    for row in rows:
        yield row_line(_INDENT, row[:fitting], widths, columns)
        yield from _below(_labelled(table.columns[fitting:], row[fitting:]), widths[0], width)


def _labelled(columns: Sequence[Column], texts: Sequence[Text]) -> list[Text]:
    """Return each text that is known with its label before it; the first and the last time as one span."""
    pieces: list[Text] = []
    for column, text in zip(columns, texts, strict=True):
        if text.plain == UNKNOWN:
            continue
        if column.name == "last" and pieces:
            pieces[-1] = Text.assemble(pieces[-1], (" to ", "dim"), text)
        else:
            label = "" if column.name == "first" else f"{column.label} "
            pieces.append(Text.assemble((label, "dim"), text))
    return pieces


def _below(pieces: Sequence[Text], first_width: int, width: int) -> Iterator[Text]:
    """Yield *pieces* in lines that begin below the second column."""
    line = margin = Text(" " * (len(_INDENT) + first_width + len(_GAP)))
    for piece in pieces:
        if line.cell_len > margin.cell_len and line.cell_len + len(_GAP) + piece.cell_len > width:
            yield line
            line = margin
        line = Text.assemble(line, _GAP if line.cell_len > margin.cell_len else "", piece)
    if pieces:
        yield line


def _cell(cell: Cell, column: Column) -> Text:
    whole = visible(cell_text(cell, column.kind))
    text = whole if is_link(cell, column.kind) else shorten(whole, _CELL_WIDTH)
    return Text(text, "dim" if cell is None else STYLES.get(column.kind, ""))
