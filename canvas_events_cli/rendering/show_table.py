"""Events a line each: as lines of a log, or as a table that fits the terminal."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache, partial
from itertools import compress
from typing import NamedTuple

from canvas_events_cli.exact_json import compact_text
from canvas_events_cli.model import MALFORMED, Malformed, Record
from canvas_events_cli.query.fields import find, parse_field
from canvas_events_cli.rendering.cuts import (
    IN_FULL,
    LEAST,
    LEAST_OF_EVENT,
    LEAST_OF_WHO,
    SHORTER,
    SHORTER_IN_TABLE,
    SHORTER_OF_ONE_SOURCE,
    WHOLE,
    Cuts,
    Form,
    Shorter,
)
from canvas_events_cli.rendering.grid import NARROWEST, column_widths
from canvas_events_cli.rendering.moments import clock
from canvas_events_cli.rendering.overview import overview
from canvas_events_cli.rendering.safe_text import location, shorten, visible
from canvas_events_cli.rendering.styled import GAP, Piece, cells, paint
from canvas_events_cli.rendering.tables import UNKNOWN
from canvas_events_cli.validation import ValidationSpec, compile_checker
from canvas_events_cli.wrappers import exact_event

COLUMNS = ("time", "event", "who", "about")
"""What is shown of an event for which no fields were asked."""
_, _EVENT, _WHO, _ABOUT = range(len(COLUMNS))
_PLACE = "source"
"""The column after those: where the event stands."""
_STYLES = ("magenta", "bold", "", "")
VALID, INVALID = " ", "✗"
_SETTLING_ROWS = 200
_ENDLESS = 1 << 30
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
        is_wrong = compile_checker(self.spec, by_types=True).is_wrong
        fields = [parse_field(name) for name in self.fields or ()]

        def texts(record: Record) -> Iterable[str]:
            if self.fields is None:
                about = overview(record)
                return clock(about.time, self.tz), about.event, about.who, about.about
            values = [find(field, record.value) for field in fields]
            if not all(value is None or isinstance(value, str) for value in values):
                event = exact_event(record)  # numbers as they are written
                values = [find(field, event) for field in fields]
            return map(field_text, values)

        return lambda record: Row(not is_wrong(record), [*map(visible, texts(record))])


def malformed_row(item: Malformed, columns: Sequence[str]) -> Row:
    """Return the row of a record that is no JSON: in the last of *columns* stands what is wrong with it."""
    return Row(False, [*[""] * (len(columns) - 1), f"{MALFORMED} {visible(item.message)}"])


def field_text(value: object) -> str:
    """Return a value of an event as the text of a cell: strings as they are, nothing for null, else JSON."""
    if value is None:
        return ""
    return str(value) if isinstance(value, str) else compact_text(value)


class _Column(NamedTuple):
    place: int
    """Of its text among those of a row."""
    label: str
    style: str
    form: Form = WHOLE
    width: int = 0
    cut: Callable[[str], str] = str

    def shown(self, texts: Sequence[str]) -> str:
        """Return the one of a row's *texts* that stands in it, in its form and cut to its width."""
        text = self.form.shown(texts[self.place])
        return text if self.form.keeps(text) else self.cut(text)

    def padded(self, text: str) -> str:
        """Return *text* so that it fills the column."""
        return text + " " * (self.width - cells(text))


