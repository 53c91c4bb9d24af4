"""Rows in columns on a terminal: the one way in which every table finds room, whatever its width."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from typing import TypeVar

from canvas_events_cli.rendering.safe_text import shorten, visible
from canvas_events_cli.rendering.styled import GAP, STYLES, Piece, cells, flow, folded
from canvas_events_cli.rendering.tables import RIGHT, UNKNOWN, Column, Table, cell_text, is_link

RowT = TypeVar("RowT")

NARROWEST = 3
"""Cells of a column at least where every one has to stay."""
_CUT_TO = 44
"""Cells that are left of a long text in any case: Canvas's uuids fit."""
_LEAST_ROOM = 30
"""Cells that the last column needs to stand beside the others, on several lines; else it goes below them."""
_BELOW = 4
"""Cells by which what stands below a row is indented."""
_MOST_ROWS = 500
"""Of a table: laying out 100,000 takes most of a minute."""
_FIRM = RIGHT | {"time", "address"}
"""What is never cut."""
_IN_ID = "0123456789~"
_FIRST_ID = re.compile(f"(?<= )[{_IN_ID}]+")


def column_widths(wanted: Sequence[int], room: int, least: Sequence[int]) -> list[int]:
    """Return *wanted*, the largest cut to one limit, none below its *least*, so that the sum is *room* where it can be.

    >>> column_widths([5, 20, 40], 45, [5, 3, 3]), column_widths([20, 38, 23], 60, [20, 14, 23])
    ([5, 20, 20], [20, 17, 23])
    """

    def cut(limit: int) -> list[int]:
        return [min(size, max(limit, floor)) for size, floor in zip(wanted, least, strict=True)]

    limit = bisect(range(max(room, 0) + 1), room, key=lambda limit: sum(cut(limit))) - 1
    widths = cut(limit)
    for place, wider in enumerate(cut(limit + 1)):
        if sum(widths) < room:
            widths[place] = wider
    return widths


