"""Where a finding is, for the tools that draw findings beside the lines of files."""

import os
from functools import lru_cache
from urllib.parse import quote

from canvas_events_cli.sources.source import STDIN_NAME, is_url

_ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
"""Where GitHub and GitLab say that the repository is."""


def place_of(source: str) -> str:
    """Return *source* as a path from the root of the repository that it lies in: hosts know files by such a path.

    The root is what a host says, else the nearest folder above with a ``.git``, else the working directory; what lies
    elsewhere keeps its path. With ``/`` between its parts, also where the system has something else.
    """
    if is_url(source) or source == STDIN_NAME:
        return source
    try:
        here = os.getcwd()
    except FileNotFoundError:
        here = ""
    told = next(filter(None, map(os.environ.get, _ROOTS)), "")
    return _from_root(source, here, told)


@lru_cache(maxsize=1024)
def _from_root(source: str, here: str, told: str) -> str:
    path = os.path.join(here, source.removeprefix(f".{os.sep}"))
    if os.pardir in path.split(os.sep):
        path = os.path.normpath(path)
    root = os.path.abspath(told) if told else _repository(path) or here
    for folder in (root, os.path.realpath(root)):
        if path.startswith(inside := os.path.join(folder, "")):
            return path.removeprefix(inside).replace(os.sep, "/")
    return source.replace(os.sep, "/").removeprefix("./")


def _repository(path: str) -> str | None:
    """Return the nearest folder above *path* that has a ``.git``, a file in worktrees; None where there is none."""
    while (above := os.path.dirname(path)) != path:
        if os.path.exists(os.path.join(above, ".git")):
            return above
        path = above
    return None


def source_uri(source: str) -> str:
    """Return *source* as a URI reference, percent-encoded: relative to the repository's root for what lies in it.

    >>> source_uri("captures/a b.ndjson")
    'captures/a%20b.ndjson'
    """
    if is_url(source):
        return quote(source, safe=":/?&=%~")
    place = place_of(source)
    drive = os.path.splitdrive(place)[0]
    path = quote(os.fsencode(place), safe="/~:" if drive else "/~")
    if path.startswith("//") and drive:
        return f"file:{path}"
    return f"file://{'/' * bool(drive)}{path}" if drive or path.startswith("/") else path
