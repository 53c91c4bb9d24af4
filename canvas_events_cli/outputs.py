"""Files that cevents writes: never one that it reads, and whole or not at all.

A regular file is written beside its place, under a hidden name, and moved there in the end: until then, and for good
where something stops the command, what was there before stays. A device, a pipe or an open descriptor is written as
it is. Those may be unbuffered, and may not block: each byte is written, or an error raised.
"""

import errno
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from io import FileIO, RawIOBase
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple, Self

from canvas_events_cli.errors import CeventsError, ClosedPipe

PART_PREFIX = ".cevents-"
"""What the name of a file begins with that is not complete; hidden, so that no folder of sources has it."""
_parts: set[str] = set()
"""What is being written and has no place yet."""
_DESCRIPTOR_FOLDERS = ("/proc/self/fd", "/dev/fd")
_HELD_BYTES = 64 * 1024
"""What is gathered before it is written: as much as a pipe takes at once."""
_MOST_LINKS = 40
"""As many symbolic links lead to one file at most, as Linux has it."""


RawFile = RawIOBase | IO[bytes]
"""A file without a buffer, or one that writes all that it is given."""


class Destination(NamedTuple):
    """A file to be written, and the option that names it, as the user gave it."""

    option: str
    path: Path


class InputFile(NamedTuple):
    """A file that is read, under the name that messages have for it."""

    name: str
    file: str | Path | int
    """A path, or an open descriptor."""


def refuse_clashes(destinations: Sequence[Destination], inputs: Iterable[InputFile]) -> None:
    """Raise CeventsError where one of *destinations* is among *inputs*, by whatever link, or another destination."""
    taken: dict[object, Destination] = {}
    for destination in destinations:
        status = _status(destination.path)
        # What is no regular file, such as /dev/null, is not emptied, and takes any number.
        if status is not None and not stat.S_ISREG(status.st_mode):
            continue
        key = (status.st_dev, status.st_ino) if status else os.path.realpath(destination.path)
        if key in taken:
            raise CeventsError(f"{destination.option}: {taken[key].option} writes to this file too: name another")
        taken[key] = destination
    for name, file in inputs if taken else ():
        status = _status(file)
        found = taken.get((status.st_dev, status.st_ino)) if status else None
        if found is not None:
            raise CeventsError(f"{found.option}: this is {name}, which is read: name another file")


class ByteWriter:
    """Gathers bytes for *file*, and writes every one of them: a raw file may take only some at a time, or none.

    All methods raise CeventsError, *what* and the reason, where it cannot be written; ClosedPipe where nobody reads.
    """

    def __init__(self, file: RawFile, what: str) -> None:
        self._file = file
        self._what = what
        self._held = bytearray()

    def write(self, data: bytes) -> None:
        """Take *data*; write what was gathered where that has become much."""
        if len(self._held) + len(data) < _HELD_BYTES:
            self._held += data
            return
        self.flush()
        with told_as(self._what):
            write_all(self._file, data)

    def flush(self) -> None:
        """Write what was gathered; what cannot be written is not tried again."""
        held, self._held = self._held, bytearray()
        with told_as(self._what):
            write_all(self._file, held)


