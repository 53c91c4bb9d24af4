"""Events a line each: as lines of a log, or as a table that fits the terminal."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

from canvas_events_cli.exact_json import compact_text
from canvas_events_cli.model import MALFORMED, Malformed, Record
from canvas_events_cli.query.fields import find, parse_field
from canvas_events_cli.rendering.cuts import (
    IN_FULL,
    LEAST,
    LEAST_OF_EVENT,
    SHORTER,
    SHORTER_IN_TABLE,
    SHORTER_OF_ONE_SOURCE,
    Cuts,
    Form,
    Shorter,
)
from canvas_events_cli.rendering.grid import NARROWEST, column_widths
from canvas_events_cli.rendering.moments import clock
from canvas_events_cli.rendering.overview import overview
from canvas_events_cli.rendering.safe_text import location, shorten, visible
from canvas_events_cli.rendering.styled import GAP, cells, painted
from canvas_events_cli.rendering.tables import UNKNOWN
from canvas_events_cli.validation import ValidationSpec, compile_checker
from canvas_events_cli.wrappers import exact_event

COLUMNS = ("time", "event", "who", "about")
"""What is shown of an event for which no fields were asked."""
_PLACE = "source"
"""The column after those: where the event stands."""
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
        is_wrong, texts = compile_checker(self.spec, by_types=True).is_wrong, self._texts()
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


@dataclass(frozen=True, slots=True)
class LogLines:
    """Lays each row out by itself, as a line of a log: all that it has, and a dash for what it has not."""

    columns: Sequence[str]
    width: int | None = None
    """Cells that a line takes at most; None for lines that are never cut."""
    names: Collection[str] = ()
    """Those that events can have: what is cut of one is told from the others."""
    color: bool = False

    def lines(self, rows: Iterable[tuple[Row, str, int]]) -> Iterator[str]:
        """Yield a line for each row with its source and its line there."""
        for row, source, line in rows:
            texts = [*(text or UNKNOWN for text in row.texts), location(source, line)]
            if self.width is not None and not _fits(texts, room := self.width - len(VALID) - 1):
                columns = _laid_out([*self.columns, _PLACE], [[text] for text in texts], room, SHORTER, self.names)
                texts = [column.shown(texts) for column in columns]
                if not _fits(texts, room):
                    texts = [shorten("  ".join(texts), room)]
            yield _line(row.is_valid, texts, color=self.color)


class EventTable:
    """Lays rows out in columns; the first of them settle how wide these are, and in which form texts stand there.

    Where they do not fit, what is least worth goes first: folders of the place, roles, contexts, the place but for its
    line, the year that all share. Then texts are cut, never inside an id, and never so that two read alike: see
    ``Cuts``.
    """

    def __init__(
        self,
        columns: Sequence[str],
        width: int,
        *,
        names: Collection[str] = (),
        color: bool = False,
        is_one_source: bool = True,
    ) -> None:
        """*names* are those that events can have: what is cut of one is told from the others.

        Where all events are of one source, its name can go.
        """
        self._shorter = SHORTER_OF_ONE_SOURCE if is_one_source else SHORTER_IN_TABLE
        self._labels = [*map(visible, columns), _PLACE]
        self._room = width - len(VALID) - 1
        self._color = color
        self._names = names
        self._columns: list[_Column] = []

    def lines(self, rows: Iterable[tuple[Row, str, int]]) -> Iterator[str]:
        """Yield a line for each row with its source and its line there, below the names of the columns."""
        placed = [(row.is_valid, [*row.texts, location(source, line)]) for row, source, line in rows]
        if placed and not self._columns:
            settling = zip(*(texts for _, texts in placed[:_SETTLING_ROWS]), strict=True)
            columns = [[*dict.fromkeys(column)] for column in settling]
            self._columns = _laid_out(self._labels, columns, self._room, self._shorter, self._names, heads=True)
            header = _line(True, [column.padded(column.label) for column in self._columns], color=False)
            yield f"\x1b[1m{header}\x1b[0m" if self._color else header
        for is_valid, texts in placed:
            fitted = [column.padded(column.shown(texts)) for column in self._columns]
            yield _line(is_valid, fitted, color=self._color)


class _Column(NamedTuple):
    place: int
    """Of its text among those of a row."""
    label: str
    form: Form
    cut: Cuts

    def shown(self, texts: Sequence[str]) -> str:
        """Return the one of a row's *texts* that stands in it, in its form and cut to its width."""
        text = self.form.shown(texts[self.place])
        return text if self.form.keeps(text) else self.cut(text)

    def padded(self, text: str) -> str:
        """Return *text* so that it fills the column."""
        return text + " " * (self.cut.width - cells(text))


