"""Cuts a source's bytes into records: one value a line, values over several lines, arrays, concatenations.

The rule. Outside an open array, a line that is by itself a complete object is a record of its own, unless it lies
inside a value that began on an earlier line and becomes complete. A line with which no value begins that becomes
complete is malformed, and reading goes on with the next one; but where lines are indented under a bracket that it
opens, they belong to it, and are one malformed record with it. Inside an open array the same holds for its elements.

So a line cut in the middle never swallows the good event after it, and the answer is the same for bytes in pieces of
any size. What can no longer become a value is given up at once: orjson says so (``parse.prefix``).
"""

import re
from codecs import BOM_UTF8
from collections.abc import Generator, Iterator

from canvas_events_cli.framing.line_reader import OPENS_ARRAY, LineReader
from canvas_events_cli.framing.open_array import OpenArray
from canvas_events_cli.framing.overlong import Overlong, overflow
from canvas_events_cli.framing.text import BLANK, RECORD_SEPARATOR, Text, indent_of, malformed
from canvas_events_cli.model import Framed, Json, Record
from canvas_events_cli.parse import ParseError, Prefix, is_dead, loads, prefix

DEFAULT_MAX_RECORD_BYTES = 16 * 1024 * 1024

_LONG_LINE = 256 * 1024
_LONG_LINE_OF_ARRAY = 4096
_LEAST_REACH, _MOST_REACH = 64, 1 << 16
"""How many lines further the end of an object is looked for."""
_MAY_GO_ON = b"{[e\xef"
"""What begins with none of these is a scalar, or malformed: no value over lines, token, or byte order mark."""
_BETWEEN_OBJECTS = re.compile(rb"\}[ \t\r]*+,[ \t\r]*+\{")
_SOON = 64 * 1024
"""How long a value is that is looked at whenever no more of it is there."""


