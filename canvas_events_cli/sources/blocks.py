"""Reads a source as blocks of bytes, each as soon as it has arrived."""

import codecs
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from io import RawIOBase
from typing import BinaryIO

from canvas_events_cli.sources.locate import Source, SourceError

BLOCK_BYTES = 1024 * 1024

_OTHER_ENCODINGS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def read_blocks(source: Source) -> Iterator[bytes]:
    """Yield the bytes of *source*, without a UTF-8 byte order mark, in blocks of at most 1 MiB.

    A block is what one read gives, so that a slow producer's lines are seen when they arrive. Raises SourceError
    where the source cannot be opened or read on, or is not in UTF-8; what came before has been yielded by then.
    """
    blocks = _read(source)
    head = b""
    for block in blocks:
        head += block
        if len(head) >= len(codecs.BOM_UTF32_LE) or b"\n" in head:
            break
    _refuse_other_encodings(source, head)
    if head := head.removeprefix(codecs.BOM_UTF8):
        yield head
    yield from blocks


def _read(source: Source) -> Iterator[bytes]:
    if source.lines is not None:
        for line in source.lines:
            data = line.encode("utf-8", "surrogatepass") if isinstance(line, str) else line
            yield data if data.endswith(b"\n") else data + b"\n"
        return
    try:
        with _open(source) as file:
            while block := file.read(BLOCK_BYTES):
                yield block
    except OSError as error:
        raise SourceError(f"{source.name}: cannot read: {error.strerror or error}") from error


def _open(source: Source) -> AbstractContextManager[RawIOBase | BinaryIO]:
    if source.path is not None:
        return open(source.path, "rb", buffering=0)
    if sys.stdin is None:
        raise SourceError("standard input is closed")
    # The unbuffered file gives what has arrived, where the buffered one waits until a block is full.
    return nullcontext(getattr(sys.stdin.buffer, "raw", sys.stdin.buffer))


def _refuse_other_encodings(source: Source, head: bytes) -> None:
    for mark, name in _OTHER_ENCODINGS:
        if head.startswith(mark):
            break
    else:
        if len(head) < 2 or 0 not in head[:2]:
            return
        name = "UTF-16 or UTF-32"
    raise SourceError(
        f"{source.name}: this is {name}, events are UTF-8: convert it first, with iconv for instance"
    )
