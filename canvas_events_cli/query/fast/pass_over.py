"""Lines that cannot hold a wanted event are passed over by their bytes, never parsed."""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain

from canvas_events_cli.framing.fast.batches import feed_in_batches
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

    def feed_others(framer: Framer, data: bytes) -> Iterator[Iterable[Framed]]:
        take = partial(_candidates, search, framer, begin_so=False)
        return feed_in_batches(framer, data, take, lambda framer, data: (framer.feed(data),))

    take = partial(_candidates, search, framer, begin_so=True)
    return chain.from_iterable(feed_in_batches(framer, block, take, feed_others, _ENVELOPE_FIRST))


def _candidates(
    search: ByteSearch, framer: Framer, block: bytes, start: int, end: int, objects: int, *, begin_so: bool
) -> Iterable[Framed] | None:
    """Return those of so many *objects*, each on a line, that may be wanted; None where one of them is malformed.

    *begin_so* says that all begin with an envelope.
    """
    batch = block[start:end]
    is_bare = (begin_so and batch.count(_ENVELOPE) == objects) or not may_hold_text(batch)
    try:
        # The last one must be whole: what follows may belong to it. The others are whole, or malformed by themselves:
        # a line follows that begins with a brace; after a closing bracket JSON wants a comma or another closing one.
        loads(batch[batch.rfind(b"\n", 0, -1) + 1 :])
        if is_bare and not search.may_match(batch):
            return ()
        lines = _lines_to_try(search, batch, is_bare=is_bare)
        return [Record(framer.line + number, line, loads(line), True) for number, line in lines]
    except ParseError:
        return None


def _lines_to_try(search: ByteSearch, batch: bytes, *, is_bare: bool) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of *batch* that *search* does not pass over, each with how many are before it."""
    text = search.sure_text
    if text is None or not is_bare or search.may_hide(batch):
        for number, line in enumerate(batch.split(b"\n")[:-1]):
            if search.may_match(line) or (not is_bare and may_hold_text(line)):
                yield number, line
        return
    # To look for the text from line to line takes half the time of making all lines, and most are not wanted.
    number = begin = 0
    while (place := batch.find(text, begin)) >= 0:
        start = batch.rfind(b"\n", begin, place) + 1 or begin
        number += batch.count(b"\n", begin, start)
        end = batch.find(b"\n", place)
        line = batch[start:end]
        if search.may_match(line, holds_sure_text=True):
            yield number, line
        number += 1
        begin = end + 1
