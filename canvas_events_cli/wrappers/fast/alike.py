"""Wrappers that are alike, read many at a time by a type that only such have, as events are.

Of the same type are objects with the same members, where those that tell what an object is are the same, too. The type
is made of one wrapper of which the table of shapes has told what it is; so it tells that of all that have it.
"""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from canvas_events_cli.framing.fast import NOT_SO
from canvas_events_cli.framing.fast.json_types import anything, decoder_of, object_of
from canvas_events_cli.pointers import KeyPath
from canvas_events_cli.wrappers.recognition import Object, Recognised

Ask = tuple[str, Callable[[object], object]]
"""The name of a member, and what of it tells what the object is."""

_MOST_MEMBERS = 64


class Alike(NamedTuple):
    """How to read wrappers that are like one."""

    decode_lines: Callable[[bytes | memoryview], list[Any]]
    """Raises what NOT_SO says where one is not."""
    messages_of: Callable[[Any], Sequence[Any]] | None
    """Of a list, returns the wrappers in it; None where it is a wrapper itself."""
    wrapper: Recognised
    text_of: Callable[[Any], str]
    """Returns the content of a wrapper."""
    checks: tuple[tuple[Callable[[Any], object], object], ...]
    """What is to be asked of each wrapper besides, and the answer."""

    def messages(self, lines: bytes | memoryview, count: int) -> list[Sequence[Any]] | None:
        """Return the wrappers in each of so many *lines*; None where these are not alike."""
        try:
            found = self.decode_lines(lines)
        except NOT_SO:
            return None
        messages: list[Sequence[Any]] = [*map(self.messages_of or _alone, found)]
        checked = all(ask(one) == answer for ask, answer in self.checks for several in messages for one in several)
        return messages if len(messages) == count and checked else None


def like_wrapper(value: Object, wrapper: Recognised, asked: Sequence[Ask], listed: tuple[str, Object] | None) -> Alike:
    """Return how to read what is like the *wrapper* that *value* is, with a text in it; *asked* are its members.

    *listed* is what holds it in a list, and the list's name. Raises ValueError for what is not read in this way.
    """
    content = wrapper.paths[0]
    kind = _type(value, content, {name for name, ask in asked if ask is type})
    if listed is not None:
        around = {name: anything(0) for name in listed[1]} | {listed[0]: list[kind]}  # type: ignore[valid-type]
        kind = _object(around, listed[0])
    text_of = attrgetter(".".join(["content"] * len(content)))
    names = [*value]
    # A type says already what the others do.
    checks = tuple(
        (_asking(f"f{names.index(name)}", ask), ask(value[name]))
        for name, ask in asked
        if ask is not type and name != content[0]
    )
    messages_of = attrgetter("content") if listed is not None else None
    return Alike(decoder_of(kind).decode_lines, messages_of, wrapper, text_of, checks)


def _alone(one: object) -> Sequence[object]:
    return (one,)


def _asking(attribute: str, ask: Callable[[object], object]) -> Callable[[Any], object]:
    return lambda one: ask(getattr(one, attribute))


def _type(value: Object, content: KeyPath, typed: set[str]) -> Any:
    """Return the type of objects like *value*: the same members, a text at *content*, *typed* ones of their types."""
    inside = value[content[0]]
    kinds = {name: anything() for name in value} | {name: _same(value[name]) for name in typed}
    if len(content) > 1 and isinstance(inside, dict):
        kinds[content[0]] = _type(inside, content[1:], set())
    elif len(content) == 1 and isinstance(inside, str):
        kinds[content[0]] = str
    else:
        raise ValueError("what it holds is no text")
    return _object(kinds, content[0])


def _object(kinds: dict[str, Any], content: str) -> Any:
    if len(kinds) > _MOST_MEMBERS:
        raise ValueError("it has too many members")
    return object_of({name: (kind,) for name, kind in kinds.items()}, {content: "content"})


def _same(value: object) -> Any:
    kinds = {dict: dict[str, anything()], list: list[anything()], str: str, type(None): None}  # type: ignore[misc]
    if type(value) not in kinds:
        raise ValueError("its type does not tell it")
    return kinds[type(value)]
