"""Runs a command's work over sources: in this process, or in several, with the same answer.

A unit is worked on as if its source began with it: its lines count from 1, and reading begins between records. Where
that turns out to be wrong, because a value or an array was still open before it, what was made of it is thrown away,
and reading goes on in this process until it is between records again at the end of a unit.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from typing import Generic, NamedTuple, Protocol, TypeVar

from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.running.reading import Feed, Read, ReadOptions, events_in
from canvas_events_cli.sources.locate import Source, SourceError
from canvas_events_cli.sources.ranges import Batch, Unit, batches, batches_anywhere

LEAST_BYTES = 16 * 1024 * 1024
"""Less input starts no processes: it is done before they have started."""
_MOST_BYTES = 32 * 1024 * 1024
"""What another process reads of one unit at most, whatever it was compressed to."""
_PIECES_BYTES = 24 * 1024 * 1024
"""What is held at most of pieces that other processes work on."""
_KEPT_BYTES = 8 * 1024 * 1024
"""Once a piece of this size has been freed, glibc keeps pieces up to it, in place of getting each anew page by page."""

WITHOUT_SHORTCUTS = "CEVENTS_WITHOUT_SHORTCUTS"
"""A variable of the environment, for tests: where it is set, every event is framed, unwrapped and parsed, in this
process and in those that it starts."""

Part = TypeVar("Part")
PartOut = TypeVar("PartOut", covariant=True)

Blocks = Iterator[Iterable[Read] | SourceError]
"""The events of each block, and what ended them, if anything did."""

Watch = Callable[[int], None]
"""Is told how many more bytes of input have been worked on."""


class Compiled(NamedTuple, Generic[Part]):
    """What does the work, in the process that it was compiled in."""

    part: Callable[[str, Iterable[Read]], Part]
    """Makes a part of the result of a source's name and its events; the same function serves every way of running."""
    feed: Feed = Framer.feed
    """Gives a block to the framer."""
    shortcut: Feed | None = None
    """Does so faster, with the same answer: some events need not be framed, or parsed, to tell what is made of them."""
    merges_slowly: bool = False
    """Whether one part of a range or of several files is better than one of each block: it is smaller, and merged once.
    Such a part must not depend on the source's name."""

    @property
    def fastest_feed(self) -> Feed:
        """The shortcut, where there is one, and unless :data:`WITHOUT_SHORTCUTS` switches all of them off."""
        return self.feed if self.shortcut is None or os.environ.get(WITHOUT_SHORTCUTS) else self.shortcut


class Work(Protocol[Part]):
    """What a command does with events. Picklable: it travels to other processes and is compiled there."""

    def compile(self) -> Compiled[Part]:
        """Return what does the work. Raises CeventsError for a schema that cannot be used."""

    def failed(self, source_name: str, failure: str) -> Part:
        """Return the part that says why a source could not be read, or not to its end."""

    def moved(self, part: Part, lines: int) -> Part:
        """Return *part* as it is *lines* lines further down in its source."""


class Outcome(NamedTuple, Generic[Part]):
    """What another process made of a unit."""

    part: Part | None
    """None where it is in the part of the first unit of its batch."""
    lines: int
    between_records: bool
    """Whether reading had come to the end of a record when the unit ended; what follows it is then in step."""
    failure: SourceError | None


def run(
    sources: Iterable[Source | SourceError],
    work: Work[Part],
    reading: ReadOptions,
    jobs: int = 1,
    watch: Watch | None = None,
    cluster: str | None = None,
) -> Iterator[Part]:
    """Yield the parts of the result of *work* over *sources*, in order; the whole is the same for any number of *jobs*.

    A part is what came of one block as it arrived, or of a whole unit that another process has read: one of as many as
    there are *jobs*, or of those of the Dask scheduler at the address *cluster*. Raises CeventsError for a schema that
    cannot be used, where another process is killed, and where the cluster cannot do the work.
    """
    for _, part in run_by_source(sources, work, reading, jobs, watch, cluster):
        yield part


