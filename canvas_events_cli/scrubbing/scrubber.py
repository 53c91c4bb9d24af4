"""The scrubber: from a key and schemas to a function over records.

A wrapper stays one, with the scrubbed event inside, so that a capture keeps its records. What else it holds is
replaced: message ids, receipt handles, checksums. A signature would not fit any more: tokens become unsigned ones.
"""

import re
from base64 import b64encode
from functools import partial
from hashlib import scrypt

import orjson

from canvas_events_cli.defaults import DEFAULT_MAX_RECORD_BYTES
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.json_text import TOKEN
from canvas_events_cli.model import AROUND_JSON, Record
from canvas_events_cli.parse import loads
from canvas_events_cli.pointers import KeyPath
from canvas_events_cli.scrubbing.places import Place, Places, ScrubSpec
from canvas_events_cli.scrubbing.pseudonyms import Pseudonyms
from canvas_events_cli.wrappers.encodings import decode_base64
from canvas_events_cli.wrappers.shapes import CALIPER
from canvas_events_cli.wrappers.unwrap import Inside, Spot, look_into, root

_SALT = b"cevents scrub"
"""The same for everybody: the key alone decides on pseudonyms, on any machine."""

_FIELD_NAME = re.compile(r"[@$]?[A-Za-z_]{1,32}", re.ASCII)
_DIGITS_OF_NAMES = 2
_WITHOUT_DIGITS = str.maketrans("", "", "0123456789")
_NOT_IN_BASE64 = "~"
"""Makes a text no base64: most pseudonyms are."""


def derive_key(secret: bytes) -> bytes:
    """Return the 64 bytes that keyed hashing takes, for a secret of any length.

    By scrypt (RFC 7914), which takes 16 MiB and some 50 ms: so much each guess at a weak secret costs. Raises
    CeventsError for an empty one.
    """
    if not secret:
        raise CeventsError("the key is empty: anybody could undo the scrubbing; leave it out for a random one")
    return scrypt(secret, salt=_SALT, n=2**14, r=8, p=1, dklen=64)


class Scrubber:
    """The compiled form of a ScrubSpec: one in each process. It remembers no event."""

    def __init__(self, spec: ScrubSpec) -> None:
        self._made = Pseudonyms(spec.key)
        self._places = Places(spec, self._made)

    def scrub(self, record: Record) -> bytes:
        """Return the JSON text of *record* with personal data replaced and every other byte as it was.

        *record* is as it was framed, not taken out of its wrapper.
        """
        spot = root(record, None, DEFAULT_MAX_RECORD_BYTES)
        return self._text(spot) if spot.fault is None else rewrite(record.json, self._places.unknown, self._made)

    def _text(self, spot: Spot) -> bytes:
        """Return what stands for a text by itself."""
        raw = spot.text()
        if spot.fault is not None:
            return self._made.opaque(raw.decode(errors="replace")).encode()
        if isinstance(spot.value, str) and not raw.lstrip(AROUND_JSON).startswith(b'"'):  # a token
            return self._string(spot.value, spot).encode()
        return rewrite(raw, self._place(spot), self._made)

    def _place(self, spot: Spot) -> Place:
        if isinstance(spot.value, str):
            # A number in its place is like any other.
            return Place(partial(self._string, spot=spot), self._places.unknown.number)
        found, place = look_into(spot), self._places.event(spot.value)
        if isinstance(found, Inside):
            return self._around(found, place if found.shape is CALIPER else self._places.wrapper)
        return place

    def _around(self, inside: Inside, rest: Place) -> Place:
        """Return the place of what has spots *inside*, and around them the *rest*."""
        places = {spot.path: self._place(spot) for spot in inside.spots}
        return places.get(()) or rest.overlaid(places)

    def _string(self, text: str, spot: Spot) -> str:
        """Return what stands for *text* at *spot*, where a string is read as what it holds."""
        found = look_into(spot._replace(value=text))
        if not isinstance(found, Inside):
            new = self._made.text(text)
            return new if decode_base64(new.encode()) is None else new + _NOT_IN_BASE64
        content, is_in_base64 = self._content(found), spot.holder.is_in_base64
        # What was not in base64, where it should have been, may not be taken for it now.
        encode = is_in_base64(text) or is_in_base64(content.decode())
        return (b64encode(content) if encode else content).decode()

    def _content(self, inside: Inside) -> bytes:
        """Return what is in a string scrubbed, in the encodings that it was in."""
        new = b""
        if inside.is_json:
            aside: dict[KeyPath, Place] = {(name,): self._places.wrapper.child(name) for name in inside.aside}
            new = rewrite(inside.text, self._around(inside, self._places.unknown).overlaid(aside), self._made)
        elif inside.text:
            spots = [*inside.spots]
            # What begins as JSON goes on to: else the whole would not be taken for a text that holds events.
            malformed = b"{ %b }" if inside.text[:1] in (b"{", b"[", b'"') else b"%b"
            # An element that is a list: by itself it would be read as its elements.
            forms = (malformed if spot.fault else b"[%b]" if isinstance(spot.value, list) else b"%b" for spot in spots)
            new = b"\n".join(form % self._text(spot) for form, spot in zip(forms, spots, strict=True))
        for encoding in reversed(inside.encodings):
            new = encoding.write(new)
        return new


def rewrite(raw: bytes, place: Place, made: Pseudonyms) -> bytes:
    """Return the valid JSON text *raw*, whose value is at *place*, with all replaced that is not to stay.

    Runs once a record, over its tokens: escapes, white space, the order of members and repeated names stay.
    """
    out = bytearray()  # at once, not in pieces: the encoder's results keep four kilobytes each until they are freed
    start = 0
    # The open object, or array with the index reached in it; the place of the value that comes next; what is around.
    at, inside, index = place, place, -1
    around: list[tuple[Place, Place, int]] = []
    for match in TOKEN.finditer(raw):
        string, is_name, opens, closes, comma, number = match.groups()
        new = None
        if is_name:
            name = loads(string)
            inside = at.child(name)
            if not _stays(name, at):
                new = orjson.dumps(made.text(name))
        elif string:
            text = loads(string) if inside.text else ""
            if inside.text and (replaced := inside.text(text)) != text:
                new = orjson.dumps(replaced)
        elif number:
            new = inside.number and inside.number(number.decode()).encode()
        elif opens:
            around.append((at, inside, index))
            at, index = inside, 0 if opens == b"[" else -1
            inside = at if index else at.item(0)
        elif closes:
            at, inside, index = around.pop()
        elif comma and index >= 0:
            index += 1
            inside = at.item(index)
        if new is not None:
            out += raw[start : match.start()]
            out += new
            start = match.end(1) if string else match.end()
    out += raw[start:]
    return bytes(out)


def _stays(name: str, at: Place) -> bool:
    """Tell whether a name stays; what no schema declares may be a value: an id, an address, a title."""
    if not name or _FIELD_NAME.fullmatch(name) or at.declares(name):
        return True
    letters = name.translate(_WITHOUT_DIGITS)
    return len(name) - len(letters) <= _DIGITS_OF_NAMES and _FIELD_NAME.fullmatch(letters) is not None
