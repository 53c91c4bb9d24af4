"""Writes JSON text anew with some of its texts, numbers and names replaced, and every other byte as it was."""

import re

import orjson

from canvas_events_cli.parse import loads
from canvas_events_cli.scrubbing.places import Place
from canvas_events_cli.scrubbing.pseudonyms import Pseudonyms

# A string with a colon after it is a name; true, false and null match nothing, and neither does white space.
_TOKEN = re.compile(rb'("[^"\\]*+(?:\\.[^"\\]*+)*+")([ \t\r\n]*+:)?|([{[])|([]}])|(,)|(-?[0-9][0-9.eE+-]*+)', re.DOTALL)
_FIELD_NAME = re.compile(r"[@$]?[A-Za-z_]{1,32}", re.ASCII)
_DIGITS_OF_NAMES = 2


class _Level:
    """An object or an array that is open."""

    __slots__ = ("at", "index", "inside", "is_array")

    def __init__(self, at: Place, opening: bytes) -> None:
        self.at = at
        self.is_array = opening == b"["
        self.index = 0
        self.inside = at.item(0) if self.is_array else at
        """The place of the value that comes next."""


def rewrite(raw: bytes, place: Place, made: Pseudonyms) -> bytes:
    """Return the valid JSON text *raw*, whose value is at *place*, with all replaced that is not to stay.

    Runs once a record, over its tokens: escapes, white space, the order of members and repeated names stay.
    """
    out = bytearray()  # at once, not in pieces: the encoder's results keep four kilobytes each until they are freed
    start = 0
    levels = [_Level(place, b"")]
    for match in _TOKEN.finditer(raw):
        string, is_name, opens, closes, comma, number = match.groups()
        level = levels[-1]
        new = None
        if is_name:
            name = loads(string)
            level.inside = level.at.child(name)
            new = _name(name, level.at, made)
        elif string:
            new = _text(loads(string), level.inside)
        elif number:
            new = level.inside.number and level.inside.number(number.decode()).encode()
        elif opens:
            levels.append(_Level(level.inside, opens))
        elif closes:
            levels.pop()
        elif comma and level.is_array:
            level.index += 1
            level.inside = level.at.item(level.index)
        if new is not None:
            end = match.end(1) if string else match.end()
            out += raw[start : match.start()]
            out += new
            start = end
    out += raw[start:]
    return bytes(out)


def _text(text: str, place: Place) -> bytes | None:
    if place.text is None:
        return None
    new = place.text(text)
    return None if new == text else orjson.dumps(new)


def _name(name: str, at: Place, made: Pseudonyms) -> bytes | None:
    """Return what stands for a name that may be a value: an id, an address, a title; None where it stays."""
    if not name or at.declares(name):
        return None
    letters = "".join(char for char in name if not (char.isascii() and char.isdigit()))
    if len(name) - len(letters) <= _DIGITS_OF_NAMES and _FIELD_NAME.fullmatch(letters):
        return None
    return orjson.dumps(made.text(name))