class OutputFile(ByteWriter):
    """A file that is being written; it takes its place by :meth:`commit`, and leaves no trace without that."""

    def __init__(self, destination: Destination, *, append: bool = False) -> None:
        """Begin to write; *append* writes at the end of what is there, as it comes."""
        what = f"{destination.option}: cannot write"
        self._part: str | None = None
        with told_as(what):
            path, status = destination.path, _status(destination.path)
            descriptor = _descriptor(path, status)
            if descriptor is not None:
                file = FileIO(os.dup(descriptor), "wb")
            elif append or not (status is None or stat.S_ISREG(status.st_mode)):
                file = FileIO(path, "ab" if append else "wb")
            else:
                self._target = os.path.realpath(path)
                if status is not None and not os.access(self._target, os.W_OK):
                    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
                part = f"{os.path.dirname(self._target)}/{PART_PREFIX}{os.urandom(8).hex()}"
                _parts.add(part)
                file = FileIO(part, "xb")
                self._part = part
                if status is not None and sys.platform != "win32":
                    # With the owner and the permissions of what was there before.
                    with suppress(PermissionError):
                        os.fchown(file.fileno(), status.st_uid, status.st_gid)
                    os.fchmod(file.fileno(), stat.S_IMODE(status.st_mode))
        super().__init__(file, what)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave what was there before, unless :meth:`commit` was called."""
        with suppress(OSError):
            self._file.close()
        if self._part is not None:
            _discard(self._part)

    def commit(self) -> None:
        """Write what was gathered, and put the file in its place."""
        self.flush()
        with told_as(self._what):
            self._file.close()
            if self._part is not None:
                os.replace(self._part, self._target)
                _parts.discard(self._part)
                self._part = None


def write_folder(option: str, folder: Path, files: Mapping[str, bytes]) -> None:
    """Write *files*, contents by path with ``/`` between its parts, to *folder*: all of them, or none.

    Raises CeventsError, which names *option*, where *folder* has something in it already, or cannot be written.
    """
    check_new_folder(option, folder)
    with told_as(f"{option}: cannot write"):
        made = [place for place in (folder, *folder.parents) if not place.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{PART_PREFIX}{os.urandom(8).hex()}"
        moved: list[Path] = []
        _parts.add(str(part))
        try:
            for path, content in files.items():
                target = part / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            for entry in sorted(part.iterdir()):
                moved.append(folder / entry.name)
                entry.rename(moved[-1])
            part.rmdir()
            _parts.discard(str(part))
        except BaseException:
            with suppress(OSError):
                for place in (part, *moved):
                    _discard(str(place))
                for place in made:
                    place.rmdir()
            raise


def discard_all() -> None:
    """Leave no trace of what has no place yet: for the end of a process, however it ends."""
    for part in tuple(_parts):
        _discard(part)


def check_new_folder(option: str, folder: Path) -> None:
    """Raise CeventsError, which names *option*, where *folder* is neither empty nor such that it can be made."""
    with told_as(f"{option}: cannot write"):
        if folder.is_dir():
            if any(folder.iterdir()):
                raise CeventsError(f"{option}: is not empty; name a folder that is, or a new one")
            above = folder
        else:
            above = next(place for place in (folder, *folder.absolute().parents) if os.path.lexists(place))
        if not os.path.isdir(above):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if not os.access(above, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _discard(place: str) -> None:
    with suppress(OSError):
        if os.path.isdir(place):
            import shutil

            shutil.rmtree(place)
        else:
            os.unlink(place)
    _parts.discard(place)


def _status(file: str | Path | int) -> os.stat_result | None:
    """Return what *file* is; None where it is not there, or opening it says what is wrong."""
    try:
        return os.stat(file)
    except (OSError, ValueError):
        return None


def standard_descriptor(status: os.stat_result) -> int | None:
    """Return the descriptor of standard output or standard error where *status* is of its file, a regular one."""
    for descriptor, stream in ((1, sys.__stdout__), (2, sys.__stderr__)):
        # A closed one gives its number to the file that is opened next.
        found = _status(descriptor) if stream is not None else None
        if found is not None and stat.S_ISREG(status.st_mode) and os.path.samestat(found, status):
            return descriptor
    return None


def _descriptor(path: Path, status: os.stat_result | None) -> int | None:
    """Return the open descriptor that *path* means: ``/dev/stdout``, ``/dev/fd/3``, the file of standard output."""
    place = os.path.abspath(path)
    for _ in range(_MOST_LINKS):
        folder, name = os.path.split(place)
        if name.isdecimal() and os.path.realpath(folder) in map(os.path.realpath, _DESCRIPTOR_FOLDERS):
            return int(name)
        if not os.path.islink(place):
            break
        place = os.path.join(folder, os.readlink(place))
    return standard_descriptor(status) if status is not None else None


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
