"""Which wrapper an object is, by the table of shapes, and whether a text may hold an event."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from canvas_events_cli import caliper
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import AROUND_JSON, Details, Json, Record
from canvas_events_cli.parse import ParseError, parse
from canvas_events_cli.pointers import ABSENT, KeyPath, resolve
from canvas_events_cli.same_event import ENVELOPES
from canvas_events_cli.timestamps import MILLISECONDS_FROM, Instant, format_utc
from canvas_events_cli.wrappers.encodings import BASE64_BEGINNINGS, Budget, Token, Undecodable, layer_of, read_token
from canvas_events_cli.wrappers.shapes import (
    CALIPER,
    DETAILS,
    LIST,
    ROW,
    SHAPES,
    TIME_LABELS,
    Shape,
    as_event,
    holds_caliper_events,
    is_event,
)

Object = dict[str, Json]

DEEPEST = 32
"""Steps from a wrapper to its content, or into an encoding; what lies deeper is not looked at."""
_SHORTEST = len('{"metadata":{}}')
# What a text that holds an event begins with: JSON, also quoted, or base64.
_MAY_HOLD = re.compile(rf"[\ufeff \t\r\n]*+(?:[{{\[\"]|{'|'.join(map(bytes.decode, BASE64_BEGINNINGS))})")
_SEVERAL = re.compile(rb"[}\]\"]\s*[{\[\"]")
TELLING = frozenset(
    [path[0] for shape in SHAPES for path in shape.content] + [*ENVELOPES, *caliper.TELLING, *caliper.ENVELOPE]
)
"""Each event and each wrapper of the table has a member of such a name."""
LISTED = frozenset(name for shape in SHAPES for name in shape.listed)
"""Lists whose elements need no other mark than their content."""


class Recognised(NamedTuple):
    """A wrapper's shape, and where in it content is."""

    shape: Shape
    paths: tuple[KeyPath, ...]
    base64: bool = False

    def is_in_base64(self, text: str) -> bool:
        """Tell whether the content *text* is in base64, as it should be, and not what somebody has decoded already."""
        return self.base64 and text.lstrip()[:1] not in ("{", "[") and read_token(text.encode()) is None


def recognise(value: Json, listed: str, budget: Budget, depth: int = 0) -> Recognised | None:
    """Return what is known of the wrapper *value*, an element of a list named *listed*; None where it is none.

    Looks into what *value* holds only where nothing but an event in it makes it a wrapper: a list, or a row. An object
    in a row counts where the row is looked at for itself, not for what holds it, at a *depth*.
    """
    if type(value) is not dict:
        return None
    if not TELLING.isdisjoint(value):
        if holds_caliper_events(value):
            return Recognised(CALIPER, (("data",),))
        if found := shape_of(value, listed):
            paths = found.paths
            if len(paths) > 1 and not depth:
                paths = tuple(each for each in paths if is_known(resolve(value, each), "", budget, 1)) or paths
            return found._replace(paths=paths[:1])
    lists = tuple(
        path
        for path, items in lists_of(value)
        if any(is_known(item, path[0], budget, depth + 1) for item in items)
        or (not items and len(path) == 1 and path[0] in LISTED)
    )
    if lists:
        return Recognised(LIST, lists)
    columns = tuple(
        (name,)
        for name, column in value.items()
        if (type(column) is str or not depth) and is_known(column, "", budget, depth + 1)
    )
    return Recognised(ROW, columns) if columns else None


def shape_of(value: Object, listed: str) -> Recognised | None:
    """Return the first row of the table that *value* fits, an element of a list named *listed*, and all its places."""
    for shape in SHAPES:
        if paths := _places(shape, value, listed):
            return Recognised(shape, tuple(paths), shape.base64 or value.get(shape.base64_flag) is True)
    return None


def lists_of(value: Object) -> Iterator[tuple[KeyPath, list[Json]]]:
    """Yield where in *value* lists are, and these; also those by topic or by queue."""
    for name, member in value.items():
        if isinstance(member, list):
            yield (name,), member
        elif isinstance(member, dict):
            yield from (((name, key), inner) for key, inner in member.items() if isinstance(inner, list))


def holds_event(text: str, budget: Budget, depth: int = 0) -> bool:
    """Tell whether *text* is JSON, in whatever encoding, of an event or a wrapper, or of several values with one."""
    if not may_hold_event(text):
        return False
    content = text.encode()
    try:
        while (layer := layer_of(content, budget)) and depth < DEEPEST:
            depth += 1
            _, inside = layer
            content = inside.claims or b"" if isinstance(inside, Token) else inside
    except Undecodable:
        return False
    if content[:64].lstrip(AROUND_JSON)[:1] not in (b"{", b"[", b'"'):
        return False
    try:
        value = parse(content)
    except ParseError:
        if not _SEVERAL.search(content):
            return False
        framer = Framer(len(content))
        found = chain(framer.feed(content), framer.finish())
        return any(isinstance(item, Record) and is_known(item.value, "", budget, depth + 1) for item in found)
    return any(is_known(item, "", budget, depth + 1) for item in (value if isinstance(value, list) else [value]))


def may_hold_event(text: Json) -> bool:
    """Tell whether *text* is one that an event can be in: few pass that hold nothing."""
    return type(text) is str and len(text) >= _SHORTEST and _MAY_HOLD.match(text) is not None


def details_of(recognised: Recognised, path: KeyPath, value: Object) -> Details:
    """Return what is worth showing of the wrapper *value*; times since 1970 in RFC 3339, texts as they are."""
    places = DETAILS.get(recognised.shape.name, ())
    found = [(name, resolve(value, place)) for name, place in places if place[0] in value]
    if recognised.shape is ROW:
        found.append(("column", path[0]))
    texts = ((name, _moment(item) if name in TIME_LABELS else item) for name, item in found)
    return tuple((name, text) for name, text in texts if isinstance(text, str))


def _places(shape: Shape, value: Object, listed: str) -> list[KeyPath]:
    """Return where in *value* content is if it has this *shape*."""
    paths = [path for path in shape.content if path[0] in value and resolve(value, path, ABSENT) is not ABSENT]
    if not paths or not (
        not shape.marks
        or listed in shape.listed
        or any(value.get(name) == wanted if wanted else name in value for name, wanted in shape.marks)
    ):
        return []
    if shape.token:
        texts = ((path, resolve(value, path)) for path in paths)
        return [path for path, text in texts if isinstance(text, str) and read_token(text.encode())][:1]
    return paths


def is_known(value: object, listed: str, budget: Budget, depth: int) -> bool:
    """Tell whether *value*, an element of a list named *listed*, is or holds an event or a wrapper.

    Runs for each element of lists that are in no wrapper's shape: one that is nothing known costs half a microsecond.
    """
    if type(value) is str:
        return depth <= DEEPEST and holds_event(value, budget, depth)
    if type(value) is not dict or not value or depth > DEEPEST:
        return False
    # What would be read as an event is no wrapper, whatever it holds.
    if not TELLING.isdisjoint(value) and (event := as_event(value)) is not None:
        return is_event(event) or caliper.is_event(event)
    return recognise(value, listed, budget, depth) is not None


def _moment(value: object) -> object:
    """Return seconds or milliseconds since 1970, a number or its digits, as an RFC 3339 time; else *value*."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 16:
        value = int(value)
    if not isinstance(value, int | float) or abs(value) > MILLISECONDS_FROM * 1000:
        return value
    milliseconds = round(value if abs(value) > MILLISECONDS_FROM else value * 1000)
    return format_utc(Instant(milliseconds // 1000, f"{milliseconds % 1000:03}".rstrip("0")))
