"""The one way from what arrives to where it is kept, for any number of receivers.

Those that wait at the same time share one write and one fsync: that is what makes a thousand events a second possible
where each has to be on disk before it is answered.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Protocol

from canvas_events_cli.capture.arrival import Arrival, Tally, examine
from canvas_events_cli.capture.files import Kept
from canvas_events_cli.capture.metrics import MetricsFile
from canvas_events_cli.capture.trouble import Trouble
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Finding
from canvas_events_cli.running.reading import ReadOptions
from canvas_events_cli.validation import EventChecker

_TOGETHER = 1000
_TOGETHER_BYTES = 8 * 1024 * 1024
_TICK_SECONDS = 1.0
Waiting = tuple[Arrival, "Future[None]"]


class Unwritten(Exception):
    """What arrived could not be kept this time; it may be tried again."""


class Place(Protocol):
    """Where lines are kept."""

    def keep(self, lines: Sequence[bytes]) -> Kept:
        """Return when they are. Raises OSError where it may go another time, CeventsError or ClosedPipe for good."""

    def close(self) -> None:
        """Leave it."""


class Ending:
    """Whether a capture is over, and because of what; anybody may end it."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._error: BaseException | None = None

    def end(self, error: BaseException | None = None) -> None:
        """End it; the first *error* is the one that counts."""
        self._error = self._error or error
        self._over.set()

    @property
    def is_over(self) -> bool:
        """Whether it is over."""
        return self._over.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait as long as that, or until it is over; tell whether it is."""
        return self._over.wait(seconds)

    def raise_error(self) -> None:
        """Raise the error that ended it, if any."""
        if self._error is not None:
            raise self._error


@dataclass(frozen=True, slots=True)
class Handling:
    """What is done with what arrives, besides keeping it."""

    tell: Callable[[str], None]
    """Says something to the person at the keyboard, on one line."""
    show: Callable[[Iterable[Finding]], None] | None = None
    """Shows findings; None where nobody wants them."""
    checker: EventChecker | None = None
    """Where findings are wanted, or metrics."""
    metrics: MetricsFile | None = None
    limit: int | None = None
    """How many messages and requests are kept at most."""
    reading: ReadOptions = field(default_factory=ReadOptions)


class Keeper:
    """Keeps what arrives at a place, in a thread of its own."""

    def __init__(self, place: Place, handling: Handling, ending: Ending) -> None:
        self.tally = Tally()
        self._place = place
        self._handling = handling
        self._ending = ending
        self._left = handling.limit
        self._lock = threading.Lock()
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._writing, self._writing_metrics = Trouble(handling.tell), Trouble(handling.tell)
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        if handling.metrics is not None:
            handling.metrics.write(self.tally)
        self._thread.start()

    def reserve(self, most: int) -> int:
        """Return how many may arrive, *most* or what the limit leaves of it; what does not come is given back."""
        with self._lock:
            if self._left is None:
                return most
            given = min(most, self._left)
            self._left -= given
            return given

    def give_back(self, count: int) -> None:
        """Take back what was reserved, and not used."""
        with self._lock:
            if self._left is not None:
                self._left += count

    def refuse(self, status: int, why: str) -> None:
        """Count a request that is not kept, and tell of the first with this *status*: settings may be wrong."""
        self.tally.refused[status] += 1
        if self.tally.refused[status] == 1:
            self._handling.tell(f"refused a request with {status}: {why}; more of these are only counted")

    def examine(self, body: bytes) -> Arrival:
        """Return what *body* is. Any thread may ask: checkers only remember what they have compiled."""
        return examine(body, self._handling.checker, self._handling.reading)

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
        self._place.close()
        if self._handling.metrics is not None:
            self._handling.metrics.write(self.tally)

    def _run(self) -> None:
        try:
            is_open = True
            while is_open:
                batch, is_open = self._next()
                if batch:
                    self._keep(batch)
                if self._handling.metrics is not None:
                    self._write_metrics(self._handling.metrics)
        except BaseException as error:
            self._ending.end(error)
            while (item := self._queue.get()) is not None:
                item[1].set_exception(Unwritten())

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
            kept = self._place.keep([arrived.line for arrived, _ in batch])
        except OSError as error:
            reason = error.strerror or error
            self._writing.happened(f"cannot write: {reason}: nothing is confirmed or deleted until that works again")
            for _, future in batch:
                future.set_exception(Unwritten(error.strerror))
            return
        except BaseException:
            for _, future in batch:
                future.set_exception(Unwritten())
            raise
        self._writing.went_well("writing again")
        for _, future in batch:
            future.set_result(None)
        for line, (arrived, _) in enumerate(batch, kept.first_line):
            findings = self.tally.add(arrived, kept.name, line)
            if findings and self._handling.show is not None:
                self._handling.show(findings)
        if self._handling.limit is not None and self.tally.arrivals >= self._handling.limit:
            self._ending.end()

    def _write_metrics(self, metrics: MetricsFile) -> None:
        try:
            metrics.write_if_due(self.tally)
            self._writing_metrics.went_well("writing metrics again")
        except CeventsError as error:
            self._writing_metrics.happened(str(error))
