"""Cuts a source's bytes into records: one value a line, values over several lines, arrays, concatenations.

The rule. Outside an open array, a line that is by itself a complete object is a record of its own, unless it lies
inside a value that began on an earlier line and becomes complete. A line with which no value begins that becomes
complete is malformed, and reading goes on with the next one; but where lines are indented under a bracket that it
opens, they belong to it, and are one malformed record with it. Inside an open array the same holds for its elements.

So a line cut in the middle never swallows the good event after it, and the answer is the same for bytes in pieces of
any size. What can no longer become a value is given up at once: orjson says so (``parse.prefix``).
"""

import re
from collections import deque
from collections.abc import Generator, Iterator

from canvas_events_cli.framing.broken import Broken
from canvas_events_cli.framing.held import Held
from canvas_events_cli.framing.open_array import OpenArray
from canvas_events_cli.framing.overlong import Overlong
from canvas_events_cli.framing.structure import Structure, hopeless_lines
from canvas_events_cli.framing.text import (
    BLANK,
    BLANK_OR_MARK,
    RECORD_SEPARATOR,
    WHITE_SPACE,
    Text,
    malformed,
    too_long,
)
from canvas_events_cli.model import Framed, Json, Malformed, Overflow, Record
from canvas_events_cli.parse import ParseError, Prefix, loads, parse, prefix

DEFAULT_MAX_RECORD_BYTES = 16 * 1024 * 1024

