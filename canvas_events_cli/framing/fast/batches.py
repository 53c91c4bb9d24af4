"""Many lines at a time: batches of a block in which every line is an object by itself.

Between records, such lines are what a framer would make one record each of, so they can be taken past it.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from canvas_events_cli.framing.framer import Framer

Item = TypeVar("Item")

Take = Callable[[bytes, int, int, int], Item | None]
"""Makes something of the objects in a block from a start to an end, which are so many; or None where it cannot."""

_BATCH_BYTES = 128 * 1024
"""How much is read another way for one odd line; and, decoded, fits into a processor's cache."""

_CLOSING, _RETURN = b"}\r"


def feed_in_batches(
    framer: Framer,
    block: bytes,
    take: Take[Item],
    feed: Callable[[Framer, bytes], Iterable[Item]],
    openings: bytes | tuple[bytes, ...] = b"{",
) -> Iterator[Item]:
    """Yield what *feed* does with *block*, with what *take* makes of a batch in place of its records.

    *feed* gets what *take* makes nothing of, and what is no such batch; in one every line begins with an opening.
    """
    start = 0 if framer.between_records else block.find(b"\n") + 1 or len(block)
    if start:
        yield from feed(framer, block[:start])
    while start < len(block):
        end = block.rfind(b"\n", start, start + _BATCH_BYTES) + 1 or block.find(b"\n", start) + 1 or len(block)
        fits = framer.between_records and end - start <= framer.max_record_bytes
        objects = _count_objects(block, start, end, openings) if fits else 0
        taken = take(block, start, end, objects) if objects else None
        if taken is None:
            yield from feed(framer, block[start:end])
        else:
            framer.line += objects
            yield taken
        start = end


def _count_objects(block: bytes, start: int, end: int, openings: bytes | tuple[bytes, ...]) -> int:
    """Count the lines of *block* from *start* to *end*; 0 where one is incomplete, or not an object by itself.

    Between a closing and an opening bracket a line feed is in no value. So each line holds one object or more, and a
    decoder that does not tell lines apart has found one object a line where it finds as many as there are lines.
    """
    lines = 0
    find, begins = block.find, block.startswith
    while start < end:
        if not begins(openings, start):
            return 0
        feed = find(b"\n", start, end)
        if feed < 0:
            return 0
        last = block[feed - 1]
        if last != _CLOSING and (last != _RETURN or block[feed - 2] != _CLOSING):
            return 0
        lines += 1
        start = feed + 1
    return lines
