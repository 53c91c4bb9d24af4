"""The folder that received events are kept in: files by hour, compressed, that can be read at any time.

What is kept in one go is a whole zstd frame, so that a file ends where an event does, whenever it is read. Who is
killed while writing leaves the beginning of a frame at the most, of events that were never confirmed: it is one
malformed record to whoever reads the file, and the next one to write to the folder cuts it off.
"""

import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from io import FileIO
from itertools import count
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import NamedTuple

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.outputs import write_all
from canvas_events_cli.sources.compression import APPENDED_TO, compress, end_of_frames

DEFAULT_MAX_BYTES = 128 * 1024 * 1024
_HOUR = "%Y-%m-%dT%HZ"
_FILES = "events-????-??-??T??Z-*.ndjson.zst"


class Kept(NamedTuple):
    """Where lines are now."""

    name: str
    first_line: int


class EventFiles:
    """A folder that events are appended to. Other processes may read it meanwhile, and write files of their own."""

    def __init__(self, folder: Path, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        """Begin a new file after *max_bytes*. Raises CeventsError where *folder* cannot be written to."""
        self._folder = folder
        self._max_bytes = max_bytes
        self._file: FileIO | None = None
        self._hour = ""
        self._size = self._lines = 0
        """Of the file, what is on disk for good."""
        try:
            made = [place for place in (folder, *folder.absolute().parents) if not place.exists()]
            folder.mkdir(parents=True, exist_ok=True)
            for place in made:
                _sync(place.absolute().parent)
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError(f"no permission to write to {folder}")
            _cut_off_what_was_not_finished(folder)
        except OSError as error:
            raise CeventsError(f"-o {folder}: cannot write: {error.strerror or error}") from error

    def keep(self, lines: Sequence[bytes]) -> Kept:
        """Return when *lines*, each with its line feed, are on disk, and will outlive a loss of power.

        Raises OSError where they cannot be written; then none of them is in the folder.
        """
        frame = compress("zstd", b"".join(lines))
        hour = time.strftime(_HOUR, time.gmtime())
        file = self._file
        is_full = self._size >= self._max_bytes or self._hour != hour
        if is_new := file is None or is_full or os.fstat(file.fileno()).st_nlink == 0:  # or it was removed
            frame = APPENDED_TO + frame
            file = self._begin(hour)
        assert file is not None  # noqa: S101
        try:
            write_all(file, frame)
            os.fsync(file.fileno())
            if is_new:
                _sync(self._folder)
        except OSError:
            # What had been kept before stays, and the next events begin another file: after a failed fsync nobody knows
            # what of later writes to the same one reaches the disk.
            with suppress(OSError):
                os.ftruncate(file.fileno(), self._size)
            with suppress(OSError):
                if not self._size:
                    os.unlink(file.name)
            self.close()
            raise
        kept = Kept(str(file.name), self._lines + 1)
        self._size += len(frame)
        self._lines += len(lines)
        return kept

    def close(self) -> None:
        """Leave the files as they are."""
        file, self._file = self._file, None
        with suppress(OSError):  # all of it is on disk, or was given up
            if file is not None:
                file.close()

    def _begin(self, hour: str) -> FileIO:
        self.close()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._size = self._lines = 0
        names = (self._folder / f"events-{hour}-{number:04}.ndjson.zst" for number in count(1))
        self._file = FileIO(next(name for name in names if not name.exists()), "xb")
        self._hour = hour
        _lock(self._file)
        return self._file


def _cut_off_what_was_not_finished(folder: Path) -> None:
    """Cut off what a killed process had begun to write: a file behind its last whole frame, unless it is in use.

    Looks from the newest file on, until one is whole: each process that began here did the same.
    """
    for path in sorted(folder.glob(_FILES), key=os.path.getmtime, reverse=True):
        with suppress(OSError), FileIO(path, "rb+") as file:  # of another user, say: it is only read as far as it goes
            size = os.path.getsize(path)
            if not _lock(file) or not size:
                continue
            with mmap(file.fileno(), 0, access=ACCESS_READ) as content:
                end = end_of_frames(content)
            if end == size:
                return
            os.ftruncate(file.fileno(), end)
            os.fsync(file.fileno())


def _lock(file: FileIO) -> bool:
    """Say that this process writes to *file*, for as long as it is open; tell whether no other one does."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _sync(folder: Path) -> None:
    """Have the names in *folder* outlive a loss of power, where a system can do that for folders. Raises OSError."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
