"""Where a finding is, for the tools that draw findings beside the lines of files."""

import os
from urllib.parse import quote

from canvas_events_cli.sources.source import is_url


def place_of(source: str) -> str:
    """Return *source* as a path from the working directory where it lies in that: hosts know files by such a path.

    With ``/`` between its parts, also where the system has something else.
    """
    try:
        here = os.path.join(os.getcwd(), "")
    except FileNotFoundError:
        here = ""
    return source.removeprefix(here).replace(os.sep, "/").removeprefix("./")


def source_uri(source: str) -> str:
    """Return *source* as a URI reference, percent-encoded: relative to the working directory for what lies in it.

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