def fit(text: str, width: int) -> str:
    """Return *text*, visibly cut inside where it takes more than *width* cells: both ends tell texts from each other.

    Never inside an id, so that none reads as another; rather than to lose the first one, without what there is no
    room for before it.

    >>> fit("outcomes.retry_outcome_alignment_clone", 20), fit("user 2107~42, TeacherEnrollment", 15)
    ('outcomes.retr…_clone', 'user 2107~42…nt')
    >>> fit("content migration 2107~42 in Course 3", 20)
    '…migration 2107~42…'
    """
    if cells(text) <= width:
        return text
    head = shorten(text, width - width // 3)[:-1]
    first = _FIRST_ID.search(text)
    if first and first.end() > len(head) and len(first[0]) + 2 <= width:
        if cells(text[: first.end()]) >= width:
            more = "…" * (first.end() < len(text))
            room = width - len(f"…{first[0]}{more}") if text.isascii() else 0
            start = text.find(" ", max(first.start() - room - 1, 0)) + 1
            return f"…{text[start : first.end()]}{more}"
        head = text[: first.end()]
    elif text[len(head) - 1 : len(head)] in _IN_ID and text[len(head)] in _IN_ID:
        head = head.rstrip(_IN_ID)
    room = width - cells(head)
    tail = shorten(text[::-1], room)[:-1][::-1] if room > 1 else ""
    if tail and tail[0] in _IN_ID and text[-len(tail) - 1] in _IN_ID:
        tail = tail.lstrip(_IN_ID)
    return f"{head}…{tail}"


def grid_lines(table: Table, width: int, indent: str = "") -> Iterator[list[Piece]]:
    """Yield a header and a line for each row, at most *width* cells wide.

    Where columns do not fit, those to spare are left out, long texts are cut, and then the last go below the row. Only
    what must not be cut, such as an address, is wider in the end.
    """
    columns: Sequence[Column] = table.columns
    shown, more = shown_rows(table.rows)
    rows = [[visible(cell_text(cell, c.kind)) for cell, c in zip(row, columns, strict=True)] for row in shown]
    headings: list[str] = []
    if table.grouped:
        columns, headings, rows = columns[1:], [row[0] for row in rows], [row[1:] for row in rows]
    start = indent + " " * GAP * table.grouped
    room = width - len(start)
    wanted = [max(map(cells, texts)) for texts in zip([column.label for column in columns], *rows, strict=True)]
    kept = list(range(len(columns)))
    for place in reversed(range(len(columns))):  # those to spare go as far as these take what others need
        if columns[place].spare and sum(wanted[at] + GAP for at in kept) - GAP > room:
            kept.remove(place)
    columns = [columns[place] for place in kept]
    widths = _beside(columns, [wanted[place] for place in kept], room)
    yield [(start, ""), *_line([(column.label, "dim") for column in columns], widths, columns)]
    for number, row in enumerate(rows):
        if table.grouped and (not number or headings[number] != headings[number - 1]):
            yield [(fit(indent + headings[number], width), STYLES["name"])]
        pieces = [(row[place], STYLES.get(column.kind, "")) for place, column in zip(kept, columns, strict=True)]
        yield from ([(start, ""), *line] for line in _row_lines(pieces, widths, columns, room))
    if more:
        yield [(indent + more, "dim")]


def shown_rows(rows: Sequence[RowT]) -> tuple[Sequence[RowT], str]:
    """Return as many of *rows* as anybody reads, and what is to be said of the others; nothing where there are none."""
    left = len(rows) - _MOST_ROWS
    return rows[:_MOST_ROWS], f"… and {left:,} more, which -o json tells" if left > 0 else ""


def _beside(columns: Sequence[Column], wanted: Sequence[int], room: int) -> list[int]:
    """Return how wide the columns are that stand beside each other, from the first on, which always does."""
    least = [min(size, size if c.kind in _FIRM else _CUT_TO) for size, c in zip(wanted, columns, strict=True)]
    least[-1] = min(least[-1], _LEAST_ROOM) if columns[-1].kind == "text" else least[-1]
    count = len(columns)
    while count > 1 and sum(least[:count]) + GAP * (count - 1) > room:
        count -= 1
    if count < len(columns) and columns[count - 1].name == "first":
        count -= 1  # the last time is below: the two stay together
    return column_widths(wanted[:count], room - GAP * (count - 1), least[:count])


def _row_lines(
    pieces: Sequence[Piece], widths: Sequence[int], columns: Sequence[Column], room: int
) -> Iterator[list[Piece]]:
    """Yield the lines of a row: side by side what has a width, the last column on several lines; the rest below."""
    count = len(widths)
    shown = [(fit(text, size), style) for (text, style), size in zip(pieces, widths, strict=False)]
    more: list[str] = []
    if count == len(columns) and columns[-1].kind == "text":
        text, style = pieces[-1]
        first, *more = folded(text, max(widths[-1], 1))
        shown[-1] = visible(first), style
    yield _line(shown, widths, columns)
    margin = " " * (sum(widths[:-1]) + GAP * (count - 1))
    # Made safe once more: what is harmless inside a line may be a command where it begins one.
    yield from ([(margin, ""), (visible(line), pieces[-1][1])] for line in more)
    below = [*zip(pieces[count:], columns[count:], strict=True)]
    labelled = _labelled([(piece, column) for piece, column in below if not is_link(piece[0], column.kind)])
    for line in flow(labelled, max(room, _BELOW + _LEAST_ROOM), _BELOW) if labelled else ():
        yield [(visible(text), style) for text, style in line]
    yield from ([(" " * _BELOW, ""), piece] for piece, column in below if is_link(piece[0], column.kind))


def _labelled(below: Sequence[tuple[Piece, Column]]) -> list[Piece]:
    """Return each text that is known with its label before it; first and last as one span."""
    found: list[Piece] = []
    before = ""
    for (text, style), column in below:
        if text in ("", UNKNOWN):
            continue
        if column.name == "last" and before == "first":
            found[-1] = f"{found[-1][0]} to {text}", style
        else:
            speaks_for_itself = column.name == "first" or (column is below[-1][1] and column.kind == "text")
            found.append((text if speaks_for_itself else f"{column.label} {text}", style))
        before = column.name
    return found


def _line(pieces: Sequence[Piece], widths: Sequence[int], columns: Sequence[Column]) -> list[Piece]:
    """Return *pieces* in columns of these *widths*, numbers at the right."""
    line: list[Piece] = []
    for (text, style), size, column in zip(pieces, widths, columns, strict=False):
        padding = " " * (size - cells(text))
        gap = " " * GAP if line else ""
        line += [(gap + padding, ""), (text, style)] if column.kind in RIGHT else [(gap, ""), (text + padding, style)]
    while len(line) > 1 and not line[-1][0].rstrip():
        line.pop()
    last, style = line[-1]
    return [*line[:-1], (last.rstrip(), style)]
