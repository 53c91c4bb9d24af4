"""How events hang together: those of one user, course or hour are alike, and are less evidence than so many others.

A field that one busy user's events lack comes and goes with that user. So events are dealt into groups, users, courses,
assignments and hours each by themselves: how much a share differs between the groups tells how much it differs by the
chance of who was busy. That takes the same memory for any number of users (the random groups of survey sampling).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb, erfc, exp, lgamma, log, log1p, sqrt
from struct import unpack
from typing import NamedTuple
from zlib import crc32

from canvas_events_cli.canvas_ids import canvas_id, local_id
from canvas_events_cli.drifting.report import Sightings
from canvas_events_cli.model import Json
from canvas_events_cli.remembered import Remembered
from canvas_events_cli.same_event import ENVELOPES
from canvas_events_cli.timestamps import Instant

LEVEL = 0.001
"""Of what is reported, the part that may be chance: a check that runs every night is not to cry wolf once a year."""
_EXACT_UP_TO = 1_000
"""Above so many of the rarer outcome the G-test is as good as Fisher's, which would take a step for each."""
_ROUNDING = 1e-7


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    count: int
    of: int


@lru_cache(maxsize=4096)
def p_value(before: Share, after: Share) -> float:
    """Return how likely two samples of one population are to differ at least so much.

    By Fisher's exact test, two-sided: right for any counts, also 5 of 300 and none of 12. Where all counts are large,
    by the G-test with one degree of freedom.
    """
    # Counted are those of which there are fewer: they bound the steps.
    if 2 * (before.count + after.count) > before.of + after.of:
        before, after = (Share(side.of - side.count, side.of) for side in (before, after))
    total = before.count + after.count
    if not total or not before.of or not after.of:
        return 1.0
    if min(before.of, after.of, total) > _EXACT_UP_TO:
        return erfc(sqrt(max(g_statistic(before, after), 0.0) / 2))
    least, most = max(0, total - after.of), min(total, before.of)
    # The logarithms of the chances that so many of the total are among those before (hypergeometric).
    every = _log_ways(before.of + after.of, total)
    counts = range(least, most + 1)
    weights = [_log_ways(before.of, count) + _log_ways(after.of, total - count) - every for count in counts]
    limit = weights[before.count - least] + _ROUNDING
    return min(1.0, sum(exp(weight) for weight in weights if weight <= limit))


@lru_cache(maxsize=4096)
def least_p_value(before: Share, after: Share) -> float:
    """Return the least that :func:`p_value` can be, whatever the sample that has the rarer outcome."""
    total = before.count + after.count
    total = min(total, before.of + after.of - total)
    ends = (max(0, total - after.of), min(total, before.of))
    return min(p_value(Share(end, before.of), Share(total - end, after.of)) for end in ends)


def can_differ(before: int, after: int) -> bool:
    """Tell whether samples of so many can differ by more than chance: at most all of one and none of the other do."""
    return max(before, after) >= 1 / LEVEL or comb(before + after, before) * LEVEL >= 1


def beyond_chance(p_values: Sequence[float]) -> float:
    """Return the largest of *p_values* that is still told from chance; -1 where none is.

    By Benjamini and Hochberg, who bound the part of chance in what is reported. Where nothing changed that is the
    chance that anything is reported, as with Holm; where much changed, Holm would let many changes hide the smaller.
    """
    ranked = sorted(p_values)
    passed = (p for rank, p in enumerate(ranked, 1) if p <= LEVEL * rank / len(ranked))
    return max(passed, default=-1.0)


def _log_ways(of: int, count: int) -> float:
    return lgamma(of + 1) - lgamma(count + 1) - lgamma(of - count + 1)


def g_statistic(before: Share, after: Share) -> float:
    """Return how much two samples differ: Wilks' G, which grows with the evidence against one population."""
    rate = (before.count + after.count) / (before.of + after.of)
    g = 0.0
    for share in (before, after):
        for seen, expected in ((share.count, share.of * rate), (share.of - share.count, share.of * (1 - rate))):
            g += 2 * seen * log(seen / expected) if seen else 0.0
    return g


