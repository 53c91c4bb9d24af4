"""Running a regular expression in Python, in time linear to the text: all ways to match it at once.

The states of a deterministic automaton, each a set of places in a program, are made when a text first leads to them.
"""

from collections.abc import Callable
from functools import lru_cache

from canvas_events_cli.regex.properties import holds_without_engine
from canvas_events_cli.regex.tree import Assertion, Characters, Choice, Node, Repeat, Sequence

_MOST_STEPS = 20_000
"""Steps remembered, over all states; then all are forgotten."""
_WORD = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")

Holds = Callable[[str, str], bool]
"""Tells whether a character, the second, has a Unicode property by its canonical name."""
Instruction = Characters | Assertion | tuple[int, ...]
"""One character of a set, a place of a kind, or any of these other places in the program."""


class _State:
    """A set of places in the program before the next character, and whether a word or nothing stands before it."""

    __slots__ = ("after_word", "at_start", "next", "places")

    def __init__(self, places: frozenset[int], *, at_start: bool, after_word: bool) -> None:
        self.places = places
        self.at_start = at_start
        self.after_word = after_word
        self.next: dict[str, _State] = {}


class Automaton:
    """A compiled regular expression."""

    def __init__(self, node: Node, holds: Holds) -> None:
        self._holds = holds
        self._program: list[Instruction] = []
        self._emit(node)
        self._end = len(self._program)
        self._found = _State(frozenset(), at_start=False, after_word=False)
        self._forget()

    def search(self, text: str) -> bool:
        """Tell whether the expression matches anywhere in *text*."""
        state = self._start
        for character in text:
            state = state.next.get(character) or self._step(state, character)
            if state is self._found:
                return True
        return self._end in self._reached(state, "")

    def _forget(self) -> None:
        self._steps = 0
        self._states: dict[tuple[frozenset[int], bool], _State] = {}
        self._start = _State(frozenset({0}), at_start=True, after_word=False)

    def _step(self, state: _State, character: str) -> _State:
        """Return the state after *character*, and remember it."""
        if self._steps > _MOST_STEPS:
            self._forget()
        self._steps += 1
        reached = self._reached(state, character)
        if self._end in reached:
            found = self._found
        else:
            places = {place + 1 for place in reached if self._accepts(self._program[place], character)}
            key = (frozenset({0, *places}), character in _WORD)
            found = self._states.setdefault(key, _State(key[0], at_start=False, after_word=key[1]))
        state.next[character] = found
        return found

    def _accepts(self, instruction: Instruction, character: str) -> bool:
        return isinstance(instruction, Characters) and is_in(character, instruction, self._holds)

    def _reached(self, state: _State, following: str) -> set[int]:
        """Return the places that are reached without a character, where *following* comes next; nothing at the end."""
        edge = state.after_word != (following in _WORD)
        holding = {"^": state.at_start, "$": not following, "b": edge, "B": not edge}
        reached: set[int] = set()
        pending = list(state.places)
        while pending:
            place = pending.pop()
            if place in reached:
                continue
            reached.add(place)
            instruction = self._program[place] if place < self._end else ()
            if isinstance(instruction, tuple):
                pending += instruction
            elif isinstance(instruction, Assertion) and holding[instruction.kind]:
                pending.append(place + 1)
        return reached

    def _emit(self, node: Node) -> None:
        program = self._program
        if isinstance(node, Characters | Assertion):
            program.append(node)
        elif isinstance(node, Sequence):
            for part in node.parts:
                self._emit(part)
        elif isinstance(node, Choice):
            self._emit_choice(node)
        else:
            self._emit_repeat(node)

    def _emit_choice(self, node: Choice) -> None:
        exits = []
        for alternative in node.alternatives:
            fork = self._hold_place()
            self._emit(alternative)
            exits.append(self._hold_place())
            self._program[fork] = (fork + 1, len(self._program))
        # The last fork leads on to no alternative.
        self._program[fork] = (fork + 1,)
        for place in exits:
            self._program[place] = (len(self._program),)

    def _emit_repeat(self, node: Repeat) -> None:
        for _ in range(node.low):
            self._emit(node.node)
        if node.high is None:
            fork = self._hold_place()
            self._emit(node.node)
            self._program.append((fork,))
            self._program[fork] = (fork + 1, len(self._program))
            return
        forks = []
        for _ in range(node.high - node.low):
            forks.append(self._hold_place())
            self._emit(node.node)
        for fork in forks:
            self._program[fork] = (fork + 1, len(self._program))

    def _hold_place(self) -> int:
        self._program.append(())
        return len(self._program) - 1


def is_in(character: str, characters: Characters, holds: Holds) -> bool:
    """Tell whether *character* is one of *characters*."""
    variants = _same_but_for_case(character) if characters.ignore_case else (character,)
    for variant in variants:
        code = ord(variant)
        if any(first <= code <= last for first, last in characters.ranges) or any(
            holds(name, variant) != lacks for name, lacks in characters.properties
        ):
            return not characters.negated
    return characters.negated


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


_UNUSUAL = {"k": "\u212a", "s": "\u017f", "å": "\u212b", "ω": "\u2126"}
"""Characters whose lower case has another upper case."""


def unknown_property(node: Node) -> str | None:
    """Return the first property in *node* that Python has no table of; None where there is none."""
    if isinstance(node, Characters):
        return next((name for name, _ in node.properties if holds_without_engine(name, "a") is None), None)
    if isinstance(node, Repeat):
        return unknown_property(node.node)
    inner = node.parts if isinstance(node, Sequence) else node.alternatives if isinstance(node, Choice) else ()
    return next(filter(None, map(unknown_property, inner)), None)
