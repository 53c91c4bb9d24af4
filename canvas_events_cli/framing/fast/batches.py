"""Many events at a time: batches, in which every event stands on a line by itself.

Between records, lines that begin and end with the brackets of an object are what a framer would read one by one, so
they can be taken past it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.framing.text import BLANK
from canvas_events_cli.model import SIGNED_TOKEN, Framed, Json, Record
from canvas_events_cli.parse import ParseError, loads, parse

_BATCH_BYTES = 128 * 1024
"""How much is read another way for one odd line; and, decoded, fits into a processor's cache."""

_CLOSING, _RETURN = b"}\r"


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
    unverified: bool = False
    """Whether the events were in signed tokens that nobody has checked."""

    @property
    def count(self) -> int:
        """How many events there are, if all are."""
        return len(self.lines)

    def texts(self) -> list[bytes]:
        """Return each text by itself."""
        return self.block[self.start : self.end - 1].split(b"\n")


def in_batches(framer: Framer, block: bytes) -> Iterator[Framed | Batch]:
    """Yield what ``framer.feed(block)`` does, with batches in place of what may be read together."""
    start = 0 if framer.between_records else block.find(b"\n") + 1 or len(block)
    if start:
        yield from framer.feed(block[:start])
    while start < len(block):
        end = block.rfind(b"\n", start, start + _BATCH_BYTES) + 1 or block.find(b"\n", start) + 1 or len(block)
        if framer.between_records and end - start <= framer.max_record_bytes:
            last = _end_of_alike(block, start, end)
            if last > start:
                yield _batch_of_lines(framer, block, start, last)
                start = last
                continue
            end = _end_of_others(block, start, end)
        yield from framer.feed(block[start:end])
        start = end


def _is_whole(block: bytes, start: int, feed: int) -> bytes:
    """Return with which letter the line of *block* from *start* to *feed* begins, if it looks like a record by itself.

    An object begins and ends with its brackets; all of a signed token looks like one.
    """
    if block.startswith(b"{", start):
        last = block[feed - 1]
        return b"{" if last == _CLOSING or (last == _RETURN and block[feed - 2] == _CLOSING) else b""
    return b"e" if block.startswith(b"e", start) and SIGNED_TOKEN.fullmatch(block, start, feed) else b""


def _end_of_alike(block: bytes, start: int, end: int) -> int:
    """Return where in *block* the lines from *start* on end that are, up to *end*, all objects, or all tokens.

    After a line that ends with a closing bracket a value cannot go on with an opening one: so each is complete, or
    malformed by itself, but for the last. Where that is not whole, it is left out.
    """
    line = start
    kind = b""
    while start < end:
        feed = block.find(b"\n", start, end)
        whole = _is_whole(block, start, feed) if feed >= 0 else b""
        if not whole or kind not in (b"", whole):
            break
        kind = whole
        line, start = start, feed + 1
    try:
        loads(block[line:start] if kind == b"{" else b"0")
    except ParseError:
        return line
    return start


def _end_of_others(block: bytes, start: int, end: int) -> int:
    """Return where in *block* the first of the lines after that at *start* begins that looks whole, or *end*."""
    start = block.find(b"\n", start, end) + 1
    while 0 < start < end:
        feed = block.find(b"\n", start, end)
        if feed >= 0 and _is_whole(block, start, feed):
            return start
        start = feed + 1
    return end


def _batch_of_lines(framer: Framer, block: bytes, start: int, end: int) -> Batch:
    first, limit = framer.line, framer.max_record_bytes
    framer.line += block.count(b"\n", start, end)
    # Not of the batch itself: in a circle with it, the block would stay in memory.
    texts = cache(lambda: block[start : end - 1].split(b"\n"))

    is_json = block.startswith(b"{", start)

    def value(text: bytes) -> Json:
        return parse(text) if is_json else text.strip(BLANK).decode()

    def plain(number: int) -> Iterable[Framed]:
        text = texts()[number]
        try:
            return (Record(first + number, text, value(text), True),)
        except ParseError:
            alone = Framer(limit)
            alone.line = first + number
            return [*alone.feed(text + b"\n"), *alone.finish()]

    def plainly() -> Iterator[Framed]:
        for number, text in enumerate(texts()):
            try:
                yield Record(first + number, text, value(text), True)
            except ParseError:
                yield from plain(number)

    return Batch(block, start, end, range(first, framer.line), plain, plainly)
