"""Sources that a URL names; none is waited for without end. The network is touched for these, and for nothing else.

Object stores are read by libraries that extras bring, and from any place on; web servers from the beginning on.
"""

import logging
import re
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from io import SEEK_SET, BufferedReader, RawIOBase
from socket import socket
from typing import Any, cast
from urllib.error import HTTPError, URLError
from urllib.parse import unquote_to_bytes
from urllib.request import BaseHandler, HTTPHandler, HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from canvas_events_cli.errors import not_installed
from canvas_events_cli.sources.source import Source, SourceError, Version, is_web

CONNECT_SECONDS = 15.0
STALL_SECONDS = 30.0
"""So long nothing may come."""
SLOW_SECONDS = 60.0
SLOW_BYTES = 1024
"""So much has to come in so many seconds of waiting: less is a server that keeps a connection, and gives nothing."""
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\")]+")
_MAGIC = re.compile(r"[*?\[]")
_FETCHED_BYTES = 8 * 1024 * 1024
"""What one request to an object store asks for."""
_STAMPS = ("ETag", "etag", "generation", "LastModified", "last_modified", "mtime", "created")
"""What object stores call what changes with an object's content; the first that there is counts."""
_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs", "abfs": "azure", "abfss": "azure", "az": "azure"}
"""The extra of cevents that brings what reads addresses that begin so."""
_IN_PROCESS = "memory"
"""What a program keeps within itself."""
# The libraries under fsspec have base classes of their own for what a server refuses or a network loses.
_FAILURES = (
    ("aiohttp", "ClientError"),
    ("botocore.exceptions", "BotoCoreError"),
    ("botocore.exceptions", "ClientError"),
    ("azure.core.exceptions", "AzureError"),
    ("google.auth.exceptions", "GoogleAuthError"),
    ("gcsfs.retry", "HttpError"),
)


def locate_remote(url: str) -> Iterator[tuple[Source | SourceError, bool]]:
    """Yield the sources that *url* names: itself, what a prefix that ends in ``/`` holds, what a pattern matches.

    With each comes whether the user names it, and not only where it lies: a prefix is walked as a folder is, and so is
    one that a pattern matches. Web servers cannot list what they have: ``http`` and ``https`` name one source each.
    """
    is_pattern = _MAGIC.search(url) is not None
    is_prefix = url.endswith("/") and not is_pattern
    if is_web(url) or not (is_prefix or is_pattern):
        yield Source(_shown(url), url=url), True
        return
    try:
        system, path = _filesystem(url)
        found = dict.fromkeys(_below(system, path), False) if is_prefix else _matching(system, path)
    except SourceError as error:
        yield error, True
        return
    except _failures() as error:
        yield SourceError(f"{_shown(url)}: cannot list this: {_reason(error)}"), True
        return
    if not found:
        what = "below this prefix" if is_prefix else "matches this pattern"
        yield SourceError(f"{_shown(url)}: no file {what}"), True
    for name, is_named in sorted(found.items()):
        full = system.unstrip_protocol(name)
        yield Source(_shown(full), url=full), is_named


def _matching(system: Any, pattern: str) -> dict[str, bool]:
    """Return the path of each file that *pattern* matches, True, and of those in prefixes that it matches, False."""
    begin = _MAGIC.split(pattern, maxsplit=1)[0].rpartition("/")[0]
    found = system.glob(pattern, detail=True)
    seen = [name for name in found if "/." in pattern or _is_visible(begin, name)]
    files = [name for name in seen if found[name]["type"] == "file"]
    folders = [name for name in seen if found[name]["type"] != "file"]
    named = dict.fromkeys(files, not pattern.endswith("**"))
    return named | {name: False for folder in folders for name in _below(system, folder)}


def _below(system: Any, prefix: str) -> Iterator[str]:
    """Yield the path of each file below *prefix* that is not hidden."""
    for name, info in system.find(prefix, detail=True).items():
        # A store may have an empty object for a folder, under its name with a "/".
        if info["type"] == "file" and not name.endswith("/") and _is_visible(prefix, name):
            yield name


def _is_visible(prefix: str, name: str) -> bool:
    """Tell whether nothing of the path *name* below *prefix* is hidden."""
    return not any(step.startswith(".") for step in name.removeprefix(prefix).split("/"))


def read_web(name: str, url: str, block_bytes: int) -> Iterator[bytes]:
    """Yield the bytes of the web address *url*, the source *name*, in blocks of at most *block_bytes* as they arrive.

    Raises SourceError where the server cannot be reached, refuses, takes too long, or ends early; what came before has
    been yielded by then.
    """
    try:
        with _open_web(url) as response:
            size, done = response.length, 0
            while block := response.read1(block_bytes):
                done += len(block)
                yield block
    except _failures() as error:
        raise SourceError(f"{name}: cannot read: {_reason(error)}") from error
    if size is not None and done < size:
        raise SourceError(f"{name}: it ended after {done} of {size} bytes, so events may be missing: try again")


