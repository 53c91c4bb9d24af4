"""Cuts a source's bytes into records: one value a line, values over several lines, arrays, concatenations.

The rule. Outside an open array, a line that is by itself a complete object is a record of its own, unless it lies
inside a value that began on an earlier line and becomes complete. A line with which no value begins that becomes
complete is malformed, and reading goes on with the next one; but where lines are indented under a bracket that it
opens, they belong to it, and are one malformed record with it. Inside an open array the same holds for its elements.

So a line cut in the middle never swallows the good event after it, and the answer is the same for bytes in pieces of
any size. What can no longer become a value is given up at once: orjson says so (``parse.prefix``).
"""

from codecs import BOM_UTF8
from collections.abc import Generator, Iterator

from canvas_events_cli.defaults import DEFAULT_MAX_RECORD_BYTES
from canvas_events_cli.framing.line_reader import LineReader
from canvas_events_cli.framing.open_values import OpenArray, Overlong
from canvas_events_cli.framing.text import BLANK, RECORD_SEPARATOR, Text
from canvas_events_cli.model import Framed, Malformed, Record
from canvas_events_cli.parse import ParseError, Prefix, loads, prefix

_LONG_LINE = 256 * 1024
_LONG_LINE_OF_ARRAY = 4096
_MAY_GO_ON = b"{[e\xef"
"""A line that is no JSON and begins with none of these is malformed: no value over lines, token or byte order mark."""
_SOON = 64 * 1024
"""How long a value is that is looked at whenever no more of it is there."""


