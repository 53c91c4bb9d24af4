"""Puts an event into what a consumer receives: what the services send, as ``received.json`` has it, or a token.

Sources: the developer guides and API references of AWS, where they show what a consumer of each service is handed; the
specification of CloudEvents 1.0. Ids, handles and signatures are made up, the rest is as it is for that event.
"""

import re
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from hashlib import md5
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from warnings import catch_warnings, simplefilter

import orjson

from canvas_events_cli.errors import CeventsError, not_installed
from canvas_events_cli.example.drafts import iso
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


Wrap = Callable[[bytes, str, int], bytes]
"""Returns an event, of that name, in what it arrives in; it happened that many milliseconds after 1970 began."""


class _Sent(NamedTuple):
    """An event on its way."""

    text: bytes
    name: str
    moment: int
    number: int
    """How many came before."""
    digest: str
    event_time: str

    def digest_of_attributes(self) -> str:
        """Return what SQS computes of a message's attributes, and SDKs compare: of each name, type and value."""
        texts = (
            begin + len(text).to_bytes(4) + text
            for name, value in ((b"event_name", self.name.encode()), (b"event_time", self.event_time.encode()))
            for begin, text in ((b"", name), (b"", b"String"), (b"\1", value))
        )
        return _md5(b"".join(texts))


def _md5(data: bytes) -> str:
    return md5(data, usedforsecurity=False).hexdigest()


def _uuid(digest: str) -> str:
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-9{digest[17:20]}-{digest[20:]}"


_SLOTS: dict[str, Callable[[_Sent], object]] = {
    "event": lambda sent: sent.text.decode(),
    "text": lambda sent: orjson.dumps(sent.text.decode()).decode(),
    "base64": lambda sent: b64encode(sent.text).decode(),
    "bytes": lambda sent: len(sent.text),
    "number": lambda sent: sent.number,
    "name": lambda sent: orjson.dumps(sent.name).decode()[1:-1],
    "uuid": lambda sent: _uuid(sent.digest),
    "md5": lambda sent: sent.digest,
    "md5_of_attributes": lambda sent: sent.digest_of_attributes(),
    "handle": lambda sent: b64encode(sent.digest.encode()).decode(),
    "event_time": lambda sent: sent.event_time,
    "time": lambda sent: f"{sent.event_time[:19]}Z",
    "request_time": lambda sent: time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(sent.moment // 1000)),
    "seconds": lambda sent: sent.moment / 1000,
    "milliseconds": lambda sent: sent.moment,
    "later": lambda sent: sent.moment + 12,
    "sequence": lambda sent: f"4963{sent.moment:026d}{sent.number:026d}",
    "trace": lambda sent: f"Root=1-{sent.moment // 1000:08x}-{sent.digest[:24]}",
}
"""What differs from event to event, by the name of its slot; in capitals a slot is a JSON value, not part of a text."""
_VALUE = re.compile(r'"%\(([A-Z0-9_]+)\)s"')
_RECEIVED: dict[str, Any] = orjson.loads(Path(__file__).with_name("received.json").read_bytes())
"""What each service hands to a consumer, by the kinds of ``--wrap``, with slots."""
_SIGNED = "jwt"
KINDS = (*_RECEIVED, _SIGNED)
"""What an event can be put into."""


def wrapper(kind: str, signer: Signer | None = None) -> Wrap:
    """Return what puts an event into a wrapper of this *kind*; a token takes a *signer*."""
    if kind == _SIGNED:
        assert signer is not None  # noqa: S101 (the command sees to it)
        return signer.sign
    template = _VALUE.sub(lambda slot: f"%({slot[1].lower()})s", orjson.dumps(_RECEIVED[kind]).decode())
    slots = {slot: value for slot, value in _SLOTS.items() if f"%({slot})s" in template}
    numbers = count()

    def wrap(text: bytes, name: str, moment: int) -> bytes:
        event_time = f"{iso(moment // 1000)}.{moment % 1000:03d}Z"
        sent = _Sent(text, name, moment, next(numbers), _md5(text), event_time)
        return (template % {slot: value(sent) for slot, value in slots.items()}).encode()

    return wrap
