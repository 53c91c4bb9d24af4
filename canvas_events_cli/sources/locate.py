"""Turns the SOURCE arguments of a command into sources: files, directories, globs, standard input."""

import glob
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from canvas_events_cli.errors import CeventsError, did_you_mean
from canvas_events_cli.outputs import is_standard_output

STDIN_NAME = "<stdin>"
_NAMES_TOLD = 5
_LOCAL_URL = re.compile(r"(?:file|local)://(?=/)", re.IGNORECASE)
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


@dataclass(slots=True)
class PassedOver:
    """What folders, prefixes and patterns have beside events; hidden files are not counted."""

    count: int = 0
    first: list[str] = field(default_factory=list)
    """The first names, each with the reason."""

    def add(self, name: str, reason: str) -> None:
        """Count a file that is not read."""
        self.count += 1
        if len(self.first) < _NAMES_TOLD:
            self.first.append(f"{name} ({reason})")

    def __str__(self) -> str:
        """Return one line about all of it."""
        files = "1 file" if self.count == 1 else f"{self.count:,} files"
        more = ", …" if self.count > len(self.first) else ""
        return f"passed over {files}: {', '.join(self.first)}{more}"


def locate(arguments: Sequence[str], passed_over: PassedOver | None = None) -> Iterator[Source | SourceError]:
    """Yield the sources that *arguments* name, in order, and an error for each that names none.

    ``-`` is standard input. A URL is a remote source. A directory is walked for files that hold events, in the order of
    their names; an argument that is not a path is tried as a glob, in which ``**`` matches any folders. What a folder
    or a glob has that is not to be read is counted in *passed_over*. The file that standard output or standard error
    goes to is never a source.
    """
    passed_over = passed_over if passed_over is not None else PassedOver()
    for argument in arguments:
        path = Path(argument)
        if argument == "-":
            yield _named(Source(STDIN_NAME), 0)
        elif _LOCAL_URL.match(argument):
            from urllib.request import url2pathname

            yield from locate([url2pathname(_LOCAL_URL.sub("", argument))], passed_over)
        elif is_url(argument):
            from canvas_events_cli.sources.remote import locate_remote

            yield from locate_remote(argument, passed_over)
        elif not argument:  # to Path it is the current folder, to a script a variable that was never set
            yield SourceError("an empty SOURCE: name a file, a directory or a quoted glob")
        elif os.path.isdir(path):
            yield from _walk(str(path), passed_over, set())
        elif not _is_absent(path):
            yield _named(Source(argument, path), path)
        elif glob.has_magic(argument):
            yield from _glob(argument, passed_over)
        else:
            yield SourceError(f"{argument}: no such file or directory{_suggestion(path)}")


def is_hidden(name: str) -> bool:
    """Tell whether a file or folder of this *name* is hidden."""
    return name.startswith(".")


def taken_by_content(source: Source, passed_over: PassedOver) -> Iterator[Source]:
    """Yield *source*, which stands in a folder, where its name or what it begins with says that it holds events."""
    from canvas_events_cli.sources.contents import may_hold_events

    if source.name.lower().endswith(EVENT_SUFFIXES) or may_hold_events(source):
        yield source
    else:
        passed_over.add(source.name, "no JSON")


def _named(source: Source, file: Path | int) -> Source | SourceError:
    """Return *source*, which the user names, or an error where it is what this command writes."""
    try:
        if is_standard_output(os.stat(file)):
            return SourceError(
                f"{source.name}: standard output or standard error goes to this file: name another there"
            )
    except (OSError, ValueError):  # reading it says what is wrong
        pass
    return source


def _walk(directory: str, passed_over: PassedOver, seen: set[str]) -> Iterator[Source | SourceError]:
    errors: list[OSError] = []
    for folder, subfolders, names in os.walk(directory, onerror=errors.append):
        subfolders[:] = sorted(name for name in subfolders if not is_hidden(name))
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not is_hidden(name) and _is_new(path, seen):
                for source in _regular(path, passed_over):
                    yield from taken_by_content(source, passed_over)
    for error in errors:
        yield SourceError(f"{error.filename}: cannot list this directory: {error.strerror}")


def _glob(pattern: str, passed_over: PassedOver) -> Iterator[Source | SourceError]:
    found = sorted(glob.glob(pattern, recursive=True))
    if not found:
        yield SourceError(f"{pattern}: no file matches this pattern")
    seen: set[str] = set()
    for name in found:
        # A pattern can match a folder and what lies in it, and its folders can be links to each other.
        if os.path.isdir(name):
            yield from _walk(str(Path(name)), passed_over, seen)
        elif _is_new(name, seen):
            yield from _regular(name, passed_over)


def _is_new(path: str, seen: set[str]) -> bool:
    folder, name = os.path.split(path)
    path = os.path.join(os.path.realpath(folder), name)
    is_new = path not in seen
    seen.add(path)
    return is_new


def _regular(path: str, passed_over: PassedOver) -> Iterator[Source]:
    """Yield *path* as a source where it is a file that can be read to its end, and not what this command writes."""
    try:
        status = os.stat(path)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not path.lower().endswith(EVENT_SUFFIXES):
            passed_over.add(path, "a link to nothing")
        else:  # reading it says what is wrong
            yield Source(path, Path(path))
        return
    if not stat.S_ISREG(status.st_mode):
        passed_over.add(path, "a pipe, socket or device")
    elif is_standard_output(status):
        passed_over.add(path, "this command writes it")
    else:
        yield Source(path, Path(path))


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
