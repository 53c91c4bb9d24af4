"""Lines that cannot hold a wanted event are passed over by their bytes, never parsed.

Sound because of the framing rule. In a stretch where every line feed stands between ``}`` and ``{``, no value runs
over a line end: after a closing bracket JSON wants a comma or another closing one. So each line is a record by itself,
or malformed, whatever its neighbours are.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial

from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Framed
from canvas_events_cli.query.byte_search import ByteSearch

# Wrappers hold events as text, in which the trace of an event is not found: as a string in JSON, with quotes escaped;
# in base64, in records of these names; in signed tokens. An object that begins with an envelope is no wrapper.
_WRAPPED = (b'\\"', b'"kinesis"', b'"recordId"', b'ecords"', b'token"', b'"jwt"')
_ESCAPED_LETTER = re.compile(rb"\\u00(?:22|[4-7])")
_ENVELOPE_FIRST = (b'{"metadata":{', b'{"metadata": {')
_LINE_ENDS = (b"}\n", b"}\r\n")


def feed_candidates(search: ByteSearch, framer: Framer, block: bytes) -> Iterator[Framed]:
    """Yield what ``framer.feed(block)`` does, less the records and malformed lines that *search* passes over."""
    first, feed, rest = block.partition(b"\n")
    if not framer.between_records and feed:
        yield from framer.feed(first + feed)
        block = rest
    last = block.rfind(b"\n", 0, max(block.rfind(b"\n"), 0)) + 1
    if last and framer.between_records and _each_line_begins(b"{", block, last):
        plain = any(_each_line_begins(envelope, block, last) for envelope in _ENVELOPE_FIRST)
        yield from _candidates(search.may_match if plain else partial(_may_match, search), framer, block[:last])
        # The last whole line goes to the framer whatever it holds: what follows may belong to it.
        block = block[last:]
    yield from framer.feed(block)


def _each_line_begins(start: bytes, block: bytes, end: int) -> bool:
    """Tell whether each line of *block* up to the one at *end* begins with *start*, and ends with ``}`` before that."""
    if not (block.startswith(start) and block.startswith(start, end)):
        return False
    feeds = block.count(b"\n", 0, end)
    return any(block.count(line_end + start, 0, end + len(start)) == feeds for line_end in _LINE_ENDS)


def _candidates(may_match: Callable[[bytes], bool], framer: Framer, lines: bytes) -> Iterator[Framed]:
    if not may_match(lines):
        framer.line += lines.count(b"\n")
        return
    for line in lines.split(b"\n")[:-1]:
        if may_match(line):
            yield from framer.feed(line + b"\n")
        else:
            framer.line += 1


def _may_match(search: ByteSearch, raw: bytes) -> bool:
    return (
        search.may_match(raw)
        or any(trace in raw for trace in _WRAPPED)
        or (b"\\u00" in raw and _ESCAPED_LETTER.search(raw) is not None)
    )
