"""Reads a source as blocks of bytes, each as soon as it has arrived.

A file that changes meanwhile is an error: what it gives would be a mixture of two.
"""

import codecs
import os
import select
import stat
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from io import FileIO, RawIOBase
from typing import Any, BinaryIO, cast

from canvas_events_cli.outputs import wait_for
from canvas_events_cli.sources.compression import decompress, split_head
from canvas_events_cli.sources.contents import HEAD_BYTES, begins_like_events, other_format
from canvas_events_cli.sources.source import Source, SourceError, Version, is_web

BLOCK_BYTES = 1024 * 1024
_LOOK_BYTES = 64 * 1024
_PEEK_SECONDS = 0.005


def read_blocks(source: Source) -> Iterator[bytes]:
    """Yield the bytes of *source*, decompressed and without a UTF-8 byte order mark, in blocks of at most 1 MiB.

    A block is what one read gives, so that a slow producer's lines are seen when they arrive. Raises SourceError
    where the source cannot be opened, read on or decompressed, was changed meanwhile, or is not in UTF-8; what came
    before has been yielded by then.
    """
    blocks = decompress(source.name, _read(source), BLOCK_BYTES) if source.lines is None else _read_lines(source.lines)
    head, blocks = split_head(blocks, lambda head: len(head) >= len(codecs.BOM_UTF32_LE) or b"\n" in head)
    if source.lines is None and (found := other_format(head, source.name)):
        raise SourceError(f"{source.name}: this is {found}")
    if head := head.removeprefix(codecs.BOM_UTF8):
        yield head
    yield from blocks


def read_range(source: Source, start: int, end: int | None, version: Version | None) -> Iterator[bytes]:
    """Yield the bytes of the file *source* from *start* to *end* (None: to its end) in blocks of at most 1 MiB.

    *version* is what it was when it was cut into chunks; then a byte order mark is left out. Raises SourceError where
    the file cannot be read, or is not the same any more.
    """
    try:
        with open_source(source) as file:
            before = version or _version_of(file)
            _refuse_changed(source, before, _version_of(file))
            if version is not None:
                is_marked = not start and file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
                start = file.seek(len(codecs.BOM_UTF8) if is_marked else start)
            last = sys.maxsize if end is None else end
            # A read gives None where a file that does not block has nothing yet, which is not its end. The first one is
            # short: whoever waits for a first screen has it sooner.
            while (block := file.read(min(BLOCK_BYTES if start else _LOOK_BYTES, BLOCK_BYTES, last - start))) != b"":
                if block is None:
                    wait_for(file.fileno(), to_write=False)
                else:
                    yield block
                    start += len(block)
            _refuse_changed(source, before, _version_of(file))
    except OSError as error:
        raise SourceError(f"{source.name}: cannot read: {error.strerror or error}") from error
    if source.path is not None and before.size:
        try:
            now = _version_of(os.stat(source.path))
        except OSError:  # what was read is what was there: it is no longer needed
            return
        _refuse_changed(source, before._replace(size=0), now._replace(stamp=before.stamp))


def plain_version(source: Source) -> Version | None:
    """Return the version of a file that can be read from any line on.

    None where it is compressed, not in UTF-8, cannot be read, or is on a web server.
    """
    if source.url is not None and is_web(source.url):
        return None
    try:
        with open_source(source) as file:
            head = file.read(HEAD_BYTES) or b""
            return None if other_format(head, source.name) else _version_of(file)
    except (OSError, SourceError):
        return None


def may_hold_events(source: Source) -> bool:
    """Tell whether the first bytes of *source*, inside its compression, may be JSON or a token.

    What cannot be read or decompressed may be: reading it tells what is wrong.
    """
    try:
        with open_source(source) as file:
            blocks: Iterator[bytes] = iter(lambda: file.read(_LOOK_BYTES) or b"", b"")
            return begins_like_events(next(decompress(source.name, blocks, _LOOK_BYTES), b""))
    except (OSError, SourceError):
        return True


def is_waiting(source: Source, seconds: float) -> bool:
    """Tell whether more of *source* can be read at once, or within *seconds*; the end of it counts as more."""
    if not source.is_stdin:
        return True
    with open_source(source) as file:
        if not isinstance(file, FileIO) or file.isatty():
            return False
        if sys.platform == "win32":
            return _pipe_has_bytes(file.fileno(), seconds)
        return bool(select.select([file], [], [], seconds)[0])


def _pipe_has_bytes(descriptor: int, seconds: float) -> bool:
    """Tell whether a pipe of Windows, where select knows sockets only, has bytes within *seconds*."""
    import _winapi
    import msvcrt

    peek, handle = cast(Any, _winapi).PeekNamedPipe, cast(Any, msvcrt).get_osfhandle(descriptor)
    limit = time.monotonic() + seconds
    try:
        while not peek(handle)[0]:
            if time.monotonic() >= limit:
                return False
            time.sleep(_PEEK_SECONDS)
    except OSError:  # a file, or a pipe whose other end is closed: to read is not to wait
        pass
    return True


def open_source(source: Source) -> AbstractContextManager[RawIOBase | BinaryIO]:
    """Return the bytes of *source* as an unbuffered file; standard input stays open.

    What goes wrong is an OSError, or a SourceError where a package is missing or standard input is closed.
    """
    if source.path is not None:
        return open(source.path, "rb", buffering=0)
    if source.url is not None:
        from canvas_events_cli.sources.remote import StoredFile

        return StoredFile(source.url)
    if sys.stdin is None:
        raise SourceError(f"{source.name}: standard input is closed: pipe events in, or name a file")
    # The unbuffered file gives what has arrived, where the buffered one waits until a block is full.
    return nullcontext(getattr(sys.stdin.buffer, "raw", sys.stdin.buffer))


def _read(source: Source) -> Iterator[bytes]:
    if source.url is None or not is_web(source.url):
        return read_range(source, 0, None, None)
    from canvas_events_cli.sources.remote import read_web

    return read_web(source.name, source.url, BLOCK_BYTES)


def _read_lines(lines: Iterable[bytes | str]) -> Iterator[bytes]:
    for line in lines:
        data = line.encode("utf-8", "surrogatepass") if isinstance(line, str) else line
        yield data if data.endswith(b"\n") else data + b"\n"


def _version_of(file: object) -> Version:
    """Return the version of an open *file*, or of one with such a status. Raises OSError."""
    if isinstance(file, FileIO):
        file = os.fstat(file.fileno())
    if not isinstance(file, os.stat_result):
        return getattr(file, "version", Version(0))
    if not stat.S_ISREG(file.st_mode):
        return Version(file.st_size)
    return Version(file.st_size, (file.st_dev, file.st_ino), file.st_mtime_ns)


def _refuse_changed(source: Source, before: Version, now: Version) -> None:
    """Raise SourceError where *source* was another file *before* than it is *now*; it may have grown."""
    if now.place != before.place and None not in (now.place, before.place):
        what = "it was replaced by another file"
    elif now.size < before.size:
        what = f"it shrank from {before.size} to {now.size} bytes"
    elif now.size == before.size and now.stamp != before.stamp:
        what = "it was changed"
    else:
        return
    raise SourceError(
        f"{source.name}: {what} while it was read, so events may be missing, cut or mixed: run this again when nothing"
        " else writes to it"
    )
