"""From a source to its events, block by block: what every command begins with."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from canvas_events_cli.framing.framer import DEFAULT_MAX_RECORD_BYTES, Framer
from canvas_events_cli.model import Framed, Record, Unwrapped
from canvas_events_cli.sources.blocks import read_blocks
from canvas_events_cli.sources.locate import Source, SourceError
from canvas_events_cli.wrappers import is_event, unwrap

if TYPE_CHECKING:
    from canvas_events_cli.wrappers.keys import KeySet

Feed = Callable[[Framer, bytes], Iterable[Framed]]
Read = Framed | Unwrapped
"""What a source holds: events, and what is none."""

_HOLD_EVENTS = (dict, str)
"""What wrappers are."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How sources are read."""

    max_record_bytes: int = DEFAULT_MAX_RECORD_BYTES
    """A longer record is malformed, and not held."""
    unwrap: bool = True
    """Whether events are taken out of what they arrived in: queue messages, notifications, rows, signed tokens."""
    keys: "KeySet | None" = None
    """What vouches for signed tokens; without keys they are read unverified."""


def read_events(
    source: Source | SourceError, options: ReadOptions, feed: Feed = Framer.feed
) -> Iterator[Iterable[Read] | SourceError]:
    """Yield the events of each block of *source* as it arrives, and what is none.

    Where the source cannot be read (on), an error comes in its place, after all that came before it.
    *feed* gives a block to the framer.
    """
    if isinstance(source, SourceError):
        yield source
    else:
        yield from events_in(read_blocks(source), Framer(options.max_record_bytes), options, feed)


def events_in(
    blocks: Iterator[bytes], framer: Framer, options: ReadOptions, feed: Feed, *, to_end: bool = True
) -> Iterator[Iterable[Read] | SourceError]:
    """Yield the events of each of *blocks*, which *framer* has come to; an error as ``read_events`` does.

    *to_end* says that the source ends with them.
    """
    while True:
        try:
            block = next(blocks, None)
        except SourceError as error:
            yield _unwrapped(framer.finish(), options)
            yield error
            return
        if block is None:
            if to_end:
                yield _unwrapped(framer.finish(), options)
            return
        yield _unwrapped(feed(framer, block), options)


def _unwrapped(framed: Iterable[Framed], options: ReadOptions) -> Iterable[Read]:
    return _events(framed, options) if options.unwrap else framed


def _events(framed: Iterable[Framed], options: ReadOptions) -> Iterator[Read]:
    for item in framed:
        if type(item) is not Record or is_event(item.value) or type(item.value) not in _HOLD_EVENTS:
            yield item
        else:
            yield from unwrap(item, options.keys, options.max_record_bytes)
