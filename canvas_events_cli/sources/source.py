"""One input of a command, and why it cannot be read."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from canvas_events_cli.errors import CeventsError

STDIN_NAME = "<stdin>"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class SourceError(CeventsError):
    """A source that cannot be read, or not to its end; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Source:
    """One input: a file, what a URL names, lines that a program hands over, or else standard input."""

    name: str
    path: Path | None = None
    url: str | None = None
    lines: Iterable[bytes | str] | None = None

    @property
    def is_stdin(self) -> bool:
        """Whether it is standard input."""
        return self.path is None and self.url is None and self.lines is None


class Version(NamedTuple):
    """What tells a file from another, and from itself at another time."""

    size: int
    """In bytes; 0 where there is none, as of a pipe."""
    place: tuple[int, int] | None = None
    """Device and inode; None in an object store, and where other machines have numbers of their own."""
    stamp: object = None
    """When it was changed (nanoseconds since 1970), or what an object store calls this version; None: not known."""


def is_url(argument: str) -> bool:
    """Tell whether *argument* has the form of a URL: ``s3://bucket/key``, ``https://host/path``."""
    return _URL.match(argument) is not None


def is_web(url: str) -> bool:
    """Tell whether *url* leads to a web server, which gives what it has from its beginning on, and lists nothing."""
    return url.partition("://")[0].lower() in ("http", "https")
