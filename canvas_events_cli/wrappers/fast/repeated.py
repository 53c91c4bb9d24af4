"""The texts of events out of wrappers that repeat: what the table of shapes says of one, it says of all alike.

Which wrapper an object is, and where its content stands, depends on the names and the types of its members, and on
little else. So the plain way is asked once for each such set. What comes out is not looked at: whoever reads it finds
an event in it, or asks the plain way of it.
"""

from collections.abc import Callable, Iterable
from enum import Enum
from functools import cache, partial
from typing import Any, NamedTuple

from canvas_events_cli import caliper
from canvas_events_cli.json_text import texts_decoder, without_members
from canvas_events_cli.model import AROUND_JSON, Json
from canvas_events_cli.parse import loads
from canvas_events_cli.pointers import ABSENT, KeyPath, resolve
from canvas_events_cli.signed_tokens import TOKEN_BEGINNINGS, token_parts
from canvas_events_cli.wrappers.encodings import REGISTERED, Budget, Token, Undecodable, decode_base64, layer_of
from canvas_events_cli.wrappers.recognition import LISTED, Recognised, may_hold_event, recognise
from canvas_events_cli.wrappers.shapes import CALIPER, LIST, ROW, SHAPES, as_event, holds_caliper_events, is_event

_DEEPEST = 8
"""Wrappers in wrappers; what is deeper is for the plain way."""
_MOST_STEPS = 500
"""How many sets of members are remembered: hostile ones are many."""

# Beside names and types, what a row of the table asks for: values, and members of members.
_VALUED = tuple({mark for shape in SHAPES for mark in shape.marks if mark[1]})
_FLAGS = tuple({shape.base64_flag for shape in SHAPES if shape.base64_flag})
_ASKED = frozenset([*(name for name, _ in _VALUED), *_FLAGS])
_FAR = tuple({path for shape in SHAPES for path in shape.content if len(path) > 1})
_HOLDERS = frozenset(path[0] for path in _FAR)
_TOKEN_HOLDERS = frozenset(path[0] for shape in SHAPES if shape.token for path in shape.content)


class Content(NamedTuple):
    """What stands where an event should."""

    text: bytes
    """On one line, in the brackets of an object."""
    wrappers: tuple[str, ...]
    """What it was in, outermost first."""
    kind: "Kind"


class Kind(Enum):
    """What stands somewhere, as far as a glance tells."""

    EVENT = "an event"
    CALIPER = "an event of Caliper's, or an envelope of it with several"
    CLAIMS = "the claims of a signed token"
    UNKNOWN = "something else"


def kind_of_event(value: Json) -> Kind:
    """Return what *value* is, which stands where an event should."""
    if is_event(value):
        return Kind.EVENT
    return Kind.CALIPER if caliper.is_event(value) or holds_caliper_events(value) else Kind.UNKNOWN


class Odd(Exception):
    """A wrapper is for the plain way."""


