"""The scrubber: from a key and schemas to a function over records.

A wrapper stays one, with the scrubbed event inside, so that a capture keeps its records. What else it holds is
replaced: message ids, receipt handles, checksums. A signature would not fit any more: tokens become unsigned ones.
"""

import re
from base64 import b64encode
from collections.abc import Iterable
from functools import partial
from hashlib import scrypt
from itertools import chain

import orjson

from canvas_events_cli import pointers
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.framing.framer import DEFAULT_MAX_RECORD_BYTES, Framer
from canvas_events_cli.json_text import TOKEN
from canvas_events_cli.model import AROUND_JSON, Json, Malformed, Record
from canvas_events_cli.parse import ParseError, loads, parse, read_object
from canvas_events_cli.pointers import KeyPath
from canvas_events_cli.scrubbing.places import Place, Places, Replace, ScrubSpec
from canvas_events_cli.scrubbing.pseudonyms import Pseudonyms
from canvas_events_cli.wrappers.encodings import (
    REGISTERED,
    Budget,
    Token,
    Undecodable,
    decode_base64,
    layer_of,
    read_token,
)
from canvas_events_cli.wrappers.recognition import DEEPEST, Recognised, is_content, recognise
from canvas_events_cli.wrappers.shapes import CALIPER, as_event

_SALT = b"cevents scrub"
"""The same for everybody: the key alone decides on pseudonyms, on any machine."""

_FIELD_NAME = re.compile(r"[@$]?[A-Za-z_]{1,32}", re.ASCII)
_DIGITS_OF_NAMES = 2
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
        self._claims: dict[KeyPath, Place] = {(name,): self._places.wrapper.child(name) for name in REGISTERED}

    def scrub(self, record: Record) -> bytes:
        """Return the JSON text of *record* with personal data replaced and every other byte as it was.

        *record* is as it was framed, not taken out of its wrapper.
        """
        budget = Budget(len(record.raw), DEFAULT_MAX_RECORD_BYTES)
        if isinstance(record.value, str) and not is_content(record.value, budget):
            return rewrite(record.json, self._places.unknown, self._made)
        return self._record(record, 0, budget)

    def _record(self, record: Record, depth: int, budget: Budget) -> bytes:
        if record.json is not record.raw:
            return self._content(record.raw, depth, budget) if read_token(record.raw) else self._opaque(record.raw)
        return rewrite(record.raw, self._place(record.value, "", depth, budget), self._made)

    def _place(self, value: Json, listed: str, depth: int, budget: Budget) -> Place:
        """Return the place of the record *value*, or of an element of a wrapper's list that is named *listed*."""
        if isinstance(value, str):
            return self._holding(partial(self._string, depth=depth, budget=budget))
        if not isinstance(value, dict) or depth > DEEPEST:
            return self._places.unknown
        found = None if as_event(value) is not None else recognise(value, listed, budget)
        if found is None:
            return self._places.event(value)
        inside: dict[KeyPath, Place] = {}
        for path in found.paths:
            inner = pointers.resolve(value, path)
            if isinstance(inner, str):
                inside[path] = self._holding(partial(self._content_of, found=found, depth=depth + 1, budget=budget))
            elif isinstance(inner, list):
                inside[path] = self._elements(inner, path[0], depth + 1, budget)
            else:
                inside[path] = self._place(inner, "", depth + 1, budget)
        around = self._places.caliper_envelope if found.shape is CALIPER else self._places.wrapper
        return around.overlaid(inside)

    def _elements(self, items: Iterable[Json], name: str, depth: int, budget: Budget) -> Place:
        places = (self._place(item, name, depth, budget) for item in items)
        return self._places.unknown.overlaid({(str(index),): place for index, place in enumerate(places)})

    def _holding(self, text: Replace) -> Place:
        """Return the place of a string that may hold events; a number there is like any other."""
        return Place(text, self._places.unknown.number)

    def _string(self, text: str, depth: int, budget: Budget) -> str:
        """Return what stands for a string that is read as content, whatever it holds."""
        return self._content(text.encode(), depth, budget).decode()

    def _content_of(self, text: str, found: Recognised, depth: int, budget: Budget) -> str:
        """Return what stands for the string that the wrapper *found* has its content in, and is read as *text* is."""
        if not found.is_in_base64(text):
            new = self._string(text, depth, budget)
            return b64encode(new.encode()).decode() if found.is_in_base64(new) else new
        content = decode_base64(text.encode())
        if content is not None:
            return b64encode(self._content(content, depth, budget)).decode()
        new = self._made.text(text)
        return new if decode_base64(new.encode()) is None else new + _NOT_IN_BASE64

    def _content(self, content: bytes, depth: int, budget: Budget) -> bytes:
        """Return *content* scrubbed, in the encoding that it is in."""
        try:
            layer = layer_of(content, budget) if depth <= DEEPEST else None
        except Undecodable:
            return self._opaque(content)
        if layer is None:
            return self._text(content, depth, budget)
        inside = layer.inside
        if isinstance(inside, Token):
            return layer.encoding.write(self._token(inside, depth + 1, budget))
        return layer.encoding.write(self._content(inside, depth + 1, budget))

    def _token(self, token: Token, depth: int, budget: Budget) -> bytes:
        """Return the claims of *token*, the event in them scrubbed."""
        claims = read_object(token.claims)
        if token.claims is None or claims is None:
            return self._opaque(token.text)  # as claims that are no object either
        event: Json = {name: value for name, value in claims.items() if name not in REGISTERED}
        place = self._place(event, "", depth, budget).overlaid(self._claims)
        return rewrite(token.claims, place, self._made)

    def _text(self, content: bytes, depth: int, budget: Budget) -> bytes:
        """Return JSON text scrubbed: one value, a list, or what else framing finds in it, each on a line."""
        try:
            value = parse(content)
        except ParseError:
            value = None
        if isinstance(value, dict):
            return rewrite(content, self._place(value, "", depth, budget), self._made)
        if isinstance(value, list):
            return rewrite(content, self._elements(value, "", depth, budget), self._made)
        # What begins as JSON goes on to: else the whole would not be taken for a text that holds events.
        content = content.lstrip(AROUND_JSON)
        malformed = b"{ %b }" if content[:1] in (b"{", b"[", b'"') else b"%b"
        framer = Framer(max(len(content), 1))
        pieces = []
        for found in chain(framer.feed(content), framer.finish()):
            if isinstance(found, Record):
                piece = self._record(found, depth, budget)
                # An element that is a list: by itself it would be read as its elements.
                pieces.append(b"[%b]" % piece if isinstance(found.value, list) else piece)
            elif isinstance(found, Malformed):
                pieces.append(malformed % self._opaque(found.raw))
        return b"\n".join(pieces)

    def _opaque(self, content: bytes) -> bytes:
        return self._made.opaque(content.decode(errors="replace")).encode()


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
    if not name or at.declares(name):
        return True
    letters = "".join(char for char in name if not (char.isascii() and char.isdigit()))
    return len(name) - len(letters) <= _DIGITS_OF_NAMES and _FIELD_NAME.fullmatch(letters) is not None
