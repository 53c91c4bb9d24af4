"""Events a line each: as lines of a log, or as a table that fits the terminal."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

from canvas_events_cli.exact_json import compact_text
from canvas_events_cli.model import MALFORMED, Malformed, Record
from canvas_events_cli.query.fields import find, parse_field
from canvas_events_cli.rendering.cuts import LEAST, SHORTER, Cuts, left_out, line_alone, of_one_source
from canvas_events_cli.rendering.grid import NARROWEST, column_widths
from canvas_events_cli.rendering.moments import clock
from canvas_events_cli.rendering.overview import overview
from canvas_events_cli.rendering.safe_text import location, visible
from canvas_events_cli.rendering.styled import GAP, cells, painted
from canvas_events_cli.rendering.tables import UNKNOWN
from canvas_events_cli.validation import ValidationSpec, compile_checker
from canvas_events_cli.wrappers import exact_event

COLUMNS = ("time", "event", "who", "about")
"""What is shown of an event for which no fields were asked."""
_STYLES = ("magenta", "bold", "", "")
VALID, INVALID = " ", "✗"
_SETTLING_ROWS = 200
_LINE_WIDTH = 6
"""Cells for the number of a line: it grows below the rows that settle how wide columns are."""


class Row(NamedTuple):
    """An event as texts that are safe to print, but for its place, which only the reader of the whole source knows."""

    is_valid: bool
    texts: Sequence[str]
    """Empty for what an event does not have."""


@dataclass(frozen=True, slots=True)
class RowForm:
    """What makes rows of events; picklable."""

    spec: ValidationSpec
    tz: tzinfo | None
    """None for local time."""
    fields: tuple[str, ...] | None = None
    """As ``--where`` names them; None for COLUMNS."""

    @property
    def columns(self) -> Sequence[str]:
        """What the texts of a row are."""
        return COLUMNS if self.fields is None else self.fields

    def compile(self) -> Callable[[Record], Row]:
        """Return what makes the row of an event. Raises CeventsError for a schema that cannot be used."""
        is_wrong, texts = compile_checker(self.spec).is_wrong, self._texts()
        known = lru_cache(4096)(visible)
        return lambda record: Row(
            not is_wrong(record),
            [known(text) if len(text) < 200 else visible(text) for text in texts(record)],
        )

    def _texts(self) -> Callable[[Record], Iterable[str]]:
        if self.fields is None:
            return self._overview
        fields = [parse_field(name) for name in self.fields]

        def texts(record: Record) -> Iterable[str]:
            values = [find(field, record.value) for field in fields]
            if not all(value is None or isinstance(value, str) for value in values):
                event = exact_event(record)  # numbers as they are written
                values = [find(field, event) for field in fields]
            return map(field_text, values)

        return texts

    def _overview(self, record: Record) -> Iterable[str]:
        about = overview(record)
        return clock(about.time, self.tz), about.event, about.who, about.about


def malformed_row(item: Malformed, columns: Sequence[str]) -> Row:
    """Return the row of a record that is no JSON: in the last of *columns* stands what is wrong with it."""
    return Row(False, [*[""] * (len(columns) - 1), f"{MALFORMED} {visible(item.message)}"])


def field_text(value: object) -> str:
    """Return a value of an event as the text of a cell: strings as they are, nothing for null, else JSON."""
    if value is None:
        return ""
    return str(value) if isinstance(value, str) else compact_text(value)


def log_line(row: Row, source: str, line: int, *, color: bool) -> str:
    """Return a row as a line of a log, which is never cut: all that it has, and a dash for what it has not."""
    texts = [text or UNKNOWN for text in row.texts]
    return _line(row.is_valid, [*texts, location(source, line)], color=color)


class EventTable:
    """Lays rows out in columns; the first of them settle how wide these are, and in which form texts stand there.

    Where they do not fit, what is least worth goes first: folders of the place, roles, contexts, the place but for its
    line. Then texts are cut, never inside an id, and never so that two read alike: see ``Cuts``.
    """

    def __init__(self, columns: Sequence[str], width: int, *, names: Iterable[str] = (), color: bool = False) -> None:
        """*names* are those that events can have: what is cut of one is told from the others."""
        self._columns = [*map(visible, columns), "source"]
        self._width = width - len(VALID) - 1
        self._color = color
        self._names = [*names]
        self._forms: list[Callable[[str], str]] = [str] * len(self._columns)
        self._cuts: list[Cuts] = []

    def lines(self, rows: Iterable[tuple[Row, str, int]]) -> Iterator[str]:
        """Yield a line for each row with its source and its line there, below the names of the columns."""
        placed = [(row.is_valid, [*row.texts, location(source, line)]) for row, source, line in rows]
        if placed and not self._cuts:
            self._settle([texts for _, texts in placed[:_SETTLING_ROWS]])
            header = _line(True, self.padded(self._columns), color=False)
            yield f"\x1b[1m{header}\x1b[0m" if self._color else header
        for is_valid, texts in placed:
            yield _line(is_valid, self.padded(texts), color=self._color)

    def _settle(self, rows: Sequence[Sequence[str]]) -> None:
        """Make columns as wide as *rows*, texts and place of each, want them, in the longest forms that fit."""
        columns = [[*dict.fromkeys(column)] for column in zip(*rows, strict=True)]
        room = self._width - GAP * (len(columns) - 1)
        wanted = [max(map(cells, [label, *column])) for label, column in zip(self._columns, columns, strict=True)]
        in_full = wanted.copy()
        is_overview = (*self._columns[:-1],) == COLUMNS
        for name, form in SHORTER:
            if sum(wanted) <= room or (form is line_alone and not of_one_source(columns[-1])):
                continue
            if name == "source" or is_overview:
                place = self._columns.index(name)
                self._forms[place] = form
                wanted[place] = max(map(cells, map(form, columns[place])))
        for place, size in enumerate(in_full):
            if sum(wanted) - wanted[place] + size <= room:
                self._forms[place], wanted[place] = str, size
        if self._forms[-1] is line_alone:
            self._columns[-1], wanted[-1] = "line", max(wanted[-1], _LINE_WIDTH)
        least = [min(size, LEAST.get(name, NARROWEST)) for name, size in zip(self._columns, wanted, strict=True)]
        # The first column, most often the time, is cut only where it takes over two fifths.
        least[0] = max(least[0], wanted[0] * (wanted[0] * 5 <= self._width * 2))
        if is_overview and sum(least) > room:
            place = COLUMNS.index("who")
            self._forms[place], wanted[place], least[place] = left_out, 0, 0
        names = [self._names if name == "event" else () for name in self._columns]
        self._cuts = [*map(Cuts, column_widths(wanted, room, least), names)]

    def padded(self, texts: Sequence[str]) -> list[str]:
        """Return the *texts* of a row and its place so that each fills its column."""
        fitted = [cut(form(text)) for text, form, cut in zip(texts, self._forms, self._cuts, strict=True)]
        return [text + " " * (cut.width - cells(text)) for text, cut in zip(fitted, self._cuts, strict=True)]


def _line(is_valid: bool, texts: Sequence[str], *, color: bool) -> str:
    """Return *texts*, of which the last is the place, after a mark."""
    if not color:
        return f"{VALID if is_valid else INVALID} {'  '.join(texts)}".rstrip()
    *texts, place = texts
    styles = _STYLES if len(texts) == len(_STYLES) else repeat("")
    pieces = [piece for pair in zip(texts, styles, strict=False) for piece in (pair, ("  ", ""))]
    return painted([(VALID if is_valid else INVALID, "bold red"), (" ", ""), *pieces, (place.rstrip(), "dim")])
