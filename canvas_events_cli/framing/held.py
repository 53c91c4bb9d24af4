"""A value over several lines, held until it is complete or no value can come of it."""

from canvas_events_cli.framing.text import BLANK, Text, indent_of
from canvas_events_cli.parse import Prefix, prefix

_BEGINS_VALUE = b'"{[-0123456789tfn'
_AFTER = {b"{": b'"}', b"[": _BEGINS_VALUE + b"]", b",": _BEGINS_VALUE, b":": _BEGINS_VALUE}
_AFTER_VALUE = b",]}:"
_UNTRIED_BYTES = 4096
"""What is held without a look at it at most, as long as it is short."""
_MOST_TRIES = 4
"""How many times what is held is parsed, all tries together, while it grows."""


def may_follow(last: bytes, first: bytes) -> bool:
    """Tell whether in JSON a line that begins with the byte *first* can follow one that ends in *last*."""
    return first in _AFTER.get(last, _AFTER_VALUE)


class Held:
    """The lines of a value that has begun, and how far they have been looked at.

    Looking is parsing all of them, so it is done when it is likely to tell something, and else when they have become
    twice as many.
    """

    def __init__(self, begun: Text, *, in_array: bool) -> None:
        self.lines = [begun]
        self.size = len(begun.raw)
        self.in_array = in_array
        self.is_dead = False
        """Whether the last line cannot follow the one before it, up to which all was looked at and fine."""
        self._last = begun.raw.rstrip(BLANK)[-1:]
        self._looked_at = self.size
        self._tried = 0

    @property
    def is_looked_at(self) -> bool:
        """Whether nothing has been added since the last look."""
        return self._looked_at == self.size

    def add(self, line: Text) -> bool:
        """Add *line*; tell whether it is time to look."""
        raw = line.raw
        was_fine = self._looked_at == self.size
        self.lines.append(line)
        self.size += len(raw) + 1
        bare = raw.strip(BLANK)
        if not bare:
            return False
        first = bare[:1]
        fits = may_follow(self._last, first)
        self._last = bare[-1:]
        self.is_dead = was_fine and not fits
        if not fits or self.size >= max(2 * self._looked_at, _UNTRIED_BYTES):
            return True
        closes = first in b"]}" and len(raw) - len(raw.lstrip(BLANK)) <= indent_of(self.lines[0])
        return closes and self._tried <= _MOST_TRIES * self.size

    def text(self) -> bytes:
        """Return the lines as one text."""
        return b"\n".join([line.raw for line in self.lines])

    def look(self, text: bytes, limit: int) -> tuple[Prefix, int]:
        """Tell of *text*, which is that of this value, what came of it; of one over *limit*, within that."""
        self._looked_at = self.size
        self._tried += self.size
        return prefix(text[:limit] if len(text) > limit else text + b"\n")
