"""Many events at a time: batches, in which every event stands on a line by itself.

What they are of: lines that begin and end with the brackets of an object, or are tokens; and values where a line that
closes one is followed by a line that opens the next, over as many lines as they are, also in an array.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from io import BytesIO
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from canvas_events_cli.framing.fast import fast_paths_are_on
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.framing.text import BLANK, RECORD_SEPARATOR
from canvas_events_cli.json_text import compact
from canvas_events_cli.model import Framed, Json, Record
from canvas_events_cli.parse import ParseError, loads, parse
from canvas_events_cli.signed_tokens import TOKEN_BEGINNINGS, token_parts

_BATCH_BYTES = 256 * 1024
"""How much is read another way for one odd line; and, decoded, fits into a processor's cache."""
_LEAST_EVENTS = 2
_LONG_RECORD = 16 * 1024
"""Fewer are read sooner one by one, unless there may be as many in a wrapper of this length."""
_LEAST_PATIENCE = 512
"""How many bytes to feed at least before a batch is tried again that has failed twice; each failure doubles it."""

_LARGEST_INDENT = 64
_OPENING_BYTES = 14
_BRACKET, _CLOSING = b"{}"
_ALONE = (b"{", *TOKEN_BEGINNINGS)
"""What lines begin with that may be read by themselves."""
_OPENING = re.compile(rb"(\x1e?)([ \t]{0,%d}+)\{" % _LARGEST_INDENT)
_COMMA = re.compile(rb"[ \t]{0,%d}+," % _LARGEST_INDENT)
"""Before an element of an array, where it is not after one."""
_ARRAY_AFTER_VALUE = re.compile(rb"\}[ \t\r]*+\[")
"""On one line: the lines below may be elements, however they are written."""
_MAY_BEGIN = re.compile(rb"\n(?=(?:%b)?%b|%b)" % (_COMMA.pattern, _OPENING.pattern, b"|".join(TOKEN_BEGINNINGS)))


@dataclass(slots=True)
class Batch:
    """Texts of which each is, as far as a glance tells, an event; and what they are, if they are something else.

    A line feed ends each, and is in none that is JSON. So a decoder that does not tell lines apart has read one event a
    line where it finds as many as there are lines.
    """

    block: bytes
    """Holds the texts."""
    start: int
    end: int
    lines: Sequence[int]
    """Where the record of each starts in its source."""
    plain: Callable[[int], Iterable[Any]]
    """Returns what the plain way makes of the one with this number, counted from 0."""
    plainly: Callable[[], Iterable[Any]]
    """Returns what it makes of them all."""
    raws: Callable[[], Sequence[bytes]] = tuple
    """Returns the own bytes of the records that each is, or is in."""
    values: Sequence[Json] = ()
    """What these say, where that is known."""
    opening: bytes = b""
    """What each text begins with, a few bytes; nothing where they differ."""
    unverified: bool = False
    """Whether they are events for sure, out of signed tokens that nobody has checked."""
    own_lines: bool = False
    """Whether each is a line of the source, where that is a record by itself if it is an event."""
    compacts: bool = False
    """Whether an event's text, without white space between tokens, is its line."""
    is_caliper: bool = False
    """Whether they are Caliper's, many of them still in its envelopes: the plain way takes them out."""

    @property
    def count(self) -> int:
        """How many events there are, if all are."""
        return len(self.lines)

    def texts(self) -> list[bytes]:
        """Return each text by itself."""
        return texts_of(self.block, self.start, self.end)

    def event_lines(self) -> bytes | None:
        """Return the events as ``event_bytes.event_line`` does, if they are all; None where texts do not tell that."""
        if self.own_lines:
            return self.block[self.start : self.end - 1]
        return b"\n".join(map(compact, self.texts())) if self.compacts else None

    def part(self, numbers: Sequence[int]) -> "Batch":
        """Return the batch of those of its texts that have these *numbers*, in order."""
        if len(numbers) == self.count:
            return self
        starts = self.starts()
        block = b"".join([self.block[starts[number] : starts[number + 1]] for number in numbers])
        lines = [*map(self.lines.__getitem__, numbers)]

        def plain(number: int) -> Iterable[Any]:
            return self.plain(numbers[number])

        plainly = partial(chain.from_iterable, map(self.plain, numbers))
        return replace(self, block=block, start=0, end=len(block), lines=lines, plain=plain, plainly=plainly)

    def starts(self) -> list[int]:
        """Return where each text starts, and where the last one ends: in a fifth of the time of copying them all."""
        find, at = self.block.find, self.start
        starts = [at]
        while at < self.end:
            at = find(b"\n", at) + 1
            starts.append(at)
        return starts

    def array(self) -> bytes:
        """Return the texts as elements of one JSON array."""
        return b"[%b]" % self.block[self.start : self.end - 1].replace(b"\n", b",")


