"""What is remembered of an array whose elements are read one by one."""

from canvas_events_cli.framing.text import BLANK, Text, indent_of
from canvas_events_cli.model import Malformed


class OpenArray:
    """An array that has begun: where, and what may come next in it."""

    def __init__(self, opening: Text) -> None:
        self._line = self.last_line = opening.line
        self._margin = indent_of(opening)
        self.wants_value: bool | None = True
        """Whether a value is to come next, or a comma or the end; None: either, after an element that is broken."""
        self.is_empty = True
        self.is_cut = False
        """Whether its last element is malformed since something is missing at the end: that tells it of the array."""

    def pass_over(self, line: int) -> None:
        """Go on after an element and the comma after it, which end on *line*."""
        self.last_line, self.wants_value, self.is_empty, self.is_cut = line, True, False, False

    def is_left_by(self, text: Text) -> bool:
        """Tell of *text*, a line where a comma is missing, whether it is none of the array's.

        An element is indented, or has a comma after it.
        """
        return text.is_line and indent_of(text) <= self._margin and not text.raw.rstrip(BLANK).endswith(b",")

    def never_closed(self) -> list[Malformed]:
        """Return the finding that the array was never closed, where nothing has told that already."""
        message = f"not JSON: the array that opens on line {self._line} is never closed"
        return [] if self.is_cut else [Malformed(self.last_line, b"", message)]
