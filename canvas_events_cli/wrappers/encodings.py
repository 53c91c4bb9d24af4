"""How what wrappers hold is written into a text: one table, of which every place can use every row."""

from base64 import b64encode
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import orjson

from canvas_events_cli.model import AROUND_JSON
from canvas_events_cli.parse import ParseError, parse
from canvas_events_cli.sources.compression import COMPRESSIONS, compress, compression_of, decompress_whole
from canvas_events_cli.sources.source import SourceError
from canvas_events_cli.token_form import BEGINNINGS
from canvas_events_cli.wrappers.tokens import Token, decode_base64, read_token, unsigned

_MOST_FOR_A_BYTE = 100
"""Bytes that a record may decompress to in all for each of its own, besides the longest record: events compress to a
tenth, and wrappers in wrappers could grow without end."""


class Undecodable(Exception):
    """Content is in an encoding, but damaged, or holds too much; the message says which."""


class Budget:
    """How much a record may still decompress to."""

    def __init__(self, record_bytes: int, most_bytes: int) -> None:
        """*most_bytes* is the longest that a record may be, and so the longest that anything in it may become."""
        self._longest = most_bytes
        self._left = most_bytes + _MOST_FOR_A_BYTE * record_bytes

    def decompress(self, content: bytes, kind: str) -> bytes:
        """Return *content*, which is compressed in this way, as it was. Raises Undecodable."""
        most = min(self._longest, self._left)
        try:
            whole = decompress_whole(content, most)
        except SourceError as error:
            raise Undecodable(f"its {kind} data is damaged or cut off") from error
        if len(whole) > most:
            raise Undecodable(f"its {kind} data holds more than {most:,} bytes (--max-record-bytes sets the limit)")
        self._left -= len(whole)
        return whole


class Encoding(NamedTuple):
    """One way to write content, which can be content in another."""

    name: str
    """What people call content in it."""
    read: Callable[[bytes, Budget], bytes | Token | None]
    """Returns what is inside, None for content that is not in this encoding. Raises Undecodable."""
    write: Callable[[bytes], bytes]
    """Puts something into it; what nobody could tell to be in it stays as it is."""


class Layer(NamedTuple):
    """The outermost encoding of content, and what is inside."""

    encoding: Encoding
    inside: bytes | Token


def layer_of(content: bytes, budget: Budget) -> Layer | None:
    """Return the outermost encoding that *content* is in; None for JSON text, and for what is nothing known.

    Raises Undecodable.
    """
    if content[:64].lstrip(AROUND_JSON)[:1] in (b"{", b"["):
        return None
    for encoding in ENCODINGS:
        inside = encoding.read(content, budget)
        if inside is not None:
            return Layer(encoding, inside)
    return None


def _read_token(content: bytes, _budget: Budget) -> Token | None:
    return read_token(content)


def _read_quoted(content: bytes, _budget: Budget) -> bytes | None:
    text = content.strip(AROUND_JSON)
    if not text.startswith(b'"'):
        return None
    try:
        value = parse(text)
    except ParseError:
        return None
    return value.encode() if isinstance(value, str) else None


def _read_base64(content: bytes, _budget: Budget) -> bytes | None:
    if not content.lstrip(b" \t\r\n").startswith(BASE64_BEGINNINGS):
        return None
    inside = decode_base64(content)
    return inside if inside and inside.startswith(_BEGINNINGS) else None


def _in_base64(content: bytes) -> bytes:
    return b64encode(content) if content.startswith(_BEGINNINGS) else content


def _read_compressed(content: bytes, budget: Budget, kind: str) -> bytes | None:
    return budget.decompress(content, kind) if compression_of(content) == kind else None


def _quoted(content: bytes) -> bytes:
    return orjson.dumps(content.decode())


_BEGINNINGS = (
    *(b'{"', b"{ ", b"{\t", b"{\n", b"{\r", b"[{", b" {", b"\n{", b"\r\n{", b"\xef\xbb\xbf{"),
    *(*BEGINNINGS, b"\x1f\x8b", b"\x28\xb5\x2f\xfd"),
)
"""What content in base64 begins with where nothing else says that it is: JSON, a token, gzip, zstd."""
BASE64_BEGINNINGS = tuple({b64encode(beginning)[: min(len(beginning) * 8 // 6, 3)] for beginning in _BEGINNINGS})
"""What it therefore begins with itself: letters that are certain, and the same in base64url."""
ENCODINGS = (
    Encoding("signed token", _read_token, unsigned),
    Encoding("quoted text", _read_quoted, _quoted),
    Encoding("base64 text", _read_base64, _in_base64),
    *(Encoding(f"{kind} data", partial(_read_compressed, kind=kind), partial(compress, kind)) for kind in COMPRESSIONS),
)