def run_by_source(
    sources: Iterable[Source | SourceError],
    work: Work[Part],
    reading: ReadOptions,
    jobs: int = 1,
    watch: Watch | None = None,
    cluster: str | None = None,
) -> Iterator[tuple[Source | SourceError, Part]]:
    """Yield what :func:`run` does, each part with its source: the same object for all parts of one."""
    bytes(_KEPT_BYTES)  # and free them
    reader = _Reader(work, reading, watch or (lambda size: None))
    if cluster is not None:
        from canvas_events_cli.running.cluster import ClusterPool

        with ClusterPool(partial(process, work, reading, None), cluster) as pool:
            yield from _in_pool(pool, batches_anywhere(sources), reader)
        return
    todo = batches(sources, stdin_in_pieces=jobs > 1)
    if jobs == 1:
        reader.compile()
        for batch in todo:
            yield from reader.read(batch)
    while first := list(_enough(todo)):
        if sum(_size(batch) for batch in first if batch[0].portable) >= LEAST_BYTES:
            from canvas_events_cli.running.pool import Pool

            with Pool(partial(process, work, reading), jobs) as processes:
                yield from _in_pool(processes, chain(first, todo), reader)
            return
        for batch in first:
            yield from reader.read(batch)


def process(
    work: Work[Part], reading: ReadOptions, most_bytes: int | None = _MOST_BYTES
) -> Callable[[Batch], list[Outcome[Part] | None]]:
    """Return what another process does with a batch; it gives None for units with which it has over *most_bytes*."""
    return partial(_outcomes, work.compile(), reading, most_bytes)


def _size(batch: Batch) -> int:
    return sum(unit.size for unit in batch)


def _enough(todo: Iterator[Batch]) -> Iterator[Batch]:
    """Yield batches until they are worth starting processes for, or the next thing to do is to work on one here."""
    size = 0
    for batch in todo:
        yield batch
        size += _size(batch)
        if size >= LEAST_BYTES or not batch[0].portable:
            return


class Processes(Protocol[Part]):
    """Other processes, here or elsewhere, that work on batches."""

    @property
    def room(self) -> int:
        """How many batches can be submitted before a result is taken."""

    def submit(self, task: Batch, *, large: bool) -> int:
        """Have *task* worked on; return a ticket for the result. *large* says that it holds the bytes themselves."""

    def result(self, ticket: int, /) -> list[Outcome[Part] | None]:
        """Return the result for *ticket* when it is there."""

    def discard(self, ticket: int, /) -> None:
        """Say that the result for *ticket* is not wanted."""


def _in_pool(
    pool: Processes[Part], todo: Iterator[Batch], reader: "_Reader[Part]"
) -> Iterator[tuple[Source | SourceError, Part]]:
    ahead: deque[tuple[Batch, int | None]] = deque()
    while True:
        while reader.in_step and _may_look_on(ahead, pool.room) and (batch := next(todo, None)) is not None:
            first = batch[0]
            ahead.append((batch, pool.submit(batch, large=first.data is not None) if first.portable else None))
        batch, ticket = ahead.popleft() if ahead else (next(todo, None), None)
        if batch is None:
            return
        if ticket is not None and reader.may_take(batch[0]):
            for unit, outcome in zip(batch, pool.result(ticket), strict=True):
                yield from reader.take(unit, outcome)
        else:
            if ticket is not None:
                pool.discard(ticket)
            yield from reader.read(batch)


def _may_look_on(ahead: deque[tuple[Batch, int | None]], room: int) -> bool:
    """Tell whether there is room, and nothing to do in this process first: to read on could be to wait."""
    if not ahead:
        return True
    held = sum(len(batch[0].data or b"") for batch, _ in ahead)
    return len(ahead) < room and held < _PIECES_BYTES and ahead[-1][0][0].portable


