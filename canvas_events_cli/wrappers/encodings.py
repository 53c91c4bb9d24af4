"""How what wrappers hold is written into a text: one table, of which every place can use every row.

Among the encodings are JSON Web Tokens (RFC 7519), whose claims are the event of a signed webhook.
"""

from base64 import b64encode, urlsafe_b64encode
from binascii import a2b_base64
from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import NamedTuple, TypeGuard

import orjson

from canvas_events_cli.model import AROUND_JSON, Json
from canvas_events_cli.parse import ParseError, parse, read_object
from canvas_events_cli.signed_tokens import TOKEN_BEGINNINGS, token_parts
from canvas_events_cli.sources.compression import COMPRESSIONS, compress, compression_of, decompress_whole
from canvas_events_cli.sources.source import SourceError

_MOST_FOR_A_BYTE = 100
"""Bytes that a record may decompress to in all for each of its own, besides the longest record: events compress to a
tenth, and wrappers in wrappers could grow without end."""
REGISTERED = ("iss", "sub", "aud", "exp", "nbf", "iat", "jti")
"""The claims that RFC 7519 (section 4.1) registers: they speak of the token, and are no fields of the event."""
TIMES = ("exp", "nbf", "iat")
"""Those of them that are seconds since 1970."""
_UNSIGNED = b"eyJhbGciOiJub25lIn0"
"""The header ``{"alg":"none"}`` in base64url (RFC 7515)."""


_PADDED = (b'"', b'==="', b'=="', b'="')
"""How base64 of so many letters over a multiple of four ends as a JSON string."""


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


class Token(NamedTuple):
    """A signed token, taken apart."""

    text: bytes
    header: dict[str, Json]
    claims: bytes | None
    """The JSON text of the claims; None where they are not in base64url."""


def read_token(text: bytes) -> Token | None:
    """Return the token that *text* is, white space around it aside, or None.

    Three parts in base64url, of which the first is a JSON object with ``alg``; the last, the signature, is empty in a
    token that is not signed.
    """
    parts = token_parts(text)
    header = _header(parts[0]) if parts else None
    if parts is None or header is None or "alg" not in header:
        return None
    return Token(text.strip(), header, decode_base64(parts[1]))


@lru_cache(4)
def _header(text: bytes) -> dict[str, Json] | None:
    """Return a token's header; the tokens of a stream have the same, as a rule."""
    return read_object(decode_base64(text))


def unsigned(claims: bytes) -> bytes:
    """Return a token of these *claims* that nobody signed."""
    return b"%b.%b." % (_UNSIGNED, urlsafe_b64encode(claims).rstrip(b"="))


def is_number(value: Json) -> TypeGuard[int | float]:
    """Tell whether *value* is a number, which for Python true is as well."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def decode_base64(text: bytes) -> bytes | None:
    """Return what *text* stands for in base64 or base64url, padded or not, on one line or several; None for neither."""
    letters = text.replace(b"-", b"+").replace(b"_", b"/")
    try:
        if b"\\" not in letters:
            return _base64_decoder()(b'"' + letters + _PADDED[len(letters) % 4])  # a third of the time
    except ValueError:
        pass
    letters = letters.translate(None, b" \t\r\n")
    try:
        return a2b_base64(letters + b"=" * (-len(letters) % 4), strict_mode=True)
    except ValueError:
        return None


@cache
def _base64_decoder() -> Callable[[bytes], bytes]:
    import msgspec

    return msgspec.json.Decoder(bytes).decode


class Encoding(NamedTuple):
    """One way to write content, which can be content in another."""

    name: str
    """What people call content in it."""
    read: Callable[[bytes, Budget], bytes | Token | None]
    """Returns what is inside, None for content that is not in this encoding. Raises Undecodable."""
    write: Callable[[bytes], bytes]
    """Puts something into it; what nobody could tell to be in it stays as it is."""


def layer_of(content: bytes, budget: Budget) -> tuple[Encoding, bytes | Token] | None:
    """Return the outermost encoding that *content* is in, and what is inside; None for JSON, and for what is unknown.

    Raises Undecodable.
    """
    if content[:64].lstrip(AROUND_JSON)[:1] in (b"{", b"["):
        return None
    for encoding in ENCODINGS:
        inside = encoding.read(content, budget)
        if inside is not None:
            return encoding, inside
    return None


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
    return inside if inside and inside.startswith(BEGINNINGS) else None


def _read_compressed(content: bytes, budget: Budget, kind: str) -> bytes | None:
    return budget.decompress(content, kind) if compression_of(content) == kind else None


BEGINNINGS = (
    *(b'{"', b"{ ", b"{\t", b"{\n", b"{\r", b"[{", b" {", b"\n{", b"\r\n{", b"\xef\xbb\xbf{"),
    *(*TOKEN_BEGINNINGS, b"\x1f\x8b", b"\x28\xb5\x2f\xfd"),
)
"""What content in base64 begins with where nothing else says that it is: JSON, a token, gzip, zstd."""
BASE64_BEGINNINGS = tuple({b64encode(beginning)[: min(len(beginning) * 8 // 6, 3)] for beginning in BEGINNINGS})
"""What it therefore begins with itself: letters that are certain, and the same in base64url."""
ENCODINGS = (
    Encoding("signed token", lambda content, _budget: read_token(content), unsigned),
    Encoding("quoted text", _read_quoted, lambda content: orjson.dumps(content.decode())),
    Encoding("base64 text", _read_base64, lambda text: b64encode(text) if text.startswith(BEGINNINGS) else text),
    *(Encoding(f"{kind} data", partial(_read_compressed, kind=kind), partial(compress, kind)) for kind in COMPRESSIONS),
)
