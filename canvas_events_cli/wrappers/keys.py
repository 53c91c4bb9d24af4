"""Public keys, and whether a token's signature fits one of them.

The keys come from where the user says, never from an address in a token and never from the token itself.
"""

from dataclasses import dataclass
from functools import cache
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from canvas_events_cli.errors import CeventsError, not_installed
from canvas_events_cli.model import Json
from canvas_events_cli.parse import ParseError, explain, parse
from canvas_events_cli.same_event import envelope
from canvas_events_cli.timestamps import parse_instant
from canvas_events_cli.wrappers.encodings import TIMES, Token, is_number

if TYPE_CHECKING:
    from joserfc.jwk import Key
    from joserfc.jws import JWSRegistry

_FIELDS = {"RS256": ("kty", "n", "e"), "ES256": ("kty", "crv", "x", "y")}
ALGORITHMS = {"RSA": "RS256", "EC": "ES256"}
"""The one algorithm that a type of key is used with: what a token claims is never taken on trust."""
_SHARED_SECRETS = ("HS256", "HS384", "HS512")
_LARGEST_FILE = 1024 * 1024
FEWEST_BITS = 2048
"""Of an RSA key: RFC 7518, section 3.3."""
_TOLD = 3
"""How many of the keys that are refused are told of where none is left."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One key of a JWK set (RFC 7517), without any private part."""

    kid: str | None
    algorithm: str
    members: tuple[tuple[str, str], ...]


class RefusedKey(NamedTuple):
    """One that must not, or cannot, verify signatures."""

    kid: str | None
    why: str

    def __str__(self) -> str:
        """Return which key it is, and why it is refused."""
        which = f"the key {dumps(self.kid)}" if self.kid is not None else "a key without a name (kid)"
        return f"{which} is refused: {self.why}"


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys of one file, or one address; picklable."""

    keys: tuple[PublicKey, ...]
    refused: tuple[RefusedKey, ...] = ()


def read_key_file(path: Path, what: str, kind: str) -> bytes:
    """Return the bytes of a file with keys. Raises CeventsError, which says *what* should be there in which *kind*."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise CeventsError(f"cannot read {what} in {path}: {error.strerror}") from error
    if len(raw) > _LARGEST_FILE:
        raise CeventsError(f"{path} is no {kind}: it is larger than 1 MiB")
    return raw


def load_keys(path: Path) -> KeySet:
    """Return the keys for RS256 and ES256 in *path*: a JWK set (``{"keys": […]}``) or a single JWK.

    Other keys in it are refused, and left out as RFC 7517 has it. Raises CeventsError where the file cannot be read, is
    no such thing or has no usable key, and where the package that verifies is not installed.
    """
    return keys_in(read_key_file(path, "the keys", "file of keys"), str(path))


def keys_in(raw: bytes, name: str) -> KeySet:
    """Return the keys in *raw*, the content of what messages call *name*, as :func:`load_keys` does."""
    try:
        import joserfc  # noqa: F401
    except ImportError as error:
        raise CeventsError(not_installed("verifying signatures", "jwt")) from error
    try:
        document = parse(raw)
    except ParseError as error:
        raise CeventsError(f"{name} is no file of keys: {explain(raw, 1)}") from error
    jwks = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(jwks, list):
        if not isinstance(document, dict) or "kty" not in document:
            what = 'neither a JWK set ({"keys": […]}) nor a single JWK (with "kty")'
            raise CeventsError(f"{name} is no file of keys: {what}")
        jwks = [document]
    found = [_usable(jwk) for jwk in jwks if isinstance(jwk, dict)]
    keys = tuple(key for key in found if isinstance(key, PublicKey))
    refused = tuple(key for key in found if isinstance(key, RefusedKey))
    if not keys:
        raise CeventsError(
            f"{name} has no key that can verify signatures: cevents needs public keys of type RSA (for RS256) or "
            f"EC with the curve P-256 (for ES256){''.join(f'; {key}' for key in refused[:_TOLD])}"
        )
    return KeySet(keys, refused)


def names_unknown_key(token: Token, keys: KeySet) -> bool:
    """Tell whether *token* names a key (``kid``) that is not among *keys*, nor among those refused."""
    kid = token.header.get("kid")
    return isinstance(kid, str) and kid not in {*(key.kid for key in keys.keys), *(key.kid for key in keys.refused)}


def distrust(token: Token, claims: dict[str, Json] | None, keys: KeySet) -> str | None:
    """Say why *token*, of these *claims*, is not to be trusted; None where one of *keys* vouches for it."""
    return _signature_fault(token, keys) or (_untimely(claims) if claims is not None else None)


