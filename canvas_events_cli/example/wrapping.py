"""Puts an event into what a consumer receives: what the services send, as ``received.json`` has it, or a token.

Sources: the developer guides and API references of AWS, where they show what a consumer of each service is handed; the
specification of CloudEvents 1.0. Ids, handles and signatures are made up, the rest is as it is for that event.
"""

import re
import time
from base64 import b64encode
from collections.abc import Callable
from functools import lru_cache
from hashlib import md5
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from canvas_events_cli.example.signing import Signer

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


@lru_cache(1)
def _seconds(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


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
        event_time = f"{_seconds(moment // 1000)}.{moment % 1000:03d}Z"
        sent = _Sent(text, name, moment, next(numbers), _md5(text), event_time)
        return (template % {slot: value(sent) for slot, value in slots.items()}).encode()

    return wrap