class _Lines(ABC):
    """What lines of a log and tables have in common: columns, and how these find room."""

    def __init__(self, columns: Sequence[str], width: int | None, names: Collection[str], *, color: bool) -> None:
        self.labels = [*columns, _PLACE]
        self.is_overview = (*columns,) == COLUMNS
        styles = [*(_STYLES if self.is_overview else [""] * len(columns)), "dim"]
        self.whole = [_Column(place, *told) for place, told in enumerate(zip(self.labels, styles, strict=True))]
        self.empty = dict.fromkeys(columns)
        """The columns in which no event has had anything."""
        self.room = _ENDLESS if width is None else width - len(VALID) - 1
        self.names, self.color = names, color

    def written(self, items: Iterable[tuple[Row | Malformed, str, int]]) -> bytes:
        """Return the lines of *items*, each with its source and its line there."""
        rows: list[tuple[Row, str, int]] = []
        for item, source, line in items:
            if isinstance(item, Malformed):
                item = malformed_row(item, self.labels[:-1])
            elif self.empty:
                for name in compress(self.labels, item.texts):
                    self.empty.pop(name, None)
            rows.append((item, source, line))
        return "".join([f"{line}\n" for line in self.lines(rows)]).encode()

    @abstractmethod
    def lines(self, rows: Iterable[tuple[Row, str, int]]) -> Iterator[str]:
        """Yield a line for each row with its source and its line there."""

    def cut(self, label: str, width: int) -> Callable[[str], str]:
        """Return what cuts the texts of the column of this *label* to *width* cells."""
        return Cuts(width, self.names if label == "event" else ())

    def line(self, pieces: Sequence[Piece], *, is_valid: bool) -> str:
        """Return *pieces*, of which the last is the place, after a mark."""
        mark = VALID if is_valid else INVALID
        if not self.color:
            return f"{mark} {'  '.join([text for text, _ in pieces])}".rstrip()
        *pieces, (place, style) = pieces
        return f"{paint(mark, 'bold red')} {'  '.join([paint(*piece) for piece in (*pieces, (place.rstrip(), style))])}"

    def shorter(self, ways: Iterable[Shorter], texts: Sequence[Sequence[str]]) -> list[tuple[int, Form]]:
        """Return the places of the columns that can say less, in the order in which they do, and in which form."""
        places = {label: place for place, label in enumerate(self.labels) if self.is_overview or label == _PLACE}
        forms = [(places[name], form_of(texts[places[name]])) for name, form_of in ways if name in places]
        return [(place, form) for place, form in forms if form is not None]

    def laid_out(self, shorter: Iterable[tuple[int, Form]], size: Callable[[int, Form], int]) -> list[_Column]:
        """Return the columns in the longest forms that fit, as wide as *size* says that those at a place want to be."""
        room = self.room - GAP * (len(self.labels) - 1)
        forms = [WHOLE] * len(self.labels)
        in_full = [size(place, WHOLE) for place in range(len(forms))]
        wanted = [*in_full]
        for place, form in shorter:
            if sum(wanted) > room:
                forms[place], wanted[place] = form, size(place, form)
        for place, full in enumerate(in_full):
            if sum(wanted) - wanted[place] + full <= room:
                forms[place], wanted[place] = WHOLE, full
        shown = [form.label or label for form, label in zip(forms, self.labels, strict=True)]
        if shown[-1] == "line":
            wanted[-1] = max(wanted[-1], _LINE_WIDTH)
        return [
            _Column(at, shown[at], self.whole[at].style, forms[at], width, self.cut(self.labels[at], width))
            for at, width in self._widths(shown, wanted, room).items()
        ]

    def _widths(self, labels: Sequence[str], wanted: list[int], room: int) -> dict[int, int]:
        """Return how wide the columns with these *labels* become, by their places."""
        least = [min(size, LEAST.get(label, NARROWEST)) for label, size in zip(labels, wanted, strict=True)]
        # The time, or what else is first, and the place are cut only where they take over two fifths.
        for place in (0, -1):
            least[place] = max(least[place], wanted[place] * (wanted[place] * 5 <= room * 2))
        left_out = -1
        if self.is_overview:
            least[_WHO] -= max(min(sum(least) - room, least[_WHO] - LEAST_OF_WHO), 0)
            if sum(least) > room:
                left_out = _WHO
                room += GAP
                wanted[_WHO] = least[_WHO] = 0
                least[_EVENT] = min(least[_EVENT], max(least[_EVENT] - sum(least) + room, LEAST_OF_EVENT))
            for place in (_ABOUT, _EVENT):  # what these lack is not told by anything else
                least[place] += max(min(min(wanted[place], IN_FULL) - least[place], room - sum(least)), 0)
        widths = column_widths(wanted, room, least)
        return {place: width for place, width in enumerate(widths) if place != left_out}


