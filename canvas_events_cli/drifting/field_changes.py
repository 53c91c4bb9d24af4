"""What changed at the places in events of one name: fields, nulls, types, forms of ids, values of small sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import NamedTuple

from canvas_events_cli import pointers
from canvas_events_cli.catalog.fields import ANY_ELEMENT
from canvas_events_cli.drifting.capture import Capture, EventTally, Place
from canvas_events_cli.drifting.chance import LEVEL, least_p_value
from canvas_events_cli.drifting.change import (
    NONE,
    SETTLED,
    STRAY,
    Change,
    Compared,
    Kind,
    came_and_went,
    compared,
    counts,
    first_of,
    is_told,
    utc,
)
from canvas_events_cli.drifting.clusters import Sample, chance_of
from canvas_events_cli.drifting.kinds import FORM, TYPE, VALUE
from canvas_events_cli.drifting.report import ELEMENT, Sightings
from canvas_events_cli.same_event import ENVELOPES
from canvas_events_cli.timestamps import Instant
from canvas_events_cli.validation.engines import Path

_EVENTS_A_VALUE = 5
"""A place with fewer events for each of its values holds no small set."""
_NOTHING = Place()


class News:
    """Which fields nobody knows: documented nowhere, and in no event of one of the captures."""

    def __init__(self, before: Capture, after: Capture, is_documented: Callable[[str, Path], bool]) -> None:
        self._known = [{path for tally in side.events.values() for path in tally.places()} for side in (before, after)]
        self._is_documented = is_documented

    def of(self, name: str, place: Path, *, is_new: bool) -> bool:
        """Tell whether that at *place* in events of *name* is such: *is_new* where only the later capture has it."""
        return place not in self._known[not is_new] and not self._is_documented(name, place)


def changed_fields(name: str, before: EventTally, after: EventTally, news: News) -> Iterator[Compared]:
    """Yield the comparisons of all that stands in the events of one *name*."""
    places = [before.places(), after.places()]
    for path in {**places[0], **places[1]}:
        was, now = (side.get(path, _NOTHING) for side in places)
        where = _Where(name, path, (after if path in places[1] else before).envelope)
        objects = [side.get(path[:-1], _NOTHING).seen_as("object") for side in places]
        if path and path[-1] != ELEMENT and objects[0].count and objects[1].count:
            yield from _presence(where, was, now, objects, news)
        if was.present.count and now.present.count:
            yield from _nulls(where, was, now)
            for aspect in (TYPE, FORM):
                yield from _kinds(where, aspect, was, now)
            yield from _values(where, was, now)


class _Where(NamedTuple):
    """A place in the events of one name."""

    event_name: str
    path: Path
    envelope: str
    """The key of the envelope, which is ``metadata`` in the path."""

    @property
    def pointer(self) -> str:
        """The place as it is told."""
        tokens = [ANY_ELEMENT if token == ELEMENT else token for token in self.path]
        if tokens[:1] == [ENVELOPES[0]]:
            tokens[0] = self.envelope
        return pointers.join("", *tokens)

    def change(
        self, kind: Kind, first: Instant | None, before: Sample, after: Sample, *, is_drift: bool = True
    ) -> Change:
        """Return the change of a share here."""
        shares = asdict(before.share), asdict(after.share)
        return Change(kind, self.event_name, self.pointer, utc(first), *shares, is_drift)


def _presence(where: _Where, was: Place, now: Place, objects: Sequence[Sightings], news: News) -> Iterator[Compared]:
    """Yield in how many of the *objects* around it, before and after, something is."""
    before, after = Sample(was.present, objects[0]), Sample(now.present, objects[1])
    first = now.present.first if _rises(before, after) else now.lacking if now.present.count else objects[1].first
    if was.present.count and now.present.count:
        yield from _share("present_share", where, first, before, after)
        return
    kind: Kind = "field_new" if now.present.count else "field_gone"
    here, there = (after, before) if now.present.count else (before, after)
    is_told = (
        here.seen.count >= STRAY
        and there.of.count >= SETTLED
        and news.of(where.event_name, where.path, is_new=bool(now.present.count))
    )
    change = where.change(kind, first, before, after, is_drift=counts(here.seen))
    yield compared(change, before, after, told=is_told)


def _nulls(where: _Where, was: Place, now: Place) -> Iterator[Compared]:
    nulls = [place.seen_as("null") for place in (was, now)]
    before, after = (Sample(seen, place.present) for seen, place in zip(nulls, (was, now), strict=True))
    values = (seen for kind, seen in now.of(TYPE).items() if kind != "null")
    first = nulls[1].first if _rises(before, after) else first_of(values)
    return _share("null_share", where, first, before, after)


def _rises(before: Sample, after: Sample) -> bool:
    return after.seen.count * before.of.count > before.seen.count * after.of.count


def _share(kind: Kind, where: _Where, first: Instant | None, before: Sample, after: Sample) -> Iterator[Compared]:
    """Yield a comparison of shares, but where they cannot be told from chance: of many places these are nearly all."""
    found = compared(where.change(kind, first, before, after), before, after)
    if found.counts:
        yield found


def _kinds(where: _Where, aspect: str, was: Place, now: Place) -> Iterator[Compared]:
    """Yield the comparison of the types at a place, null aside, or of its forms of ids: one for all."""
    if len(was.traits) < 2 and was.traits.keys() == now.traits.keys():
        return
    before, after = ({kind: seen for kind, seen in place.of(aspect).items() if kind != "null"} for place in (was, now))
    if "number" in before or "number" in after:
        before, after = _numbers(before), _numbers(after)
    kinds = {**before, **after}
    common = before.keys() & after.keys()
    if len(kinds) < 2 or not before or not after:
        return
    of = [_together(side.values()) for side in (before, after)]
    pairs = {kind: (Sample(before.get(kind, NONE), of[0]), Sample(after.get(kind, NONE), of[1])) for kind in kinds}
    chances = {kind: chance_of(*pair) for kind, pair in pairs.items()}
    # Of two kinds the second says nothing that the first does not.
    p = min(1.0, min(chances.values()) * (len(kinds) - 1))
    can_tell = min(least_p_value(*(s.share for s in pair)) for pair in pairs.values()) * (len(kinds) - 1) <= LEVEL
    new = {kind: after[kind] for kind in after.keys() - before.keys()}
    gone = {kind: before[kind] for kind in before.keys() - after.keys()}
    told = is_told(new.values(), before) or is_told(gone.values(), after)
    grown = [kind for kind in after if _rises(*pairs[kind])]
    only = [*new.values(), *gone.values()]
    change = Change(
        "forms" if aspect == FORM else "types",
        where.event_name,
        where.pointer,
        utc(first_of(after[kind] for kind in new or grown)),
        {kind: asdict(pairs[kind][0].share) for kind in before},
        {kind: asdict(pairs[kind][1].share) for kind in after},
        not only or any(map(counts, only)) or (len(common) > 1 and min(chances[kind] for kind in common) <= LEVEL),
    )
    yield Compared(change, p, can_tell, told)


def _together(sightings: Iterable[Sightings]) -> Sightings:
    total = Sightings()
    for seen in sightings:
        total.merge(seen)
    return total


def _numbers(kinds: Mapping[str, Sightings]) -> dict[str, Sightings]:
    """Return *kinds* with integers among the numbers: which of these are whole is chance."""
    merged = {kind: seen for kind, seen in kinds.items() if kind not in ("integer", "number")}
    numbers = _together(kinds[kind] for kind in kinds.keys() & {"integer", "number"})
    return {**merged, **({"number": numbers} if numbers.count else {})}


def _values(where: _Where, was: Place, now: Place) -> Iterator[Compared]:
    if not was.values or not now.values:
        return
    before, after = was.of(VALUE), now.of(VALUE)
    strings = [place.seen_as("string") for place in (was, now)]
    is_small_set = len({*before, *after}) * _EVENTS_A_VALUE <= sum(seen.count for seen in strings)
    if was.values < 0 or now.values < 0 or not is_small_set or not before or not after:
        return
    of = strings[0], strings[1]
    yield from came_and_went("value", where.event_name, where.pointer, before, after, of, without=strings[1].first)
