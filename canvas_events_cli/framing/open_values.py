"""What can be open between two lines: an array, a value that goes on, one that is broken, one that is too long."""

import re
from collections.abc import Generator, Iterator
from itertools import islice

from canvas_events_cli.framing.text import BLANK, BLANK_OR_MARK, RECORD_SEPARATOR, Text, may_follow, too_long
from canvas_events_cli.json_text import TO_BRACKET, Structure
from canvas_events_cli.model import Framed, Malformed, Overflow, Record
from canvas_events_cli.parse import Prefix, prefix, read_object

_FOLLOWED = re.compile(rb"[ \t\r]*[^ \t\r\n{\[]")
_UNTRIED_BYTES = 4096
"""What is held without a look at it at most, as long as it is short."""
_MOST_TRIES = 4
"""How many times what is held is parsed, all tries together, while it grows."""


class OpenArray:
    """An array whose elements are read one by one: where it has begun, and what may come next in it."""

    def __init__(self, opening: Text) -> None:
        self._line = self.last_line = opening.line
        self._margin = opening.indent
        self.wants_value: bool | None = True
        """Whether a value is to come next, or a comma or the end; None: either, after an element that is broken."""
        self.is_empty = True
        self.is_cut = False
        """Whether its last element is malformed since something is missing at the end: that tells it of the array."""

    def pass_over(self, line: int) -> None:
        """Go on after an element and the comma after it, which end on *line*."""
        self.last_line, self.wants_value, self.is_empty, self.is_cut = line, True, False, False

    def is_left_by(self, text: Text) -> bool:
        """Tell whether *text* is a line that is none of the array's: where a comma is missing, not indented."""
        bare = text.raw.strip(BLANK)
        may_go_on = self.wants_value is not False or bare[:1] in (b"", b",", b"]") or bare.endswith(b",")
        return not may_go_on and text.is_line and text.indent <= self._margin

    def never_closed(self) -> Iterator[Malformed]:
        """Yield the finding that the array was never closed, where nothing has told that already."""
        if not self.is_cut:
            message = f"not JSON: the array that opens on line {self._line} is never closed"
            yield Malformed(self.last_line, b"", message)


class Held:
    """The lines of a value that has begun, until it is complete or no value can come of it.

    Looking is parsing all of them, so it is done when it is likely to tell something, and else when they have become
    twice as many.
    """

    def __init__(self, begun: Text, limit: int, *, in_array: bool) -> None:
        self.in_array = in_array
        self.size = self.looked_at = len(begun.raw)
        """How long it is, and was at the last look."""
        self.below = (b" " * (begun.indent + 1), b"\t" * (begun.indent + 1))
        """What a line begins with that is indented under the first."""
        self._begun = begun
        self._raws = [begun.raw]
        self._limit = limit
        self._due = min(max(2 * self.size, _UNTRIED_BYTES), limit + 1)
        """The size at which it is time to look."""
        self._tried = 0

    @property
    def lines(self) -> list[Text]:
        """What is held, line by line; only the first can be the end of one."""
        others = enumerate(self._raws[1:], self._begun.line + 1)
        return [self._begun, *(Text(number, raw) for number, raw in others)]

    def hold(self, raw: bytes) -> bool:
        """Add a line that is indented under the first, unless it is time to look then."""
        size = self.size + len(raw) + 1
        if size >= self._due:
            return False
        self._raws.append(raw)
        self.size = size
        return True

    def add(self, line: Text) -> bool:
        """Add *line*; tell whether it is time to look."""
        self._raws.append(line.raw)
        self.size += len(line.raw) + 1
        bare = line.raw.strip(BLANK)
        if self.size >= self._due or not bare:
            return self.size >= self._due
        before = next(filter(None, (raw.rstrip(BLANK) for raw in islice(reversed(self._raws), 1, None))), b"")
        if not may_follow(before[-1:], bare[:1]):
            return True
        closes = bare[:1] in (b"]", b"}") and len(line.raw) - len(line.raw.lstrip(BLANK)) <= self._begun.indent
        return closes and self._tried <= _MOST_TRIES * self.size

    def text(self) -> bytes:
        """Return the lines as one text."""
        return b"\n".join(self._raws)

    def look(self, text: bytes) -> tuple[Prefix, int]:
        """Tell of *text*, which is that of this value, what came of it; of one that is too long, within the limit."""
        self.looked_at = self.size
        self._tried += self.size
        self._due = min(max(2 * self.size, _UNTRIED_BYTES), self._limit + 1)
        return prefix(text[: self._limit] if len(text) > self._limit else text + b"\n")


