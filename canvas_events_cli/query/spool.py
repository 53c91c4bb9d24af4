"""Events in order of time, without holding them: the records wait on disk, a key of each in memory."""

import pickle
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Generic, NamedTuple, Self, TypeVar

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Record
from canvas_events_cli.parse import parse
from canvas_events_cli.timestamps import Instant

Item = TypeVar("Item")

_NEVER = Instant(2**63, "")


class Spooled(NamedTuple, Generic[Item]):
    """What was kept of a record."""

    source: str
    line: int
    item: Item
    size: int
    """How many bytes it takes here."""


class Spool(Generic[Item]):
    """Takes records, or what is kept of them, and gives them back by instant.

    Those without one come last, ties in the order of arrival.

    The records go to an unlinked temporary file that only this user can open. Memory grows by one key a record.
    """

    def __init__(self) -> None:
        with _told():
            self._file = tempfile.TemporaryFile(prefix="cevents-")  # noqa: SIM115 (closed by __exit__)
        self._keys: list[tuple[Instant, int]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError):  # on a full disk it would write what it holds once more
            self._file.close()

    def add(self, source: str, line: int, item: Item, instant: Instant | None) -> None:
        """Keep *item* of *source*, which happened at *instant*. Raises CeventsError where the disk is full."""
        try:
            data = pickle.dumps((source, line, item, True), pickle.HIGHEST_PROTOCOL)
        except RecursionError:
            if not isinstance(item, Record):
                raise
            data = pickle.dumps((source, line, item._replace(value=None), False), pickle.HIGHEST_PROTOCOL)
        with _told():
            self._keys.append((instant or _NEVER, self._file.tell()))
            self._file.write(data)

    def in_order(self) -> Iterator[Spooled[Item]]:
        """Yield what was kept, by instant. Raises CeventsError as :meth:`add` does: it may have held some of it."""
        self._keys.sort()
        for _, offset in self._keys:
            with _told():
                self._file.seek(offset)
                source, line, item, whole = pickle.load(self._file)  # noqa: S301 (only this process can write there)
            if not whole:
                # What is nested too deeply to pickle is parsed again.
                item = item._replace(value=parse(item.raw))
            yield Spooled(source, line, item, self._file.tell() - offset)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CeventsError(
            f"the events need a temporary file to wait in: {error.strerror or error} (TMPDIR names another place)"
        ) from error
