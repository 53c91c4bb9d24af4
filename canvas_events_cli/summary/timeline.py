"""Times in whole microseconds, and how many retries fell into each minute, hour or day."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import repeat
from operator import floordiv
from typing import Any

from canvas_events_cli.model import Json
from canvas_events_cli.timestamps import Instant, parse_instant

NO_TIME = -(2**63)
"""In place of microseconds where there is no time; the least number a row can hold, far off the calendar."""

_SECOND = 1_000_000
BUCKETS: Mapping[str, int] = {"minute": 60, "hour": 3_600, "day": 86_400}
"""The lengths that a timeline counts by, in seconds."""
_LONGEST_SPANS = {"minute": 3 * 3_600 * _SECOND, "hour": 7 * 86_400 * _SECOND}
"""What still suits a bucket, in microseconds; longer ones are told by days."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LONGEST = len("1970-01-01T00:00:00.000000Z")


def utc_micros(texts: Sequence[Any]) -> list[int]:
    """Return the instants *texts* in microseconds since 1970, all of them as Canvas writes them: in UTC, in capitals.

    Raises ValueError for any other text, and for more decimals than six.
    """
    return [(time - _EPOCH) // _MICROSECOND for time in _utc_times(texts)]


def _utc_times(texts: Sequence[Any]) -> list[datetime]:
    from msgspec import convert

    times = convert(texts, list[datetime])
    # What it accepts has a single letter between date and time, and one in the end, or an offset, or nothing.
    joined = "".join(texts)
    if not joined.count("T") == joined.count("Z") == len(texts) or max(map(len, texts), default=0) > _LONGEST:
        raise ValueError(joined)
    return times


def micros_of(event_time: Json) -> int:
    """Return the instant that *event_time* names in microseconds since 1970; NO_TIME where it names none."""
    try:
        return utc_micros([event_time])[0]  # a quarter of the time
    except ValueError:
        return to_micros(parse_instant(event_time))


def to_micros(instant: Instant | None) -> int:
    """Return *instant* in microseconds since 1970, further decimals cut; NO_TIME where there is none."""
    return NO_TIME if instant is None else instant.seconds * _SECOND + int((instant.fraction + "000000")[:6])


def latest_of(event_times: Sequence[Json]) -> int:
    """Return the latest instant that any of *event_times* names, as :func:`micros_of` does; NO_TIME where none does."""
    try:
        return (max(_utc_times(event_times)) - _EPOCH) // _MICROSECOND
    except ValueError:
        return max(map(micros_of, event_times), default=NO_TIME)


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