class Repeated:
    """Finds what stands in wrappers where events should, and remembers how."""

    def __init__(self, most_bytes: int, *, trusts: bool) -> None:
        """*trusts* says that signed tokens are read without a look at who signed them."""
        self._most_bytes = most_bytes
        self._trusts = trusts
        self._steps: dict[tuple[object, ...], Recognised | None] = {}
        self.leads_to: dict[KeyPath, Kind] = {}
        """By the last step, what the text there was when one was looked at: most others are that, too."""

    def contents(self, text: bytes) -> list[Content]:
        """Return what is in *text*: a wrapper, an event or a signed token. Raises Odd."""
        budget = Budget(len(text), self._most_bytes)
        try:
            if not text.startswith(b"{"):
                content = text if text.startswith(TOKEN_BEGINNINGS) else loads(text).encode()
                return [self._in_text(content, (), budget, ())]
            value = loads(text)
            found = None if is_event(value) else self._recognise(value, "", budget)
            if found is None or found.shape is not LIST:
                return [self._at(value, "", lambda: text, budget, ())]
            ((name,),) = found.paths
            if not value[name]:
                raise Odd
            texts = cache(lambda: _raw_elements(name, text))
            if not is_event(value[name][0]) and self._recognise(value[name][0], name, budget) is None:
                raise Odd
            return [
                self._at(item, name, partial(lambda at: texts()[at], at), budget, ())
                for at, item in enumerate(value[name])
            ]
        except (ValueError, RecursionError, Undecodable) as error:  # also of both parsers
            raise Odd from error

    def _at(
        self,
        value: Json,
        listed: str,
        text: Callable[[], bytes],
        budget: Budget,
        wrappers: tuple[str, ...],
    ) -> Content:
        """Return what is in the event or wrapper *value*, an element of a list named *listed*."""
        kind = kind_of_event(value)
        if kind is not Kind.UNKNOWN:
            return Content(_one_line(text()), wrappers, kind)
        found = self._recognise(value, listed, budget)
        if found is None or found.shape is LIST or len(wrappers) > _DEEPEST or not isinstance(value, dict):
            raise Odd
        (path,) = found.paths
        wrappers = (*wrappers, found.shape.name) if found.shape.name else wrappers
        here = resolve(value, path)
        if found.shape is ROW and not _is_alone(here, [value[name] for name in value if name != path[0]]):
            raise Odd
        if type(here) is dict:
            return self._at(here, "", partial(_raw_member, path, text), budget, wrappers)
        if type(here) is not str:
            raise Odd
        content = decode_base64(here.encode()) if found.is_in_base64(here) else here.encode()
        if content is None or (found.shape.token and token_parts(content) is None):
            raise Odd
        return self._in_text(content, path, budget, wrappers)

    def _in_text(self, content: bytes, path: KeyPath, budget: Budget, wrappers: tuple[str, ...]) -> Content:
        """Return what is in *content*, in whatever encoding, to which *path* has led."""
        while (layer := layer_of(content, budget)) and len(wrappers) <= _DEEPEST:
            encoding, inside = layer
            wrappers = (*wrappers, encoding.name)
            if isinstance(inside, Token):
                if not self._trusts or inside.claims is None:
                    raise Odd
                return Content(_one_line(_event_in_claims(inside.claims)), wrappers, Kind.CLAIMS)
            content = inside
        text = _one_line(content.lstrip(AROUND_JSON))
        kind = self.leads_to.get(path, Kind.UNKNOWN)
        if kind is Kind.UNKNOWN:
            value = loads(text)
            self.leads_to[path] = kind_of_event(value)
            return self._at(value, "", lambda: text, budget, wrappers)
        return Content(text, wrappers, kind)

    def _recognise(self, value: Any, listed: str, budget: Budget) -> Recognised | None:
        """Return what :func:`recognise` does of what is no event, where it would say the same of all like it."""
        if type(value) is not dict:
            return None
        kind: tuple[object, ...] = (listed, tuple(value), tuple(map(type, value.values())))
        if not _ASKED.isdisjoint(value):
            kind += tuple(value.get(name) == wanted for name, wanted in _VALUED)
            kind += tuple(value.get(name) is True for name in _FLAGS)
        if not _HOLDERS.isdisjoint(value):
            kind += tuple(resolve(value, path, ABSENT) is not ABSENT for path in _FAR)
        try:
            return self._steps[kind]
        except KeyError:
            if len(self._steps) >= _MOST_STEPS:
                self._steps.clear()
            found = self._steps[kind] = self._recognise_anew(value, listed, budget)
            return found

    def _recognise_anew(self, value: dict[str, Json], listed: str, budget: Budget) -> Recognised | None:
        found = None if as_event(value) is not None else recognise(value, listed, budget)
        if found is None or found.shape is CALIPER:
            return None
        if found.shape in SHAPES:
            # Among several places one is chosen by what is there.
            several = [path for path in found.shape.content if path[0] in value]
            return found if len(several) == 1 else None
        holders = [name for name, member in value.items() if isinstance(member, list | dict)]
        if not _TOKEN_HOLDERS.isdisjoint(value):  # where there are tokens, these count
            return None
        if found.shape is ROW:
            return found if len(found.paths) == 1 and holders in ([], [found.paths[0][0]]) else None
        # Other lists, and dictionaries of them, hold events or not by what is in them.
        is_sure = found.paths == ((holders[0],),) and len(holders) == 1 and holders[0] in LISTED
        return found if is_sure and value[holders[0]] else None


def _is_alone(column: Json, others: Iterable[Json]) -> bool:
    """Tell whether in a row no event can be but in this *column*, and in that no list of some: *others* hold none."""
    is_list = isinstance(column, dict) and any(isinstance(member, list) for member in column.values())
    return not is_list and not any(map(may_hold_event, others))


def _one_line(text: bytes) -> bytes:
    """Return the object *text* on one line. Raises Odd for what has not the brackets of one."""
    if not (text.startswith(b"{") and text.rstrip().endswith(b"}")):
        raise Odd
    if b"\n" in text:
        loads(text)  # in a string there is none, so this is white space
        return text.replace(b"\n", b" ")
    return text


def _event_in_claims(claims: bytes) -> bytes:
    """Return the JSON text of what the *claims* are, less those that speak of the token. Raises Odd."""
    if texts_decoder(dict)(claims).keys().isdisjoint(REGISTERED):
        return claims
    if not is_event(loads(claims)):
        raise Odd
    return without_members(claims, REGISTERED)


def _raw_member(path: KeyPath, text: Callable[[], bytes]) -> bytes:
    found = _decoder(path, is_list=False)(text())
    for _ in path:
        found = found.member
    return bytes(found)


def _raw_elements(name: str, text: bytes) -> list[bytes]:
    return [bytes(element) for element in _decoder((name,), is_list=True)(text).member]


@cache
def _decoder(path: KeyPath, *, is_list: bool) -> Callable[[bytes], Any]:
    """Return what cuts out the text at *path*, of the few in the table, or the texts in a list there."""
    from msgspec import Raw, defstruct
    from msgspec.json import Decoder

    kind: Any = list[Raw] if is_list else Raw
    for name in reversed(path):
        kind = defstruct("Holder", [("member", kind)], rename={"member": name})
    decode: Callable[[bytes], Any] = Decoder(kind).decode
    return decode
