"""Times moved by a number of seconds, each spelled as it was: offset, precision and letters."""

import re
from datetime import date, datetime, timedelta

from canvas_events_cli.timestamps import MILLISECONDS_FROM, is_date_time

_DATE_TIME = re.compile(r"(\d{4}-\d\d-\d\d)([Tt])(\d\d:\d\d:)(\d\d)(.*)", re.ASCII)
_EPOCH = re.compile(r"[1-9](?:\d{9}|\d{12})(?:\.\d{1,9})?", re.ASCII)
"""Seconds or milliseconds since 1970, from 2001 to 2286: other numbers of digits are rather an id."""


def shift_date_time(text: str, seconds: int) -> str | None:
    """Return the RFC 3339 *text* moved by *seconds*; None where it is no such text.

    What would leave the years 1 to 9999 stays where it is.
    """
    match = _DATE_TIME.fullmatch(text)
    if match is None or not is_date_time(text):
        return None
    if not seconds:
        return text
    day, separator, minute, second, rest = match.groups()
    # A leap second is the instant after it; Python's clock has none.
    try:
        moment = datetime.fromisoformat(f"{day}T{minute}00") + timedelta(seconds=int(second) + seconds)
    except (ValueError, OverflowError):
        return text
    return moment.isoformat(separator, "seconds") + rest


def shift_date(text: str, seconds: int) -> str | None:
    """Return the date *text* moved by the whole days in *seconds*, rounded down; None where it is no date."""
    try:
        day = date.fromisoformat(text)
        return (day + timedelta(days=seconds // 86_400)).isoformat() if day.isoformat() == text else None
    except ValueError:
        return None
    except OverflowError:
        return text


def shift_epoch(text: str, seconds: int) -> str | None:
    """Return *text*, seconds or milliseconds since 1970, moved by *seconds*; None where it is no such number."""
    if not _EPOCH.fullmatch(text):
        return None
    whole, point, rest = text.partition(".")
    count = int(whole)
    return f"{max(count + seconds * (1000 if count > MILLISECONDS_FROM else 1), 0)}{point}{rest}"
