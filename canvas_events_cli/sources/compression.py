"""Decompression of a source's blocks, recognised by what the bytes are and not by the name they came under."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from canvas_events_cli.sources.locate import SourceError

if TYPE_CHECKING:
    import zlib

_PIECE_BYTES = 256
_WINDOW_LOG2 = 26
_WINDOW_BYTES = 1 << _WINDOW_LOG2
"""How far back a stream may refer, which a decompressor has to hold: ``xz -9`` asks for 64 MiB, no preset for more."""
_XZ_OWN_BYTES = 1024 * 1024


class _Decompressor(Protocol):
    """One compressed stream, decoded step by step: the interface that bz2, lzma and zstd share."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _GzipDecompressor:
    """Gives zlib's decompressor that interface."""

    def __init__(self, member: "zlib._Decompress") -> None:
        self._member = member
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._member.eof

    @property
    def unused_data(self) -> bytes:
        return self._member.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        output = self._member.decompress(self._member.unconsumed_tail + data, max_length)
        self.needs_input = len(output) < max_length
        return output


def _gzip() -> tuple[_Decompressor, type[Exception]]:
    import zlib

    return _GzipDecompressor(zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)), zlib.error


def _to_gzip(data: bytes) -> bytes:
    import gzip

    return gzip.compress(data, mtime=0)


def _bzip2() -> tuple[_Decompressor, type[Exception]]:
    import bz2

    return bz2.BZ2Decompressor(), OSError


def _to_bzip2(data: bytes) -> bytes:
    import bz2

    return bz2.compress(data)


def _xz() -> tuple[_Decompressor, type[Exception]]:
    import lzma

    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_WINDOW_BYTES + _XZ_OWN_BYTES), lzma.LZMAError


def _to_xz(data: bytes) -> bytes:
    import lzma

    return lzma.compress(data)


def _zstd() -> tuple[_Decompressor, type[Exception]]:
    zstd = _zstd_module()
    options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _WINDOW_LOG2}
    return zstd.ZstdDecompressor(options=options), zstd.ZstdError


def _to_zstd(data: bytes) -> bytes:
    packed: bytes = _zstd_module().compress(data)
    return packed


def _zstd_module() -> Any:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


@dataclass(frozen=True, slots=True)
class _Format:
    """One format: a file is one or more of its streams, one after another."""

    name: str
    """What the format and its tool are called."""
    beginnings: tuple[bytes, ...]
    """The bytes of which every stream begins with one."""
    zero_padded: bool
    """Whether zeros may stand after a stream, as tapes and block devices leave them."""
    start: Callable[[], tuple[_Decompressor, type[Exception]]]
    """Returns a new stream's decompressor, and what it raises for data it cannot decode."""
    compress: Callable[[bytes], bytes]
    """Makes one stream."""


# RFC 1952, the bzip2 and .xz file formats, and RFC 8878, whose skippable frames have 16 numbers.
_FORMATS = (
    _Format("gzip", (b"\x1f\x8b",), True, _gzip, _to_gzip),
    _Format("bzip2", (b"BZh",), False, _bzip2, _to_bzip2),
    _Format("xz", (b"\xfd7zXZ\0",), True, _xz, _to_xz),
    _Format(
        "zstd",
        (b"\x28\xb5\x2f\xfd", *(bytes((number, 0x2A, 0x4D, 0x18)) for number in range(0x50, 0x60))),
        False,
        _zstd,
        _to_zstd,
    ),
)

COMPRESSIONS = tuple(known.name for known in _FORMATS)


def decompress(name: str, blocks: Iterator[bytes], block_bytes: int) -> Iterator[bytes]:
    """Yield what *blocks*, the content of the source *name*, holds: decompressed, or as it is.

    Each input block is followed by all that can be decoded up to its end, in blocks of at most *block_bytes*, and
    no input is waited for beyond the up to 6 bytes that tell the format. Raises SourceError, with the offset in the
    compressed input, where that is cut short, damaged, or followed by something else; what could be decoded before
    has been yielded by then.
    """
    head = b""
    try:
        for block in blocks:
            head += block
            if not any(_is_cut(head, known.beginnings) for known in _FORMATS):
                break
    except SourceError:
        if head:
            yield head
        raise
    for known in _FORMATS:
        if head.startswith(known.beginnings):
            unpacker = _Unpacker(name, known, block_bytes)
            for block in chain((head,), blocks):
                yield from _joined(unpacker, block, block_bytes)
            unpacker.finish()
            return
    if head:
        yield head
    yield from blocks