def _fits(texts: Sequence[str], room: int) -> bool:
    return sum(map(cells, texts)) + GAP * (len(texts) - 1) <= room


def _laid_out(
    labels: Sequence[str],
    texts: Sequence[Sequence[str]],
    room: int,
    shorter: Sequence[Shorter],
    names: Collection[str],
    *,
    heads: bool = False,
) -> list[_Column]:
    """Return the columns of these *labels* as wide as their *texts* want them, in the longest forms that fit *room*.

    *heads* tells whether the labels stand above them.
    """
    is_overview = (*labels[:-1],) == COLUMNS
    room -= GAP * (len(labels) - 1)

    def size(place: int, form: Form) -> int:
        label = cells(form.label or labels[place]) if heads else 0
        return max(label, *map(cells, map(form.shown, texts[place])))

    whole = Form(str)
    forms = [whole] * len(labels)
    wanted = [size(place, whole) for place in range(len(labels))]
    in_full = [*wanted]
    for name, shortened in shorter:
        if sum(wanted) > room and (name == _PLACE or is_overview):
            place = len(labels) - 1 if name == _PLACE else COLUMNS.index(name)
            forms[place] = shortened(texts[place]) or forms[place]
            wanted[place] = size(place, forms[place])
    for place, full in enumerate(in_full):
        if sum(wanted) - wanted[place] + full <= room:
            forms[place], wanted[place] = whole, full
    shown = [form.label or label for form, label in zip(forms, labels, strict=True)]
    if shown[-1] == "line":
        wanted[-1] = max(wanted[-1], _LINE_WIDTH)
    least = [min(size, LEAST.get(label, NARROWEST)) for label, size in zip(shown, wanted, strict=True)]
    # The time, or what else is first, and the place are cut only where they take over two fifths.
    for place in (0, -1):
        least[place] = max(least[place], wanted[place] * (wanted[place] * 5 <= room * 2))
    places = [*range(len(labels))]
    if is_overview and sum(least) > room:
        places.remove(COLUMNS.index("who"))
        room += GAP
        if (over := sum(least[place] for place in places) - room) > 0:
            event = COLUMNS.index("event")
            least[event] = min(least[event], max(least[event] - over, LEAST_OF_EVENT))
    for name in ("about", "event") if is_overview else ():  # what these lack is not told by anything else
        place = COLUMNS.index(name)
        full = max(min(wanted[place], IN_FULL), least[place])
        if sum(least[each] for each in places) - least[place] + full <= room:
            least[place] = full
    widths = column_widths([wanted[place] for place in places], room, [least[place] for place in places])
    return [
        _Column(place, shown[place], forms[place], Cuts(width, names if labels[place] == "event" else ()))
        for place, width in zip(places, widths, strict=True)
    ]


def _line(is_valid: bool, texts: Sequence[str], *, color: bool) -> str:
    """Return *texts*, of which the last is the place, after a mark."""
    if not color:
        return f"{VALID if is_valid else INVALID} {'  '.join(texts)}".rstrip()
    *texts, place = texts
    styles = _STYLES if len(texts) == len(_STYLES) else repeat("")
    pieces = [piece for pair in zip(texts, styles, strict=False) for piece in (pair, ("  ", ""))]
    return painted([(VALID if is_valid else INVALID, "bold red"), (" ", ""), *pieces, (place.rstrip(), "dim")])