class Framer:
    """The state of reading one source; feed it the bytes in pieces of any size.

    Line feeds alone end lines: U+2028, U+2029 and U+0085 occur inside valid strings.
    """

    def __init__(self, max_record_bytes: int = DEFAULT_MAX_RECORD_BYTES) -> None:
        self.line = 1
        """The number of the line that begins next, or has begun and is not complete."""
        self.max_record_bytes = max_record_bytes
        """How long a record may be; a longer one is malformed."""
        self._reader = LineReader(max_record_bytes)
        self._tail: list[bytes] = []
        self._tail_bytes = 0
        self._cut_tail_at = min(_LONG_LINE, max_record_bytes)
        self._tail_from = Text(1, b"")
        """What the tail is the end of, where the line's beginning has been read."""

    @property
    def between_records(self) -> bool:
        """Whether what comes next begins a line, and no value or array is open."""
        return self.between_values and self.array is None and self._tail_from.is_line

    @property
    def between_values(self) -> bool:
        """Whether a record may begin with what comes next, or it is in the array between elements."""
        may_begin = self.array is None or self.array.wants_value is not None
        return not self._tail and may_begin and self._reader.is_idle

    @property
    def in_line(self) -> bool:
        """Whether what comes next is on a line that something else has begun."""
        return not self._tail_from.is_line

    def take_begun(self, most_bytes: int) -> bytes:
        """Return the beginning of a value in an array or a line of several, to be fed again, if it is short enough."""
        array = self.array
        may_begin = self.in_line if array is None else array.wants_value
        if not may_begin or not self._reader.is_idle or self._tail_bytes > most_bytes:
            return b""
        text = self._take_tail(b"")
        self._tail_from = text._replace(raw=b"")
        return text.raw

    @property
    def array(self) -> OpenArray | None:
        """The array that is open, if one is."""
        return self._reader.array

    def pass_over(self, lines: int, margin: int | None = None) -> None:
        """Go on after so many *lines* between values: of whole records, or of whole elements and their commas.

        What comes next begins a line, unless *margin* says how far the one is indented of which it is the end.
        """
        self.line += lines
        if self.array is not None:
            self.array.pass_over(self.line - (margin is None))
        self._tail_from = Text(self.line, b"", margin is None, margin or 0)

    def pass_over_in_line(self, lines: int, margin: bytes) -> None:
        """Go on after values with nothing between them, over so many *lines*; *margin* stands before the first."""
        self.line += lines
        self._tail_from = self._tail_from._replace(line=self.line, raw=margin).rest(len(margin))

    def feed(self, data: bytes) -> Iterator[Framed]:
        """Yield what *data* completes, in order."""
        data = yield from self._follow(data)
        if b"\n" not in data:
            yield from self._extend_tail(data)
            return
        lines = data.split(b"\n")
        if self._tail or not self._tail_from.is_line:
            text = self._take_tail(lines[0])
            lines[0] = text.raw
            if not text.is_line:
                del lines[0]
                yield from self._reader.read(text)
                self.line += 1
        yield from self._lines(lines)
        held = self._reader.held
        if held is not None and held.looked_at < held.size < _SOON:
            yield from self._reader.look(held)
            yield from self._reader.read_again()

    def finish(self) -> Iterator[Framed]:
        """Yield what the end of the input completes: a last line without a line feed, and what never completed."""
        if self._tail:
            yield from self._reader.read(self._take_tail(b""))
            self.line += 1
        yield from self._reader.read(Text(self.line, RECORD_SEPARATOR))

    def _lines(self, lines: list[bytes]) -> Iterator[Framed]:
        """Read complete *lines*, and keep the last, which is only the beginning of one.

        The hot loop of every command: a line that is an object costs its parse and little else.
        """
        limit = self.max_record_bytes
        reader = self._reader
        is_plain = reader.is_idle and reader.array is None
        begun = lines.pop()
        for number, line in enumerate(lines, self.line):
            if is_plain:
                if not line:
                    continue
                try:
                    value = loads(line)
                except ParseError:
                    if line.lstrip(BLANK)[:1] not in _MAY_GO_ON and RECORD_SEPARATOR not in line and len(line) <= limit:
                        yield Malformed(number, line)
                        continue
                    value = []
                if type(value) is not list and len(line) <= limit:
                    yield Record(number, line, value, True)
                    continue
            held = reader.held
            if held is not None and line.startswith(held.below) and RECORD_SEPARATOR not in line and held.hold(line):
                continue
            yield from reader.read(Text(number, line))
            is_plain = reader.is_idle and reader.array is None
        self.line += len(lines)
        yield from self._extend_tail(begun)

    def _follow(self, data: bytes) -> Generator[Framed, None, bytes]:
        """Pass over what of *data* belongs to the value that is too long, if one is; return what comes after it."""
        overlong = self._reader.overlong
        if overlong is None:
            return data
        end = yield from overlong.follow(data)
        if end < 0:
            self.line += data.count(b"\n")
            return b""
        self.line += data.count(b"\n", 0, end)
        self._reader.overlong = None
        self._tail_from = Text(self.line, b"", overlong.at_line_start)
        return data[end:]

    def _extend_tail(self, data: bytes) -> Iterator[Framed]:
        """Keep the beginning of a line, within the limit."""
        data = yield from self._follow(data)
        if not data:
            return
        if RECORD_SEPARATOR in data:
            before, _, data = data.rpartition(RECORD_SEPARATOR)
            yield from self._reader.read(self._take_tail(before))
            yield from self._reader.read(Text(self.line, RECORD_SEPARATOR))
            self._tail_from = Text(self.line, b"", False)
        self._tail.append(data)
        self._tail_bytes += len(data)
        reader = self._reader
        if self._tail_bytes > self._cut_tail_at and not (reader.held or reader.broken):
            yield from self._cut_tail()
        while reader.overlong is None and self._is_over_limit:
            if not (reader.held or reader.broken):
                yield from self._cut_tail()
            if not self._is_over_limit or self._may_be_within_limit():
                return
            yield from self._give_up_tail()

    @property
    def _is_over_limit(self) -> bool:
        return self._tail_bytes + (self._reader.held.size if self._reader.held else 0) > self.max_record_bytes

    def _may_be_within_limit(self) -> bool:
        """Tell whether it matters what comes next: for a value that is whole, or may be a byte order mark by now."""
        tail = b"".join(self._tail)
        if len(tail) < len(BOM_UTF8) and BOM_UTF8.startswith(tail):
            return True
        text = b"\n".join([*([self._reader.held.text()] if self._reader.held else []), tail])
        state, end = prefix(text[: self.max_record_bytes])
        return state is Prefix.WHOLE and not text[end:].strip(BLANK)

    def _give_up_tail(self) -> Iterator[Framed]:
        """Read on where the tail, with a value that is held, is longer than the limit."""
        text = self._take_tail(b"")
        reader = self._reader
        if reader.broken is not None and reader.broken.owns(text):
            yield from reader.broken.add(text)
            reader.overlong = Overlong(is_value=False, in_array=False)
        elif reader.broken is not None:
            yield from reader.end_broken(reader.broken)
            self._keep_tail(text)
        elif reader.held is not None:
            reader.held.add(text)
            yield from reader.look(reader.held, is_over=False)
        else:
            yield from reader.begin_overlong([text], is_over=False)
        if reader.again:
            text = reader.again.pop()
            yield from reader.read_again()
            self._keep_tail(text)

    def _cut_tail(self) -> Iterator[Framed]:
        """Cut off the values that a line of many has completed, so that it need not be held to its end."""
        text = self._take_tail(b"").begun()
        size = -1
        while size != len(text.raw):
            size = len(text.raw)
            text = yield from self._reader.cut(text, is_over=False)
        self._keep_tail(text)

    def _keep_tail(self, text: Text) -> None:
        self._tail = [text.raw] if text.raw else []
        self._tail_bytes = len(text.raw)
        self._tail_from = text._replace(raw=b"")
        least = _LONG_LINE if self._reader.array is None else _LONG_LINE_OF_ARRAY
        self._cut_tail_at = max(min(least, self.max_record_bytes), 2 * self._tail_bytes)

    def _take_tail(self, end: bytes) -> Text:
        """Return the tail, and *end* after it, as what they are the end of."""
        text = self._tail_from._replace(line=self.line, raw=b"".join([*self._tail, end]))
        self._keep_tail(Text(self.line, b""))
        return text
