"""From a source to its records, block by block: what every command begins with."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from canvas_events_cli.framing.framer import DEFAULT_MAX_RECORD_BYTES, Framer
from canvas_events_cli.model import Framed
from canvas_events_cli.sources.blocks import read_blocks
from canvas_events_cli.sources.locate import Source, SourceError

Feed = Callable[[Framer, bytes], Iterable[Framed]]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How sources are read."""

    max_record_bytes: int = DEFAULT_MAX_RECORD_BYTES
    """A longer record is malformed, and not held."""


def framed_blocks(
    source: Source | SourceError, options: ReadOptions, feed: Feed = Framer.feed
) -> Iterator[Iterable[Framed] | SourceError]:
    """Yield the records of each block of *source* as it arrives.

    Where the source cannot be read (on), an error comes in its place, after all that came before it.
    *feed* gives a block to the framer.
    """
    if isinstance(source, SourceError):
        yield source
        return
    framer = Framer(options.max_record_bytes)
    blocks = read_blocks(source)
    while True:
        try:
            block = next(blocks, None)
        except SourceError as error:
            yield framer.finish()
            yield error
            return
        if block is None:
            yield framer.finish()
            return
        yield feed(framer, block)
