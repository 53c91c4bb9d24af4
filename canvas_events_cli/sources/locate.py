"""Turns the SOURCE arguments of a command into sources: files, directories, globs, standard input."""

import glob
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from canvas_events_cli.errors import CeventsError, did_you_mean

STDIN_NAME = "<stdin>"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
EVENT_SUFFIXES = tuple(
    stem + packed for stem in (".ndjson", ".jsonl", ".json") for packed in ("", ".gz", ".zst", ".bz2", ".xz")
)


class SourceError(CeventsError):
    """A source that cannot be read, or not to its end; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Source:
    """One input: a file, what a URL names, lines that a program hands over, or else standard input."""

    name: str
    path: Path | None = None
    url: str | None = None
    lines: Iterable[bytes | str] | None = None


def is_url(argument: str) -> bool:
    """Whether *argument* has the form of a URL: ``s3://bucket/key``, ``https://host/path``."""
    return _URL.match(argument) is not None


def is_web(url: str) -> bool:
    """Tell whether *url* leads to a web server, which gives what it has from its beginning on, and lists nothing."""
    return url.partition("://")[0].lower() in ("http", "https")


def locate(arguments: Sequence[str]) -> Iterator[Source | SourceError]:
    """Yield the sources that *arguments* name, in order, and an error for each that names none.

    ``-`` is standard input. A URL is a remote source. A directory is walked for event files, in the order of their
    names; an argument that is not a path is tried as a glob, in which ``**`` matches any folders.
    """
    for argument in arguments:
        path = Path(argument)
        if argument == "-":
            yield Source(STDIN_NAME)
        elif is_url(argument):
            from canvas_events_cli.sources.remote import locate_remote

            yield from locate_remote(argument)
        elif not argument:  # to Path it is the current folder, to a script a variable that was never set
            yield SourceError("an empty SOURCE: name a file, a directory or a quoted glob")
        elif os.path.isdir(path):
            yield from _walk(path)
        elif not _is_absent(path):
            yield Source(argument, path)
        elif glob.has_magic(argument):
            yield from _glob(argument)
        else:
            yield SourceError(f"{argument}: no such file or directory{_suggestion(path)}")


def _walk(directory: Path) -> Iterator[Source | SourceError]:
    errors: list[OSError] = []
    for folder, subfolders, names in os.walk(directory, onerror=errors.append):
        subfolders.sort()
        for name in sorted(names):
            if name.lower().endswith(EVENT_SUFFIXES):
                path = os.path.join(folder, name)
                yield Source(path, Path(path))
    for error in errors:
        yield SourceError(f"{error.filename}: cannot list this directory: {error.strerror}")


def _glob(pattern: str) -> Iterator[Source | SourceError]:
    found = sorted(glob.glob(pattern, recursive=True))
    if not found:
        yield SourceError(f"{pattern}: no file matches this pattern")
    for name in found:
        if os.path.isdir(name):
            yield from _walk(Path(name))
        else:
            yield Source(name, Path(name))


def _is_absent(path: Path) -> bool:
    try:
        os.lstat(path)
    except (FileNotFoundError, ValueError):
        return True
    except OSError:
        # It is there, or cannot be told to be missing: reading it says what is wrong.
        return False
    return False


def _suggestion(path: Path) -> str:
    try:
        names = os.listdir(path.parent)
    except OSError:
        return ""
    return did_you_mean(path.name, names)
