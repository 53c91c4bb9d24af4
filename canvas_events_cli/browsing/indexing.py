"""Goes through all sources once, and tells where their rows are; and goes on with files that grow."""

import multiprocessing
import os
import pickle
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from canvas_events_cli.browsing.index import Batch, Segment, rows_in
from canvas_events_cli.browsing.store import Place, Store, read_file
from canvas_events_cli.framing.fast.batches import plain_items
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Framed, Record
from canvas_events_cli.running.reading import ReadOptions
from canvas_events_cli.same_event import event_time
from canvas_events_cli.sources.blocks import BLOCK_BYTES, is_waiting, plain_version, read_blocks, read_range
from canvas_events_cli.sources.chunks import BETWEEN_VALUES
from canvas_events_cli.sources.source import Source, SourceError
from canvas_events_cli.timestamps import NO_TIME, to_micros

_SEGMENT_BYTES = 128 * 1024
"""How long a segment is at least, unless its source ends: some 400 bytes are held for each."""
_STATE_BYTES, _MOST_STATE = 1024 * 1024, 32 * 1024
"""How long one is that does not end between two records, and what of the framer is kept then."""
_BATCH_SECONDS = 0.1
_LOOK_SECONDS = 0.25
"""How often a file is looked at that may grow."""
_MARK = b"\xef\xbb\xbf"


def prepare_indexing(
    sources: Iterable[Source | SourceError],
    reading: ReadOptions,
    store: Store,
    *,
    follow: bool,
    stdin: int | None = None,
) -> Callable[[object], Batch]:
    """Return what gives, at each call, the next batch; it waits where there is nothing yet.

    *stdin* is the descriptor of what was standard input, where that is something else here.
    """
    if stdin is not None:
        if multiprocessing.parent_process() is not None:  # where multiprocessing has put an empty one in its place
            os.dup2(stdin, 0)
        sys.stdin = open(stdin, closefd=False)  # noqa: SIM115 (read to its end)
    batches = _batches(sources, reading, store, follow=follow)
    return lambda task: next(batches, Batch([], [], [], done=True))


class SourceIndex:
    """The way through one source."""

    def __init__(self, number: int, place: Place, reading: ReadOptions, store: Store) -> None:
        self.place = place
        self._store = store
        self.read_to = 0
        self._reading = reading
        self._framer = Framer(reading.max_record_bytes)
        self._segment = Segment(number, 0, 0, 1, 0, True)

    def feed(self, data: bytes, start: int, batch: Batch) -> None:
        """Take the bytes that stand at *start*, and put the segments that have grown into *batch*."""
        if not self.read_to:
            self._segment = self._segment._replace(start=start, end=start)
        self.read_to = start + len(data)
        at = 0
        while at < len(data):
            between = BETWEEN_VALUES.search(data, at + _SEGMENT_BYTES)
            end = between.end() if between else data.rfind(b"\n", at) + 1 or len(data)
            self._add(plain_items(self._framer, data[at:end]), start + end, batch)
            at = end

    def finish(self, batch: Batch) -> None:
        """Take what is open for malformed, or for the last line."""
        self._add(self._framer.finish(), self.read_to, batch)

    def pause(self) -> None:
        """Have what comes next begin a segment of its own."""
        if self._segment.end > self._segment.start:
            self._begin_segment(b"" if self._framer.between_records else pickle.dumps(self._framer))

    def _add(self, framed: Iterable[Framed], end: int, batch: Batch) -> None:
        segment = self._segment
        with self._store.alone(end - segment.start):
            rows = rows_in(chain(framed), self._reading)
            times = [event_time(row.value) for row in rows if isinstance(row, Record)]
            lines = [row.line for row in rows]
            del rows, framed
        expected = segment.line + segment.rows
        is_lines = segment.is_lines and lines == [*range(expected, expected + len(lines))]
        latest = max(segment.latest, *to_micros(times)[0], NO_TIME)
        segment = segment._replace(end=end, rows=segment.rows + len(lines), is_lines=is_lines, latest=latest)
        batch.segments.append(segment)
        self._segment = segment
        size = segment.end - segment.start
        if size >= _SEGMENT_BYTES and self._framer.between_records:
            self._begin_segment(b"")
        elif size >= _STATE_BYTES and len(state := pickle.dumps(self._framer)) <= _MOST_STATE:
            self._begin_segment(state)

    def _begin_segment(self, state: bytes) -> None:
        end = self._segment.end
        # What has begun in an earlier line is told with that line: then rows and lines do not go together.
        self._segment = Segment(self._segment.source, end, end, self._framer.line, 0, not state, state=state)


def _batches(
    sources: Iterable[Source | SourceError], reading: ReadOptions, store: Store, *, follow: bool
) -> Iterator[Batch]:
    batch, begun = Batch([], [], []), 0.0
    growing: list[SourceIndex] = []
    number = 0
    for source in sources:
        if isinstance(source, SourceError):
            batch.told.append(str(source))
            continue
        version = plain_version(source) if source.path is not None else None
        index = SourceIndex(number, Place(source, version.place if version else None), reading, store)
        number += 1
        batch.places.append(index.place)
        grows = follow and index.place.file is not None
        try:
            # A pipe, and what is in an object store, have no place on this machine: they are spooled.
            blocks = read_range(source, 0, None, version) if version and index.place.file else read_blocks(source)
            for block in blocks:
                if index.place.file is None:
                    start = store.keep(block)
                else:  # a byte order mark is no part of the blocks
                    start = index.read_to or len(_MARK) * (read_file(index.place, 0, len(_MARK)) == _MARK)
                index.feed(block, start, batch)
                if time.monotonic() - begun > _BATCH_SECONDS or not is_waiting(source, 0):
                    yield batch
                    batch, begun = Batch([], [], []), time.monotonic()
        except SourceError as error:
            batch.told.append(str(error))
            grows = False
        if grows:
            index.pause()
            growing.append(index)
        else:
            index.finish(batch)
    yield batch._replace(is_read=True, done=not growing)
    last = None
    while growing:
        time.sleep(_LOOK_SECONDS)
        batch = Batch([], [], [])
        for index in tuple(growing):
            try:
                data = read_file(index.place, index.read_to, BLOCK_BYTES)
            except SourceError as error:
                batch.told.append(f"{error}; it is no longer followed")
                growing.remove(index)
                continue
            if data:
                if last is not None and last is not index:
                    last.pause()
                index.feed(data, index.read_to, batch)
                last = index
        if batch.segments or batch.told:
            yield batch._replace(done=not growing)


def from_readable(
    sources: Iterable[Source | SourceError],
) -> tuple[Iterator[Source | SourceError], list[SourceError]]:
    """Return *sources* as they are, once one is found that may be readable; else none, and why each cannot be read.

    Only files are looked into: all else may be waited for.
    """
    rest = iter(sources)
    looked: list[Source | SourceError] = []
    wrong: list[SourceError] = []
    for source in rest:
        looked.append(source)
        try:
            if isinstance(source, SourceError):
                raise source
            if source.path is not None and source.path.is_file():
                next(read_blocks(source), None)
        except SourceError as error:
            wrong.append(error)
        else:
            return chain(looked, rest), []
    return iter(()), wrong
