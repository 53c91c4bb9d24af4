"""Where every row is: an event, or a record that is no JSON.

Bytes are framed in segments, each of which can be framed again by itself. So all that is held of a row is its share of
a segment's figures, and what is read again is framed by the same framer: lines and what is malformed are as everywhere.
"""

import pickle
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple, TypeVar

from canvas_events_cli.browsing.store import LONG_BYTES, Place, Store
from canvas_events_cli.framing.fast.batches import plain_items
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Framed, Malformed, Overflow, Record
from canvas_events_cli.query.noticing import Decided
from canvas_events_cli.query.selection import event_record
from canvas_events_cli.running.reading import Read, ReadOptions, events_in
from canvas_events_cli.timestamps import NO_TIME

Row = Record | Malformed
Made = TypeVar("Made")
_FEW = 8
"""Rows of a long segment that are read again sooner than kept."""


class Segment(NamedTuple):
    """A stretch of a source with what is needed to read it by itself. Picklable."""

    source: int
    """The number of its source."""
    start: int
    end: int
    line: int
    """The line that begins with it, or goes on."""
    rows: int
    is_lines: bool
    """Whether each of its lines, from the first on, is one row."""
    latest: int = NO_TIME
    """The latest instant of its events, in microseconds since 1970."""
    state: bytes = b""
    """The pickled framer, where it does not begin between two records: inside an array, for instance."""


class Batch(NamedTuple):
    """What indexing has found since the batch before it."""

    places: list[Place]
    """Sources that were begun, in the order of their numbers."""
    segments: list[Segment]
    """In order; one that begins where the last one did takes its place."""
    told: list[str]
    """What could not be read, and what else a person should know."""
    is_read: bool = False
    """Whether that is all there was at first: more comes only where files grow."""
    done: bool = False
    """Whether there is no more."""


def framer_for(segment: Segment, reading: ReadOptions) -> Framer:
    """Return the framer that reads *segment*."""
    if segment.state:
        framer: Framer = pickle.loads(segment.state)  # noqa: S301 (of our own processes)
        return framer
    framer = Framer(reading.max_record_bytes)
    framer.line = segment.line
    return framer


def rows_of(read: Iterable[Read]) -> Iterator[Row]:
    """Yield the rows among what was read."""
    for item in read:
        if isinstance(item, Decided):
            yield from item.wanted.plainly() if item.wanted is not None else ()
        elif not isinstance(item, Overflow):
            yield item if isinstance(item, Malformed) else event_record(item)


def rows_in(framed: Iterable[Framed], reading: ReadOptions) -> list[Row]:
    """Return the rows among what was framed, wrapped events taken out of what they arrived in."""
    return [*rows_of(events_in(framed, reading) if reading.unwrap else framed)]


def read_segment(segment: Segment, data: bytes, reading: ReadOptions) -> list[Row]:
    """Return the rows of *segment*, whose bytes are *data*."""
    framer = framer_for(segment, reading)
    # What comes at the end of the source was counted there only; a value that goes on in the next segment was not.
    return [*islice(rows_in(chain(plain_items(framer, data), framer.finish()), reading), segment.rows)]


class Index:
    """All rows in the order in which they were read; one thread adds to it, others look."""

    def __init__(self, store: Store, reading: ReadOptions) -> None:
        self.places: list[Place] = []
        self.reading = reading
        self.rows = 0
        """How many there are."""
        self.latest = NO_TIME
        """The latest instant of any event, in microseconds since 1970."""
        self.store = store
        self._lock = threading.RLock()
        self._segments: list[Segment] = []
        self._firsts: list[int] = []
        """The first row of each."""
        self._kept: OrderedDict[int, tuple[int, Sequence[Row]]] = OrderedDict()

    def take(self, batch: Batch) -> None:
        """Add what *batch* has."""
        with self._lock:
            self.places += batch.places
            for segment in batch.segments:
                if self._segments and self._segments[-1][:2] == segment[:2]:
                    self._segments.pop()
                    self.rows = self._firsts.pop()
                    self._kept.pop(len(self._segments), None)
                self._segments.append(segment)
                self._firsts.append(self.rows)
                self.rows += segment.rows
                self.latest = max(self.latest, segment.latest)

    def segment_of(self, row: int) -> tuple[int, int, Segment]:
        """Return the segment that holds *row*, after its number and its first row."""
        with self._lock:
            number = bisect_right(self._firsts, row) - 1
            return number, self._firsts[number], self._segments[number]

    def size_of(self, row: int) -> int:
        """Return how many bytes have to be read for *row*; 0 where it is held."""
        number, _, segment = self.segment_of(row)
        return 0 if number in self._kept else segment.end - segment.start

    def row(self, row: int) -> Row:
        """Return what stands there. Raises SourceError where the source does not hold it any more."""
        number, first, segment = self.segment_of(row)
        kept = self._kept.get(number)
        if kept is None or len(kept[1]) <= row - first:
            data = self.store.read(self.places[segment.source], segment.start, segment.end)
            kept = len(data), read_segment(segment, data, self.reading)
            if len(data) <= LONG_BYTES or segment.rows > _FEW:
                with self._lock:
                    self._kept[number] = kept
                    self._kept.move_to_end(number)
                    while len(self._kept) > 1 and sum(size for size, _ in self._kept.values()) > LONG_BYTES:
                        self._kept.popitem(last=False)
        return kept[1][row - first]

    def look(self, row: int, form: Callable[[Row], Made]) -> Made:
        """Return what *form* makes of what stands there. Raises SourceError as :meth:`row` does."""
        with self.store.alone(self.size_of(row)):
            return form(self.row(row))

    def source_of(self, row: int) -> str:
        """Return what the source of *row* is called."""
        return self.places[self.segment_of(row)[-1].source].source.name
