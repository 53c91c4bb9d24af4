"""Reads a source as blocks of bytes, each as soon as it has arrived."""

import codecs
import select
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from io import FileIO, RawIOBase
from typing import Any, BinaryIO, cast

from canvas_events_cli.raw_io import wait_for_data
from canvas_events_cli.sources.compression import decompress
from canvas_events_cli.sources.locate import STDIN_NAME, Source, SourceError, is_web
from canvas_events_cli.sources.other_formats import HEAD_BYTES, other_format
from canvas_events_cli.sources.versions import Version, refuse_changed, refuse_replaced, version_of

BLOCK_BYTES = 1024 * 1024
_PEEK_SECONDS = 0.005


def read_blocks(source: Source) -> Iterator[bytes]:
    """Yield the bytes of *source*, decompressed and without a UTF-8 byte order mark, in blocks of at most 1 MiB.

    A block is what one read gives, so that a slow producer's lines are seen when they arrive. Raises SourceError
    where the source cannot be opened, read on or decompressed, was changed meanwhile, or is not in UTF-8; what came
    before has been yielded by then.
    """
    blocks = _read(source)
    head = b""
    try:
        for block in blocks:
            head += block
            if len(head) >= len(codecs.BOM_UTF32_LE) or b"\n" in head:
                break
    except SourceError:
        if head:
            yield head
        raise
    if source.lines is None and (found := other_format(head, source.name)):
        raise SourceError(f"{source.name}: this is {found}")
    if head := head.removeprefix(codecs.BOM_UTF8):
        yield head
    yield from blocks


def read_stretch(source: Source, start: int, end: int | None, version: Version) -> Iterator[bytes]:
    """Yield the bytes of the plain file *source* from *start* to *end* (None: to its end) in blocks of at most 1 MiB.

    *version* is what it was when it was cut into chunks. A byte order mark is left out. Raises SourceError where the
    file cannot be read, or is not the same any more.
    """
    with _told(source), open_source(source) as file:
        refuse_changed(source, version, version_of(file))
        has_mark = not start and file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
        position = file.seek(len(codecs.BOM_UTF8) if has_mark else start)
        while block := file.read(BLOCK_BYTES if end is None else min(BLOCK_BYTES, end - position)):
            yield block
            position += len(block)
        refuse_changed(source, version, version_of(file))
    refuse_replaced(source, version)


def plain_version(source: Source) -> Version | None:
    """Return the version of a file that can be read from any line on.

    None where it is compressed, not in UTF-8, cannot be read, or is on a web server.
    """
    if source.url is not None and is_web(source.url):
        return None
    try:
        with open_source(source) as file:
            head = file.read(HEAD_BYTES) or b""
            return None if other_format(head, source.name) else version_of(file)
    except (OSError, SourceError):
        return None


def is_stdin(source: Source) -> bool:
    """Tell whether *source* is standard input."""
    return source == Source(STDIN_NAME)


def is_waiting(source: Source, seconds: float) -> bool:
    """Tell whether more of *source* can be read at once, or within *seconds*; the end of it counts as more."""
    if not is_stdin(source):
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


def _read(source: Source) -> Iterator[bytes]:
    if source.lines is None:
        yield from decompress(source.name, _read_bytes(source), BLOCK_BYTES)
        return
    for line in source.lines:
        data = line.encode("utf-8", "surrogatepass") if isinstance(line, str) else line
        yield data if data.endswith(b"\n") else data + b"\n"


def _read_bytes(source: Source) -> Iterator[bytes]:
    if source.url is None:
        return _read_file(source)
    from canvas_events_cli.sources.remote import read_remote

    return read_remote(source.name, source.url, BLOCK_BYTES)


def _read_file(source: Source) -> Iterator[bytes]:
    with _told(source), open_source(source) as file:
        version = version_of(file)
        # A read gives None where a file that does not block has nothing yet, which is not its end.
        while (block := file.read(BLOCK_BYTES)) != b"":
            if block is None:
                wait_for_data(file.fileno())
            else:
                yield block
        refuse_changed(source, version, version_of(file))
    refuse_replaced(source, version)


@contextmanager
def _told(source: Source) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SourceError(f"{source.name}: cannot read: {error.strerror or error}") from error


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
