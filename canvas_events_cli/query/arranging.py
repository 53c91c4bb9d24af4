"""What becomes of selected events: without copies, in order of time, and no more than a limit."""

from collections.abc import Iterable, Iterator

from canvas_events_cli.model import Malformed
from canvas_events_cli.query.work import Item, SelectedBlock, SelectWork
from canvas_events_cli.running.reading import RunOptions
from canvas_events_cli.running.runner import run
from canvas_events_cli.sources.source import Source, SourceError


def select_blocks(
    sources: Iterable[Source | SourceError], work: SelectWork[Item], how: RunOptions | None = None
) -> Iterator[SelectedBlock[Item]]:
    """Yield what *work* wants of *sources*, in source order or, with ``sort``, in the order of instants.

    Malformed records and failures come as they are met. Raises CeventsError where what is to be sorted has no room.
    """
    blocks = run(sources, work, how)
    if work.options.unique:
        blocks = _without_copies(blocks)
    if work.options.sort:
        from canvas_events_cli.query.sorting import spooled

        blocks = spooled(blocks, as_lines=work.options.as_lines)
    return blocks if work.options.limit is None else first_of(blocks, work.options.limit)


def _without_copies(blocks: Iterable[SelectedBlock[Item]]) -> Iterator[SelectedBlock[Item]]:
    seen: set[bytes] = set()
    for block in blocks:
        kept: list[bool] = []
        for item, digest in zip(block.records, block.digests, strict=True):
            kept.append(digest not in seen or isinstance(item, Malformed))
            seen.add(digest)
        block.keep(kept)
        yield block


def first_of(blocks: Iterable[SelectedBlock[Item]], limit: int) -> Iterator[SelectedBlock[Item]]:
    """Yield *blocks* up to the event that is number *limit*."""
    if not limit:
        return
    for block in blocks:
        if len(block.records) >= limit:
            block.cut(limit)
        limit -= len(block.records)
        yield block
        if not limit:
            return
