"""Answers of web servers, none of which is waited for without end."""

import time
from base64 import b64encode
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from io import BufferedReader, RawIOBase
from socket import socket
from typing import Any, cast
from urllib.error import URLError
from urllib.parse import unquote_to_bytes
from urllib.request import HTTPHandler, HTTPSHandler, Request, build_opener

CONNECT_SECONDS = 15.0
STALL_SECONDS = 30.0
"""So long nothing may come."""
SLOW_SECONDS = 60.0
SLOW_BYTES = 1024
"""So much has to come in so many seconds of waiting: less is a server that keeps a connection, and gives nothing."""


def open_web(url: str) -> HTTPResponse:
    """Return a web server's answer. A name and password in *url* go to that server alone, wherever it redirects to.

    Raises TimeoutError, then and while it is read, where the server takes too long; otherwise as ``urlopen`` does.
    """
    scheme, _, rest = url.partition("://")
    address, slash, path = rest.partition("/")
    owner, _, server = address.rpartition("@")
    request = Request(f"{scheme}://{server}{slash}{path}")  # noqa: S310
    if owner:
        request.add_unredirected_header("Authorization", f"Basic {b64encode(unquote_to_bytes(owner)).decode()}")
    opener = build_opener(_HTTPHandler, _HTTPSHandler)
    try:
        return cast(HTTPResponse, opener.open(request, timeout=CONNECT_SECONDS))
    except URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise TimeoutError(f"no connection in {CONNECT_SECONDS:.0f} seconds") from error
        raise


class _Paced(RawIOBase):
    """What comes from a server, as long as it comes. Time in which nobody asks for more does not count."""

    def __init__(self, file: RawIOBase, connection: socket) -> None:
        self._file = file
        self._connection = connection
        self._waited = 0.0
        self._came = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        begun = time.monotonic()
        self._connection.settimeout(max(min(STALL_SECONDS, SLOW_SECONDS - self._waited), 0.001))
        try:
            size = cast(Any, self._file).readinto(buffer)
        except TimeoutError:
            size = None
        waited = time.monotonic() - begun
        self._waited += waited
        self._came += size or 0
        if self._came >= SLOW_BYTES:
            self._waited = self._came = 0
        elif self._came and size != 0 and self._waited >= SLOW_SECONDS:
            raise TimeoutError(f"only {self._came} bytes came in {self._waited:.0f} seconds")
        elif size is None:
            raise TimeoutError(f"nothing came for {waited:.0f} seconds")
        return cast(int, size)

    def close(self) -> None:
        self._file.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp = BufferedReader(_Paced(self.fp.detach(), sock))


class _HTTPConnection(HTTPConnection):
    response_class = _Response


class _HTTPSConnection(HTTPSConnection):
    response_class = _Response


class _HTTPHandler(HTTPHandler):
    def http_open(self, request: Request) -> HTTPResponse:
        return self.do_open(_HTTPConnection, request)


class _HTTPSHandler(HTTPSHandler):
    def https_open(self, request: Request) -> HTTPResponse:
        return self.do_open(_HTTPSConnection, request)