def _signature_fault(token: Token, keys: KeySet) -> str | None:
    """Say why none of *keys* vouches for *token*; None where one does.

    A token that names its key (``kid``) is verified with that one, or with keys that have no name.
    """
    algorithm = token.header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in _FIELDS:
        return f"{_refused(algorithm)}; only RS256 and ES256 signatures count"
    if "crit" in token.header or "b64" in token.header:
        return "its header asks for extensions of the format (crit, b64) that cevents does not know"
    kid = token.header.get("kid")
    candidates = [key for key in keys.keys if key.algorithm == algorithm and (kid is None or key.kid in (None, kid))]
    if not candidates:
        refused = next((key for key in keys.refused if kid is not None and key.kid == kid), None)
        if refused is not None:
            return str(refused)
        what = f"that it names (kid), for {algorithm}" if kid is not None else f"for {algorithm}"
        return f"the file of keys has no key {what}"
    if any(_fits(token, key) for key in candidates):
        return None
    return "the signature does not fit: the event or its signature was altered, or another key made it"


def _untimely(claims: dict[str, Json]) -> str | None:
    """Say why the token of these *claims* was not valid when its event happened; None where it was.

    Every capture outlives its tokens, so the event's own ``event_time`` counts, not the clock. A token is issued after
    its event: it must be usable by then (``nbf``), or when it was issued (``iat``). An event without a readable
    ``event_time`` leaves nothing to judge by.
    """
    given = {name: claims[name] for name in TIMES if claims.get(name) is not None}
    seconds = {name: value for name, value in given.items() if is_number(value)}
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


def _refused(algorithm: Json) -> str:
    if isinstance(algorithm, str) and algorithm.lower() == "none":
        return "it is not signed (alg none)"
    if algorithm in _SHARED_SECRETS:
        return f"it is signed with a shared secret ({algorithm}), which a public key is not"
    return "it is signed in another way (alg)"


def _usable(jwk: dict[str, Json]) -> PublicKey | RefusedKey:
    """Return the public key that *jwk* is, or contains, for one of the algorithms; or why there is none."""
    from joserfc.errors import JoseError
    from joserfc.jwk import RSAKey

    kid, kind = jwk.get("kid"), jwk.get("kty")
    kid = kid if isinstance(kid, str) else None
    algorithm = ALGORITHMS.get(kind) if isinstance(kind, str) else None
    if algorithm is None or jwk.get("alg", algorithm) != algorithm or jwk.get("crv", "P-256") != "P-256":
        return RefusedKey(kid, "it is for another algorithm (kty, crv, alg)")
    operations = jwk.get("key_ops", ["verify"])
    if jwk.get("use", "sig") != "sig":
        return RefusedKey(kid, 'it is not for signatures (its use is not "sig")')
    if not isinstance(operations, list) or "verify" not in operations:
        return RefusedKey(kid, 'it is not for verifying (its key_ops lack "verify")')
    fields = ((name, jwk.get(name)) for name in _FIELDS[algorithm])
    key = PublicKey(kid, algorithm, tuple((name, value) for name, value in fields if isinstance(value, str)))
    try:
        imported = _imported(key)
    except (JoseError, ValueError):
        return RefusedKey(kid, "its numbers make no key")
    if isinstance(imported, RSAKey) and (bits := imported.public_key.key_size) < FEWEST_BITS:
        return RefusedKey(kid, f"an RSA key of {bits:,} bits can be broken: RS256 takes {FEWEST_BITS:,} or more")
    return key


@cache
def _imported(key: PublicKey) -> "Key":
    """Return *key* as the library has it: imported once in each process."""
    from warnings import catch_warnings, simplefilter

    from joserfc.jwk import ECKey, RSAKey

    with catch_warnings():
        simplefilter("ignore")  # that an RSA key is short: it is refused for that
        return RSAKey.import_key(dict(key.members)) if key.algorithm == "RS256" else ECKey.import_key(dict(key.members))


@cache
def _registry() -> "JWSRegistry":
    """Return rules for RS256 and ES256 alone, without limits: a record is bounded, and so a token in it."""
    from joserfc.jws import JWSRegistry

    registry = JWSRegistry(algorithms=tuple(_FIELDS), strict_check_header=False)
    registry.max_header_length = registry.max_payload_length = registry.max_signature_length = 1 << 40
    return registry


def _fits(token: Token, key: PublicKey) -> bool:
    from joserfc import jws
    from joserfc.errors import JoseError

    try:
        jws.deserialize_compact(token.text, _imported(key), registry=_registry())
    except (JoseError, ValueError, RecursionError):  # the library parses headers anew, less deep than orjson
        return False
    return True
