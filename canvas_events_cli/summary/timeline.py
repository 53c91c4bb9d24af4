"""Times in whole microseconds, and how many retries fell into each minute, hour or day."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from canvas_events_cli.model import Json
from canvas_events_cli.timestamps import parse_instant

Bucket = Literal["minute", "hour", "day"]

NO_TIME = -(2**63)
"""In place of microseconds where there is no time; the least number a row can hold, far off the calendar."""

_EPOCH = datetime(1970, 1, 1)
_CALENDAR = range(-62_135_596_800, 253_402_300_800)
"""The seconds of the years 1 to 9999, counted from 1970."""

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


def utc_micros(texts: Iterable[str]) -> list[int]:
    """Return the instants *texts* in microseconds since 1970, all of them as Canvas writes them: in UTC, in capitals.

    Their parts recur, and have been read before. Raises KeyError for any other text, and for more decimals than six.
    """
    hours, minutes, fractions = _HOURS, _MINUTES, _FRACTIONS
    return [hours[text[:13]] + minutes[text[13:19]] + fractions[text[19:]] for text in texts]


def exact_micros(event_time: Json) -> int | None:
    """Return what :func:`micros_of` does, but None where it cuts decimals, or there is no time."""
    if not isinstance(event_time, str):
        return None
    try:
        return utc_micros((event_time,))[0]
    except KeyError:
        instant = parse_instant(event_time)
        exact = instant is not None and instant.seconds in _CALENDAR and len(instant.fraction) <= 6
        return micros_of(event_time) if exact else None


def micros_of(event_time: Json) -> int:
    """Return the instant that *event_time* names in microseconds since 1970 (further decimals are cut).

    NO_TIME where it names none, or one off the calendar: not in the years 1 to 9999 of UTC.
    """
    instant = parse_instant(event_time)
    if instant is None or instant.seconds not in _CALENDAR:
        return NO_TIME
    return instant.seconds * _SECOND + int((instant.fraction + "000000")[:6])


class _Read(dict[str, int]):
    """Parts of times that have been read, with their microseconds."""

    def __init__(self, read: Callable[[str], int | None]) -> None:
        self._read = read

    def __missing__(self, text: str) -> int:
        micros = self._read(text)
        if micros is None:
            raise KeyError(text)
        if len(self) >= _MOST_HELD:
            self.clear()
        self[text] = micros
        return micros


def _read_hour(text: str) -> int | None:
    micros = micros_of(f"{text}:00:00Z") if _HOUR_TEXT.fullmatch(text) else NO_TIME
    return None if micros == NO_TIME else micros


def _read_minute(text: str) -> int | None:
    match = _MINUTE_TEXT.fullmatch(text)
    return (int(match[1]) * 60 + int(match[2])) * _SECOND if match else None


def _read_fraction(text: str) -> int | None:
    match = _FRACTION_TEXT.fullmatch(text)
    return int((match[1] or "").ljust(6, "0")) if match else None


_MOST_HELD = 8192
_HOUR_TEXT = re.compile(r"\d{4}-\d\d-\d\dT\d\d", re.ASCII)
_MINUTE_TEXT = re.compile(r":([0-5]\d):([0-5]\d)", re.ASCII)
_FRACTION_TEXT = re.compile(r"(?:\.(\d{1,6}))?Z", re.ASCII)
_HOURS = _Read(_read_hour)
_MINUTES = _Read(_read_minute)
_FRACTIONS = _Read(_read_fraction)


def format_micros(micros: int) -> str:
    """Return a time on the calendar as ``2024-07-30T19:04:35.872Z``; *micros* count from 1970."""
    return (_EPOCH + timedelta(microseconds=micros)).isoformat(timespec="milliseconds") + "Z"


def timeline(times: Iterable[int], span: int) -> Timeline:
    """Count *times* by minutes, hours or days, whichever suits *span*, from the first to the last of them.

    All are in microseconds.
    """
    bucket, length = next((name, length) for name, length, longest in _BUCKETS if span <= longest)
    counts = Counter([micros // length for micros in times])
    return Timeline(bucket, [(start * length, count) for start, count in sorted(counts.items())])
