"""Events a line each: as lines of a log, or as a table that fits the terminal."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

from canvas_events_cli.exact_json import compact_text
from canvas_events_cli.model import MALFORMED, Malformed, Record
from canvas_events_cli.query.fields import find, parse_field
from canvas_events_cli.rendering.moments import clock
from canvas_events_cli.rendering.overview import overview
from canvas_events_cli.rendering.safe_text import location, shorten, visible
from canvas_events_cli.rendering.styled import GAP, cells, painted
from canvas_events_cli.rendering.tables import UNKNOWN
from canvas_events_cli.validation import ValidationSpec, compile_checker
from canvas_events_cli.wrappers import exact_event

COLUMNS = ("time", "event", "who", "about")
"""What is shown of an event for which no fields were asked."""
_STYLES = ("magenta", "bold", "", "")
VALID, INVALID = " ", "✗"
_SETTLING_ROWS = 200
_NARROWEST = 3
_IN_ID = "0123456789~"
_IS_INSIDE = re.compile(f"[{_IN_ID}]{{2}}").fullmatch
_FIRST_ID = re.compile(f"(?<= )[{_IN_ID}]+")


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
        check, texts = compile_checker(self.spec).check, self._texts()
        known = lru_cache(4096)(visible)
        return lambda record: Row(
            not check("", record).findings,
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
    """Lays rows out in columns; the first of them settle how wide these are."""

    def __init__(self, columns: Sequence[str], width: int, *, color: bool = False) -> None:
        self._columns = [*map(visible, columns), "source"]
        self._width = width - len(VALID) - 1
        self._color = color
        self._widths: list[int] = []

    def lines(self, rows: Iterable[tuple[Row, str, int]]) -> Iterator[str]:
        """Yield a line for each row with its source and its line there, below the names of the columns."""
        placed = [(row.is_valid, [*row.texts, location(source, line)]) for row, source, line in rows]
        if placed and not self._widths:
            self.settle([texts for _, texts in placed[:_SETTLING_ROWS]])
            header = _line(True, self.padded(self._columns), color=False)
            yield f"\x1b[1m{header}\x1b[0m" if self._color else header
        for is_valid, texts in placed:
            yield _line(is_valid, self.padded(texts), color=self._color)

    def settle(self, rows: Sequence[Sequence[str]]) -> None:
        """Make columns as wide as *rows*, texts and place of each, want them."""
        self._widths = column_widths(self._columns, rows, self._width)

    def padded(self, texts: Sequence[str]) -> list[str]:
        """Return the *texts* of a row and its place so that each fills its column."""
        *texts, place = texts
        *widths, last = self._widths
        fitted = [(fit(text, width), width) for text, width in zip(texts, widths, strict=True)]
        # Of its place the end tells more.
        return [*(text + " " * (width - cells(text)) for text, width in fitted), shorten(place[::-1], last)[::-1]]


def column_widths(columns: Sequence[str], rows: Iterable[Sequence[str]], width: int) -> list[int]:
    """Return the cells for each column so that a line takes at most *width*.

    Columns are as wide as the widest of their *rows* and of their own name; where that is too much, the widest are
    cut to one common width: the first, which is most often the time, only where it takes more than two fifths.
    """
    wanted = [max(map(cells, texts)) for texts in zip(columns, *rows, strict=True)]
    room = width - GAP * (len(columns) - 1)
    if sum(wanted) <= room or wanted[0] * 5 > width * 2:
        return _cut(wanted, room)
    return [wanted[0], *_cut(wanted[1:], room - wanted[0])]


def fit(text: str, width: int) -> str:
    """Return *text*, cut visibly where it takes more than *width* cells.

    Never inside an id, so that none reads as another; rather than to lose the first one, without the words before it
    that there is no room for.

    >>> fit("user 2107~42, Teacher", 16), fit("assignment 2107~42 in Course 3", 14), fit("user 2107~42", 5)
    ('user 2107~42, T…', '…2107~42…', 'user…')
    >>> fit("content migration 2107~42 in Course 3", 20)
    '…migration 2107~42…'
    """
    cut = shorten(text, width)
    if cut == text:
        return text
    kept = len(cut) - 1
    first = _FIRST_ID.search(text)
    if first is not None and first.end() > kept and len(first[0]) + 2 <= width:
        more = "…" * (first.end() < len(text))
        room = width - len(f"…{first[0]}{more}") if text.isascii() else 0
        start = text.find(" ", max(first.start() - room - 1, 0)) + 1
        return f"…{text[start : first.end()]}{more}"
    return f"{cut[:-1].rstrip(_IN_ID)}…" if _IS_INSIDE(text[kept - 1 : kept + 1]) else cut


def _line(is_valid: bool, texts: Sequence[str], *, color: bool) -> str:
    """Return *texts*, of which the last is the place, after a mark."""
    if not color:
        return f"{VALID if is_valid else INVALID} {'  '.join(texts)}".rstrip()
    *texts, place = texts
    styles = _STYLES if len(texts) == len(_STYLES) else repeat("")
    pieces = [piece for pair in zip(texts, styles, strict=False) for piece in (pair, ("  ", ""))]
    return painted([(VALID if is_valid else INVALID, "bold red"), (" ", ""), *pieces, (place.rstrip(), "dim")])


def _cut(wanted: Sequence[int], room: int) -> list[int]:
    """Return *wanted* with the largest cut to one limit, so that the sum is *room* where that can be."""
    left, widths = room, [0] * len(wanted)
    for place, index in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
        share = max(left // (len(wanted) - place), _NARROWEST)
        widths[index] = min(wanted[index], share)
        left -= widths[index]
    return widths
