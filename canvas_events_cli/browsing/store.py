"""Bytes that can be read again from any place: files as they are, and what came otherwise in a temporary file."""

import ctypes
import multiprocessing
import os
import sys
import threading
from collections.abc import Iterator
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
_SPOOLED = "what is read needs a temporary file to wait in (TMPDIR names another place)"
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
        # What is long stands by itself, and can be given back; by itself, glibc changes that as it goes on.
        _ask_allocator("mallopt", _MMAP_THRESHOLD, _APART_BYTES)
        with told_as(_SPOOLED):
            self._spool = TemporaryFile(prefix="cevents-", buffering=0)  # noqa: SIM115 (closed below)
        self._end = 0
        self._lock = threading.Lock()
        self._long = multiprocessing.get_context("fork").Lock() if forks() else threading.Lock()

    def keep(self, data: bytes) -> int:
        """Spool *data*, and return where it begins. Raises CeventsError where the disk is full."""
        start = self._end
        with told_as(_SPOOLED), self._lock:
            self._spool.seek(start)
            write_all(self._spool, data)
        self._end += len(data)
        return start

    def read(self, place: Place, start: int, end: int) -> bytes:
        """Return the bytes from *start* to *end*. Raises SourceError where the file has not got them any more."""
        if place.file is None:
            with told_as(_SPOOLED):
                if hasattr(os, "pread"):
                    return os.pread(self._spool.fileno(), end - start, start)
                with self._lock:  # on Windows, where threads share the file and nothing forks
                    self._spool.seek(start)
                    return self._spool.read(end - start)
        data = read_file(place, start, end - start)
        if len(data) < end - start:
            raise SourceError(f"{place.source.name}: is shorter than it was")
        return data

    @contextmanager
    def alone(self, size: int) -> Iterator[None]:
        """Return a context to parse *size* bytes in: where they are many, no other process or thread is in one."""
        is_held = size > LONG_BYTES and self._long.acquire(timeout=_PATIENCE_SECONDS)
        try:
            yield
        finally:
            if size > LONG_BYTES:
                _ask_allocator("malloc_trim", 0)  # else what memory was freed stays with us
            if is_held:
                self._long.release()

    def close(self) -> None:
        """Give up what was spooled."""
        self._spool.close()


def read_file(place: Place, start: int, most: int) -> bytes:
    """Return at most so many bytes of a file from *start* on. Raises SourceError where it is not what it was."""
    name, path = place.source.name, place.source.path
    assert path is not None  # noqa: S101 (else it was spooled)
    try:
        with open(path, "rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            if (status.st_dev, status.st_ino) != place.file:
                raise SourceError(f"{name}: was replaced by another file")
            if status.st_size < start:
                raise SourceError(f"{name}: is shorter than it was")
            file.seek(start)
            return file.read(most)
    except OSError as error:
        raise SourceError(f"{name}: cannot read: {error.strerror or error}") from error


def _ask_allocator(name: str, *arguments: int) -> None:
    """Ask the C library of Linux for something of its memory, where that can be asked."""
    if sys.platform == "linux" and (ask := getattr(ctypes.CDLL(None), name, None)):
        ask(*arguments)
