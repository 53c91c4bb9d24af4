"""Which rows are wanted: found segment by segment in other processes, and told in portions.

What a condition means, and which records need not be parsed for it, is as in ``filter``.
"""

import threading
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from canvas_events_cli.browsing.index import Index, Row, Segment, framer_for, read_segment, rows_in, rows_of
from canvas_events_cli.browsing.store import Place, Store
from canvas_events_cli.browsing.workers import Workers
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Malformed
from canvas_events_cli.query.fast.pass_over import fast_path
from canvas_events_cli.query.selection import Predicate, Selection, compile_selection
from canvas_events_cli.running.fast.batches import way
from canvas_events_cli.running.reading import Compiled, ReadOptions
from canvas_events_cli.running.report import Report
from canvas_events_cli.same_event import event_digest, event_time
from canvas_events_cli.streaming import choose
from canvas_events_cli.summary.timeline import micros_of
from canvas_events_cli.validation import ValidationSpec

_FIRST, _MOST = 4, 64
"""Segments that a process searches in one go: few at first, so that the first rows come soon."""
_DIGEST_BYTES = 8
"""Of an event's digest: among 10^7 events two meet by chance at odds of 10^-5."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is wanted; picklable and small: it goes with every task."""

    where: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    any: bool = False
    """Whether one of these conditions and objects is enough."""
    events: tuple[str, ...] = ()
    among: bool = True
    """Whether only what the command was asked for."""
    invalid: bool = False
    """Whether only what is wrong, malformed records too."""
    digests: bool = False
    times: bool = False
    """What is to be told of each row besides."""

    def selection(self, spec: ValidationSpec) -> Selection | None:
        """Return what it asks for. Raises CeventsError for what that cannot mean."""
        return choose(
            self.where,
            about=self.about,
            any=self.any,
            events=self.events,
            valid=False if self.invalid else None,
            spec=lambda: spec,
        )


class Part(NamedTuple):
    """Some rows of a segment that are to be looked at. Picklable."""

    place: Place
    segment: Segment
    first: int
    """The row that the segment begins with."""
    start: int
    """The first row to look at."""


class Found(NamedTuple):
    """Rows that are wanted, in their order."""

    rows: bytes
    """An array of ``Q``, as the others."""
    digests: bytes
    times: bytes
    """Of ``q``: microseconds since 1970."""
    searched: int
    """The first row that was not looked at, of those to be looked at."""
    told: list[str]
    """What could not be read."""


class _Compiled(NamedTuple):
    tests: list[Predicate]
    read: Callable[[Framer, bytes], Iterable[Any]] | None
    """Reads a block, and may pass over what cannot be wanted; None where anything may be."""
    malformed_too: bool


def prepare_search(
    base: Selection | None, spec: ValidationSpec, reading: ReadOptions, store: Store
) -> Callable[[tuple[Query, list[Part]]], Found | None]:
    """Return what searches the parts of a task; *base* is what the command was asked for."""

    @lru_cache(4)
    def compiled(query: Query) -> _Compiled:
        selections = [chosen for chosen in (base if query.among else None, query.selection(spec)) if chosen]
        fast = next(filter(None, map(fast_path, selections)), None)
        read = way()(Compiled(lambda source, events: Report(), fast=lambda: fast), reading) if fast else None
        return _Compiled([*map(compile_selection, selections)], read, query.invalid or not selections)

    def search(task: tuple[Query, list[Part]]) -> Found | None:
        query, parts = task
        if not parts:
            return None
        rows, digests, times = array("Q"), bytearray(), array("q")
        told: list[str] = []
        for part in parts:
            try:
                data = store.read(part.place, part.segment.start, part.segment.end)
            except CeventsError as error:
                told.append(str(error))
                continue
            with store.alone(len(data)):
                for number, row in _wanted(part, data, compiled(query), reading):
                    rows.append(number)
                    if query.digests:
                        digests += bytes(_DIGEST_BYTES) if isinstance(row, Malformed) else _digest(row)
                    if query.times:
                        times.append(micros_of(None if isinstance(row, Malformed) else event_time(row.value)))
                    del row
        last = parts[-1]
        return Found(rows.tobytes(), bytes(digests), times.tobytes(), last.first + last.segment.rows, told)

    return search


