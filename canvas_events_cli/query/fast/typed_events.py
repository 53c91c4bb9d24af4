"""Batches of events parsed by a type that has the fields of those met so far: in half the time of any value.

It tells texts alone, and where there is nothing: events in which a field holds anything else are left to who parses.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, cast

from canvas_events_cli.framing.fast import NOT_SO
from canvas_events_cli.framing.fast.batches import Batch
from canvas_events_cli.framing.fast.json_types import anything, attributes_of, decoder_of, event_of, object_of
from canvas_events_cli.model import Json
from canvas_events_cli.pointers import KeyPath
from canvas_events_cli.query.fields import Field
from canvas_events_cli.same_event import ENVELOPES

Texts = Sequence[str | None]
_Event = dict[str, dict[str, Json]]
_NOTHING: tuple[dict[str, None], dict[str, None]] = {}, {}

LEAST_BATCHES = 16
"""How many are read without a type at first: it takes longer to make one."""
_MOST_TYPES = 8
"""How many are made, each of which knows more fields."""
_MOST_FIELDS = 100
PAUSE = 15
"""How many batches are read without the type after one that is not all of it."""
_TEXTS = {str, type(None)}


class TypedEvents:
    """Reads what *fields* hold, each with paths of two keys, out of batches of events that are alike."""

    def __init__(self, fields: Mapping[int, Field]) -> None:
        self._fields = fields
        self._key = ""
        """What the envelopes are under."""
        self._known = _NOTHING
        """The names of the fields met so far, of envelopes and of bodies."""
        self._decode: Callable[[bytes | memoryview], list[Any]] | None = None
        self._getters: dict[int, Sequence[Callable[[Any], Any]]] = {}
        self._made = 0
        self._pause = LEAST_BATCHES

    def columns(self, batch: Batch) -> dict[int, Texts] | None:
        """Return what each field, by its number, holds in the events of *batch*, in Canvas' own format.

        None where no type tells it.
        """
        if self._pause or self._decode is None:
            return None
        try:
            events = self._decode(memoryview(batch.block)[batch.start : batch.end])
        except NOT_SO:
            return None
        columns = {number: _column(getters, events) for number, getters in self._getters.items()}
        are_texts = all({*map(type, column)} <= _TEXTS for column in columns.values())
        return columns if are_texts and len(events) == batch.count else None

    def learn(self, events: Sequence[Json]) -> None:
        """Have the type know the fields of *events*, a batch in Canvas' own format that it did not tell of."""
        if self._pause:
            self._pause -= 1
            return
        self._pause = PAUSE
        keys, *others = {frozenset(cast(_Event, event)) for event in events}
        key = next((key for key in ENVELOPES if keys == {key, "body"}), "")
        if others or not key or self._made >= _MOST_TYPES:
            return
        known = []
        for name, before in zip((key, "body"), self._known if key == self._key else _NOTHING, strict=True):
            parts = [cast(_Event, event)[name] for event in events]
            if {*map(type, parts)} != {dict}:
                return
            known.append(before | dict.fromkeys(chain.from_iterable(parts)))
        envelope, body = known
        if (envelope, body) != self._known and len(envelope) <= _MOST_FIELDS:
            self._key, self._known = key, (envelope, body)
            self._made += 1
            self._pause = 0
            self._make(envelope, body)

    def _make(self, envelope: dict[str, None], body: dict[str, None]) -> None:
        """Have the type know these fields of an *envelope*, and of a *body* where they are not too many."""
        is_open = len(body) > _MOST_FIELDS
        fields = [dict.fromkeys(names, (anything(), None)) for names in (envelope, body)]
        try:
            kinds = object_of(fields[0]), dict[str, anything()] if is_open else object_of(fields[1])  # type: ignore[misc]
            self._decode = decoder_of(event_of(self._key, *kinds)).decode_lines
        except ValueError:  # names that no type can have
            self._decode = None
            return
        attributes = {(self._key, name): f"envelope.{at}" for at, name in attributes_of(envelope).items()}
        attributes |= {("body", name): f"body.{at}" for at, name in attributes_of(body).items() if not is_open}

        def getter(path: KeyPath) -> Callable[[Any], Any] | None:
            if is_open and path[0] == "body":
                return lambda event: event.body.get(path[1])
            return attrgetter(attributes[path]) if path in attributes else None

        self._getters = {number: [*filter(None, map(getter, field.paths))] for number, field in self._fields.items()}


def has_two_keys(field: Field) -> bool:
    """Tell whether *field* is in the envelope or the body itself."""
    return all(len(path) == 2 for path in field.paths)


def _column(getters: Sequence[Callable[[Any], Any]], events: Sequence[Any]) -> Sequence[Any]:
    """Return the first that is not null of what *getters* return, for each of *events*."""
    column: Sequence[Any] = [None] * len(events)
    for get in getters:
        column = [get(event) if found is None else found for event, found in zip(events, column, strict=True)]
    return column
