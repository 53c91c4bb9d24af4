"""What a capture holds, to be set against another: how many events have each field, type, form of id and state."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import NamedTuple, Self

from canvas_events_cli import caliper
from canvas_events_cli.canvas_ids import canvas_id, local_id
from canvas_events_cli.catalog import Catalog
from canvas_events_cli.catalog.fields import json_type
from canvas_events_cli.drifting.report import ELEMENT, Sightings
from canvas_events_cli.model import NO_NAME, Framed, Json, Malformed, Record, WrapperFault
from canvas_events_cli.running.reading import Compiled
from canvas_events_cli.running.report import Report
from canvas_events_cli.same_event import ENVELOPES, event_digest, name_and_time
from canvas_events_cli.structure import MOST_LEVELS
from canvas_events_cli.timestamps import Instant, parse_instant
from canvas_events_cli.validation.engines import Path
from canvas_events_cli.validation.outline import Outlines

TYPE, FORM, VALUE = "types", "forms", "values"
Trait = tuple[str, str]
"""What values at a place are: (TYPE, a JSON type), (FORM, a form of id) or (VALUE, one of a small set)."""
Telling = Callable[[str, Path, bool], "re.Pattern[str] | None"]
"""Tells of an event's name, a path in it, and whether it is Caliper's, which values there may be told: those that match
the pattern; of _ID, which form they have; None: nothing."""
Traits = tuple[tuple[Path, tuple[Trait, ...]], ...]
"""Of one event: each place in it, those above first, with all that its values are there."""

MOST_VALUES = 50
"""A place with more different values is no small set."""
_FEW = 4

# Canvas' own uuids have 40 letters and digits, its session ids are uuids without hyphens.
_UUID = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}|[A-Za-z0-9]{40}", re.IGNORECASE | re.ASCII)
_ID = re.compile(r"(?:.*_)?(?:id|uuid|guid)s?|.*[a-z](?:Id|Uuid|Guid)s?", re.ASCII)
_NAMES_A_STATE = re.compile(r"(?:.*_)?(?:state|status|type|kind|role|mode|category|phase|stage|action)", re.ASCII)
_STATE = re.compile(r"(?=.{1,64}\Z)[a-z]+(?:[_.-][a-z]+)*", re.ASCII)
_DECLARED_STATE = re.compile(r"(?=.{1,64}\Z)[A-Za-z]+(?:(?:::|[_./-])[A-Za-z]+)*", re.ASCII)


class Row(NamedTuple):
    """What counts of one event."""

    event_name: str
    moment: Instant | None
    envelope: str
    """The key of its envelope, which is ``metadata`` in its paths."""
    traits: Traits


@dataclass
class CaptureReport(Report):
    """The events of a part of the input. Append-only."""

    rows: dict[bytes, Row] = field(default_factory=dict)
    """By digest: the first copy counts. In source order."""

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
        telling = telling_of(self.catalog)
        return Compiled(lambda source_name, events: look_at(events, telling))


def look_at(items: Iterable[Framed | WrapperFault], telling: Telling) -> CaptureReport:
    """Return the report of *items*, with as much of their values as *telling* allows."""
    report = CaptureReport()
    shared: dict[object, object] = {}  # most events of a name have nearly all in common
    for item in items:
        if type(item) is Record and isinstance(item.value, dict):
            report.unverified += item.wrapping is not None and item.wrapping.unverified
            name, time = name_and_time(item.value)
            key = next((key for key in ENVELOPES if isinstance(item.value.get(key), dict)), ENVELOPES[0])
            traits = tuple(
                shared.setdefault(place, place) for place in _traits(item.value, name or NO_NAME, key, telling)
            )
            row = Row(name or NO_NAME, parse_instant(time), key, shared.setdefault(traits, traits))  # type: ignore[arg-type]
            report.rows.setdefault(event_digest(item.value), row)
        elif type(item) is Malformed:
            report.add_malformed(item)
    return report


def _traits(event: dict[str, Json], name: str, key: str, telling: Telling) -> Traits:
    found: dict[Path, dict[Trait, None]] = {}
    is_caliper = caliper.is_event(event)
    pending: list[tuple[Path, Json]] = [((), event)]
    while pending:
        path, value = pending.pop()
        traits = found.setdefault(path, {})
        # A number that happens to be whole is of no other type than its like.
        kind = "number" if isinstance(value, float) else json_type(value)
        traits[TYPE, kind] = None
        if len(path) >= MOST_LEVELS:
            continue
        if isinstance(value, dict):
            named = {ENVELOPES[0] if inner == key and not path else inner: held for inner, held in value.items()}
            pending += [((*path, inner), held) for inner, held in reversed(named.items())]
        elif isinstance(value, list):
            pending += [((*path, ELEMENT), held) for held in value]
        elif kind in ("string", "integer"):
            what = telling(name, path, is_caliper)
            if what is _ID:
                traits[FORM, form_of_id(value)] = None
            elif what is not None and isinstance(value, str) and what.fullmatch(value):
                traits[VALUE, value] = None
    return tuple((path, tuple(traits)) for path, traits in found.items())


def form_of_id(value: Json) -> str:
    """Return which form an id has: ``global``, ``local``, ``uuid`` or ``text``."""
    digits = canvas_id(value)
    if digits is not None:
        return "local" if digits == local_id(digits) else "global"
    return "uuid" if isinstance(value, str) and _UUID.fullmatch(value) else "text"


def telling_of(catalog: Catalog) -> Telling:
    """Return what tells which values may be told: the forms of ids, and no value that *catalog* declares personal.

    What it declares not to be personal may, where it reads as names of states and kinds do; and where it says nothing,
    lower-case words in a field whose name says that it holds such.
    """
    outlines = Outlines()
    # One for each name that has a schema of its own: there can be any number of others.
    canvas = cache(lambda name: outlines.event(catalog.envelope, catalog.body_for(name)))
    sensors = outlines.event(catalog.caliper["event"]) if "event" in catalog.caliper else None

    @lru_cache(maxsize=10_000)
    def known(name: str, path: Path, is_caliper: bool) -> re.Pattern[str] | None:
        last = next((token for token in reversed(path) if isinstance(token, str)), "")
        if _ID.fullmatch(last):
            return _ID
        outline = sensors if is_caliper else canvas(name)
        place = outline.at(path) if outline is not None else None
        declared = place.annotation("x-personal") if place is not None else None
        if declared is False or (declared is None and place is not None and place.annotation("enum")):
            return _DECLARED_STATE
        return _STATE if declared is None and _NAMES_A_STATE.fullmatch(last) else None

    return lambda name, path, is_caliper: known(name if name in catalog.bodies else NO_NAME, path, is_caliper)


@dataclass(slots=True)
class Place:
    """What stood at one place in the events of one name. Append-only."""

    present: Sightings = field(default_factory=Sightings)
    """Events that have something there."""
    traits: dict[Trait, Sightings] = field(default_factory=dict)
    values: int = 0
    """How many different values of a small set; -1 where they became too many, and are not kept any more."""
    lacking: Instant | None = None
    """When the first event whose object was there came without it."""
    always: set[Path] | None = None
    """The fields that all objects at this place had until now; None where there were none yet."""

    def add(self, traits: Iterable[Trait], moment: Instant | None) -> None:
        """Count an event with these *traits* here."""
        self.present.add(moment)
        for trait in traits:
            sightings = self.traits.get(trait)
            if sightings is None:
                if trait[0] == VALUE and not self._has_room():
                    continue
                sightings = self.traits[trait] = Sightings()
            sightings.add(moment)

    def _has_room(self) -> bool:
        if self.values == MOST_VALUES:
            self.values = -1
            self.traits = {trait: seen for trait, seen in self.traits.items() if trait[0] != VALUE}
        self.values += self.values >= 0
        return self.values >= 0

    def of(self, aspect: str) -> dict[str, Sightings]:
        """Return the traits of one *aspect*."""
        return {name: seen for (kind, name), seen in self.traits.items() if kind == aspect}


@dataclass(slots=True)
class EventTally:
    """All events of one name. Append-only."""

    envelope: str
    seen: Sightings = field(default_factory=Sightings)
    """The events."""
    few: list[Row] = field(default_factory=list)
    """The events while they are few: of any number of names most are rare, and rows have much in common."""
    counted: dict[Path, Place] = field(default_factory=dict)

    def places(self) -> dict[Path, Place]:
        """Return what stood at each place; to be read only."""
        if not self.few:
            return self.counted
        whole = EventTally(self.envelope)
        for row in self.few:
            whole._count(row)
        return whole.counted

    def add(self, row: Row) -> None:
        """Count the event of *row*."""
        self.seen.add(row.moment)
        if not self.counted and len(self.few) < _FEW:
            self.few.append(row)
            return
        for each in (*self.few, row):
            self._count(each)
        self.few.clear()

    def _count(self, row: Row) -> None:
        places, moment = self.counted, row.moment
        here = {path for path, _ in row.traits}
        for path, traits in row.traits:
            place = places.get(path)
            if place is None:
                place = places[path] = Place()
                above = places[path[:-1]]
                objects = above.traits.get((TYPE, "object"))
                if objects is not None and objects.count == 1 and path:
                    above.always = above.always or set()
                    above.always.add(path)
                elif objects is not None:
                    place.lacking = objects.first
            place.add(traits, moment)
            # Each field leaves the set once, so that this costs no more than the fields that came.
            if place.always and (TYPE, "object") in traits and (lost := place.always - here):
                place.always -= lost
                for inner in lost:
                    places[inner].lacking = moment


@dataclass(slots=True)
class Capture:
    """A whole capture: memory grows with the different places in its events, and by a digest an event."""

    events: dict[str, EventTally] = field(default_factory=dict)
    copies: set[bytes] = field(default_factory=set)
    first: Instant | None = None

    def take(self, report: CaptureReport) -> None:
        """Add the next part of the input; the answer is the same however it was cut."""
        for digest, row in report.rows.items():
            if digest in self.copies:
                continue
            self.copies.add(digest)
            self.first = min(filter(None, (self.first, row.moment)), default=None)
            tally = self.events.get(row.event_name)
            if tally is None:
                tally = self.events[row.event_name] = EventTally(row.envelope)
            tally.add(row)
