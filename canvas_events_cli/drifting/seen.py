"""What was seen at each place of many values: types, how often, from when to when. Merges in any grouping."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from canvas_events_cli.catalog.fields import ANY_ELEMENT, json_type
from canvas_events_cli.model import Json
from canvas_events_cli.timestamps import Instant

MAX_DEPTH = 100
"""Levels of a value that are looked at; what lies deeper is left out."""


@dataclass(slots=True)
class Sightings:
    """How often something was seen, and the first and last instant of it. Append-only."""

    count: int = 0
    first: Instant | None = None
    last: Instant | None = None

    def add(self, moment: Instant | None) -> None:
        """Count once more, at *moment* where that is known."""
        self.count += 1
        if moment is not None:
            if self.first is None or moment < self.first:
                self.first = moment
            if self.last is None or moment > self.last:
                self.last = moment

    def merge(self, later: Sightings) -> None:
        """Add what another part of the input saw."""
        self.count += later.count
        self.first = min(filter(None, (self.first, later.first)), default=None)
        self.last = max(filter(None, (self.last, later.last)), default=None)


@dataclass(slots=True)
class Seen:
    """All values that stood at one place, in objects of the same kind. Append-only."""

    types: dict[str, Sightings] = field(default_factory=dict)
    """By JSON type."""
    fields: dict[str, Seen] = field(default_factory=dict)
    """What the objects among them hold, by name."""
    elements: Seen | None = None
    """What the arrays among them hold, all elements together."""
    example: Json = None
    """The first value that is neither null nor holds others, where examples were asked for."""

    def add(self, value: Json, moment: Instant | None, *, examples: bool, depth: int = 0) -> None:
        """Add one value, seen at *moment*; runs for every value of every event."""
        kind = json_type(value)
        sightings = self.types.get(kind)
        if sightings is None:
            sightings = self.types[kind] = Sightings()
        sightings.add(moment)
        if type(value) is dict:
            for name, inner in value.items() if depth < MAX_DEPTH else ():
                below = self.fields.get(name)
                if below is None:
                    below = self.fields[name] = Seen()
                below.add(inner, moment, examples=examples, depth=depth + 1)
        elif type(value) is list:
            for inner in value if depth < MAX_DEPTH else ():
                if self.elements is None:
                    self.elements = Seen()
                self.elements.add(inner, moment, examples=examples, depth=depth + 1)
        elif examples and self.example is None:
            self.example = value

    def merge(self, later: Seen) -> None:
        """Take over what another part of the input saw: *later* is not to be used any more."""
        merge_into(self.types, later.types)
        merge_into(self.fields, later.fields)
        if self.elements is None:
            self.elements = later.elements
        elif later.elements is not None:
            self.elements.merge(later.elements)
        if self.example is None:
            self.example = later.example

    def at(self, path: Iterable[str | int]) -> Seen | None:
        """Return what was seen at *path*, or None; 0 and ``*`` stand for all elements of an array."""
        place: Seen | None = self
        for token in path:
            if place is None:
                return None
            is_element = place.elements is not None and token in (0, ANY_ELEMENT)
            place = place.elements if is_element else place.fields.get(str(token))
        return place

    def together(self, kinds: Iterable[str] | None = None) -> Sightings:
        """Return the sightings of all *kinds* of types, or of all there are."""
        total = Sightings()
        for kind in self.types if kinds is None else kinds:
            total.merge(self.types[kind])
        return total


class _Merges(Protocol):
    def merge(self, later: Any, /) -> object: ...


_Merging = TypeVar("_Merging", bound=_Merges)


def merge_into(known: dict[str, _Merging], later: dict[str, _Merging]) -> None:
    """Merge the values of *later* into those of *known*; what is new is taken as it is: most is, in one of the two."""
    for name, value in later.items():
        before = known.get(name)
        if before is None:
            known[name] = value
        else:
            before.merge(value)
