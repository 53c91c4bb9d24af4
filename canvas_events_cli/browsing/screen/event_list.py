"""The list of events, a line each: however many there are, only those that are visible are read and drawn."""

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from canvas_events_cli.browsing.listing import Listing
from canvas_events_cli.browsing.screen.list_lines import ListLines, Shown
from canvas_events_cli.browsing.store import LONG_BYTES
from canvas_events_cli.rendering.show_table import Row

_PLAIN, _DIM, _CURSOR = Style(), Style(dim=True), Style(reverse=True)
_style = lru_cache(Style.parse)


class EventList(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows a listing."""

    DEFAULT_CSS = "EventList { overflow-x: hidden; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }"
    cursor: reactive[int] = reactive(0)
    """The place of the event that is looked at."""

    class Chosen(Message):
        """Another event is looked at."""

    def __init__(self, lines: ListLines, listing: Listing) -> None:
        super().__init__()
        self._lines = lines
        self.listing = listing
        self._is_laid_out = False
        self.matches: Listing | None = None
        """What is not to be dim; None: nothing is."""
        self._later: dict[int, int] = {}
        self._at_once = LONG_BYTES
        """What may be read while a person waits, until it is looked again; more than that waits."""
        self._is_reading = False
        self._length = 0
        self._wanted_row: int | None = None

    @property
    def row(self) -> int | None:
        """The row that is looked at; None where the list is empty."""
        return self.listing[self.cursor] if self.cursor < len(self.listing) else None

    def show(self, listing: Listing, row: int | None = None) -> None:
        """Show another listing, from its first event on until *row* has come."""
        self.listing, self._is_laid_out, self._length = listing, False, 0
        self.set_reactive(EventList.cursor, 0)
        self.scroll_to(y=0, animate=False, force=True, immediate=True)
        self._wanted_row = row
        self.look()
        self.refresh()
        self.post_message(self.Chosen())

    def look(self) -> None:
        """See what the listing has become."""
        self._at_once = LONG_BYTES
        before, length = self._length, len(self.listing)
        row = self._wanted_row
        at_end = before and self.cursor == before - 1 and before > self.size.height
        self._length = length
        self.virtual_size = Size(self.scrollable_content_region.width, length)
        if row is not None and self.listing.has_come_to(row):
            self.go(self.listing.place_of(row))
            at_end = False
        if length == before:
            return
        if at_end:
            self.cursor = length - 1
        elif not before:
            self.post_message(self.Chosen())
        if before < self.scroll_y + self.size.height:  # else nothing of it is visible
            self._is_laid_out = False
            self.refresh()

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
        self._is_laid_out = False
        self.virtual_size = Size(self.size.width, self._length)

    def on_click(self, event: events.Click) -> None:
        """Look at what was clicked."""
        self.go(round(self.scroll_y) + event.y)

    def render_line(self, y: int) -> Strip:
        """Return the line at *y*, from the top of what is visible."""
        place, width = round(self.scroll_y) + y, self.scrollable_content_region.width
        if place >= len(self.listing):
            return Strip.blank(width, _PLAIN)
        shown = self._shown(place)
        if not self._is_laid_out:
            end = min(place - y + self.size.height, len(self.listing))
            self._lines.lay_out([self._shown(place) for place in range(place - y, end)], width)
            self._is_laid_out = True
        segments = [Segment(text, _style(style)) for text, style in self._lines.pieces(shown)]
        strip = Strip(segments).adjust_cell_length(width, _PLAIN)
        if self.matches is not None and not self.matches.holds(self.listing[place]):
            strip = strip.apply_style(_DIM)
        return strip.apply_style(_CURSOR) if place == self.cursor else strip

    def _shown(self, place: int) -> Shown:
        number = self.listing[place]
        if shown := self._lines.known.get(number):
            return shown
        self._at_once -= self._lines.index.size_of(number)
        if self._at_once >= 0:
            return self._lines.read(number)
        self._later[number] = place
        if not self._is_reading:
            self._is_reading = True
            self.run_worker(self._read_later, thread=True)
        return Row(True, ["", "", "", "… being read"]), ""

    def _read_later(self) -> None:
        while self._later:
            number, place = self._later.popitem()
            if 0 <= place - self.scroll_y <= self.size.height and number not in self._lines.known:
                self._lines.read(number)
                self.app.call_from_thread(self.refresh)
        self._is_reading = False
        self._is_laid_out = False
        self.app.call_from_thread(self.refresh)