class _Reader(Generic[Part]):
    """Goes through units in order, and knows where in its source the next one begins."""

    def __init__(self, work: Work[Part], reading: ReadOptions, watch: Watch) -> None:
        self._work = work
        self._reading = reading
        self._watch = watch
        self._compiled: Compiled[Part] | None = None
        self._framer = Framer(reading.max_record_bytes)
        self._failed: Source | SourceError | None = None

    @property
    def in_step(self) -> bool:
        """Whether the next unit begins with a record."""
        return self._framer.between_records

    def compile(self) -> Compiled[Part]:
        """Return what does the work here, compiled when it is first needed."""
        self._compiled = self._compiled or self._work.compile()
        return self._compiled

    def read(self, batch: Batch) -> Iterator[tuple[Source | SourceError, Part]]:
        """Work on *batch* in this process; yield a part for each block, or one for all that merges slowly."""
        compiled = self.compile()
        if compiled.merges_slowly and batch[0].portable:
            failures: list[tuple[Unit, SourceError]] = []
            yield batch[0].source, compiled.part(batch[0].source_name, self._events(batch, failures))
            for unit, failure in failures:
                yield unit.source, self._work.failed(unit.source_name, str(failure))
            return
        for unit in batch:
            for events in self._blocks(unit):
                if isinstance(events, SourceError):
                    yield unit.source, self._work.failed(unit.source_name, str(events))
                else:
                    yield unit.source, compiled.part(unit.source_name, events)

    def _events(self, batch: Batch, failures: list[tuple[Unit, SourceError]]) -> Iterator[Read]:
        for unit in batch:
            for events in self._blocks(unit):
                if isinstance(events, SourceError):
                    failures.append((unit, events))
                else:
                    yield from events

    def _blocks(self, unit: Unit) -> Blocks:
        if not self._is_to_read(unit):
            return
        self._begin(unit)
        blocks = _watched(unit.blocks(), self._watch)
        feed = self.compile().fastest_feed
        for events in events_in(blocks, self._framer, self._reading, feed, to_end=unit.end is None):
            if isinstance(events, SourceError):
                self._failed = unit.source
            yield events

    def may_take(self, unit: Unit) -> bool:
        """Tell whether what another process made of *unit* may be right."""
        return self._is_to_read(unit) and (not unit.start or self.in_step)

    def take(self, unit: Unit, outcome: Outcome[Part] | None) -> Iterator[tuple[Source | SourceError, Part]]:
        """Yield what another process made of *unit*, where that holds; else work on it here."""
        if outcome is None or not (outcome.between_records or outcome.failure or unit.end is None):
            yield from self.read((unit,))
            return
        self._begin(unit)
        self._watch(unit.size)
        if outcome.part is not None:
            yield unit.source, self._work.moved(outcome.part, self._framer.line - 1)
        self._framer.line += outcome.lines
        if outcome.failure is not None:
            self._failed = unit.source
            yield unit.source, self._work.failed(unit.source_name, str(outcome.failure))

    def _is_to_read(self, unit: Unit) -> bool:
        return not unit.start or unit.source is not self._failed

    def _begin(self, unit: Unit) -> None:
        if not unit.start:
            self._framer = Framer(self._reading.max_record_bytes)


def _watched(blocks: Iterator[bytes], watch: Watch) -> Iterator[bytes]:
    for block in blocks:
        yield block
        watch(len(block))


class _TooMuch(Exception):
    """A batch is larger than another process should hold."""


def _outcomes(
    compiled: Compiled[Part], reading: ReadOptions, most_bytes: int | None, batch: Batch
) -> list[Outcome[Part] | None]:
    left = most_bytes

    def limited(blocks: Iterator[bytes]) -> Iterator[bytes]:
        nonlocal left
        for block in blocks:
            if left is not None:
                left -= len(block)
                if left < 0:
                    raise _TooMuch
            yield block

    groups = [batch] if compiled.merges_slowly else [(unit,) for unit in batch]
    return [outcome for group in groups for outcome in _group_outcomes(compiled, reading, group, limited)]


def _group_outcomes(
    compiled: Compiled[Part], reading: ReadOptions, group: Batch, limited: Callable[[Iterator[bytes]], Iterator[bytes]]
) -> list[Outcome[Part] | None]:
    framers = [Framer(reading.max_record_bytes) for _ in group]
    failures: list[SourceError | None] = [None] * len(group)

    def events() -> Iterator[Read]:
        for number, unit in enumerate(group):
            blocks = limited(unit.blocks())
            for found in events_in(blocks, framers[number], reading, compiled.fastest_feed, to_end=unit.end is None):
                if isinstance(found, SourceError):
                    failures[number] = found
                else:
                    yield from found

    try:
        part = compiled.part(group[0].source_name, events())
    except _TooMuch:
        return [None] * len(group)
    return [
        Outcome(None if number else part, framer.line - 1, framer.between_records, failures[number])
        for number, framer in enumerate(framers)
    ]
