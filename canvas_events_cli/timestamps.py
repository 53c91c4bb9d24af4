"""RFC 3339 date-times as instants.

Offsets may differ between two timestamps of one event, so text is never compared: instants are.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from canvas_events_cli.errors import CeventsError

_DATE_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)
USUAL_DATE_TIME = (
    r"\A(?!000[01]|9999)[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8]))[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])\Z"
)
"""What only date-times match, and all but those of the calendar's first and last year, a 29th of February, and leap
seconds: a pattern for where nothing can be computed."""
is_usual = re.compile(USUAL_DATE_TIME).match
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()
_DAY_SECONDS = 86_400
_FIRST_SECOND = (date.min.toordinal() - _EPOCH_DAY) * _DAY_SECONDS
_LAST_SECOND = (date.max.toordinal() - _EPOCH_DAY + 1) * _DAY_SECONDS - 1

# ISO 8601 as people type it: the time, its seconds and its offset may be missing, separators too.
_TIME_OPTION = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)"
    r"(?:[Tt ](\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?\s?(?:[Zz]|([+-]\d\d)(?::?(\d\d))?)?)?",
    re.ASCII,
)
_AGO = re.compile(r"(\d{1,9})\s*([A-Za-z]+)", re.ASCII)
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": _DAY_SECONDS, "w": 7 * _DAY_SECONDS}

MILLISECONDS_FROM = 10**11
"""In seconds since 1970 that is the year 5138; larger numbers count milliseconds (since 1973)."""


class Instant(NamedTuple):
    """A point in time, exact to any number of decimals; instants compare as tuples do."""

    seconds: int
    """Whole seconds since 1970-01-01T00:00:00Z, without leap seconds; negative before it."""
    fraction: str
    """Decimal digits after the point, without trailing zeros: ``""`` is a whole second."""


EARLIEST, LATEST = Instant(-(2**63), ""), Instant(2**63, "")
"""Before and after every instant on the calendar."""


def parse_instant(text: object) -> Instant | None:
    """Return the instant that RFC 3339 *text* names, or None where it is not such a text.

    A date that does not exist is none, nor is an instant off the calendar, which has the years 1 to 9999 in UTC. A leap
    second (``23:59:60`` in UTC) is the instant after it, as the clocks of computers have it.
    """
    if not isinstance(text, str):
        return None
    return _recent(text) if len(text) <= _LONGEST_USUAL else _instant(text)


def _instant(text: str) -> Instant | None:
    if is_usual(text) and text.isupper():
        # Half as long as to compute it, which is for what Python's own parser does not take, or takes otherwise.
        gone = datetime.fromisoformat(text) - _EPOCH
        return Instant(gone.days * _DAY_SECONDS + gone.seconds, text[20 : -1 if text[-1] == "Z" else -6].rstrip("0"))
    return _computed(text)


def _computed(text: str) -> Instant | None:
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    offset_hours, offset_minutes = int(match[9] or 0), int(match[10] or 0)
    if hour > 23 or minute > 59 or second > 60 or offset_hours > 23 or offset_minutes > 59:
        return None
    offset = (offset_hours * 3600 + offset_minutes * 60) * (-1 if match[8] == "-" else 1)
    try:
        days = date(year, month, day).toordinal() - _EPOCH_DAY
    except ValueError:
        return None
    seconds = days * _DAY_SECONDS + hour * 3600 + minute * 60 + second - offset
    if (second == 60 and seconds % _DAY_SECONDS != 0) or not _FIRST_SECOND <= seconds <= _LAST_SECOND:
        return None
    return Instant(seconds, (match[7] or "").rstrip("0"))


_recent = lru_cache(maxsize=1024)(_instant)
"""The time of an event is asked for several times, by whatever looks at it."""
_LONGEST_USUAL = 40


def parse_time(text: str, now: int) -> Instant:
    """Return the instant that a TIME option names, given *now* in seconds since 1970.

    ISO 8601: a date, or a date and a time, in UTC unless an offset says otherwise; a date alone is its first instant.
    Or how long ago: ``30s``, ``90m``, ``2h``, ``7d``, ``1w``. Raises CeventsError for anything else.
    """
    text = text.strip()
    ago = _AGO.fullmatch(text)
    if ago is not None and ago[2] in _UNIT_SECONDS:
        return Instant(now - int(ago[1]) * _UNIT_SECONDS[ago[2]], "")
    match = _TIME_OPTION.fullmatch(text)
    if match is not None:
        year, month, day, hour, minute, second, fraction, offset_hours, offset_minutes = match.groups(default="00")
        offset = f"{offset_hours if match[8] else '+00'}:{offset_minutes}"
        instant = parse_instant(f"{year}-{month}-{day}T{hour}:{minute}:{second}.{fraction}{offset}")
        if instant is None:
            raise CeventsError(f"the calendar has no {text!r}: a month, day, hour, minute or offset is out of range")
        return instant
    names = ("seconds", "minutes", "hours", "days", "weeks")
    units = [name[0] for name in names if ago and name.startswith(ago[2].lower())]
    hint = f"; did you mean '{ago[1]}{units[0]}'?" if ago and units else "."
    raise CeventsError(
        f"{text!r} is no TIME{hint} Write a date (2024-07-30), a date and time (2024-07-30T19:04:35Z; UTC where no "
        "offset is given), or how long ago (30s, 90m, 2h, 7d, 1w)"
    )


def parse_duration(text: str) -> int:
    """Return the seconds that a DURATION option names: ``90m``, ``2h``, ``-7d``.

    Raises CeventsError for anything else.
    """
    text = text.strip()
    amount = _AGO.fullmatch(text.lstrip("+-"))
    if amount is None or amount[2] not in _UNIT_SECONDS or len(text) - len(amount[0]) > 1:
        raise CeventsError(f"{text!r} is no DURATION: write a number and its unit, such as 90m, 2h, 7d or -4w")
    return int(amount[1]) * _UNIT_SECONDS[amount[2]] * (-1 if text.startswith("-") else 1)


def is_date_time(text: str) -> bool:
    """Tell whether *text* is an RFC 3339 ``date-time`` (the JSON Schema format of that name)."""
    return is_usual(text) is not None or parse_instant(text) is not None


def to_datetime(instant: Instant) -> datetime | None:
    """Return *instant* in UTC, cut to microseconds; None where it is off Python's calendar (years 1 to 9999)."""
    try:
        return _EPOCH + timedelta(seconds=instant.seconds, microseconds=int((instant.fraction + "000000")[:6]))
    except OverflowError:
        return None


def format_utc(instant: Instant) -> str | None:
    """Return *instant* as ``2024-07-30T19:04:35.872Z`` (milliseconds, cut), or None off the calendar."""
    moment = to_datetime(instant)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z" if moment else None
