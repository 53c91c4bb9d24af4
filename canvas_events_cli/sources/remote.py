"""Sources that a URL names. The network is touched for such a URL, and for nothing else."""

import logging
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPException, HTTPResponse
from io import SEEK_SET, RawIOBase
from typing import Any
from urllib.error import HTTPError, URLError

from canvas_events_cli.errors import not_installed
from canvas_events_cli.sources.locate import (
    PassedOver,
    Source,
    SourceError,
    is_hidden,
    is_web,
    taken_by_content,
)
from canvas_events_cli.sources.versions import Version
from canvas_events_cli.sources.web import open_web

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\")]+")
_MAGIC = re.compile(r"[*?\[]")
_FETCHED_BYTES = 8 * 1024 * 1024
"""What one request to an object store asks for."""
_STAMPS = ("ETag", "etag", "generation", "LastModified", "last_modified", "mtime", "created")
"""What object stores call what changes with an object's content; the first that there is counts."""
_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs", "abfs": "azure", "abfss": "azure", "az": "azure"}
"""The extra of cevents that brings what reads addresses that begin so."""
# The libraries under fsspec have base classes of their own for what a server refuses or a network loses.
_FAILURES = (
    ("aiohttp", "ClientError"),
    ("botocore.exceptions", "BotoCoreError"),
    ("botocore.exceptions", "ClientError"),
    ("azure.core.exceptions", "AzureError"),
    ("google.auth.exceptions", "GoogleAuthError"),
    ("gcsfs.retry", "HttpError"),
)


def locate_remote(url: str, passed_over: PassedOver) -> Iterator[Source | SourceError]:
    """Yield the sources that *url* names: itself, what a prefix that ends in ``/`` holds, what a pattern matches.

    A prefix is walked as a folder is, and so is one that a pattern matches. Web servers cannot list what they have, so
    ``http`` and ``https`` name one source each.
    """
    is_pattern = _MAGIC.search(url) is not None
    is_prefix = url.endswith("/") and not is_pattern
    if is_web(url) or not (is_prefix or is_pattern):
        yield Source(_shown(url), url=url)
        return
    try:
        system, path = _filesystem(url)
        found = dict(_below(system, path) if is_prefix else _matching(system, path))
    except SourceError as error:
        yield error
        return
    except _failures() as error:
        yield SourceError(f"{_shown(url)}: cannot list this: {_reason(error)}")
        return
    if not found:
        yield SourceError(f"{_shown(url)}: no file {'below this prefix' if is_prefix else 'matches this pattern'}")
    for name, is_named in sorted(found.items()):
        full = system.unstrip_protocol(name)
        source = Source(_shown(full), url=full)
        if is_named:
            yield source
        else:
            yield from taken_by_content(source, passed_over)


def _matching(system: Any, pattern: str) -> Iterator[tuple[str, bool]]:
    """Yield the path of each file that *pattern* matches, True, and of those in prefixes that it matches, False."""
    magic = _MAGIC.search(pattern)
    begin = pattern[: magic.start()].rpartition("/")[0] if magic else pattern
    is_visible = partial(_is_visible, begin) if "/." not in pattern else bool
    found = {name: info for name, info in system.glob(pattern, detail=True).items() if is_visible(name)}
    for name, info in found.items():
        if info["type"] == "file":
            yield name, not pattern.endswith("**")
    for name, info in found.items():
        if info["type"] != "file":
            yield from _below(system, name)


def _below(system: Any, prefix: str) -> Iterator[tuple[str, bool]]:
    """Yield the path of each file below *prefix* that is not hidden, and False: the user does not name it."""
    for name, info in system.find(prefix, detail=True).items():
        # A store may have an empty object for a folder, under its name with a "/".
        if info["type"] == "file" and not name.endswith("/") and _is_visible(prefix, name):
            yield name, False


def _is_visible(prefix: str, name: str) -> bool:
    """Tell whether nothing of the path *name* below *prefix* is hidden."""
    return not any(map(is_hidden, name.removeprefix(prefix).split("/")))


def read_remote(name: str, url: str, block_bytes: int) -> Iterator[bytes]:
    """Yield the bytes of what *url* names, the source *name*, in blocks of at most *block_bytes* as they arrive.

    Raises SourceError where the protocol's library is missing, where the server cannot be reached or refuses, and
    where it ends early; what came before has been yielded by then.
    """
    try:
        with open_web(url) if is_web(url) else StoredFile(url) as file:
            read: Callable[[int], bytes] = getattr(file, "read1", file.read)
            size = file.length if isinstance(file, HTTPResponse) else file.version.size
            done = 0
            while block := read(block_bytes):
                done += len(block)
                yield block
    except _failures() as error:
        raise SourceError(f"{name}: cannot read: {_reason(error)}") from error
    if size is not None and done < size:
        raise SourceError(f"{name}: it ended after {done} of {size} bytes, so events may be missing: try again")


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
    try:
        from fsspec.core import url_to_fs

        system, path = url_to_fs(url)
    except (ImportError, ValueError) as error:
        if isinstance(error, ImportError) and (extra := _EXTRAS.get(url.partition("://")[0].lower())):
            raise SourceError(f"{_shown(url)}: {not_installed('reading this', extra)}") from error
        raise SourceError(f"{_shown(url)}: cannot read: {_reason(error)}: s3, gs, abfs and https are known") from error
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
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    owner, _, server = host.rpartition("@")
    if is_web(url):
        server, path = server.partition("?")[0], path.partition("?")[0]
        owner = ""
    return f"{scheme}://{f'{owner}@' if owner and ':' not in owner else ''}{server}{slash}{path}"
