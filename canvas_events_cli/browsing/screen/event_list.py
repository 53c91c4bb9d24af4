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
from canvas_events_cli.browsing.store import LONG_BYTES
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Malformed, Record
from canvas_events_cli.rendering.grid import NARROWEST, column_widths, fit
from canvas_events_cli.rendering.safe_text import location, shorten, visible
from canvas_events_cli.rendering.show_table import COLUMNS, Row, RowForm, malformed_row
from canvas_events_cli.rendering.styled import GAP, cells
from canvas_events_cli.summary.retry_clone import OLDER_NAME, RETRY_CLONE

_PLAIN, _DIM, _BAD = Style(), Style(dim=True), Style(color="red", bold=True)
_TIME = Style(color="magenta")
_CURSOR = Style(reverse=True)
_OF_KINDS = {
    "created": Style(color="green"),
    "updated": Style(color="cyan"),
    "deleted": Style(color="magenta"),
    RETRY_CLONE: Style(color="blue", bold=True),
    OLDER_NAME: Style(color="blue", bold=True),
}
"""Colours of events, by name or by what they say has happened."""
_MARKS = {True: " ", False: "✗"}
_TIME_WIDTH = len("2024-07-30 21:04:35+02:00")
"""Columns that a time takes at most; what is none is cut there."""
_PLACE_FROM = 72
"""Columns from which on there is room for where an event stands, which the event itself says too."""
_LINE_WIDTH = 7
"""Columns for the number of a line, which are not to change as one goes on."""
_MOST_ROWS = 2000
_AT_ONCE_BYTES = LONG_BYTES
"""What is read while a person waits, each tenth of a second; of more, a line says that it is being read."""

_BETWEEN = Segment(" " * GAP, _PLAIN)
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
        self._widths: list[int] = []
        self.matches: Listing | None = None
        """What is not to be dim; None: nothing is."""
        self._later: dict[int, int] = {}
        self._at_once = _AT_ONCE_BYTES
        self._is_reading = False
        self._length = 0
        self._wanted_row: int | None = None

    @property
    def row(self) -> int | None:
        """The row that is looked at; None where the list is empty."""
        return self.listing[self.cursor] if self.cursor < len(self.listing) else None

    def show(self, listing: Listing, row: int | None = None) -> None:
        """Show another listing, from its first event on until *row* has come."""
        self.listing, self._widths, self._length = listing, [], 0
        self.set_reactive(EventList.cursor, 0)
        self.scroll_to(y=0, animate=False, force=True, immediate=True)
        self._wanted_row = row
        self.look()
        self.refresh()
        self.post_message(self.Chosen())

    def look(self) -> None:
        """See what the listing has become."""
        self._at_once = _AT_ONCE_BYTES
        before, length = self._length, len(self.listing)
        row = self._wanted_row
        if row is not None and self.listing.has_come_to(row):
            self._wanted_row = None
            self._grow(length)
            self.go(self.listing.place_of(row))
        if length == before:
            return
        at_end = before and self.cursor == before - 1 and before > self.size.height
        self._grow(length)
        if at_end:
            self.cursor = length - 1
        elif not before:
            self.post_message(self.Chosen())
        if before < self.scroll_y + self.size.height:  # else nothing of it is visible
            self._widths = []
            self.refresh()

    def _grow(self, length: int) -> None:
        self._length = length
        self.virtual_size = Size(self.scrollable_content_region.width, length)

    def go(self, place: int) -> None:
        """Look at the event at *place*, or the one nearest to it."""
        self._wanted_row = None
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
        self._widths = []
        self.virtual_size = Size(self.size.width, self._length)

    def on_click(self, event: events.Click) -> None:
        """Look at what was clicked."""
        self.go(round(self.scroll_y) + event.y)

    def render_line(self, y: int) -> Strip:
        """Return the line at *y*, from the top of what is visible."""
        place, width = round(self.scroll_y) + y, self.scrollable_content_region.width
        if place >= len(self.listing):
            return Strip.blank(width, _PLAIN)
        row, where = self._shown(place)
        if not self._widths:
            self._widths = self._new_widths()
        strip = self._strip(row, where).adjust_cell_length(width, _PLAIN)
        if self.matches is not None and not self.matches.holds(self.listing[place]):
            strip = strip.apply_style(_DIM)
        return strip.apply_style(_CURSOR) if place == self.cursor else strip

    def _strip(self, row: Row, where: str) -> Strip:
        *widths, last = self._widths
        segments = [Segment(_MARKS[row.is_valid], _BAD), Segment(" ", _PLAIN)]
        if any(row.texts[:-1]):
            for text, width, style in zip(row.texts, widths, (_TIME, _style_of(row), _PLAIN, _PLAIN), strict=True):
                segments += Segment(_padded(fit(text, width), width), style), _BETWEEN
        else:  # what is said of a record that is none takes all the room
            width = sum(widths) + GAP * (len(widths) - 1)
            segments += Segment(_padded(shorten(row.texts[-1], width), width), _PLAIN), _BETWEEN
        # Of a place the end tells more.
        return Strip([*segments, Segment(shorten(where[::-1], last)[::-1], _DIM)])

    def _new_widths(self) -> list[int]:
        top = round(self.scroll_y)
        shown = [self._shown(place) for place in range(top, min(top + self.size.height, len(self.listing)))]
        width = self.scrollable_content_region.width
        has_place = width >= _PLACE_FROM
        rows = [[*row.texts[1:], where if has_place else ""] for row, where in shown if any(row.texts[:-1])]
        if has_place and len(self._index.places) == 1:
            rows.append(["", "", "", "0" * _LINE_WIDTH])
        time = min(max((cells(row.texts[0]) for row, _ in shown), default=0), _TIME_WIDTH)
        room = width - len(_MARKS[True]) - 1 - time - GAP * len(COLUMNS)
        wanted = [max(map(cells, texts)) for texts in zip([""] * len(COLUMNS), *rows, strict=True)]
        return [time, *column_widths(wanted, room, [NARROWEST] * len(wanted))]

    def _shown(self, place: int) -> _Shown:
        number = self.listing[place]
        shown = self._rows.get(number)
        if shown is None:
            self._at_once -= self._index.size_of(number)
            if self._at_once < 0:
                self._later[number] = place
                if not self._is_reading:
                    self._is_reading = True
                    self.run_worker(self._read_later, thread=True)
                return Row(True, ["", "", "", "… being read"]), ""
            shown = self._read(number)
        self._rows[number] = shown
        self._rows.move_to_end(number)
        if len(self._rows) > _MOST_ROWS:
            self._rows.popitem(last=False)
        return shown

    def _read(self, number: int) -> _Shown:
        def shown(item: Record | Malformed) -> _Shown:
            row = malformed_row(item, COLUMNS) if isinstance(item, Malformed) else self._row_of(item)
            one_source = len(self._index.places) == 1
            return row, str(item.line) if one_source else location(self._index.source_of(number), item.line)

        try:
            return self._index.look(number, shown)
        except CeventsError as error:
            return Row(False, ["", "", "", visible(str(error))]), ""

    def _read_later(self) -> None:
        while self._later:
            number, place = self._later.popitem()
            if 0 <= place - self.scroll_y <= self.size.height and number not in self._rows:
                self._rows[number] = self._read(number)
                self.app.call_from_thread(self.refresh)
        self._is_reading = False
        self._widths = []
        self.app.call_from_thread(self.refresh)


def _style_of(row: Row) -> Style:
    name = row.texts[1].rstrip()
    return _OF_KINDS.get(name) or _OF_KINDS.get(name.rpartition("_")[2], _PLAIN)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cells(text))
