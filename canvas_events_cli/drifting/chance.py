"""Whether two counts differ by more than chance, and which of many such comparisons still do."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb, erfc, exp, lgamma, log, sqrt

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
