"""What a part of the input holds, as a value that merges: what drift is told from, and schemas are proposed by."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, Self

from canvas_events_cli import pointers
from canvas_events_cli.catalog.dialects import TYPES, Schema
from canvas_events_cli.catalog.fields import ANY_ELEMENT, json_type
from canvas_events_cli.model import Json
from canvas_events_cli.running.report import Report
from canvas_events_cli.structure import MOST_LEVELS
from canvas_events_cli.timestamps import Instant, format_utc
from canvas_events_cli.validation.engines import Path

_MOST_BYTES, _EACH = 2 * 1024 * 1024, 1024
"""Of events that are held, as text: as values they take several times as much, and the least of them a kilobyte."""
ELEMENT = 0
"""In a path, and inside what was seen: every element of an array."""


@dataclass(slots=True)
class Sightings:
    """How often something was seen, and the first and last instant of it. Append-only."""

    count: int = 0
    first: Instant | None = None
    last: Instant | None = None
    groups: int = 0
    """How many in each group of events that hang together, as :mod:`canvas_events_cli.drifting.clusters` counts."""

    def add(self, moment: Instant | None) -> None:
        """Count once more, at *moment* where that is known."""
        self.count += 1
        self._widen(moment, moment)

    def merge(self, later: Sightings) -> None:
        """Add what was seen elsewhere."""
        self.count += later.count
        self._widen(later.first, later.last)
        if later.groups:
            self.groups = self.groups + later.groups if self.groups else later.groups

    def _widen(self, first: Instant | None, last: Instant | None) -> None:
        if first is not None and (self.first is None or first < self.first):
            self.first = first
        if last is not None and (self.last is None or last > self.last):
            self.last = last

    def __reduce__(self) -> tuple[Any, ...]:
        # Millions of these travel between processes: without the names of their fields they take a third less.
        return Sightings, (self.count, self.first, self.last)


NONE = Sightings()
"""To be read only."""


def together(sightings: Iterable[Sightings]) -> Sightings:
    """Return all *sightings* as one."""
    total = Sightings()
    for seen in sightings:
        total.merge(seen)
    return total


@lru_cache(maxsize=1024)  # the fields of an event have its instants in common
def utc(instant: Instant | None) -> str | None:
    """Return *instant* as it is told."""
    return format_utc(instant) if instant is not None else None


@dataclass(slots=True)
class Seen:
    """All values that stood at one place, in objects of the same kind. Append-only."""

    types: dict[str, Sightings] = field(default_factory=dict)
    """By JSON type."""
    inside: dict[str | int, Seen] = field(default_factory=dict)
    """What the objects among them hold, by name; what the arrays hold, all elements together, as ELEMENT."""
    example: Json = None
    """The first value that is neither null nor holds others; it may be personal."""

    def add(self, value: Json, seen: Sightings, depth: int = 0) -> None:
        """Add values of the structure of *value*, the first of them."""
        kind = json_type(value)
        sightings = self.types.get(kind)
        if sightings is None:
            sightings = self.types[kind] = Sightings()
        sightings.merge(seen)
        inner: Iterable[tuple[str | int, Json]]
        if type(value) is dict:
            inner = value.items()
        elif type(value) is list:
            inner = [(ELEMENT, element) for element in value]
        else:
            if self.example is None:
                self.example = value
            return
        if depth < MOST_LEVELS:
            for name, held in inner:
                below = self.inside.get(name)
                if below is None:
                    below = self.inside[name] = Seen()
                below.add(held, seen, depth + 1)

    def merge(self, later: Seen) -> None:
        """Take over what another part of the input saw: *later* is not to be used any more."""
        _merge(self.types, later.types)
        _merge(self.inside, later.inside)
        if self.example is None:
            self.example = later.example

    def __reduce__(self) -> tuple[Any, ...]:
        return Seen, (self.types, self.inside, self.example)

    def path_to(self, pointer: str) -> Path:
        """Return the path that *pointer* means, in which ``*`` stands for all elements of an array."""
        path: list[str | int] = []
        place = self
        for token in pointers.split(pointer):
            path.append(ELEMENT if token == ANY_ELEMENT and ELEMENT in place.inside else token)
            place = place.inside.get(path[-1]) or Seen()
        return tuple(path)

    def at(self, path: Path) -> Seen | None:
        """Return what was seen at *path*, or None."""
        place: Seen | None = self
        for token in path:
            place = place.inside.get(token) if place is not None else None
        return place

    def together(self, kinds: Iterable[str] | None = None) -> Sightings:
        """Return the sightings of all *kinds* of types, or of all there are."""
        return together(self.types[kind] for kind in (self.types if kinds is None else kinds))


def inferred(
    seen: Seen, kinds: Iterable[str] | None = None, *, nullable: bool = False, exactly: bool = False
) -> Schema:
    """Return a schema that accepts all that was *seen*, or the values of some *kinds* of types.

    No field is required, and each may be null: a capture cannot tell what Canvas always sends. But *exactly* what was
    seen asks for the fields that were always there, and for null only where it was.
    """
    names = {*(seen.types if kinds is None else kinds), *(["null"] if nullable else ())}
    names -= {"integer"} if "number" in names else set()
    if not names:
        return {}
    ordered = sorted(names, key=TYPES[::-1].index)
    schema: Schema = {"type": ordered if len(ordered) > 1 else ordered[0]}
    fields = {str(name): below for name, below in seen.inside.items() if name != ELEMENT}
    if "object" in names and fields:
        objects = seen.types["object"].count
        always = [name for name, below in fields.items() if exactly and below.together().count == objects]
        schema |= {"required": always} if always else {}
        schema["properties"] = {
            name: inferred(below, nullable=not exactly, exactly=exactly) for name, below in fields.items()
        }
    if "array" in names and ELEMENT in seen.inside:
        schema["items"] = inferred(seen.inside[ELEMENT], exactly=exactly)
    return schema


class Objection(NamedTuple):
    """One way in which events break a schema; the elements of an array are all one."""

    path: Path
    """From the event's root."""
    keyword: str
    is_body: bool
    """Whether the body's schema objects, not the envelope's."""
    type: str
    """The JSON type of what was there; empty where nothing was."""


