"""What a change is, and what changed in events of one name: fields, nulls, types, forms of ids, values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Literal

from canvas_events_cli import pointers
from canvas_events_cli.catalog.fields import ANY_ELEMENT
from canvas_events_cli.drifting.capture import EventTally, Place
from canvas_events_cli.drifting.clusters import LEVEL, Sample, chance_of, least_p_value
from canvas_events_cli.drifting.kinds import FORM, TYPE, VALUE
from canvas_events_cli.drifting.report import ELEMENT, NONE, Sightings, together, utc
from canvas_events_cli.same_event import ENVELOPES
from canvas_events_cli.timestamps import Instant
from canvas_events_cli.validation.engines import Path

FEWEST = 5
"""Of a field, value, type, form or event that is new or gone: what was seen less is told, but is no drift."""
_STRAY = 3
"""What was seen less says nothing, and is told only with all the rest."""
SETTLED = 30
"""Events after which one may expect to have seen what a place can hold, where nothing came only once."""
_EVENTS_A_VALUE = 5
"""A place with fewer events for each of its values holds no small set."""
_NOTHING = Place()

_Where = tuple[str, str | None]
"""The name of events, and a pointer."""


@dataclass(frozen=True, slots=True)
class Change:
    """One way in which two captures differ."""

    change: str
    """``present_share``, ``null_share``, ``types``, ``forms``, ``event_rate``; of an event, a field or a value that
    only one has ``event_new``, ``event_gone`` and so on."""
    event_name: str
    pointer: str | None
    """None where the whole event changed."""
    first: str | None
    """When the later capture first shows it: UTC, RFC 3339; None where no event tells."""
    before: dict[str, Any]
    """A share as ``count`` and ``of``, of a value with that; of types and forms one for each."""
    after: dict[str, Any]
    is_drift: bool
    """Whether it counts: what was seen a few times only does not."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison, which becomes a change where it is told from chance, or is worth telling though it is not."""

    change: Change
    p: float
    counts: bool
    """Whether it is among those that are corrected for: the others cannot be told from chance, whatever was seen."""
    told: bool = False


def _compared(
    kind: str,
    where: _Where,
    first: Instant | None,
    before: Sample,
    after: Sample,
    *,
    is_drift: bool = True,
    told: bool = False,
    value: str | None = None,
) -> Compared:
    """Return the comparison of two samples, of a *value* where it is of one."""
    named = {} if value is None else {"value": value}
    was, now = ({**named, **asdict(sample.share)} for sample in (before, after))
    can_tell = least_p_value(before.share, after.share) <= LEVEL
    return Compared(Change(kind, *where, utc(first), was, now, is_drift), chance_of(before, after), can_tell, told)


def came_and_went(
    what: Literal["event", "value"],
    name: str,
    pointer: str | None,
    sides: Sequence[Mapping[str, Sightings]],
    of: Sequence[Sightings],
    *,
    without: Instant | None,
) -> Iterator[Compared]:
    """Yield the names that only one of two sets has: event types, or values at a *pointer* in events of *name*."""
    before, after = sides
    for each in {**before, **after}:
        if each in before and each in after:
            continue
        is_new = each in after
        samples = Sample(before.get(each, NONE), of[0]), Sample(after.get(each, NONE), of[1])
        seen = samples[is_new].seen
        yield _compared(
            f"{what}_new" if is_new else f"{what}_gone",
            (name or each, pointer),
            seen.first if is_new else without,
            *samples,
            is_drift=seen.count >= FEWEST,
            told=_is_told([seen], before if is_new else after),
            value=None if pointer is None else each,
        )


def _is_told(only_here: Iterable[Sightings], there: Mapping[str, Sightings]) -> bool:
    """Tell whether what one capture alone has is worth telling, whatever chance says of so few.

    Where the other saw many, and none of them only once, it has likely seen all that there was: how much one has not
    seen is estimated by what one has seen once (Good and Turing).
    """
    often = [seen.count for seen in there.values()]
    return max((seen.count for seen in only_here), default=0) >= _STRAY and sum(often) >= SETTLED and min(often) > 1


