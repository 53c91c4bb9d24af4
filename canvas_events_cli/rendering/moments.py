"""Times for a person: in the zone they asked for, beside the text of the event."""

import time
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from canvas_events_cli.errors import CeventsError, did_you_mean
from canvas_events_cli.timestamps import is_usual, parse_instant, to_datetime


def zone(name: str) -> tzinfo | None:
    """Return the time zone for ``utc``, ``local`` (None: whatever the system says) or an IANA name.

    Raises CeventsError for a name that the system's time zone data does not have.
    """
    if name.lower() in ("utc", "local"):
        return UTC if name.lower() == "utc" else None
    from zoneinfo import ZoneInfo, available_timezones

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        known = ["local", "utc", *sorted(available_timezones())]
        if len(known) == 2:
            raise CeventsError(
                f"unknown time zone {name!r}: this system has no time zone data; pip install tzdata"
            ) from error
        hint = did_you_mean(name, known) or "; use local, utc, or a name such as Europe/Berlin"
        raise CeventsError(f"unknown time zone {name!r}{hint}") from error


def converted(text: object, tz: tzinfo | None) -> str | None:
    """Return the RFC 3339 *text* as ``2024-07-30 21:04:35.872 +02:00`` in *tz* (None: local time).

    None where *text* is not a timestamp, cannot be shown in *tz*, or shows the same wall clock already.
    """
    shown = _shown(text, tz) if isinstance(text, str) else None
    if shown is None or not isinstance(text, str):
        return None
    wall, offset, fraction = shown
    if wall == text[:19].replace("T", " ").replace("t", " "):
        return None
    return f"{wall}.{fraction[:3]:0<3} {offset}" if fraction else f"{wall} {offset}"


def clock(text: str, tz: tzinfo | None) -> str:
    """Return the RFC 3339 *text* as ``2024-07-30 21:04:35+02:00`` in *tz*, in UTC with a ``Z``: one form for all.

    What is not a timestamp, or cannot be shown in *tz*, stays as it is.
    """
    shown = _shown(text, tz)
    if shown is None:
        return text
    wall, offset, _ = shown
    return f"{wall}Z" if offset == "+00:00" else wall + offset


def _shown(text: str, tz: tzinfo | None) -> tuple[str, str, str] | None:
    """Return the date and the time of the clock, the offset, and the decimals of a second without trailing zeros."""
    try:
        if is_usual(text):  # a fifth of the time that the general way takes
            decimals, offset = (text[20:-1], "+00:00") if text[-1] in "Zz" else (text[20:-6], text[-6:])
            ahead, other = _on_day(text[:10], offset, tz, *(() if tz else (time.tzname, time.timezone)))
            if ahead is not None:
                wall = str(datetime.fromisoformat(text[:19]) + ahead) if ahead else f"{text[:10]} {text[11:19]}"
                return wall, other, decimals.rstrip("0")
        instant = parse_instant(text)
        in_utc = to_datetime(instant) if instant is not None else None
        if instant is None or in_utc is None:
            return None
        shown = str(in_utc.replace(microsecond=0).astimezone(tz))
    except (ValueError, OverflowError, OSError):  # at the calendar's edges, and before 1970 on Windows
        return None
    return shown[:19], shown[19:25], instant.fraction


@lru_cache(4096)
def _on_day(day: str, offset: str, tz: tzinfo | None, *_local: object) -> tuple[timedelta | None, str]:
    """Return how far clocks in *tz* are ahead of those with this *offset*, and theirs; None where that changes."""
    start = datetime.fromisoformat(f"{day}T00:00:00{offset}")
    first, last = start.astimezone(tz), (start + timedelta(1)).astimezone(tz)
    is_same = first.utcoffset() == last.utcoffset()
    return first.replace(tzinfo=None) - start.replace(tzinfo=None) if is_same else None, str(first)[19:25]


def span(seconds: int) -> str:
    """Return a length of time in its two largest units.

    >>> span(7512), span(93600), span(0)
    ('2 h 5 min', '1 d 2 h', '0 s')
    """
    parts: list[tuple[int, str]] = []
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, seconds = divmod(seconds, size)
        if count or parts:
            parts.append((count, unit))
    return " ".join(f"{count:,} {unit}" for count, unit in parts[:2] if count) or "0 s"
