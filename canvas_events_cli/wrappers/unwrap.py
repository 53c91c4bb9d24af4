"""The one way into wrappers, whatever is inside what, and what takes the events out.

:func:`look` goes one step: from a part of a record to the parts in it. Who goes on decides what becomes of them:
:func:`unwrap` takes events out of them, the scrubber replaces them where they are.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import chain
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from canvas_events_cli import caliper, pointers
from canvas_events_cli.exact_json import parse_exact
from canvas_events_cli.framing.framer import DEFAULT_MAX_RECORD_BYTES, Framer
from canvas_events_cli.json_text import compact, elements, text_at, without_members
from canvas_events_cli.model import AROUND_JSON, Json, Malformed, Record, Unwrapped, WrapperFault, Wrapping
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
from canvas_events_cli.wrappers.shapes import CALIPER, LIST, Shape, as_event, resembles_event

if TYPE_CHECKING:
    from canvas_events_cli.wrappers.keys import KeySet

NOT_VERIFIED = ("signature", "not verified")
"""The detail of an event whose token was read without keys."""
VERIFIED = ("signature", "verified")
_LIST, _TEXT = "list of records", "quoted text"
"""What an event was in that was in no wrapper with a name."""
_NO_WRAPPER = Recognised(LIST, ())
_NEITHER = ", neither an event nor a wrapper"
_TOO_DEEP = f"wrappers are nested deeper than {DEEPEST}"
_JSON_TYPES = {
    type(None): "null", bool: "a boolean", int: "a number", float: "a number", str: "a string",
    list: "an array", dict: "an object",
}  # fmt: skip


class Part(NamedTuple):
    """A value in a record, and where the walk has come to with it.

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
    fault: WrapperFault | None = None
    """Why no event can be here, where that is known without a look."""
    pointer: str = ""
    """From the record's root, through strings as if they were what they hold."""
    depth: int = 0
    wrappers: tuple[str, ...] = ()
    details: Callable[[], Details] = tuple
    """Tells what is worth showing of the wrappers, once somebody asks."""

    def no_event(self, why: str, keyword: Literal["wrapper", "signature"] = "wrapper") -> WrapperFault:
        """Return the fault that no event is here, or that the signed token here is not to be trusted."""
        name = f"the {self.wrappers[-1]}" if self.wrappers else "the list"
        name = f"{name} at {self.pointer}" if self.pointer else name
        message = f"no event in {name}: {why}" if keyword == "wrapper" else f"{name} is not to be trusted: {why}"
        return WrapperFault(self.record.line, self.record.raw, keyword, message)

    def with_fault(self, why: str, text: bytes = b"") -> "Part":
        """Return it as what holds no event; *text* is what stands there."""
        return self._replace(text=lambda: text, fault=self.no_event(why))


class Inside(NamedTuple):
    """What is in a string, or in a wrapper."""

    parts: Iterable[Part]
    """The values that it holds, in order; also what is none, with its fault."""
    encodings: Sequence[Encoding] = ()
    """Of a string, outermost first."""
    text: bytes = b""
    """What is inside of them all."""
    is_json: bool = False
    """Whether this is JSON with the parts at their paths; else each part is a text by itself."""
    aside: tuple[str, ...] = ()
    """Members of it that are in no part."""
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
    part = whole(record, keys, most_bytes)
    found = look(part)
    return _events_inside(part, found) if isinstance(found, Inside) else (record,)


def exact_event(record: Record) -> Json:
    """Return the value of *record*, each number in it as written (``exact_json.NumberText``).

    Where it is nested too deeply for that, the value as it is.
    """
    exact = parse_exact(record.json)
    if exact is None:
        return record.value
    # Numbers as text satisfy whatever the older shape is known by.
    return as_event(exact) or exact


def _events_in(part: Part) -> Iterator[Unwrapped]:
    found = look(part)
    if isinstance(found, Inside):
        yield from _events_inside(part, found)
    elif isinstance(found, WrapperFault):
        yield found
    else:
        record = part.record
        kind = " > ".join(part.wrappers) or (_TEXT if isinstance(record.value, str) else _LIST)
        details = part.details()
        wrapping = Wrapping(kind, record.raw, details, unverified=NOT_VERIFIED in details)
        yield Record(record.line, compact(part.text()), found, False, wrapping)


def _events_inside(part: Part, inside: Inside) -> Iterator[Unwrapped]:
    """Yield the events *inside* of *part*, the first of them with the Caliper envelope that they were sent in."""
    head = {**cast(Object, part.value), "data": []} if inside.shape is CALIPER else None
    for event in chain.from_iterable(map(_events_in, inside.parts)):
        if head is not None and isinstance(event, Record) and event.wrapping and caliper.is_event(event.value):
            yield event._replace(wrapping=replace(event.wrapping, envelope=head))
            head = None
        else:
            yield event


def whole(record: Record, keys: "KeySet | None", most_bytes: int) -> Part:
    """Return *record* as a part, with a fault where it is a string that is not read as what it holds."""
    budget = Budget(len(record.raw), most_bytes)
    part = Part(record.value, lambda: record.raw, record, keys, budget)
    is_text = isinstance(record.value, str) and not is_content(record.value, budget)
    return part.with_fault("it is a text") if is_text else part


