"""Puts an event into what a consumer receives: any row of the table of wrappers that something marks, or a token."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import md5
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID
from warnings import catch_warnings, simplefilter

import orjson

from canvas_events_cli.errors import CeventsError, not_installed
from canvas_events_cli.pointers import KeyPath
from canvas_events_cli.same_event import envelope
from canvas_events_cli.timestamps import parse_instant
from canvas_events_cli.wrappers.keys import ALGORITHMS, FEWEST_BITS, read_key_file
from canvas_events_cli.wrappers.shapes import DETAILS, SHAPES, Shape

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

_SIGNED = "jwt"
_FUNCTION, _BY_FUNCTION = "lambda", "eventSource"
"""What a function receives is a row like its neighbour's; it says where its records are from."""
_SENDERS = "Entries"
"""Lists of what is sent, not received, end in this."""
_IN_PLACE = frozenset(("detail", "data"))
"""Members that hold JSON itself, and no text of it."""
_MARKS: dict[str, Any] = {
    "Type": "Notification",
    "TopicArn": "arn:aws:sns:us-east-1:123456789012:live-events",
    "StreamName": "live-events",
    "PartitionKey": "live-events",
    "eventSource": "aws:sqs",
    "specversion": "1.0",
    "httpMethod": "POST",
    "isBase64Encoded": False,
    "topic": "live-events",
    "partition": 0,
    "offset": 0,
    "basicProperties": {},
    "logStreamName": "live-events",
}
"""What a mark says, where that is the same for all events."""
_BESIDE: dict[tuple[str, str], dict[str, str]] = {
    ("sqs", "Body"): {"ReceiptHandle": ""},
    (_FUNCTION, "body"): {
        "receiptHandle": "",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:live-events",
        "awsRegion": "us-east-1",
    },
}
"""By kind and content: members that tell nothing of the event, but that a consumer needs, to delete a message for one;
those without a text are unlike for each event."""
_AS_TEXT = frozenset(("SentTimestamp",))
_MILLISECONDS = _AS_TEXT | {"timestamp", "timeEpoch", "requestTimeEpoch"}
"""Members in which a time is a number of milliseconds; of these, those which are texts."""
_TYPES = {"StringValue": "DataType", "stringValue": "dataType", "Value": "Type"}
"""What stands beside the value of a message's attribute, and says its type."""
_LIFETIME = 100 * 365 * 24 * 3600
"""Seconds for which a token holds: a consumer gets it long after its event is said to have happened."""

Wrap = Callable[[bytes, str], bytes]
"""Returns an event, of that name, in what it arrives in."""


def _kinds() -> dict[str, Shape]:
    """Return the rows by what people call them: the first word of the name. The first that is marked counts."""
    kinds: dict[str, Shape] = {}
    for shape in SHAPES:
        marks = [mark for mark, _ in shape.marks]
        if shape.name and marks:
            kinds.setdefault(_FUNCTION if _BY_FUNCTION in marks else shape.name.split()[0].lower(), shape)
    return kinds


_ROWS = _kinds()
KINDS = (*_ROWS, _SIGNED)
"""What an event can be put into."""


def wrapper(kind: str, signer: "Signer | None" = None) -> Wrap:
    """Return what puts an event into a wrapper of this *kind*; a token takes a *signer*."""
    if kind == _SIGNED:
        assert signer is not None  # noqa: S101 (the command sees to it)
        return signer.sign
    shape = _ROWS[kind]
    last = shape.content[0][-1]
    listed = next((name for name in shape.listed if not name.endswith(_SENDERS)), None)
    details = list(_details(shape))
    beside = _BESIDE.get((kind, last), {})

    def wrap(text: bytes, name: str) -> bytes:
        event = orjson.loads(text)
        told = envelope(event).get("event_time", event.get("sendTime"))
        digest = md5(text, usedforsecurity=False).hexdigest()
        happened = parse_instant(told)
        milliseconds = happened.seconds * 1000 + int(f"{happened.fraction:0<3}"[:3]) if happened else 0
        of_event: dict[str, Any] = {"MD5OfBody": digest, "md5OfBody": digest, "detail-type": name}
        of_event |= {"event_name": name, "event_time": told, "sent": told, "arrived": told}
        of_event["sequence number"] = str(int(digest, 16))
        made = {mark: _MARKS.get(mark, of_event.get(mark)) for mark, _ in shape.marks if mark in {**_MARKS, **of_event}}
        for label, path in details:
            value = _MARKS.get(path[-1], of_event.get(label, str(UUID(digest))))
            if path[-1] in _MILLISECONDS:
                value = str(milliseconds) if path[-1] in _AS_TEXT else milliseconds
            _put(made, path, value)
            if path[-1] in _TYPES:
                _put(made, (*path[:-1], _TYPES[path[-1]]), "String")
        if made.keys().isdisjoint(mark for mark, _ in shape.marks):
            made[shape.marks[0][0]] = digest
        made |= {name: value or b64encode(digest.encode()).decode() for name, value in beside.items()}
        content: Any = orjson.Fragment(text) if last in _IN_PLACE else text.decode()
        _put(made, shape.content[0], b64encode(text).decode() if shape.base64 else content)
        return orjson.dumps({listed: [made]} if listed else made)

    return wrap


def _details(shape: Shape) -> Iterator[tuple[str, KeyPath]]:
    """Yield what is told beside the content: label and place, in the spelling of this row, each label once."""
    *above, last = shape.content[0]
    others = {path[0] for row in SHAPES if row.name == shape.name for path in row.content if len(path) > 1} - {*above}
    seen = set()
    for label, path in DETAILS.get(shape.name, ()):
        if label not in seen and path[0] not in others and path[0][0].isupper() == last[0].isupper():
            seen.add(label)
            yield label, path


def _put(target: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    *above, last = path
    for name in above:
        target = target.setdefault(name, {})
    target[last] = value


class Signer(NamedTuple):
    """A private key, and the name that tokens have for it."""

    key: "RSAKey | ECKey"
    name: str

    def sign(self, text: bytes, name: str) -> bytes:
        """Return the event *text* as the claims of a token, issued when it happened; the same for the same event."""
        claims = orjson.loads(text)
        happened = parse_instant(envelope(claims).get("event_time"))
        if happened is not None:
            claims |= {"iat": happened.seconds, "exp": happened.seconds + _LIFETIME}
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
