"""The formats of the jsonschema package, mended where it strays from the standards that define them."""

from collections.abc import Callable

import jsonschema

from canvas_events_cli.timestamps import is_date_time
from canvas_events_cli.validation import formats


def format_checker(package_checker: jsonschema.FormatChecker) -> jsonschema.FormatChecker:
    """Return a checker for the formats that *package_checker* knows, those below replaced by ours.

    Whatever ValueError a check of the package lets slip says that the text is not in the format.
    """
    checker = jsonschema.FormatChecker(formats=())
    for name, (holds, raises) in package_checker.checkers.items():
        expected = raises if isinstance(raises, tuple) else (raises,)
        checker.checkers[name] = (_for_text(_OURS[name]), ()) if name in _OURS else (holds, (ValueError, *expected))
    return checker


def _for_text(holds: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or holds(value)


def _is_date(text: str) -> bool:
    return is_date_time(f"{text}T00:00:00Z")


def _is_time(text: str) -> bool:
    return is_date_time(f"1970-01-01T{text}")


_OURS: dict[str, Callable[[str], bool]] = {
    "date": _is_date,
    "date-time": is_date_time,
    "regex": formats.is_regex,
    "time": _is_time,
}
