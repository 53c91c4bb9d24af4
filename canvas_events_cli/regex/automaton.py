"""Running a regular expression where jsonschema-rs cannot be imported, in time linear to the text.

All ways to match are followed at once: between two characters the search is at a set of places in the pattern.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from itertools import pairwise

from canvas_events_cli.regex import UnsupportedPattern
from canvas_events_cli.regex.properties import holds
from canvas_events_cli.regex.syntax import parse_pattern
from canvas_events_cli.regex.tree import Assertion, Characters, Choice, Node, Repeat, Sequence

_WORD = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")
_UNUSUAL = {"k": "\u212a", "s": "\u017f", "å": "\u212b", "ω": "\u2126"}
"""Characters whose lower case has another upper case."""


class _State:
    """A place in a pattern: what has to come next, if anything, and the places that this leads to."""

    __slots__ = ("asks", "then")

    def __init__(self, asks: Characters | Assertion | None, then: list["_State"]) -> None:
        self.asks = asks
        self.then = then


@lru_cache(maxsize=512)
def automaton_matcher(pattern: str, *, leading_flags: bool = False) -> Callable[[str], bool]:
    """Return what tells whether *pattern* is found in a text; raises UnsupportedPattern."""
    node = parse_pattern(pattern, leading_flags=leading_flags)
    for name in _properties(node):
        if holds(name, "a") is None:
            reason = f"the property {name} needs jsonschema-rs, which cannot be imported"
            raise UnsupportedPattern(pattern.find(name), reason)
    end = _State(None, [])
    return partial(_search, _place_of(node, end), end)


def _search(begin: _State, end: _State, text: str) -> bool:
    """Tell whether a way leads from *begin* to *end*, anywhere in *text*."""
    places = {begin}
    for before, character in pairwise(["", *text, ""]):
        reached = _reached(places, before, character)
        if end in reached:
            return True
        places = {begin}  # a match may begin at any character
        for place in reached:
            if character and isinstance(place.asks, Characters) and _is_in(character, place.asks):
                places.update(place.then)
    return False


def _reached(places: set[_State], before: str, following: str) -> set[_State]:
    """Return the places that are reached without a character between these two; of a text that ends one is empty."""
    edge = (before in _WORD) != (following in _WORD)
    holding = {"^": not before, "$": not following, "b": edge, "B": not edge}
    reached: set[_State] = set()
    pending = list(places)
    while pending:
        place = pending.pop()
        if place not in reached:
            reached.add(place)
            if place.asks is None or (isinstance(place.asks, Assertion) and holding[place.asks.kind]):
                pending += place.then
    return reached


def _properties(node: Node) -> list[str]:
    if isinstance(node, Characters):
        return [name for name, _ in node.properties]
    parts = (node.node,) if isinstance(node, Repeat) else () if isinstance(node, Assertion) else node.parts
    return [name for part in parts for name in _properties(part)]


def _place_of(node: Node, then: _State) -> _State:
    """Return where *node* begins, made from its end: *then* is what follows it."""
    if isinstance(node, Characters | Assertion):
        return _State(node, [then])
    if isinstance(node, Choice):
        return _State(None, [_place_of(alternative, then) for alternative in node.parts])
    if isinstance(node, Sequence):
        for part in reversed(node.parts):
            then = _place_of(part, then)
        return then
    end = then
    if node.high is None:
        then = _State(None, [end])
        then.then.append(_place_of(node.node, then))
    for _ in range((node.high or node.low) - node.low):
        then = _State(None, [_place_of(node.node, then), end])
    for _ in range(node.low):
        then = _place_of(node.node, then)
    return then


def _is_in(character: str, characters: Characters) -> bool:
    variants = _same_but_for_case(character) if characters.ignore_case else (character,)
    return characters.negated != any(
        any(first <= ord(variant) <= last for first, last in characters.ranges)
        or any(holds(name, variant) != lacks for name, lacks in characters.properties)
        for variant in variants
    )


@lru_cache(maxsize=4096)
def _same_but_for_case(character: str) -> frozenset[str]:
    """Return the single characters that differ from *character* by case alone."""
    found = {character}
    pending = [character]
    while pending:
        one = pending.pop()
        cased = {one.lower(), one.upper(), one.title(), one.casefold(), *_UNUSUAL.get(one, ())}
        new = {other for other in cased if len(other) == 1} - found
        found |= new
        pending += new
    return frozenset(found)
