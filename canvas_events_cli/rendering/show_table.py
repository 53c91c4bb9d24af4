"""Events a line each: as lines of a log, or as a table that fits the terminal."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
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
    Cuts,
    Form,
    Shorter,
)
from canvas_events_cli.rendering.grid import NARROWEST, column_widths
from canvas_events_cli.rendering.moments import clock
from canvas_events_cli.rendering.overview import overview
from canvas_events_cli.rendering.safe_text import location, shorten, visible
from canvas_events_cli.rendering.styled import GAP, Piece, cells, painted
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
    is_one_source: bool = False
    """Where all events are of one source, lines that can be cut tell the number of the line alone."""

    def lines(self, rows: Iterable[tuple[Row, str, int]]) -> Iterator[str]:
        """Yield a line for each row with its source and its line there."""
        labels = [*self.columns, _PLACE]
        whole = [_Column(place, label, _style(labels, place), Form(str)) for place, label in enumerate(labels)]
        is_line_alone = self.is_one_source and self.width is not None
        for row, source, line in rows:
            place = f":{line}" if is_line_alone else location(source, line)
            texts = [*(text or UNKNOWN for text in row.texts), place]
            columns = whole
            if self.width is not None and _size(texts) > (room := self.width - len(VALID) - 1):
                columns = _laid_out(labels, [[text] for text in texts], room, SHORTER, self.names)
                if _size([column.shown(texts) for column in columns]) > room:
                    texts, columns = [shorten("  ".join(texts), room)], whole[:1]
            yield _line(row.is_valid, [(column.shown(texts), column.style) for column in columns], color=self.color)


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
            header = _line(True, [(column.padded(column.label), "") for column in self._columns], color=False)
            yield f"\x1b[1m{header}\x1b[0m" if self._color else header
        for is_valid, texts in placed:
            pieces = [(column.padded(column.shown(texts)), column.style) for column in self._columns]
            yield _line(is_valid, pieces, color=self._color)


class _Column(NamedTuple):
    place: int
    """Of its text among those of a row."""
    label: str
    style: str
    form: Form
    cut: Cuts | None = None

    def shown(self, texts: Sequence[str]) -> str:
        """Return the one of a row's *texts* that stands in it, in its form and cut to its width."""
        text = self.form.shown(texts[self.place])
        return text if self.cut is None or self.form.keeps(text) else self.cut(text)

    def padded(self, text: str) -> str:
        """Return *text* so that it fills the column."""
        return text + " " * (self.cut.width - cells(text)) if self.cut else text


def _style(labels: Sequence[str], place: int) -> str:
    return "dim" if place == len(labels) - 1 else _STYLES[place] if _is_overview(labels) else ""


def _is_overview(labels: Sequence[str]) -> bool:
    return (*labels[:-1],) == COLUMNS


def _size(texts: Sequence[str]) -> int:
    return sum(map(cells, texts)) + GAP * (len(texts) - 1)


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
    room -= GAP * (len(labels) - 1)
    forms, wanted = _forms(labels, texts, room, shorter, heads=heads)
    shown = [form.label or label for form, label in zip(forms, labels, strict=True)]
    if shown[-1] == "line":
        wanted[-1] = max(wanted[-1], _LINE_WIDTH)
    least = [min(size, LEAST.get(label, NARROWEST)) for label, size in zip(shown, wanted, strict=True)]
    # The time, or what else is first, and the place are cut only where they take over two fifths.
    for place in (0, -1):
        least[place] = max(least[place], wanted[place] * (wanted[place] * 5 <= room * 2))
    places = [*range(len(labels))]
    if _is_overview(labels):
        least[_WHO] -= max(min(sum(least) - room, least[_WHO] - LEAST_OF_WHO), 0)
        if sum(least) > room:
            places.remove(_WHO)
            room += GAP
            wanted[_WHO] = least[_WHO] = 0
            least[_EVENT] = min(least[_EVENT], max(least[_EVENT] - sum(least) + room, LEAST_OF_EVENT))
        for place in (_ABOUT, _EVENT):  # what these lack is not told by anything else
            least[place] += max(min(min(wanted[place], IN_FULL) - least[place], room - sum(least)), 0)
    widths = column_widths(wanted, room, least)
    return [
        _Column(
            place,
            shown[place],
            _style(labels, place),
            forms[place],
            Cuts(widths[place], names if labels[place] == "event" else ()),
        )
        for place in places
    ]


def _forms(
    labels: Sequence[str], texts: Sequence[Sequence[str]], room: int, shorter: Sequence[Shorter], *, heads: bool
) -> tuple[list[Form], list[int]]:
    """Return the forms of columns, the longest with which they fit *room*, and how wide they are in these."""

    def size(place: int, form: Form) -> int:
        label = cells(form.label or labels[place]) if heads else 0
        return max(label, *map(cells, map(form.shown, texts[place])))

    forms = [Form(str)] * len(labels)
    wanted = [size(place, form) for place, form in enumerate(forms)]
    in_full = [*zip(forms, wanted, strict=True)]
    for name, shortened in shorter:
        if sum(wanted) > room and (name == _PLACE or _is_overview(labels)):
            place = len(labels) - 1 if name == _PLACE else COLUMNS.index(name)
            forms[place] = shortened(texts[place]) or forms[place]
            wanted[place] = size(place, forms[place])
    for place, (form, full) in enumerate(in_full):
        if sum(wanted) - wanted[place] + full <= room:
            forms[place], wanted[place] = form, full
    return forms, wanted


def _line(is_valid: bool, pieces: Sequence[Piece], *, color: bool) -> str:
    """Return *pieces*, of which the last is the place, after a mark."""
    mark = VALID if is_valid else INVALID
    if not color:
        return f"{mark} {'  '.join([text for text, _ in pieces])}".rstrip()
    *pieces, (place, style) = pieces
    spaced = [each for piece in pieces for each in (piece, ("  ", ""))]
    return painted([(mark, "bold red"), (" ", ""), *spaced, (place.rstrip(), style)])
