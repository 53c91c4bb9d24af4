"""What a regular expression is made of."""

from dataclasses import dataclass
from typing import Literal

Ranges = tuple[tuple[int, int], ...]
"""Code points from the first to the last, both included."""

LAST = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Characters:
    """One character out of a set: any of the ranges, or one that has any of the properties."""

    ranges: Ranges
    properties: tuple[tuple[str, bool], ...] = ()
    """(Unicode property as ECMA 262 spells it, whether a character must lack it)."""
    negated: bool = False
    ignore_case: bool = False


@dataclass(frozen=True, slots=True)
class Assertion:
    """A place in the text: ``^`` the start, ``$`` the end, ``b`` a word's edge (ASCII), ``B`` no such edge."""

    kind: Literal["^", "$", "b", "B"]


@dataclass(frozen=True, slots=True)
class Sequence:
    """All of them, one after the other."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of them."""

    alternatives: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same, *low* to *high* times; without a bound where *high* is None."""

    node: "Node"
    low: int
    high: int | None


Node = Characters | Assertion | Sequence | Choice | Repeat
