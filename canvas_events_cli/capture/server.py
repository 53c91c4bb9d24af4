"""The HTTP server under the webhook: uvicorn's, with limits of our own for clients that mean no good."""

import asyncio
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from canvas_events_cli.capture.keeping import Ending
from canvas_events_cli.capture.webhook import Webhook
from canvas_events_cli.errors import CeventsError, not_installed

if TYPE_CHECKING:
    from uvicorn import Config, Server

_REQUEST_SECONDS = 30
"""From the connection, or the answer before, to the answer: Canvas itself waits for 15."""
_REST_SECONDS = 2
"""For the rest of a request that is answered already: who is still sending would not see an answer otherwise."""
_MOST_CONNECTIONS = 500
_HEAD_BYTES = 16 * 1024
_CLOSING_SECONDS = 10
"""How long clients may take, in the end, to send what they have begun."""
_QUIET = logging.CRITICAL + 1


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    host: str
    port: int
    """0 for any that is free."""
    certificate: Path | None = None
    key: Path | None = None

    def url(self, port: int) -> str:
        """Return where clients find it, with the *port* that it has."""
        host = f"[{self.host}]" if ":" in self.host else self.host or "0.0.0.0"  # noqa: S104
        return f"{'https' if self.certificate else 'http'}://{host}:{port}"


def parse_address(text: str) -> tuple[str, int]:
    """Return the host and the port of ``HOST:PORT``; ``[::1]:8080``, ``:8080``. Raises CeventsError."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    if not colon or not (port.isascii() and port.isdecimal()) or int(port) > 65535 or (":" in host and "[" not in text):
        raise CeventsError(f"--listen {text}: write HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080")
    return host, int(port)


def serve(address: Address, webhook: Webhook, ending: Ending, tell: Callable[[str], None]) -> None:
    """Serve until *ending*; then finish what is in hand. Raises CeventsError where it cannot listen."""
    try:
        from uvicorn import Config
        from uvicorn.protocols.http.h11_impl import H11Protocol  # noqa: F401
    except ImportError as error:
        raise CeventsError(not_installed("listening", "listen")) from error
    config = Config(
        webhook,
        loop="asyncio",
        http=_protocol(),
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
        ssl_certfile=address.certificate,
        ssl_keyfile=address.key,
    )
    try:
        config.load()
    except OSError as error:
        raise CeventsError(f"cannot use this certificate and key: {error.strerror or error}") from error
    try:
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        listening = socket.create_server((address.host, address.port), family=family, backlog=config.backlog)
    except OSError as error:
        raise CeventsError(f"--listen {address.host}:{address.port}: {error.strerror or error}") from error
    tell(f"listening on {address.url(listening.getsockname()[1])}")
    asyncio.run(_server(config, ending).serve([listening]))


def _server(config: "Config", ending: Ending) -> "Server":
    """Return uvicorn's server, which ends when *ending* says so, and waits for TLS no longer than for a request."""
    from uvicorn import Server

    class EndingServer(Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            loop = asyncio.get_running_loop()
            loop.set_exception_handler(lambda _, context: _on_exception(context, ending))
            patience = _REQUEST_SECONDS if config.ssl else None
            self.servers = [
                await loop.create_server(
                    self._connect, sock=each, ssl=config.ssl, backlog=config.backlog, ssl_handshake_timeout=patience
                )
                for each in sockets or ()
            ]
            self.started = True

        def _connect(self) -> asyncio.Protocol:
            protocol: Callable[..., asyncio.Protocol] = config.http_protocol_class
            return protocol(config=config, server_state=self.server_state, app_state={})

        async def on_tick(self, counter: int) -> bool:
            return await super().on_tick(counter) or ending.is_over

    return EndingServer(config)


def _on_exception(context: dict[str, Any], ending: Ending) -> None:
    """End because of an exception that nobody waits for, unless it is that clients, or sockets, are lost."""
    error = context.get("exception")
    if error is not None and not isinstance(error, OSError):
        ending.end(error)


def _protocol() -> type[asyncio.Protocol]:
    """Return uvicorn's protocol in Python, which bounds what it holds of a request, with a time for each request."""
    from h11 import SEND_BODY
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class TimedProtocol(H11Protocol):
        _limit: asyncio.TimerHandle | None = None
        _oldest_first: ClassVar[dict["TimedProtocol", None]] = {}

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._begin()
            if len(self._oldest_first) > _MOST_CONNECTIONS:
                # Who only holds connections does not keep the others out.
                oldest = next(iter(self._oldest_first))
                del self._oldest_first[oldest]
                oldest.transport.abort()

        def connection_lost(self, exc: Exception | None) -> None:
            self._oldest_first.pop(self, None)
            if self._limit is not None:
                self._limit.cancel()
            super().connection_lost(exc)

        def on_response_complete(self) -> None:
            self._begin(_REST_SECONDS if self.conn.their_state is SEND_BODY else _REQUEST_SECONDS)
            super().on_response_complete()

        def _begin(self, seconds: float = _REQUEST_SECONDS) -> None:
            self._oldest_first.pop(self, None)
            self._oldest_first[self] = None
            if self._limit is not None:
                self._limit.cancel()
            self._limit = self.loop.call_later(seconds, self.transport.abort)

    return TimedProtocol
