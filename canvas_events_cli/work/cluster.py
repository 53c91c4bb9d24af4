"""Runs tasks on a Dask cluster that exists, and gives their results in the order of the tasks."""

import importlib.metadata
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from canvas_events_cli.errors import CeventsError

Task = TypeVar("Task")
Result = TypeVar("Result")

_PACKAGE = "canvas-events-cli"
_CONNECT_SECONDS = 5
_TASKS_A_THREAD = 3
"""How many tasks are with the cluster at a time: one at work, one that waits, one whose result is on its way."""


def run_on_cluster(address: str, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
    """Yield the result of *work* for each of *tasks*, in order, from the workers of the scheduler at *address*.

    *work* is a function of an importable module. A task whose worker is lost is done again by another; each result is
    taken once. Raises CeventsError where the scheduler cannot be reached or is lost, where it has no workers or such
    that have not this version of cevents, and where a task costs several workers their lives.
    """
    with _connected(address) as client:
        threads = _usable_threads(client, address)
        waiting: deque[Any] = deque()
        with _told_plainly(address):
            for task in tasks:
                waiting.append(client.submit(work, task, pure=False))
                if len(waiting) >= _TASKS_A_THREAD * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    try:
        import dask

        dask.config.set({"logging": {"distributed": "critical", "distributed.client": "critical"}})
        import distributed
    except ImportError as error:
        raise CeventsError(
            f"--cluster {address}: this takes packages that are not installed: pip install '{_PACKAGE}[cluster]'"
        ) from error
    try:
        client: Any = cast(Any, distributed).Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise CeventsError(f"--cluster {address}: no scheduler answers there: {error}") from error
    try:
        yield client
    finally:
        client.close(timeout=_CONNECT_SECONDS)


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
                f" pip install '{_PACKAGE}[cluster]=={own}' there"
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
