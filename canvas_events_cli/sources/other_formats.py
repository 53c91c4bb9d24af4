"""What a source turns out to be where it is no JSON text in UTF-8: named for what it is, with what to do.

Sources: the specifications of the formats, for the bytes that files in them begin with.
"""

import codecs
from typing import NamedTuple

from canvas_events_cli.sources.compression import compression_of

HEAD_BYTES = 512
"""Enough to tell them all by."""


class _Known(NamedTuple):
    name: str
    advice: str
    beginnings: tuple[bytes, ...]
    at: int = 0
    """Where in the file these stand."""


_UNPACK = "unpack it first, with {} for instance, and name what comes out"
_PIPE = "decompress it first: {} {{source}} | cevents …"
_CONVERT = "convert it first, with iconv for instance"
_EXPORT = "export the events as JSON first"

# The longer of two beginnings of which one begins with the other comes first.
_FORMATS = (
    _Known("UTF-32, events are UTF-8", _CONVERT, (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)),
    _Known("UTF-16, events are UTF-8", _CONVERT, (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)),
    _Known("a zip archive", _UNPACK.format("unzip"), (b"PK\x03\x04", b"PK\x05\x06")),
    _Known("a 7z archive", _UNPACK.format("7z x"), (b"7z\xbc\xaf\x27\x1c",)),
    _Known("a tar archive", _UNPACK.format("tar -xf"), (b"ustar",), 257),
    _Known("lzma data", _PIPE.format("xz -dc"), (b"\x5d\0\0",)),
    _Known("lz4 data", _PIPE.format("lz4 -dc"), (b"\x04\x22\x4d\x18", b"\x02\x21\x4c\x18")),
    _Known("lzip data", _PIPE.format("lzip -dc"), (b"LZIP",)),
    _Known("snappy data", _PIPE.format("snzip -dc"), (b"\xff\x06\0\0sNaPpY",)),
    _Known("zlib data", _PIPE.format("pigz -dcz"), (b"x\x01", b"x\x9c", b"x\xda")),
    _Known("data of compress (.Z)", _PIPE.format("gzip -dc"), (b"\x1f\x9d",)),
    _Known("a Parquet file", _EXPORT, (b"PAR1",)),
    _Known("an ORC file", _EXPORT, (b"ORC",)),
    _Known("an Avro file", _EXPORT, (b"Obj\x01",)),
)


def other_format(head: bytes, source_name: str) -> str | None:
    """Say what the decompressed source is that begins with *head*, and what to do; None where it may be JSON."""
    if tool := compression_of(head):
        advice = _PIPE.format(f"{tool} -dc").format(source=source_name)
        return f"{tool} data in compressed data: {advice}"
    for known in _FORMATS:
        if head.startswith(known.beginnings, known.at):
            return f"{known.name}: {known.advice.format(source=source_name)}"
    # The first two characters of an event are ASCII, with a zero byte in each; a single zero is a stray.
    if 0 in head[:2] and 0 in head[2:4]:
        return f"UTF-16 or UTF-32, events are UTF-8: {_CONVERT}"
    return None
