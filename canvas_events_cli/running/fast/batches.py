"""Blocks as batches of events, whatever these arrived in, for who reads many at a time."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from canvas_events_cli.framing.fast import fast_paths_are_on
from canvas_events_cli.framing.fast.batches import Batch, in_batches, without_batches
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Framed, Unwrapped
from canvas_events_cli.parse import read_object
from canvas_events_cli.running.reading import Compiled, ReadOptions, Way, events_in, plain_way
from canvas_events_cli.wrappers import is_event
from canvas_events_cli.wrappers.fast.unwrapping import BatchUnwrapper

Part = Framed | Unwrapped | Batch


def way() -> Way:
    """Return how blocks are read: here, and for whatever is run, it is asked whether fast paths are on."""
    return fast_way if fast_paths_are_on() else plain_way


def fast_way(compiled: Compiled[Any], options: ReadOptions) -> Callable[[Framer, bytes], Iterable[Any]]:
    """Return what reads a block as :func:`plain_way` does, by batches where that is faster."""
    plainly = plain_way(compiled, options)
    if compiled.feed is not Framer.feed:
        return plainly
    fast = compiled.fast() if compiled.fast else None
    parts_of = _parts_reader(options)
    has_types = False

    def events_of(framer: Framer, block: bytes) -> Iterable[Any]:
        nonlocal has_types
        # Who reads no batches has none of lines that are events, as the first that begins here, maybe within one.
        start = block.find(b"\n") + 1
        first = block[start : block.find(b"\n", start) + 1] if fast is None else b""
        if is_event(read_object(first)) if fast is None else len(block) < fast.least_bytes and not has_types:
            return plainly(framer, block)
        has_types = True
        return (fast.read if fast else without_batches)(parts_of(framer, block))

    return events_of


def _parts_reader(options: ReadOptions) -> Callable[[Framer, bytes], Iterator[Part]]:
    """Return what yields what ``framer.feed(block)`` does, or the events in it, with batches in their place."""
    unwrapper = None
    if options.unwrap:
        unwrapper = BatchUnwrapper(lambda framed: events_in(framed, options), options.keys, options.max_record_bytes)

    def parts_of(framer: Framer, block: bytes) -> Iterator[Part]:
        for part in in_batches(framer, block):
            if unwrapper is not None:
                yield from unwrapper.unwrapped(part) if isinstance(part, Batch) else unwrapper.unwrap((part,))
            elif isinstance(part, Batch) and not part.block.startswith(b"{", part.start):
                yield from part.plainly()
            else:
                yield part

    return parts_of