GROUPS = 64
_BITS = 32
"""Of the count of one group."""
_HOUR = 3600
_MOSTLY = 0.5
"""Of the events, the part that is of groups which were as busy in both captures."""
_MIXED = 8
"""Events that others of their group are unlike: from so many on it shows how much the groups differ at all."""
_HARDLY_MORE, _MORE_GROUPS, _MORE_OF_OTHERS = 1.25, 6, 2
"""By trial: of pairs of captures without change, few users' told apart from many's, and planted changes still found."""

_FIELDS: Sequence[Sequence[tuple[str, str]]] = (
    # Who did it; of what no user did, the session or the job.
    (("metadata", "user_id"), ("metadata", "session_id"), ("metadata", "job_id"), ("actor", "id")),
    (("metadata", "session_id"), ("metadata", "job_id"), ("session", "id")),
    # Where it was.
    (("metadata", "context_id"), ("body", "course_id"), ("body", "context_id"), ("group", "id")),
    # What it was about, and whom.
    (("body", "assignment_id"), ("object", "id")),
    (("body", "user_id"),),
)
"""What events that are alike have in common: a row for each way to deal them, in it the first field that is there."""
_LASTING = (0, 2)
"""Users and courses stay what they are: where others are busy, that explains any difference."""
_WAYS = len(_FIELDS) + 1
"""The last one is the hour."""
_WAY_BITS = GROUPS * _BITS


def _group_of(value: str | int) -> int:
    digits = canvas_id(value)
    # A user stays the same when ids become local ones. The hash of a text differs from process to process.
    text = str(value) if digits is None else local_id(digits)
    return crc32(text.encode(errors="replace")) % GROUPS


_groups = Remembered(_group_of)