def compression_of(head: bytes) -> str | None:
    """Return the name of the format, and of its tool, that *head*, the first bytes of a file, begin; None for none."""
    return next((known.name for known in _FORMATS if head.startswith(known.beginnings)), None)


def decompress_whole(data: bytes, most_bytes: int) -> bytes:
    """Return what *data*, in one of the formats, holds: of more than *most_bytes* so many and one.

    Raises SourceError where it is cut short, damaged, or followed by something else.
    """
    output = bytearray()
    for piece in decompress("", iter((data,)), most_bytes + 1):
        output += piece
        if len(output) > most_bytes:
            break
    return bytes(output[: most_bytes + 1])


def compress(name: str, data: bytes) -> bytes:
    """Return *data* in the format of this *name*."""
    return next(known.compress(data) for known in _FORMATS if known.name == name)


def _is_cut(data: bytes, beginnings: tuple[bytes, ...]) -> bool:
    """Whether *data* is the first part of one of *beginnings*, but not yet all of it."""
    return any(len(data) < len(whole) and whole.startswith(data) for whole in beginnings)


def _joined(unpacker: "_Unpacker", block: bytes, block_bytes: int) -> Iterator[bytes]:
    output = bytearray()
    try:
        for part in chain.from_iterable(map(unpacker.feed, _pieces(block))):
            if len(output) + len(part) > block_bytes:
                yield bytes(output)
                output.clear()
            output += part
    except SourceError:
        if output:
            yield bytes(output)
        raise
    if output:
        yield bytes(output)


def _pieces(block: bytes) -> Iterator[bytes]:
    # A decompressor that meets damage drops what the same call had decoded: so the calls are small, and smallest
    # towards the end, where streams have their checksums. They add little to what parsing the output costs.
    start = 0
    while start < len(block):
        end = start + min(_PIECE_BYTES, 1 + (len(block) - start) // 8)
        yield block[start:end]
        start = end


class _Unpacker:
    """Decodes the streams of one source, one after another, as their bytes come."""

    def __init__(self, name: str, known: _Format, most_bytes: int) -> None:
        self._name = name
        self._format = known
        self._most_bytes = most_bytes
        self._offset = 0  # in the compressed input; what stands before is decoded and handed on
        self._held = b""  # after a stream: may turn out to begin another
        self._stream: _Decompressor | None = None
        self._errors: type[Exception]

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what *data*, the next compressed bytes, gives; raise SourceError where that ends before they do."""
        data, self._held = self._held + data, b""
        while data:
            if self._stream is None:
                data = self._begin(data)
                continue
            yield from self._decode(self._stream, data)
            unused = self._stream.unused_data if self._stream.eof else b""
            self._offset += len(data) - len(unused)
            if self._stream.eof:
                self._stream = None
            data = unused

    def finish(self) -> None:
        """Raise SourceError if the input, which has ended here, is cut off."""
        if self._stream is not None or self._held:
            raise SourceError(
                f"{self._name}: the {self._format.name} data is cut off at byte {self._offset + len(self._held)}:"
                " what came before was read; fetch it again, or wait until it has been written"
            )

    def _begin(self, data: bytes) -> bytes:
        """Start the stream that *data* begins with; return the data from there on."""
        if self._format.zero_padded:
            padded, data = len(data), data.lstrip(b"\0")
            self._offset += padded - len(data)
        if data.startswith(self._format.beginnings):
            self._stream, self._errors = self._format.start()
            return data
        if data and not _is_cut(data, self._format.beginnings):
            raise SourceError(
                f"{self._name}: the {self._format.name} data ends at byte {self._offset}, and something else follows:"
                " what came before was read; remove what follows, or fetch the file again"
            )
        self._held = data
        return b""

    def _decode(self, stream: _Decompressor, data: bytes) -> Iterator[bytes]:
        while True:
            try:
                output = stream.decompress(data, self._most_bytes)
            except self._errors as error:
                raise SourceError(self._explain(str(error))) from error
            yield output
            if stream.eof or stream.needs_input:
                return
            data = b""

    def _explain(self, reason: str) -> str:
        name, tool = self._name, self._format.name
        reason = reason.rpartition(": ")[2].lower()
        # The exceptions have no codes; lzma's and zstd's texts for a window beyond the limit both have this word.
        if "memory" in reason:
            needs = f"to decompress this takes more than {_WINDOW_BYTES >> 20} MiB of memory (byte {self._offset})"
            return f"{name}: {needs}: decompress it with {tool} and pipe the result in"
        return (
            f"{name}: the {tool} data cannot be decompressed beyond byte {self._offset}"
            f" ({reason}): what came before was read; fetch it again"
        )
