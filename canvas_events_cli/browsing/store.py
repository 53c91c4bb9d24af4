"""Bytes that can be read again from any place: files as they are, and what came otherwise in a temporary file."""

import ctypes
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import NamedTuple

from canvas_events_cli.outputs import told_as, write_all
from canvas_events_cli.running.pool import forks
from canvas_events_cli.sources.source import Source, SourceError

LONG_BYTES = 2 * 1024 * 1024
"""Of what is longer, one is parsed at a time: parsed it takes some ten times as much."""
_MMAP_THRESHOLD, _APART_BYTES = -3, 256 * 1024
"""A parameter of glibc's ``mallopt``, and what it is to be."""
_PATIENCE_SECONDS = 5.0
"""How long one waits for another: who held the place may have been ended."""


class Place(NamedTuple):
    """Where the bytes of a source are; picklable."""

    source: Source
    file: tuple[int, int] | None
    """Device and inode of a file that is read where it is; None for what was spooled."""


class Store:
    """The files, and an unlinked temporary file that only this user can open.

    The process that writes there and those that read share it, as a fork does: nobody moves the place to read from.
    """

    def __init__(self) -> None:
        """Raise CeventsError where there is no room for a temporary file."""
        _hold_long_apart()
        with _told():
            self._spool = TemporaryFile(prefix="cevents-", buffering=0)  # noqa: SIM115 (closed below)
        self._end = 0
        self._lock = threading.Lock()
        self._long = multiprocessing.get_context("fork").Lock() if forks() else threading.Lock()

    def keep(self, data: bytes) -> int:
        """Spool *data*, and return where it begins. Raises CeventsError where the disk is full."""
        start = self._end
        with _told(), self._lock:
            self._spool.seek(start)
            write_all(self._spool, data)
        self._end += len(data)
        return start

    def read(self, place: Place, start: int, end: int) -> bytes:
        """Return the bytes from *start* to *end*. Raises SourceError where the file has not got them any more."""
        if place.file is None:
            with _told():
                return self._read_at(self._spool.fileno(), start, end)
        name = place.source.name
        assert place.source.path is not None  # noqa: S101 (else it was spooled)
        try:
            descriptor = os.open(place.source.path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise SourceError(f"{name}: cannot read: {error.strerror or error}") from error
        try:
            status = os.fstat(descriptor)
            if (status.st_dev, status.st_ino) != place.file:
                raise SourceError(f"{name}: was replaced by another file")
            data = self._read_at(descriptor, start, end)
        except OSError as error:
            raise SourceError(f"{name}: cannot read: {error.strerror or error}") from error
        finally:
            os.close(descriptor)
        if len(data) < end - start:
            raise SourceError(f"{name}: is shorter than it was")
        return data

    @contextmanager
    def alone(self, size: int) -> Iterator[None]:
        """Return a context to parse *size* bytes in: where they are many, no other process or thread is in one."""
        is_held = size > LONG_BYTES and self._long.acquire(timeout=_PATIENCE_SECONDS)
        try:
            yield
        finally:
            if size > LONG_BYTES:
                _give_back()
            if is_held:
                self._long.release()

    def close(self) -> None:
        """Give up what was spooled."""
        self._spool.close()

    def _read_at(self, descriptor: int, start: int, end: int) -> bytes:
        parts: list[bytes] = []
        while start < end and (part := self._read_part(descriptor, start, end - start)):
            parts.append(part)
            start += len(part)
        return b"".join(parts)

    def _read_part(self, descriptor: int, start: int, size: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(descriptor, size, start)
        with self._lock:  # on Windows, where threads share the file and nothing forks
            os.lseek(descriptor, start, os.SEEK_SET)
            return os.read(descriptor, size)


def _allocator(name: str) -> Callable[..., int]:
    """Return what the C library of Linux can be asked of its memory; elsewhere, what does nothing."""
    return getattr(ctypes.CDLL(None), name, _nothing) if sys.platform == "linux" else _nothing


def _nothing(*arguments: int) -> int:
    return 0


def _hold_long_apart() -> None:
    """Have what is long stand by itself, so that it can be given back; by itself, glibc changes that as it goes on."""
    _allocator("mallopt")(_MMAP_THRESHOLD, _APART_BYTES)


def _give_back() -> None:
    """Have the system take back what memory was freed: else it stays with us."""
    _allocator("malloc_trim")(0)


@contextmanager
def _told() -> Iterator[None]:
    with told_as("what is read needs a temporary file to wait in (TMPDIR names another place)"):
        yield
