"""Bytes to and from files that may be unbuffered, and may not block."""

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from canvas_events_cli.errors import CeventsError, ClosedPipe

_HELD_BYTES = 64 * 1024
"""What is gathered before it is written: as much as a pipe takes at once."""


class RawFile(Protocol):
    """A file without a buffer, or one that writes all that it is given."""

    def write(self, data: memoryview, /) -> int | None:
        """Write some of *data*; return how much, None where it has no room now."""

    def fileno(self) -> int:
        """Return its descriptor."""


class Writer:
    """Gathers bytes, and writes every one of them or raises OSError: a raw file may take only some of them, or none."""

    def __init__(self, file: RawFile) -> None:
        self._file = file
        self._held = bytearray()

    def write(self, data: bytes) -> None:
        """Take *data*; write what was gathered where that has become much."""
        if len(self._held) + len(data) < _HELD_BYTES:
            self._held += data
        else:
            self.flush()
            write_all(self._file, data)

    def flush(self) -> None:
        """Write what was gathered; what cannot be written is not tried again."""
        held, self._held = self._held, bytearray()
        write_all(self._file, held)


def write_all(file: RawFile, data: bytes | bytearray) -> None:
    """Write all of *data*, and wait where the reader is slow. Raises OSError."""
    left = memoryview(data)
    while left:
        written = file.write(left)
        if written is None:
            wait_for(file.fileno(), to_write=True)
        else:
            left = left[written:]


def wait_for(descriptor: int, *, to_write: bool) -> None:
    """Wait until a file that does not block has something to read or takes more, or its other end is gone."""
    from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector

    with DefaultSelector() as selector:
        selector.register(descriptor, EVENT_WRITE if to_write else EVENT_READ)
        selector.select()


@contextmanager
def told_as(what: str) -> Iterator[None]:
    """Raise what goes wrong with writing as CeventsError, *what* and the reason; as ClosedPipe where nobody reads."""
    try:
        yield
    except OSError as error:
        if isinstance(error, BrokenPipeError) or (sys.platform == "win32" and error.errno == errno.EINVAL):
            raise ClosedPipe from error
        raise CeventsError(f"{what}: {error.strerror or error}") from error
