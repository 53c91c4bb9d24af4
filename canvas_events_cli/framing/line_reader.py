"""Reads the lines of a source one after another: the rules of which records they hold (see ``framer``)."""

import re
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import cast

from canvas_events_cli.framing.open_values import Broken, Held, OpenArray, Overlong, hopeless_lines
from canvas_events_cli.framing.text import BLANK, BLANK_OR_MARK, BRACKETS, RECORD_SEPARATOR, WHITE_SPACE, Text, too_long
from canvas_events_cli.json_text import Structure, elements
from canvas_events_cli.model import Framed, Json, Malformed, Overflow, Record
from canvas_events_cli.parse import ParseError, Prefix, parse, prefix
from canvas_events_cli.signed_tokens import token_parts

_BLANKS = re.compile(rb"(?:[ \t\r]|\xef\xbb\xbf)*+")
# A line such as "[INFO] started" is no array: only these may follow the bracket on its line.
_OPENS_ARRAY = re.compile(rb"[ \t\r]*\[[ \t\r]*(?:[{\[\"]|$)")
_BEGINS_AFTER = re.compile(rb"[ \t\r,]*(?=[{\[])")


class LineReader:
    """What is open between two lines, and what becomes of it with the next."""

    def __init__(self, max_record_bytes: int) -> None:
        self.again: deque[Text] = deque()
        """What is to be read next, again or for the first time."""
        self.array: OpenArray | None = None
        self.held: Held | None = None
        self.broken: Broken | None = None
        self.overlong: Overlong | None = None
        self._limit = max_record_bytes
        self._hopeless: dict[int, bool] = {}
        """Lines to be read again with which no value begins that completes, and whether none does in an array, too."""

    @property
    def is_idle(self) -> bool:
        """Whether a record, or an element of an array, may begin with the next line, and nothing else is open."""
        return self.held is None and self.broken is None and self.overlong is None

    def read(self, text: Text) -> Iterator[Framed]:
        """Yield what the line *text* completes; a record separator ends whatever is open."""
        self.again.append(text)
        return self.read_again()

    def read_again(self) -> Iterator[Framed]:
        """Read what is to be read (again), in order."""
        again = self.again
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
                text = text.begun()
                if self.overlong is not None:
                    yield from self._follow_line(self.overlong, text)
                elif self.broken is not None:
                    yield from self._read_broken(self.broken, text)
                elif self.held is not None:
                    if self.held.add(text):
                        yield from self.look(self.held)
                elif text.raw.strip(BLANK):
                    yield from self._begin(text)
        self._hopeless.clear()

    def _break(self) -> Iterator[Framed]:
        """End whatever is open."""
        self.overlong = None
        if self.held is not None:
            held = self.held
            self.again.appendleft(Text(0, RECORD_SEPARATOR))
            yield from self.look(held)
            if self.held is held:
                self._give_up_held(held, held.text(), held.size)
        elif self.broken is not None:
            self.again.appendleft(Text(0, RECORD_SEPARATOR))
            yield from self.end_broken(self.broken)
        elif self.array is not None:
            yield from self.array.never_closed()
            self.array = None

    def _begin(self, text: Text) -> Iterator[Framed]:
        """Read *text*, which is not blank, outside of anything or in an array."""
        array = self.array
        if array is None and token_parts(text.raw):
            yield Record(text.line, text.raw, text.raw.strip(BLANK).decode(), text.is_line)
            return
        if array is not None and array.is_left_by(text):
            yield from array.never_closed()
            self.array = None
            self.again.appendleft(text)
            return
        if array is None and self._is_hopeless(text.line) and not _OPENS_ARRAY.match(text.raw):
            yield from self.give_up(text)
            return
        rest = yield from self.cut(text, is_over=True)
        if not rest.raw.strip(BLANK):
            return
        if self.array is not array or (array is None and rest is not text):
            self.again.appendleft(rest)
            return
        if array is not None:
            array.is_empty = False
        yield from self._last(rest)

    def _last(self, text: Text) -> Iterator[Framed]:
        """Read *text*, to the end of a line, with which at most one value begins."""
        raw = text.raw if self.array is None else text.raw.rstrip(BLANK)
        if len(raw) > self._limit and self.array is None:
            yield from self.begin_overlong([text], is_over=True)
            return
        try:
            value = parse(raw)
        except ParseError:
            begins = text.raw.lstrip(BLANK).startswith(BRACKETS) and not self._is_hopeless(text.line)
            if len(raw) > self._limit:
                yield from self.begin_overlong([text], is_over=True)
            elif begins and prefix(text.raw + b"\n")[0] is Prefix.OPEN:
                self.held = Held(text, self._limit, in_array=self.array is not None)
            else:
                yield from self.give_up(text)
        else:
            yield from self._value(text, raw, value)

    def _value(self, begun: Text, raw: bytes, value: Json) -> Iterator[Framed]:
        """Yield the record of a complete *value* that begins with *begun*; have the elements of an array read."""
        if self.array is not None:
            self.array.wants_value = False
        elif isinstance(value, list):
            self.array = OpenArray(begun)
            self._read_later(begun.line, raw[raw.index(b"[") + 1 :].split(b"\n"), is_line=False)
            return
        bare = raw if self.array is None else raw.rstrip(BLANK)
        if len(bare) > self._limit:
            # What overflows in pieces keeps the blanks before a comma, since more of the element could follow.
            yield too_long(begun.line, raw, self._limit)
            yield Overflow(raw[self._limit :])
        else:
            yield Record(begun.line, bare, value, self.array is None and begun.is_line and raw == begun.raw)

    def _read_later(self, line: int, raws: list[bytes], *, is_line: bool) -> None:
        """Have lines read next, the first of them being *line*, of which there is maybe only the end."""
        texts = [Text(number, raw, is_line or number > line) for number, raw in enumerate(raws, line)]
        self.again.extendleft(reversed(texts))

    def cut(self, text: Text, *, is_over: bool) -> Generator[Framed, None, Text]:
        """Yield the values in *text* after which it is sure that they are whole; return what is left.

        *is_over* says that *text* is the end of a line.
        """
        opening = _OPENS_ARRAY.match(text.raw) if self.array is None else None
        if opening and is_over and len(text.raw) <= self._limit:
            with suppress(ParseError):
                whole = cast(list[Json], parse(text.raw))
                for element, value in zip(elements(text.raw.strip(BLANK)), whole, strict=True):
                    yield Record(text.line, element, value, False)
                return text.rest(len(text.raw))
        if opening and (is_over or len(opening[0].strip()) > 1):
            self.array = OpenArray(text)
            text = text.rest(text.raw.index(b"[") + 1)
        if self.array is None:
            return (yield from self._concatenated(text))
        return text.rest((yield from self._array_part(text, is_over=is_over)))

    def _concatenated(self, text: Text) -> Generator[Framed, None, Text]:
        """Yield the values after which another begins on the same line; return what is left."""
        raw = text.raw
        start = 0
        structure = Structure()
        while self.array is None and (end := structure.value_end(raw, start)) >= 0:
            blanks = _BLANKS.match(raw, end)
            after = blanks.end() if blanks else end
            if not raw.startswith(BRACKETS, after):
                break
            try:
                value = parse(raw[start:end])
            except ParseError:
                break
            if isinstance(value, list):
                self.array = OpenArray(text)
                start = raw.index(b"[", start) + 1
                start += yield from self._array_part(text.rest(start), is_over=False)
            else:
                piece = raw[start:end]
                yield from self._value(text._replace(raw=piece, is_line=False), piece, value)
                start = after
        return text.rest(start) if start else text

    def _array_part(self, text: Text, *, is_over: bool) -> Generator[Framed, None, int]:
        """Yield the elements in *text* that a comma or the array's end follows; return where what is left begins.

        *is_over* says that *text* is the end of a line.
        """
        raw = text.raw
        at = 0
        structure = Structure()
        array = self.array
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
                array.pass_over(text.line)
                if met == b"]":
                    array = self.array = None
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
            element, at = raw[at:end], end
            bare = element.rstrip(BLANK)
            try:
                value = parse(bare) if len(bare) <= self._limit else None
            except ParseError:
                yield Malformed(text.line, bare, in_array=True)
            else:
                yield from self._value(text, element, value)
        return at

    def _is_hopeless(self, line: int) -> bool:
        return self._hopeless.get(line, False) if self.array is not None else line in self._hopeless

    def look(self, held: Held, *, is_over: bool = True) -> Iterator[Framed]:
        """See what came of the value that is *held*; *is_over* says that its last line is."""
        text = held.text()
        state, end = held.look(text)
        if state is Prefix.OPEN:
            if len(text) > self._limit:
                self.held = None
                yield from self.begin_overlong(held.lines, is_over=is_over)
            return
        raw = text[:end].rstrip(WHITE_SPACE)
        last, lines = raw.count(b"\n"), held.lines
        rest = lines[last].rest(len(raw) - raw.rfind(b"\n") - 1)
        others = rest.raw.lstrip(BLANK_OR_MARK)
        if state is Prefix.DEAD or (others and not held.in_array and not others.startswith(BRACKETS)):
            self._give_up_held(held, text, end)
            return
        self.held = None
        self.again.extendleft(reversed([rest, *lines[last + 1 :]]))
        yield from self._value(lines[0], raw, parse(raw))

    def _give_up_held(self, held: Held, text: bytes, end: int) -> None:
        """Have the lines of a value read again that no value can come of since what stands at *end* of its *text*."""
        self.held = None
        lines = held.lines
        self._hopeless |= hopeless_lines(text, end, lines[0].line)
        self.again.extendleft(reversed(lines))

    def give_up(self, text: Text) -> Iterator[Framed]:
        """Yield that *text* is malformed, unless what follows may belong to it."""
        in_array = self.array is not None
        opens = text.raw.lstrip(BLANK).startswith(BRACKETS) and Structure().value_end(text.raw) < 0
        if self.array is not None:
            self.array.wants_value = None
            self.array.is_cut = opens
        if opens:
            self.broken = Broken(text, self._limit, in_array=in_array)
        else:
            yield Malformed(text.line, text.raw, in_array=in_array)

    def _read_broken(self, broken: Broken, text: Text) -> Iterator[Framed]:
        if broken.owns(text):
            yield from broken.add(text)
            return
        end = broken.closing(text)
        if end and self.array is None:
            begins = _BEGINS_AFTER.match(text.raw, end)
            end = begins.end() if begins else len(text.raw)
        if end:
            yield from broken.add(text._replace(raw=text.raw[:end]))
        self.again.appendleft(text.rest(end) if end else text)
        yield from self.end_broken(broken)

    def end_broken(self, broken: Broken) -> Iterator[Framed]:
        """Yield what is *broken*, to which nothing more belongs."""
        self.broken = None
        return broken.end()

    def begin_overlong(self, lines: list[Text], *, is_over: bool) -> Iterator[Framed]:
        """Say that a value, or a line that is none, is too long, and pass over the rest of it."""
        limit = self._limit
        data = b"\n".join([text.raw for text in lines])
        in_array = self.array is not None
        is_value = in_array or (data.lstrip(BLANK).startswith(BRACKETS) and prefix(data[:limit])[0] is Prefix.OPEN)
        yield too_long(lines[0].line, data, limit)
        if self.array is not None:
            self.array.wants_value, self.array.is_empty = None, False
        if is_over:
            data += b"\n"
        overlong = self.overlong = Overlong(is_value=is_value, in_array=in_array)
        end = yield from overlong.follow(data, told=limit)
        if end < 0:
            return
        self.overlong = None
        rest = data[end:].split(b"\n")
        if is_over:
            rest.pop()
        self._read_later(lines[0].line + data.count(b"\n", 0, end), rest, is_line=overlong.at_line_start)

    def _follow_line(self, overlong: Overlong, text: Text) -> Iterator[Framed]:
        is_cut = bool(self.again) and self.again[0].raw == RECORD_SEPARATOR
        data = text.raw if is_cut else text.raw + b"\n"
        end = yield from overlong.follow(data)
        if end >= 0:
            self.overlong = None
            rest = data[end:] if is_cut else data[end:-1]
            self.again.appendleft(text._replace(raw=rest, is_line=overlong.at_line_start))
