"""``KIND:ID``: the events that concern one object, wherever the schemas say that its id stands.

Schemas say so with ``x-refers``: which kind of object a field names, itself or by the field beside it; or that it is an
address, whose path and parameters name objects. In Caliper events every urn names one, too.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from canvas_events_cli import caliper
from canvas_events_cli.canvas_ids import same_object, written_id
from canvas_events_cli.catalog import Catalog
from canvas_events_cli.catalog.dialects import ADDRESS, REFERS
from canvas_events_cli.catalog.fields import Field, fields_of
from canvas_events_cli.errors import CeventsError, did_you_mean
from canvas_events_cli.model import Record
from canvas_events_cli.query.objects import KINDS, Named, in_address, in_urn, kind_of
from canvas_events_cli.same_event import event_name
from canvas_events_cli.validation.outline import Outline, Outlines

_USUAL = ("course", "assignment", "user", "account", "section", "session", "request")
_OTHER_ID = re.compile(r"(?=.*[0-9]|.{32})[A-Za-z0-9][A-Za-z0-9_.:-]{7,}", re.ASCII)
"""A uuid, a link id, or the like: no word."""
_DIGITS = "[0-9]"


@dataclass(frozen=True, slots=True)
class About:
    """One object; picklable."""

    kind: str
    identifier: str
    """Digits without leading zeros; else a uuid or another id."""

    def is_named_by(self, value: object) -> bool:
        """Tell whether *value* names the object, given that it names one of this kind."""
        if isinstance(value, str) and value.startswith(caliper.URN):
            value = value.rpartition(":")[2]
        if value == self.identifier:
            return True
        identifier = written_id(value)
        return identifier is not None and self.identifier.isdigit() and same_object(identifier, self.identifier)


def parse_about(expression: str, catalog: Callable[[], Catalog]) -> About:
    """Return the object that *expression* names; *catalog* is asked for where it takes a look at the schemas.

    Raises CeventsError for what names none: a KIND that no schema knows; an ID that is neither digits nor, where the
    schemas have such a field for that kind, a uuid or the like.
    """
    word, colon, name = expression.partition(":")
    if not colon or not word or not name:
        raise CeventsError(f"--about {expression!r}: expected KIND:ID, such as course:612 or assignment:2107~5110")
    kind = kind_of(word)
    if kind not in _USUAL:
        known = sorted(KINDS.union(_USUAL, *(field.refers for field in _referring(catalog()))))
        if kind not in known:
            hint = did_you_mean(kind, known) or f"; there are {', '.join(_USUAL)} and others"
            raise CeventsError(f"--about {expression!r}: no schema knows the kind {word!r}{hint}")
    digits = written_id(name)
    if digits is not None:
        return About(kind, digits)
    if _OTHER_ID.fullmatch(name) is None:
        raise CeventsError(
            f"--about {expression!r}: {name!r} is no id: neither digits, such as 612, 21070000000000612 or 2107~612, "
            "nor a uuid or link id"
        )
    if not any(kind in field.refers and not _is_of_digits(field) for field in _referring(catalog())):
        raise CeventsError(
            f"--about {expression!r}: the schemas name the kind {kind!r} by digits only, such as {kind}:612"
        )
    return About(kind, name)


def compile_about(about: About, catalog: Catalog) -> Callable[[Record], bool]:
    """Return the test whether a record's event concerns *about*, by the schemas of *catalog*."""
    references = References(catalog)

    def concerns(record: Record) -> bool:
        return any(kind == about.kind and about.is_named_by(name) for kind, name in references.in_event(record.value))

    return concerns


class References:
    """Finds what events name, by the schemas of a catalogue."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._shapes = Outlines()
        self._events: dict[str | None, _Place] = {}

    def in_event(self, event: object) -> Iterator[tuple[str, object]]:
        """Yield (kind, name) of all that *event* names, some more than once; the names as they stand there."""
        if not isinstance(event, dict):
            return
        if caliper.is_event(event):
            yield from _in_urns(event)
        pending: list[tuple[_Place, object]] = [(self._place_of(event), event)]
        while pending:
            place, value = pending.pop()
            below: Iterable[tuple[_Place | None, object]] = ()
            if isinstance(value, dict):
                below = [(place.child(name), inner) for name, inner in value.items()]
            elif isinstance(value, list):
                below = [(place.element, inner) for inner in value]
            for found, inner in below:
                if found is not None:
                    yield from _named(found.refers, inner, value)
                    if isinstance(inner, dict | list):
                        pending.append((found, inner))

    def _place_of(self, event: dict[str, Any]) -> "_Place":
        catalog = self._catalog
        if caliper.is_event(event):
            key, envelope, body = None, catalog.caliper.get("event"), None
        else:
            name = event_name(event)
            key = name if name is not None and name in catalog.bodies else ""
            envelope, body = catalog.envelope, catalog.body_for(name)
        if key not in self._events:
            shape = self._shapes.event(envelope, body) if envelope else self._shapes.together([], [])
            self._events[key] = _Place(shape)
        return self._events[key]


class _Place:
    """What is said of the objects that one place of an event names, and the places inside; made when asked for."""

    def __init__(self, shape: Outline) -> None:
        self._shape = shape
        self._known: dict[str, _Place] = {}
        self.refers: Any = shape.annotation(REFERS)

    def child(self, name: str) -> "_Place | None":
        """Return the place of the field *name*; None where nothing is said of it."""
        found = self._known.get(name)
        if found is None and (name in self._shape.names or self._shape.by_rule):
            found = _Place(self._shape.child(name))
            # Events can hold any number of names that a rule describes.
            if name in self._shape.names:
                self._known[name] = found
        return found

    @cached_property
    def element(self) -> "_Place | None":
        """The place of an array's elements."""
        return _Place(self._shape.element) if self._shape.element is not None else None


def _named(refers: Any, value: object, beside: object) -> Iterator[tuple[str, object]]:
    """Yield what *value* names, where the annotation says *refers*, in the object *beside* which other fields stand."""
    if refers is None or not isinstance(value, str | int):
        return
    if isinstance(refers, dict):
        kind = beside.get(refers["type"]) if isinstance(beside, dict) else None
        if isinstance(kind, str):
            yield kind_of(kind), value
    elif refers == ADDRESS:
        if isinstance(value, str):
            yield from in_address(value)
    else:
        yield from ((kind, value) for kind in ([refers] if isinstance(refers, str) else refers))


def _in_urns(event: object) -> Iterator[Named]:
    pending = [event]
    for value in pending:
        if isinstance(value, str):
            yield from in_urn(value)
        elif isinstance(value, dict | list):
            pending += value.values() if isinstance(value, dict) else value


def _referring(catalog: Catalog) -> Iterator[Field]:
    """Yield the fields that name an object of a certain kind, the envelope's first. Raises CeventsError."""
    for file in chain([catalog.envelope], catalog.bodies.values()):
        yield from (field for field in fields_of(file) if field.refers)


def _is_of_digits(field: Field) -> bool:
    return "string" not in field.types or any(key == "pattern" and _DIGITS in rule for key, rule in field.rules)
