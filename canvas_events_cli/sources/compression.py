"""Decompression of a source's blocks, recognised by what the bytes are and not by the name they came under."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from canvas_events_cli.sources.source import SourceError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

_STEP_BYTES = 256
_WINDOW_LOG2 = 26
_WINDOW_BYTES = 1 << _WINDOW_LOG2
"""How far back a stream may refer, which a decompressor has to hold: ``xz -9`` asks for 64 MiB, no preset for more."""
_XZ_OWN_BYTES = 1024 * 1024


class _Format(NamedTuple):
    """One format: a file is one or more of its streams, one after another."""

    name: str
    """What the format and its tool are called."""
    module: str
    """What has its functions; loaded when the first file of the format comes."""
    error: str
    """What that raises for data it cannot decode; an OSError where it has no such name."""
    beginnings: tuple[bytes, ...]
    """The bytes of which every stream begins with one."""
    zero_padded: bool
    """Whether zeros may stand after a stream, as tapes and block devices leave them."""
    start: Callable[[Any], Any]
    """Returns a new stream's decompressor out of the module: all have ``decompress``, ``eof`` and ``unused_data``."""
    most_bytes: int = 1024 * 1024
    """What one call of it may give: of 256 bytes, bzip2 can make hundreds of MB; 0: all, of zlib a thousandfold."""
    compression: Mapping[str, int] = {}
    """How the module's function that compresses is called."""


# RFC 1952, the bzip2 and .xz file formats, and RFC 8878, whose skippable frames have 16 numbers.
_FORMATS = (
    _Format(
        "gzip",
        "zlib",
        "error",
        (b"\x1f\x8b",),
        True,
        lambda zlib: zlib.decompressobj(wbits=16 + zlib.MAX_WBITS),
        most_bytes=0,
        compression={"level": 9, "wbits": 16 + 15},
    ),
    _Format("bzip2", "bz2", "", (b"BZh",), False, lambda bz2: bz2.BZ2Decompressor()),
    _Format(
        "xz",
        "lzma",
        "LZMAError",
        (b"\xfd7zXZ\0",),
        True,
        lambda lzma: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_WINDOW_BYTES + _XZ_OWN_BYTES),
    ),
    _Format(
        "zstd",
        "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd",
        "ZstdError",
        (b"\x28\xb5\x2f\xfd", *(bytes((number, 0x2A, 0x4D, 0x18)) for number in range(0x50, 0x60))),
        False,
        lambda zstd: zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG2}),
    ),
)

APPENDED_TO = b"\x5e\x2a\x4d\x18\x10\x00\x00\x00cevents capture\n"
"""What a zstd file begins with to which whole frames are appended: a skippable frame (RFC 8878), which says so.

The last frame of such a file may be cut off, by a reader who comes while it is written, or by the end of the writer.
"""
COMPRESSIONS = tuple(known.name for known in _FORMATS)


def decompress(name: str, blocks: Iterator[bytes], block_bytes: int) -> Iterator[bytes]:
    """Yield what *blocks*, the content of the source *name*, holds: decompressed, or as it is.

    Each input block is followed by all that can be decoded up to its end, in blocks of at most *block_bytes*, and
    no input is waited for beyond the up to 6 bytes that tell the format. Raises SourceError, with the offset in the
    compressed input, where that is cut short, damaged, or followed by something else; what could be decoded before
    has been yielded by then. Of a file that is appended to, a cut is no error, but a record that is no JSON.
    """
    head, blocks = split_head(blocks, _is_enough)
    known = _format_of(head)
    if known is None:
        yield from chain((head,) if head else (), blocks)
        return
    unpacker = _Unpacker(name, known)
    output = bytearray()
    try:
        for block in chain((head,), blocks):
            for step in _steps(block):
                for data in unpacker.feed(step):
                    output += data
                    while len(output) > block_bytes:
                        yield bytes(output[:block_bytes])
                        del output[:block_bytes]
            if output:
                yield bytes(output)
                output.clear()
        if unpacker.is_cut and head.startswith(APPENDED_TO):
            yield unpacker.told().encode("utf-8", "backslashreplace")
        elif unpacker.is_cut:
            raise SourceError(
                f"{unpacker.told()}: what came before was read; fetch it again, or wait until it has been written"
            )
    except SourceError:
        if output:
            yield bytes(output)
        raise


def split_head(blocks: Iterator[bytes], is_enough: Callable[[bytes], bool]) -> tuple[bytes, Iterator[bytes]]:
    """Return what *blocks* begin with, as much as is enough or there is, and the blocks after it.

    A SourceError is raised by these, so that what came before it is not lost.
    """
    head = b""
    try:
        for block in blocks:
            head += block
            if is_enough(head):
                break
    except SourceError as error:
        return head, _failing(error)
    return head, blocks


