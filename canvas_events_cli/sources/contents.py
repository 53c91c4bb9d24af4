"""What the first bytes of a source tell: whether it may hold events, and what it is where it is no JSON text in UTF-8.

Sources: the specifications of the formats, for the bytes that files in them begin with.
"""

import codecs
import re
from typing import NamedTuple

from canvas_events_cli.signed_tokens import TOKEN_HEADER
from canvas_events_cli.sources.compression import compression_of

HEAD_BYTES = 512
"""Enough to tell all other formats by."""
_LOOK_BYTES = 1024

# What one JSON value begins with, as far as the first bytes show it; no prose, no log, no table and no program does.
_JSON = re.compile(
    rb"""[ \t\r\n]*+(?:
        \{[ \t\r\n]*+(?:["}]|\Z)
        | \[[ \t\r\n]*+(?:[\[{"\]\d-]|true\b|false\b|null\b|\Z)
        | "(?:[^"\\\n]|\\.)*+(?:"[ \t\r\n]*+(?:[\["{]|\Z)|\Z)
        | (?:-?\d++(?:\.\d++)?(?:[eE][+-]?\d++)?|true|false|null)[ \t]*+(?:[\r\n]|\Z)
        | \Z)""",
    re.VERBOSE,
)
_TOKEN = re.compile(rb"\s*+%b+(?:\.[\w-]++\.|\Z|\.[\w-]*+\Z)" % TOKEN_HEADER)
_MARKS = re.compile(rb"\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff|\0\0\xfe\xff)")


class _OtherFormat(NamedTuple):
    """What files can hold beside JSON text in UTF-8, and what to do with it."""

    name: str
    advice: str
    beginnings: tuple[bytes, ...]
    at: int = 0
    """Where in the file these stand."""


_UNPACK = "unpack it first, with {} for instance, and name what comes out"
_PIPE = "decompress it first: {} {{source}} | cevents …"
_CONVERT = "convert it first, with iconv for instance"
_CONTROLS = bytes({*range(32), 127} - {*b"\t\n\f\r\x1b"})
_MOST_CONTROLS = 16
"""No log, page or table has more control characters at its beginning; what is compressed or compiled has."""
_EXPORT = "export the events as JSON first"

# The longer of two beginnings of which one begins with the other comes first.
_FORMATS = (
    _OtherFormat("UTF-32, events are UTF-8", _CONVERT, (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)),
    _OtherFormat("UTF-16, events are UTF-8", _CONVERT, (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)),
    _OtherFormat("a zip archive", _UNPACK.format("unzip"), (b"PK\x03\x04", b"PK\x05\x06")),
    _OtherFormat("a 7z archive", _UNPACK.format("7z x"), (b"7z\xbc\xaf\x27\x1c",)),
    _OtherFormat("a tar archive", _UNPACK.format("tar -xf"), (b"ustar",), 257),
    _OtherFormat("lzma data", _PIPE.format("xz -dc"), (b"\x5d\0\0",)),
    _OtherFormat("lz4 data", _PIPE.format("lz4 -dc"), (b"\x04\x22\x4d\x18", b"\x02\x21\x4c\x18")),
    _OtherFormat("lzip data", _PIPE.format("lzip -dc"), (b"LZIP",)),
    _OtherFormat("snappy data", _PIPE.format("snzip -dc"), (b"\xff\x06\0\0sNaPpY",)),
    _OtherFormat("zlib data", _PIPE.format("pigz -dcz"), (b"x\x01", b"x\x9c", b"x\xda")),
    _OtherFormat("data of compress (.Z)", _PIPE.format("gzip -dc"), (b"\x1f\x9d",)),
    _OtherFormat("a Parquet file", _EXPORT, (b"PAR1",)),
    _OtherFormat("an ORC file", _EXPORT, (b"ORC",)),
    _OtherFormat("an Avro file", _EXPORT, (b"Obj\x01",)),
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
    head = head[:HEAD_BYTES]
    if len(head) - len(head.translate(None, _CONTROLS)) > _MOST_CONTROLS and not begins_like_events(head):
        return f"no text but binary data: {_EXPORT}"
    return None


def begins_like_events(head: bytes) -> bool:
    """Tell whether *head*, with which something begins, may be the beginning of JSON or of a token."""
    # Without its zeros, JSON in UTF-16 shows what it is: reading it says that it has to be converted.
    head = _MARKS.sub(b"", head[:_LOOK_BYTES]).replace(b"\0", b"")
    return _JSON.match(head) is not None or _TOKEN.match(head) is not None
