"""Signs events, as Canvas signs those that it sends to a webhook: with a key that somebody has."""

from base64 import urlsafe_b64encode
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from warnings import catch_warnings, simplefilter

import orjson

from canvas_events_cli.errors import CeventsError, not_installed
from canvas_events_cli.wrappers.keys import ALGORITHMS, FEWEST_BITS, read_key_file

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

_LIFETIME = 100 * 365 * 24 * 3600
"""Seconds for which a token holds: a consumer gets it long after its event is said to have happened."""


class Signer(NamedTuple):
    """A private key, and the name that tokens have for it."""

    key: "RSAKey | ECKey"
    name: str

    def sign(self, text: bytes, name: str, moment: int) -> bytes:
        """Return the event *text* as the claims of a token, issued at *moment*; the same for the same event."""
        seconds = moment // 1000
        claims = orjson.loads(text) | {"iat": seconds, "exp": seconds + _LIFETIME}
        header = {"alg": ALGORITHMS[self.key.key_type], "kid": self.name}
        signed = b"%b.%b" % (_base64url(orjson.dumps(header)), _base64url(orjson.dumps(claims)))
        return b"%b.%b" % (signed, _base64url(self._signature(signed)))

    def public(self) -> bytes:
        """Return the JWK set that verifies the tokens."""
        about = {"kid": self.name, "alg": ALGORITHMS[self.key.key_type], "use": "sig"}
        jwk = {key: value for key, value in self.key.as_dict(private=False).items() if key != "key_ops"}
        return orjson.dumps({"keys": [jwk | about]}, option=orjson.OPT_INDENT_2) + b"\n"

    def _signature(self, signed: bytes) -> bytes:
        """Return what vouches for *signed* (RFC 7518, sections 3.3 and 3.4), with a nonce that depends on it alone."""
        from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
        from cryptography.hazmat.primitives.hashes import SHA256

        key = self.key.private_key
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(signed, padding.PKCS1v15(), SHA256())
        assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101 (a signer has a private key)
        pair = utils.decode_dss_signature(key.sign(signed, ec.ECDSA(SHA256(), deterministic_signing=True)))
        return b"".join(number.to_bytes(32) for number in pair)


def load_signer(path: Path) -> Signer:
    """Return what signs with the key in *path*, PEM or a JWK. Raises CeventsError where it holds no private key."""
    try:
        from joserfc.errors import JoseError
        from joserfc.jwk import ECKey, RSAKey
    except ImportError as error:
        raise CeventsError(not_installed("signing", "jwt")) from error
    raw = read_key_file(path, "the key", "file with a key")
    key: RSAKey | ECKey | None = None
    with catch_warnings():
        simplefilter("ignore")  # that an RSA key is short: it is refused for that
        for kind in (RSAKey, ECKey):
            with suppress(JoseError, ValueError, TypeError, KeyError):
                key = key or kind.import_key(orjson.loads(raw) if raw.lstrip().startswith(b"{") else raw)
    if key is None or not key.is_private:
        raise CeventsError(f"{path} has no key to sign with: expected a private one, of RSA or EC, as PEM or a JWK")
    size = key.curve_name == "P-256" if isinstance(key, ECKey) else key.public_key.key_size >= FEWEST_BITS
    if not size:
        raise CeventsError(f"{path}: expected an RSA key of {FEWEST_BITS:,} bits or more, or an EC key of P-256")
    return Signer(key, key.kid or key.thumbprint())


def _base64url(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")
