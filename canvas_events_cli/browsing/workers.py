"""Processes that work beside the screen, so that no key waits for them; where nothing forks, threads."""

from collections.abc import Callable
from itertools import count
from types import TracebackType
from typing import Any, Protocol, Self

from canvas_events_cli.running.pool import Pool, forks


class Workers(Protocol):
    """What does tasks elsewhere: submitted ahead, taken in order."""

    @property
    def room(self) -> int:
        """How many tasks can be submitted before a result is taken."""

    def submit(self, task: Any) -> Any:
        """Have *task* worked on; return a ticket for the result."""

    def result(self, ticket: Any) -> Any:
        """Return the outcome for *ticket* when it is there."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> bool | None: ...


class InThread:
    """Does each task when its result is asked for, in the thread that asks."""

    room = 1

    def __init__(self, prepare: Callable[[], Callable[[Any], object]]) -> None:
        self._do = prepare()
        self._tasks: dict[int, Any] = {}
        self._tickets = count()

    def submit(self, task: Any) -> int:
        """Keep *task* until its result is wanted."""
        ticket = next(self._tickets)
        self._tasks[ticket] = task
        return ticket

    def result(self, ticket: int) -> Any:
        """Do the task."""
        return self._do(self._tasks.pop(ticket))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Nothing is to be ended."""


def workers(prepare: Callable[[], Callable[[Any], object]], jobs: int) -> Workers:
    """Return what does tasks as *prepare* says: *jobs* processes, which share what this one has open."""
    return Pool(prepare, jobs) if forks() else InThread(prepare)
