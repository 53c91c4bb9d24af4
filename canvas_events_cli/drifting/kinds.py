"""What counts of one event, to set captures against each other: its fields, types, forms of ids, names of states."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from functools import cache, lru_cache
from operator import getitem, itemgetter
from typing import Any, NamedTuple, cast

from canvas_events_cli import caliper
from canvas_events_cli.canvas_ids import canvas_id, local_id
from canvas_events_cli.catalog import Catalog
from canvas_events_cli.catalog.fields import json_type
from canvas_events_cli.drifting.report import ELEMENT
from canvas_events_cli.model import NO_NAME, Json
from canvas_events_cli.remembered import Remembered
from canvas_events_cli.same_event import ENVELOPES
from canvas_events_cli.structure import MOST_LEVELS, structure_of
from canvas_events_cli.validation.engines import Path
from canvas_events_cli.validation.outline import Outline, Outlines

TYPE, FORM, VALUE = "types", "forms", "values"
Trait = tuple[str, str]
"""What values at a place are: (TYPE, a JSON type), (FORM, a form of id) or (VALUE, one of a small set)."""
Telling = Callable[[str, Path, bool], "re.Pattern[str] | None"]
"""Tells of an event's name, a path in it, and whether it is Caliper's, which values there may be told: those that match
the pattern; of _ID, which form they have; None: nothing."""
_MAY_BE_TOLD = {(TYPE, "string"), (TYPE, "integer")}
_Told = Remembered[str | int, str | None]
Traits = tuple[tuple[Path, tuple[Trait, ...]], ...]
"""Of one event: each place in it, those above first, with all that its values are there."""

_MOST_BYTES = 2 * 1024 * 1024
"""Of the events whose kinds are remembered."""

# Canvas' own uuids have 40 letters and digits, its session ids are uuids without hyphens.
_UUID = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}|[A-Za-z0-9]{40}", re.IGNORECASE | re.ASCII)
_ID = re.compile(r"(?:.*_)?(?:id|uuid|guid)s?|.*[a-z](?:Id|Uuid|Guid)s?", re.ASCII)
_NAMES_A_STATE = re.compile(r"(?:.*_)?(?:state|status|type|kind|role|mode|category|phase|stage|action)", re.ASCII)
_STATE = re.compile(r"(?=.{1,64}\Z)[a-z]+(?:[_.-][a-z]+)*", re.ASCII)
_DECLARED_STATE = re.compile(r"(?=.{1,64}\Z)[A-Za-z]+(?:(?:::|[_./-])[A-Za-z]+)*", re.ASCII)


class Kind(NamedTuple):
    """What counts of an event but for its time: many have that in common."""

    event_name: str
    envelope: str
    """The key of its envelope, which is ``metadata`` in its paths."""
    traits: Traits


class Kinds:
    """Tells the kinds of events, with as much of their values as may be told.

    Where two are of one name and structure, only the few places whose values are told can make a difference: these are
    looked up, and with them the kind.
    """

    def __init__(self, telling: Telling) -> None:
        self._telling = telling
        self._alike: dict[Hashable, _Alike] = {}
        self._shared: dict[object, object] = {}
        """Traits of places, and kinds: events that differ have nearly all in common."""
        self._bytes = 0

    def of(self, name: str, event: dict[str, Json], size: int) -> Kind:
        """Return the kind of an *event* of this *name*, whose text has *size* bytes; runs for every event."""
        structure = (name, structure_of(event))
        alike = self._alike.get(structure)
        if alike is not None and (kind := alike.kinds.get(alike.told(event))) is not None:
            return kind
        if self._bytes > _MOST_BYTES:
            self._alike.clear()
            self._shared.clear()
            self._bytes = 0
        self._bytes += size
        key = next((key for key in ENVELOPES if isinstance(event.get(key), dict)), ENVELOPES[0])
        shared = self._shared
        traits = tuple(shared.setdefault(place, place) for place in _traits(event, name, key, self._telling))
        kind = Kind(name, key, cast(Traits, traits))
        kind = cast(Kind, shared.setdefault(kind, kind))
        if alike is None:
            alike = _Alike(name, event, key, kind.traits, self._telling)
        self._alike[structure] = alike
        alike.kinds[alike.told(event)] = kind
        return kind


class _Alike:
    """Events of one name and structure."""

    def __init__(self, name: str, event: dict[str, Json], key: str, traits: Traits, telling: Telling) -> None:
        """*traits* are those of *event*, one of them; its envelope is called *key*."""
        self.kinds: dict[tuple[object, ...], Kind] = {}
        """By what is told of their values."""
        is_caliper = caliper.is_event(event)
        fields: dict[Path, dict[str, _Told]] = {}
        self._elements: list[tuple[Path, _Told]] = []
        for path, held in traits:
            what = telling(name, path, is_caliper) if not _MAY_BE_TOLD.isdisjoint(held) else None
            here = (key, *path[1:]) if path[:1] == ENVELOPES[:1] and len(path) > 1 else path
            if what is not None and ELEMENT in path:
                self._elements.append((here, _told(what)))
            elif what is not None:
                fields.setdefault(here[:-1], {})[str(here[-1])] = _told(what)
        # Twice the last one, so that they are picked as a tuple.
        picked = ((path, [*told], [*told.values()]) for path, told in fields.items())
        self._fields = [(path, itemgetter(*names, names[-1]), told) for path, names, told in picked]

    def told(self, event: Any) -> tuple[object, ...]:
        """Return what of the values of *event*, one of these, makes a difference."""
        found: list[object] = []
        for path, pick, told in self._fields:
            holder = event
            for name in path:
                holder = holder[name]
            found += map(getitem, told, pick(holder))
        for path, told_of_each in self._elements:
            found.append((*dict.fromkeys(map(told_of_each.__getitem__, _values_at(path, event))),))
        return tuple(found)


def _values_at(path: Path, event: Json) -> list[str | int]:
    """Return the texts and integers that stand in *event* at *path*, through all elements of arrays."""
    values: list[Any] = [event]
    for token in path:
        if token == ELEMENT:
            values = [element for value in values if isinstance(value, list) for element in value]
        else:
            values = [value[token] for value in values if isinstance(value, dict) and token in value]
    return [value for value in values if type(value) in (str, int)]


@cache
def _told(what: re.Pattern[str]) -> _Told:
    """Return what is told of values."""
    if what is _ID:
        return Remembered(form_of_id)
    return Remembered(lambda value: value if isinstance(value, str) and what.fullmatch(value) else None)


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
    outline_of = _outlines_of(catalog)

    @lru_cache(maxsize=10_000)
    def known(name: str, path: Path, is_caliper: bool) -> re.Pattern[str] | None:
        last = next((token for token in reversed(path) if isinstance(token, str)), "")
        if _ID.fullmatch(last):
            return _ID
        outline = outline_of(name, is_caliper)
        place = outline.at(path) if outline is not None and _is_described(outline, path) else None
        declared = place.annotation("x-personal") if place is not None else None
        if declared is False or (declared is None and place is not None and place.annotation("enum")):
            return _DECLARED_STATE
        return _STATE if declared is None and _NAMES_A_STATE.fullmatch(last) else None

    return lambda name, path, is_caliper: known(name if name in catalog.bodies else NO_NAME, path, is_caliper)


def documenting(catalog: Catalog) -> Callable[[str, Path], bool]:
    """Return what tells whether *catalog* documents the field at a path in the events of a name."""
    outline_of = _outlines_of(catalog)

    def is_documented(name: str, path: Path) -> bool:
        outline = outline_of(name, path[0] not in (*ENVELOPES, "body"))
        return outline is not None and _is_described(outline, path)

    return is_documented


def _outlines_of(catalog: Catalog) -> Callable[[str, bool], Outline | None]:
    outlines = Outlines()
    # One for each name that has a schema of its own: there can be any number of others.
    canvas = cache(lambda name: outlines.event(catalog.envelope, catalog.body_for(name)))
    sensors = outlines.event(catalog.caliper["event"]) if "event" in catalog.caliper else None
    return lambda name, is_caliper: sensors if is_caliper else canvas(name if name in catalog.bodies else NO_NAME)


def _is_described(outline: Outline, path: Path) -> bool:
    """Tell whether a schema may say anything of *path*: of any number of other fields this takes less than to ask."""
    if not path or not isinstance(path[-1], str):
        return True
    above = outline.at(path[:-1])
    return above.by_rule or above.declares(path[-1])
