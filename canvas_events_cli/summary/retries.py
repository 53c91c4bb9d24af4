"""The unique retry events of a capture, in as little memory as they can be counted exactly from."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress, count
from typing import Any

from canvas_events_cli.model import Json
from canvas_events_cli.same_event import DIGEST_BYTES, envelope, event_digest, event_name, origin
from canvas_events_cli.summary.retry_clone import BODY_FIELDS, FIELDS, RETRY_CLONE, body_of, subjects_of
from canvas_events_cli.summary.timeline import to_micros

RowKey = str | bytes | tuple[object, ...]
_BODY = len(BODY_FIELDS)  # of the FIELDS these come first


def _numbers(values: Sequence[str | None] = ()) -> "defaultdict[str | None, int]":
    # It numbers further values as they come by itself: no step in Python for each.
    return defaultdict(count(len(values)).__next__, zip(values, count(), strict=False))


@dataclass(slots=True)
class ValueColumn:
    """One field of every row: 4 bytes a row, and 75 to 110 besides the text for each distinct value. Append-only."""

    numbers: "defaultdict[str | None, int]" = field(default_factory=_numbers)
    """Each value, in the order of its number, which is 0, 1, 2 and so on."""
    rows: "array[int]" = field(default_factory=lambda: array("I"))
    """For each row, the number of its value."""

    def extend(self, values: Sequence[str | None]) -> None:
        """Append a row for each of *values*."""
        if values and values[0] == values[-1] and values.count(values[0]) == len(values):
            # To compare them takes a fifth of the time of looking them up.
            self.rows.extend(array("I", (self.numbers[values[0]],)) * len(values))
        else:
            self.rows.fromlist([*map(self.numbers.__getitem__, values)])

    def merge(self, later: "ValueColumn") -> None:
        """Append the rows of *later*."""
        here = [*map(self.numbers.__getitem__, later.numbers)]
        if here == [*range(len(here))]:
            self.rows.extend(later.rows)
        else:
            self.rows.fromlist([*map(here.__getitem__, later.rows)])

    def count(self) -> "Counter[str | None]":
        """Count the rows by value."""
        texts = list(self.numbers)
        return Counter({texts[number]: rows for number, rows in Counter(self.rows).items()})

    def values(self) -> Iterator[str | None]:
        """Yield the value of each row."""
        return map(list(self.numbers).__getitem__, self.rows)

    def __getstate__(self) -> "tuple[list[str | None], array[int] | int]":
        return list(self.numbers), len(self.rows) if len(self.numbers) == 1 else self.rows

    def __setstate__(self, state: "tuple[list[str | None], array[int] | int]") -> None:
        values, rows = state
        self.numbers = _numbers(values)
        self.rows = array("I", (0,)) * rows if isinstance(rows, int) else rows


class Retries:
    """Retry events: one row for each unique one; of its copies the first in source order. Append-only.

    ``same_event`` says which events are copies. Nearly all differ in the request that they come from, so a row is known
    by its request. Where a request recurs, time and body are compared, which a row holds whole; an event with a name, a
    time or a body of another form is known by its digest instead, which its request follows.

    A row takes some 240 bytes however long the event, 170 of them for the request; each distinct value of a field takes
    75 to 110 besides its text (40 letters are a text of 89 bytes). Nothing else grows.
    """

    def __init__(self) -> None:
        self.events = 0
        """All retry events, redelivered copies included."""
        self.older = 0
        """Those of them that came under the older name."""
        self._keys: dict[RowKey, int] = {}
        """What each row is known by, with its number."""
        self._columns = {name: ValueColumn() for name in FIELDS}
        self.micros: array[int] = array("q")
        """``event_time`` of each row in microseconds since 1970; NO_TIME where there is none on the calendar."""

    @property
    def unique(self) -> int:
        """Count the retry events without redelivered copies."""
        return len(self.micros)

    def requests(self) -> Iterator[str | None]:
        """Yield what each row comes from: its request, or else its job; None where that is not known."""
        for key in self._keys:
            source = key[0] if isinstance(key, tuple) else key
            yield source[DIGEST_BYTES:].decode() or None if isinstance(source, bytes) else str(source)

    def column(self, field: str) -> ValueColumn:
        """Return one of the FIELDS of each row."""
        column = self._columns[field]
        # Ctrl-C may have come while rows were appended: they are there once they have a time.
        del column.rows[self.unique :]
        return column

    def add(self, events: Sequence[Json]) -> list[int]:
        """Count retry *events*, at least one, named RETRY_CLONE or OLDER_NAME, in source order; return their times.

        A hundred at once take a third of the time: field by field, and where no request recurs without a step for each.
        """
        columns, names = subjects_of(events), [*map(event_name, events)]
        envelopes, bodies = [*map(envelope, events)], [*map(body_of, events)]
        micros, are_exact = to_micros([fields.get("event_time") for fields in envelopes])
        keys: list[RowKey] = []
        rows = zip(events, names, map(origin, envelopes), map(len, bodies), are_exact, *columns[:_BODY], strict=True)
        for event, name, request, size, is_exact, *body in rows:
            text = request if isinstance(request, str) else ""
            is_known = is_exact and text is request and size == _BODY and None not in body and name == RETRY_CLONE
            keys.append(text if is_known else event_digest(event) + text.encode())
        if self._know(keys):
            for column, values in zip(self._columns.values(), columns, strict=True):
                column.extend(values)
            self.micros.extend(micros)
        else:
            for key, at, *subject in zip(keys, micros, *columns, strict=True):
                self._add(key, at, subject)
        self.events += len(events)
        self.older += len(events) - names.count(RETRY_CLONE)
        return micros

    def merge(self, later: "Retries") -> None:
        """Add the retry events of the part of the input after this one."""
        if self._know(later._keys):
            for name, column in self._columns.items():
                column.merge(later._columns[name])
            self.micros.extend(later.micros)
        else:
            columns = [column.values() for column in later._columns.values()]
            for key, micros, *subject in zip(later._keys, later.micros, *columns, strict=False):
                self._add(key[0] if isinstance(key, tuple) else key, micros, subject)
        self.events += later.events
        self.older += later.older

    def _know(self, keys: Collection[RowKey]) -> bool:
        """Know the next rows by *keys*; or none of them, and return False, where one recurs."""
        known, start = self._keys, self.unique
        rows = range(start, start + len(keys))
        if list(map(known.setdefault, keys, rows)) == list(rows):
            return True
        for key in set(keys):
            if known[key] >= start:
                del known[key]
        return False

    def _add(self, key: RowKey, micros: int, subject: Sequence[str | None]) -> None:
        """Add a row, unless it is of a copy; *key* is a request or a digest."""
        row = self._keys.get(key)
        if row is not None:
            body = subject[:_BODY]
            key_of_body = (key, micros, *body)
            if isinstance(key, bytes) or key_of_body in self._keys or self._is_copy(row, micros, body):
                return
            key = key_of_body
        self._keys[key] = self.unique
        for column, value in zip(self._columns.values(), subject, strict=True):
            column.rows.append(column.numbers[value])
        self.micros.append(micros)

    def _is_copy(self, row: int, micros: int, body: Sequence[str | None]) -> bool:
        """Tell whether time and body of a row are these; the request is the same."""
        columns = zip(self._columns.values(), body, strict=False)
        return self.micros[row] == micros and all(c.numbers.get(value) == c.rows[row] for c, value in columns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Retries) and self.__getstate__() == other.__getstate__()

    def __getstate__(self) -> tuple[object, ...]:
        return self.events, self.older, list(self._keys), self.micros, list(self._columns.values())

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.events, self.older, keys, self.micros, columns = state
        self._keys = dict(zip(keys, count(), strict=False))
        self._columns = dict(zip(FIELDS, columns, strict=True))


def members(rows: Sequence[int], wanted: Iterable[int]) -> dict[int, list[int]]:
    """Return which of *rows* have each of the numbers *wanted*; the others are never held."""
    found: dict[int, list[int]] = {number: [] for number in wanted}
    for row in compress(count(), map(found.__contains__, rows)):
        found[rows[row]].append(row)
    return found
