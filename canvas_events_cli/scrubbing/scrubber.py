"""The scrubber: from a key and schemas to a function over records.

A wrapper stays one, with the scrubbed event inside, so that a capture keeps its records. What else it holds is
replaced: message ids, receipt handles, checksums. A signature would not fit any more: tokens become unsigned ones.
"""

from base64 import b64encode
from functools import partial
from hashlib import scrypt

from canvas_events_cli.defaults import DEFAULT_MAX_RECORD_BYTES
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import AROUND_JSON, Record
from canvas_events_cli.pointers import KeyPath
from canvas_events_cli.scrubbing.fast.splice import way
from canvas_events_cli.scrubbing.places import Hole, Place, Places, ScrubSpec
from canvas_events_cli.scrubbing.pseudonyms import Pseudonyms
from canvas_events_cli.wrappers.encodings import decode_base64
from canvas_events_cli.wrappers.shapes import CALIPER, is_event
from canvas_events_cli.wrappers.unwrap import Inside, Spot, look_into, root

_SALT = b"cevents scrub"
"""The same for everybody: the key alone decides on pseudonyms, on any machine."""
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
        self._made = made = Pseudonyms(spec.key)
        self._places = Places(spec, made)
        self._rewrite = way(made)

    def scrub(self, record: Record) -> bytes:
        """Return the JSON text of *record* with personal data replaced and every other byte as it was.

        *record* is as it was framed, not taken out of its wrapper.
        """
        if is_event(record.value):  # as most are: sooner than as a spot
            return self._rewrite(record.raw, self._places.event(record.value))
        spot = root(record, None, DEFAULT_MAX_RECORD_BYTES)
        return self._text(spot) if spot.fault is None else self._rewrite(record.json, self._places.unknown)

    def _text(self, spot: Spot) -> bytes:
        """Return what stands for a text by itself."""
        raw = spot.text()
        if spot.fault is not None:
            return self._made.opaque(raw.decode(errors="replace")).encode()
        if isinstance(spot.value, str) and not raw.lstrip(AROUND_JSON).startswith(b'"'):  # a token
            return self._string(spot.value, spot).encode()
        return self._rewrite(raw, self._place(spot))

    def _place(self, spot: Spot) -> Place:
        if isinstance(spot.value, str):
            # A number in its place is like any other.
            return Hole(partial(self._string, spot=spot), self._places.unknown.number)
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
            new = self._rewrite(inside.text, self._around(inside, self._places.unknown).overlaid(aside))
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
