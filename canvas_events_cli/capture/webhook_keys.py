"""The keys that vouch for a webhook's events, which Instructure changes now and then."""

import asyncio
import time
from pathlib import Path

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.parse import read_object
from canvas_events_cli.sources.remote import fetch_web
from canvas_events_cli.sources.source import is_web
from canvas_events_cli.wrappers.encodings import Token
from canvas_events_cli.wrappers.keys import KeySet, distrust, keys_in, load_keys, names_unknown_key

_AGAIN_SECONDS = 60.0
_MOST_BYTES = 1024 * 1024


class NoKeys(Exception):
    """The keys that an event needs cannot be had just now."""


class WebhookKeys:
    """The keys of a file or of an address, read again for a token that names an unknown one: once a minute at most."""

    def __init__(self, where: str) -> None:
        """Raise CeventsError where *where*, as the user gave it, holds no keys."""
        self._where = where
        self._keys = self._read()
        self._read_at = time.monotonic()
        self._reading: asyncio.Lock | None = None
        self._is_stale = False
        """Whether they could not be read again the last time."""

    async def distrust(self, token: Token) -> str | None:
        """Say why *token* is not to be trusted; None where a key vouches for it. Raises NoKeys."""
        if names_unknown_key(token, self._keys):
            self._reading = self._reading or asyncio.Lock()
            async with self._reading:
                if names_unknown_key(token, self._keys):
                    await self._read_again()
        return distrust(token, read_object(token.claims), self._keys)

    async def _read_again(self) -> None:
        if time.monotonic() - self._read_at >= _AGAIN_SECONDS:
            self._read_at = time.monotonic()
            try:
                self._keys = await asyncio.to_thread(self._read)
                self._is_stale = False
            except CeventsError:
                self._is_stale = True
        if self._is_stale:
            raise NoKeys

    def _read(self) -> KeySet:
        if is_web(self._where):
            return keys_in(fetch_web(self._where, _MOST_BYTES), self._where)
        return load_keys(Path(self._where))