def _failing(error: SourceError) -> Iterator[bytes]:
    yield from ()
    raise error


def compression_of(head: bytes) -> str | None:
    """Return the name of the format, and of its tool, that *head*, the first bytes of a file, begin; None for none."""
    known = _format_of(head)
    return known.name if known else None


def decompress_whole(data: bytes, most_bytes: int) -> bytes:
    """Return what *data*, in one of the formats, holds: of more than *most_bytes* so many and one.

    Raises SourceError where it is cut short, damaged, or followed by something else.
    """
    known = _format_of(data)
    if known is not None:
        module = import_module(known.module)
        stream = known.start(module)
        with suppress(getattr(module, known.error, OSError)):
            whole: bytes = stream.decompress(data, most_bytes + 1)
            if stream.eof and not stream.unused_data:
                return whole  # at once: a tenth of the time
    output = bytearray()
    for block in decompress("", iter((data,)), most_bytes + 1):
        output += block
        if len(output) > most_bytes:
            break
    return bytes(output[: most_bytes + 1])


def compress(name: str, data: bytes) -> bytes:
    """Return *data* in the format of this *name*."""
    known = next(known for known in _FORMATS if known.name == name)
    packed: bytes = import_module(known.module).compress(data, **known.compression)
    return packed


def end_of_frames(data: "Buffer") -> int:
    """Return where the last whole frame in *data*, of zstd, ends: what follows is cut off, or something else."""
    zstd = import_module(next(known.module for known in _FORMATS if known.name == "zstd"))
    end = 0
    with memoryview(data) as view:
        while end < len(view):
            try:
                with view[end:] as rest:
                    end += zstd.get_frame_size(rest)
            except zstd.ZstdError:
                break
    return end


def _format_of(head: bytes) -> _Format | None:
    return next((known for known in _FORMATS if head.startswith(known.beginnings)), None)


def _is_enough(head: bytes) -> bool:
    """Whether *head* tells in which format it is, and whether that is appended to."""
    is_cut = any(_is_cut(head, known) for known in _FORMATS)
    return not (is_cut or (len(head) < len(APPENDED_TO) and APPENDED_TO.startswith(head)))


def _is_cut(data: bytes, known: _Format) -> bool:
    """Whether *data* is the first part of what a stream begins with, but not yet all of it."""
    return any(len(data) < len(whole) and whole.startswith(data) for whole in known.beginnings)


def _steps(block: bytes) -> Iterator[bytes]:
    # A decompressor that meets damage drops what the same call had decoded: so the calls are small, and smallest
    # towards the end, where streams have their checksums. They add little to what parsing the output costs.
    start = 0
    while start < len(block):
        end = start + min(_STEP_BYTES, 1 + (len(block) - start) // 8)
        yield block[start:end]
        start = end


class _Unpacker:
    """Decodes the streams of one source, one after another, as their bytes come."""

    def __init__(self, name: str, known: _Format) -> None:
        self._name = name
        self._format = known
        self._module = import_module(known.module)
        self._error: type[Exception] = getattr(self._module, known.error, OSError)
        self._offset = 0  # in the compressed input; what stands before is decoded
        self._held = b""  # after a stream: may turn out to begin another
        self._stream: Any = None

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

    def _decode(self, stream: Any, data: bytes) -> Iterator[bytes]:
        # zlib's has no such attribute: without a limit, it takes all that it is given.
        while True:
            try:
                output = stream.decompress(data, self._format.most_bytes)
            except self._error as error:
                raise SourceError(self._explain(str(error))) from error
            yield output
            if stream.eof or getattr(stream, "needs_input", True):
                return
            data = b""

    @property
    def is_cut(self) -> bool:
        """Whether the input, if it ends here, is cut off."""
        return self._stream is not None or bool(self._held)

    def told(self) -> str:
        """Return the words for that."""
        return f"{self._name}: the {self._format.name} data is cut off at byte {self._offset + len(self._held)}"

    def _begin(self, data: bytes) -> bytes:
        """Start the stream that *data* begins with; return the data from there on."""
        if self._format.zero_padded:
            padded, data = len(data), data.lstrip(b"\0")
            self._offset += padded - len(data)
        if data.startswith(self._format.beginnings):
            self._stream = self._format.start(self._module)
            return data
        if data and not _is_cut(data, self._format):
            raise SourceError(
                f"{self._name}: the {self._format.name} data ends at byte {self._offset}, and something else follows:"
                " what came before was read; remove what follows, or fetch the file again"
            )
        self._held = data
        return b""

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
