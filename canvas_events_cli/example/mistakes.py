"""What can be wrong with an event: one change for each kind of finding that its schemas can come to."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, NamedTuple

from canvas_events_cli.catalog import Catalog
from canvas_events_cli.catalog.fields import ANY_ELEMENT, fields_of
from canvas_events_cli.example.drafts import Event
from canvas_events_cli.model import Finding, Json

_REMOVED = object()
_PALETTE: tuple[Any, ...] = (_REMOVED, None, True, 1.5, -1, "", "no such value", [], {})
"""What is put in the place of a value; what a schema allows is no mistake, and passed over."""
_UNKNOWN = "no_such_field"
_BEYOND: dict[str, Callable[[Any, Any], Json]] = {
    "minimum": lambda limit, _: limit - 1,
    "maximum": lambda limit, _: limit + 1,
    "exclusiveMinimum": lambda limit, _: limit,
    "exclusiveMaximum": lambda limit, _: limit,
    "multipleOf": lambda limit, value: value + limit / 2,
    "minLength": lambda limit, value: value[: limit - 1],
    "maxLength": lambda limit, value: value * (limit + 1),
    "maxItems": lambda limit, value: value * (limit + 1),
}
"""What is just beyond a limit, by the keyword that sets it, and a value within it."""


class Mistake(NamedTuple):
    """A change to an event, and the one finding that it comes to."""

    path: tuple[str | int, ...]
    value: Any
    finding: Finding

    def apply(self, event: Event) -> None:
        """Make *event* wrong."""
        _change(event, self.path, self.value)


def mistakes_in(
    catalog: Catalog, name: str, event: Event, findings: Callable[[Event], list[Finding]]
) -> Iterator[Mistake]:
    """Yield a change to *event* for each pointer and keyword of which *findings* of the changed event tell, alone."""
    body = catalog.body_for(name)
    fields = [*fields_of(catalog.envelope), *(fields_of(body, ("body",)) if body else ())]
    limits = {field.path: sorted(field.rules) for field in fields}
    seen: set[tuple[str, str]] = set()
    for path, value in _places(event):
        named = tuple(ANY_ELEMENT if isinstance(token, int) else token for token in path)
        beyond = [
            _BEYOND[key](json.loads(limit), value) for key, limit in limits.get(named, ()) if key in _BEYOND and value
        ]
        changes = [(path, new) for new in (*_PALETTE, *beyond)] if path else []
        if isinstance(value, dict):
            changes.append(((*path, _UNKNOWN), 1))
        for place, new in changes:
            changed = deepcopy(event)
            _change(changed, place, new)
            found = findings(changed)
            if len(found) == 1 and (kind := (found[0].pointer, found[0].keyword)) not in seen:
                seen.add(kind)
                yield Mistake(place, new, found[0])


def _places(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    """Yield the path of *value* and of all that is in it, with the value there; of an array the first element's."""
    yield path, value
    inside = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for key, inner in inside:
        yield from _places(inner, (*path, key))


def _change(event: Any, path: tuple[str | int, ...], value: Any) -> None:
    *above, last = path
    for token in above:
        event = event[token]
    if value is _REMOVED:
        del event[last]
    else:
        event[last] = value
