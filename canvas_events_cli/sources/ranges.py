"""Sources in units that can be worked on apart: ranges of large files, small files, and pieces of what streams in."""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from canvas_events_cli.sources.blocks import is_stdin, is_waiting, open_source, plain_version, read_blocks, read_range
from canvas_events_cli.sources.locate import Source, SourceError
from canvas_events_cli.sources.versions import Version

RANGE_BYTES = 8 * 1024 * 1024
"""How long a range is, up to a line end: the results of a few of them are held at a time."""
REMOTE_RANGE_BYTES = 32 * 1024 * 1024
PIECE_BYTES = 4 * 1024 * 1024
"""How long a piece is of what has to be read from its beginning: a compressed file, or standard input."""
BATCH_BYTES = 1024 * 1024
_BATCH_UNITS = 256
"""How much of small files is one task: each by itself would cost more on its way than its work."""
_MUCH_BYTES = 64 * 1024
_PATIENCE_SECONDS = 0.05
"""After so many bytes, more is waited for so long: their producer does not write line by line."""
_WINDOW_BYTES = 64 * 1024
# Between two values that stand on lines of their own, or that were printed over several lines.
_BETWEEN_VALUES = re.compile(rb"\}[ \t\r]*\n(?=\{)")


@dataclass(frozen=True, slots=True)
class Unit:
    """A source, or a stretch of it that begins with a line. Picklable, unless it is of lines that a program gave."""

    source: Source | SourceError
    start: int = 0
    end: int | None = None
    """None: to the end of the source."""
    version: Version | None = None
    """What the file is that it is a range of."""
    data: bytes | None = None
    """Its bytes, where it is a piece that was read."""
    failure: SourceError | None = None
    """Why the source cannot be read on after the piece."""
    size: int = 0
    """How many bytes it is, as far as that is known."""
    portable: bool = False
    """Whether another process can read it, and hold what it makes of it."""

    @property
    def source_name(self) -> str:
        """What the source is called; nothing where an error stands in its place."""
        return "" if isinstance(self.source, SourceError) else self.source.name

    def blocks(self) -> Iterator[bytes]:
        """Yield its bytes; raises SourceError as ``read_blocks`` does."""
        if isinstance(self.source, SourceError):
            raise self.source
        if self.data is not None:
            yield self.data
            if self.failure is not None:
                raise self.failure
        elif self.version is not None:
            yield from read_range(self.source, self.start, self.end, self.version)
        else:
            yield from read_blocks(self.source)


Batch = tuple[Unit, ...]
"""What another process does in one go: a unit, or several that are small whole files."""


def batches(sources: Iterable[Source | SourceError], *, stdin_in_pieces: bool = False) -> Iterator[Batch]:
    """Yield the units of *sources*, in order.

    Files longer than a range are cut: into ranges, or where they have to be decompressed, into pieces. So is standard
    input where *stdin_in_pieces* says so: as far as there is more of it waiting.
    """
    small: list[Unit] = []
    size = 0
    for source in sources:
        unit = Unit(source, size=0 if isinstance(source, SourceError) else _regular_size(source))
        is_small = 0 < unit.size <= min(BATCH_BYTES, RANGE_BYTES)
        if small and not (is_small and size + unit.size <= BATCH_BYTES and len(small) < _BATCH_UNITS):
            yield tuple(small)
            small, size = [], 0
        if is_small:
            small.append(replace(unit, portable=True))
            size += unit.size
        else:
            for part in _parts(unit, stdin_in_pieces):
                yield (part,)
    if small:
        yield tuple(small)


def _parts(unit: Unit, stdin_in_pieces: bool) -> Iterator[Unit]:
    source = unit.source
    if isinstance(source, Source) and unit.size > RANGE_BYTES:
        version = plain_version(source)
        yield from _pieces(source) if version is None else _ranges(source, version, RANGE_BYTES)
    elif stdin_in_pieces and isinstance(source, Source) and is_stdin(source):
        yield from _pieces(source)
    else:
        yield replace(unit, portable=unit.size > 0)


def batches_anywhere(sources: Iterable[Source | SourceError]) -> Iterator[Batch]:
    """Yield the units of *sources*, in order, for workers that read them where they are, on whatever machine.

    Longer ones than on this machine, since each costs a message and, in an object store, a request. What only this
    process has, as standard input, is not portable.
    """
    for source in sources:
        if isinstance(source, SourceError) or not (source.url or _regular_size(source)):
            yield (Unit(source),)
            continue
        if source.path is not None:
            source = replace(source, path=source.path.absolute())
        version = plain_version(source)
        if version is None or version.size <= REMOTE_RANGE_BYTES:
            yield (Unit(source, size=version.size if version else 0, portable=True),)
        else:
            # Devices and inodes have other numbers on other machines.
            for unit in _ranges(source, version._replace(place=None), REMOTE_RANGE_BYTES):
                yield (unit,)


def total_size(sources: Iterable[Source | SourceError]) -> int | None:
    """Return how many bytes are to be read of *sources*; None where that is not known before they are."""
    total = 0
    for source in sources:
        if isinstance(source, SourceError):
            continue
        version = plain_version(source) if _regular_size(source) else None
        if version is None:
            return None
        total += version.size
    return total


def _ranges(source: Source, version: Version, range_bytes: int) -> Iterator[Unit]:
    start = 0
    for end in _borders(source, version.size, range_bytes):
        yield Unit(source, start, end, version, size=end - start, portable=True)
        start = end
    yield Unit(source, start, None, version, size=version.size - start, portable=True)


def _borders(source: Source, file_bytes: int, range_bytes: int) -> Iterator[int]:
    border = 0
    try:
        with open_source(source) as file:
            while (target := border + range_bytes) < file_bytes:
                file.seek(target)
                window = file.read(_WINDOW_BYTES) or b""
                between = _BETWEEN_VALUES.search(window)
                while not between and b"\n" not in window and (more := file.read(_WINDOW_BYTES)):
                    target += len(window)
                    window = more
                border = target + (between.end() if between else window.find(b"\n") + 1)
                if border == target or border >= file_bytes:
                    return
                yield border
    except OSError:
        return  # Reading what is left tells what is wrong.


def _pieces(source: Source) -> Iterator[Unit]:
    """Yield portable pieces, and small ones that are not: the last, and what is there when nothing more is waiting."""
    blocks = read_blocks(source)
    held = bytearray()
    start = 0
    failure: SourceError | None = None
    while True:
        try:
            block = next(blocks, None)
        except SourceError as error:
            block, failure = None, error
        if block is None:
            yield Unit(source, start, data=bytes(held), failure=failure, size=len(held))
            return
        held += block
        is_whole = len(held) >= PIECE_BYTES
        if is_whole or not is_waiting(source, _PATIENCE_SECONDS if len(held) >= _MUCH_BYTES else 0):
            size = _last_border(held) if is_whole else len(held)
            with memoryview(held) as view:
                data = bytes(view[:size])
            yield Unit(source, start, start + size, data=data, size=size, portable=is_whole)
            del held[:size]
            start += size


def _last_border(held: bytearray) -> int:
    first = max(len(held) - _WINDOW_BYTES, 0)
    ends = [match.end() for match in _BETWEEN_VALUES.finditer(held, first)]
    return ends[-1] if ends else held.rfind(b"\n") + 1 or len(held)


def _regular_size(source: Source) -> int:
    """Return the size of a regular file, 0 for anything else."""
    try:
        status = os.stat(source.path) if source.path is not None else None
    except (OSError, ValueError):
        return 0
    return status.st_size if status and stat.S_ISREG(status.st_mode) else 0
