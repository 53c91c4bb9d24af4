"""Takes events out of what they arrived in, whatever is inside what."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import chain
from typing import TYPE_CHECKING, cast

from canvas_events_cli import caliper, pointers
from canvas_events_cli.exact_json import parse_exact
from canvas_events_cli.framing.framer import DEFAULT_MAX_RECORD_BYTES, Framer
from canvas_events_cli.json_text import compact, elements, text_at, without_members
from canvas_events_cli.model import AROUND_JSON, Json, Malformed, Record, Unwrapped, WrapperFault, Wrapping
from canvas_events_cli.parse import read_object
from canvas_events_cli.pointers import KeyPath
from canvas_events_cli.timestamps import Instant, format_utc
from canvas_events_cli.wrappers.encodings import (
    REGISTERED,
    TIMES,
    Budget,
    Token,
    Undecodable,
    decode_base64,
    is_number,
    layer_of,
)
from canvas_events_cli.wrappers.recognition import (
    DEEPEST,
    Details,
    Object,
    Recognised,
    details_of,
    is_content,
    recognise,
)
from canvas_events_cli.wrappers.shapes import CALIPER, as_event, is_event, resembles_event

if TYPE_CHECKING:
    from canvas_events_cli.wrappers.keys import KeySet

NOT_VERIFIED = ("signature", "not verified")
"""The detail of an event whose token was read without keys."""
VERIFIED = ("signature", "verified")
_LIST, _TEXT = "list of records", "quoted text"
"""What an event was in that was in no wrapper with a name."""
_JSON_TYPES = {
    type(None): "null", bool: "a boolean", int: "a number", float: "a number", str: "a string",
    list: "an array", dict: "an object",
}  # fmt: skip


def unwrap(
    record: Record, keys: "KeySet | None" = None, most_bytes: int = DEFAULT_MAX_RECORD_BYTES
) -> Iterable[Unwrapped]:
    """Return the events in *record*, in order; where it is no wrapper, the record itself.

    Each message of a wrapper that holds no event is a fault, and so is a signed token that *keys* do not vouch for or
    that was not valid at its event's time, and what would be longer than *most_bytes* when it is decompressed. Without
    keys tokens are read, and their events are marked as unverified. An event in Canvas' older shape is
    a record whose value has ``body`` where ``raw`` has ``data``.
    """
    value = record.value
    if is_event(value):
        return (record,)
    event = as_event(value)
    if event is not None:
        return (record._replace(value=event),)
    budget = Budget(len(record.raw), most_bytes)
    if isinstance(value, str):
        if is_content(value, budget):
            return _in_content(value.encode(), _Place(record, keys, budget, lambda: record.raw))
    elif (recognised := recognise(value, "", budget)) is not None:
        return _in_wrapper(cast(Object, value), recognised, _Place(record, keys, budget, lambda: record.raw))
    return (record,)


def exact_event(record: Record) -> Json:
    """Return the value of *record*, each number in it as written (``exact_json.NumberText``).

    Where it is nested too deeply for that, the value as it is.
    """
    exact = parse_exact(record.json)
    if exact is None:
        return record.value
    # Numbers as text satisfy whatever the older shape is known by.
    return as_event(exact) or exact


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a record the search has come to."""

    record: Record
    keys: "KeySet | None"
    budget: Budget
    text: Callable[[], bytes]
    """Cuts out the JSON text of the value here: only for what turns out to be an event that is no string."""
    pointer: str = ""
    """From the record's root, through strings as if they were what they hold."""
    depth: int = 0
    wrappers: tuple[str, ...] = ()
    details: Details = ()

    def fault(self, why: str) -> WrapperFault:
        """Return the fault that no event is here."""
        return WrapperFault(self.record.line, self.record.raw, "wrapper", f"no event in {self.name}: {why}")

    def distrust(self, why: str) -> WrapperFault:
        """Return the fault that the signed token here is not to be trusted."""
        return WrapperFault(self.record.line, self.record.raw, "signature", f"{self.name} is not to be trusted: {why}")

    @property
    def name(self) -> str:
        """The innermost wrapper, and where in the record its content is."""
        wrapper = f"the {self.wrappers[-1]}" if self.wrappers else "the list"
        return f"{wrapper} at {self.pointer}" if self.pointer else wrapper

    def inside(self, name: str, details: Details, path: KeyPath = ()) -> "_Place":
        """Return the place one wrapper further."""
        return replace(
            self,
            pointer=pointers.join(self.pointer, *path),
            depth=self.depth + 1,
            wrappers=(*self.wrappers, name) if name else self.wrappers,
            details=self.details + details,
        )


def _events_in(value: Json, place: _Place, listed: str = "") -> Iterator[Unwrapped]:
    """Yield the events in *value*, which is at *place*, an element of a list named *listed*."""
    event = as_event(value)
    if event is not None:
        yield _event(event, place)
    elif place.depth > DEEPEST:
        yield place.fault(f"wrappers are nested deeper than {DEEPEST}")
    elif isinstance(value, dict) and (recognised := recognise(value, listed, place.budget)):
        yield from _in_wrapper(value, recognised, place)
    elif isinstance(value, str):
        yield from _in_content(value.encode(), place)
    elif resembles_event(value):
        yield _event(value, place)
    else:
        yield place.fault(f"it is {_JSON_TYPES[type(value)]}, neither an event nor a wrapper")


