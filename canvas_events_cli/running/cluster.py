"""Has tasks done by a Dask cluster that exists.

Every wait has a limit: schedulers and workers hang, leave and come as they like.
"""

import asyncio
import importlib.metadata
import pickle
import struct
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from threading import get_ident
from types import TracebackType
from typing import Any, Self, cast

from canvas_events_cli.errors import CeventsError, not_installed, refusal

_PACKAGE = "canvas-events-cli"
_CONNECT_SECONDS = 5
_ANSWER_SECONDS = 30
"""Within this the scheduler and its workers answer a question, however busy they are."""
_JOIN_SECONDS = 15
"""Workers can come a little later than the work, also after all of them have left."""
_LOOK_SECONDS = 5
_TASK_SECONDS = 600
"""A task that takes longer hangs: it is a matter of seconds, and of minutes where others have the workers, too."""
_NO_SCHEDULER = (
    OSError, ValueError, TypeError, LookupError, ArithmeticError, EOFError, MemoryError, AttributeError, struct.error
)  # fmt: skip
"""What comes of the bytes of something else that listens there."""
_TASKS_A_THREAD = 3
"""How many tasks are with the cluster at a time: one at work, one that waits, one whose result is on its way."""


class ClusterPool:
    """The workers of the scheduler at an address; what *prepare* returns in each of them does the tasks.

    A task whose worker is lost is done again by another; each result is taken once. Raises CeventsError where the
    scheduler cannot be reached or is lost, where it has no workers or such that have not this version of cevents, and
    where a task costs several workers their lives.
    """

    def __init__(self, prepare: Callable[[], Callable[[Any], object]], address: str) -> None:
        self._prepare = pickle.dumps(prepare)
        self._address = address

    def __enter__(self) -> Self:
        self._client = _connect(self._address)
        with ExitStack() as stack:
            stack.push(self.__exit__)
            self._threads = self._usable_threads()
            stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave, and take back what has not been done."""
        with suppress(OSError):  # One that does not answer any more needs no farewell.
            self._client.close(timeout=_CONNECT_SECONDS)
        self._client.status = "closed"  # Else it would try once more in the end.

    @property
    def room(self) -> int:
        """How many tasks can be submitted before a result is taken."""
        return self._threads * _TASKS_A_THREAD

    def submit(self, task: object) -> Any:
        """Give *task* to the cluster; return a ticket for the result."""
        with _told_plainly(self._address):
            return self._client.submit(_do, self._prepare, task, _version(), pure=False)

    def result(self, ticket: Any) -> Any:
        """Return the result for *ticket*; wait until it is there."""
        begun = at_work = time.monotonic()
        with _told_plainly(self._address):
            while True:
                try:
                    return ticket.result(timeout=_LOOK_SECONDS)
                except TimeoutError:
                    now = time.monotonic()
                    at_work = now if self._workers() else at_work
                except (ImportError, AttributeError, TypeError):
                    self._usable_threads()  # tells which worker that came meanwhile has another version
                    raise
                if now - at_work > _JOIN_SECONDS:
                    raise self._without_workers()
                if now - begun > _TASK_SECONDS:
                    raise CeventsError(
                        f"--cluster {self._address}: a block was not done within {_TASK_SECONDS // 60} minutes:"
                        " look into the logs of the workers"
                    )

    def _ask(self, question: Callable[..., Any], *arguments: object, **options: object) -> Any:
        with _told_plainly(self._address):
            return self._client.sync(question, *arguments, **options, callback_timeout=_ANSWER_SECONDS)

    def _workers(self) -> dict[str, Any]:
        """Return what the scheduler tells of each worker, by its address."""
        workers: dict[str, Any] = self._ask(self._client.scheduler.identity)["workers"]
        return workers

    def _usable_threads(self) -> int:
        """Return how many threads the workers have; raise CeventsError where one could not do what this cevents would.

        Waits a little where there are none yet.
        """
        begun = time.monotonic()
        while not (workers := self._workers()):
            if time.monotonic() - begun > _JOIN_SECONDS:
                raise self._without_workers()
            time.sleep(0.2)
        own = _version()
        versions = self._ask(self._client._run, importlib.metadata.version, _PACKAGE, on_error="return")
        for worker, version in sorted(versions.items()):
            if version != own:
                has = "no cevents" if isinstance(version, Exception) else f"cevents {version}"
                raise CeventsError(f"--cluster {self._address}: {_other_version(worker, has, own)}")
        return sum(worker["nthreads"] for worker in workers.values())

    def _without_workers(self) -> CeventsError:
        return CeventsError(
            f"--cluster {self._address}: no worker is there: start some with `dask worker {self._address}`"
        )


def _version() -> str:
    return importlib.metadata.version(_PACKAGE)


def _other_version(worker: str, has: str, own: str) -> str:
    return f"the worker {worker} has {has}, this is {own}: install the same version on all machines"


def _do(prepare: bytes, task: object, version: str) -> Any:
    """Do a task as cevents of *version* does: what a worker runs, which may have come later than all others."""
    from distributed import get_worker

    worker = get_worker().address
    if version != _version():
        raise CeventsError(_other_version(worker, f"cevents {_version()}", version))
    try:
        return _prepared(prepare, get_ident())(task)
    except (OSError, MemoryError) as error:
        raise CeventsError(f"the worker {worker} could not do its work: {refusal(error) or error}") from error


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
    client = cast(Any, distributed)

    async def identity() -> object:
        async with client.rpc(address) as scheduler:
            return await asyncio.wait_for(scheduler.identity(), _CONNECT_SECONDS)

    try:
        # The client itself waits for ever for something that takes the connection and says nothing. By a thread, since
        # a program that calls this may have a loop of its own in this one.
        with ThreadPoolExecutor(1) as executor:
            executor.submit(asyncio.run, identity()).result()
        return client.Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except _NO_SCHEDULER as error:
        is_silent = isinstance(error, TimeoutError)
        reason = f"nothing within {_CONNECT_SECONDS} seconds" if is_silent else str(error) or "something else listens"
        raise CeventsError(f"--cluster {address}: no scheduler answers there: {reason}") from error


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
        reason = str(error) or "it does not answer"
        raise CeventsError(f"--cluster {address}: the scheduler was lost: {reason}") from error
