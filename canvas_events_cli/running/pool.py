"""Processes on this machine, each of which does one task after another.

They live and die with the process that started them: they leave Ctrl-C to it, and end when it does, however that is.
One that is killed is an error, never a wait without end; so is what the system refuses to them, which fewer need less.
"""

import errno
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from multiprocessing import connection
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from canvas_events_cli.errors import CeventsError, ExitCode, refusal

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkContext, SpawnContext
    from multiprocessing.process import BaseProcess

_DEPTH = 2
"""Tasks with a process at a time: one that it works on, and one for when it is done with that."""
_HELD_BYTES = 16 * 1024 * 1024
"""Results held for later; beyond that, processes have to wait until theirs is wanted."""
_PIPE_BYTES = 32 * 1024 if sys.platform == "linux" else 4 * 1024
"""What a pipe between two processes takes at once on every system of the kind."""
_SIGNALS = {signal.SIGINT, signal.SIGTERM}
_UNSTARTED = 1
"""The exit code of a new interpreter that could not import the program; its traceback is on standard error by then."""
START_METHOD = "CEVENTS_START_METHOD"
"""Names how processes are started, as multiprocessing calls it; for tests of what is the default elsewhere."""


@dataclass(slots=True)
class _Worker:
    process: "BaseProcess"
    connection: "Connection[Any, Any]"
    tickets: deque[int] = field(default_factory=deque)
    """Of the tasks that it has not given a result for, oldest first."""


class Pool:
    """Up to *jobs* processes, each started when there is a task for it.

    *prepare* is called once in each of them and returns what does a task; it must be picklable, and so must tasks and
    results. A CeventsError that it raises, or that a task does, is raised where the result is asked for.
    """

    def __init__(self, prepare: Callable[[], Callable[[Any], object]], jobs: int) -> None:
        self._prepare = prepare
        self._jobs = jobs
        self._context = _context()
        self._workers: list[_Worker] = []
        self._tickets = count()
        self._results: dict[int, bytes] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the processes, whatever they are at."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.connection.close()

    def submit(self, task: object) -> int:
        """Give *task* to the process that has the least to do; return a ticket for the result.

        What a pipe does not take at once waits until a process has nothing to do: one that works on another task would
        not read it yet, and never if it has a large result to write first.
        """
        # Not send(): an exception in it can crash Python 3.12.1 at its end (a view of a BytesIO in a cycle).
        data = pickle.dumps(task, pickle.HIGHEST_PROTOCOL)
        worker = min(self._workers, key=lambda worker: len(worker.tickets), default=None)
        if worker is None or (worker.tickets and len(self._workers) < self._jobs):
            worker = self._start()
        while len(data) > _PIPE_BYTES and worker.tickets:
            self._receive(self._workers)
            worker = min(self._workers, key=lambda worker: len(worker.tickets))
        with self._watched(worker):
            worker.connection.send_bytes(data)
        worker.tickets.append(next(self._tickets))
        return worker.tickets[-1]

    @property
    def room(self) -> int:
        """How many tasks can be submitted before a result is taken."""
        return self._jobs * _DEPTH

    def result(self, ticket: int) -> Any:
        """Return the result for *ticket*; wait until it is there."""
        while ticket not in self._results:
            is_full = sum(map(len, self._results.values())) > _HELD_BYTES
            self._receive([worker for worker in self._workers if not is_full or ticket in worker.tickets])
        result = pickle.loads(self._results.pop(ticket))  # noqa: S301 (of our own processes)
        if isinstance(result, CeventsError):
            raise result
        return result

    def _receive(self, workers: list[_Worker]) -> None:
        """Wait until one of *workers* has a result, and take it from each that has."""
        busy = [worker for worker in workers if worker.tickets]
        ready = connection.wait([worker.connection for worker in busy])
        for worker in busy:
            if worker.connection in ready:
                with self._watched(worker):
                    data = worker.connection.recv_bytes()
                self._results[worker.tickets.popleft()] = data

    def _start(self) -> _Worker:
        if multiprocessing.current_process().daemon:
            raise CeventsError("a process of a multiprocessing pool may not start others: use one job there")
        try:
            ours, theirs = self._context.Pipe()
            process = self._context.Process(
                target=_serve, args=(self._prepare, theirs), name="cevents worker", daemon=True
            )
            with _signals_held_back(self._context):
                process.start()
        except (OSError, MemoryError) as error:
            raise CeventsError(_refused(refusal(error) or str(error))) from error
        except RuntimeError as error:  # The program is being imported by a process that it started itself.
            raise CeventsError(_UNGUARDED) from error
        theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    @contextmanager
    def _watched(self, worker: _Worker) -> Iterator[None]:
        try:
            yield
        except (EOFError, OSError) as error:
            worker.process.join()
            code = worker.process.exitcode or 0
            if code == ExitCode.BUG:
                raise RuntimeError("a worker process met a bug: its traceback is above") from error
            if code == ExitCode.USAGE:
                raise CeventsError(_refused(os.strerror(errno.ENOMEM))) from error
            if code == _UNSTARTED and self._context.get_start_method() != "fork":
                raise CeventsError(f"a worker process could not start, its traceback is above; {_UNGUARDED}") from error
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            raise CeventsError(
                f"a worker process was ended from outside ({how}), so not everything was read: the machine may be short"
                f" of memory; {_FEWER}"
            ) from error


