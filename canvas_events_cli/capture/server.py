"""The HTTP server under the webhook: uvicorn's, with limits of our own for clients that mean no good."""

import asyncio
import logging
import socket
from pathlib import Path
from typing import Any, ClassVar

from h11 import SEND_BODY
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

from canvas_events_cli.capture.keeping import Ending
from canvas_events_cli.capture.webhook import Webhook
from canvas_events_cli.errors import CeventsError

_REQUEST_SECONDS = 30
"""From the connection, or the answer before, to the answer: Canvas itself waits for 15."""
_REST_SECONDS = 2
"""For the rest of a request that is answered already: who is still sending would not see an answer otherwise."""
_MOST_CONNECTIONS = 500
_HEAD_BYTES = 16 * 1024
_CLOSING_SECONDS = 10
"""How long clients may take, in the end, to send what they have begun."""
_QUIET = logging.CRITICAL + 1


def serve(webhook: Webhook, host: str, port: int, certificate: Path | None = None, key: Path | None = None) -> None:
    """Serve until the end, at any *port* that is free for 0; then finish what is in hand.

    Raises CeventsError where it cannot listen.
    """
    config = Config(
        webhook,
        loop="asyncio",
        http=_TimedProtocol,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level=_QUIET,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_CLOSING_SECONDS,
        h11_max_incomplete_event_size=_HEAD_BYTES,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    try:
        config.load()
    except OSError as error:
        raise CeventsError(f"cannot use this certificate and key: {error.strerror or error}") from error
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=config.backlog)
    except OSError as error:
        raise CeventsError(f"--listen {host}:{port}: {error.strerror or error}") from error
    shown = f"[{host}]" if ":" in host else host or "0.0.0.0"  # noqa: S104
    webhook.keeper.tell(f"listening on {'https' if certificate else 'http'}://{shown}:{listening.getsockname()[1]}")
    asyncio.run(_EndingServer(config, webhook.keeper.ending).serve([listening]))


class _EndingServer(Server):
    """Ends when it is told to, and waits for the beginning of TLS no longer than for a request."""

    def __init__(self, config: Config, ending: Ending) -> None:
        super().__init__(config)
        self._ending = ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._on_exception)
        self.servers = [
            await loop.create_server(
                lambda: _TimedProtocol(self.config, self.server_state, {}),
                sock=each,
                ssl=self.config.ssl,
                backlog=self.config.backlog,
                ssl_handshake_timeout=_REQUEST_SECONDS if self.config.ssl else None,
            )
            for each in sockets or ()
        ]
        self.started = True

    async def on_tick(self, counter: int) -> bool:
        """Tell whether it is over."""
        return await super().on_tick(counter) or self._ending.is_set()

    def _on_exception(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """End because of an exception that nobody waits for, unless it is that clients, or sockets, are lost."""
        error = context.get("exception")
        if error is not None and not isinstance(error, OSError):
            self._ending.end(error)


class _TimedProtocol(H11Protocol):
    """The protocol in Python, which bounds what it holds of a request, with a time for each request."""

    _limit: asyncio.TimerHandle | None = None
    _oldest_first: ClassVar[dict["_TimedProtocol", None]] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin(_REQUEST_SECONDS)
        if len(self._oldest_first) > _MOST_CONNECTIONS:
            # Who only holds connections does not keep the others out.
            oldest = next(iter(self._oldest_first))
            del self._oldest_first[oldest]
            oldest.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        self._begin(_REST_SECONDS if self.conn.their_state is SEND_BODY else _REQUEST_SECONDS)
        super().on_response_complete()

    def _begin(self, seconds: float) -> None:
        self._end()
        self._oldest_first[self] = None
        self._limit = self.loop.call_later(seconds, self.transport.abort)

    def _end(self) -> None:
        self._oldest_first.pop(self, None)
        if self._limit is not None:
            self._limit.cancel()