def _digest(row: Any) -> bytes:
    return event_digest(row.value)[:_DIGEST_BYTES]


def _wanted(part: Part, data: bytes, compiled: _Compiled, reading: ReadOptions) -> Iterator[tuple[int, Row]]:
    """Yield what of *part*, whose segment is *data*, is wanted, with its number."""
    segment, first, start = part.segment, part.first, part.start
    rows: Iterable[tuple[int, Row]]
    if compiled.read and segment.is_lines and not segment.state:
        framer = framer_for(segment, reading)
        likely = chain(rows_of(compiled.read(framer, data)), rows_in(framer.finish(), reading))
        numbered = ((first + row.line - segment.line, row) for row in likely)
        rows = ((number, row) for number, row in numbered if number < first + segment.rows)
    else:
        rows = enumerate(read_segment(segment, data, reading), first)
    tests, malformed_too = compiled.tests, compiled.malformed_too
    for number, row in rows:
        if number < start:
            continue
        if isinstance(row, Malformed):
            if malformed_too:
                yield number, row
        elif all(test(row) for test in tests):
            yield number, row


@dataclass(eq=False)
class Search:
    """One search through the rows that there are, and those that come."""

    query: Query
    take: Callable[[Found], None]
    """Is given what is found, in order of the rows, in the searcher's thread."""
    at: int = 0
    """The first row that no process has been asked about."""
    size: int = _FIRST

    def next_parts(self, index: Index) -> list[Part]:
        """Return what to look at next; nothing where there is no more yet."""
        parts: list[Part] = []
        while self.at < index.rows and len(parts) < self.size:
            segment, first = index.segment(index.segment_of(self.at))
            parts.append(Part(index.places[segment.source], segment, first, self.at))
            self.at = first + segment.rows
        return self.grown(parts)

    def grown(self, parts: list[Part]) -> list[Part]:
        """Return *parts*; after some, more are looked at in one go."""
        if parts:
            self.size = min(2 * self.size, _MOST)
        return parts


class Searcher:
    """A thread that has *workers* look through the rows; of several searches the one that was begun last goes first."""

    def __init__(self, index: Index, workers: Workers) -> None:
        self._index = index
        self._workers = workers
        self._changed = threading.Condition()
        self._searches: list[Search] = []
        self._is_on = True
        self.failure: CeventsError | None = None
        """Why it has stopped, where it was not told to."""

    def start(self) -> None:
        """Begin."""
        threading.Thread(target=self._run, name="cevents search", daemon=True).start()

    def begin(self, search: Search) -> None:
        """Have *search* done."""
        with self._changed:
            self._searches.insert(0, search)
            self._changed.notify()

    def end(self, search: Search | None) -> None:
        """Have it done no more: nothing that is still found is told."""
        with self._changed:
            if search in self._searches:
                self._searches.remove(search)

    def wake(self) -> None:
        """Have it look for rows that have come."""
        with self._changed:
            self._changed.notify()

    def close(self) -> None:
        """Have it end; what it waits for is ended by whoever owns the workers."""
        with self._changed:
            self._is_on = False
            self._changed.notify()

    def _next(self, *, wait: bool) -> tuple[Search, list[Part]] | None:
        """Return what to look at next, and for what; None where there is nothing, unless it is to *wait*."""
        with self._changed:
            while self._is_on:
                for search in self._searches:
                    if parts := search.next_parts(self._index):
                        return search, parts
                if not wait:
                    return None
                self._changed.wait()
        return None

    def _run(self) -> None:
        ahead: deque[tuple[Search, Any]] = deque()
        try:
            while self._is_on:
                while len(ahead) < self._workers.room and (task := self._next(wait=not ahead)):
                    search, parts = task
                    ahead.append((search, self._workers.submit((search.query, parts))))
                if not ahead:
                    continue
                search, ticket = ahead.popleft()
                found = self._workers.result(ticket)
                with self._changed:
                    if search in self._searches:
                        search.take(found)
        except CeventsError as error:
            if self._is_on:
                self.failure = error
