"""From chunks of sources to reports: the one way that every command's events go, in whichever process."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from canvas_events_cli.defaults import DEFAULT_MAX_RECORD_BYTES
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Framed, Record, Unwrapped
from canvas_events_cli.running.report import Report
from canvas_events_cli.sources.chunks import Chunk, Task
from canvas_events_cli.sources.source import Source, SourceError
from canvas_events_cli.wrappers import is_event, unwrap

if TYPE_CHECKING:
    from canvas_events_cli.wrappers.keys import KeySet

Feed = Callable[[Framer, bytes], Iterable[Any]]
"""Gives a block to a framer, and yields what that completes."""
Read = Framed | Unwrapped
"""What a source holds: events, and what is none."""
Watch = Callable[[int], None]
"""Is told how many more bytes of input have been worked on."""
ReportT = TypeVar("ReportT", bound=Report)

_HOLD_EVENTS = (dict, str)
"""What wrappers are."""


class ReadOptions(NamedTuple):
    """How sources are read. Picklable: it travels to other processes with the work."""

    max_record_bytes: int = DEFAULT_MAX_RECORD_BYTES
    """A longer record is malformed, and not held."""
    unwrap: bool = True
    """Whether events are taken out of what they arrived in: queue messages, notifications, rows, signed tokens."""
    keys: "KeySet | None" = None
    """What vouches for signed tokens; without keys they are read unverified."""


class RunOptions(NamedTuple):
    """How work is run, for every command and library call; the answer is the same for any *jobs* and *cluster*."""

    reading: ReadOptions = ReadOptions()
    jobs: int = 1
    """With more than one, large input is read by as many processes, which import the caller's program: on macOS and
    Windows it needs an ``if __name__ == "__main__":`` around what it does."""
    cluster: str | None = None
    """The address of a Dask scheduler whose workers read instead."""
    watch: Watch = lambda size: None
    """Is told how many more bytes have been read."""
    soon: bool = False
    """Whether somebody waits for the first events: then this process reads them, while others read on."""


class FastPath(NamedTuple):
    """What makes a work faster; see ``running.fast``."""

    read: Callable[[Iterable[Any]], Iterable[Any]]
    """Yields what a block holds, with what its own work knows, or what the plain way makes, in place of batches."""
    least_bytes: int = 0
    """How many bytes a block must have for that to be faster."""


class Compiled(NamedTuple, Generic[ReportT]):
    """What does a command's work, in the process that it was compiled in."""

    report: Callable[[str, Iterable[Any]], ReportT]
    """Makes a report of a source's name and its events; the same function serves every way of running it."""
    feed: Feed = Framer.feed
    fast: Callable[[], FastPath | None] | None = None
    """Makes what reads batches, with the same report: some events need not be parsed to count."""
    merges_slowly: bool = False
    """Whether one report of a chunk or of several files is better than one of each block: it is smaller, and merged
    once. Such a report must not depend on the source's name."""


class Work(Protocol[ReportT]):
    """What a command does with events. Picklable: it travels to other processes and is compiled there."""

    def compile(self) -> Compiled[ReportT]:
        """Return what does the work. Raises CeventsError for a schema that cannot be used."""


Way = Callable[[Compiled[Any], ReadOptions], Callable[[Framer, bytes], Iterable[Any]]]
"""Makes what yields the events of a block, and what is none, for a work."""


def plain_way(compiled: Compiled[Any], options: ReadOptions) -> Callable[[Framer, bytes], Iterable[Any]]:
    """Return what frames, unwraps and parses each record of a block."""
    return lambda framer, block: _unwrapped(compiled.feed(framer, block), options)


class TaskResult(NamedTuple, Generic[ReportT]):
    """What another process made of a task, as if each of its chunks began with the first line of its source."""

    done: int
    """How many of the chunks it has read; the others hold too much for another process."""
    reports: list[ReportT]
    lines: int
    """How many lines the last of the chunks has."""
    between_records: bool
    """Whether reading had come to the end of a record when that ended."""
    failed: bool
    """Whether a source could not be read to its end; it is in the reports."""


class TooMuch(Exception):
    """A task holds more than another process should read."""


