"""What changed between two captures, by more than chance: of which type of events, and in their fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from canvas_events_cli.catalog import Catalog
from canvas_events_cli.drifting.capture import Capture
from canvas_events_cli.drifting.clusters import (
    LEVEL,
    Sample,
    Share,
    beyond_chance,
    can_differ,
    chance_of,
    g_statistic,
    p_value,
)
from canvas_events_cli.drifting.field_changes import FEWEST, SETTLED, Change, Compared, came_and_went, changed_fields
from canvas_events_cli.drifting.kinds import documenting
from canvas_events_cli.drifting.report import utc
from canvas_events_cli.same_event import ENVELOPES
from canvas_events_cli.validation.engines import Path

_MOST_RATES = 100
"""Types of events set aside one after the other, to compare the frequencies of the others; then all at once."""
_MOST_EXACT = 150
"""Different frequencies up to which each is held against chance exactly, to tell which one changed most."""


@dataclass(frozen=True, slots=True)
class Changes:
    """All that changed."""

    before: int
    """Events compared, without redelivered copies."""
    after: int
    changes: tuple[Change, ...]
    in_both: int = 0
    """Types of events that both captures have."""

    @property
    def found(self) -> bool:
        """Whether there is drift."""
        return any(change.is_drift for change in self.changes)

    def to_dict(self) -> dict[str, Any]:
        """Return what ``drift --against -o json`` prints."""
        names = [name for name in Change.__slots__ if name != "is_drift"]
        rows = [{name: getattr(change, name) for name in names} for change in self.changes]
        return {"before": {"events": self.before}, "after": {"events": self.after}, "changes": rows}


def told_once(changes: Changes) -> list[Change]:
    """Return *changes* for people: one of the envelope once, where more than half of the types of events have it."""
    alike: dict[Hashable, list[Change]] = {}
    for change in changes.changes:
        tokens = (change.pointer or "").split("/")
        is_shared = tokens[1:2] in ([name] for name in ENVELOPES)
        key = (change.change, change.pointer, change.after.get("value")) if is_shared else len(alike)
        alike.setdefault(key, []).append(change)
    told: list[Change] = []
    for group in alike.values():
        if not 1 < len(group) > changes.in_both / 2:
            told += group
            continue
        types = "all" if len(group) == changes.in_both else f"{len(group):,} of {changes.in_both:,}"
        together = replace(
            group[0],
            event_name=f"({types} event types)",
            first=min((one.first for one in group if one.first), default=None),
            before=_summed([one.before for one in group]),
            after=_summed([one.after for one in group]),
            is_drift=any(one.is_drift for one in group),
        )
        told.append(together)
    return sorted(told, key=_told_first)


def _told_first(change: Change) -> tuple[bool, str]:
    """Return a sort key: changes of whole events first, and of the envelope of many before those of one."""
    return change.pointer is not None, change.event_name


def _summed(sides: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the shares of all *sides* together."""
    if "of" in sides[0]:
        return {**sides[0], **{name: sum(side[name] for side in sides) for name in ("count", "of")}}
    of = sum(max(share["of"] for share in side.values()) for side in sides)
    counts = Counter[str]()
    for side in sides:
        counts.update({kind: share["count"] for kind, share in side.items()})
    return {kind: {"count": count, "of": of} for kind, count in counts.items()}


def compare_captures(before: Capture, after: Capture, catalog: Catalog, *, everything: bool = False) -> Changes:
    """Return what changed from *before* to *after*; *everything* tells also of values seen once or twice.

    What *catalog* documents may come and go by chance. Comparisons are corrected for how many of their kind there are.
    """
    fields_of = [{path for tally in side.events.values() for path in tally.places()} for side in (before, after)]
    is_documented = documenting(catalog)

    def is_news(name: str, place: Path, is_new: bool) -> bool:
        return place not in fields_of[not is_new] and not is_documented(name, place)

    def may_be_told(one: Compared) -> bool:
        # Chance explains away a share that differs, but not a name that is new.
        return one.told or (everything and not one.change.change.endswith(("_rate", "_share")))

    compared = [*_events(before, after, catalog)]
    in_both = before.events.keys() & after.events.keys()
    for name in in_both:
        was, now = before.events[name], after.events[name]
        # Of many names most have too few events to show anything.
        if everything or max(was.seen.count, now.seen.count) >= SETTLED or can_differ(was.seen.count, now.seen.count):
            compared += (one for one in changed_fields(name, was, now, is_news) if one.counts or may_be_told(one))
    chances: dict[str, list[float]] = {}
    for one in compared:
        if one.counts:
            chances.setdefault(one.change.change, []).append(one.p)
    limits = {kind: beyond_chance(of_kind) for kind, of_kind in chances.items()}
    changes = []
    for one in compared:
        is_sure = one.counts and one.p <= limits[one.change.change]
        if is_sure or may_be_told(one):
            changes.append(replace(one.change, is_drift=is_sure or (one.told and one.change.is_drift)))
    changes.sort(key=_told_first)
    return Changes(before.total.count, after.total.count, tuple(changes), len(in_both))


def _events(before: Capture, after: Capture, catalog: Catalog) -> Iterator[Compared]:
    """Yield event types that are new or gone, and those of another frequency among the types that stayed as they were.

    A type that became frequent makes all others rarer: so the one that changed most is set aside, and the others are
    compared without it, as long as one differs by more than chance.
    """
    seen = [{name: tally.seen for name, tally in capture.events.items()} for capture in (before, after)]
    of = before.total, after.total
    for one in came_and_went("event", "", None, seen, of, without=of[1].first):
        has, lacks = sorted((one.change.before, one.change.after), key=lambda side: -int(side["count"]))
        # A documented event may be too rare to have come in the smaller capture.
        would_show = round(has["count"] * lacks["of"] / has["of"]) >= FEWEST
        yield replace(one, told=one.told and (would_show or one.change.event_name not in catalog.bodies))
    for p, name in changed_rates(*({name: one.count for name, one in side.items()} for side in seen)):
        was, now = (Sample(side[name], total) for side, total in zip(seen, of, strict=True))
        if chance_of(was, now, by_ratio=True) <= LEVEL:
            change = Change("event_rate", name, None, utc(now.seen.first), asdict(was.share), asdict(now.share), True)
            yield Compared(change, p, False, told=True)


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

    def shares(pair: tuple[int, int]) -> Iterable[Share]:
        return map(Share, pair, totals)

    exact = len(alike) <= _MOST_EXACT
    for _ in range(_MOST_RATES):
        if left < 2:
            return
        # Of two types that are all there is, by how much the counts differ, not the shares, tells which changed.
        ranked = (
            (p_value(*shares(pair)) if exact else -g_statistic(*shares(pair)), -max(pair) / min(pair), names[-1], pair)
            for pair, names in alike.items()
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
