"""What becomes of selected events: without copies, in order of time, and no more than a limit."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import compress, groupby, repeat
from operator import itemgetter
from typing import IO, Any, cast

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Malformed, Record
from canvas_events_cli.parse import parse
from canvas_events_cli.query.work import Item, SelectedBlock, SelectWork
from canvas_events_cli.running.reading import RunOptions
from canvas_events_cli.running.runner import run
from canvas_events_cli.sources.blocks import BLOCK_BYTES
from canvas_events_cli.sources.source import Source, SourceError
from canvas_events_cli.timestamps import LATEST, Instant

Key = tuple[int, str, int, int]
"""Instant, by which events are sorted, and where they wait: from which byte on, and how many."""


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
        blocks = spooled(blocks)
    return blocks if work.options.limit is None else first_of(blocks, work.options.limit)


def _without_copies(blocks: Iterable[SelectedBlock[Item]]) -> Iterator[SelectedBlock[Item]]:
    seen: set[bytes] = set()
    for block in blocks:
        found, block.found = block.found, []
        for event in found:
            if event[2] not in seen or isinstance(event[1], Malformed):
                seen.add(event[2])
                block.found.append(event)
        yield block


def first_of(blocks: Iterable[SelectedBlock[Item]], limit: int) -> Iterator[SelectedBlock[Item]]:
    """Yield *blocks* up to the event that is number *limit*."""
    if not limit:
        return
    for block in blocks:
        if len(block.found) >= limit:
            block.cut(limit)
        limit -= len(block.found)
        yield block
        if not limit:
            return


def spooled(
    blocks: Iterable[SelectedBlock[Item]], stays: Iterable[bool] = repeat(True)
) -> Iterator[SelectedBlock[Item]]:
    """Yield *blocks* without their events and then, in blocks of limited size, these by instant: those that stay.

    Events without an instant come last, ties in the order of arrival; so *stays* tells of them, once all have come.
    They wait in an unlinked temporary file that only this user can open. Memory grows by one key an event. Raises
    CeventsError where the disk is full.
    """
    from tempfile import TemporaryFile

    keys: list[Key] = []
    with _told():
        file = TemporaryFile(prefix="cevents-")  # noqa: SIM115 (closed below)
    try:
        for block in blocks:
            found, block.found = block.found, []
            with _told():
                keys += _put(block.source, found, file)
            yield block
        keys.sort()
        wanted = compress(keys, stays)
        while True:
            with _told():  # what was held back is written now
                taken = _take(wanted, file)
            if not taken:
                return
            for source, events in groupby(taken, itemgetter(0)):
                yield SelectedBlock(source=source, found=[(line, item, b"", None) for _, line, item in events])
    finally:
        with suppress(OSError):  # on a full disk it would write what it holds once more
            file.close()


def _put(source: str, found: Iterable[tuple[int, Any, bytes, Instant | None]], file: IO[bytes]) -> Iterator[Key]:
    """Append what was *found* in *source* to *file*; yield the key of each event."""
    import pickle

    offset = file.tell()
    for line, item, _, instant in found:
        try:
            data = pickle.dumps((source, line, item), pickle.HIGHEST_PROTOCOL)
        except RecursionError:  # the value of a record is nested too deeply: it is parsed again
            data = pickle.dumps((source, line, item._replace(value=...)), pickle.HIGHEST_PROTOCOL)
        size = file.write(data)
        yield *(instant or LATEST), offset, size
        offset += size


def _take(wanted: Iterable[Key], file: IO[bytes]) -> list[tuple[str, int, Any]]:
    """Return the next events that are *wanted*, as many as may be held: source, line and item."""
    import pickle

    taken: list[tuple[str, int, Any]] = []
    held = 0
    for _, _, offset, size in wanted:
        file.seek(offset)
        source, line, item = pickle.loads(file.read(size))  # noqa: S301 (only this process can write there)
        if isinstance(item, Record) and cast(Any, item.value) is ...:
            item = item._replace(value=parse(item.raw))
        taken.append((source, line, item))
        held += size
        if held > BLOCK_BYTES:
            break
    return taken


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CeventsError(
            f"the events need a temporary file to wait in: {error.strerror or error} (TMPDIR names another place)"
        ) from error
