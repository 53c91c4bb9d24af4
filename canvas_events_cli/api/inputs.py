"""What the library reads, and how it is told."""

from collections.abc import Iterable
from os import PathLike, fspath
from typing import TYPE_CHECKING

from canvas_events_cli.sources.locate import Source, SourceError, locate

if TYPE_CHECKING:
    from pathlib import Path

    from canvas_events_cli.wrappers.keys import KeySet

Input = str | PathLike[str] | Iterable[bytes | str]
"""A path (file, directory or glob; ``-`` is standard input), or lines of JSON."""
Inputs = Iterable[Source | SourceError]
"""What ``locate`` gives."""


def load_keys(path: "Path") -> "KeySet":
    """Return the keys for RS256 and ES256 in *path*, a JWK set or a single JWK, for ``ReadOptions``.

    Raises CeventsError where it cannot be read, has no such key, or the package that verifies is not installed.
    """
    from canvas_events_cli.wrappers import keys

    return keys.load_keys(path)


def sources_of(source: Input) -> Inputs:
    """Return *source* as sources."""
    if isinstance(source, str | PathLike):
        return locate([fspath(source)])
    return [Source("<lines>", lines=source)]
