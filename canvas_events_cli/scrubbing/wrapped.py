"""Places in what events arrive in: queue messages, notifications, rows, signed tokens.

A wrapper stays one, with the scrubbed event inside, so that a capture keeps its records. What else it holds is
replaced: message ids, receipt handles, checksums. A signature would not fit any more: tokens become unsigned ones.
"""

from base64 import b64encode
from collections.abc import Mapping
from functools import partial
from itertools import chain
from typing import cast

from canvas_events_cli import caliper, pointers
from canvas_events_cli.framing.framer import DEFAULT_MAX_RECORD_BYTES, Framer
from canvas_events_cli.model import AROUND_JSON, Json, Malformed, Record
from canvas_events_cli.parse import ParseError, parse
from canvas_events_cli.same_event import envelope
from canvas_events_cli.scrubbing.places import Overlaid, Place, Places
from canvas_events_cli.scrubbing.pseudonyms import Pseudonyms
from canvas_events_cli.scrubbing.rewrite import rewrite
from canvas_events_cli.scrubbing.shifted import shift_epoch
from canvas_events_cli.wrappers.encodings import Budget, Undecodable, layer_of
from canvas_events_cli.wrappers.recognition import DEEPEST, holds_event, may_hold, recognise
from canvas_events_cli.wrappers.shapes import CALIPER, Path, as_event, is_event
from canvas_events_cli.wrappers.tokens import REGISTERED, Token, decode_base64, read_object, read_token

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

    def record(self, record: Record) -> bytes:
        """Return *record* scrubbed."""
        return self._piece(record, "", 0, Budget(len(record.raw), DEFAULT_MAX_RECORD_BYTES))

    def _place(self, value: Json, listed: str, depth: int, budget: Budget) -> Place:
        """Return the place of the record *value*, or of an element of a wrapper's list that is named *listed*."""
        if isinstance(value, str):
            return Place(partial(self._string, depth=depth, budget=budget), None)
        if not isinstance(value, dict) or depth > DEEPEST:
            return self._places.unknown
        found = None if as_event(value) is not None else recognise(value, listed, budget)
        if found is None:
            return self._event(value)
        inside: dict[Path, Place] = {}
        for path in found.paths:
            inner = cast(Json, pointers.resolve(value, path))
            if isinstance(inner, str):
                base64 = found.is_in_base64(inner)
                inside[path] = Place(partial(self._content_of, depth=depth + 1, base64=base64, budget=budget), None)
            elif isinstance(inner, list):
                items = [self._place(item, path[0], depth + 1, budget) for item in inner]
                inside[path] = _Elements(self._places.unknown, items)
            else:
                inside[path] = self._place(inner, "", depth + 1, budget)
        if found.shape is CALIPER:
            return Overlaid(self._places.caliper("envelope"), {"data": inside[("data",)]})
        return self._wrapper(inside)

    def _wrapper(self, inside: Mapping[Path, Place]) -> Place:
        """Return the place of a wrapper, where at these paths something is *inside*."""
        below: dict[str, dict[Path, Place]] = {}
        for (name, *rest), place in inside.items():
            below.setdefault(name, {})[tuple(rest)] = place
        fields = {name: places[()] if () in places else self._wrapper(places) for name, places in below.items()}
        return Overlaid(_Wrapper(self._places.unknown, self._known), fields)

    def _token(self, token: Token, depth: int, budget: Budget) -> bytes:
        """Return the claims of *token*, the event in them scrubbed."""
        claims = read_object(token.claims)
        if token.claims is None or claims is None:
            return self._opaque(token.text)
        event: Json = {name: value for name, value in claims.items() if name not in REGISTERED}
        place = Overlaid(self._place(event, "", depth + 1, budget), self._claims)
        return rewrite(token.claims, place, self._made)

    def _event(self, value: dict[str, Json]) -> Place:
        if caliper.is_event(value):
            return self._places.caliper("event")
        if caliper.is_envelope(value):
            return self._places.caliper("envelope")
        name = envelope(value).get("event_name")
        place = self._places.event(name if isinstance(name, str) else None)
        older = not is_event(value) and "body" not in value and isinstance(value.get("metadata"), dict)
        return Overlaid(place, {"data": place.child("body")}) if older else place

    def _string(self, text: str, *, depth: int, budget: Budget) -> str:
        """Return what stands for a string that may hold a token or an event, or neither."""
        if may_hold(text) and (read_token(text.encode()) or holds_event(text, budget)):
            return self._content(text.encode(), depth, budget).decode()
        return self._made.text(text)

    def _content_of(self, text: str, *, depth: int, base64: bool, budget: Budget) -> str:
        """Return what stands for the string that a wrapper has its content in."""
        content = decode_base64(text.encode()) if base64 else text.encode()
        if content is None or not content.strip(AROUND_JSON):
            return self._made.text(text)
        new = self._content(content, depth, budget)
        return (b64encode(new) if base64 else new).decode()

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
            return layer.encoding.write(self._token(inside, depth, budget))
        return layer.encoding.write(self._content(inside, depth + 1, budget))

    def _text(self, content: bytes, depth: int, budget: Budget) -> bytes:
        """Return JSON text scrubbed: one value, a list, or what else framing finds in it, each on a line."""
        try:
            value = parse(content)
        except ParseError:
            value = None
        if isinstance(value, dict):
            return rewrite(content, self._place(value, "", depth, budget), self._made)
        if isinstance(value, list):
            items = [self._place(item, "", depth, budget) for item in value]
            return rewrite(content, _Elements(self._places.unknown, items), self._made)
        framer = Framer(max(len(content), 1))
        pieces = []
        for found in chain(framer.feed(content), framer.finish()):
            if isinstance(found, Record):
                pieces.append(self._piece(found, "", depth, budget))
            elif isinstance(found, Malformed):
                pieces.append(self._opaque(found.raw))
        return b"\n".join(pieces)

    def _piece(self, record: Record, listed: str, depth: int, budget: Budget) -> bytes:
        raw = record.raw
        if isinstance(record.value, str) and record.json is not raw:
            return self._string(record.value, depth=depth, budget=budget).encode()
        return rewrite(raw, self._place(record.value, listed, depth, budget), self._made)

    def _opaque(self, content: bytes) -> bytes:
        return self._made.opaque(content.decode(errors="replace")).encode()


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