class LogLines(_Lines):
    """Lays each row out by itself, as a line of a log: all that it has, and a dash for what it has not."""

    def __init__(
        self,
        columns: Sequence[str],
        width: int | None = None,
        names: Collection[str] = (),
        *,
        color: bool = False,
        is_one_source: bool = False,
    ) -> None:
        """Cut lines to *width* cells; None for lines that are never cut.

        *names* are those that events can have: what is cut of one is told from the others. Where all events are of one
        source, lines that can be cut tell the number of the line alone.
        """
        super().__init__(columns, width, names, color=color)
        self._is_line_alone = is_one_source and width is not None
        self._shorter = self.shorter(SHORTER, [()] * len(self.labels))
        self._alike = lru_cache(4096)(self._of_sizes)
        self._cut = lru_cache(4096)(lambda label, width, text: _Lines.cut(self, label, width)(text))

    def lines(self, rows: Iterable[tuple[Row, str, int]]) -> Iterator[str]:
        """Yield a line for each row with its source and its line there."""
        for row, source, line in rows:
            place = f":{line}" if self._is_line_alone else location(source, line)
            texts = [*[text or UNKNOWN for text in row.texts], place]
            columns = self.whole
            if self.room is not _ENDLESS and _size(texts) > self.room:
                short = tuple([cells(form.shown(texts[place])) for place, form in self._shorter])
                columns = self._alike(tuple(map(cells, texts)), short)
                if _size([column.shown(texts) for column in columns]) > self.room:
                    texts, columns = [shorten("  ".join(texts), self.room)], self.whole[:1]
            yield self.line([(column.shown(texts), column.style) for column in columns], is_valid=row.is_valid)

    def _of_sizes(self, whole: Sequence[int], short: Sequence[int]) -> list[_Column]:
        """Return the columns of any row whose texts take so many cells, and those that can be shorter then so many."""
        shorter = dict(zip(dict(self._shorter), short, strict=True))
        return self.laid_out(self._shorter, lambda place, form: whole[place] if form is WHOLE else shorter[place])

    def cut(self, label: str, width: int) -> Callable[[str], str]:
        """Return what cuts texts as if each were the only one: a line does not depend on those above it."""
        return partial(self._cut, label, width)


class EventTable(_Lines):
    """Lays rows out in columns; the first of them settle how wide these are, and in which form texts stand there.

    Where they do not fit, what is least worth goes first: folders of the place, roles, contexts, the place but for its
    line, the year that all share. Then texts are cut, never inside an id, and never so that two read alike: see
    ``Cuts``.
    """

    def __init__(
        self,
        columns: Sequence[str],
        width: int | None,
        names: Collection[str] = (),
        *,
        color: bool = False,
        is_one_source: bool = True,
    ) -> None:
        """*names* are those that events can have: what is cut of one is told from the others.

        Where all events are of one source, its name can go.
        """
        super().__init__([*map(visible, columns)], width, names, color=color)
        self._ways = SHORTER_OF_ONE_SOURCE if is_one_source else SHORTER_IN_TABLE
        self._columns: list[_Column] = []

    def lines(self, rows: Iterable[tuple[Row, str, int]]) -> Iterator[str]:
        """Yield a line for each row with its source and its line there, below the names of the columns."""
        placed = [(row.is_valid, [*row.texts, location(source, line)]) for row, source, line in rows]
        if placed and not self._columns:
            settling = zip(*(texts for _, texts in placed[:_SETTLING_ROWS]), strict=True)
            found = [[*dict.fromkeys(column)] for column in settling]

            def size(place: int, form: Form) -> int:
                return max(cells(form.label or self.labels[place]), *map(cells, map(form.shown, found[place])))

            self._columns = self.laid_out(self.shorter(self._ways, found), size)
            header = "  ".join([column.padded(column.label) for column in self._columns])
            header = f"{VALID} {header}".rstrip()
            yield f"\x1b[1m{header}\x1b[0m" if self.color else header
        for is_valid, texts in placed:
            pieces = [(column.padded(column.shown(texts)), column.style) for column in self._columns]
            yield self.line(pieces, is_valid=is_valid)


def _size(texts: Sequence[str]) -> int:
    return sum(map(cells, texts)) + GAP * (len(texts) - 1)
