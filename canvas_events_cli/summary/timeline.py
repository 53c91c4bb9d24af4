"""Times in whole microseconds, and how many retries fell into each minute, hour or day."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import repeat
from operator import floordiv
from typing import Any

from canvas_events_cli.model import Json
from canvas_events_cli.timestamps import Instant, is_usual, parse_instant

NO_TIME = -(2**63)
"""In place of microseconds where there is no time; the least number a row can hold, far off the calendar."""

_SECOND = 1_000_000
BUCKETS: Mapping[str, int] = {"minute": 60, "hour": 3_600, "day": 86_400}
"""The lengths that a timeline counts by, in seconds."""
_LONGEST_SPANS = {"minute": 3 * 3_600 * _SECOND, "hour": 7 * 86_400 * _SECOND}
"""What still suits a bucket, in microseconds; longer ones are told by days."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400
_FIRST_YEARS_END, _LAST_YEAR = (
    (date(year, 1, 1).toordinal() - _EPOCH.toordinal()) * _DAY * _SECOND for year in (2, 9999)
)
_LONGEST_IN_UTC, _LONGEST = len("1970-01-01T00:00:00.000000Z"), len("1970-01-01T00:00:00.000000+00:00")
_USUAL_TIMES = re.compile(
    r"(?:[12][0-9]{3}-[0-9-]{5}T[0-9:]{8}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})(?:\n|\Z))*+", re.ASCII
)
"""Lines of valid times that Python's calendar has, wherever on it their offsets lead."""


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


def to_micros(event_times: Sequence[Json]) -> tuple[list[int], list[bool]]:
    """Return the instant that each of *event_times* names in microseconds since 1970, and whether that is exact.

    Further decimals are cut; NO_TIME where there is no instant.
    """
    try:
        return _usual_times(event_times), [True] * len(event_times)
    except (ValueError, TypeError):
        pass
    usual = [time for time in event_times if isinstance(time, str) and is_usual(time)]
    if 0 < len(usual) < len(event_times):
        known = iter(zip(*to_micros(usual), strict=True))
        found = [next(known) if isinstance(time, str) and is_usual(time) else _micros(time) for time in event_times]
    else:
        found = [*map(_micros, event_times)]
    return [at for at, _ in found], [is_exact for _, is_exact in found]


def _micros(event_time: Json) -> tuple[int, bool]:
    instant = parse_instant(event_time)
    if instant is None:
        return NO_TIME, False
    return instant.seconds * _SECOND + int((instant.fraction + "000000")[:6]), len(instant.fraction) <= 6


def _usual_times(texts: Sequence[Any]) -> list[int]:
    """Return what usual *texts* name. Raises ValueError or TypeError where one is no text, no time, or not usual."""
    from msgspec import convert

    times = convert(texts, list[datetime])
    # What it accepts besides: no offset, or one without a colon; another letter, and decimals that it rounds.
    lines = "\n".join(texts)
    in_utc, longest = lines.count("Z"), max(map(len, texts), default=0)
    are_alike = longest <= (_LONGEST_IN_UTC if in_utc else _LONGEST) and in_utc in (0, len(texts))
    are_usual = are_alike and lines.count("T") == len(texts) and lines.count(":") == 3 * len(texts) - in_utc
    if not are_usual and _USUAL_TIMES.fullmatch(lines) is None:  # which takes three times as long as to count
        raise ValueError(lines)
    # With one offset for both, which is that of all most often, none is ever asked for.
    epoch = _EPOCH.astimezone(times[0].tzinfo) if times else _EPOCH
    gone = [time - epoch for time in times]
    # To divide by a microsecond takes longer.
    micros = [(time.days * _DAY + time.seconds) * _SECOND + time.microseconds for time in gone]
    if in_utc < len(micros) and not _FIRST_YEARS_END <= min(micros) <= max(micros) < _LAST_YEAR:
        raise ValueError(lines)  # where an offset leads off the calendar
    return micros


def micros_of(event_time: Json) -> int:
    """Return the instant that *event_time* names in microseconds since 1970; NO_TIME where it names none."""
    return to_micros([event_time])[0][0]


def instant_of(micros: int) -> Instant | None:
    """Return *micros*, which count from 1970, as an instant; None for NO_TIME."""
    seconds, rest = divmod(micros, _SECOND)
    return None if micros == NO_TIME else Instant(seconds, f"{rest:06}".rstrip("0"))


def timeline(times: Sequence[int]) -> dict[str, Any]:
    """Count *times*, in microseconds since 1970, by minutes, hours or days, whichever suits their span.

    Those without any are left out, the others stand in order, each with the instant at which it begins, in UTC.
    """
    span = max(times, default=0) - min(times, default=0)
    bucket = next((name for name, longest in _LONGEST_SPANS.items() if span <= longest), "day")
    length = BUCKETS[bucket]
    counts = Counter(map(floordiv, times, repeat(length * _SECOND)))
    rows = [{"start": Instant(start * length, ""), "retries": count} for start, count in sorted(counts.items())]
    return {"bucket": bucket, "counts": rows}