def changed_fields(
    name: str, before: EventTally, after: EventTally, is_news: Callable[[str, Path, bool], bool]
) -> Iterator[Compared]:
    """Yield the comparisons of all that stands in the events of one *name*.

    *is_news* tells of a field that one capture alone has, the later one or not, whether nobody knows it: no schema, and
    no event of the other capture.
    """
    places = [before.places(), after.places()]
    for path in {**places[0], **places[1]}:
        was, now = (side.get(path, _NOTHING) for side in places)
        tokens = [ANY_ELEMENT if token == ELEMENT else token for token in path]
        if tokens[:1] == [ENVELOPES[0]]:
            tokens[0] = (after if path in places[1] else before).envelope
        where = name, pointers.join("", *tokens)
        objects = [side.get(path[:-1], _NOTHING).seen_as("object") for side in places]
        is_in_both = was.present.count and now.present.count
        if path and path[-1] != ELEMENT and objects[0].count and objects[1].count:
            yield _presence(where, was, now, objects, partial(is_news, name, path))
        if is_in_both:
            yield _nulls(where, was, now)
            for aspect in (TYPE, FORM):
                yield from _kinds(where, aspect, was, now)
            sets = was.of(VALUE), now.of(VALUE)
            strings = [place.seen_as("string") for place in (was, now)]
            is_small = len({*sets[0], *sets[1]}) * _EVENTS_A_VALUE <= sum(seen.count for seen in strings)
            if all(sets) and is_small:
                yield from came_and_went("value", *where, sets, strings, without=strings[1].first)


def _presence(
    where: _Where, was: Place, now: Place, objects: Sequence[Sightings], is_news: Callable[[bool], bool]
) -> Compared:
    """Return in how many of the *objects* around it, before and after, something is."""
    before, after = Sample(was.present, objects[0]), Sample(now.present, objects[1])
    first = now.present.first if _rises(before, after) else now.lacking if now.present.count else after.of.first
    if was.present.count and now.present.count:
        return _compared("present_share", where, first, before, after)
    kind, here, there = ("field_new", after, before) if now.present.count else ("field_gone", before, after)
    told = here.seen.count >= _STRAY and there.of.count >= SETTLED and is_news(here is after)
    return _compared(kind, where, first, before, after, is_drift=here.seen.count >= FEWEST, told=told)


def _nulls(where: _Where, was: Place, now: Place) -> Compared:
    before, after = (Sample(place.seen_as("null"), place.present) for place in (was, now))
    values = together(seen for kind, seen in now.of(TYPE).items() if kind != "null")
    first = (after.seen if _rises(before, after) else values).first
    return _compared("null_share", where, first, before, after)


def _rises(before: Sample, after: Sample) -> bool:
    return after.seen.count * before.of.count > before.seen.count * after.of.count


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
    of = [together(side.values()) for side in (before, after)]
    pairs = {kind: (Sample(before.get(kind, NONE), of[0]), Sample(after.get(kind, NONE), of[1])) for kind in kinds}
    chances = {kind: chance_of(*pair) for kind, pair in pairs.items()}
    # Of two kinds the second says nothing that the first does not.
    p = min(1.0, min(chances.values()) * (len(kinds) - 1))
    can_tell = min(least_p_value(*(s.share for s in pair)) for pair in pairs.values()) * (len(kinds) - 1) <= LEVEL
    new = [after[kind] for kind in after.keys() - before.keys()]
    gone = [before[kind] for kind in before.keys() - after.keys()]
    grown = [after[kind] for kind in after if _rises(*pairs[kind])]
    change = Change(
        "forms" if aspect == FORM else "types",
        *where,
        utc(together(new or grown).first),
        {kind: asdict(pairs[kind][0].share) for kind in before},
        {kind: asdict(pairs[kind][1].share) for kind in after},
        not (new or gone)
        or any(seen.count >= FEWEST for seen in (*new, *gone))
        or (len(common) > 1 and min(chances[kind] for kind in common) <= LEVEL),
    )
    yield Compared(change, p, can_tell, _is_told(new, before) or _is_told(gone, after))


def _numbers(kinds: Mapping[str, Sightings]) -> dict[str, Sightings]:
    """Return *kinds* with integers among the numbers: which of these are whole is chance."""
    merged = {kind: seen for kind, seen in kinds.items() if kind not in ("integer", "number")}
    numbers = together(kinds[kind] for kind in kinds.keys() & {"integer", "number"})
    return {**merged, **({"number": numbers} if numbers.count else {})}