class Framer:
    """The state of reading one source; feed it the bytes in pieces of any size.

    Line feeds alone end lines: U+2028, U+2029 and U+0085 occur inside valid strings.
    """

    def __init__(self, max_record_bytes: int = DEFAULT_MAX_RECORD_BYTES, line: int = 1) -> None:
        self.line = line
        """The number of the line that begins next, or has begun and is not complete."""
        self._limit = max_record_bytes
        self._reader = LineReader(max_record_bytes)
        self._reach = _LEAST_REACH
        self._tail: list[bytes] = []
        self._tail_bytes = 0
        self._cut_tail_at = min(_LONG_LINE, max_record_bytes)
        self._tail_from = Text(line, b"")
        """What the tail is the end of, where the line's beginning has been read."""

    @property
    def max_record_bytes(self) -> int:
        """How long a record may be; a longer one is malformed."""
        return self._limit

    @property
    def between_records(self) -> bool:
        """Whether what comes next begins a line, and no value or array is open."""
        return not self._tail and self._tail_from.is_line and self._is_plain

    @property
    def _is_plain(self) -> bool:
        return self._reader.is_idle and self._reader.array is None

    def feed(self, data: bytes) -> Iterator[Framed]:
        """Yield what *data* completes, in order."""
        if self._reader.overlong is not None:
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
        if self._reader.held is not None and not self._reader.held.is_looked_at and self._reader.held.size < _SOON:
            yield from self._reader.look()
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
        first = self.line
        limit = self._limit
        last = len(lines) - 1
        index = 0
        is_plain = self._is_plain
        while index < last:
            line = lines[index]
            error = None
            try:
                value = loads(line) if is_plain else None
            except ParseError as raised:
                value, error = None, raised
            is_whole = type(value) is dict or (type(value) is not list and is_plain and error is None)
            if is_whole and len(line) <= limit:
                yield Record(first + index, line, value, True)
                index += 1
            else:
                index += yield from self._odd_lines(lines, index, first + index, error)
                is_plain = self._is_plain
        self.line = first + last
        yield from self._extend_tail(lines[-1])

    def _odd_lines(
        self, lines: list[bytes], index: int, number: int, error: ParseError | None
    ) -> Generator[Framed, None, int]:
        """Read the line at *index*, which is no object by itself, or as many as make up what begins with it.

        Return how many. *error* is what the parser has said of the line, if it was asked: it is while nothing is open.
        What streams are full of is told at once; all else, and what turns out not to be that, is for the reader.
        """
        reader = self._reader
        line = lines[index]
        bare = line.strip(BLANK)
        array = reader.array
        if not reader.is_idle:
            if rest_of_object := self._rest_of_object(lines, index):
                record, size, rest = rest_of_object
                yield record
                last = Text(number + size - 1, lines[index + size - 1])
                yield from reader.read(last.rest(len(last.raw) - len(rest)))
                return size
        elif len(line) > self._limit:
            pass
        elif not bare:
            end = index + 1
            while end < len(lines) - 1 and not lines[end].strip(BLANK):
                end += 1
            return end - index
        elif array is not None:
            if array.wants_value and (elements := _elements(number, bare)):
                array.pass_over(number)
                yield from elements
                return 1
        elif line.startswith(RECORD_SEPARATOR) and (value := _object(line[1:])) is not None:
            yield Record(number, line[1:].lstrip(BLANK), value, False)
            return 1
        elif error is not None and bare[0] not in _MAY_GO_ON and RECORD_SEPARATOR not in line:
            yield malformed(number, line, error=error)
            return 1
        elif error is not None and bare.startswith(b"{") and is_dead(error) and RECORD_SEPARATOR not in line:
            yield from reader.give_up(Text(number, line), error)
            return 1
        if bare == b"{" and reader.is_idle and (found := self._object_over_lines(lines, index, number)):
            record, size = found
            if array is not None:
                array.pass_over(number + size - 1)
            yield record
            return size
        yield from reader.read(Text(number, line))
        return 1

    def _object_over_lines(self, lines: list[bytes], index: int, number: int) -> tuple[Record, int] | None:
        """Return the object that begins with the bracket alone on a line, and how many lines it takes.

        It ends with the next line like it that has the closing bracket, in an array with a comma. How far that is
        looked for depends on how long values were: else lines of nothing but brackets would cost their square.
        """
        array = self._reader.array
        if array is not None and not array.wants_value:
            return None
        line = lines[index]
        margin, _, end_of_line = line.partition(b"{")
        closing = margin + b"}"
        try:
            end = lines.index(
                closing + (b"," if array else b"") + end_of_line, index, min(len(lines) - 1, index + self._reach)
            )
            raw = b"\n".join([*lines[index:end], closing])
            value = loads(raw) if len(raw) <= self._limit else None
        except (ValueError, ParseError):
            value = None
        if not isinstance(value, dict):
            self._reach = max(self._reach // 2, _LEAST_REACH)
            return None
        self._reach = min(2 * self._reach, _MOST_REACH)
        return Record(number, raw[len(margin) :] if array else raw, value, False), end + 1 - index

    def _rest_of_object(self, lines: list[bytes], index: int) -> tuple[Record, int, bytes] | None:
        """Return the object whose bracket ended the line before *index*, as in ``}, {``: an element of an array.

        With it, return how many lines it takes from there, and what comes after it on the last of them.
        """
        held, array = self._reader.held, self._reader.array
        if held is None or array is None or len(held.lines) > 1 or held.lines[0].raw.strip(BLANK) != b"{":
            return None
        begun = held.lines[0]
        closing = lines[index - 1][: indent_of(begun)] + b"}"
        stop = min(len(lines) - 1, index + self._reach)
        end = next((at for at in range(index, stop) if lines[at].startswith(closing)), stop)
        raw = b"\n".join([begun.raw, *lines[index:end], closing])
        value = _object(raw) if end < stop and len(raw) <= self._limit else None
        if value is None:
            self._reach = max(self._reach // 2, _LEAST_REACH)
            return None
        self._reach = min(2 * self._reach, _MOST_REACH)
        self._reader.held = None
        array.wants_value = False
        return Record(begun.line, raw, value, False), end + 1 - index, lines[end][len(closing) :]

    def _follow(self, data: bytes) -> Generator[Framed, None, bytes]:
        """Pass over what of *data* belongs to the value that is too long; return what comes after it."""
        overlong = self._reader.overlong
        if overlong is None:
            return data
        end = overlong.follow(data)
        passed, rest = (data, b"") if end < 0 else (data[:end], data[end:])
        yield from overflow(passed, overlong)
        self.line += passed.count(b"\n")
        if end >= 0:
            self._reader.overlong = None
            self._tail_from = Text(self.line, b"", overlong.at_line_start)
        return rest

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
        if self._tail_bytes > self._cut_tail_at and not (self._reader.held or self._reader.broken):
            yield from self._cut_tail()
        while self._reader.overlong is None and self._is_over_limit:
            if not (self._reader.held or self._reader.broken):
                yield from self._cut_tail()
            if not self._is_over_limit or self._may_end_in_tail() or self._may_be_mark():
                return
            yield from self._give_up_tail()

    @property
    def _is_over_limit(self) -> bool:
        return self._tail_bytes + (self._reader.held.size if self._reader.held else 0) > self._limit

    def _may_end_in_tail(self) -> bool:
        """Tell whether the tail ends in a value within the limit, so that it matters what comes next."""
        begun = [self._reader.held.text()] if self._reader.held else []
        text = b"\n".join([*begun, b"".join(self._tail)])
        state, end = prefix(text[: self._limit])
        return state is Prefix.WHOLE and not text[end:].strip(BLANK)

    def _may_be_mark(self) -> bool:
        """Tell whether the tail may become a byte order mark, which is white space where a line begins."""
        return self._tail_bytes < len(BOM_UTF8) and BOM_UTF8.startswith(b"".join(self._tail))

    def _give_up_tail(self) -> Iterator[Framed]:
        """Read on where the tail, with a value that is held, is longer than the limit."""
        text = self._take_tail(b"")
        if self._reader.broken is not None and self._reader.broken.owns(text):
            yield from self._reader.broken.add(text)
            self._reader.overlong = Overlong(is_value=False, in_array=False)
        elif self._reader.broken is not None:
            yield from self._reader.end_broken(self._reader.broken)
            self._keep_tail(text)
        elif self._reader.held is not None:
            self._reader.held.add(text)
            yield from self._reader.look(is_over=False)
        else:
            yield from self._reader.begin_overlong([text], is_over=False)
        if self._reader.again:
            text = self._reader.again.pop()
            yield from self._reader.read_again()
            self._keep_tail(text)

    def _cut_tail(self) -> Iterator[Framed]:
        """Cut off the values that a line of many has completed, so that it need not be held to its end."""
        text = self._take_tail(b"").begun()
        size = -1
        while size != len(text.raw):
            size = len(text.raw)
            opening = OPENS_ARRAY.match(text.raw)
            if self._reader.array is None and opening and len(opening[0].strip()) > 1:
                self._reader.array = OpenArray(text)
                text = text.rest(text.raw.index(b"[") + 1)
            if self._reader.array is not None:
                text = text.rest((yield from self._reader.array_part(text, is_over=False)))
            else:
                text = yield from self._reader.concatenated(text)
        self._keep_tail(text)

    def _keep_tail(self, text: Text) -> None:
        self._tail = [text.raw] if text.raw else []
        self._tail_bytes = len(text.raw)
        self._tail_from = text._replace(raw=b"")
        least = _LONG_LINE if self._reader.array is None else _LONG_LINE_OF_ARRAY
        self._cut_tail_at = max(min(least, self._limit), 2 * self._tail_bytes)

    def _take_tail(self, end: bytes) -> Text:
        """Return the tail, and *end* after it, as what they are the end of."""
        text = self._tail_from._replace(line=self.line, raw=b"".join([*self._tail, end]))
        self._keep_tail(Text(self.line, b""))
        return text


def _object(raw: bytes) -> Json:
    try:
        value = loads(raw)
    except ParseError:
        return None
    return value if isinstance(value, dict) else None


def _elements(line: int, bare: bytes) -> list[Record]:
    """Return the objects that, each with a comma after it, are *bare*, a line of an array; none where it is not that.

    They are read together, and told apart by what is between them: where that is in one of them too, they are not.
    """
    if not (bare.startswith(b"{") and bare.endswith(b",")):
        return []
    raw = bare[:-1].rstrip(BLANK)
    try:
        values = loads(b"[%b]" % raw)
    except ParseError:
        return []
    if len(values) == 1:
        return [Record(line, raw, values[0], False)]
    gaps = [match.span() for match in _BETWEEN_OBJECTS.finditer(raw)]
    if len(gaps) != len(values) - 1 or not all(type(value) is dict for value in values):
        return []
    starts = [0, *[end - 1 for _, end in gaps]]
    ends = [*[start + 1 for start, _ in gaps], len(raw)]
    return [Record(line, raw[start:end], value, False) for start, end, value in zip(starts, ends, values, strict=True)]
