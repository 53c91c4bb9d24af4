"""Reads one JSON array element by element, without holding the array."""

from collections.abc import Iterator

from canvas_events_cli.framing.structure import Structure
from canvas_events_cli.model import Framed, Malformed, Overflow, Record
from canvas_events_cli.parse import ParseError, explain, parse

_BLANK = b" \t\r\n"


def too_long(line: int, raw: bytes, limit: int) -> Malformed:
    """Return the finding for a record of more than *limit* bytes, of which *raw* is the beginning."""
    return Malformed(line, raw, f"longer than {limit:,} bytes: not read (--max-record-bytes sets the limit)")


class ArrayReader:
    """Takes the bytes after a ``[`` in pieces and gives each element as a record of its own.

    Every element has the record limit to itself. An element that is no JSON is one malformed record; so are a
    comma without a value after it, and an end of input before the closing bracket.
    """

    def __init__(self, line: int, limit: int) -> None:
        self.line = line
        """The line that the next piece begins on."""
        self.rest: bytes | None = None
        """What came after the closing bracket, once it was met."""
        self._limit = limit
        self._opened_at = line
        self._structure = Structure()
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._skipping = False
        self._first = True

    def feed(self, piece: bytes) -> Iterator[Framed]:
        """Take the next *piece*; after the closing bracket ``rest`` holds what was left of it."""
        start = 0
        while (end := self._structure.element_end(piece, start)) >= 0:
            closes = piece[end] == 0x5D
            yield from self._finish_element(piece[start:end], closes)
            self._first = False
            start = end + 1
            if closes:
                self.rest = piece[start:]
                return
        yield from self._hold(piece[start:])

    def finish(self) -> Iterator[Framed]:
        """Say that the input ended inside the array."""
        held = self._take().rstrip(_BLANK)
        message = f"not JSON: the array that opens on line {self._opened_at} is never closed"
        element = self._record(held, closes=False) if held else None
        if isinstance(element, Record):
            yield element
        yield Malformed(self.line, b"" if isinstance(element, Record) else held, message)

    def _hold(self, piece: bytes) -> Iterator[Framed]:
        if self._skipping:
            self.line += piece.count(b"\n")
            yield Overflow(piece)
            return
        if not self._held:
            blank = len(piece) - len(piece.lstrip(_BLANK))
            self.line += piece.count(b"\n", 0, blank)
            piece = piece[blank:]
        if piece:
            self._held.append(piece)
            self._held_bytes += len(piece)
        if self._held_bytes > self._limit:
            held = self._take()
            yield too_long(self.line, held, self._limit)
            self.line += held.count(b"\n")
            self._skipping = True

    def _finish_element(self, piece: bytes, closes: bool) -> Iterator[Framed]:
        yield from self._hold(piece)
        if self._skipping:
            self._skipping = False
            return
        held = self._take()
        raw = held.rstrip(_BLANK)
        if raw or not (closes and self._first):
            yield self._record(raw, closes)
        self.line += held.count(b"\n")

    def _record(self, raw: bytes, closes: bool) -> Framed:
        if not raw:
            return Malformed(self.line, b"]" if closes else b",", "not JSON: a value is missing in an array")
        try:
            return Record(self.line, raw, parse(raw), False)
        except ParseError:
            return Malformed(self.line, raw, f"{explain(raw, self.line)} of this element")

    def _take(self) -> bytes:
        held = b"".join(self._held)
        self._held = []
        self._held_bytes = 0
        return held