def groups_of(event: dict[str, Json], moment: Instant | None, digest: bytes) -> bytes:
    """Return the group of *event* by each way; one that nothing ties to others goes by its *digest*."""
    groups = bytearray()
    for fields in _FIELDS:
        group = digest[0] % GROUPS
        for part, name in fields:
            holder = event.get(part)
            if holder is None and part == ENVELOPES[0]:
                holder = event.get(ENVELOPES[1])
            value = holder.get(name) if type(holder) is dict else None
            if type(value) is str or type(value) is int:
                group = _groups[value]
                break
        groups.append(group)
    groups.append(moment.seconds // _HOUR % GROUPS if moment is not None else digest[0] % GROUPS)
    return bytes(groups)


_ONE = [[1 << (way * _WAY_BITS + group * _BITS) for group in range(GROUPS)] for way in range(_WAYS)]


def counted_once(groups: bytes) -> int:
    """Return the counts by group of one event in these *groups*: counts are added as numbers are."""
    return sum(_ONE[way][group] for way, group in enumerate(groups))


def _ways(counts: int) -> Iterator[Sequence[int]]:
    """Yield the count of each group, by one way after the other."""
    words = unpack(f"<{_WAYS * GROUPS}I", counts.to_bytes(_WAYS * _WAY_BITS // 8, "little"))
    for way in range(_WAYS):
        yield words[way * GROUPS : (way + 1) * GROUPS]


_Groups = tuple[Sequence[int], Sequence[int]]
"""Of each group, how many of how many."""
_Row = tuple[int, int, int, int]
"""Of one group, how many of how many before and after."""


class Sample(NamedTuple):
    """So many of so many, with their groups."""

    seen: Sightings
    of: Sightings

    @property
    def share(self) -> Share:
        """The same as numbers."""
        return Share(self.seen.count, self.of.count)


def chance_of(before: Sample, after: Sample, *, by_ratio: bool = False) -> float:
    """Return how likely two samples of one population are to differ at least so much, though events hang together.

    The larger of what independent events and what each way to group them gives. *by_ratio* is for shares that no two
    users have in common, as those of types of events: there it is enough that all have so many times as many.
    """
    p = p_value(before.share, after.share)
    if p > LEVEL:
        return p
    sides = [[*zip(_ways(sample.seen.groups), _ways(sample.of.groups), strict=True)] for sample in (before, after)]
    of_groups = max(
        _chance_of_groups(before, after, lasting=way in _LASTING, by_ratio=by_ratio)
        for way, (before, after) in enumerate(zip(*sides, strict=True))
    )
    return max(p, of_groups)


def _chance_of_groups(before: _Groups, after: _Groups, *, lasting: bool, by_ratio: bool) -> float:
    of = sum(before[1]), sum(after[1])
    shares = sum(before[0]) / of[0], sum(after[0]) / of[1]
    rows = [row for row in zip(*before, *after, strict=True) if row[1] or row[3]]
    are_others = lasting and sum(min(n0 / of[0], n1 / of[1]) for _, n0, _, n1 in rows) < _MOSTLY
    if are_others:
        if sum(min(c0, n0 - c0) + min(c1, n1 - c1) for c0, n0, c1, n1 in rows) < _MIXED:
            return _chance_of_others(rows, of)
        rows = [side for c0, n0, c1, n1 in rows for side in ((c0, n0, 0, 0), (0, 0, c1, n1)) if any(side)]
    deviations = [(c1 - shares[1] * n1) / of[1] - (c0 - shares[0] * n0) / of[0] for c0, n0, c1, n1 in rows]
    weights = [(n0 / of[0] + n1 / of[1]) / 2 for _, n0, _, n1 in rows]
    independent = sum(share * (1 - share) / count for share, count in zip(shares, of, strict=True))
    more = _MORE_OF_OTHERS if are_others else _MORE_GROUPS
    p = _chance_of_mean(shares[1] - shares[0], deviations, weights, independent, more)
    return min(p, _chance_of_ratio(rows)) if by_ratio else p


def _chance_of_others(rows: Sequence[_Row], of: tuple[int, int]) -> float:
    """Return the same where mostly others were busy, and groups are one thing or the other, however often they came."""
    share = sum(c0 + c1 for c0, _, c1, _ in rows) / sum(of)
    clusters = [1 / sum((row[side] / total) ** 2 for row in rows) for side, total in ((1, of[0]), (3, of[1]))]
    if min(clusters) < 2 <= max(clusters):
        return 0.0  # Of one alone, as of an id that became the same for all, nothing can be said.
    difference = sum(c1 for _, _, c1, _ in rows) / of[1] - sum(c0 for c0, *_ in rows) / of[0]
    deviate = abs(difference) / sqrt(share * (1 - share) * (1 / clusters[0] + 1 / clusters[1]))
    p = erfc(deviate / sqrt(2))
    if abs(difference) < 1:
        return p
    # All of one are unlike all of the other: so they fall out in two of all ways to deal them, however busy each is.
    groups = [sum(row[side] > 0 for row in rows) for side in (1, 3)]
    return min(p, 2 / comb(sum(groups), groups[0]))


def _chance_of_ratio(rows: Sequence[_Row]) -> float:
    """Return the same of the odds, which Mantel and Haenszel take from within each group."""
    more = [c1 * (n0 - c0) / (n0 + n1) for c0, n0, c1, n1 in rows]
    less = [c0 * (n1 - c1) / (n0 + n1) for c0, n0, c1, n1 in rows]
    totals = sum(more), sum(less)
    if not all(totals):
        return 1.0
    parts = [(a / totals[0], b / totals[1]) for a, b in zip(more, less, strict=True)]
    return _chance_of_mean(log(totals[0] / totals[1]), [a - b for a, b in parts], [(a + b) / 2 for a, b in parts])


def _chance_of_mean(
    mean: float,
    deviations: Sequence[float],
    weights: Sequence[float],
    independent: float | None = None,
    more: float = 0,
) -> float:
    """Return how likely the *mean* is so far from 0, whose groups deviate so from it: by Student's t.

    *independent* is its variance if events were independent. Where groups deviate hardly more than that, nothing shows
    that they matter; where they do, it stands for as many more of them as keep a few from being taken at their word.
    """
    if len(weights) < 2:
        return 0.0
    degrees = 1 / sum(weight * weight for weight in weights) - 1
    variance = len(weights) / (len(weights) - 1) * sum(deviation * deviation for deviation in deviations)
    if independent is not None:
        if variance <= _HARDLY_MORE * independent:
            return 0.0
        variance = (degrees * variance + more * independent) / (degrees + more)
        degrees += more
    if not variance or degrees <= 0:
        return 0.0
    # Wallace's approximation of t by a normal deviate.
    deviate = (8 * degrees + 1) / (8 * degrees + 3) * sqrt(degrees * log1p(mean * mean / variance / degrees))
    return erfc(deviate / sqrt(2))