def look(part: Part) -> Object | WrapperFault | Inside:
    """Return the event that *part* is, why it holds none, or what it holds.

    That is cut out of it, and looked at, when somebody goes on to it.
    """
    value = part.value
    if part.fault is not None:
        return part.fault
    event = as_event(value)
    if event is not None:
        return cast(Object, event)
    if part.depth > DEEPEST:
        return part.no_event(_TOO_DEEP)
    if isinstance(value, str):
        content = decode_base64(value.encode()) if part.holder.is_in_base64(value) else value.encode()
        return part.no_event("it is not base64") if content is None else _in_content(content, part)
    # No place of content has the name of a list: an element of one is what is so far inside.
    listed = part.path[0] if len(part.path) > 1 else ""
    if isinstance(value, dict) and (recognised := recognise(value, listed, part.budget)):
        return Inside(_in_wrapper(value, recognised, part), shape=recognised.shape)
    if isinstance(value, dict) and resembles_event(value):
        return value
    return part.no_event(_is_a(value) + _NEITHER)


def _is_a(value: Json) -> str:
    return f"it is {_JSON_TYPES[type(value)]}"


def _in_wrapper(value: Object, recognised: Recognised, part: Part) -> Iterator[Part]:
    """Yield what stands at the places of the wrapper's content, of a list its elements."""
    for path in recognised.paths:
        here = _member(value, recognised, path, part)
        if isinstance(here.value, list):
            yield from _in_list(here.value, here)
        else:
            yield here if isinstance(here.value, dict | str) else here.with_fault(_is_a(here.value))


def _member(value: Object, recognised: Recognised, path: KeyPath, part: Part) -> Part:
    name = recognised.shape.name
    return part._replace(
        value=pointers.resolve(value, path),
        text=lambda: text_at(part.text(), path),
        path=path,
        holder=recognised,
        pointer=pointers.join(part.pointer, *path),
        depth=part.depth + 1,
        wrappers=(*part.wrappers, name) if name else part.wrappers,
        details=cache(lambda: part.details() + details_of(recognised, path, value)),
    )


def _in_list(items: list[Json], part: Part) -> Iterator[Part]:
    if not items:
        yield part.with_fault("it is empty")
    texts = cache(lambda: [*elements(part.text())])
    for index, item in enumerate(items):
        yield part._replace(
            value=item,
            text=partial(lambda at: texts()[at], index),
            path=(*part.path, str(index)),
            holder=_NO_WRAPPER,
            # Into a text that is a list no pointer leads.
            pointer=pointers.join(part.pointer, index) if part.path else part.pointer,
        )


def _in_content(content: bytes, part: Part) -> Inside:
    """Return what is in *content*, in whatever encoding it is."""
    part = part._replace(path=(), holder=_NO_WRAPPER)
    encodings: list[Encoding] = []
    why = _TOO_DEEP
    try:
        while part.depth <= DEEPEST:
            layer = layer_of(content, part.budget)
            if layer is None:
                return _in_text(content, part, encodings)
            encoding, inside = layer
            encodings.append(encoding)
            part = part._replace(depth=part.depth + 1, wrappers=(*part.wrappers, encoding.name))
            if isinstance(inside, Token):
                return _in_token(inside, part, encodings)
            content = inside
    except Undecodable as error:
        why = str(error)
    return Inside([part.with_fault(why, content)], encodings, content)


def _in_text(content: bytes, part: Part, encodings: Sequence[Encoding]) -> Inside:
    """Return what is in JSON text: one value, or what framing finds (several in a row, broken ones)."""
    text = content.lstrip(AROUND_JSON)
    try:
        value = parse(text)
    except ParseError:
        value = None
    part = part._replace(value=value, text=lambda: text)
    if isinstance(value, dict | list):
        parts = _in_list(value, part) if isinstance(value, list) else [part]
        return Inside(parts, encodings, content, is_json=True)
    return Inside(_framed(text, part), encodings, text)


def _framed(text: bytes, part: Part) -> Iterator[Part]:
    framer = Framer(max(len(text), 1))
    found = None
    for found in chain(framer.feed(text), framer.finish()):
        if isinstance(found, Record) and isinstance(found.value, str) and found.value.encode() == text.strip():
            # Framing takes for a token what has its form, and is none.
            yield part.with_fault(_is_a("") + _NEITHER, text)
        elif isinstance(found, Record):
            yield part._replace(value=found.value, text=partial(bytes, found.raw))
        elif isinstance(found, Malformed):
            yield part.with_fault(found.message, found.raw)
    if found is None:
        yield part.with_fault("it is empty", text)


def _in_token(token: Token, part: Part, encodings: Sequence[Encoding]) -> Inside:
    """Return what is in a signed token: its claims but for the registered ones, which speak of the token."""
    trust = VERIFIED if part.keys else NOT_VERIFIED
    claims = read_object(token.claims)
    if part.keys is not None:
        from canvas_events_cli.wrappers.keys import distrust

        if (problem := distrust(token, claims, part.keys)) is not None:
            return Inside([part._replace(fault=part.no_event(problem, "signature"))])
    if token.claims is None or claims is None:
        return Inside([part.with_fault("its claims are not a JSON object", token.text)], encodings, token.text)
    event = part._replace(
        value={name: value for name, value in claims.items() if name not in REGISTERED},
        text=partial(without_members, token.claims, REGISTERED),
        details=cache(lambda: (*part.details(), trust, *_claims_details(claims))),
    )
    return Inside([event], encodings, token.claims, is_json=True, aside=REGISTERED)


def _claims_details(claims: Object) -> Details:
    """Return the registered claims worth showing: those that are text, and times as RFC 3339."""
    times = ((name, _time(claims[name])) for name in TIMES if name in claims)
    texts = ((name, claims[name]) for name in REGISTERED if name in claims and name not in TIMES)
    return tuple((name, text) for name, text in (*texts, *times) if isinstance(text, str))


def _time(value: Json) -> str | None:
    return format_utc(Instant(int(value), "")) if is_number(value) and abs(value) < 10**12 else None
