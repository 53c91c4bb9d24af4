"""Events in order of time, without holding them: the records wait on disk, a key of each in memory."""

import pickle
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Record
from canvas_events_cli.parse import parse
from canvas_events_cli.timestamps import Instant

_NEVER = Instant(2**63, "")


class Spool:
    """Takes records and gives them back by instant; those without one come last, ties in the order of arrival.

    The records go to an unlinked temporary file that only this user can open. Memory grows by one key a record.
    """

    def __init__(self) -> None:
        try:
            self._file = tempfile.TemporaryFile(prefix="cevents-")  # noqa: SIM115 (closed by __exit__)
        except OSError as error:
            raise _no_room(error) from error
        self._keys: list[tuple[Instant, int]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def add(self, source: str, record: Record, instant: Instant | None) -> None:
        """Keep *record* of *source*, which happened at *instant*. Raises CeventsError where the disk is full."""
        try:
            data = pickle.dumps((source, record, True), pickle.HIGHEST_PROTOCOL)
        except RecursionError:
            data = pickle.dumps((source, record._replace(value=None), False), pickle.HIGHEST_PROTOCOL)
        self._keys.append((instant or _NEVER, self._file.tell()))
        try:
            self._file.write(data)
        except OSError as error:
            raise _no_room(error) from error

    def in_order(self) -> Iterator[tuple[str, Record]]:
        """Yield the records by instant, each after the name of its source."""
        self._keys.sort()
        for _, offset in self._keys:
            self._file.seek(offset)
            source, record, whole = pickle.load(self._file)  # noqa: S301 (only this process can have written it)
            # What is nested too deeply to pickle is parsed again.
            yield source, record if whole else record._replace(value=parse(record.raw))


def _no_room(error: OSError) -> CeventsError:
    return CeventsError(
        f"the events need a temporary file to wait in: {error.strerror or error} (TMPDIR names another place)"
    )
