"""What the screen looks at: sources being indexed, and the list that is shown of them. Knows no screen."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from canvas_events_cli.browsing.index import Index
from canvas_events_cli.browsing.indexing import prepare_indexing
from canvas_events_cli.browsing.listing import Listing, WrongAhead
from canvas_events_cli.browsing.search import Part, Query, Search, prepare_search
from canvas_events_cli.browsing.store import Store
from canvas_events_cli.catalog.fields import documented_names
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Malformed
from canvas_events_cli.outputs import Destination, InputFile, OutputFile, refuse_clashes
from canvas_events_cli.query.expressions import parse_condition
from canvas_events_cli.query.noticing import found_nowhere
from canvas_events_cli.query.selection import Selection
from canvas_events_cli.rendering.event_bytes import event_line
from canvas_events_cli.running.noticed import Noticed
from canvas_events_cli.running.pool import Pool, forks
from canvas_events_cli.running.reading import ReadOptions
from canvas_events_cli.sources.source import Source, SourceError
from canvas_events_cli.timestamps import Instant
from canvas_events_cli.validation import ValidationSpec

_LOOK_SECONDS = 0.01
"""How often it is looked whether what was asked for has come."""
_MOST_SEGMENTS = 64
"""Segments that a process searches in one go at most."""


class _InThread(Pool):
    """Does each task when its result is asked for, in the thread that asks: where nothing forks."""

    def __init__(self, prepare: Callable[[], Callable[[Any], object]]) -> None:
        super().__init__(prepare, 1)
        self._do = prepare()
        self._tasks: dict[int, object] = {}

    def submit(self, task: object) -> int:
        """Keep *task* until its result is wanted."""
        ticket = next(self._tickets)
        self._tasks[ticket] = task
        return ticket

    def result(self, ticket: int) -> Any:
        """Do the task."""
        return self._do(self._tasks.pop(ticket))


@dataclass(eq=False)
class Session:
    """Runs what works beside the screen, inside ``with``: processes, which share what this one has open, and threads.

    One thread takes what a process indexes; one has others look through the rows, of several searches for the one that
    was begun last first.
    """

    sources: Iterable[Source | SourceError]
    spec: ValidationSpec
    choice: Selection | None = None
    """What the list has from the start."""
    reading: ReadOptions = field(default_factory=ReadOptions)
    follow: bool = False
    """Whether files are followed as they grow."""
    jobs: int = 1
    """How many processes search."""
    stdin: int | None = None
    """The descriptor of what was standard input, which is the keyboard now."""
    files: tuple[InputFile, ...] = ()
    """What is read besides: schemas, keys."""

    def __post_init__(self) -> None:
        """Raise CeventsError where the system does not give what it takes."""
        self.store = Store()
        self.index = Index(self.store, self.reading)
        self.told: list[str] = []
        """What a person should know of the sources, in the order in which it happened."""
        self.is_read = False
        """Whether all that there was at first is indexed."""
        self.is_indexed = False
        """Whether nothing more comes."""
        self.failure: CeventsError | None = None
        """Why searching has stopped, where it was not told to."""
        self.names: tuple[list[str], list[str]] = [], []
        """Fields and events that conditions may name."""
        self._stack = ExitStack()
        self._is_on = True
        self._changed = threading.Condition()
        self._searches: list[Search] = []
        self._search: Search | None = None
        self.listing = Listing(self.index, Query(), is_all=self.choice is None)
        self.everything = Listing(self.index, Query(), is_all=True)

    def __enter__(self) -> Self:
        """Start processes, before anything else starts threads: only then they can be forked."""
        prepare = partial(
            prepare_indexing, self.sources, self.reading, self.store, follow=self.follow, stdin=self.stdin
        )
        searching = partial(prepare_search, self.choice, self.spec, self.reading, self.store)
        indexer, searchers = (
            self._stack.enter_context(Pool(do, jobs) if forks() else _InThread(do))
            for do, jobs in ((prepare, 1), (searching, self.jobs))
        )
        first = indexer.submit(None)
        started = [searchers.submit((Query(), [])) for _ in range(min(self.jobs, searchers.room))]
        threading.Thread(target=self._take_batches, args=(indexer, first), daemon=True).start()
        for ticket in started:
            searchers.result(ticket)
        threading.Thread(target=self._take_found, args=(searchers,), daemon=True).start()
        self.show(Query())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._is_on = False
        self._wake()
        self._stack.close()
        self.store.close()

    def show(self, query: Query) -> Listing:
        """Have the list show what *query* wants. Raises CeventsError for what that cannot mean."""
        query.selection(self.spec)
        self._end(self._search)
        is_all = query == Query() and self.choice is None
        listing = self.listing = Listing(self.index, query, is_all=is_all)
        self._search = None if is_all else Search(query, listing.take)
        self._wake(self._search)
        return listing

    def gather_names(self) -> None:
        """Gather what the schemas know by name, which takes some tenths of a second."""
        catalog = self.spec.catalog
        self.names = sorted(set(documented_names(catalog))), sorted(catalog.bodies)

    def find(self, query: Query, stop: threading.Event) -> Listing:
        """Return what *query* wants of all rows, once there is no more; where it is to *stop*, what was found."""
        listing = Listing(self.index, query)
        with self._searching(Search(query, listing.take)):
            self._wait(lambda: self._is_complete(listing), stop)
        return listing

    def unknown(self, listing: Listing, stop: threading.Event) -> list[str]:
        """Return what is to be told of each FIELD that *listing* asks for in vain: that no event and no schema has it.

        Which of them occur is looked up among all rows, for those only that no schema has.
        """
        catalog, where = self.spec.catalog, listing.query.where
        noticed = Noticed(events=1)
        if [*found_nowhere(where, (), noticed, lambda: catalog)]:
            fields = {parse_condition(text).field for text in where}
            noticed.seen |= {
                field for field in fields if len(self.find(Query(where=(field.written,), among=False), stop))
            }
        return [*found_nowhere(where, (), noticed, lambda: catalog)]

    def next_wrong(self, listing: Listing, place: int, step: int, stop: threading.Event) -> int | None:
        """Return the next row with something wrong, from *place* on in steps of 1 or -1; None where there is none."""
        search = WrongAhead(listing, place, step)
        with self._searching(search):
            self._wait(lambda: search.is_over and (search.found is not None or self._is_complete(listing)), stop)
        return search.found

    def first_since(self, listing: Listing, since: Instant, stop: threading.Event) -> int | None:
        """Return the first row of the list that is an event not before *since*; None where there is none."""

        def goes_on(place: int) -> bool:
            self._wait(lambda: place < len(listing) or self._is_complete(listing), stop)
            return place < len(listing) and not stop.is_set()

        return listing.first_since(since, goes_on)

    def wait_for(self, rows: int, end: float) -> None:
        """Wait until the list has so many *rows*, or has all, or it is so late by ``time.monotonic``."""
        self._wait(
            lambda: len(self.listing) >= rows or self._is_complete(self.listing) or time.monotonic() > end,
            threading.Event(),
        )

    def write(self, path: Path, stop: threading.Event) -> tuple[int, int]:
        """Write the events of the list to *path*, one a line; return how many, and how many records are malformed.

        Raises CeventsError where it is there already, is read, cannot be written, or it is to *stop*: then nothing is
        there.
        """
        destination = Destination(str(path), path)
        sources = [InputFile(place.source.name, place.source.path) for place in self.index.places if place.source.path]
        refuse_clashes([destination], [*sources, *self.files])
        if path.is_file():
            raise CeventsError(f"{path}: is there already: name another file")
        listing, written = self.listing, 0
        with OutputFile(destination) as output:
            for place in range(count := len(listing)):
                if stop.is_set():
                    raise CeventsError(f"{path}: nothing is written: it was stopped")
                line = self.index.look(
                    listing[place], lambda row: b"" if isinstance(row, Malformed) else event_line(row) + b"\n"
                )
                output.write(line)
                written += bool(line)
            output.commit()
        return written, count - written

    def _is_complete(self, listing: Listing) -> bool:
        return listing.is_done and self.is_read

    def _wait(self, until: Callable[[], bool], stop: threading.Event) -> None:
        while not until() and self.failure is None and not stop.wait(_LOOK_SECONDS):
            pass

    @contextmanager
    def _searching(self, search: Search) -> Iterator[None]:
        """Return a context in which *search* is done; nothing that is found later is told."""
        self._wake(search)
        try:
            yield
        finally:
            self._end(search)

    def _wake(self, begin: Search | None = None) -> None:
        """Have it looked for rows that have come, or first for what *begin* wants."""
        with self._changed:
            self._searches[:0] = [begin] if begin else []
            self._changed.notify()

    def _end(self, search: Search | None) -> None:
        with self._changed:
            if search in self._searches:
                self._searches.remove(search)

    def _take_batches(self, indexer: Pool, ticket: int) -> None:
        try:
            while not self.is_indexed and self._is_on:
                batch = indexer.result(ticket)
                if not batch.done:
                    ticket = indexer.submit(None)
                self.index.take(batch)
                self.told += batch.told
                self.is_read = self.is_read or batch.is_read or batch.done
                self.is_indexed = batch.done
                self._wake()
        except CeventsError as error:
            if self._is_on:
                self.told.append(str(error))
                self.is_read = self.is_indexed = True

    def _next_task(self, *, wait: bool) -> tuple[Search, list[Part]] | None:
        """Return what to look at next, and for what; None where there is nothing, unless it is to *wait*."""
        with self._changed:
            while self._is_on:
                for search in self._searches:
                    if parts := search.next_parts(self.index):
                        search.size = min(2 * search.size, _MOST_SEGMENTS)
                        return search, parts
                if not wait:
                    return None
                self._changed.wait()
        return None

    def _take_found(self, searchers: Pool) -> None:
        ahead: deque[tuple[Search, int]] = deque()
        try:
            while self._is_on:
                while len(ahead) < searchers.room and (task := self._next_task(wait=not ahead)):
                    search, parts = task
                    ahead.append((search, searchers.submit((search.query, parts))))
                if not ahead:
                    continue
                search, ticket = ahead.popleft()
                found = searchers.result(ticket)
                with self._changed:
                    if search in self._searches:
                        search.take(found)
                        self.told += [text for text in dict.fromkeys(found.told) if text not in self.told]
        except CeventsError as error:
            if self._is_on:
                self.failure = error