@dataclass(slots=True)
class EventSeen:
    """What the events of one name hold. Append-only."""

    seen: Seen = field(default_factory=Seen)
    invalid: int = 0
    is_new: bool = False
    """Whether no body schema is known for the name."""
    undocumented: dict[str, None] = field(default_factory=dict)
    """The pointers of undocumented fields, array elements as ``*``, in the order in which they came."""
    objections: dict[Objection, None] = field(default_factory=dict)

    @property
    def sightings(self) -> Sightings:
        """How often events of the name were seen."""
        return self.seen.together()

    @property
    def body(self) -> Seen:
        """What their bodies hold."""
        return self.seen.inside.get("body") or Seen()

    def merge(self, later: Self) -> None:
        """Add what another part of the input holds."""
        self.seen.merge(later.seen)
        self.invalid += later.invalid
        self.is_new |= later.is_new
        self.undocumented |= later.undocumented
        self.objections |= later.objections


@dataclass(slots=True)
class Alike:
    """Events of one name and structure. Append-only."""

    event: dict[str, Json]
    """The first."""
    size: int
    """Bytes of its text: as values they take several times as much."""
    is_valid: bool = field(default=False, compare=False)
    """Whether one of them is known to be."""
    seen: Sightings = field(default_factory=Sightings)


@dataclass
class DriftReport(Report):
    """What was seen in a part of the input, or in all of it. Append-only."""

    no_events: int = 0
    """Values that are no objects, and wrappers without an event in them."""
    known: dict[str, EventSeen] = field(default_factory=dict)
    """By event name, those without a usable one as ``(none)``: what was made of all but the latest events."""
    alike: dict[tuple[str, Hashable], Alike] = field(default_factory=dict)
    """The latest events: what is in those of one name and structure is looked at once for all."""

    held: int = field(default=0, compare=False)
    """Bytes of the texts of those that are held."""

    def hold(self, key: tuple[str, Hashable], alike: Alike) -> Alike:
        """Return *alike*, which are the first events of this name and structure."""
        if self.held > _MOST_BYTES:
            self.look()
        self.held += alike.size + _EACH
        self.alike[key] = alike
        return alike

    def look(self) -> dict[str, EventSeen]:
        """Look at what the latest events hold, structures in the order in which they came; return all that is known."""
        for (name, _), alike in self.alike.items():
            self.known[name].seen.add(alike.event, alike.seen)
        self.alike.clear()
        self.held = 0
        return self.known

    def merge(self, later: Self) -> Self:
        """Take over what *later*, the part after this one, saw, and return this report."""
        self.no_events += later.no_events
        if any(event.seen.types for event in later.known.values()):
            self.look()
        _merge(self.known, later.known)
        for key, alike in later.alike.items():
            if (before := self.alike.get(key)) is not None:
                before.seen.merge(alike.seen)
            else:
                self.hold(key, alike)
        return super().merge(later)


def _merge(known: dict[Any, Any], later: dict[Any, Any]) -> None:
    """Merge the values of *later* into those of *known*."""
    for name, value in later.items():
        # What is new is taken as it is, not copied: of many names most are new.
        before = known.setdefault(name, value)
        if before is not value:
            before.merge(value)
