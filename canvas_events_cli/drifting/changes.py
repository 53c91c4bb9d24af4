"""What changed between two captures, by more than chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace

from canvas_events_cli.catalog import Catalog
from canvas_events_cli.drifting.capture import Capture
from canvas_events_cli.drifting.chance import LEVEL, Share, beyond_chance, can_differ, g_statistic, p_value
from canvas_events_cli.drifting.change import FEWEST, SETTLED, Change, Changes, Compared, came_and_went, told_first, utc
from canvas_events_cli.drifting.clusters import Sample, chance_of
from canvas_events_cli.drifting.field_changes import News, changed_fields
from canvas_events_cli.drifting.kinds import documenting

_MOST_RATES = 100
"""Types of events set aside one after the other, to compare the frequencies of the others; then all at once."""
_MOST_EXACT = 150
"""Different frequencies up to which each is held against chance exactly, to tell which one changed most."""


def compare_captures(before: Capture, after: Capture, catalog: Catalog, *, everything: bool = False) -> Changes:
    """Return what changed from *before* to *after*; *everything* tells also of values seen once or twice.

    What *catalog* documents may come and go by chance. Comparisons are corrected for how many of their kind there are.
    """
    compared = [*_events(before, after, catalog)]
    news = News(before, after, documenting(catalog))
    for name in before.events.keys() & after.events.keys():
        was, now = before.events[name], after.events[name]
        # Of many names most have too few events to show anything.
        if everything or max(was.seen.count, now.seen.count) >= SETTLED or can_differ(was.seen.count, now.seen.count):
            compared += (one for one in changed_fields(name, was, now, news) if one.counts or one.told or everything)
    chances: dict[str, list[float]] = {}
    for one in compared:
        if one.counts:
            chances.setdefault(one.change.change, []).append(one.p)
    limits = {kind: beyond_chance(of_kind) for kind, of_kind in chances.items()}
    changes = []
    for one in compared:
        is_sure = one.counts and one.p <= limits[one.change.change]
        if is_sure or one.told or (everything and one.change.change in _RARE):
            changes.append(replace(one.change, is_drift=is_sure or (one.told and one.change.is_drift)))
    changes.sort(key=told_first)
    in_both = len(before.events.keys() & after.events.keys())
    return Changes(before.total.count, after.total.count, tuple(changes), in_both)


_RARE = frozenset(("event_new", "event_gone", "field_new", "field_gone", "types", "forms", "value_new", "value_gone"))
"""What may be told though chance explains it."""


def _events(before: Capture, after: Capture, catalog: Catalog) -> Iterator[Compared]:
    """Yield event types that are new or gone, and those of another frequency among the types that stayed as they were.

    A type that became frequent makes all others rarer: so the one that changed most is set aside, and the others are
    compared without it, as long as one differs by more than chance.
    """
    seen = [{name: tally.seen for name, tally in capture.events.items()} for capture in (before, after)]
    of = before.total, after.total
    for one in came_and_went("event", "", None, seen[0], seen[1], of, without=after.total.first):
        # A documented event may be too rare to have come in the smaller capture.
        is_news = one.change.event_name not in catalog.bodies or _would_show(one.change)
        yield replace(one, told=one.told and is_news)
    for p, name in changed_rates(*({name: one.count for name, one in side.items()} for side in seen)):
        was, now = (Sample(side[name], total) for side, total in zip(seen, of, strict=True))
        if chance_of(was, now, by_ratio=True) <= LEVEL:
            change = Change("event_rate", name, None, utc(now.seen.first), asdict(was.share), asdict(now.share), True)
            yield Compared(change, p, False, told=True)


def _would_show(change: Change) -> bool:
    """Tell whether what one capture alone has would have shown often enough in the other, were it as frequent there."""
    has, lacks = sorted((change.before, change.after), key=lambda side: -int(side["count"]))
    expected: float = has["count"] * lacks["of"] / has["of"]
    return round(expected) >= FEWEST


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
