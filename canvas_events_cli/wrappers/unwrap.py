"""The one way into wrappers, whatever is inside what, and what takes the events out.

:func:`look_into` goes one step, from a spot in a record to those inside it. Who goes on decides what becomes of what
is found: :func:`unwrap` takes the events out, the scrubber replaces them where they are.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from itertools import chain
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from canvas_events_cli import caliper, pointers
from canvas_events_cli.defaults import DEFAULT_MAX_RECORD_BYTES
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.json_text import compact, elements, text_at, without_members
from canvas_events_cli.model import AROUND_JSON, Details, Json, Malformed, Record, Unwrapped, WrapperFault, Wrapping
from canvas_events_cli.parse import ParseError, parse, read_object
from canvas_events_cli.pointers import KeyPath
from canvas_events_cli.timestamps import Instant, format_utc
from canvas_events_cli.wrappers.encodings import (
    REGISTERED,
    TIMES,
    Budget,
    Encoding,
    Token,
    Undecodable,
    decode_base64,
    is_number,
    layer_of,
    read_token,
)
from canvas_events_cli.wrappers.recognition import DEEPEST, Object, Recognised, details_of, holds_event, recognise
from canvas_events_cli.wrappers.shapes import CALIPER, LIST, Shape, as_event, resembles_event

if TYPE_CHECKING:
    from canvas_events_cli.wrappers.keys import KeySet

NOT_VERIFIED = ("signature", "not verified")
"""The detail of an event whose token was read without keys."""
VERIFIED = ("signature", "verified")
_NO_WRAPPER = Recognised(LIST, ())
_NEITHER = ", neither an event nor a wrapper"
_TOO_DEEP = f"wrappers are nested deeper than {DEEPEST}"
_JSON_TYPES = {
    type(None): "null", bool: "a boolean", int: "a number", float: "a number", str: "a string",
    list: "an array", dict: "an object",
}  # fmt: skip


class Spot(NamedTuple):
    """A value somewhere in a record, and the way to it.

    A named tuple, because several are made for each event: with a dataclass unwrapping takes a quarter longer.
    """

    value: Json
    text: Callable[[], bytes]
    """Cuts out its JSON text: only for what turns out to need it, an event that is no string."""
    record: Record
    keys: "KeySet | None"
    budget: Budget
    path: KeyPath = ()
    """From the wrapper or the JSON text that holds it, through a list if it is in one."""
    holder: Recognised = _NO_WRAPPER
    """The wrapper whose content it is."""
    fault: str | Malformed | WrapperFault | None = None
    """Why no event can be here, where that is known without a look; worded when it is wanted."""
    pointer: str = ""
    """From the record's root, through strings as if they were what they hold."""
    depth: int = 0
    wrappers: tuple[str, ...] = ()
    details: Callable[[], Details] = tuple
    """Tells what is worth showing of the wrappers, once somebody asks."""
    unverified: bool = False
    """Whether it is in a signed token that nobody has checked."""

    def no_event(self, why: str | Malformed, keyword: Literal["wrapper", "signature"] = "wrapper") -> WrapperFault:
        """Return the fault that no event is here, or that the signed token here is not to be trusted."""
        why = why.message if isinstance(why, Malformed) else why
        name = f"the {self.wrappers[-1]}" if self.wrappers else "the list"
        name = f"{name} at {self.pointer}" if self.pointer else name
        message = f"no event in {name}: {why}" if keyword == "wrapper" else f"{name} is not to be trusted: {why}"
        return WrapperFault(self.record.line, self.record.raw, keyword, message)

    def with_fault(self, why: str | Malformed | WrapperFault, text: bytes = b"") -> "Spot":
        """Return it as what holds no event; *text* is what stands there."""
        return self._replace(text=lambda: text, fault=why)


class Inside(NamedTuple):
    """What is in a string, or in a wrapper."""

    spots: Iterable[Spot]
    """Where its values are, in order; also what is none, with its fault."""
    encodings: Sequence[Encoding] = ()
    """Of a string, outermost first."""
    text: bytes = b""
    """What is inside of them all."""
    is_json: bool = False
    """Whether this is JSON with the spots at their paths; else the text of each is one by itself."""
    aside: tuple[str, ...] = ()
    """Members of it that are no part of what is inside."""
    shape: Shape | None = None
    """Of a wrapper."""


