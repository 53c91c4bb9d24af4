"""Turns the SOURCE arguments of a command into sources: files, directories, globs, URLs, standard input."""

import glob
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from canvas_events_cli.errors import counted, did_you_mean
from canvas_events_cli.outputs import standard_descriptor
from canvas_events_cli.sources.blocks import may_hold_events
from canvas_events_cli.sources.source import STDIN_NAME, Source, SourceError, is_url

_NAMES_TOLD = 5
_LOCAL_URL = re.compile(r"(?:file|local)://(?=/)", re.IGNORECASE)
EVENT_SUFFIXES = tuple(
    stem + packed for stem in (".ndjson", ".jsonl", ".json") for packed in ("", ".gz", ".zst", ".bz2", ".xz")
)


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
        more = ", …" if self.count > len(self.first) else ""
        return f"passed over {counted(self.count, 'file')}: {', '.join(self.first)}{more}"


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

            for source, is_named in locate_remote(argument):
                if is_named or isinstance(source, SourceError) or _is_wanted(source, passed_over):
                    yield source
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


def _is_wanted(source: Source, passed_over: PassedOver) -> bool:
    """Tell whether *source*, which lies in a folder, says by its name or its beginning that it holds events."""
    if source.name.lower().endswith(EVENT_SUFFIXES) or may_hold_events(source):
        return True
    passed_over.add(source.name, "no JSON")
    return False


def _named(source: Source, file: Path | int) -> Source | SourceError:
    """Return *source*, which the user names, or an error where it is what this command writes."""
    try:
        if standard_descriptor(os.stat(file)) is not None:
            return SourceError(
                f"{source.name}: standard output or standard error goes to this file: name another there"
            )
    except (OSError, ValueError):  # reading it says what is wrong
        pass
    return source


def _walk(directory: str, passed_over: PassedOver, seen: set[str]) -> Iterator[Source | SourceError]:
    errors: list[OSError] = []
    for folder, subfolders, names in os.walk(directory, onerror=errors.append):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(name for name in names if not name.startswith(".")):
            source = _regular(os.path.join(folder, name), passed_over, seen)
            if source is not None and _is_wanted(source, passed_over):
                yield source
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
        elif source := _regular(name, passed_over, seen):
            yield source


def _regular(path: str, passed_over: PassedOver, seen: set[str]) -> Source | None:
    """Return *path* as a source where it is a file that can be read to its end, is new, and not what is written."""
    folder, name = os.path.split(path)
    place = os.path.join(os.path.realpath(folder), name)
    if place in seen:
        return None
    seen.add(place)
    reason = None
    try:
        status = os.stat(path)
    except OSError as error:  # else reading it says what is wrong
        if isinstance(error, FileNotFoundError) and not path.lower().endswith(EVENT_SUFFIXES):
            reason = "a link to nothing"
    else:
        if not stat.S_ISREG(status.st_mode):
            reason = "a pipe, socket or device"
        elif standard_descriptor(status) is not None:
            reason = "this command writes it"
    if reason is not None:
        passed_over.add(path, reason)
        return None
    return Source(path, Path(path))


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
    while path.parent != Path() and not os.path.lexists(path.parent):  # a folder may be misspelt
        path = path.parent
    try:
        return did_you_mean(path.name, os.listdir(path.parent))
    except OSError:
        return ""
