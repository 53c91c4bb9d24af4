"""What a change between two captures is, and when one is worth telling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from canvas_events_cli.drifting.chance import LEVEL, least_p_value
from canvas_events_cli.drifting.clusters import Sample, chance_of
from canvas_events_cli.drifting.report import Sightings
from canvas_events_cli.same_event import ENVELOPES
from canvas_events_cli.timestamps import Instant, format_utc

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
STRAY = 3
"""What was seen less says nothing, and is told only with all the rest."""
SETTLED = 30
"""Events after which one may expect to have seen what a place can hold, where nothing came only once."""


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


NONE = Sightings()
"""To be read only."""


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
        told += [_together(group, changes.in_both)] if 1 < len(group) > changes.in_both / 2 else group
    return sorted(told, key=told_first)


def told_first(change: Change) -> tuple[bool, str]:
    """Return a sort key: changes of whole events first, and of the envelope of many before those of one."""
    return change.pointer is not None, change.event_name


def _together(group: Sequence[Change], in_both: int) -> Change:
    """Return the same change of several types of events as one."""
    types = "all" if len(group) == in_both else f"{len(group):,} of {in_both:,}"
    return replace(
        group[0],
        event_name=f"({types} event types)",
        first=min((one.first for one in group if one.first), default=None),
        before=_summed([one.before for one in group]),
        after=_summed([one.after for one in group]),
        is_drift=any(one.is_drift for one in group),
    )


def _summed(sides: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the shares of all *sides* together."""
    if "of" in sides[0]:
        return {**sides[0], **{name: sum(side[name] for side in sides) for name in ("count", "of")}}
    of = sum(max(share["of"] for share in side.values()) for side in sides)
    counts = Counter[str]()
    for side in sides:
        counts.update({kind: share["count"] for kind, share in side.items()})
    return {kind: {"count": count, "of": of} for kind, count in counts.items()}


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison, which becomes a change where it is told from chance, or is worth telling though it is not."""

    change: Change
    p: float
    counts: bool
    """Whether it is among those that are corrected for: the others cannot be told from chance, whatever was seen."""
    told: bool = False


_CAME_AND_WENT: Mapping[str, tuple[Kind, Kind]] = {
    "event": ("event_gone", "event_new"),
    "value": ("value_gone", "value_new"),
}


def came_and_went(
    what: Literal["event", "value"],
    name: str,
    pointer: str | None,
    before: Mapping[str, Sightings],
    after: Mapping[str, Sightings],
    of: Sequence[Sightings],
    *,
    without: Instant | None,
) -> Iterator[Compared]:
    """Yield the names that only one of two sets has: event types, or values at a *pointer* in events of *name*."""
    for each in {**before, **after}:
        if each in before and each in after:
            continue
        is_new = each in after
        samples = Sample(before.get(each, NONE), of[0]), Sample(after.get(each, NONE), of[1])
        seen = samples[is_new].seen
        kind = _CAME_AND_WENT[what][is_new]
        was, now = ({**({"value": each} if pointer is not None else {}), **asdict(sample.share)} for sample in samples)
        first = seen.first if is_new else without
        change = Change(kind, name or each, pointer, utc(first), was, now, is_drift=counts(seen))
        yield compared(change, *samples, told=is_told([seen], before if is_new else after))


def compared(change: Change, before: Sample, after: Sample, *, told: bool = False) -> Compared:
    """Return the comparison of two samples that *change* tells of."""
    can_tell = least_p_value(before.share, after.share) <= LEVEL
    return Compared(change, chance_of(before, after), can_tell, told)


def counts(seen: Sightings) -> bool:
    """Tell whether what only one capture has was *seen* often enough in it to count as drift."""
    return seen.count >= FEWEST


def is_told(only_here: Iterable[Sightings], there: Mapping[str, Sightings]) -> bool:
    """Tell whether what one capture alone has is worth telling, whatever chance says of so few.

    Where the other saw many, and none of them only once, it has likely seen all that there was: how much one has not
    seen is estimated by what one has seen once (Good and Turing).
    """
    often = [seen.count for seen in there.values()]
    return max((seen.count for seen in only_here), default=0) >= STRAY and sum(often) >= SETTLED and min(often) > 1


def first_of(sightings: Iterable[Sightings]) -> Instant | None:
    """Return the first instant of them all, where one is known."""
    return min((seen.first for seen in sightings if seen.first is not None), default=None)


def utc(instant: Instant | None) -> str | None:
    """Return *instant* as it is told."""
    return format_utc(instant) if instant is not None else None
