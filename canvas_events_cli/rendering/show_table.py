"""Events as a table, one line each, that fits the terminal."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from canvas_events_cli.exact_json import compact_text
from canvas_events_cli.model import Record
from canvas_events_cli.query.fields import find, parse_field
from canvas_events_cli.rendering.overview import COLUMNS, overview
from canvas_events_cli.rendering.safe_text import shorten, visible
from canvas_events_cli.wrappers import exact_event

_SETTLING_ROWS = 200

_GAP = 2
_NARROWEST = 3


class EventTable:
    """Prints events as they come; the first block of them settles how wide the columns are."""

    def __init__(self, console: Console, fields: Sequence[str] | None, tz: tzinfo | None) -> None:
        """Take the columns' *fields*, as ``--where`` names them; None shows an overview, times in *tz*."""
        self._console = console
        self._columns = COLUMNS if fields is None else fields
        self._fields = None if fields is None else [parse_field(name) for name in fields]
        self._tz = tz
        self._widths: list[int] = []

    def add(self, records: Sequence[Record]) -> None:
        """Print *records*, a row each."""
        rows = [self._cells(record) for record in records]
        if rows and not self._widths:
            self._widths = column_widths(self._columns, rows[:_SETTLING_ROWS], self._console.width)
            self._print(table_line(self._columns, self._widths, "bold"))
        for row in rows:
            self._print(table_line(row, self._widths))

    def _print(self, line: Text) -> None:
        self._console.print(line, no_wrap=True, overflow="ignore", crop=False)

    def _cells(self, record: Record) -> Sequence[str]:
        if self._fields is None:
            return overview(record, self._tz).cells()
        event = exact_event(record)
        return [field_text(find(field, event)) for field in self._fields]


def field_text(value: object) -> str:
    """Return a value of an event as the text of a cell: strings as they are, nothing for null, else JSON."""
    if value is None:
        return ""
    return str(value) if isinstance(value, str) else compact_text(value)


def column_widths(columns: Sequence[str], rows: Iterable[Sequence[str]], width: int) -> list[int]:
    """Return the cells for each column so that a line takes at most *width*.

    Columns are as wide as the widest of their *rows* and of their own name; where that is too much, the widest are
    cut to one common width. The first column, which is most often the time, is cut last, and one very wide cell in it
    (a time with its original beside it) does not cost the others their place: at 80 cells a time in UTC stays whole.
    """
    wanted = [cell_len(visible(name)) for name in columns]
    for row in rows:
        wanted = [max(now, cell_len(visible(cell))) for now, cell in zip(wanted, row, strict=True)]
    room = width - _GAP * (len(columns) - 1)
    if sum(wanted) <= room:
        return wanted
    first = min(wanted[0], max(room - _NARROWEST * (len(columns) - 1), _NARROWEST))
    if first * 5 > width * 2:
        first = min(first, max(_cut(wanted, room)[0], width * 3 // 10))
    return [first, *_cut(wanted[1:], room - first)]


def table_line(cells: Sequence[str], widths: Sequence[int], style: str = "") -> Text:
    """Return one row; *cells* are texts of an event, or names of columns, cut visibly where they are too long."""
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
