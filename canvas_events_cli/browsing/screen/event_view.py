"""Lines that were drawn for a terminal, to be scrolled through: an event as ``show`` has it, and the like."""

import asyncio
from collections.abc import Callable, Sequence
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from canvas_events_cli.browsing.index import Row
from canvas_events_cli.browsing.screen.list_lines import ListLines
from canvas_events_cli.browsing.store import LONG_BYTES
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Malformed, Record
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.show import Block, BlockForm, Blocks
from canvas_events_cli.rendering.styled import folded, paint

_PLAIN = Style()
_WRONG = paint("✗", "red").partition("✗")[0] + "✗"
"""What stands before each thing that is wrong, below the first line; no event holds the colour."""


class LinesView(ScrollView, can_focus=False, inherit_bindings=False):
    """Shows lines, which are safe to print but for the sequences of ours that colour them."""

    DEFAULT_CSS = "LinesView { overflow-x: hidden; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }"

    lines: Sequence[str] = ()

    def show(self, lines: Sequence[str]) -> None:
        """Show *lines* from the first on."""
        self.lines = lines
        self.virtual_size = Size(self.size.width, len(lines))
        self.scroll_to(y=0, animate=False, force=True, immediate=True)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line at *y*, from the top of what is visible."""
        place, width = round(self.scroll_y) + y, self.size.width
        if place >= len(self.lines):
            return Strip.blank(width, _PLAIN)
        text = Text.from_ansi(self.lines[place], no_wrap=True, end="")
        segments = [Segment(part, style or _PLAIN) for part, style, _ in text.render(self.app.console)]
        return Strip(segments).adjust_cell_length(width, _PLAIN)


class EventView(LinesView):
    """Shows an event as ``show`` has it: drawn in another thread, as far as its start where it is long."""

    def __init__(self, lines: ListLines) -> None:
        """*lines* say by which schemas, and in which zone."""
        super().__init__()
        self._index, self._form = lines.index, lines.form
        self._blocks = lru_cache(2)(self._new_blocks)
        self._row: int | None = None
        self._drawn: tuple[int | None, int] = None, 0
        self.wrong_row: int | None = None
        """The row to be shown from what is wrong with it on, where that is further down."""
        self.is_drawing = False
        """Whether it does not show yet what is looked at."""

    def draw(self, row: int | None) -> None:
        """Show *row*, as wide as there is room."""
        self._row = row
        if not self.is_drawing:
            self.is_drawing = True
            self.run_worker(self._draw())

    def on_resize(self) -> None:
        """Draw it as wide as there is room now."""
        self.draw(self._row)

    async def _draw(self) -> None:
        try:
            while (wanted := (self._row, self.scrollable_content_region.width)) != self._drawn:
                row, width = wanted
                lines = await asyncio.to_thread(self._event_lines, row, width) if row is not None and width else []
                self._drawn = wanted
                self.show(lines)
                wrong = (place for place, line in enumerate(lines) if place and _WRONG in line)
                if row == self.wrong_row and (at := next(wrong, 0)) >= self.size.height:
                    self.scroll_to(y=at - self.size.height // 3, animate=False, force=True, immediate=True)
        finally:
            self.is_drawing = False

    def _new_blocks(self, width: int) -> tuple[Blocks, Callable[[Record], Block]]:
        form = BlockForm(self._form.spec, self._form.tz, width, color=True, longest=LONG_BYTES)
        return Blocks(form), form.compile()

    def _event_lines(self, row: int, width: int) -> list[str]:
        blocks, block_of = self._blocks(width)

        def drawn(item: Row) -> bytes:
            block = blocks.malformed(item) if isinstance(item, Malformed) else block_of(item)
            return blocks.placed(block, self._index.source_of(row), item.line)

        try:
            return self._index.look(row, drawn).decode().rstrip("\n").split("\n")
        except CeventsError as error:
            return folded(visible(str(error)), width)