_FEWER = "fewer --jobs take less, and --jobs 1 starts no such process"
_UNGUARDED = (
    'a program that uses several jobs has to be importable: what it does belongs below `if __name__ == "__main__":`,'
    " or use one job"
)


def _refused(reason: str) -> str:
    return f"a worker process did not get what it needs from the system ({reason}): {_FEWER}"


def _serve(prepare: Callable[[], Callable[[Any], Any]], tasks: "Connection[Any, Any]") -> None:
    """Do tasks until there are no more: what a process of the pool runs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if signal.getsignal(signal.SIGTERM) != signal.SIG_IGN:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    try:
        # At once: while a process has no task, nothing else would tell it that its parent is gone, since it holds a
        # copy of both ends of its own pipe.
        work = _attempt(threading.Thread(target=_end_with_parent, daemon=True).start) or _attempt(prepare)
        while True:
            task = tasks.recv()
            tasks.send_bytes(pickle.dumps(_attempt(work, task) if callable(work) else work, pickle.HIGHEST_PROTOCOL))
    except (EOFError, OSError):
        return
    except MemoryError:  # Not enough is left even to tell so.
        os._exit(ExitCode.USAGE)


def _attempt(do: Callable[..., Any], *arguments: object) -> Any:
    """Return what *do* gives; in its place a CeventsError that it raises, or that says what the system refused."""
    try:
        return do(*arguments)
    except CeventsError as error:
        return error
    except BaseException as error:  # a panic of Rust is no Exception
        reason = refusal(error)
        if reason is None:
            traceback.print_exc()
            sys.exit(ExitCode.BUG)
        return CeventsError(_refused(reason))


def _end_with_parent() -> None:
    """Wait until the process that started this one is gone, and go too."""
    connection.wait([cast("BaseProcess", multiprocessing.parent_process()).sentinel])
    os._exit(0)


def _context() -> "ForkContext | SpawnContext":
    method = _start_method()
    try:
        return cast("ForkContext | SpawnContext", multiprocessing.get_context(method))
    except ValueError as error:
        raise CeventsError(f"{START_METHOD}={method}: {error}") from error


def forks() -> bool:
    """Tell whether processes are forked, which takes milliseconds where a new interpreter imports everything again."""
    return _start_method() == "fork"


def _start_method() -> str:
    by_itself = "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"
    return os.environ.get(START_METHOD) or by_itself


@contextmanager
def _signals_held_back(context: "ForkContext | SpawnContext") -> Iterator[None]:
    """Keep Ctrl-C and SIGTERM from a process that is being started: it lets them come when it knows what to do."""
    if sys.platform == "win32":
        yield
        return
    if context.get_start_method() != "fork":
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()  # which lets the signals through when it is started
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
