"""JSON as text: laid out anew with every token as it was written.

Parsing and writing again would change numbers (``1.10``, integers beyond 64 bits), escapes and repeated keys.
"""

import re
from collections.abc import Iterator
from itertools import chain, pairwise

_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_STRING_OR_SPACE = re.compile(rf"({_STRING})|[ \t\r\n]+".encode(), re.DOTALL)
_TOKEN = re.compile(rf'{_STRING}|[][{{}},:]|[^][{{}},:\s"]+', re.DOTALL)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_DEEPEST = 32
"""Levels that get lines of their own; bounds the indentation that hostile nesting can ask for."""


def compact(raw: bytes) -> bytes:
    r"""Return the valid JSON text *raw* on one line: no white space between tokens, no byte order mark.

    >>> compact(b'{ "a b": [1.10,\n 2] }')
    b'{"a b":[1.10,2]}'
    """
    return _STRING_OR_SPACE.sub(rb"\1", raw.removeprefix(_BYTE_ORDER_MARK))


def indent(raw: bytes, margin: str = "") -> Iterator[str]:
    """Yield the valid JSON text *raw* in pieces: one member or element a line, two spaces a level.

    Every line but the first begins with *margin*; there is no line feed at the end. What lies deeper than 32
    levels stays on the line of its container.
    """
    text = raw.removeprefix(_BYTE_ORDER_MARK).decode()
    words = (match[0] for match in _TOKEN.finditer(text))
    depth = 0
    for word, following in pairwise(chain(words, [""])):
        opens, closes = word in ("{", "["), following in ("}", "]")
        depth += opens
        yield word
        if word == ":":
            yield " "
        elif opens != closes or word == ",":
            yield "\n" + margin + "  " * (depth - closes) if depth <= _DEEPEST else " " * (word == ",")
        depth -= closes
