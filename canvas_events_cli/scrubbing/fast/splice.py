"""Records that are spelled alike, but for the values in them: cut at their quotes, and put together again.

Where two texts agree in all that is outside of their strings (numbers aside), and in the names of their fields, the
same stands at the same places in both, and the same is done there. So the way through the schemas is gone once for all
of them, and a value that comes again gets what it got before.
"""

import re
from collections.abc import Callable, Hashable, Iterable
from functools import cache, partial
from operator import itemgetter
from typing import NamedTuple

import orjson

from canvas_events_cli.framing.fast import fast_paths_are_on
from canvas_events_cli.parse import loads
from canvas_events_cli.remembered import Remembered
from canvas_events_cli.scrubbing.places import Place, Replace
from canvas_events_cli.scrubbing.pseudonyms import Pseudonyms
from canvas_events_cli.scrubbing.rewriting import new_name, replaceable, rewrite

_PIECE = re.compile(rb'([^"\\]*+(?:\\.[^"\\]*+)*+)(?:"|\Z)', re.DOTALL)
_NUMBER = re.compile(rb"-?[0-9][0-9.eE+-]*+")
_DIGITS = b"0123456789"
_AFTER_NAME = re.compile(rb"[ \t\r\n]*+:")

_MOST_BYTES = 2 * 1024 * 1024
"""Of the texts that there are plans for."""
_MOST_MET = 10_000
"""How many ways to spell a text are kept in mind, once met: a plan is made when one comes again."""
_MOST_VALUES = 1024
"""Which are kept in mind for each way to replace them, of which schemas can ask for hundreds; none of more bytes than
_LONGEST."""
_LONGEST = 128


def way(made: Pseudonyms) -> Callable[[bytes, Place], bytes]:
    """Return how a record is rewritten: here, and for a whole scrubber, it is asked whether fast paths are on."""
    return Splicer(made).rewrite if fast_paths_are_on() else partial(rewrite, made=made)


_Values = Remembered[bytes, bytes]


class _Plan(NamedTuple):
    """What is done with texts that are spelled alike; the indices are of their pieces, every other one a string."""

    names: tuple[tuple[int, bytes], ...]
    """What stands for names."""
    strings: tuple[tuple[int, _Values], ...]
    """What stands for each string, both as written, without their quotes."""
    holes: tuple[tuple[int, int], ...]
    """The strings that stand in a hole of their place, and in which."""
    numbers: tuple[tuple[int, tuple[Replace | None, ...]], ...]
    """What is done with each of the numbers in a piece."""


class _Spelling(NamedTuple):
    """What is outside of the strings of some texts."""

    names_in: Callable[[list[bytes]], Iterable[bytes]]
    """Picks the names out of the pieces."""
    plans: dict[bytes, _Plan]
    """By these names, between quotes."""


class Splicer:
    """Does what ``rewrite`` does, for one key."""

    def __init__(self, made: Pseudonyms) -> None:
        self._made = made
        self._values_of = cache(lambda replace: _Values(partial(_replaced, replace=replace), _MOST_VALUES, _LONGEST))
        self._spellings: dict[tuple[Hashable, bytes], _Spelling] = {}
        self._met: set[int] = set()
        self._bytes = 0

    def rewrite(self, raw: bytes, place: Place) -> bytes:
        """Return the valid JSON text *raw*, whose value is at *place*, with all replaced that is not to stay."""
        # Few texts have a quote inside a string, or a backslash that is none of an escape.
        is_plain = b"\\" not in raw or not (b'\\"' in raw or b"\\\\" in raw)
        # After a piece that does not end in a quote, the pattern finds nothing once more.
        pieces = raw.split(b'"') if is_plain else _PIECE.findall(raw)[: None if raw.endswith(b'"') else -1]
        outside = b'"'.join(pieces[::2])
        if len(outside.translate(None, _DIGITS)) != len(outside):  # as in few texts
            outside = _NUMBER.sub(b"0", outside)
        spelling = self._spellings.get((place.mould, outside))
        plan = spelling.plans.get(b'"'.join(spelling.names_in(pieces))) if spelling is not None else None
        if plan is None:
            plan = self._plan(raw, place, outside, pieces)
        if plan is None:
            return rewrite(raw, place, self._made)
        for index, name in plan.names:
            pieces[index] = name
        for index, values in plan.strings:
            pieces[index] = values[pieces[index]]
        for index, number in plan.holes:
            replace = place.holes[number].text
            pieces[index] = _replaced(pieces[index], replace) if replace else pieces[index]
        for index, each in plan.numbers:
            pieces[index] = _with_numbers(pieces[index], each)
        return b'"'.join(pieces)

    def _plan(self, raw: bytes, place: Place, outside: bytes, pieces: list[bytes]) -> _Plan | None:
        """Return what to do with texts spelled as *raw*; None where such a one has not been met before."""
        followed = outside.split(b'"')[1:]
        places = [2 * number + 1 for number, rest in enumerate(followed) if _AFTER_NAME.match(rest)]
        # Two at least, so that they are picked as a tuple: nothing is a name that stands first.
        spelling = _Spelling(itemgetter(0, 0, *places), {})
        names = b'"'.join(spelling.names_in(pieces))
        met = hash((place.mould, outside, names))
        if met not in self._met:
            if len(self._met) >= _MOST_MET:
                self._met.clear()
            self._met.add(met)
            return None
        if self._bytes > _MOST_BYTES:
            self._spellings.clear()
            self._bytes = 0
        self._bytes += len(raw)
        plan = self._made_for(raw, place)
        self._spellings.setdefault((place.mould, outside), spelling).plans[names] = plan
        return plan

    def _made_for(self, raw: bytes, place: Place) -> _Plan:
        names: list[tuple[int, bytes]] = []
        strings: list[tuple[int, _Values]] = []
        numbers: dict[int, list[Replace | None]] = {}
        holes: list[tuple[int, int]] = []
        number_of = {hole: number for number, hole in enumerate(place.holes)}
        index = 0
        for match, here in replaceable(raw, place):
            string, is_name = match[1], match[2]
            index += 2 * (string is not None)
            if is_name:
                new = new_name(string, here, self._made)
                names += [(index - 1, new[1:-1])] if new is not None else []
            elif string is None:
                numbers.setdefault(index, []).append(here.number)
            elif here in number_of:
                holes.append((index - 1, number_of[here]))
            elif here.text is not None:
                strings.append((index - 1, self._values_of(here.text)))
        replaced = tuple((index, tuple(each)) for index, each in numbers.items() if any(each))
        return _Plan(tuple(names), tuple(strings), tuple(holes), replaced)


def _replaced(string: bytes, replace: Replace) -> bytes:
    """Return what stands for a *string*, both as written, without their quotes."""
    text = loads(b'"%b"' % string) if b"\\" in string else string.decode()
    new = replace(text)
    return string if new == text else orjson.dumps(new)[1:-1]


def _with_numbers(piece: bytes, each: tuple[Replace | None, ...]) -> bytes:
    """Return *piece* with what *each* of its numbers is to be replaced by."""
    left = iter(each)

    def new(match: re.Match[bytes]) -> bytes:
        replace = next(left)
        return replace(match[0].decode()).encode() if replace else match[0]

    return _NUMBER.sub(new, piece)
