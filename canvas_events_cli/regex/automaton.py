"""Running a regular expression where jsonschema-rs cannot be imported, in time linear to the text.

All ways to match are followed at once: the states of a deterministic automaton, each a set of places in the pattern,
are made when a text first leads to them.
"""

from collections.abc import Callable
from functools import lru_cache

from canvas_events_cli.regex.limits import UnsupportedPattern
from canvas_events_cli.regex.properties import holds
from canvas_events_cli.regex.syntax import parse
from canvas_events_cli.regex.tree import Assertion, Characters, Choice, Node, Repeat, Sequence

_MOST_STEPS = 20_000
"""Steps remembered, over all states; then all are forgotten."""
_WORD = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")
_UNUSUAL = {"k": "\u212a", "s": "\u017f", "å": "\u212b", "ω": "\u2126"}
"""Characters whose lower case has another upper case."""


class _Place:
    """A place in a pattern: what has to come next, if anything, and the places that this leads to."""

    __slots__ = ("asks", "then")

    def __init__(self, asks: Characters | Assertion | None, then: list["_Place"]) -> None:
        self.asks = asks
        self.then = then


class _State:
    """A set of places before the next character, and whether a word or nothing stands before it."""

    __slots__ = ("after_word", "at_start", "next", "places")

    def __init__(self, places: frozenset[_Place], *, at_start: bool = False, after_word: bool = False) -> None:
        self.places = places
        self.at_start = at_start
        self.after_word = after_word
        self.next: dict[str, _State] = {}


class _Automaton:
    def __init__(self, node: Node) -> None:
        self._end = _Place(None, [])
        self._begin = _place_of(node, self._end)
        self._found = _State(frozenset())
        self._forget()

    def search(self, text: str) -> bool:
        state = self._start
        for character in text:
            state = state.next.get(character) or self._step(state, character)
            if state is self._found:
                return True
        return self._end in self._reached(state, "")

    def _forget(self) -> None:
        self._steps = 0
        self._states: dict[tuple[frozenset[_Place], bool], _State] = {}
        self._start = _State(frozenset({self._begin}), at_start=True)

    def _step(self, state: _State, character: str) -> _State:
        """Return the state after *character*, and remember it."""
        if self._steps > _MOST_STEPS:
            self._forget()
        self._steps += 1
        reached = self._reached(state, character)
        if self._end in reached:
            found = self._found
        else:
            taken = [place for place in reached if isinstance(place.asks, Characters) and _is_in(character, place.asks)]
            # A match may begin at any character.
            places = frozenset({self._begin}.union(*(place.then for place in taken)))
            after_word = character in _WORD
            found = self._states.setdefault((places, after_word), _State(places, after_word=after_word))
        state.next[character] = found
        return found

    def _reached(self, state: _State, following: str) -> set[_Place]:
        """Return the places that are reached without a character, where *following* comes next; nothing at the end."""
        edge = state.after_word != (following in _WORD)
        holding = {"^": state.at_start, "$": not following, "b": edge, "B": not edge}
        reached: set[_Place] = set()
        pending = list(state.places)
        while pending:
            place = pending.pop()
            if place not in reached:
                reached.add(place)
                if place.asks is None or (isinstance(place.asks, Assertion) and holding[place.asks.kind]):
                    pending += place.then
        return reached


@lru_cache(maxsize=512)
def automaton_matcher(pattern: str, *, leading_flags: bool = False) -> Callable[[str], bool]:
    """Return what tells whether *pattern* is found in a text; raises UnsupportedPattern."""
    node = parse(pattern, leading_flags=leading_flags)
    for name in _properties(node):
        if holds(name, "a") is None:
            reason = f"the property {name} needs jsonschema-rs, which cannot be imported"
            raise UnsupportedPattern(pattern.find(name), reason)
    return _Automaton(node).search


def _properties(node: Node) -> list[str]:
    if isinstance(node, Characters):
        return [name for name, _ in node.properties]
    parts = (node.node,) if isinstance(node, Repeat) else () if isinstance(node, Assertion) else node.parts
    return [name for part in parts for name in _properties(part)]


def _place_of(node: Node, then: _Place) -> _Place:
    """Return where *node* begins, made from its end: *then* is what follows it."""
    if isinstance(node, Characters | Assertion):
        return _Place(node, [then])
    if isinstance(node, Choice):
        return _Place(None, [_place_of(alternative, then) for alternative in node.parts])
    if isinstance(node, Sequence):
        for part in reversed(node.parts):
            then = _place_of(part, then)
        return then
    end = then
    if node.high is None:
        then = _Place(None, [end])
        then.then.append(_place_of(node.node, then))
    for _ in range((node.high or node.low) - node.low):
        then = _Place(None, [_place_of(node.node, then), end])
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
