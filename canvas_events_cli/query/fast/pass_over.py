"""Lines that cannot hold a wanted event are passed over by their bytes, never parsed.

Sound because of the framing rule. In a stretch where every line feed stands between ``}`` and ``{``, no value runs
over a line end: after a closing bracket JSON wants a comma or another closing one. So each line is a record by itself,
or malformed, whatever its neighbours are.
"""

from collections.abc import Iterator

from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Framed, Record
from canvas_events_cli.parse import ParseError, loads
from canvas_events_cli.query.fast.byte_search import ByteSearch
from canvas_events_cli.wrappers import may_hold_text

# An object that begins with an envelope is no wrapper, unless another member of this name counts in its place.
_ENVELOPE = b'"metadata"'
_ENVELOPE_FIRST = (b'{"metadata":{', b'{"metadata": {')


def feed_candidates(search: ByteSearch, framer: Framer, block: bytes) -> Iterator[Framed]:
    """Yield what ``framer.feed(block)`` does, less the records and malformed lines that *search* passes over."""
    begin = 0
    if not framer.between_records:
        begin = block.find(b"\n") + 1
        yield from framer.feed(block[:begin])
    # The last whole line goes to the framer whatever it holds: what follows may belong to it.
    end = block.rfind(b"\n", 0, max(block.rfind(b"\n"), 0)) + 1
    if begin < end and framer.between_records:
        lines = max(_lines_that_begin(start, block, begin, end) for start in _ENVELOPE_FIRST)
        is_bare = (lines > 0 and block.count(_ENVELOPE, begin, end) == lines) or not may_hold_text(block)
        if lines := lines or _lines_that_begin(b"{", block, begin, end):
            after = framer.line + lines
            if not is_bare or search.may_match(block):
                yield from _candidates(search, framer, block[begin:end], is_bare=is_bare)
            framer.line = after
            begin = end
    yield from framer.feed(block[begin:])


def _lines_that_begin(start: bytes, block: bytes, begin: int, end: int) -> int:
    """Count the lines in *block* from *begin* to *end*; 0 unless every one of them begins with *start*.

    So must the line that follows, and each must end with ``}``.
    """
    find, begins = block.find, block.startswith
    if not begins(start, begin):
        return 0
    # Looking from line end to line end is several times as fast as counting what should stand there.
    border, border_after_return = b"}\n" + start, b"}\r\n" + start
    lines = 0
    while begin < end:
        feed = find(b"\n", begin)
        if not (begins(border, feed - 1) or begins(border_after_return, feed - 2)):
            return 0
        lines += 1
        begin = feed + 1
    return lines


def _candidates(search: ByteSearch, framer: Framer, lines: bytes, *, is_bare: bool) -> Iterator[Framed]:
    """Yield what the framer makes of those of *lines* that *search* does not pass over; *is_bare*: no line wraps."""
    first, limit = framer.line, framer.max_record_bytes
    between_records = True
    for number, line in _lines_to_try(search, lines, is_bare=is_bare):
        try:
            value = loads(line) if between_records and len(line) <= limit else None
        except ParseError:
            value = None
        if type(value) is dict:
            yield Record(first + number, line, value, True)
        else:
            framer.line = first + number
            yield from framer.feed(line + b"\n")
            between_records = framer.between_records


def _lines_to_try(search: ByteSearch, lines: bytes, *, is_bare: bool) -> Iterator[tuple[int, bytes]]:
    """Yield those of *lines* that *search* does not pass over, each with how many are before it."""
    text = search.sure_text
    if text is None or not is_bare or search.may_hide(lines):
        for number, line in enumerate(lines.split(b"\n")[:-1]):
            if search.may_match(line) or (not is_bare and may_hold_text(line)):
                yield number, line
        return
    number = begin = 0
    while (place := lines.find(text, begin)) >= 0:
        start = lines.rfind(b"\n", begin, place) + 1 or begin
        number += lines.count(b"\n", begin, start)
        end = lines.find(b"\n", place)
        line = lines[start:end]
        if search.may_match_besides(line):
            yield number, line
        number += 1
        begin = end + 1
