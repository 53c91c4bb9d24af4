"""Wrappers that are alike, read many at a time by a type that only such have, as events are.

Of the same type are objects with the same members, where those that tell what an object is are the same, too. The type
is made of one wrapper of which the table of shapes has told what it is; so it tells that of all that have it.
"""

from collections.abc import Callable, Sequence
from itertools import chain
from operator import attrgetter, methodcaller
from typing import Any, NamedTuple

from canvas_events_cli.framing.fast import NOT_SO
from canvas_events_cli.framing.fast.batches import texts_of
from canvas_events_cli.framing.fast.json_types import anything, decoder_of, object_of
from canvas_events_cli.parse import Json, loads
from canvas_events_cli.pointers import KeyPath
from canvas_events_cli.wrappers.fast.contents import Names
from canvas_events_cli.wrappers.recognition import Object

Ask = tuple[str, Callable[[Any], object]]
"""The name of a member, and what of it tells what the object is."""

_MOST_MEMBERS = 64
_IS_OBJECT = methodcaller("startswith", b"{")


class Place(NamedTuple):
    """Where the content of a wrapper is, and what it is in."""

    path: KeyPath
    """From the wrapper on; empty where that is an event by itself, in a list."""
    steps: int
    """Of ``look_into`` from the wrapper to its content."""
    wrappers: Names
    form: Any
    """The type that content has: a text, bytes for a text in base64, or JSON text in place."""
    asked: Sequence[Sequence[Ask]]
    """By level of the path, what tells that the object there is what it is."""


class Alike(NamedTuple):
    """How to read wrappers that are like one."""

    decode_lines: Callable[[bytes], list[Any]]
    """Raises what NOT_SO says where one is not."""
    wrappers_of: Callable[[Any], Sequence[Any]] | None
    """Of a list, returns the wrappers in it; None where it is a wrapper itself."""
    content_of: Callable[[Any], Any]
    place: Place
    checks: Sequence[tuple[Callable[[Any], object], Callable[[Any], object], object]]
    """Which members are to be asked besides, for what, and the answer."""

    def read(self, lines: bytes, count: int, *, valid: bool) -> tuple[list[bytes], list[int] | None] | None:
        """Return what so many *lines* hold, and how much of it each does if not one; None where they are not alike.

        Raises what NOT_SO says for what is no JSON, unless they are known to be *valid*, or hold one object in place:
        who reads that finds it.
        """
        from msgspec.json import Encoder

        try:
            found = self.decode_lines(lines)
        except NOT_SO:
            return None
        each = [*map(self.wrappers_of, found)] if self.wrappers_of else None
        one_by_one = [*chain.from_iterable(each)] if each else found
        is_alike = all(
            answer == told for member, ask, answer in self.checks for told in map(ask, map(member, one_by_one))
        )
        contents = [*map(str.encode if self.place.form is str else bytes, map(self.content_of, one_by_one))]
        if len(found) != count or not is_alike or (self.is_in_place and not all(map(_IS_OBJECT, contents))):
            return None
        if each and not all(each):  # what holds nothing is told of, too
            return None
        # What is passed over in a member that stands there twice has not been looked at.
        if not valid and self.is_in_place and (each or Encoder().encode_lines(found) != lines):
            for line in texts_of(lines):
                loads(line)
        return contents, [*map(len, each)] if each else None

    @property
    def is_in_place(self) -> bool:
        """Whether content is JSON in place."""
        return self.place.form not in (str, bytes)


def like_wrapper(value: Object, place: Place, listed: tuple[str, Object] | None) -> Alike:
    """Return how to read what is like the wrapper *value*, with content at this *place*.

    *listed* is what holds it in a list, and the list's name. Raises ValueError for what is not read in this way.
    """
    checks: list[tuple[Callable[[Any], object], Callable[[Any], object], object]] = []
    kind = _type(value, place, 0, checks)
    if listed is not None:
        kind = _object({name: anything(0) for name in listed[1]} | {listed[0]: list[kind]}, listed[0])  # type: ignore[valid-type]
    content_of = attrgetter(".".join(["content"] * len(place.path))) if place.path else _itself
    return Alike(decoder_of(kind).decode_lines, attrgetter("content") if listed else None, content_of, place, checks)


def _itself(value: Any) -> Any:
    return value


def _type(value: Json, place: Place, level: int, checks: list[Any]) -> Any:
    """Return the type of objects like *value*: the same members, the content's *level* by *level*.

    Adds to *checks* what it does not tell.
    """
    if level == len(place.path):
        return place.form
    if not isinstance(value, dict) or len(value) > _MOST_MEMBERS:
        raise ValueError("it has too many members, or none")
    content, kinds = place.path[level], {name: anything() for name in value}
    for name, ask in place.asked[level] if level < len(place.asked) else ():
        if name == content:
            continue
        if ask is type:
            kinds[name] = _same(value[name])
        else:
            member = attrgetter(".".join(["content"] * level + [f"f{[*value].index(name)}"]))
            checks.append((member, ask, ask(value[name])))
    return _object(kinds | {content: _type(value[content], place, level + 1, checks)}, content)


def _object(kinds: dict[str, Any], content: str) -> Any:
    return object_of({name: (kind,) for name, kind in kinds.items()}, {content: "content"})


def _same(value: object) -> Any:
    kinds = {dict: dict[str, anything()], list: list[anything()], str: str, type(None): None}  # type: ignore[misc]
    if type(value) not in kinds:
        raise ValueError("its type does not tell it")
    return kinds[type(value)]
