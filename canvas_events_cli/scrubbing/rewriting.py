"""JSON text with values replaced, and every other byte as it was."""

import re
from collections.abc import Iterator

import orjson

from canvas_events_cli.json_text import TOKEN
from canvas_events_cli.parse import loads
from canvas_events_cli.scrubbing.places import Place
from canvas_events_cli.scrubbing.pseudonyms import Pseudonyms

_FIELD_NAME = re.compile(r"[@$]?[A-Za-z_]{1,32}", re.ASCII)
_DIGITS_OF_NAMES = 2
_WITHOUT_DIGITS = str.maketrans("", "", "0123456789")


def rewrite(raw: bytes, place: Place, made: Pseudonyms) -> bytes:
    """Return the valid JSON text *raw*, whose value is at *place*, with all replaced that is not to stay.

    Runs once a record, over its tokens: escapes, white space, the order of members and repeated names stay.
    """
    out = bytearray()  # at once, not in pieces: the encoder's results keep four kilobytes each until they are freed
    start = 0
    for match, here in replaceable(raw, place):
        string, is_name = match[1], match[2]
        new: bytes | None = None
        if is_name:
            new = new_name(string, here, made)
        elif string:
            text = loads(string) if here.text else ""
            if here.text and (replaced := here.text(text)) != text:
                new = orjson.dumps(replaced)
        elif here.number:
            new = here.number(match[0].decode()).encode()
        if new is not None:
            out += raw[start : match.start()]
            out += new
            start = match.end(1) if string else match.end()
    out += raw[start:]
    return bytes(out)


def replaceable(raw: bytes, place: Place) -> Iterator[tuple[re.Match[bytes], Place]]:
    """Yield the names, the other strings and the numbers in *raw*, whose value is at *place*.

    With the place where each stands, with a name that of its object.
    """
    # The open object, or array with the index reached in it; the place of the value that comes next; what is around.
    at, inside, index = place, place, -1
    around: list[tuple[Place, Place, int]] = []
    for match in TOKEN.finditer(raw):
        string, is_name, opens, closes, comma, number = match.groups()
        if is_name:
            inside = at.child(loads(string))
            yield match, at
        elif string or number:
            yield match, inside
        elif opens:
            around.append((at, inside, index))
            at, index = inside, 0 if opens == b"[" else -1
            inside = at if index else at.item(0)
        elif closes:
            at, inside, index = around.pop()
        elif comma and index >= 0:
            index += 1
            inside = at.item(index)


def new_name(string: bytes, at: Place, made: Pseudonyms) -> bytes | None:
    """Return what stands for a name in an object *at* a place; None where it stays.

    What no schema declares may be a value: an id, an address, a title.
    """
    name = loads(string)
    if not name or _FIELD_NAME.fullmatch(name) or at.declares(name):
        return None
    letters = name.translate(_WITHOUT_DIGITS)
    if len(name) - len(letters) <= _DIGITS_OF_NAMES and _FIELD_NAME.fullmatch(letters):
        return None
    return orjson.dumps(made.text(name))
