"""JSON parsing, and plain words for what the parser could not read.

orjson decides, everywhere, what is JSON and what is malformed.
"""

import re
from collections.abc import Callable
from enum import Enum

import orjson

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

ParseError = orjson.JSONDecodeError

loads = orjson.loads
"""Returns the JSON value that bytes hold.

Integers beyond 64 bits become floats. Raises ParseError for anything that is not exactly one JSON value in UTF-8, for
numbers that overflow a double, lone surrogates, and nesting deeper than 1,024.
"""
parse: Callable[[bytes], Json] = loads
"""The same, for type checkers."""


def read_object(text: bytes | None) -> dict[str, Json] | None:
    """Return the JSON object that *text* is, or None."""
    try:
        value = parse(text) if text else None
    except ParseError:
        return None
    return value if isinstance(value, dict) else None


_LINE = re.compile(r"(?<= line )[0-9]+")
_CSV = re.compile(rb'((\A|,)([^\s",:{}[\]]+|"[^"{}]*")){2}(,([^\s",{}[\]]*|"[^"{}]*"))*\s*')
_ENDS_EARLY = "unexpected end of data"
_NOT_UTF_8 = "str is not valid UTF-8"
_GOES_ON = "unexpected content after document"
LOOKS_LIKE_HTML = "this looks like HTML: did curl fail? (try curl --fail)"


class Prefix(Enum):
    """What a text is the beginning of."""

    WHOLE = "a value, and maybe more after it"
    OPEN = "a value that may yet become complete"
    DEAD = "no value, whatever comes after it"


def prefix(text: bytes) -> tuple[Prefix, int]:
    """Tell what *text* is the beginning of, and at which byte that was decided.

    That byte is the first of what follows a value that is whole; of one that is open, the end of *text*; and where no
    value can come of it any more, the first that cannot stand where it does. A line that is over has to end in its
    line feed: ``tru`` may go on, ``tru`` and a line feed may not.
    """
    try:
        loads(text)
    except ParseError as error:
        if error.msg.startswith(_ENDS_EARLY):
            return Prefix.OPEN, len(text)
        if error.msg.startswith(_NOT_UTF_8):
            return _prefix_before(text)
        # orjson counts characters.
        end = error.pos if text.isascii() else len(text.decode()[: error.pos].encode())
        return (Prefix.WHOLE if error.msg.startswith(_GOES_ON) else Prefix.DEAD), end
    return Prefix.WHOLE, len(text)


def _prefix_before(text: bytes) -> tuple[Prefix, int]:
    """Tell of *text* that is not UTF-8 what it is the beginning of."""
    try:
        text.decode()
    except UnicodeDecodeError as error:
        state, end = prefix(text[: error.start])
        is_cut = error.end == len(text) and error.reason.startswith(_ENDS_EARLY)
        return (Prefix.DEAD, end) if state is Prefix.OPEN and not is_cut else (state, end)
    raise AssertionError("orjson and Python disagree about what is UTF-8")


def explain(raw: bytes, line: int) -> str:
    """Say why *raw*, which starts on *line* of its source, is not JSON: what the parser met, and where.

    The text holds nothing of *raw* beyond the value of a byte that is not UTF-8.
    """
    if raw.lstrip()[:1] == b"<":
        return LOOKS_LIKE_HTML
    if _CSV.fullmatch(raw):
        return "not JSON: this looks like CSV (export the events as JSON lines)"
    try:
        text = raw.decode()
        loads(raw)
    except UnicodeDecodeError as fault:
        return f"not UTF-8: byte 0x{raw[fault.start]:02x} {_place(raw[: fault.start].decode(), line)}"
    except ParseError as error:
        what = error.msg.split(": line ")[0]
        return f"not JSON: {what[:1].lower()}{what[1:]} {_place(text[: error.pos], line)}"
    return f"not one JSON value a line, nor a value over several lines {_place('', line)}"


def moved(message: str, lines: int) -> str:
    """Return what :func:`explain` says of the same text *lines* lines further down in its source.

    >>> moved("not JSON: unexpected character at line 2, column 7", 40)
    'not JSON: unexpected character at line 42, column 7'
    """
    return _LINE.sub(lambda match: str(int(match[0]) + lines), message) if lines else message


def _place(before: str, line: int) -> str:
    """Return ``at line N, column M`` for the position after *before*; columns count characters from 1."""
    return f"at line {line + before.count(chr(10))}, column {len(before) - before.rfind(chr(10))}"