def _event(value: Json, place: _Place) -> Record:
    kind = " > ".join(place.wrappers) or (_TEXT if isinstance(place.record.value, str) else _LIST)
    wrapping = Wrapping(kind, place.record.raw, place.details, unverified=NOT_VERIFIED in place.details)
    return Record(place.record.line, compact(place.text()), value, False, wrapping)


def _in_wrapper(value: Object, recognised: Recognised, place: _Place) -> Iterator[Unwrapped]:
    for path in recognised.paths:
        here = place.inside(recognised.shape.name, details_of(recognised, path, value), path)
        events = _in_member(pointers.resolve(value, path), recognised, here, path)
        yield from _sent_in(value, events) if recognised.shape is CALIPER else events


def _in_member(inner: Json, recognised: Recognised, place: _Place, path: KeyPath) -> Iterator[Unwrapped]:
    """Yield the events in *inner*, which stands in a wrapper at *path*."""
    if isinstance(inner, str):
        content = decode_base64(inner.encode()) if recognised.is_in_base64(inner) else inner.encode()
        if content is None:
            yield place.fault("it is not base64")
        else:
            yield from _in_content(content, place)
        return
    here = replace(place, text=lambda: text_at(place.text(), path))
    if isinstance(inner, list):
        yield from _in_list(inner, here, path[0])
    elif isinstance(inner, dict):
        yield from _events_in(inner, here)
    else:
        yield place.fault(f"it is {_JSON_TYPES[type(inner)]}")


def _in_list(items: list[Json], place: _Place, name: str) -> Iterator[Unwrapped]:
    if not items:
        yield place.fault("it is empty")
    texts = cache(lambda: [*elements(place.text())])
    for index, item in enumerate(items):
        here = replace(place, pointer=pointers.join(place.pointer, index), text=partial(lambda at: texts()[at], index))
        yield from _events_in(item, here, name)


def _sent_in(envelope: Object, events: Iterator[Unwrapped]) -> Iterator[Unwrapped]:
    """Yield *events*, the first of them with the Caliper envelope that they were sent in."""
    head: Object | None = {**envelope, "data": []}
    for event in events:
        if head is not None and isinstance(event, Record) and event.wrapping and caliper.is_event(event.value):
            yield event._replace(wrapping=replace(event.wrapping, envelope=head))
            head = None
        else:
            yield event


def _in_content(content: bytes, place: _Place) -> Iterator[Unwrapped]:
    """Yield the events in *content*, in whatever encoding it is."""
    if place.depth > DEEPEST:
        yield place.fault(f"wrappers are nested deeper than {DEEPEST}")
        return
    try:
        layer = layer_of(content, place.budget)
    except Undecodable as error:
        yield place.fault(str(error))
        return
    if layer is None:
        yield from _in_text(content, place)
    elif isinstance(layer.inside, Token):
        yield from _in_token(layer.inside, place)
    else:
        yield from _in_content(layer.inside, place.inside(layer.encoding.name, ()))


def _in_text(content: bytes, place: _Place) -> Iterator[Unwrapped]:
    """Yield the events in JSON text: one value, or what framing finds (several in a row, an array, broken ones)."""
    content = content.lstrip(AROUND_JSON)
    value = read_object(content)
    if value is not None:
        yield from _events_in(value, replace(place, text=lambda: content))
        return
    framer = Framer(max(len(content), 1))
    nothing = True
    for found in chain(framer.feed(content), framer.finish()):
        nothing = False
        if isinstance(found, Record) and isinstance(found.value, str) and found.value.encode() == content.strip():
            # Framing takes for a token what has its form, and is none.
            yield place.fault(f"it is {_JSON_TYPES[str]}, neither an event nor a wrapper")
        elif isinstance(found, Record):
            yield from _events_in(found.value, replace(place, text=partial(bytes, found.raw)))
        elif isinstance(found, Malformed):
            yield place.fault(found.message)
    if nothing:
        yield place.fault("it is empty")


def _in_token(token: Token, place: _Place) -> Iterator[Unwrapped]:
    here = place.inside("signed token", (VERIFIED if place.keys else NOT_VERIFIED,))
    claims = read_object(token.claims)
    problem = None
    if place.keys is not None:
        from canvas_events_cli.wrappers.keys import distrust

        problem = distrust(token, claims, place.keys)
    if problem is not None:
        yield here.distrust(problem)
    elif token.claims is None or claims is None:
        yield here.fault("its claims are not a JSON object")
    else:
        event: Json = {name: value for name, value in claims.items() if name not in REGISTERED}
        text = partial(without_members, token.claims, REGISTERED)
        yield from _events_in(event, replace(here, text=text, details=here.details + _claims_details(claims)))


def _claims_details(claims: dict[str, Json]) -> tuple[tuple[str, str], ...]:
    """Return the registered claims worth showing: those that are text, and times as RFC 3339."""
    times = ((name, _time(claims[name])) for name in TIMES if name in claims)
    texts = ((name, claims[name]) for name in REGISTERED if name in claims and name not in TIMES)
    return tuple((name, text) for name, text in (*texts, *times) if isinstance(text, str))


def _time(value: Json) -> str | None:
    return format_utc(Instant(int(value), "")) if is_number(value) and abs(value) < 10**12 else None
