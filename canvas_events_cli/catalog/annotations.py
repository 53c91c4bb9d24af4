"""Our own keywords in schemas: what they must be. Other validators pass over all that begins with ``x-``."""

from collections.abc import Callable, Mapping
from typing import Any

EXPECTED = "x-expected"
"""Beside ``required``: names of fields that normally are there and not null."""
REFERS = "x-refers"
"""On a field: which kind of object its value names. A kind; several of which it can be; or ``{"type": FIELD}``, where
the field beside it says the kind; or ADDRESS."""
ADDRESS = "url"
"""In place of a kind: parts of the value's path, and its parameters, name objects."""


def expected(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names that *schema* itself says to expect."""
    return tuple(schema.get(EXPECTED, ()))


def fault_of(keyword: str, value: object) -> str | None:
    """Return what is wrong with the *value* of one of our keywords; None where nothing is."""
    row = _FORMS.get(keyword)
    if row is None or row[0](value):
        return None
    return f"expected {row[1]}"


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _refers(value: object) -> bool:
    if isinstance(value, dict):
        return value.keys() == {"type"} and _is_name(value["type"])
    return all(map(_is_name, value)) and bool(value) if isinstance(value, list) else _is_name(value)


_FORMS: dict[str, tuple[Callable[[object], bool], str]] = {
    EXPECTED: (_are_names, "an array of names of fields"),
    REFERS: (_refers, 'a kind of object such as "course", an array of kinds, or {"type": FIELD}'),
}
