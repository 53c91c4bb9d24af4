"""What changed between two captures, by more than chance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

from canvas_events_cli import pointers
from canvas_events_cli.catalog.fields import ANY_ELEMENT
from canvas_events_cli.drifting.capture import Capture, EventTally, Place
from canvas_events_cli.drifting.chance import (
    LEVEL,
    Share,
    beyond_chance,
    can_differ,
    g_statistic,
    least_p_value,
    p_value,
)
from canvas_events_cli.drifting.kinds import FORM, TYPE, VALUE
from canvas_events_cli.drifting.report import ELEMENT, Sightings
from canvas_events_cli.same_event import ENVELOPES
from canvas_events_cli.timestamps import Instant, format_utc
from canvas_events_cli.validation.engines import Path

Kind = Literal[
    "event_new",
    "event_gone",
    "event_rate",
    "field_new",
    "field_gone",
    "present_share",
    "null_share",
    "types",
    "forms",
    "value_new",
    "value_gone",
]
FEWEST = 5
"""Of a field, value, type, form or event that is new or gone: what was seen less is told, but is no drift."""
_STRAY = 3
"""What was seen less says nothing, and is told only with all the rest."""
_SETTLED = 50
"""Events after which one may expect to have seen what a place can hold, where nothing came only once."""
_MOST_RATES = 100
"""Types of events set aside one after the other, to compare the frequencies of the others; then all at once."""
_MOST_EXACT = 150
"""Different frequencies up to which each is held against chance exactly, to tell which one changed most."""
_EVENTS_A_VALUE = 5
"""A place with fewer events for each of its values holds no small set."""
_NOTHING = Place()


@dataclass(frozen=True, slots=True)
class Change:
    """One way in which two captures differ."""

    change: Kind
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
class Changes:
    """All that changed."""

    before: int
    """Events compared, without redelivered copies."""
    after: int
    changes: tuple[Change, ...]

    @property
    def found(self) -> bool:
        """Whether there is drift."""
        return any(change.is_drift for change in self.changes)

    def to_dict(self) -> dict[str, Any]:
        """Return what ``drift --against -o json`` prints."""
        names = [name for name in Change.__slots__ if name != "is_drift"]
        rows = [{name: getattr(change, name) for name in names} for change in self.changes]
        return {"before": {"events": self.before}, "after": {"events": self.after}, "changes": rows}


@dataclass(frozen=True, slots=True)
class _Compared:
    """A comparison, which becomes a change where it is told from chance, or is worth telling though it is not."""

    change: Change
    p: float
    counts: bool
    """Whether it is among those that are corrected for: the others cannot be told from chance, whatever was seen."""
    told: bool = False


def compare_captures(before: Capture, after: Capture, *, everything: bool = False) -> Changes:
    """Return what changed from *before* to *after*; *everything* tells also of values seen once or twice."""
    totals = [sum(tally.seen.count for tally in capture.events.values()) for capture in (before, after)]
    compared = [*_events(before, after, *totals)]
    for name in before.events.keys() & after.events.keys():
        was, now = before.events[name], after.events[name]
        # Of many names most have too few events to show anything.
        if everything or max(was.seen.count, now.seen.count) >= _SETTLED or can_differ(was.seen.count, now.seen.count):
            compared += (one for one in _fields(name, was, now) if one.counts or one.told or everything)
    limit = beyond_chance([one.p for one in compared if one.counts])
    changes = [
        one.change for one in compared if one.p <= limit or one.told or (everything and one.change.change in _RARE)
    ]
    # Those of whole events first.
    changes.sort(key=lambda change: (change.pointer is not None, change.event_name))
    return Changes(totals[0], totals[1], tuple(changes))


_RARE = frozenset(("event_new", "event_gone", "field_new", "field_gone", "types", "forms", "value_new", "value_gone"))
"""What may be told though chance explains it."""


_CAME_AND_WENT: Mapping[str, tuple[Kind, Kind]] = {
    "event": ("event_gone", "event_new"),
    "value": ("value_gone", "value_new"),
}


def _events(before: Capture, after: Capture, total_before: int, total_after: int) -> Iterator[_Compared]:
    """Yield event types that are new or gone, and those of another frequency among the types that stayed as they were.

    A type that became frequent makes all others rarer: so the one that changed most is set aside, and the others are
    compared without it, as long as one differs by more than chance.
    """
    seen = [{name: tally.seen for name, tally in capture.events.items()} for capture in (before, after)]
    yield from _came_and_went("event", "", None, seen[0], seen[1], total_before, total_after, without=after.first)
    for p, name in changed_rates(*({name: one.count for name, one in side.items()} for side in seen)):
        was, now = (
            asdict(Share(one[name].count, total)) for one, total in zip(seen, (total_before, total_after), strict=True)
        )
        yield _Compared(
            Change("event_rate", name, None, _utc(seen[1][name].first), was, now, True), p, False, told=True
        )


def changed_rates(before: Mapping[str, int], after: Mapping[str, int]) -> Iterator[tuple[float, str]]:
    """Yield the names in both whose share changed, with how likely that is by chance, the one that changed most first.

    Of many names most are as frequent as others, in both: these are compared once. Where that still leaves many, the
    statistic tells which one changed most, in a few steps; how likely it is by chance is asked of that one alone.
    """
    alike: dict[tuple[int, int], list[str]] = {}
    for name in sorted(before.keys() & after.keys(), reverse=True):
        alike.setdefault((before[name], after[name]), []).append(name)
    left = sum(map(len, alike.values()))
    totals = [sum(pair[side] * len(names) for pair, names in alike.items()) for side in (0, 1)]

    def shares(pair: tuple[int, int]) -> tuple[Share, Share]:
        return Share(pair[0], totals[0]), Share(pair[1], totals[1])

    exact = len(alike) <= _MOST_EXACT
    for _ in range(_MOST_RATES):
        if left < 2:
            return
        ranked = (
            (p_value(*shares(pair)) if exact else -g_statistic(*shares(pair)), -_ratio(*pair), alike[pair][-1], pair)
            for pair in alike
        )
        *_, pair = min(ranked)
        p = p_value(*shares(pair))
        if p > LEVEL / left:
            return
        yield p, alike[pair].pop()
        if not alike[pair]:
            del alike[pair]
        left -= 1
        totals = [total - count for total, count in zip(totals, pair, strict=True)]
    for pair, names in alike.items():
        if (p := p_value(*shares(pair))) <= LEVEL / left:
            yield from ((p, name) for name in names)


def _ratio(before: int, after: int) -> float:
    """Return by how much the counts, not the shares, differ: of two types that are all there is, that tells which."""
    return max(before, after) / min(before, after)


def _fields(name: str, before: EventTally, after: EventTally) -> Iterator[_Compared]:
    places = [before.places(), after.places()]
    rarest = [_rarest_members(side) for side in places]
    for path in {**places[0], **places[1]}:
        was, now = (side.get(path, _NOTHING) for side in places)
        where = _Where(name, path, (after if path in places[1] else before).envelope)
        objects = [side.get(path[:-1], _NOTHING).seen_as("object") for side in places]
        if path and path[-1] != ELEMENT and objects[0].count and objects[1].count:
            is_known = [least.get(path[:-1], 0) > 1 for least in rarest]
            yield from _presence(where, was, now, objects, is_known)
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


def _rarest_members(places: Mapping[Path, Place]) -> dict[Path, int]:
    """Return, of the object at each path, how often the member was there that came least often."""
    rarest: dict[Path, int] = {}
    for path, place in places.items():
        if path:
            rarest[path[:-1]] = min(place.present.count, rarest.get(path[:-1], place.present.count))
    return rarest


def _presence(
    where: _Where, was: Place, now: Place, objects: Sequence[Sightings], is_known: Sequence[bool]
) -> Iterator[_Compared]:
    """Yield in how many of the *objects* around it, before and after, something is.

    *is_known* says of both whether no member of them came only once.
    """
    before, after = Share(was.present.count, objects[0].count), Share(now.present.count, objects[1].count)
    rises = after.count * before.of > before.count * after.of
    first = now.present.first if rises else now.lacking if after.count else objects[1].first
    if before.count and after.count:
        yield from _share("present_share", where, first, before, after)
        return
    kind: Kind = "field_new" if after.count else "field_gone"
    here, there = (after, before) if after.count else (before, after)
    told = here.count >= _STRAY and there.of >= _SETTLED and is_known[not after.count]
    p = p_value(before, after)
    is_drift = here.count >= FEWEST or p <= LEVEL
    change = Change(kind, where.event_name, where.pointer, _utc(first), asdict(before), asdict(after), is_drift)
    yield _Compared(change, p, least_p_value(before, after) <= LEVEL, told)


def _nulls(where: _Where, was: Place, now: Place) -> Iterator[_Compared]:
    nulls = [place.seen_as("null") for place in (was, now)]
    before, after = (Share(seen.count, place.present.count) for seen, place in zip(nulls, (was, now), strict=True))
    rises = after.count * before.of > before.count * after.of
    values = (seen for kind, seen in now.of(TYPE).items() if kind != "null")
    first = nulls[1].first if rises else _first(values)
    return _share("null_share", where, first, before, after)


def _share(kind: Kind, where: _Where, first: Instant | None, before: Share, after: Share) -> Iterator[_Compared]:
    """Yield a comparison of shares, but where they cannot be told from chance: of many places these are nearly all."""
    if least_p_value(before, after) <= LEVEL:
        change = Change(kind, where.event_name, where.pointer, _utc(first), asdict(before), asdict(after), True)
        yield _Compared(change, p_value(before, after), counts=True)


def _kinds(where: _Where, aspect: str, was: Place, now: Place) -> Iterator[_Compared]:
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
    of = [sum(seen.count for seen in side.values()) for side in (before, after)]
    shares = {kind: (Share(_count(before, kind), of[0]), Share(_count(after, kind), of[1])) for kind in kinds}
    # Of two kinds the second says nothing that the first does not.
    p = min(1.0, min(p_value(*pair) for pair in shares.values()) * (len(kinds) - 1))
    counts = min(least_p_value(*pair) for pair in shares.values()) * (len(kinds) - 1) <= LEVEL
    new = {kind: after[kind].count for kind in after.keys() - before.keys()}
    gone = {kind: before[kind].count for kind in before.keys() - after.keys()}
    told = _is_told(new, before) or _is_told(gone, after)
    grown = [kind for kind in after if shares[kind][1].count * of[0] > shares[kind][0].count * of[1]]
    change = Change(
        "forms" if aspect == FORM else "types",
        where.event_name,
        where.pointer,
        _utc(_first(after[kind] for kind in new or grown)),
        {kind: asdict(shares[kind][0]) for kind in before},
        {kind: asdict(shares[kind][1]) for kind in after},
        max([*new.values(), *gone.values()], default=FEWEST) >= FEWEST
        or (len(common) > 1 and min(p_value(*shares[kind]) for kind in common) <= LEVEL),
    )
    yield _Compared(change, p, counts, told)


def _numbers(kinds: Mapping[str, Sightings]) -> dict[str, Sightings]:
    """Return *kinds* with integers among the numbers: which of these are whole is chance."""
    merged = {kind: seen for kind, seen in kinds.items() if kind not in ("integer", "number")}
    numbers = Sightings()
    for kind in kinds.keys() & {"integer", "number"}:
        numbers.merge(kinds[kind])
    return {**merged, **({"number": numbers} if numbers.count else {})}


def _values(where: _Where, was: Place, now: Place) -> Iterator[_Compared]:
    if not was.values or not now.values:
        return
    before, after = was.of(VALUE), now.of(VALUE)
    strings = [place.seen_as("string") for place in (was, now)]
    is_small_set = len({*before, *after}) * _EVENTS_A_VALUE <= sum(seen.count for seen in strings)
    if was.values < 0 or now.values < 0 or not is_small_set or not before or not after:
        return
    counts = [seen.count for seen in strings]
    yield from _came_and_went(
        "value", where.event_name, where.pointer, before, after, counts[0], counts[1], without=strings[1].first
    )


def _came_and_went(
    what: Literal["event", "value"],
    name: str,
    pointer: str | None,
    before: Mapping[str, Sightings],
    after: Mapping[str, Sightings],
    of_before: int,
    of_after: int,
    *,
    without: Instant | None,
) -> Iterator[_Compared]:
    """Yield the names that only one of two sets has: event types, or values at a *pointer* in events of *name*."""
    for each in {**before, **after}:
        if each in before and each in after:
            continue
        is_new = each in after
        shares = Share(_count(before, each), of_before), Share(_count(after, each), of_after)
        count = shares[is_new].count
        kind = _CAME_AND_WENT[what][is_new]
        was, now = ({**({"value": each} if pointer is not None else {}), **asdict(share)} for share in shares)
        first = after[each].first if is_new else without
        change = Change(kind, name or each, pointer, _utc(first), was, now, is_drift=count >= FEWEST)
        told = _is_told({each: count}, before if is_new else after)
        yield _Compared(change, p_value(*shares), least_p_value(*shares) <= LEVEL, told)


def _is_told(only_here: Mapping[str, int], there: Mapping[str, Sightings]) -> bool:
    """Tell whether what one capture alone has is worth telling, whatever chance says of so few.

    Where the other saw many, and none of them only once, it has likely seen all that there was: how much one has not
    seen is estimated by what one has seen once (Good and Turing).
    """
    counts = [seen.count for seen in there.values()]
    return max(only_here.values(), default=0) >= _STRAY and sum(counts) >= _SETTLED and min(counts) > 1


def _count(seen: Mapping[str, Sightings], name: str) -> int:
    return seen[name].count if name in seen else 0


def _first(sightings: Iterable[Sightings]) -> Instant | None:
    return min((seen.first for seen in sightings if seen.first is not None), default=None)


def _utc(instant: Instant | None) -> str | None:
    return format_utc(instant) if instant is not None else None
