"""JSON as text: laid out anew, or cut out, with every token as it was written.

Parsing and writing again would change numbers (``1.10``, integers beyond 64 bits), escapes and repeated keys.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Container, Iterator, Sequence
from itertools import chain, pairwise

from canvas_events_cli.parse import loads

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_WITHOUT_SPACE = re.compile(rf'(?:[^" \t\r\n]++|{_STRING})++'.encode(), re.DOTALL)
_TOKEN = re.compile(rf'{_STRING}|[][{{}},:]|[^][{{}},:\s"]+', re.DOTALL)
_SCALAR = re.compile(rf'{_STRING}|[^][{{}},:"\s]++'.encode(), re.DOTALL)
_TO_BRACKET = re.compile(rf'[^]["{{}}]*+(?:{_STRING}[^]["{{}}]*+)*+[][{{}}]'.encode(), re.DOTALL)
_BETWEEN = re.compile(rb"[ \t\r\n]*+[,:]?[ \t\r\n]*+")

_DEEPEST = 32
"""Levels that get lines of their own; bounds the indentation that hostile nesting can ask for."""


def compact(raw: bytes) -> bytes:
    r"""Return the valid JSON text *raw* on one line: no white space between tokens, no byte order mark.

    >>> compact(b'{ "a b": [1.10,\n 2] }')
    b'{"a b":[1.10,2]}'
    """
    text = bytearray()
    for match in _WITHOUT_SPACE.finditer(raw.removeprefix(BOM_UTF8)):
        text += match[0]
    return bytes(text)


def indent(raw: bytes, margin: str = "") -> Iterator[str]:
    """Yield the valid JSON text *raw* in pieces: one member or element a line, two spaces a level.

    Every line but the first begins with *margin*; there is no line feed at the end. What lies deeper than 32
    levels stays on the line of its container.
    """
    text = raw.removeprefix(BOM_UTF8).decode()
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


def value_at(raw: bytes, path: Sequence[str | int]) -> bytes:
    """Return the text of the value that *path*, keys and indices, leads to in the valid JSON text *raw*.

    Of repeated keys the last counts, as for orjson. Raises KeyError where *path* leads to nothing.

    >>> value_at(b'{"a": [1.10, 2]}', ("a", 0))
    b'1.10'
    """
    start = _end(_BETWEEN, raw, 0)
    end = _value_end(raw, start)
    for token in path:
        found = None
        for index, (key, first, last) in enumerate(_parts(raw, start)):
            if (loads(key) if key else index) == token:
                found = first, last
        if found is None:
            raise KeyError(token)
        start, end = found
    return raw[start:end]


def elements(raw: bytes) -> Iterator[bytes]:
    """Yield the texts of the elements of the valid JSON array *raw*."""
    for _, start, end in _parts(raw, _end(_BETWEEN, raw, 0)):
        yield raw[start:end]


def without_members(raw: bytes, names: Container[object]) -> bytes:
    """Return the valid JSON object *raw* less its own members of these *names*.

    >>> without_members(b'{"a": 1.10, "iat": 2}', {"iat"})
    b'{"a":1.10}'
    """
    members = _parts(raw, _end(_BETWEEN, raw, 0))
    return (
        b"{" + b",".join(key + b":" + raw[start:end] for key, start, end in members if loads(key) not in names) + b"}"
    )


def _parts(raw: bytes, start: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield (key as written, start, end) for each member of the object at *start*, or element, which has no key."""
    has_keys = raw[start : start + 1] == b"{"
    key = b""
    position = _end(_BETWEEN, raw, start + 1)
    while raw[position : position + 1] not in (b"}", b"]", b""):
        if has_keys:
            key_end = _value_end(raw, position)
            key = raw[position:key_end]
            position = _end(_BETWEEN, raw, key_end)
        end = _value_end(raw, position)
        yield key, position, end
        position = _end(_BETWEEN, raw, end)


def _value_end(raw: bytes, start: int) -> int:
    if raw[start : start + 1] not in (b"{", b"["):
        return _end(_SCALAR, raw, start)
    depth = 1
    position = start + 1
    while depth:
        position = _end(_TO_BRACKET, raw, position)
        depth += 1 if raw[position - 1] in b"{[" else -1
    return position


def _end(pattern: re.Pattern[bytes], raw: bytes, start: int) -> int:
    match = pattern.match(raw, start)
    return match.end() if match else len(raw)