def unwrap(
    record: Record, keys: "KeySet | None" = None, most_bytes: int = DEFAULT_MAX_RECORD_BYTES
) -> Iterable[Unwrapped]:
    """Return the events in *record*, in order; where it is no wrapper, the record itself.

    Each message of a wrapper that holds no event is a fault, and so is a signed token that *keys* do not vouch for or
    that was not valid at its event's time, and what would be longer than *most_bytes* when it is decompressed. Without
    keys tokens are read, and their events are marked as unverified. An event in Canvas' older shape is
    a record whose value has ``body`` where ``raw`` has ``data``.
    """
    event = as_event(record.value)
    if event is not None:
        return (record if event is record.value else record._replace(value=event),)
    spot = root(record, keys, most_bytes)
    found = look_into(spot)
    return _events_inside(spot, found) if isinstance(found, Inside) else (record,)


def events_at(spot: Spot) -> Iterator[Unwrapped]:
    """Yield the events at *spot*, and its faults."""
    found = look_into(spot)
    if isinstance(found, Inside):
        yield from _events_inside(spot, found)
    elif isinstance(found, WrapperFault):
        yield found
    else:
        record = spot.record
        wrapping = Wrapping(kind_of(record, spot.wrappers), record.raw, spot.details, unverified=spot.unverified)
        yield Record(record.line, compact(spot.text()), found, False, wrapping)


def kind_of(record: Record, wrappers: Sequence[str]) -> str:
    """Return what an event of *record* was in, which had these names."""
    return " > ".join(wrappers) or ("quoted text" if isinstance(record.value, str) else "list of records")


def _events_inside(spot: Spot, inside: Inside) -> Iterator[Unwrapped]:
    """Yield the events *inside* of *spot*, the first of them with the Caliper envelope that they were sent in."""
    head = {**cast(Object, spot.value), "data": []} if inside.shape is CALIPER else None
    for event in chain.from_iterable(map(events_at, inside.spots)):
        if head is not None and isinstance(event, Record) and event.wrapping and caliper.is_event(event.value):
            yield event._replace(wrapping=event.wrapping._replace(envelope=head))
            head = None
        else:
            yield event


def root(record: Record, keys: "KeySet | None", most_bytes: int) -> Spot:
    """Return all of *record*, with a fault where it is a string that is neither a token nor JSON of an event."""
    value, budget = record.value, Budget(len(record.raw), most_bytes)
    spot = Spot(value, lambda: record.raw, record, keys, budget)
    is_text = isinstance(value, str) and read_token(value.encode()) is None and not holds_event(value, budget)
    return spot.with_fault("it is a text") if is_text else spot


def look_into(spot: Spot) -> Object | WrapperFault | Inside:
    """Return the event that is at *spot*, why there can be none, or what is inside.

    That is cut out of it, and looked at, when somebody goes on to it.
    """
    value = spot.value
    if spot.fault is not None:
        return spot.fault if isinstance(spot.fault, WrapperFault) else spot.no_event(spot.fault)
    event = as_event(value)
    if event is not None:
        return cast(Object, event)
    if spot.depth > DEEPEST:
        return spot.no_event(_TOO_DEEP)
    if isinstance(value, str):
        content = decode_base64(value.encode()) if spot.holder.is_in_base64(value) else value.encode()
        return spot.no_event("it is not base64") if content is None else _in_content(content, spot)
    # No place of content has the name of a list: an element of one is what is so far inside.
    listed = spot.path[0] if len(spot.path) > 1 else ""
    if isinstance(value, dict) and (recognised := recognise(value, listed, spot.budget)):
        return Inside(_in_wrapper(value, recognised, spot), shape=recognised.shape)
    if isinstance(value, dict) and resembles_event(value):
        return value
    return spot.no_event(_is_a(value) + _NEITHER)


def _is_a(value: Json) -> str:
    return f"it is {_JSON_TYPES[type(value)]}"


def _in_wrapper(value: Object, recognised: Recognised, spot: Spot) -> Iterator[Spot]:
    """Yield what stands at the places of the wrapper's content, of a list its elements."""
    for path in recognised.paths:
        here = _member(value, recognised, path, spot)
        if isinstance(here.value, list):
            yield from _in_list(here.value, here)
        else:
            yield here if isinstance(here.value, dict | str) else here.with_fault(_is_a(here.value))


