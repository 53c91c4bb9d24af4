"""JSON as text: followed, laid out anew or cut out, with every token as it was written.

Parsing and writing again would change numbers (``1.10``, integers beyond 64 bits), escapes and repeated keys. Whatever
goes over JSON by itself, not by a parser, does so with what is here.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import chain, pairwise
from typing import Any

from orjson import JSONEncodeError, dumps

from canvas_events_cli import pointers
from canvas_events_cli.parse import ParseError, loads

TOKEN = re.compile(
    rb'("[^"\\]*+(?:\\.[^"\\]*+)*+")([ \t\r\n]*+:)?|([{[])|([]}])|(,)|(-?[0-9][0-9.eE+-]*+)|[a-z]++', re.DOTALL
)
"""A token of valid JSON. Its groups: a string, the colon after it (the string is a name), an opening bracket, a closing
one, a comma, a number; none for true, false and null."""

_TOO_MUCH = (ValueError, RecursionError)
"""What msgspec raises for valid JSON that it does not read: nested too deeply, or after a byte order mark."""
_WITHOUT_SPACE = re.compile(rb'(?:[^" \t\r\n]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")++', re.DOTALL)
_ESCAPED_COLON = re.compile(rb"\\u003[aA]")
_SCALAR = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[^][{},:"\s]++', re.DOTALL)
_BETWEEN = re.compile(rb"[ \t\r\n]*+[,:]?[ \t\r\n]*+")
# Text that may be broken: a string ends at its closing quote or, since JSON strings cannot hold one, at a line feed.
_STRING = rb"\"[^\"\\\n]*+(?:\\[^\n][^\"\\\n]*+)*+(?:\"|\\?\n)"
# Each match runs over everything up to the next bracket (or comma) that is outside strings. A quote is matched
# only where its string does not end within the piece. Possessive throughout: no backtracking, flat memory.
TO_BRACKET = re.compile(rb"[^\"{}\[\]]*+(?:" + _STRING + rb"[^\"{}\[\]]*+)*+([{}\[\]\"])")
# Inside of a value, those that are whole in the piece, with others in them or not, are passed over at once.
_WHOLE = rb"[{\[][^\"{}\[\]]*+(?:(?:" + _STRING + rb"%b)[^\"{}\[\]]*+)*+[}\]]"
_WHOLE = _WHOLE % (b"|" + _WHOLE % b"")
_TO_OUTER_BRACKET = re.compile(rb"[^\"{}\[\]]*+(?:(?:%b|%b)[^\"{}\[\]]*+)*+([{}\[\]\"])" % (_STRING, _WHOLE))
_TO_BRACKET_OR_COMMA = re.compile(rb"[^\"{}\[\],]*+(?:(?:%b|%b)[^\"{}\[\],]*+)*+([{}\[\],\"])" % (_STRING, _WHOLE))

_DEEPEST = 32
"""Levels that get lines of their own; bounds the indentation that hostile nesting can ask for."""


class Structure:
    """Follows the brackets of text that arrives in pieces, broken or not, without parsing it.

    The state between two pieces: how many brackets are open, and whether the last piece ended in a string. Where text
    was cut off inside a string, brackets are taken for text in one line only.
    """

    __slots__ = ("_string", "depth")

    def __init__(self) -> None:
        self.depth = 0
        self._string = b""
        """What to read before the next piece, as if the string that is open began there: all that matters of it."""

    def value_end(self, piece: bytes, start: int = 0) -> int:
        """Return the index just past the bracket that closes the outermost value, or -1: it goes on after *piece*.

        A closing bracket without an opening one is passed over: such text can be no value.
        """
        return self._end(piece, start, in_array=False)

    def element_end(self, piece: bytes, start: int = 0) -> int:
        """Return the index of the comma or ``]`` that ends an array's element, or -1: it goes on after *piece*."""
        return self._end(piece, start, in_array=True)

    def leave_line(self) -> bool:
        """Go on with the next line; False where the value cannot: none has begun, or a string was left open."""
        in_string = self._string
        self._string = b""
        return self.depth > 0 and not in_string

    def _end(self, piece: bytes, start: int, *, in_array: bool) -> int:
        position = start
        before = len(self._string)
        if before:
            piece, position = self._string + piece[start:], 0
            before -= start
            self._string = b""
        outside = _TO_BRACKET_OR_COMMA if in_array else TO_BRACKET
        while match := (_TO_OUTER_BRACKET if self.depth else outside).match(piece, position):
            position = match.end()
            met = match[1]
            if met in b"{[":
                self.depth += 1
            elif met == b'"':
                # Whether the last backslash escapes what comes next depends on how many there are.
                self._string = b'"' + b"\\" * ((len(piece) - len(piece.rstrip(b"\\"))) % 2)
                break
            elif self.depth:
                self.depth -= 1
                if not self.depth and not in_array:
                    return position - before
            elif in_array and met != b"}":
                return position - 1 - before
        return -1


def compact(raw: bytes) -> bytes:
    r"""Return the valid JSON text *raw* on one line: no white space between tokens, no byte order mark.

    >>> compact(b'{ "a b": [1.10,\n 2] }')
    b'{"a b":[1.10,2]}'
    """
    import msgspec

    try:
        return msgspec.json.format(raw, indent=-1)  # a tenth of the time
    except _TOO_MUCH:
        return b"".join(match[0] for match in _WITHOUT_SPACE.finditer(raw.removeprefix(BOM_UTF8)))


