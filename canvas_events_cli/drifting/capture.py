"""What a capture holds, to be set against another: how many events have each field, type, form of id and state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from canvas_events_cli.catalog import Catalog
from canvas_events_cli.drifting.clusters import counted_once, groups_of
from canvas_events_cli.drifting.kinds import TYPE, VALUE, Kind, Kinds, Trait, Traits, telling_of
from canvas_events_cli.drifting.report import NONE, Sightings, together
from canvas_events_cli.model import NO_NAME, Framed, Malformed, Record, WrapperFault
from canvas_events_cli.running.reading import Compiled
from canvas_events_cli.running.report import Report
from canvas_events_cli.same_event import event_digest, name_and_time
from canvas_events_cli.timestamps import Instant, parse_instant
from canvas_events_cli.validation.engines import Path

MOST_VALUES = 50
"""A place with more different values is no small set."""
_FEW = 4
_OBJECT: Trait = (TYPE, "object")


@dataclass
class CaptureReport(Report):
    """The events of a part of the input. Append-only."""

    rows: dict[bytes, tuple[Instant | None, Kind, bytes]] = field(default_factory=dict)
    """When each event was, of which kind, and in which groups, by digest: the first copy counts. In source order."""

    def merge(self, later: Self) -> Self:
        """Add the events of the part after this one that are no copies."""
        for digest, row in later.rows.items():
            self.rows.setdefault(digest, row)
        return super().merge(later)


@dataclass(frozen=True, slots=True)
class CaptureWork:
    """What ``run`` needs to look at captures; picklable."""

    catalog: Catalog
    """Says which values are personal."""

    def compile(self) -> Compiled[CaptureReport]:
        """Return what looks at events."""
        kinds = Kinds(telling_of(self.catalog))

        def look(source_name: str, items: Iterable[Framed | WrapperFault]) -> CaptureReport:
            report = CaptureReport()
            for item in items:
                if type(item) is Record and isinstance(item.value, dict):
                    report.unverified += item.unverified
                    name, time = name_and_time(item.value)
                    moment, digest = parse_instant(time), event_digest(item.value)
                    kind = kinds.of(name or NO_NAME, item.value, len(item.raw))
                    report.rows.setdefault(digest, (moment, kind, groups_of(item.value, moment, digest)))
                elif type(item) is Malformed:
                    report.add_malformed(item)
            return report

        return Compiled(look, merges_slowly=True)


@dataclass(slots=True)
class Place:
    """What stood at one place in the events of one name. Append-only."""

    present: Sightings = field(default_factory=Sightings)
    """Events that have something there."""
    traits: dict[Trait, Sightings] = field(default_factory=dict)
    values: int = 0
    """How many different values of a small set; -1 where they became too many, and are not kept any more."""
    lacking: Instant | None = None
    """When the first event in the input whose object was there came without it."""
    opened: Instant | None = None
    """When the first event in the input came that had an object here."""
    always: set[Path] | None = None
    """The fields that all objects at this place had until now; None where there were none yet."""

    def add(self, traits: Iterable[Trait], seen: Sightings) -> None:
        """Count events with these *traits* here."""
        self.present.merge(seen)
        for trait in traits:
            sightings = self.traits.get(trait)
            if sightings is None:
                if trait[0] == VALUE:
                    if self.values == MOST_VALUES:
                        self.values = -1
                        self.traits = {trait: seen for trait, seen in self.traits.items() if trait[0] != VALUE}
                    if self.values < 0:
                        continue
                    self.values += 1
                sightings = self.traits[trait] = Sightings()
            sightings.merge(seen)

    def seen_as(self, kind: str) -> Sightings:
        """Return the sightings of one JSON type; to be read only."""
        return self.traits.get((TYPE, kind), NONE)

    def of(self, aspect: str) -> dict[str, Sightings]:
        """Return the traits of one *aspect*."""
        return {name: seen for (kind, name), seen in self.traits.items() if kind == aspect}


@dataclass(slots=True)
class Alike:
    """Events of one kind, or several of them: what stands in them counts once for all."""

    opened: Instant | None
    """When the first in the input came."""
    seen: Sightings = field(default_factory=Sightings)


@dataclass(slots=True)
class EventTally:
    """All events of one name. Append-only."""

    envelope: str
    seen: Sightings = field(default_factory=Sightings)
    """The events."""
    few: dict[Traits, Alike] = field(default_factory=dict)
    """The events while they are of few kinds: of any number of names most are, and kinds have much in common."""
    counted: dict[Path, Place] = field(default_factory=dict)

    def places(self) -> dict[Path, Place]:
        """Return what stood at each place; to be read only."""
        if not self.few:
            return self.counted
        whole = EventTally(self.envelope)
        for traits, alike in self.few.items():
            whole._count(traits, alike)
        return whole.counted

    def add(self, traits: Traits, alike: Alike) -> None:
        """Count events with these *traits*, which came after all that were counted before."""
        self.seen.merge(alike.seen)
        if self.counted:
            self._count(traits, alike)
            return
        self.few.setdefault(traits, Alike(alike.opened)).seen.merge(alike.seen)
        if len(self.few) > _FEW:
            for each, of_kind in self.few.items():
                self._count(each, of_kind)
            self.few.clear()

    def _count(self, traits: Traits, alike: Alike) -> None:
        places = self.counted
        here = {path for path, _ in traits}
        opened: set[Path] = set()
        """Where these events have the first objects."""
        for path, held in traits:
            place = places.get(path)
            if place is None:
                place = places[path] = Place()
                above = places[path[:-1]]
                if path[:-1] in opened and path:
                    above.always = above.always or set()
                    above.always.add(path)
                else:
                    place.lacking = above.opened
            if _OBJECT in held and _OBJECT not in place.traits:
                opened.add(path)
                place.opened = alike.opened
            place.add(held, alike.seen)
            # Each field leaves the set once, so that this costs no more than the fields that came.
            if place.always and _OBJECT in held and (lost := place.always - here):
                place.always -= lost
                for inner in lost:
                    places[inner].lacking = alike.opened


@dataclass(slots=True)
class Capture:
    """A whole capture: memory grows with the different places in its events, and by a digest an event."""

    events: dict[str, EventTally] = field(default_factory=dict)
    copies: set[bytes] = field(default_factory=set)
    first: Instant | None = None

    @property
    def total(self) -> Sightings:
        """All events."""
        return together(tally.seen for tally in self.events.values())

    def take(self, report: CaptureReport) -> None:
        """Add the next part of the input; the answer is the same however it was cut."""
        copies = self.copies
        found: dict[int, tuple[Kind, Alike]] = {}
        for digest, (moment, kind, groups) in report.rows.items():
            if digest in copies:
                continue
            copies.add(digest)
            alike = found.get(id(kind))
            if alike is None:
                alike = found[id(kind)] = kind, Alike(moment)
            alike[1].seen.add(moment)
            alike[1].seen.groups += counted_once(groups)
        for kind, of_kind in found.values():
            self.first = min(filter(None, (self.first, of_kind.seen.first)), default=None)
            tally = self.events.get(kind.event_name)
            if tally is None:
                tally = self.events[kind.event_name] = EventTally(kind.envelope)
            tally.add(kind.traits, of_kind)