class Reader(Generic[ReportT]):
    """Goes through chunks in order, and knows in which state, and in which line, it has come to the next one."""

    def __init__(self, work: Work[ReportT], reading: ReadOptions, watch: Watch, way: Way = plain_way) -> None:
        self._work = work
        self._way = way
        self._compiled: Compiled[ReportT] | None = None
        self._reading = reading
        self._watch = watch
        self._framer = Framer(reading.max_record_bytes)
        self._failed: Source | SourceError | None = None
        self._failures: list[tuple[str, str]] = []

    def compile(self) -> Compiled[ReportT]:
        """Return what does the work here, compiled when it is first needed. Raises CeventsError as the work says."""
        if self._compiled is None:
            self._compiled = self._work.compile()
            self._events_of = self._way(self._compiled, self._reading)
        return self._compiled

    @property
    def between_records(self) -> bool:
        """Whether the next chunk begins with a record."""
        return self._framer.between_records

    def read(self, task: Task) -> Iterator[ReportT]:
        """Work on *task* here: yield a report for each block as it arrives, or one for all where that merges slowly."""
        compiled = self.compile()
        if compiled.merges_slowly and task[0].portable:
            yield from self._read_at_once(task)
            return
        for chunk in task:
            for number, events in enumerate(self._blocks(chunk)):
                report = compiled.report(chunk.source_name, events)
                report.begins_source = not chunk.start and not number
                yield report
            yield from self._take_failures()

    def do(self, task: Task) -> TaskResult[ReportT]:
        """Work on *task* as another process does: as if it began a source, and until ``watch`` raises TooMuch."""
        self._framer = Framer(self._reading.max_record_bytes)
        self._failed = None
        self._failures.clear()
        reports: list[ReportT] = []
        done = 0
        try:
            for chunks in [task] if self.compile().merges_slowly else [(chunk,) for chunk in task]:
                reports += [*self._read_at_once(chunks)]
                done += len(chunks)
        except TooMuch:
            pass
        framer = self._framer
        return TaskResult(done, reports, framer.line - 1, framer.between_records, self._failed is not None)

    def _read_at_once(self, chunks: Task) -> Iterator[ReportT]:
        blocks = chain.from_iterable(map(self._blocks, chunks))
        report = self.compile().report(chunks[0].source_name, chain.from_iterable(blocks))
        report.begins_source = not chunks[0].start
        yield report
        yield from self._take_failures()

    def take(self, task: Task, outcome: TaskResult[ReportT]) -> Iterator[ReportT]:
        """Yield what another process made of *task*, as far as that holds; the rest is worked on here."""
        first, last = task[0], task[-1]
        if first.start and first.source is self._failed:
            return
        done = 0
        # It took *task* to begin with a record. Where it did not end with one, its state is needed for what follows.
        if (not first.start or self.between_records) and (
            outcome.between_records or outcome.failed or last.end is None
        ):
            done = outcome.done
        if done:
            self._begin(first)
            for report in outcome.reports:
                report.shift(self._framer.line - 1)
                yield report
            self._framer.line += outcome.lines
            self._failed = last.source if outcome.failed else None
            self._watch(sum(chunk.size for chunk in task[:done]))
        if done < len(task):
            yield from self.read(task[done:])

    def _begin(self, chunk: Chunk) -> None:
        if not chunk.start:
            self._framer = Framer(self._reading.max_record_bytes)
            self._failed = None

    def _blocks(self, chunk: Chunk) -> Iterator[Iterable[Read]]:
        """Yield the events of each block of *chunk*, and what is none; note why it cannot be read on."""
        if chunk.start and chunk.source is self._failed:
            return
        self._begin(chunk)
        framer = self._framer
        self.compile()
        try:
            for block in chunk.blocks():
                yield self._events_of(framer, block)
                self._watch(len(block))
        except SourceError as error:
            self._failed = chunk.source
            self._failures.append((chunk.source_name, str(error)))
        if chunk.end is None or chunk.source is self._failed:
            yield _unwrapped(framer.finish(), self._reading)

    def _take_failures(self) -> Iterator[ReportT]:
        """Yield a report for each source that could not be read on: after what came before, which counts."""
        for source_name, failure in self._failures:
            report = self.compile().report(source_name, ())
            report.failures.append(failure)
            yield report
        self._failures.clear()


def _unwrapped(framed: Iterable[Framed], options: ReadOptions) -> Iterable[Read]:
    return events_in(framed, options) if options.unwrap else framed


def events_in(framed: Iterable[Framed], options: ReadOptions) -> Iterator[Read]:
    """Yield *framed*, with events in the place of what they are wrapped in."""
    for item in framed:
        if type(item) is not Record or is_event(item.value) or type(item.value) not in _HOLD_EVENTS:
            yield item
        else:
            yield from unwrap(item, options.keys, options.max_record_bytes)
