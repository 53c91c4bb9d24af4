"""The one way from what arrives to where it is kept, for any number of receivers.

Those that wait at the same time share one write and one fsync: that is what makes a thousand events a second possible
where each has to be on disk before it is answered.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Protocol

from canvas_events_cli.capture.arrival import Arrival, Tally, examine
from canvas_events_cli.capture.files import Kept
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Finding
from canvas_events_cli.outputs import Destination, OutputFile
from canvas_events_cli.running.reading import ReadOptions
from canvas_events_cli.validation import EventChecker

_TOGETHER = 1000
_TOGETHER_BYTES = 8 * 1024 * 1024
_TICK_SECONDS = 1.0
_METRICS_SECONDS = 5.0
Waiting = tuple[Arrival, "Future[None]"]


class Unwritten(Exception):
    """What arrived could not be kept this time; it may be tried again."""


class Place(Protocol):
    """Where lines are kept."""

    def keep(self, lines: Sequence[bytes]) -> Kept:
        """Return when they are. Raises OSError where it may go another time, CeventsError or ClosedPipe for good."""

    def close(self) -> None:
        """Leave it."""


class Ending(threading.Event):
    """Set when a capture is over, by anybody; with what raised the error that ended it, if any."""

    error: BaseException | None = None

    def end(self, error: BaseException | None = None) -> None:
        """End it; the first *error* is the one that counts."""
        self.error = self.error or error
        self.set()


class Trouble:
    """Trouble that comes and goes: told when it begins, and when it is over, once, however many threads have it."""

    def __init__(self, tell: Callable[[str], None], calm_seconds: float = 0.0) -> None:
        """Take it for over once nobody has had any for *calm_seconds*."""
        self._tell = tell
        self._calm_seconds = calm_seconds
        self._lock = threading.Lock()
        self._last: float | None = None

    def happened(self, text: str) -> None:
        """Tell *text*, where this is how trouble begins."""
        with self._lock:
            if self._last is None:
                self._tell(text)
            self._last = time.monotonic()

    def went_well(self, text: str) -> None:
        """Tell *text*, where trouble is over."""
        with self._lock:
            if self._last is not None and time.monotonic() - self._last >= self._calm_seconds:
                self._last = None
                self._tell(text)


@dataclass
class Keeper:
    """Keeps what arrives at a place, in a thread of its own."""

    place: Place
    ending: Ending
    tell: Callable[[str], None]
    """Says something to the person at the keyboard, on one line."""
    show: Callable[[Iterable[Finding]], None] | None = None
    """Shows findings; None where nobody wants them."""
    checker: EventChecker | None = None
    """Where findings are wanted, or metrics."""
    metrics: Path | None = None
    """A file that is replaced as a whole, every few seconds: the node exporter reads ``*.prom`` in a folder."""
    limit: int | None = None
    """How many messages and requests are kept at most."""
    reading: ReadOptions = field(default_factory=ReadOptions)

    def __post_init__(self) -> None:
        self.tally = Tally()
        self._left: float = inf if self.limit is None else self.limit
        self._lock = threading.Lock()
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._writing, self._writing_metrics = Trouble(self.tell), Trouble(self.tell)
        self._metrics_due = 0.0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._write_metrics()
        self._thread.start()

    def reserve(self, most: int) -> int:
        """Return how many may arrive, *most* or what the limit leaves of it; what does not come is given back."""
        with self._lock:
            given = int(min(most, self._left))
            self._left -= given
            return given

    def give_back(self, count: int) -> None:
        """Take back what was reserved, and not used."""
        with self._lock:
            self._left += count

    def refuse(self, status: int, why: str) -> None:
        """Count a request that is not kept, and tell of the first with this *status*: settings may be wrong."""
        self.tally.refused[status] += 1
        if self.tally.refused[status] == 1:
            self.tell(f"refused a request with {status}: {why}; more of these are only counted")

    def examine(self, body: bytes) -> Arrival:
        """Return what *body* is. Any thread may ask: checkers only remember what they have compiled."""
        return examine(body, self.checker, self.reading)

    def keep(self, arrived: Arrival) -> "Future[None]":
        """Return what tells when *arrived* is kept; it raises Unwritten, or what ended the capture."""
        future: Future[None] = Future()
        future.set_running_or_notify_cancel()  # whoever stops waiting does not take it back
        self._queue.put((arrived, future))
        return future

    def close(self) -> None:
        """Return when all that arrived is kept. Raises CeventsError where the metrics cannot be written."""
        self._queue.put(None)
        self._thread.join()
        self.place.close()
        self._write_metrics()

    def _run(self) -> None:
        try:
            is_open = True
            while is_open:
                batch, is_open = self._next()
                if batch:
                    self._keep(batch)
                if time.monotonic() >= self._metrics_due:
                    try:
                        self._write_metrics()
                        self._writing_metrics.went_well("writing metrics again")
                    except CeventsError as error:
                        self._writing_metrics.happened(str(error))
        except BaseException as error:
            self.ending.end(error)
            while (item := self._queue.get()) is not None:
                item[1].set_exception(Unwritten())

    def _write_metrics(self) -> None:
        """Write the tally, if that is wanted. Raises CeventsError where the file cannot be written."""
        self._metrics_due = time.monotonic() + _METRICS_SECONDS
        if self.metrics is not None:
            with OutputFile(Destination(f"--metrics {self.metrics}", self.metrics)) as output:
                output.write(self.tally.exposition().encode())
                output.commit()

    def _next(self) -> tuple[list[Waiting], bool]:
        """Return those that wait, none after a while without any; and whether more may come."""
        batch: list[Waiting] = []
        size = 0
        try:
            item = self._queue.get(timeout=_TICK_SECONDS)
            while item is not None:
                batch.append(item)
                size += len(item[0].line)
                if len(batch) == _TOGETHER or size >= _TOGETHER_BYTES:
                    return batch, True
                item = self._queue.get_nowait()
        except Empty:
            return batch, True
        return batch, False

    def _keep(self, batch: list[Waiting]) -> None:
        try:
            kept = self.place.keep([arrived.line for arrived, _ in batch])
        except BaseException as error:
            for _, future in batch:
                future.set_exception(Unwritten())
            if not isinstance(error, OSError):
                raise
            reason = error.strerror or error
            self._writing.happened(f"cannot write: {reason}: nothing is confirmed or deleted until that works again")
            return
        self._writing.went_well("writing again")
        for _, future in batch:
            future.set_result(None)
        for line, (arrived, _) in enumerate(batch, kept.first_line):
            findings = self.tally.add(arrived, kept.name, line)
            if findings and self.show is not None:
                self.show(findings)
        if self.limit is not None and self.tally.arrivals >= self.limit:
            self.ending.end()
