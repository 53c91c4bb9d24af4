"""Blocks as batches of events, whatever these arrived in, for who reads many at a time."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from canvas_events_cli.framing.fast.batches import Batch, in_batches
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Framed, Unwrapped
from canvas_events_cli.parse import read_object
from canvas_events_cli.wrappers import is_event
from canvas_events_cli.wrappers.fast.unwrapping import BatchUnwrapper, Unwrap

if TYPE_CHECKING:
    from canvas_events_cli.wrappers.keys import KeySet

Part = Framed | Unwrapped | Batch


def parts_reader(
    unwrap: Unwrap | None, keys: "KeySet | None", most_bytes: int
) -> Callable[[Framer, bytes], Iterator[Part]]:
    """Return what yields what ``framer.feed(block)`` does, with batches in it.

    What wrappers hold takes their place where there is an *unwrap*, the plain way, which knows *keys* and *most_bytes*.
    """
    unwrapper = BatchUnwrapper(unwrap, keys, most_bytes) if unwrap else None

    def parts_of(framer: Framer, block: bytes) -> Iterator[Part]:
        for part in in_batches(framer, block):
            if unwrapper is not None:
                yield from unwrapper.unwrapped(part) if isinstance(part, Batch) else unwrapper.unwrap((part,))
            elif isinstance(part, Batch) and not part.block.startswith(b"{", part.start):
                yield from part.plainly()
            else:
                yield part

    return parts_of


def without_batches(parts: Iterable[Part]) -> Iterator[Any]:
    """Yield *parts*, with what the plain way makes of them in place of batches."""
    for part in parts:
        if isinstance(part, Batch):
            yield from part.plainly()
        else:
            yield part


def begins_with_event(block: bytes) -> bool:
    """Tell whether the first line that begins in *block* is an event: who reads no batches has none of them then.

    A block can begin in the middle of a line.
    """
    start = block.find(b"\n") + 1
    return is_event(read_object(block[start : block.find(b"\n", start) + 1]))