def fetch_web(url: str, most_bytes: int) -> bytes:
    """Return what the web address *url* gives, itself: what it redirects to is not asked.

    Raises SourceError where that cannot be had, takes too long, or has more than *most_bytes*.
    """
    try:
        with _open_web(url, _NotRedirected) as response:
            content = response.read(most_bytes + 1)
    except _failures() as error:
        raise SourceError(f"{_shown(url)}: cannot read: {_reason(error)}") from error
    if len(content) > most_bytes:
        raise SourceError(f"{_shown(url)}: it has more than {most_bytes:,} bytes")
    return content


def _open_web(url: str, *handlers: type[BaseHandler]) -> HTTPResponse:
    """Return a web server's answer. A name and password in *url* go to that server alone, wherever it redirects to."""
    scheme, owner, rest = _parts_of(url)
    request = Request(f"{scheme}://{rest}")  # noqa: S310
    if owner:
        request.add_unredirected_header("Authorization", f"Basic {b64encode(unquote_to_bytes(owner)).decode()}")
    try:
        return cast(HTTPResponse, build_opener(_PacedHandler, *handlers).open(request, timeout=CONNECT_SECONDS))
    except URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise TimeoutError(f"no connection in {CONNECT_SECONDS:.0f} seconds") from error
        raise


class _NotRedirected(HTTPRedirectHandler):
    """Has a redirection be what it is: no answer."""

    def redirect_request(self, *arguments: Any) -> None:
        return None


class _PacedHandler(HTTPHandler, HTTPSHandler):
    """Has answers, their heads included, read at a pace."""

    def do_open(self, http_class: Any, req: Request, **options: Any) -> HTTPResponse:
        def connection(*arguments: Any, **more: Any) -> Any:
            opened = http_class(*arguments, **more)
            opened.response_class = _PacedResponse
            return opened

        return super().do_open(connection, req, **options)


class _PacedResponse(HTTPResponse):
    def __init__(self, sock: socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp = BufferedReader(_Paced(self.fp.detach(), sock))


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


class StoredFile(RawIOBase):
    """What a URL names in an object store: it can be read from any place on. All that goes wrong is an OSError."""

    def __init__(self, url: str) -> None:
        """Raise SourceError where the protocol's library is missing."""
        system, path = _filesystem(url)
        with _as_os_error():
            self._file = system.open(path, "rb", block_size=_FETCHED_BYTES)
        details: dict[str, Any] = getattr(self._file, "details", None) or {}
        stamp = next((str(details[name]) for name in _STAMPS if details.get(name)), None)
        self.version = Version(int(self._file.size), stamp=stamp)

    def read(self, size: int = -1, /) -> bytes:
        """Return up to *size* bytes, nothing at the end."""
        with _as_os_error():
            return bytes(self._file.read(size))

    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        """Go to a place; return it."""
        return int(self._file.seek(offset, whence))

    def close(self) -> None:
        """Close the file."""
        if not self.closed and hasattr(self, "_file"):
            self._file.close()
        super().close()


def _filesystem(url: str) -> tuple[Any, str]:
    scheme = url.partition("://")[0].lower()
    if scheme not in (*_EXTRAS, _IN_PROCESS):
        raise SourceError(f"{_shown(url)}: addresses that begin with {scheme}:// are not read: s3, gs, abfs, https are")
    try:
        from fsspec.core import url_to_fs

        system, path = url_to_fs(url)
    except (ImportError, ValueError) as error:
        if isinstance(error, ImportError) and (extra := _EXTRAS.get(scheme)):
            raise SourceError(f"{_shown(url)}: {not_installed('reading this', extra)}") from error
        raise SourceError(f"{_shown(url)}: cannot read: {_reason(error)}") from error
    # What goes wrong comes as an exception too: some of the libraries would log its traceback besides.
    logging.getLogger(type(system).__module__.partition(".")[0]).addHandler(logging.NullHandler())
    return system, path


@contextmanager
def _as_os_error() -> Iterator[None]:
    try:
        yield
    except _failures() as error:
        raise OSError(_reason(error)) from error


def _failures() -> tuple[type[Exception], ...]:
    loaded = ((sys.modules.get(module), name) for module, name in _FAILURES)
    found: list[type[Exception]] = [getattr(module, name) for module, name in loaded if module is not None]
    return OSError, ValueError, HTTPException, *found


def _reason(error: Exception) -> str:
    """Return what *error* says, on one line and without the addresses' secrets."""
    if isinstance(error, FileNotFoundError) and not error.strerror:
        return "there is nothing of this name (a prefix ends in /)"
    if isinstance(error, HTTPError):
        error.close()
    elif isinstance(error, URLError) and isinstance(error.reason, OSError):
        error = error.reason
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return _URL.sub(lambda match: _shown(match[0]), " ".join(str(text).split()))


def _shown(url: str) -> str:
    """Return *url* without what may be secret in it: a password, and a web address's query, often a signature."""
    scheme, owner, rest = _parts_of(url)
    if is_web(url):
        owner, rest = "", rest.partition("?")[0]
    return f"{scheme}://{f'{owner}@' if owner and ':' not in owner else ''}{rest}"


def _parts_of(url: str) -> tuple[str, str, str]:
    """Return the scheme of *url*, the name and password before its server, and what comes after these."""
    scheme, _, rest = url.partition("://")
    address, slash, path = rest.partition("/")
    owner, _, server = address.rpartition("@")
    return scheme, owner, f"{server}{slash}{path}"
