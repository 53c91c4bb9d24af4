"""Times for a person: in the zone they asked for, beside the text of the event."""

from datetime import UTC, tzinfo

from canvas_events_cli.errors import CeventsError, did_you_mean
from canvas_events_cli.timestamps import Instant, parse_instant, to_datetime


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
    instant = parse_instant(text)
    shown = _shown(instant, tz) if instant is not None else None
    if instant is None or shown is None:
        return None
    wall, offset = shown[:19], shown[19:25]
    if isinstance(text, str) and wall == text[:19].replace("T", " ").replace("t", " "):
        return None
    fraction = f".{instant.fraction[:3]:0<3}" if instant.fraction else ""
    return f"{wall}{fraction} {offset}"


def clock(text: str, tz: tzinfo | None) -> str:
    """Return the RFC 3339 *text* as ``2024-07-30 21:04:35+02:00`` in *tz*, in UTC with a ``Z``: one form for all.

    What is not a timestamp, or cannot be shown in *tz*, stays as it is.
    """
    instant = parse_instant(text)
    shown = _shown(instant, tz) if instant is not None else None
    return text if shown is None else shown[:25].replace("+00:00", "Z")


def _shown(instant: Instant, tz: tzinfo | None) -> str | None:
    moment = to_datetime(instant)
    try:
        return str(moment.astimezone(tz).replace(microsecond=0)) if moment is not None else None
    except (ValueError, OverflowError, OSError):  # at the calendar's edges, and before 1970 on Windows
        return None


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
