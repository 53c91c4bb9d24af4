"""RFC 3339 date-times as instants.

Offsets may differ between two timestamps of one event, so text is never compared: instants are.
"""

import math
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Json

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

SECOND = 1_000_000
"""In microseconds."""
NO_TIME = -(2**63)
"""In place of microseconds where there is no time; the least number a row can hold, far off the calendar."""
_LONGEST_IN_UTC, _LONGEST = len("1970-01-01T00:00:00.000000Z"), len("1970-01-01T00:00:00.000000+00:00")
_USUAL_TIMES = r"(?:[12][0-9]{3}-[0-9-]{5}T[0-9:]{8}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})(?:\n|\Z))*+"
"""Lines of valid times that Python's calendar has, wherever on it their offsets lead."""
_FIRST_YEARS_END, _LAST_YEAR = (
    (date(year, 1, 1).toordinal() - _EPOCH_DAY) * _DAY_SECONDS * SECOND for year in (2, 9999)
)

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
    return instant.seconds * SECOND + int((instant.fraction + "000000")[:6]), len(instant.fraction) <= 6


def _usual_times(texts: Sequence[Any]) -> list[int]:
    """Return what usual *texts* name. Raises ValueError or TypeError where one is no text, no time, or not usual."""
    from msgspec import convert

    times = convert(texts, list[datetime])
    # What it accepts besides: no offset, or one without a colon; another letter, and decimals that it rounds.
    lines = "\n".join(texts)
    in_utc, longest = lines.count("Z"), max(map(len, texts), default=0)
    are_alike = longest <= (_LONGEST_IN_UTC if in_utc else _LONGEST) and in_utc in (0, len(texts))
    are_usual = are_alike and lines.count("T") == len(texts) and lines.count(":") == 3 * len(texts) - in_utc
    if not are_usual and re.fullmatch(_USUAL_TIMES, lines) is None:  # which takes three times as long as to count
        raise ValueError(lines)
    # With one offset for both, which is that of all most often, none is ever asked for.
    epoch = _EPOCH.astimezone(times[0].tzinfo) if times else _EPOCH
    gone = [time - epoch for time in times]
    # To divide by a microsecond takes longer.
    micros = [(time.days * _DAY_SECONDS + time.seconds) * SECOND + time.microseconds for time in gone]
    if in_utc < len(micros) and not _FIRST_YEARS_END <= min(micros) <= max(micros) < _LAST_YEAR:
        raise ValueError(lines)  # where an offset leads off the calendar
    return micros


def micros_of(event_time: Json) -> int:
    """Return the instant that *event_time* names in microseconds since 1970; NO_TIME where it names none."""
    return to_micros([event_time])[0][0]


def order_keys(event_times: Sequence[Json]) -> Sequence[Any]:
    """Return numbers that order as the instants that *event_times* name, the greatest for what names none."""
    micros, are_exact = to_micros(event_times)
    if all(are_exact):
        return micros
    pairs = zip(event_times, micros, are_exact, strict=True)
    return [at if is_exact else _exact_micros(parse_instant(time)) for time, at, is_exact in pairs]


def _exact_micros(instant: Instant | None) -> Any:
    from decimal import Context, Decimal

    if instant is None:
        return math.inf
    enough = Context(prec=len(instant.fraction) + 20)
    return enough.add(Decimal(instant.seconds * SECOND), Decimal(f".{instant.fraction}E6"))


def instant_of(micros: int) -> Instant | None:
    """Return *micros*, which count from 1970, as an instant; None for NO_TIME."""
    seconds, rest = divmod(micros, SECOND)
    return None if micros == NO_TIME else Instant(seconds, f"{rest:06}".rstrip("0"))


def are_times(texts: Iterable[str | None]) -> bool:
    """Tell whether *texts* are usual times, where there are any."""
    from msgspec import convert

    times = [text for text in texts if text is not None]
    try:
        convert(times, list[datetime])
    except ValueError:
        return False
    # What it accepts besides: no offset, or one without a colon; a space in the middle; what may be off the calendar.
    lines = "\n".join(["", *times])
    have_offsets = sum(map(lines.count, ":Zz")) == 3 * len(times)
    return have_offsets and not any(other in lines for other in (" ", "\n0001", "\n9999"))
