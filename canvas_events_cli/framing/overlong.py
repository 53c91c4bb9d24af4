"""A value that is too long to hold, followed to where it ends."""

from codecs import BOM_UTF8
from collections.abc import Iterator

from canvas_events_cli.framing.held import may_follow
from canvas_events_cli.framing.structure import Structure
from canvas_events_cli.framing.text import BLANK, RECORD_SEPARATOR
from canvas_events_cli.model import Overflow

_BLANK_OR_MARK = BLANK + BOM_UTF8
"""What may stand before a value that begins a line; of a mark each byte, since it can come in pieces."""


class Overlong:
    """Follows the brackets of a value, or of an array's element, or a line that is neither to its end."""

    def __init__(self, *, is_value: bool, in_array: bool) -> None:
        self.at_line_start = False
        """Whether what comes next, or what has ended it, begins a line."""
        self.ended_by_feed = False
        """Whether it was the end of a line that has ended it."""
        self._structure = Structure() if is_value else None
        self._in_array = in_array
        self._last = b""

    def follow(self, data: bytes) -> int:
        """Return where in *data*, the next bytes, something else begins; -1 where it goes on after them."""
        start = 0
        separator = data.find(RECORD_SEPARATOR)
        if separator >= 0:
            end = self.follow(data[:separator])
            return separator if end < 0 else end
        while True:
            feed = data.find(b"\n", start)
            end = self._follow_line(data[start : feed if feed >= 0 else len(data)])
            if end >= 0:
                return start + end
            if feed < 0:
                return -1
            start = feed + 1
            self.at_line_start = True
            if self._structure is None or not self._structure.leave_line():
                self.ended_by_feed = True
                return start

    def _follow_line(self, piece: bytes) -> int:
        bare = piece.lstrip(_BLANK_OR_MARK if self.at_line_start else BLANK).rstrip(BLANK)
        if self._structure is None or (self.at_line_start and not bare):
            return -1
        if self.at_line_start:
            if not may_follow(self._last, bare[:1]):
                return piece.index(bare[:1])
            self.at_line_start = False
        self._last = bare[-1:] or self._last
        return self._structure.element_end(piece) if self._in_array else self._structure.value_end(piece)


def overflow(raw: bytes, overlong: Overlong) -> Iterator[Overflow]:
    """Yield *raw*, which belongs to *overlong*, less the line feed that has ended it."""
    raw = raw.removesuffix(b"\n") if overlong.ended_by_feed else raw
    if raw:
        yield Overflow(raw)