_BRACKETS = (b"{", b"[")
_BLANKS = re.compile(rb"(?:[ \t\r]|\xef\xbb\xbf)*+")
# A line such as "[INFO] started" is no array: only these may follow the bracket on its line.
_OPENS_ARRAY = re.compile(rb"[ \t\r]*\[[ \t\r]*(?:[{\[\"]|$)")
# A signed token as the webhook delivers it: three parts in base64url, of which the first begins with '{"'.
_TOKEN = re.compile(rb"[ \t\r]*(eyJ[\w-]*\.[\w-]+\.[\w-]*)[ \t\r]*")
_BEGINS_AFTER = re.compile(rb"[ \t\r,]*(?=[{\[])")
_LONG_LINE = 256 * 1024
_LONG_LINE_OF_ARRAY = 4096
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
        self._tail: list[bytes] = []
        self._tail_bytes = 0
        self._cut_tail_at = min(_LONG_LINE, max_record_bytes)
        self._tail_from = Text(line, b"")
        """What the tail is the end of, where the line's beginning has been read."""
        self._again: deque[Text] = deque()
        self._hopeless: dict[int, bool] = {}
        """Lines to be read again with which no value begins that completes, and whether none does in an array, too."""
        self._array: OpenArray | None = None
        self._held: Held | None = None
        self._broken: Broken | None = None
        self._overlong: Overlong | None = None

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
        return not (self._held or self._broken or self._array or self._overlong)

    def feed(self, data: bytes) -> Iterator[Framed]:
        """Yield what *data* completes, in order."""
        if self._overlong is not None:
            data = yield from self._follow(data)
        if b"\n" not in data:
            yield from self._extend_tail(data)
            return
        lines = data.split(b"\n")
        if self._tail or not self._tail_from.is_line:
            yield from self._read(self._take_tail(lines.pop(0)))
            self.line += 1
        yield from self._lines(lines)
        if self._held is not None and not self._held.is_looked_at and self._held.size < _SOON:
            yield from self._look()
            yield from self._read_again()

    def finish(self) -> Iterator[Framed]:
        """Yield what the end of the input completes: a last line without a line feed, and what never completed."""
        if self._tail:
            yield from self._read(self._take_tail(b""))
            self.line += 1
        yield from self._read(Text(self.line, RECORD_SEPARATOR))

    def _lines(self, lines: list[bytes]) -> Iterator[Framed]:
        """Read complete *lines*, and keep the last, which is only the beginning of one.

        The hot loop of every command: a line that is an object costs its parse and little else.
        """
        number = self.line
        limit = self._limit
        is_plain = self._is_plain
        for index in range(len(lines) - 1):
            line = lines[index]
            try:
                value = loads(line) if is_plain else None
            except ParseError:
                value = None
            if type(value) is dict and len(line) <= limit:
                yield Record(number, line, value, True)
            else:
                yield from self._read(Text(number, line))
                is_plain = self._is_plain
            number += 1
        self.line = number
        yield from self._extend_tail(lines[-1])

    def _read(self, text: Text) -> Iterator[Framed]:
        self._again.append(text)
        return self._read_again()

    def _read_again(self) -> Iterator[Framed]:
        """Read what is to be read (again), in order."""
        again = self._again
        while again:
            text = again.popleft()
            if text.raw == RECORD_SEPARATOR:
                yield from self._break()
            elif RECORD_SEPARATOR in text.raw:
                first, *others = text.raw.split(RECORD_SEPARATOR)
                for piece in reversed(others):
                    again.appendleft(Text(text.line, piece, False))
                    again.appendleft(Text(text.line, RECORD_SEPARATOR))
                again.appendleft(text._replace(raw=first))
            else:
                yield from self._read_text(text.begun())
        self._hopeless.clear()

    def _read_text(self, text: Text) -> Iterator[Framed]:
        if self._overlong is not None:
            yield from self._follow_line(self._overlong, text)
        elif self._broken is not None:
            yield from self._read_broken(self._broken, text)
        elif self._held is not None:
            if self._held.add(text) or self._held.size > self._limit:
                yield from self._look()
        elif self._array is not None:
            yield from self._elements(text)
        else:
            yield from self._begin(text)

    def _break(self) -> Iterator[Framed]:
        """End whatever is open."""
        self._overlong = None
        if self._held is not None:
            self._again.appendleft(Text(0, RECORD_SEPARATOR))
            yield from self._look()
            if self._held is not None:
                text = self._held.text()
                self._give_up_held(self._held, text, len(text))
        elif self._broken is not None:
            self._again.appendleft(Text(0, RECORD_SEPARATOR))
            yield from self._end_broken(self._broken)
        elif self._array is not None:
            yield from self._leave_array(self._array)

    def _begin(self, text: Text) -> Iterator[Framed]:
        """Read *text*, outside of anything."""
        raw = text.raw
        if not raw.strip(BLANK):
            return
        if token := _TOKEN.fullmatch(raw):
            yield Record(text.line, raw, token[1].decode(), text.is_line)
            return
        if _OPENS_ARRAY.match(raw):
            self._array = OpenArray(text)
            yield from self._elements(text.rest(raw.index(b"[") + 1))
            return
        try:
            value = parse(raw) if len(raw) <= self._limit else None
        except ParseError:
            value = None
        else:
            if len(raw) <= self._limit:
                yield from self._value(text, raw, value)
                return
        rest = yield from self._concatenated(text)
        if rest is not text:
            self._again.appendleft(rest)
        elif len(raw) > self._limit:
            yield from self._begin_overlong([text], is_over=True)
        else:
            yield from self._hold(text)

    def _value(self, begun: Text, raw: bytes, value: Json) -> Iterator[Framed]:
        """Yield the record of a complete value that begins with *begun*: of an array, its elements."""
        if isinstance(value, list):
            self._array = OpenArray(begun)
            self._read_later(begun.line, raw[raw.index(b"[") + 1 :].split(b"\n"), is_line=False)
        elif len(raw) > self._limit:
            yield too_long(begun.line, raw[: self._limit], self._limit)
            yield Overflow(raw[self._limit :])
        else:
            yield Record(begun.line, raw, value, begun.is_line and raw == begun.raw)

    def _read_later(self, line: int, raws: list[bytes], *, is_line: bool) -> None:
        """Have lines read next, the first of them being *line*, of which there is maybe only the end."""
        texts = [Text(number, raw) for number, raw in enumerate(raws, line)]
        if texts and not is_line:
            texts[0] = texts[0]._replace(is_line=False)
        self._again.extendleft(reversed(texts))

    def _concatenated(self, text: Text) -> Generator[Framed, None, Text]:
        """Yield the values after which another begins on the same line; return what is left."""
        raw = text.raw
        start = 0
        structure = Structure()
        while self._array is None and (end := structure.value_end(raw, start)) >= 0:
            blanks = _BLANKS.match(raw, end)
            after = blanks.end() if blanks else end
            if not raw.startswith(_BRACKETS, after):
                break
            try:
                value = parse(raw[start:end])
            except ParseError:
                break
            if isinstance(value, list):
                self._array = OpenArray(text)
                start = raw.index(b"[", start) + 1
                start += yield from self._array_part(text.rest(start), is_over=False)
            else:
                yield from self._value(text.rest(start), raw[start:end], value)
                start = after
        return text.rest(start) if start else text

    def _hold(self, text: Text) -> Iterator[Framed]:
        """Begin a value with *text*, the end of a line, or give it up."""
        begins = text.raw.lstrip(BLANK).startswith(_BRACKETS)
        if begins and not self._is_hopeless(text.line) and prefix(text.raw + b"\n")[0] is Prefix.OPEN:
            self._held = Held(text, in_array=self._array is not None)
        else:
            yield from self._give_up(text)

    def _is_hopeless(self, line: int) -> bool:
        return self._hopeless.get(line, False) if self._array is not None else line in self._hopeless

    def _look(self, *, is_over: bool = True) -> Iterator[Framed]:
        """See what came of the value that is held; *is_over* says that its last line is."""
        held = self._held
        assert held is not None  # noqa: S101 (for the type checker)
        text = held.text()
        state, end = held.look(text, self._limit)
        if state is Prefix.OPEN and len(text) <= self._limit:
            return
        self._held = None
        if state is Prefix.OPEN:
            yield from self._begin_overlong(held.lines, is_over=is_over)
            return
        raw = text[:end].rstrip(WHITE_SPACE)
        last = raw.count(b"\n")
        rest = held.lines[last].rest(len(raw) - raw.rfind(b"\n") - 1)
        others = rest.raw.lstrip(BLANK_OR_MARK)
        if state is Prefix.DEAD or (others and not held.in_array and not others.startswith(_BRACKETS)):
            self._give_up_held(held, text, end)
            return
        self._again.extendleft(reversed([rest, *held.lines[last + 1 :]]))
        first = held.lines[0]
        value = parse(raw)
        if self._array is not None:
            self._array.wants_value = False
            yield from self._element(first, raw)
        else:
            yield from self._value(first, raw, value)

    def _give_up_held(self, held: Held, text: bytes, end: int) -> None:
        """Have the lines of a value read again that no value can come of since what stands at *end* of its *text*."""
        self._held = None
        self._hopeless |= hopeless_lines(text, end, held.lines[0].line)
        self._again.extendleft(reversed(held.lines))

    def _give_up(self, text: Text) -> Iterator[Framed]:
        """Yield that *text* is malformed, unless what follows may belong to it."""
        structure = Structure()
        opens = text.raw.lstrip(BLANK).startswith(_BRACKETS) and structure.value_end(text.raw) < 0
        if self._array is not None:
            self._array.wants_value = None
            self._array.is_cut = opens
        if opens:
            self._broken = Broken(text, self._limit, in_array=self._array is not None)
        else:
            yield malformed(text.line, text.raw, in_array=self._array is not None)

    def _read_broken(self, broken: Broken, text: Text) -> Iterator[Framed]:
        if broken.owns(text):
            yield from broken.add(text)
            return
        end = broken.closing(text)
        if not end:
            self._again.appendleft(text)
        elif self._array is not None:
            yield from broken.add(text._replace(raw=text.raw[:end]))
            self._again.appendleft(text.rest(end))
        else:
            begins = _BEGINS_AFTER.match(text.raw, end)
            yield from broken.add(text._replace(raw=text.raw[: begins.end()]) if begins else text)
            if begins:
                self._again.appendleft(text.rest(begins.end()))
        yield from self._end_broken(broken)

    def _end_broken(self, broken: Broken) -> Iterator[Framed]:
        self._broken = None
        return broken.end()

    def _elements(self, text: Text) -> Iterator[Framed]:
        """Read *text*, the end of a line in an array."""
        array = self._array
        assert array is not None  # noqa: S101 (for the type checker)
        if array.wants_value is False and text.raw.strip(BLANK)[:1] not in (b"", b",", b"]") and array.is_left_by(text):
            yield from self._leave_array(array)
            self._again.appendleft(text)
            return
        rest = text.rest((yield from self._array_part(text, is_over=True)))
        if not rest.raw.strip(BLANK):
            return
        if self._array is None:
            self._again.appendleft(rest)
            return
        array.is_empty = False
        raw = rest.raw.rstrip(BLANK)
        try:
            parse(raw)
        except ParseError:
            if len(raw) > self._limit:
                yield from self._begin_overlong([rest], is_over=True)
            else:
                yield from self._hold(rest)
        else:
            array.wants_value = False
            yield from self._element(rest, raw)

    def _array_part(self, text: Text, *, is_over: bool) -> Generator[Framed, None, int]:
        """Yield the elements in *text* that a comma or the array's end follows; return where what is left begins.

        *is_over* says that *text* is the end of a line.
        """
        raw = text.raw
        at = 0
        structure = Structure()
        array = self._array
        while array is not None:
            blanks = _BLANKS.match(raw, at)
            at = blanks.end() if blanks else at
            met = raw[at : at + 1]
            if not met:
                break
            array.last_line = text.line
            if met in b",]":
                at += 1
                if array.wants_value and not (met == b"]" and array.is_empty):
                    yield Malformed(text.line, met, "not JSON: a value is missing in an array")
                array.wants_value, array.is_empty, array.is_cut = True, False, False
                if met == b"]":
                    array = self._array = None
                continue
            if array.wants_value is False:
                if not is_over:
                    break
                yield Malformed(text.line, b"", "not JSON: a comma is missing in an array")
                array.wants_value = True
            end = structure.element_end(raw, at)
            if end < 0:
                break
            array.wants_value = array.is_empty = False
            yield from self._element(text, raw[at:end].rstrip(BLANK))
            at = end
        return at

    def _element(self, begun: Text, raw: bytes) -> Iterator[Framed]:
        if len(raw) > self._limit:
            yield too_long(begun.line, raw[: self._limit], self._limit)
            yield Overflow(raw[self._limit :])
            return
        try:
            yield Record(begun.line, raw, parse(raw), False)
        except ParseError:
            yield malformed(begun.line, raw, in_array=True)

    def _leave_array(self, array: OpenArray) -> Iterator[Framed]:
        self._array = None
        yield from array.never_closed()

    def _begin_overlong(self, lines: list[Text], *, is_over: bool) -> Iterator[Framed]:
        """Say that a value, or a line that is none, is too long, and pass over the rest of it."""
        limit = self._limit
        data = b"\n".join([text.raw for text in lines])
        in_array = self._array is not None
        is_value = in_array or (data.lstrip(BLANK).startswith(_BRACKETS) and prefix(data[:limit])[0] is Prefix.OPEN)
        yield too_long(lines[0].line, data[:limit], limit)
        if self._array is not None:
            self._array.wants_value, self._array.is_empty = None, False
        if is_over:
            data += b"\n"
        overlong = self._overlong = Overlong(is_value=is_value, in_array=in_array)
        end = overlong.follow(data)
        yield from _overflow(data[limit:] if end < 0 else data[limit:end], overlong)
        if end < 0:
            return
        self._overlong = None
        rest = data[end:].split(b"\n")
        if is_over:
            rest.pop()
        self._read_later(lines[0].line + data.count(b"\n", 0, end), rest, is_line=overlong.at_line_start)

    def _follow_line(self, overlong: Overlong, text: Text) -> Iterator[Framed]:
        data = text.raw + b"\n"
        end = overlong.follow(data)
        yield from _overflow(data if end < 0 else data[:end], overlong)
        if end >= 0:
            self._overlong = None
            self._again.appendleft(text._replace(raw=data[end:-1], is_line=overlong.at_line_start))

    def _follow(self, data: bytes) -> Generator[Framed, None, bytes]:
        """Pass over what of *data* belongs to the value that is too long; return what comes after it."""
        overlong = self._overlong
        if overlong is None:
            return data
        end = overlong.follow(data)
        passed, rest = (data, b"") if end < 0 else (data[:end], data[end:])
        yield from _overflow(passed, overlong)
        self.line += passed.count(b"\n")
        if end >= 0:
            self._overlong = None
            self._tail_from = Text(self.line, b"", overlong.at_line_start)
        return rest

    def _extend_tail(self, data: bytes) -> Iterator[Framed]:
        """Keep the beginning of a line, within the limit."""
        data = yield from self._follow(data)
        if not data:
            return
        if RECORD_SEPARATOR in data:
            before, _, data = data.rpartition(RECORD_SEPARATOR)
            yield from self._read(self._take_tail(before))
            yield from self._read(Text(self.line, RECORD_SEPARATOR))
            self._tail_from = Text(self.line, b"", False)
        self._tail.append(data)
        self._tail_bytes += len(data)
        if self._tail_bytes > self._cut_tail_at and not (self._held or self._broken):
            yield from self._cut_tail()
        while self._overlong is None and self._is_over_limit:
            if not (self._held or self._broken):
                yield from self._cut_tail()
            if not self._is_over_limit or self._may_end_in_tail():
                return
            yield from self._give_up_tail()

    @property
    def _is_over_limit(self) -> bool:
        return self._tail_bytes + (self._held.size if self._held else 0) > self._limit

    def _may_end_in_tail(self) -> bool:
        """Tell whether the tail ends in a value within the limit, so that it matters what comes next."""
        begun = [self._held.text()] if self._held else []
        text = b"\n".join([*begun, b"".join(self._tail)])
        state, end = prefix(text[: self._limit])
        return state is Prefix.WHOLE and not text[end:].strip(BLANK)

    def _give_up_tail(self) -> Iterator[Framed]:
        """Read on where the tail, with a value that is held, is longer than the limit."""
        text = self._take_tail(b"")
        if self._broken is not None and self._broken.owns(text):
            yield from self._broken.add(text)
            self._overlong = Overlong(is_value=False, in_array=False)
        elif self._broken is not None:
            yield from self._end_broken(self._broken)
            self._keep_tail(text)
        elif self._held is not None:
            self._held.add(text)
            yield from self._look(is_over=False)
        else:
            yield from self._begin_overlong([text], is_over=False)
        if self._again:
            text = self._again.pop()
            yield from self._read_again()
            self._keep_tail(text)

    def _cut_tail(self) -> Iterator[Framed]:
        """Cut off the values that a line of many has completed, so that it need not be held to its end."""
        text = self._take_tail(b"").begun()
        size = -1
        while size != len(text.raw):
            size = len(text.raw)
            opening = _OPENS_ARRAY.match(text.raw)
            if self._array is None and opening and len(opening[0].strip()) > 1:
                self._array = OpenArray(text)
                text = text.rest(text.raw.index(b"[") + 1)
            if self._array is not None:
                text = text.rest((yield from self._array_part(text, is_over=False)))
            else:
                text = yield from self._concatenated(text)
        self._keep_tail(text)

    def _keep_tail(self, text: Text) -> None:
        self._tail = [text.raw] if text.raw else []
        self._tail_bytes = len(text.raw)
        self._tail_from = text._replace(raw=b"")
        least = _LONG_LINE if self._array is None else _LONG_LINE_OF_ARRAY
        self._cut_tail_at = max(min(least, self._limit), 2 * self._tail_bytes)

    def _take_tail(self, end: bytes) -> Text:
        """Return the tail, and *end* after it, as what they are the end of."""
        text = self._tail_from._replace(line=self.line, raw=b"".join([*self._tail, end]))
        self._keep_tail(Text(self.line, b""))
        return text


def _overflow(raw: bytes, overlong: Overlong) -> Iterator[Overflow]:
    raw = raw.removesuffix(b"\n") if overlong.ended_by_feed else raw
    if raw:
        yield Overflow(raw)