def indent(raw: bytes, margin: str = "") -> Iterator[str]:
    """Yield the valid JSON text *raw* in pieces: one member or element a line, two spaces a level.

    Every line but the first begins with *margin*; there is no line feed at the end. What lies deeper than 32
    levels stays on the line of its container.
    """
    if raw.count(b"[") + raw.count(b"{") <= _DEEPEST:
        import msgspec

        with suppress(*_TOO_MUCH):
            yield msgspec.json.format(raw, indent=2).decode().replace("\n", "\n" + margin)  # a hundredth of the time
            return
    depth = 0
    for match, following in pairwise(chain(TOKEN.finditer(raw), [None])):
        assert match is not None  # noqa: S101 (for the type checker)
        string, is_name, opens, _, comma, _ = match.groups()
        closes = following is not None and following[4] is not None
        depth += opens is not None
        yield (string or match[0]).decode()
        if is_name:
            yield ": "
        elif (opens is not None) != closes or comma:
            yield "\n" + margin + "  " * (depth - closes) if depth <= _DEEPEST else " " * bool(comma)
        depth -= closes


def text_at(raw: bytes, path: Sequence[str | int]) -> bytes:
    """Return the text of the value that *path*, keys and indices, leads to in the valid JSON text *raw*.

    Of repeated keys the last counts, as for orjson. Raises KeyError where *path* leads to nothing.

    >>> text_at(b'{"a": [1.10, 2]}', ("a", 0))
    b'1.10'
    """
    text: Any = raw
    try:
        for token in path:
            text = texts_decoder(dict if isinstance(token, str) else list)(text)[token]
        return bytes(text) if path else raw.strip(b" \t\r\n")
    except (*_TOO_MUCH, LookupError):
        return _text_at(raw, path)


def _text_at(raw: bytes, path: Sequence[str | int]) -> bytes:
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


def elements(raw: bytes) -> Iterable[bytes]:
    """Return the texts of the elements of the valid JSON array *raw*."""
    try:
        return map(bytes, texts_decoder(list)(raw))
    except _TOO_MUCH:
        return (raw[start:end] for _, start, end in _parts(raw, _end(_BETWEEN, raw, 0)))


@cache
def texts_decoder(container: type) -> Callable[[bytes], Any]:
    """Return what cuts an object (dict) or an array (list) into the texts of its values, in a hundredth of the time."""
    import msgspec

    kind: Any = dict[str, msgspec.Raw] if container is dict else list[msgspec.Raw]
    return msgspec.json.Decoder(kind).decode


def without_members(raw: bytes, names: Container[object]) -> bytes:
    """Return the valid JSON object *raw* less its own members of these *names*.

    >>> without_members(b'{"a": 1.10, "iat": 2}', {"iat"})
    b'{"a":1.10}'
    """
    try:
        cut = [(name, b"%b:%b" % (dumps(name), text)) for name, text in texts_decoder(dict)(raw).items()]
    except _TOO_MUCH:
        cut = []
    if sum(len(member) + 1 for _, member in cut) + 1 != len(raw):  # with white space, escapes, or a key twice
        parts = _parts(raw, _end(_BETWEEN, raw, 0))
        cut = [(loads(key), b"%b:%b" % (key, raw[at:end])) for key, at, end in parts]
    return b"{%b}" % b",".join(member for name, member in cut if name not in names)


def duplicate_keys(raw: bytes) -> Iterator[str]:
    r"""Yield the pointers of the members of *raw*, valid JSON, whose key stood in their object before.

    Parsers disagree about which of their values counts. A key that stands there three times is told once. Keys are
    compared as they are meant: ``"a"`` and ``"\u0061"`` are the same. Any depth that orjson reads.
    """
    if not may_repeat(raw):
        return
    path: list[str | int] = []
    told: list[dict[str, bool]] = []
    """Of each object that is open, the keys so far, and whether they have been told."""
    for match in TOKEN.finditer(raw):
        string, is_name, opens, closes, comma, _ = match.groups()
        if is_name:
            path[-1] = key = loads(string)
            if told[-1].get(key) is False:
                yield pointers.join("", *path)
            told[-1][key] = key in told[-1]
        elif opens:
            path.append(0)
            told.append({})
        elif closes:
            path.pop()
            told.pop()
        elif comma and isinstance(path[-1], int):
            path[-1] += 1


def may_repeat(raw: bytes) -> bool:
    """Tell whether a key may stand twice in an object of *raw*, valid JSON: where it does not, hardly ever.

    Written anew it holds each key once, and so fewer colons where one stood twice; those in strings stay.
    """
    try:
        anew = dumps(loads(raw))
    except (ParseError, JSONEncodeError):  # numbers, or the nesting: this is also asked for what is no event
        return True
    # The single byte is found much faster than the escape, and most texts have none.
    return raw != anew and (
        raw.count(b":") != anew.count(b":") or (b"\\" in raw and _ESCAPED_COLON.search(raw) is not None)
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
    return Structure().value_end(raw, start) if raw[start] in b"{[" else _end(_SCALAR, raw, start)


def _end(pattern: re.Pattern[bytes], raw: bytes, start: int) -> int:
    match = pattern.match(raw, start)
    return match.end() if match else len(raw)
