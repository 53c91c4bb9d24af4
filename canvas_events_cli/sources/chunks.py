"""Sources in chunks that one process each can read: stretches of large files and of what streams in, small files."""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from canvas_events_cli.sources.blocks import is_waiting, open_source, plain_version, read_blocks, read_range
from canvas_events_cli.sources.source import Source, SourceError, Version

CHUNK_BYTES = 4 * 1024 * 1024
"""How long a chunk of a file is, up to a line end: what is made of a few of them, which may be longer, is held."""
REMOTE_CHUNK_BYTES = 32 * 1024 * 1024
STREAM_CHUNK_BYTES = 4 * 1024 * 1024
"""How long one is of what has to be read from its beginning: a compressed file, or standard input."""
TASK_BYTES = 1024 * 1024
_TASK_CHUNKS = 256
"""How much of small files is one task: each by itself would cost more on its way than its work."""
_MUCH_BYTES = 64 * 1024
_PATIENCE_SECONDS = 0.05
"""After so many bytes, more is waited for so long: their producer does not write line by line."""
_WINDOW_BYTES = 64 * 1024
BETWEEN_VALUES = re.compile(rb"\}[ \t\r]*\n(?=\{)")
"""Between two values that stand on lines of their own, or that were printed over several lines."""


class Chunk(NamedTuple):
    """A source, or a stretch of it that begins with a line. Picklable, unless it is of lines that a program gave."""

    source: Source | SourceError
    start: int = 0
    end: int | None = None
    """None: to the end of the source."""
    version: Version | None = None
    """What the file is that it is a stretch of."""
    data: bytes | None = None
    """Its bytes, where they had to be read to cut it off."""
    failure: SourceError | None = None
    """Why the source cannot be read on after it."""
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


Task = tuple[Chunk, ...]
"""What another process does in one go: a chunk, or several that are small whole files."""


def tasks(sources: Iterable[Source | SourceError], *, cut_stdin: bool = False) -> Iterator[Task]:
    """Yield the chunks of *sources*, in order, in tasks.

    Files longer than a chunk are cut, and so is standard input where *cut_stdin* says so: as far as there is more of it
    waiting.
    """
    small: list[Chunk] = []
    for source in sources:
        size = _regular_size(source)
        is_small = 0 < size <= min(TASK_BYTES, CHUNK_BYTES)
        fits = sum(chunk.size for chunk in small) + size <= TASK_BYTES and len(small) < _TASK_CHUNKS
        if small and not (is_small and fits):
            yield tuple(small)
            small.clear()
        if is_small:
            small.append(Chunk(source, size=size, portable=True))
        elif isinstance(source, SourceError):
            yield (Chunk(source),)
        elif size > CHUNK_BYTES and (version := plain_version(source)):
            yield from zip(_file_chunks(source, version, CHUNK_BYTES))
        elif size > CHUNK_BYTES or (cut_stdin and source.is_stdin):
            yield from zip(_stream_chunks(source))
        else:
            yield (Chunk(source, size=size, portable=size > 0),)
    if small:
        yield tuple(small)


def tasks_anywhere(sources: Iterable[Source | SourceError]) -> Iterator[Task]:
    """Yield the tasks for *sources*, in order, for workers that read them where they are, on whatever machine.

    Longer ones than on this machine, since each costs a message and, in an object store, a request. What only this
    process has, as standard input, is not portable.
    """
    for source in sources:
        if isinstance(source, SourceError) or not (source.url or _regular_size(source)):
            yield (Chunk(source),)
            continue
        if source.path is not None:
            source = replace(source, path=source.path.absolute())
        version = plain_version(source)
        if version is None or version.size <= REMOTE_CHUNK_BYTES:
            yield (Chunk(source, size=version.size if version else 0, portable=True),)
        else:
            # Devices and inodes have other numbers on other machines.
            yield from zip(_file_chunks(source, version._replace(place=None), REMOTE_CHUNK_BYTES))


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


def _file_chunks(source: Source, version: Version, chunk_bytes: int) -> Iterator[Chunk]:
    start = 0
    for end in _borders(source, version.size, chunk_bytes):
        yield Chunk(source, start, end, version, size=end - start, portable=True)
        start = end
    yield Chunk(source, start, None, version, size=version.size - start, portable=True)


def _borders(source: Source, file_bytes: int, chunk_bytes: int) -> Iterator[int]:
    border = 0
    try:
        with open_source(source) as file:
            while (target := border + chunk_bytes) < file_bytes:
                file.seek(target)
                window = file.read(_WINDOW_BYTES) or b""
                between = BETWEEN_VALUES.search(window)
                while not between and b"\n" not in window and (more := file.read(_WINDOW_BYTES)):
                    target += len(window)
                    window = more
                border = target + (between.end() if between else window.find(b"\n") + 1)
                if border == target or border >= file_bytes:
                    return
                yield border
    except OSError:
        return  # Reading what is left tells what is wrong.


def _stream_chunks(source: Source) -> Iterator[Chunk]:
    """Yield portable chunks, and small ones that are not: the last, and what is there when nothing more is waiting."""
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
            yield Chunk(source, start, data=bytes(held), failure=failure, size=len(held))
            return
        held += block
        is_whole = len(held) >= STREAM_CHUNK_BYTES
        if is_whole or not is_waiting(source, _PATIENCE_SECONDS if len(held) >= _MUCH_BYTES else 0):
            size = len(held)
            if is_whole:
                borders = [match.end() for match in BETWEEN_VALUES.finditer(held, max(size - _WINDOW_BYTES, 0))]
                size = borders[-1] if borders else held.rfind(b"\n") + 1 or size
            with memoryview(held) as view:
                data = bytes(view[:size])
            yield Chunk(source, start, start + size, data=data, size=size, portable=is_whole)
            del held[:size]
            start += size


def _regular_size(source: Source | SourceError) -> int:
    """Return the size of a regular file, 0 for anything else."""
    if isinstance(source, SourceError) or source.path is None:
        return 0
    try:
        status = os.stat(source.path)
    except (OSError, ValueError):
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0