def in_batches(framer: Framer, block: bytes) -> Iterator[Framed | Batch]:
    """Yield what ``framer.feed(block)`` does, with batches in place of what may be read together."""
    start = patience = 0
    most_bytes = min(_BATCH_BYTES, framer.max_record_bytes)
    block = framer.take_begun(most_bytes) + block
    while start < len(block):
        end = block.rfind(b"\n", start, start + most_bytes) + 1
        if not end:
            end = min(start + most_bytes, len(block))
        if end and framer.between_values:
            read = _lines(framer, block, start, end) or _values(framer, block, start, end)
            if read is not None:
                batch, start = read
                patience = 0
                yield batch
                continue
        begins = _MAY_BEGIN.search(block, start + patience)
        end = begins.end() if begins else len(block)
        patience = min(max(2 * patience, _LEAST_PATIENCE), _BATCH_BYTES)
        # Objects, or texts, that follow each other are a batch, whatever stood between them.
        framed = framer.feed(block[start:end])
        for kind, items in groupby(framed, lambda item: type(item.value) if isinstance(item, Record) else None):
            records: list[Any] = [*items]
            is_batch = len(records) >= _LEAST_EVENTS or len(records[0].raw) >= _LONG_RECORD
            yield from (_batch_of_records(records),) if kind in (dict, str) and is_batch else records
        start = end


def plain_items(framer: Framer, block: bytes) -> Iterator[Framed]:
    """Yield what ``framer.feed(block)`` does, sooner."""
    return without_batches(in_batches(framer, block)) if fast_paths_are_on() else framer.feed(block)


def without_batches(parts: Iterable[Any]) -> Iterator[Any]:
    """Yield *parts*, with what the plain way makes of them in place of batches."""
    for part in parts:
        if isinstance(part, Batch):
            yield from part.plainly()
        else:
            yield part


def _lines(framer: Framer, block: bytes, start: int, end: int) -> tuple[Batch, int] | None:
    """Return a batch of the lines of *block* from *start* on that are all objects, or tokens, and where they end.

    After a line that ends with a closing bracket a value cannot go on with an opening one, but in an array that was
    opened after another value: so each is complete, or malformed by itself, but for the last. Where that is not whole,
    it is left out. Nothing goes on after a token.
    """
    if framer.array or framer.in_line or not (block.startswith(_ALONE, start) and block.endswith(b"\n", start, end)):
        return None
    opening: bytes | tuple[bytes, ...] = block[start : start + _OPENING_BYTES]
    find, begins = block.find, block.startswith
    last = at = start
    count = 0
    # Counting line feeds afterwards would take twice as long as this loop.
    while at < end:
        if not begins(opening, at):
            if opening == _ALONE or not begins(_ALONE, at):
                break
            opening = _ALONE
        feed = find(b"\n", at)
        if block[feed - 1] != _CLOSING and block[at] == _BRACKET and block[feed - 2 : feed] != b"}\r":
            break
        count += 1
        last, at = at, feed + 1
    try:
        loads(block[last:at] if begins(b"{", last) else b"0")
    except ParseError:
        at, count = last, count - 1
    opens_array = find(b"[", start, at) >= 0 and _ARRAY_AFTER_VALUE.search(block, start, at)
    if count < _LEAST_EVENTS or opens_array or find(RECORD_SEPARATOR, start, at) >= 0:
        return None
    batch = _batch_of_lines(block, start, at, range(framer.line, framer.line + count), framer.max_record_bytes)
    batch.opening = opening if isinstance(opening, bytes) else b""
    framer.pass_over(count)
    return batch, at


def texts_of(block: bytes, start: int = 0, end: int | None = None) -> list[bytes]:
    """Return the lines of *block* from *start* to *end*, all of them ended, in a quarter of the time of ``split``."""
    return [line[:-1] for line in BytesIO(memoryview(block)[start:end])]


