"""Lines that cannot hold a wanted event are passed over by their bytes, never parsed.

Sound because of the framing rule. In a stretch where every line feed stands between ``}`` and ``{``, no value runs
over a line end: after a closing bracket JSON wants a comma or another closing one. So each line is a record by itself,
or malformed, whatever its neighbours are.
"""

import re
from collections.abc import Iterator

from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Framed
from canvas_events_cli.query.byte_search import ByteSearch

# Wrappers hold events as text: as a string in JSON (with escaped quotes), in base64 (in a list of records), or in a
# signed token (which begins with the base64 of '{"'). The trace of an event is not found in such a line.
_WRAPPED = (b'\\"', b'ecords"', b"eyJ")
_ESCAPED_LETTER = re.compile(rb"\\u00(?:22|[4-7])")


def feed_candidates(search: ByteSearch, framer: Framer, block: bytes) -> Iterator[Framed]:
    """Yield what ``framer.feed(block)`` does, less the records and malformed lines that *search* passes over."""
    first, feed, rest = block.partition(b"\n")
    if not framer.between_records and feed:
        yield from framer.feed(first + feed)
        block = rest
    last = block.rfind(b"\n", 0, max(block.rfind(b"\n"), 0)) + 1
    if last and framer.between_records and _is_one_record_a_line(block, last):
        yield from _candidates(search, framer, block[:last])
        # The last whole line goes to the framer whatever it holds: what follows may belong to it.
        block = block[last:]
    yield from framer.feed(block)


def _is_one_record_a_line(block: bytes, end: int) -> bool:
    """Tell whether each line feed before *end*, itself after one, stands between ``}`` and ``{``."""
    if block[:1] != b"{" or block[end : end + 1] != b"{":
        return False
    feeds = block.count(b"\n", 0, end)
    return feeds == block.count(b"}\n{", 0, end + 1) or feeds == block.count(b"}\r\n{", 0, end + 1)


def _candidates(search: ByteSearch, framer: Framer, lines: bytes) -> Iterator[Framed]:
    if not (_may_match(search, lines)):
        framer.line += lines.count(b"\n")
        return
    for line in lines.split(b"\n")[:-1]:
        if _may_match(search, line):
            yield from framer.feed(line + b"\n")
        else:
            framer.line += 1


def _may_match(search: ByteSearch, raw: bytes) -> bool:
    return (
        search.may_match(raw)
        or any(trace in raw for trace in _WRAPPED)
        or (b"\\u00" in raw and _ESCAPED_LETTER.search(raw) is not None)
    )
