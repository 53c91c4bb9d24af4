"""Lines that were drawn for a terminal, to be scrolled through: an event as ``show`` has it, and the like."""

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

_PLAIN = Style()


class LinesView(ScrollView, can_focus=False, inherit_bindings=False):
    """Shows lines, which are safe to print but for the sequences of ours that colour them."""

    DEFAULT_CSS = "LinesView { overflow-x: hidden; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }"

    def __init__(self, lines: Sequence[str] = ()) -> None:
        super().__init__()
        self.lines = lines

    @property
    def width(self) -> int:
        """How many columns lines may take."""
        return self.scrollable_content_region.width

    def show(self, lines: Sequence[str]) -> None:
        """Show *lines* from the first on."""
        self.lines = lines
        self.virtual_size = Size(self.size.width, len(lines))
        self.scroll_to(y=0, animate=False, force=True, immediate=True)
        self.refresh()

    def on_mount(self) -> None:
        """Know how much there is to scroll."""
        self.virtual_size = Size(self.size.width, len(self.lines))

    def render_line(self, y: int) -> Strip:
        """Return the line at *y*, from the top of what is visible."""
        place, width = round(self.scroll_y) + y, self.size.width
        if place >= len(self.lines):
            return Strip.blank(width, _PLAIN)
        text = Text.from_ansi(self.lines[place], no_wrap=True, end="")
        segments = [Segment(part, style or _PLAIN) for part, style, _ in text.render(self.app.console)]
        return Strip(segments).adjust_cell_length(width, _PLAIN)
