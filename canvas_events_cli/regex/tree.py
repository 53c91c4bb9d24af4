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

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same, *low* to *high* times; without a bound where *high* is None."""

    node: "Node"
    low: int
    high: int | None


Node = Characters | Assertion | Sequence | Choice | Repeat


def normalized(ranges: list[tuple[int, int]]) -> Ranges:
    """Return *ranges* in order, those that touch as one."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def inverted(ranges: Ranges) -> Ranges:
    """Return all code points that are not in *ranges*, which are in order."""
    edges = [-1, *(edge for first, last in ranges for edge in (first, last)), LAST + 1]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return tuple((before + 1, after - 1) for before, after in pairs if before + 1 < after)


def cost(node: Node) -> int:
    """Return about how many bytes *node* takes when it is compiled by the hungrier engine; never less than it does."""
    if isinstance(node, Characters):
        wide = sum(last > 0x7F for _, last in node.ranges)
        return 1000 + 1000 * (wide + node.negated + node.ignore_case) + 100_000 * len(node.properties)
    if isinstance(node, Repeat):
        return cost(node.node) * max(node.low + (node.high is None), node.high or 0, 1)
    return 100 if isinstance(node, Assertion) else 100 + sum(map(cost, node.parts))
