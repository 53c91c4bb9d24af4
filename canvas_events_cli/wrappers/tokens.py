"""Signed webhooks: JSON Web Tokens (RFC 7519, in the compact form of RFC 7515) whose claims are the event."""

from base64 import b64decode, urlsafe_b64encode
from typing import NamedTuple, TypeGuard

from canvas_events_cli.model import Json
from canvas_events_cli.parse import ParseError, parse
from canvas_events_cli.timestamps import Instant, format_utc, parse_instant
from canvas_events_cli.token_form import TOKEN

REGISTERED = ("iss", "sub", "aud", "exp", "nbf", "iat", "jti")
"""The claims that RFC 7519 (section 4.1) registers: they speak of the token, and are no fields of the event."""
NOT_VERIFIED = ("signature", "not verified")
"""The detail of an event whose token was read without keys."""
VERIFIED = ("signature", "verified")

_UNSIGNED = b"eyJhbGciOiJub25lIn0"
"""The header ``{"alg":"none"}`` in base64url (RFC 7515)."""
_TIMES = ("exp", "nbf", "iat")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


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
    match = TOKEN.fullmatch(text)
    header = read_object(decode_base64(match[1])) if match else None
    if match is None or header is None or "alg" not in header:
        return None
    return Token(text.strip(), header, decode_base64(match[2]))


def unsigned(claims: bytes) -> bytes:
    """Return a token of these *claims* that nobody signed."""
    return b"%b.%b." % (_UNSIGNED, urlsafe_b64encode(claims).rstrip(b"="))


def read_object(text: bytes | None) -> dict[str, Json] | None:
    """Return the JSON object that *text* is, or None."""
    try:
        value = parse(text) if text else None
    except ParseError:
        return None
    return value if isinstance(value, dict) else None


def decode_base64(text: bytes) -> bytes | None:
    """Return what *text* stands for in base64 or base64url, padded or not, on one line or several; None for neither."""
    letters = text.translate(_URL_SAFE, b" \t\r\n")
    try:
        return b64decode(letters + b"=" * (-len(letters) % 4), validate=True)
    except ValueError:
        return None


def claims_details(claims: dict[str, Json]) -> tuple[tuple[str, str], ...]:
    """Return the registered claims worth showing: those that are text, and times as RFC 3339."""
    times = ((name, _time(claims[name])) for name in _TIMES if name in claims)
    texts = ((name, claims[name]) for name in REGISTERED if name in claims and name not in _TIMES)
    return tuple((name, text) for name, text in (*texts, *times) if isinstance(text, str))


def untimely(claims: dict[str, Json]) -> str | None:
    """Say why the token of these *claims* was not valid when its event happened; None where it was.

    Every capture outlives its tokens, so the event's own ``event_time`` counts, not the clock. A token is issued after
    its event: it must be usable by then (``nbf``), or when it was issued (``iat``). An event without a readable
    ``event_time`` leaves nothing to judge by.
    """
    from canvas_events_cli.same_event import envelope

    given = {name: claims[name] for name in _TIMES if claims.get(name) is not None}
    seconds = {name: value for name, value in given.items() if _is_number(value)}
    if len(seconds) < len(given):
        return "its exp, nbf or iat is not a number of seconds"
    happened = parse_instant(envelope(claims).get("event_time"))
    if happened is None:
        return None
    moment = happened.seconds + float(f"0.{happened.fraction or 0}")
    if "exp" in seconds and seconds["exp"] <= moment:
        return "it had expired (exp) at the event's own event_time, by which expiry is judged"
    if "nbf" in seconds and seconds["nbf"] > max(moment, seconds.get("iat", moment)):
        return "it was not valid yet (nbf) at the event's own event_time, nor when it was issued (iat)"
    return None


def _is_number(value: Json) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _time(value: Json) -> str | None:
    return format_utc(Instant(int(value), "")) if _is_number(value) and abs(value) < 10**12 else None
