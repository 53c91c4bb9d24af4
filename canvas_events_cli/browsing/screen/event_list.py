"""The list of events, a line each: however many there are, only those that are visible are read and drawn."""

from collections import OrderedDict

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from canvas_events_cli.browsing.index import Index
from canvas_events_cli.browsing.listing import Listing
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Malformed
from canvas_events_cli.rendering.safe_text import location, shorten, visible
from canvas_events_cli.rendering.show_table import (
    COLUMNS,
    INVALID,
    VALID,
    EventTable,
    Row,
    RowForm,
    malformed_row,
)
from canvas_events_cli.rendering.styled import cells
from canvas_events_cli.summary.retry_clone import OLDER_NAME, RETRY_CLONE

_PLAIN, _DIM, _BAD = Style(), Style(dim=True), Style(color="red", bold=True)
_TIME = Style(color="magenta")
_CURSOR = Style(reverse=True)
_OF_KINDS = {
    "created": Style(color="green"),
    "updated": Style(color="cyan"),
    "deleted": Style(color="yellow"),
    RETRY_CLONE: Style(color="blue", bold=True),
    OLDER_NAME: Style(color="blue", bold=True),
}
"""Colours of events, by name or by what they say has happened."""
_MOST_ROWS = 2000
_AT_ONCE_BYTES = 2 * 1024 * 1024
"""What is read while a person waits; of more, a line says that it is being read."""

_Shown = tuple[Row, str]


class EventList(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows a listing."""

    DEFAULT_CSS = "EventList { overflow-x: hidden; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }"
    cursor: reactive[int] = reactive(0)
    """The place of the event that is looked at."""

    class Chosen(Message):
        """Another event is looked at."""

    def __init__(self, index: Index, listing: Listing, form: RowForm) -> None:
        super().__init__()
        self._index = index
        self.listing = listing
        self._row_of = form.compile()
        self._rows: OrderedDict[int, _Shown] = OrderedDict()
        self._table: EventTable | None = None
        self._length = 0

    @property
    def row(self) -> int | None:
        """The row that is looked at; None where the list is empty."""
        return self.listing[self.cursor] if self.cursor < len(self.listing) else None

    def show(self, listing: Listing) -> None:
        """Show another listing from its first event on."""
        self.listing, self._table, self._length = listing, None, 0
        self.set_reactive(EventList.cursor, 0)
        self.scroll_to(y=0, animate=False, force=True, immediate=True)
        self.look()
        self.refresh()
        self.post_message(self.Chosen())

    def look(self) -> None:
        """See what the listing has become."""
        before, length = self._length, len(self.listing)
        if length == before:
            return
        at_end = before and self.cursor == before - 1 and before > self.size.height
        self._length = length
        self.virtual_size = Size(self.size.width, length)
        if at_end:
            self.cursor = length - 1
        elif not before:
            self.post_message(self.Chosen())
        self.refresh()

    def move(self, places: int) -> None:
        """Look at the event so many *places* further down."""
        self.go(self.cursor + places)

    def go(self, place: int) -> None:
        """Look at the event at *place*, or the one nearest to it."""
        self.cursor = max(0, min(place, self._length - 1))

    def watch_cursor(self, before: int, now: int) -> None:
        """Keep the cursor in sight."""
        top, height = round(self.scroll_y), max(self.size.height, 1)
        if now < top or now >= top + height:
            y = now if now < top else now - height + 1
            self.scroll_to(y=y, animate=False, force=True, immediate=True)
        self.refresh()
        self.post_message(self.Chosen())

    def on_resize(self, event: events.Resize) -> None:
        """Have columns that fit."""
        self._table = None
        self.virtual_size = Size(self.size.width, self._length)

    def on_click(self, event: events.Click) -> None:
        """Look at what was clicked."""
        self.go(round(self.scroll_y) + event.y)

    def render_line(self, y: int) -> Strip:
        """Return the line at *y*, from the top of what is visible."""
        place, width = round(self.scroll_y) + y, self.size.width
        if place >= len(self.listing):
            return Strip.blank(width)
        row, where = self._shown(self.listing[place])
        if self._table is None:
            self._table = self._new_table()
        strip = self._strip(row, self._table.padded([*row.texts, where])).adjust_cell_length(width)
        return strip.apply_style(_CURSOR) if place == self.cursor else strip

    def _strip(self, row: Row, padded: list[str]) -> Strip:
        *texts, source = padded
        segments = [Segment(VALID if row.is_valid else INVALID, _BAD), Segment(" ", _PLAIN)]
        if any(row.texts[:-1]):
            for text, style in zip(texts, (_TIME, _style_of(row), _PLAIN, _PLAIN), strict=True):
                segments += Segment(text, style), Segment("  ", _PLAIN)
        else:  # what is said of a record that is none takes all the room
            room = cells("  ".join(texts))
            segments.append(Segment(shorten(row.texts[-1], room).ljust(room) + "  ", _PLAIN))
        return Strip([*segments, Segment(source, _DIM)])

    def _new_table(self) -> EventTable:
        table = EventTable(COLUMNS, self.size.width)
        top = round(self.scroll_y)
        places = range(top, min(top + self.size.height, len(self.listing)))
        rows = [self._shown(self.listing[place]) for place in places]
        table.settle([[*row.texts, where] for row, where in rows])
        return table

    def _shown(self, number: int) -> _Shown:
        shown = self._rows.get(number)
        if shown is None:
            if self._index.size_of(number) > _AT_ONCE_BYTES:
                self.run_worker(lambda: self._read_later(number), thread=True, exclusive=True, group="rows")
                return Row(True, ["", "", "", "… a long record: being read"]), ""
            shown = self._read(number)
        self._rows[number] = shown
        self._rows.move_to_end(number)
        if len(self._rows) > _MOST_ROWS:
            self._rows.popitem(last=False)
        return shown

    def _read(self, number: int) -> _Shown:
        try:
            item = self._index.row(number)
        except CeventsError as error:
            return Row(False, ["", "", "", visible(str(error))]), ""
        row = malformed_row(item, COLUMNS) if isinstance(item, Malformed) else self._row_of(item)
        one_source = len(self._index.places) == 1
        return row, str(item.line) if one_source else location(self._index.source_of(number), item.line)

    def _read_later(self, number: int) -> None:
        self._rows[number] = self._read(number)
        self._table = None
        self.app.call_from_thread(self.refresh)


def _style_of(row: Row) -> Style:
    name = row.texts[1].rstrip()
    return _OF_KINDS.get(name) or _OF_KINDS.get(name.rpartition("_")[2], _PLAIN)
