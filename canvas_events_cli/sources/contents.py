"""Whether a file of a folder holds events: told by its name, else by what it begins with."""

import re
from collections.abc import Iterator

from canvas_events_cli.sources.blocks import open_source
from canvas_events_cli.sources.compression import decompress
from canvas_events_cli.sources.locate import Source, SourceError
from canvas_events_cli.token_form import HEADER

_READ_BYTES = 64 * 1024
_HEAD_BYTES = 1024

# What one JSON value begins with, as far as the first bytes show it; no prose, no log, no table and no program does.
_JSON = re.compile(
    rb"""[ \t\r\n]*+(?:
        \{[ \t\r\n]*+(?:["}]|\Z)
        | \[[ \t\r\n]*+(?:[\[{"\]\d-]|true\b|false\b|null\b|\Z)
        | "(?:[^"\\\n]|\\.)*+(?:"[ \t\r\n]*+(?:[\["{]|\Z)|\Z)
        | (?:-?\d++(?:\.\d++)?(?:[eE][+-]?\d++)?|true|false|null)[ \t]*+(?:[\r\n]|\Z)
        | \Z)""",
    re.VERBOSE,
)
_TOKEN = re.compile(rb"\s*+%b+(?:\.[\w-]++\.|\Z|\.[\w-]*+\Z)" % HEADER)
_MARKS = re.compile(rb"\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff|\0\0\xfe\xff)")


def may_hold_events(source: Source) -> bool:
    """Tell whether the first bytes of *source*, inside its compression, may be JSON or a token.

    What cannot be read or decompressed may be: reading it tells what is wrong.
    """
    try:
        with open_source(source) as file:
            blocks: Iterator[bytes] = iter(lambda: file.read(_READ_BYTES) or b"", b"")
            head = next(decompress(source.name, blocks, _READ_BYTES), b"")
    except (OSError, SourceError):
        return True
    return begins_like_events(head[:_HEAD_BYTES])


def begins_like_events(head: bytes) -> bool:
    """Tell whether *head*, with which something begins, may be the beginning of JSON or of a token."""
    # Without its zeros, JSON in UTF-16 shows what it is: reading it says that it has to be converted.
    head = _MARKS.sub(b"", head).replace(b"\0", b"")
    return _JSON.match(head) is not None or _TOKEN.match(head) is not None
