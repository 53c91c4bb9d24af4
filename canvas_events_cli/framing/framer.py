"""Cuts a source's bytes into records: one value a line, values over several lines, arrays, concatenations.

The rule that keeps joining lines sound: outside an open array, a line that is by itself a complete object is
always a record of its own; other lines join until the value completes, such a line arrives, or the limit is
reached. In the last two cases what was joined is one malformed record, and reading goes on there, so that a line
cut in the middle never swallows the good event after it.
"""

import re
from collections.abc import Generator, Iterator

from canvas_events_cli.framing.arrays import ArrayReader, too_long
from canvas_events_cli.framing.joined import JoinedLines
from canvas_events_cli.framing.structure import Structure
from canvas_events_cli.model import Framed, Overflow, Record
from canvas_events_cli.parse import ParseError, loads, parse

DEFAULT_MAX_RECORD_BYTES = 16 * 1024 * 1024

_RECORD_SEPARATOR = b"\x1e"  # RFC 7464; no JSON text contains one
_BLANK = b" \t\r"
_VALUE_START = (b"{", b"[")
# A line such as "[INFO] started" is no array: only these may follow the bracket on its line.
_OPENS_ARRAY = re.compile(rb"[ \t\r]*\[[ \t\r]*(?:[{\[\"]|$)")
# A signed token as the webhook delivers it: three parts in base64url, of which the first begins with '{"'.
_TOKEN = re.compile(rb"[ \t\r]*(eyJ[\w-]*\.[\w-]+\.[\w-]*)[ \t\r]*")
_LONG_LINE = 256 * 1024


