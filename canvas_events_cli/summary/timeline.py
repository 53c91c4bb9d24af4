"""How many retries fell into each minute, hour or day, and when the first and the last event of each name was."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import repeat
from operator import floordiv
from typing import Any

from canvas_events_cli.timestamps import NO_TIME, SECOND, Instant

BUCKETS: Mapping[str, int] = {"minute": 60, "hour": 3_600, "day": 86_400}
"""The lengths that a timeline counts by, in seconds."""
_LONGEST_SPANS = {"minute": 3 * 3_600 * SECOND, "hour": 7 * 86_400 * SECOND}
"""What still suits a bucket, in microseconds; longer ones are told by days."""


class Spans(dict[str, tuple[int, int]]):
    """By name of events, when the first and the last with a usable time were, in microseconds since 1970."""

    def extend(self, name: str, times: Sequence[int]) -> None:
        """Let there be events of this *name* at *times*; NO_TIME among them is none."""
        first, last = min(times), max(times)
        if first == NO_TIME:
            first = min((at for at in times if at != NO_TIME), default=NO_TIME)
        if first != NO_TIME:
            known = self.get(name, (first, last))
            self[name] = min(known[0], first), max(known[1], last)

    def add(self, names: Sequence[str], times: Sequence[int]) -> None:
        """Let there be events of these *names* at *times*."""
        if names and names.count(names[0]) == len(names):  # sooner
            self.extend(names[0], times)
            return
        by_name: defaultdict[str, list[int]] = defaultdict(list)
        for name, at in zip(names, times, strict=True):
            by_name[name].append(at)
        for name, known in by_name.items():
            self.extend(name, known)

    @property
    def latest(self) -> int:
        """The latest time of any event; NO_TIME where none has a usable one."""
        return max((last for _, last in self.values()), default=NO_TIME)


def bucket_of(span: int) -> str:
    """Return which of the BUCKETS suits a *span* of microseconds."""
    return next((name for name, longest in _LONGEST_SPANS.items() if span <= longest), "day")


def timeline(times: Sequence[int], span: int) -> dict[str, Any]:
    """Count *times*, in microseconds since 1970, by minutes, hours or days, whichever suits their *span*.

    Those without any are left out, the others stand in order, each with the instant at which it begins, in UTC.
    """
    bucket = bucket_of(span)
    length = BUCKETS[bucket]
    counts = Counter(map(floordiv, times, repeat(length * SECOND)))
    rows = [{"start": Instant(start * length, ""), "retries": count} for start, count in sorted(counts.items())]
    return {"bucket": bucket, "counts": rows}
