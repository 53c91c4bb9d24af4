"""What a value is made of, its texts and numbers aside: the names of its fields and the types of what they hold.

Of a capture's events most are made like thousands of others. What depends on names and types alone is worked out once
for each structure, and then only looked up: finding the structure costs about as much as parsing the event did.
"""

from collections.abc import Hashable

from canvas_events_cli.model import Json

MOST_LEVELS = 100
"""Levels of a value that are looked at: what lies deeper is no part of its structure."""

_HAVE_MORE = frozenset((dict, list, float))
"""Types of which more counts: what they hold, and whether a number is whole."""


def structure_of(value: Json, depth: int = 0) -> Hashable:
    """Return the structure of *value*: equal where names, their order, and the types of all that is held are equal.

    >>> structure_of({"id": 5, "tags": ["a"]}) == structure_of({"id": 7, "tags": ["b"]})
    True
    """
    names: tuple[str, ...] = ()
    if isinstance(value, dict):
        kinds = (*map(type, value.values()),)
        if _HAVE_MORE.isdisjoint(kinds):
            return (*value, kinds)
        names, held = (*value,), [*value.values()]
    elif isinstance(value, list):
        kinds = (*map(type, value),)
        if _HAVE_MORE.isdisjoint(kinds):
            return kinds
        held = value
    else:
        return isinstance(value, float) and value.is_integer()
    if depth == MOST_LEVELS:
        return type(value)
    return (*names, kinds, *[structure_of(each, depth + 1) for each in held if type(each) in _HAVE_MORE])
