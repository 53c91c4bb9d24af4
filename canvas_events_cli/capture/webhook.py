"""Receiving what Canvas sends to a webhook: one request an event, as JSON or signed.

An application for ASGI servers. An answer of 2xx means that the event is on disk; with any other, Canvas still has it.
"""

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from canvas_events_cli.capture.keeping import Keeper, Unwritten
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.parse import ParseError, parse, read_object
from canvas_events_cli.sources.remote import fetch_web
from canvas_events_cli.sources.source import is_web
from canvas_events_cli.wrappers.encodings import Token, read_token
from canvas_events_cli.wrappers.keys import KeySet, distrust, keys_in, load_keys, names_unknown_key

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Sequence[tuple[bytes, bytes]]

_BODIES_IN_HAND = 4
"""So many bodies of the greatest length are held at once, however many clients there are."""
_SMALL_BYTES = 64 * 1024
"""Nearly every event is smaller: such a one is taken whatever others send, and looked into at once."""

_AGAIN_SECONDS = 60.0
_MOST_KEYS_BYTES = 1024 * 1024
_AGAIN_AFTER_SECONDS = 10.0
_TOO_LONG, _NO_KEYS = "this is longer than an event may be", "the keys cannot be had now: try again"


class _Refused(Exception):
    """The answer to a request whose event is not kept."""

    def __init__(self, status: int, why: str, after_seconds: float = _AGAIN_AFTER_SECONDS) -> None:
        super().__init__(why)
        self.status = status
        told = {401: (b"www-authenticate", b"Bearer"), 405: (b"allow", b"POST")}
        told[503] = b"retry-after", b"%d" % ceil(after_seconds)
        self.headers = [told[status]] if status in told else []


class WebhookKeys:
    """The keys of a file or of an address, read again for a token that names an unknown one: once a minute at most."""

    def __init__(self, where: str) -> None:
        """Raise CeventsError where *where*, as the user gave it, holds no keys."""
        self._where = where
        self._keys = self._read()
        self._read_at = time.monotonic()
        self._reading = asyncio.Lock()

    async def check(self, token: Token) -> None:
        """Raise _Refused where *token* is not to be trusted: no key vouches for it, or it is not known whether."""
        if names_unknown_key(token, self._keys):
            async with self._reading:
                if names_unknown_key(token, self._keys):
                    await self._read_again()
        why = distrust(token, read_object(token.claims), self._keys)
        if why is not None:
            raise _Refused(401, f"not to be trusted: {why}")

    async def _read_again(self) -> None:
        """Do so, or raise _Refused: a key that has come since the last time may be the one that is named."""
        left = self._read_at + _AGAIN_SECONDS - time.monotonic()
        if left > 0:
            raise _Refused(503, _NO_KEYS, left)
        self._read_at = time.monotonic()
        try:
            self._keys = await asyncio.to_thread(self._read)
        except CeventsError as error:
            raise _Refused(503, _NO_KEYS, _AGAIN_SECONDS) from error

    def _read(self) -> KeySet:
        if is_web(self._where):
            return keys_in(fetch_web(self._where, _MOST_KEYS_BYTES), self._where)
        return load_keys(Path(self._where))


@dataclass
class Webhook:
    """The application."""

    keeper: Keeper
    max_body_bytes: int
    path: str | None = None
    """The only path that is taken; None for any."""
    token: str | None = None
    """A secret that senders know."""
    keys: WebhookKeys | None = None
    """What events have to be signed with."""
    in_hand: int = 0
    """How many bytes of bodies are held."""

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            self._check_head(scope)
            body = await self._body(receive)
            try:
                await self._keep(body)
            finally:
                self.in_hand -= len(body)
            await _answer(send, 200, "kept")
        except _Refused as refused:
            self.keeper.refuse(refused.status, str(refused))
            await _answer(send, refused.status, str(refused), refused.headers)
        except ConnectionError:
            return
        except Exception as error:
            self.keeper.ending.end(error)
            await _answer(send, 500, "an error in cevents")

    def _check_head(self, scope: MutableMapping[str, Any]) -> None:
        """Raise _Refused for a request that is none for us."""
        headers, path = dict(scope["headers"]), scope["path"]
        is_here = self.path in (None, path)
        if self.token is not None:
            secret = self.token.encode()
            kind, _, given = headers.get(b"authorization", b"").strip().partition(b" ")
            with_header = kind.lower() == b"bearer" and hmac.compare_digest(given.strip(), secret)
            above, _, last = path.rpartition("/")
            in_path = hmac.compare_digest(last.encode(), secret)
            if not (with_header or in_path):
                raise _Refused(401, "the token is missing, or another one")
            is_here = is_here or (in_path and above == (self.path or "").rstrip("/"))
        if not is_here:
            raise _Refused(404, "nothing is here")
        if scope["method"] != "POST":
            raise _Refused(405, "POST an event here")
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise _Refused(415, "an event comes without Content-Encoding")
        if int(headers.get(b"content-length", b"0")) > self.max_body_bytes:
            raise _Refused(413, _TOO_LONG)

    async def _body(self, receive: Receive) -> bytes:
        """Return the body, which then counts as in hand. Raises _Refused, ConnectionError where it does not come."""
        body = bytearray()
        is_whole = False
        try:
            while not is_whole:
                message = await receive()
                if message["type"] != "http.request":
                    raise ConnectionError
                body += message["body"]
                self.in_hand += len(message["body"])
                if len(body) > self.max_body_bytes:
                    raise _Refused(413, _TOO_LONG)
                if len(body) > _SMALL_BYTES and self.in_hand > _BODIES_IN_HAND * self.max_body_bytes:
                    raise _Refused(503, "too much at once: try again")
                is_whole = not message["more_body"]
        finally:
            if not is_whole:
                self.in_hand -= len(body)
        return bytes(body)

    async def _keep(self, body: bytes) -> None:
        """Return when the event that *body* holds is on disk. Raises _Refused."""
        await self._check_event(body)
        if self.keeper.ending.is_set() or not self.keeper.reserve(1):
            raise _Refused(503, "this is over: no more events are taken")
        kept = False
        try:
            if len(body) > _SMALL_BYTES:
                arrived = await asyncio.to_thread(self.keeper.examine, body)
            else:
                arrived = self.keeper.examine(body)
            await asyncio.wrap_future(self.keeper.keep(arrived))
            kept = True
        except Unwritten as error:
            raise _Refused(503, "this cannot be kept now: try again") from error
        finally:
            if not kept:
                self.keeper.give_back(1)

    async def _check_event(self, body: bytes) -> None:
        """Raise _Refused for what is no event, or not signed as it has to be."""
        token = read_token(body)
        if token is not None:
            if read_object(token.claims) is None:
                raise _Refused(400, "the claims of this token are no JSON object")
            if self.keys is not None:
                await self.keys.check(token)
            return
        try:
            is_object = isinstance(parse(body), dict)
        except ParseError:
            is_object = False
        if not is_object:
            raise _Refused(400, "this is neither a JSON object nor a signed one")
        if self.keys is not None:
            raise _Refused(401, "this is not signed")


async def _answer(send: Send, status: int, text: str, more: Headers = ()) -> None:
    """Answer, and never with anything of the request."""
    body = f"{text}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body)), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
