"""Runs a command's work over sources: in this process, in several, or on a cluster, with the same answer.

A chunk is worked on as if its source began with it: its lines count from 1, and reading begins between records. Where
that turns out to be wrong, because a value or an array was still open before it, what was made of it is thrown away,
and reading goes on in this process until it is between records again at the end of a chunk.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import Any, Protocol

from canvas_events_cli.running.fast.batches import way
from canvas_events_cli.running.reading import Reader, ReadOptions, ReportT, RunOptions, TaskResult, TooMuch, Work
from canvas_events_cli.sources.chunks import Task, tasks, tasks_anywhere
from canvas_events_cli.sources.source import Source, SourceError

LEAST_BYTES = 16 * 1024 * 1024
"""Less input starts no processes: it is done before they have started."""
_MOST_BYTES = 32 * 1024 * 1024
"""What another process reads for one task at most, whatever it was compressed to."""
_HELD_BYTES = 24 * 1024 * 1024
"""What is held at most of the bytes of chunks that other processes work on."""
_KEPT_BYTES = 8 * 1024 * 1024
"""Once an allocation of this size has been freed, glibc keeps such memory, in place of getting each block anew page by
page."""


def run(
    sources: Iterable[Source | SourceError], work: Work[ReportT], how: RunOptions | None = None
) -> Iterator[ReportT]:
    """Yield the reports of *work* on *sources*, in order; merged, they give the same for any way *how* it is run.

    A report is of one block as it arrived, or of a whole chunk or several that another process has read. Raises
    CeventsError for a schema that cannot be used, where another process is killed, and where the cluster cannot do the
    work.
    """
    bytes(_KEPT_BYTES)  # and freed: the largest that was sets how large a block glibc takes from what it keeps
    how = how or RunOptions()
    reader = Reader(work, how.reading, how.watch, way())
    if how.cluster is not None:
        from canvas_events_cli.running.cluster import ClusterPool

        with ClusterPool(partial(prepare, work, how.reading, None), how.cluster) as workers:
            yield from _spread(workers, tasks_anywhere(sources), reader, how.soon)
        return
    todo = tasks(sources, cut_stdin=how.jobs > 1)
    if how.jobs == 1:
        reader.compile()
        yield from chain.from_iterable(map(reader.read, todo))
        return
    while first := list(_enough(todo)):
        if sum(chunk.size for task in first if task[0].portable for chunk in task) >= LEAST_BYTES:
            from canvas_events_cli.running.pool import Pool

            with Pool(partial(prepare, work, how.reading, _MOST_BYTES), how.jobs) as processes:
                yield from _spread(processes, chain(first, todo), reader, how.soon)
            return
        yield from chain.from_iterable(map(reader.read, first))


def prepare(work: Work[ReportT], reading: ReadOptions, most_bytes: int | None) -> Callable[[Task], TaskResult[ReportT]]:
    """Return what another process does with a task: it stops at a chunk with which it has over *most_bytes*."""
    read_bytes = 0

    def watch(size: int) -> None:
        nonlocal read_bytes
        read_bytes += size
        if most_bytes is not None and read_bytes > most_bytes:
            raise TooMuch

    reader = Reader(work, reading, watch, way())
    reader.compile()

    def do(task: Task) -> TaskResult[ReportT]:
        nonlocal read_bytes
        read_bytes = 0
        return reader.do(task)

    return do


def _enough(todo: Iterator[Task]) -> Iterator[Task]:
    """Yield tasks until they are worth starting processes for, or the next thing to do is to work on one here."""
    size = 0
    for task in todo:
        yield task
        size += sum(chunk.size for chunk in task)
        if size >= LEAST_BYTES or not task[0].portable:
            return


class Workers(Protocol):
    """Other processes, here or elsewhere, that do tasks as :func:`prepare` says."""

    @property
    def room(self) -> int:
        """How many tasks can be submitted before a result is taken."""

    def submit(self, task: Task) -> Any:
        """Have *task* worked on; return a ticket for the result."""

    def result(self, ticket: Any) -> Any:
        """Return the outcome for *ticket* when it is there."""


def _spread(workers: Workers, todo: Iterator[Task], reader: Reader[ReportT], soon: bool) -> Iterator[ReportT]:
    """Have *workers* do what they can of the tasks, some ahead of the one whose result is next, and *reader* the rest.

    While a value is open, what follows is not between records either, most likely: then nothing is done ahead. The
    first is *reader*'s where somebody wants it *soon*: another process gives nothing before it has done all of it.
    """
    ahead: deque[tuple[Task, Any]] = deque((task, None) for task in islice(todo, soon))

    def may_look_on() -> bool:
        # There is room, and nothing to do in this process first: to read on could be to wait.
        held = sum(len(task[0].data or b"") for task, _ in ahead)
        return len(ahead) < workers.room and held < _HELD_BYTES and ahead[-1][0][0].portable

    while True:
        while reader.between_records and (task := next(todo, None) if not ahead or may_look_on() else None):
            ahead.append((task, workers.submit(task) if task[0].portable else None))
        task, ticket = ahead.popleft() if ahead else (next(todo, None), None)
        if task is None:
            return
        yield from reader.read(task) if ticket is None else reader.take(task, workers.result(ticket))
