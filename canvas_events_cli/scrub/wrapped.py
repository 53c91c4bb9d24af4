"""Places in what events arrive in: queue messages, notifications, rows, signed tokens.

A wrapper stays one, with the scrubbed event inside, so that a capture keeps its records. What else it holds is
replaced: message ids, receipt handles, checksums. A signature would not fit any more: tokens become unsigned ones.
"""

from base64 import b64decode, b64encode, urlsafe_b64encode
from functools import partial
from itertools import chain
from typing import cast

from canvas_events_cli import caliper, pointers
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Json, Malformed, Record
from canvas_events_cli.parse import ParseError, parse
from canvas_events_cli.same_event import envelope
from canvas_events_cli.scrub.places import Overlaid, Place, Places
from canvas_events_cli.scrub.pseudonyms import Pseudonyms
from canvas_events_cli.scrub.rewrite import rewrite
from canvas_events_cli.scrub.shifted import shift_epoch
from canvas_events_cli.wrappers.shapes import CALIPER, as_event, is_event, recognise
from canvas_events_cli.wrappers.tokens import REGISTERED, Token, read_object, read_token
from canvas_events_cli.wrappers.unwrap import DEEPEST

_UNSIGNED = "eyJhbGciOiJub25lIn0"
"""The header ``{"alg":"none"}`` in base64url (RFC 7515)."""

# What a wrapper tells of itself, and of the event in it.
_STAYS = (
    *("Type", "type", "detail-type", "DataType", "dataType", "event_name"),
    *("eventSource", "EventSource", "eventName", "eventVersion", "EventVersion", "awsRegion", "region"),
)
_TIMES = ("Timestamp", "time", "event_time")
_EPOCHS = (
    *("SentTimestamp", "ApproximateFirstReceiveTimestamp", "approximateArrivalTimestamp"),
    *("exp", "nbf", "iat"),
)


class Wrapped:
    """Makes the places of records, whatever they are."""

    def __init__(self, places: Places, made: Pseudonyms, shift: int) -> None:
        """*shift* is in seconds."""
        self._places = places
        self._made = made
        moved = partial(shift_epoch, seconds=shift)
        epoch = Place(
            lambda text: moved(text) or made.text(text), lambda number: moved(number) or places.any_number(number)
        )
        self._known = {
            **dict.fromkeys(_STAYS, places.state),
            **dict.fromkeys(_TIMES, places.time),
            **dict.fromkeys(_EPOCHS, epoch),
        }
        self._claims = {name: self._known.get(name, places.unknown) for name in REGISTERED}

    def place(self, value: Json, listed: str = "", depth: int = 0) -> Place:
        """Return the place of the record *value*, or of an element of a wrapper's list that is named *listed*."""
        if isinstance(value, str):
            return Place(partial(self._string, depth=depth), None)
        if not isinstance(value, dict) or depth > DEEPEST:
            return self._places.unknown
        found = None if as_event(value) is not None else recognise(value, listed)
        if found is None:
            return self._event(value)
        shape, path = found
        inner = cast(Json, pointers.resolve(value, path))
        if isinstance(inner, str):
            place = Place(partial(self._string, depth=depth + 1, base64=shape.base64, always=True), None)
        elif isinstance(inner, list):
            place = _Elements(self._places.unknown, [self.place(item, path[-1], depth + 1) for item in inner])
        else:
            place = self.place(inner, "", depth + 1)
        if shape is CALIPER:
            return Overlaid(self._places.caliper("envelope"), {path[0]: place})
        for name in reversed(path):
            place = Overlaid(_Wrapper(self._places.unknown, self._known), {name: place})
        return place

    def token(self, token: Token, depth: int = 0) -> str:
        """Return *token* unsigned, the event in its claims scrubbed."""
        claims = read_object(token.claims)
        if token.claims is None or claims is None:
            text = self._made.opaque(token.text.decode()).encode()
        else:
            event: Json = {name: value for name, value in claims.items() if name not in REGISTERED}
            text = rewrite(token.claims, Overlaid(self.place(event, "", depth + 1), self._claims), self._made)
        return f"{_UNSIGNED}.{urlsafe_b64encode(text).decode().rstrip('=')}."

    def _event(self, value: dict[str, Json]) -> Place:
        if caliper.is_event(value):
            return self._places.caliper("event")
        if caliper.is_envelope(value):
            return self._places.caliper("envelope")
        name = envelope(value).get("event_name")
        place = self._places.event(name if isinstance(name, str) else None)
        older = not is_event(value) and "body" not in value and isinstance(value.get("metadata"), dict)
        return Overlaid(place, {"data": place.child("body")}) if older else place

    def _string(self, text: str, *, depth: int, base64: bool = False, always: bool = False) -> str:
        """Return what stands for a string that holds a token or, where it *always* holds something, a record."""
        try:
            content = b64decode(text, validate=True) if base64 else text.encode()
        except ValueError:
            return self._made.text(text)
        token = read_token(content)
        if token is not None and depth <= DEEPEST:
            new = self.token(token, depth).encode()
        elif always and content.strip():
            new = self._content(content, depth)
        else:
            return self._made.text(text)
        return b64encode(new).decode() if base64 else new.decode()

    def _content(self, content: bytes, depth: int) -> bytes:
        """Return JSON text scrubbed: one value, or the several that framing finds in it, each on a line."""
        try:
            value = parse(content)
        except ParseError:
            value = None
        if isinstance(value, dict):
            return rewrite(content, self.place(value, "", depth), self._made)
        framer = Framer(len(content))
        pieces = []
        for found in chain(framer.feed(content), framer.finish()):
            if isinstance(found, Record):
                pieces.append(self._piece(found, depth))
            elif isinstance(found, Malformed):
                pieces.append(self._made.opaque(found.raw.decode(errors="replace")).encode())
        return b"\n".join(pieces)

    def _piece(self, record: Record, depth: int) -> bytes:
        if isinstance(record.value, str) and not record.raw.lstrip().startswith(b'"'):
            return self._string(record.value, depth=depth).encode()
        return rewrite(record.raw, self.place(record.value, "", depth), self._made)

    def record(self, record: Record) -> bytes:
        """Return *record* scrubbed."""
        return self._piece(record, 0)


class _Wrapper(Place):
    """A wrapper's own fields, at any depth: some are known by their names."""

    def __init__(self, rest: Place, known: dict[str, Place]) -> None:
        super().__init__(rest.text, rest.number)
        self._known = known

    def child(self, name: str) -> Place:
        return self._known.get(name, self)

    def declares(self, name: str) -> bool:
        return name in self._known


class _Elements(Place):
    """A list whose elements have places of their own."""

    def __init__(self, rest: Place, places: list[Place]) -> None:
        super().__init__(rest.text, rest.number)
        self._places = places

    def item(self, index: int) -> Place:
        return self._places[index] if index < len(self._places) else self
