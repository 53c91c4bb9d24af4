"""What the screen looks at: sources being indexed, and the list that is shown of them. Knows no screen."""

import threading
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Self

from canvas_events_cli.browsing.index import Index
from canvas_events_cli.browsing.indexing import prepare_indexing
from canvas_events_cli.browsing.listing import Listing
from canvas_events_cli.browsing.search import Query, Searcher, prepare_search
from canvas_events_cli.browsing.store import Store
from canvas_events_cli.browsing.workers import Workers, workers
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.query.selection import Selection
from canvas_events_cli.running.reading import ReadOptions
from canvas_events_cli.sources.source import Source, SourceError
from canvas_events_cli.validation import ValidationSpec


@dataclass(frozen=True)
class Task:
    """What is to be looked through, and how."""

    sources: Iterable[Source | SourceError]
    spec: ValidationSpec
    choice: Selection | None = None
    """What the list has from the start."""
    reading: ReadOptions = field(default_factory=ReadOptions)
    follow: bool = False
    """Whether files are followed as they grow."""
    jobs: int = 1
    """How many processes search."""


class Session:
    """Runs what works beside the screen, inside ``with``."""

    def __init__(self, task: Task) -> None:
        """Raise CeventsError where the system does not give what it takes."""
        self.task = task
        self.store = Store()
        self.index = Index(self.store, task.reading)
        self.told: list[str] = []
        """What a person should know of the sources, in the order in which it happened."""
        self.is_indexed = False
        self._stack = ExitStack()
        self._is_on = True
        self.listing = Listing(self.index, Query(), is_all=task.choice is None)

    def __enter__(self) -> Self:
        """Start processes, before anything else starts threads: only then they can be forked."""
        task = self.task
        prepare = partial(prepare_indexing, task.sources, task.reading, self.store, follow=task.follow)
        searching = partial(prepare_search, task.choice, task.spec, task.reading, self.store)
        indexer = self._stack.enter_context(workers(prepare, 1))
        searchers = self._stack.enter_context(workers(searching, task.jobs))
        first = indexer.submit(None)
        started = [searchers.submit((Query(), [])) for _ in range(min(task.jobs, searchers.room))]
        self._searcher = Searcher(self.index, searchers)
        threading.Thread(target=self._take_batches, args=(indexer, first), name="cevents index", daemon=True).start()
        for ticket in started:
            searchers.result(ticket)
        self._searcher.start()
        self.show(Query())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._is_on = False
        self._searcher.close()
        self._stack.close()
        self.store.close()

    def show(self, query: Query) -> Listing:
        """Have the list show what *query* wants. Raises CeventsError for what that cannot mean."""
        query.selection(self.task.spec)
        is_all = query == Query() and self.task.choice is None
        listing = self.listing = Listing(self.index, query, is_all=is_all)
        self._searcher.begin(None if is_all else query, listing.take)
        return listing

    @property
    def failure(self) -> CeventsError | None:
        """Why searching has stopped."""
        return self._searcher.failure

    def _take_batches(self, indexer: Workers, ticket: object) -> None:
        try:
            while self._is_on:
                batch = indexer.result(ticket)
                if not batch.done:
                    ticket = indexer.submit(None)
                self.index.take(batch)
                self.told += batch.told
                self._searcher.wake()
                if batch.done:
                    self.is_indexed = True
                    return
        except CeventsError as error:
            if self._is_on:
                self.told.append(str(error))
                self.is_indexed = True