class Framer:
    """The state of reading one source; feed it the bytes in pieces of any size.

    Line feeds alone end lines: U+2028, U+2029 and U+0085 occur inside valid strings.
    """

    def __init__(self, max_record_bytes: int = DEFAULT_MAX_RECORD_BYTES, line: int = 1) -> None:
        self.line = line
        """The number of the line that begins next, or has begun and is not complete."""
        self._limit = max_record_bytes
        self._tail: list[bytes] = []
        self._tail_bytes = 0
        self._long_line = min(_LONG_LINE, max_record_bytes)
        self._cut_tail_at = self._long_line
        self._skipping_line = False
        self._joined = JoinedLines()
        self._array: ArrayReader | None = None

    @property
    def max_record_bytes(self) -> int:
        """How long a record may be; a longer one is malformed."""
        return self._limit

    @property
    def between_records(self) -> bool:
        """Whether what comes next begins a line, and no value or array is open."""
        return not (self._tail or self._joined or self._array or self._skipping_line)

    def feed(self, data: bytes) -> Iterator[Framed]:
        """Yield what *data* completes, in order."""
        if self._array is not None:
            data = yield from self._feed_array(data)
        if self._skipping_line:
            data = yield from self._skip_line(data)
        if b"\n" not in data:
            yield from self._extend_tail(data)
            return
        lines = data.split(b"\n")
        if self._tail:
            lines[0] = self._take_tail() + lines[0]
        yield from self._lines(lines)

    def finish(self) -> Iterator[Framed]:
        """Yield what the end of the input completes: a last line without a line feed, and what never completed."""
        tail = self._take_tail()
        if tail:
            yield from self._lines([tail, b""])
        yield from self._joined.give_up()
        if self._array is not None:
            yield from self._array.finish()
            self._array = None

    def _lines(self, lines: list[bytes]) -> Iterator[Framed]:
        """Read complete *lines*, and keep the last, which is only the beginning of one.

        The hot loop of every command: a line that is an object costs its parse and little else.
        """
        number = self.line
        joined = self._joined
        limit = self._limit
        for index in range(len(lines) - 1):
            line = lines[index]
            try:
                value = loads(line)
            except ParseError:
                value = None
            if type(value) is dict and len(line) <= limit and not (joined and joined.holds_nested(line)):
                if joined:
                    yield from joined.give_up()
                yield Record(number, line, value, True)
            else:
                self.line = number
                yield from self._odd_line(line)
                if self._array is not None:
                    yield from self.feed(b"\n" + b"\n".join(lines[index + 1 :]))
                    return
            number += 1
        self.line = number
        yield from self._extend_tail(lines[-1])

    def _odd_line(self, line: bytes) -> Iterator[Framed]:
        """Read a line that is not a complete object; RFC 7464's separators cut it, and end what has begun."""
        first, *others = line.split(_RECORD_SEPARATOR)
        yield from self._piece(first, own_line=not others)
        for piece in others:
            yield from self._joined.give_up()
            yield from self._piece(piece, own_line=False)

    def _piece(self, piece: bytes, *, own_line: bool) -> Iterator[Framed]:
        token = _TOKEN.fullmatch(piece)
        if token or (self._joined.is_dead and piece.startswith(b"[") and _OPENS_ARRAY.match(piece)):
            yield from self._joined.give_up()
        if token:
            yield Record(self.line, piece, token[1].decode(), own_line)
        elif self._joined or len(piece) > self._limit:
            yield from self._join(piece)
        elif _OPENS_ARRAY.match(piece):
            yield from self._join_rest((yield from self._open_array(piece)))
        elif piece.strip(_BLANK):
            try:
                record = Record(self.line, piece, parse(piece), own_line)
            except ParseError:
                yield from self._join(piece)
            else:
                yield from self._elements(record)

    def _join(self, piece: bytes) -> Iterator[Framed]:
        """Add *piece* to the value that has begun, and cut off each value that it completes."""
        joined = self._joined
        while True:
            end = joined.value_end(self.line, piece)
            after = piece[end:].lstrip(_BLANK) if end >= 0 else b""
            if end < 0 or (after and not after.startswith(_VALUE_START)):
                joined.add(self.line, piece, dead=end >= 0)
                break
            joined.add(self.line, piece[:end])
            taken = joined.take()
            if taken is None:
                joined.add(self.line, piece[end:])
                break
            malformed, record = taken
            if malformed:
                yield malformed
            yield from self._within_limit(record)
            if not after:
                return
            piece = after
            if _OPENS_ARRAY.match(piece):
                yield from self._join_rest((yield from self._open_array(piece)))
                return
        if len(joined) > self._limit:
            yield from joined.give_up(self._limit)

    def _within_limit(self, record: Record) -> Iterator[Framed]:
        if isinstance(record.value, list):
            yield from self._elements(record)
        elif len(record.raw) > self._limit:
            yield too_long(record.line, record.raw, self._limit)
        else:
            yield record

    def _join_rest(self, rest: bytes) -> Iterator[Framed]:
        if rest.strip(_BLANK):
            yield from self._piece(rest, own_line=False)

    def _elements(self, record: Record) -> Iterator[Framed]:
        """Yield the elements of a record that is an array, else the record."""
        if isinstance(record.value, list):
            yield from ArrayReader(record.line, self._limit).feed(record.raw.lstrip()[1:])
        else:
            yield record

    def _open_array(self, piece: bytes) -> Generator[Framed, None, bytes]:
        self._array = ArrayReader(self.line, self._limit)
        return (yield from self._feed_array(piece[piece.index(b"[") + 1 :]))

    def _feed_array(self, data: bytes) -> Generator[Framed, None, bytes]:
        """Feed the open array; return what comes after its end, nothing while it is open."""
        array = self._array
        assert array is not None  # noqa: S101 (for the type checker)
        yield from array.feed(data)
        self.line = array.line
        if array.rest is None:
            return b""
        self._array = None
        return array.rest

    def _extend_tail(self, data: bytes) -> Iterator[Framed]:
        """Keep the beginning of a line, within the limit."""
        if not data:
            return
        self._tail.append(data)
        self._tail_bytes += len(data)
        if self._tail_bytes > self._cut_tail_at:
            yield from self._cut_long_line()
        if self._tail_bytes + len(self._joined) > self._limit:
            tail = self._take_tail()
            if self._joined:
                self._joined.add(self.line, tail)
                yield from self._joined.give_up(self._limit)
            else:
                yield too_long(self.line, tail, self._limit)
            self._skipping_line = True

    def _cut_long_line(self) -> Iterator[Framed]:
        """Cut off the values that a line of many has completed, so that it need not be held to its end."""
        tail = self._take_tail()
        if not self._joined and _OPENS_ARRAY.match(tail):
            tail = yield from self._open_array(tail)
        start = 0
        structure = Structure()
        while not self._joined and (end := structure.value_end(tail, start)) >= 0:
            if not tail[end : end + 64].lstrip(_BLANK).startswith(_VALUE_START):
                break
            yield from self._piece(tail[start:end], own_line=False)
            start = end
        if start < len(tail):
            self._tail = [tail[start:]]
            self._tail_bytes = len(tail) - start
            self._cut_tail_at = max(self._long_line, 2 * self._tail_bytes)

    def _take_tail(self) -> bytes:
        tail = b"".join(self._tail)
        self._tail = []
        self._tail_bytes = 0
        self._cut_tail_at = self._long_line
        return tail

    def _skip_line(self, data: bytes) -> Generator[Framed, None, bytes]:
        """Pass over the rest of a line that is too long; return what comes after it."""
        end = data.find(b"\n")
        if end < 0:
            yield Overflow(data)
            return b""
        yield Overflow(data[:end])
        self._skipping_line = False
        self.line += 1
        return data[end + 1 :]
