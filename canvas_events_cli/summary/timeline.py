"""Times in whole microseconds, and how many retries fell into each minute, hour or day."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import repeat
from operator import floordiv, sub
from typing import Any, Literal, NamedTuple

from canvas_events_cli.model import Json
from canvas_events_cli.timestamps import Instant, parse_instant

Bucket = Literal["minute", "hour", "day"]

NO_TIME = -(2**63)
"""In place of microseconds where there is no time; the least number a row can hold, far off the calendar."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LONGEST = len("1970-01-01T00:00:00.000000Z")

_SECOND = 1_000_000
_HOUR = 3_600 * _SECOND
_DAY = 24 * _HOUR

_BUCKETS: tuple[tuple[Bucket, int, float], ...] = (
    ("minute", 60 * _SECOND, 3 * _HOUR),
    ("hour", _HOUR, 7 * _DAY),
    ("day", _DAY, float("inf")),
)
"""Name, length, and the longest span it serves, in microseconds."""


class Timeline(NamedTuple):
    """Counts of events over time; empty buckets are left out."""

    bucket: Bucket
    counts: list[tuple[int, int]]
    """Where each bucket starts, in microseconds since 1970, in UTC; and how many events it holds. In order."""


def utc_micros(texts: Sequence[Any]) -> list[int]:
    """Return the instants *texts* in microseconds since 1970, all of them as Canvas writes them: in UTC, in capitals.

    Raises ValueError for any other text, and for more decimals than six.
    """
    return [*map(floordiv, map(sub, _utc_times(texts), repeat(_EPOCH)), repeat(_MICROSECOND))]


def _utc_times(texts: Sequence[Any]) -> list[datetime]:
    from msgspec import convert

    times = convert(texts, list[datetime])
    # What it accepts has a single letter between date and time, and one in the end, or an offset, or nothing.
    joined = "".join(texts)
    if not joined.count("T") == joined.count("Z") == len(texts) or max(map(len, texts), default=0) > _LONGEST:
        raise ValueError(joined)
    return times


def exact_micros(event_time: Json) -> int | None:
    """Return what :func:`micros_of` does, but None where it cuts decimals, or there is no time."""
    instant = parse_instant(event_time)
    return _micros(instant) if instant is not None and len(instant.fraction) <= 6 else None


def micros_of(event_time: Json) -> int:
    """Return the instant that *event_time* names in microseconds since 1970 (further decimals are cut).

    NO_TIME where it names none.
    """
    if not isinstance(event_time, str):
        return NO_TIME
    try:
        return utc_micros([event_time])[0]  # a quarter of the time
    except ValueError:
        instant = parse_instant(event_time)
        return NO_TIME if instant is None else _micros(instant)


def _micros(instant: Instant) -> int:
    return instant.seconds * _SECOND + int((instant.fraction + "000000")[:6])


def latest_of(event_times: Sequence[Json]) -> int:
    """Return the latest instant that any of *event_times* names, as :func:`micros_of` does; NO_TIME where none does."""
    try:
        return (max(_utc_times(event_times)) - _EPOCH) // _MICROSECOND
    except ValueError:
        return max(map(micros_of, event_times), default=NO_TIME)


def format_micros(micros: int) -> str:
    """Return a time on the calendar as ``2024-07-30T19:04:35.872Z``; *micros* count from 1970."""
    return (_EPOCH + micros * _MICROSECOND).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def timeline(times: Iterable[int], span: int) -> Timeline:
    """Count *times* by minutes, hours or days, whichever suits *span*, from the first to the last of them.

    All are in microseconds.
    """
    bucket, length = next((name, length) for name, length, longest in _BUCKETS if span <= longest)
    counts = Counter(map(floordiv, times, repeat(length)))
    return Timeline(bucket, [(start * length, count) for start, count in sorted(counts.items())])
