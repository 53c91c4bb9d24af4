"""Has tasks done by a Dask cluster that exists."""

import importlib.metadata
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import get_ident
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, cast

from canvas_events_cli.errors import CeventsError, not_installed

Task = TypeVar("Task")
Result = TypeVar("Result")

_PACKAGE = "canvas-events-cli"
_CONNECT_SECONDS = 5
_TASKS_A_THREAD = 3
"""How many tasks are with the cluster at a time: one at work, one that waits, one whose result is on its way."""


class ClusterPool(Generic[Task, Result]):
    """The workers of the scheduler at an address; what *prepare* returns in each of them does the tasks.

    A task whose worker is lost is done again by another; each result is taken once. Raises CeventsError where the
    scheduler cannot be reached or is lost, where it has no workers or such that have not this version of cevents, and
    where a task costs several workers their lives.
    """

    def __init__(self, prepare: Callable[[], Callable[[Task], Result]], address: str) -> None:
        self._prepare = pickle.dumps(prepare)
        self._address = address
        self._waiting: dict[int, Any] = {}
        self._next = 0

    def __enter__(self) -> Self:
        self._client = _connect(self._address)
        self._threads = _usable_threads(self._client, self._address)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Take back what has not been done, and leave."""
        self._waiting.clear()
        self._client.close(timeout=_CONNECT_SECONDS)

    @property
    def room(self) -> int:
        """How many tasks can be submitted before a result is taken."""
        return self._threads * _TASKS_A_THREAD

    def submit(self, task: Task, *, large: bool = False) -> int:
        """Give *task* to the cluster, which takes *large* ones as well; return a ticket for the result."""
        self._next += 1
        with _told_plainly(self._address):
            self._waiting[self._next] = self._client.submit(_do, self._prepare, task, pure=False)
        return self._next

    def result(self, ticket: int, /) -> Result:
        """Return the result for *ticket*; wait until it is there."""
        with _told_plainly(self._address):
            result: Result = self._waiting.pop(ticket).result()
        return result

    def discard(self, ticket: int, /) -> None:
        """Say that the result for *ticket* is not wanted."""
        del self._waiting[ticket]


def _do(prepare: bytes, task: Task) -> Any:
    """Do a task: what a worker runs."""
    return _prepared(prepare, get_ident())(task)


@lru_cache(maxsize=64)
def _prepared(prepare: bytes, thread: int) -> Callable[[Any], Any]:
    """Return what does tasks, compiled once for each *thread*: what is compiled may hold on to what it is at."""
    work: Callable[[Any], Any] = pickle.loads(prepare)()  # noqa: S301 (from the one who asks for the work)
    return work


def _connect(address: str) -> Any:
    try:
        import dask

        dask.config.set({"logging": {"distributed": "critical", "distributed.client": "critical"}})
        import distributed
    except ImportError as error:
        raise CeventsError(f"--cluster {address}: {not_installed('this', 'cluster')}") from error
    try:
        return cast(Any, distributed).Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise CeventsError(f"--cluster {address}: no scheduler answers there: {error}") from error


def _usable_threads(client: Any, address: str) -> int:
    """Return how many threads the workers have; raise CeventsError where one could not do what this cevents would."""
    own = importlib.metadata.version(_PACKAGE)
    with _told_plainly(address):
        versions = client.run(importlib.metadata.version, _PACKAGE, on_error="return")
        threads = client.nthreads()
    if not threads:
        raise CeventsError(f"--cluster {address}: no worker is there: start some with `dask worker {address}`")
    for worker, version in sorted(versions.items()):
        if version != own:
            has = "no cevents" if isinstance(version, Exception) else f"cevents {version}"
            raise CeventsError(
                f"--cluster {address}: the worker {worker} has {has}, this is {own}:"
                ' install the same there, as the README says under "More than one machine"'
            )
    return sum(threads.values())


@contextmanager
def _told_plainly(address: str) -> Iterator[None]:
    from distributed import CancelledError, KilledWorker

    try:
        yield
    except KilledWorker as error:
        raise CeventsError(
            f"--cluster {address}: several workers died over the same block, the last was {error.last_worker.address}:"
            " look into their logs; too little memory is the usual cause"
        ) from error
    except (CancelledError, OSError) as error:
        raise CeventsError(f"--cluster {address}: the scheduler was lost: {error}") from error