def _batch_of_lines(block: bytes, start: int, end: int, lines: range, limit: int) -> Batch:
    # Not of the batch itself: in a circle with it, the block would stay in memory.
    texts = cache(lambda: texts_of(block, start, end))

    def value(text: bytes) -> Json:
        return parse(text) if text.startswith(b"{") or token_parts(text) is None else text.strip(BLANK).decode()

    def plain(number: int) -> Iterable[Framed]:
        text = texts()[number]
        try:
            return (Record(lines[number], text, value(text), True),)
        except ParseError:
            alone = Framer(limit)
            alone.line = lines[number]
            return [*alone.feed(text + b"\n"), *alone.finish()]

    def plainly() -> Iterator[Framed]:
        for number, text in enumerate(texts()):
            try:
                yield Record(lines[number], text, value(text), True)
            except ParseError:
                yield from plain(number)

    return Batch(block, start, end, lines, plain, plainly, texts, own_lines=True)


def _values(framer: Framer, block: bytes, start: int, end: int) -> tuple[Batch, int] | None:
    """Return a batch of the objects of *block* from *start* on that each begin in the same way, and where they end.

    They are cut where a line that closes is followed by one that opens, as far to the left; in an array also where a
    comma is, and what the first begins with, and where no line ends, what this is after blanks. That may be inside of
    one, so each is parsed: where all before it are whole, what is a whole object is the next.
    """
    in_line = framer.in_line or block.find(b"\n", start, end) < 0
    between = b"\n" if not (framer.array or in_line) else b"," if framer.array else b""
    if framer.array and not framer.array.wants_value and (comma := _COMMA.match(block, start)):
        start = comma.end()
    elif framer.array and not framer.array.wants_value:
        return None
    opening = _OPENING.match(block, start, end)
    if opening is None or (opening[1] and between != b"\n"):
        return None
    lead, margin = opening[0], opening[2]
    kept = 0 if between == b"," or opening[1] or framer.in_line else len(margin)
    begins = opening.end() - 1
    telling = block[begins : begins + _OPENING_BYTES]
    records: list[Record] = []
    line = framer.line
    for gap in _gap(between, lead, telling).finditer(block, begins, end):
        text = block[begins : gap.start() + 1]
        try:
            value = parse(text)
        except ParseError:
            break
        over = text.count(b"\n")
        is_line = between == b"\n" and not (over or opening[1])
        ends = block.find(b"\n", gap.start()) if is_line else gap.start() + 1
        records.append(Record(line, block[begins - kept : ends], value, is_line))
        kept = kept if between else 0
        line += over + gap[0].count(b"\n")
        start = gap.end()
        begins = block.index(b"{", start)
    if len(records) < _LEAST_EVENTS:
        return None
    if not between:
        framer.pass_over_in_line(line - framer.line, margin)
        return _batch_of_records(records), start
    margin = None if block.endswith(b"\n", 0, start) else _indent(block, block.rfind(b"\n", 0, start) + 1)
    framer.pass_over(line - framer.line, margin)
    return _batch_of_records(records), start


def _batch_of_records(records: list[Record]) -> Batch:
    """Return a batch of *records*, which are objects, or texts; what they are is known."""
    texts = [record.raw.strip(BLANK).replace(b"\n", b" ") for record in records]
    data = b"\n".join([*texts, b""])
    lines, raws, values, own_line, _ = zip(*records, strict=True)
    ways = lambda number: (records[number],), lambda: records, lambda: raws
    return Batch(data, 0, len(data), lines, *ways, values, opening_of(texts), compacts=not any(own_line))


def _indent(block: bytes, start: int) -> int:
    line = block[start : start + _LARGEST_INDENT]
    return len(line) - len(line.lstrip(BLANK))


_opening = itemgetter(slice(_OPENING_BYTES))


def opening_of(texts: Sequence[bytes]) -> bytes:
    """Return what each of *texts* begins with, a few bytes; nothing where they differ."""
    first, *others = {*map(_opening, texts)}
    return b"" if others else first


@lru_cache(64)
def _gap(between: bytes, lead: bytes, telling: bytes) -> re.Pattern[bytes]:
    """Return what is between an object and a line with this *lead*, or an object with such a beginning.

    In an array, no line is blank after the comma, since such lines count.
    """
    begins = (re.escape(lead), re.escape(telling))
    return re.compile(
        {
            b"\n": rb"\}[ \t\r]*+\n(?:[ \t\r]*+\n)*+(?=%b)" % begins[:1],
            b",": rb"\}[ \t\r\n]*+,[ \t\r]*+(?:\n(?=%b)|(?=%b))" % begins,
            b"": rb"\}[ \t\r]*+(?=%b)" % begins[1:],
        }[between]
    )