def _member(value: Object, recognised: Recognised, path: KeyPath, spot: Spot) -> Spot:
    name = recognised.shape.name
    return spot._replace(
        value=pointers.resolve(value, path),
        text=lambda: text_at(spot.text(), path),
        path=path,
        holder=recognised,
        pointer=pointers.join(spot.pointer, *path),
        depth=spot.depth + 1,
        wrappers=(*spot.wrappers, name) if name else spot.wrappers,
        details=lambda: spot.details() + details_of(recognised, path, value),
    )


def _in_list(items: list[Json], spot: Spot) -> Iterator[Spot]:
    if not items:
        yield spot.with_fault("it is empty")
    texts = cache(lambda: [*elements(spot.text())])
    for index, item in enumerate(items):
        yield spot._replace(
            value=item,
            text=partial(lambda at: texts()[at], index),
            path=(*spot.path, str(index)),
            holder=_NO_WRAPPER,
            # Into a text that is a list no pointer leads.
            pointer=pointers.join(spot.pointer, index) if spot.path else spot.pointer,
        )


def _in_content(content: bytes, spot: Spot) -> Inside:
    """Return what is in *content*, in whatever encoding it is."""
    spot = spot._replace(path=(), holder=_NO_WRAPPER)
    encodings: list[Encoding] = []
    why = _TOO_DEEP
    try:
        while spot.depth <= DEEPEST:
            layer = layer_of(content, spot.budget)
            if layer is None:
                return _in_text(content, spot, encodings)
            encoding, inside = layer
            encodings.append(encoding)
            spot = spot._replace(depth=spot.depth + 1, wrappers=(*spot.wrappers, encoding.name))
            if isinstance(inside, Token):
                return _in_token(inside, spot, encodings)
            content = inside
    except Undecodable as error:
        why = str(error)
    return Inside([spot.with_fault(why, content)], encodings, content)


def _in_text(content: bytes, spot: Spot, encodings: Sequence[Encoding]) -> Inside:
    """Return what is in JSON text: one value, or what framing finds (several in a row, broken ones)."""
    text = content.lstrip(AROUND_JSON)
    try:
        value = parse(text)
    except ParseError:
        value = None
    spot = spot._replace(value=value, text=lambda: text)
    if isinstance(value, dict | list):
        spots = _in_list(value, spot) if isinstance(value, list) else [spot]
        return Inside(spots, encodings, content, is_json=True)
    return Inside(_framed(text, spot), encodings, text)


def _framed(text: bytes, spot: Spot) -> Iterator[Spot]:
    framer = Framer(max(len(text), 1))
    found = None
    for found in chain(framer.feed(text), framer.finish()):
        if isinstance(found, Record) and isinstance(found.value, str) and found.value.encode() == text.strip():
            # Framing takes for a token what has its form, and is none.
            yield spot.with_fault(_is_a("") + _NEITHER, text)
        elif isinstance(found, Record):
            yield spot._replace(value=found.value, text=partial(bytes, found.raw))
        elif isinstance(found, Malformed):
            yield spot.with_fault(found, found.raw)
    if found is None:
        yield spot.with_fault("it is empty", text)


def _in_token(token: Token, spot: Spot, encodings: Sequence[Encoding]) -> Inside:
    """Return what is in a signed token: its claims but for the registered ones, which speak of the token."""
    trust = VERIFIED if spot.keys else NOT_VERIFIED
    claims = read_object(token.claims)
    if spot.keys is not None:
        from canvas_events_cli.wrappers.keys import distrust

        if (problem := distrust(token, claims, spot.keys)) is not None:
            return Inside([spot.with_fault(spot.no_event(problem, "signature"))])
    if token.claims is None or claims is None:
        return Inside([spot.with_fault("its claims are not a JSON object", token.text)], encodings, token.text)
    event = spot._replace(
        value={name: value for name, value in claims.items() if name not in REGISTERED},
        text=partial(without_members, token.claims, REGISTERED),
        details=lambda: (*spot.details(), trust, *_claims_details(claims)),
        unverified=not spot.keys,
    )
    return Inside([event], encodings, token.claims, is_json=True, aside=REGISTERED)


def _claims_details(claims: Object) -> Details:
    """Return the registered claims worth showing: those that are text, and times as RFC 3339."""
    texts = {name: claims.get(name) for name in REGISTERED if name not in TIMES}
    for name in TIMES:
        value = claims.get(name)
        texts[name] = format_utc(Instant(int(value), "")) if is_number(value) and abs(value) < 10**12 else None
    return tuple((name, text) for name, text in texts.items() if isinstance(text, str))