def hopeless_lines(text: bytes, end: int, first: int) -> dict[int, bool]:
    """Return the numbers of the lines of *text*, the first being *first*, with which no value begins that completes.

    Up to *end*, *text* is the beginning of one value, which does not complete either. These lines open a bracket that
    it does not close, or one that something follows that can only follow in an array; for each is told whether it is
    hopeless in an array, too. One pass tells it for all of them, where to try each costs the square of their number.
    """
    lines = {first: True}
    opened: list[tuple[int, bool]] = []
    position = counted = 0
    line = first
    while (match := TO_BRACKET.match(text, position)) and match.end() <= end and match[1] != b'"':
        position = match.end()
        feeds = text.count(b"\n", counted, position)
        line += feeds
        if match[1] in b"{[":
            is_first = (feeds or not counted) and not text[text.rfind(b"\n", 0, position) + 1 : position - 1].strip()
            opened.append((line, bool(is_first)))
        elif opened:
            opening, is_first = opened.pop()
            if is_first and _FOLLOWED.match(text, position):
                lines.setdefault(opening, False)
        counted = position
    return lines | dict.fromkeys([opening for opening, _ in opened], True)


class Broken:
    """A value that never becomes complete, with the lines that are indented under its opening bracket.

    One malformed record of as many lines as belong to it, but for those that are objects by themselves.
    """

    def __init__(self, begun: Text, limit: int, *, in_array: bool) -> None:
        self._in_array = in_array
        self._line = begun.line
        self._margin = begun.indent
        self._limit = limit
        self._lines = [begun.raw]
        self._objects: dict[int, Record] = {}
        self._size = len(begun.raw)
        self._is_block = False
        self._is_told = False

    def owns(self, text: Text) -> bool:
        """Tell whether the line *text* is one of its own."""
        return not text.raw.strip(BLANK) or text.indent > self._margin

    def closing(self, text: Text) -> int:
        """Return where in *text*, the first line that is not its own, its closing bracket ends; 0 without one."""
        bare = text.raw.lstrip(BLANK)
        closes = self._is_block and bare[:1] in (b"]", b"}") and text.indent == self._margin
        return len(text.raw) - len(bare) + 1 if closes else 0

    def add(self, text: Text) -> Iterator[Framed]:
        """Add the line *text*; yield what is beyond the limit."""
        bare = text.raw.strip(BLANK)
        may_be = bare.startswith(b"{") and bare.endswith(b"}") and len(text.raw) <= self._limit
        value = read_object(bare) if may_be else None
        found = Record(text.line, text.raw, value, True) if value is not None else None
        self._is_block = self._is_block or bool(bare)
        if self._is_told:
            yield found or Overflow(b"\n" + text.raw)
            return
        if found:
            self._objects[len(self._lines)] = found
        self._lines.append(text.raw)
        self._size += len(text.raw) + 1
        if self._size > self._limit:
            yield from self.end()

    def end(self) -> Iterator[Framed]:
        """Yield what has been held."""
        if self._is_told:
            return
        self._is_told = True
        raw = b"\n".join([raw for number, raw in enumerate(self._lines) if number not in self._objects])
        if len(raw) > self._limit:
            yield too_long(self._line, raw, self._limit)
            yield Overflow(raw[self._limit :])
        else:
            yield Malformed(self._line, raw.rstrip(), "", b"\n".join(self._lines), self._in_array)
        yield from self._objects.values()
        self._lines.clear()


class Overlong:
    """A value that is too long to hold, or an array's element, or a line that is neither, followed to its end."""

    def __init__(self, *, is_value: bool, in_array: bool) -> None:
        self.at_line_start = False
        """Whether what comes next, or what has ended it, begins a line."""
        self._structure = Structure() if is_value else None
        self._in_array = in_array
        self._last = b""
        self._ended_by_feed = False

    def follow(self, data: bytes, told: int = 0) -> Generator[Framed, None, int]:
        """Yield what of *data*, the next bytes, belongs to it and has not been *told*: so many bytes have.

        Return where something else begins; -1 where it goes on after them.
        """
        separator = data.find(RECORD_SEPARATOR)
        end = self._end(data if separator < 0 else data[:separator])
        end = separator if end < 0 else end
        raw = data[told:] if end < 0 else data[told:end]
        raw = raw.removesuffix(b"\n") if self._ended_by_feed else raw
        if raw:
            yield Overflow(raw)
        return end

    def _end(self, data: bytes) -> int:
        start = 0
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
                self._ended_by_feed = True
                return start

    def _follow_line(self, piece: bytes) -> int:
        bare = piece.lstrip(BLANK_OR_MARK if self.at_line_start else BLANK).rstrip(BLANK)
        if self._structure is None or (self.at_line_start and not bare):
            return -1
        if self.at_line_start:
            if not may_follow(self._last, bare[:1]):
                return piece.index(bare[:1])
            self.at_line_start = False
        self._last = bare[-1:] or self._last
        return self._structure.element_end(piece) if self._in_array else self._structure.value_end(piece)
