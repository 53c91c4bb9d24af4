"""The unique retry events of a capture, in as little memory as they can be counted exactly from."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any

from canvas_events_cli.model import Json
from canvas_events_cli.same_event import DIGEST_BYTES, envelope, event_digest, event_name, origin
from canvas_events_cli.summary.packed import PackedRows, Rows
from canvas_events_cli.summary.retry_clone import BODY_FIELDS, FIELDS, RETRY_CLONE, body_of, subjects_of
from canvas_events_cli.timestamps import to_micros

_KEY = "key"
BY_DIGEST = "\0"
"""How the key of a row begins that is known by its digest."""
_AT_ONCE = 4096
"""How many rows are packed together, at least."""
_MANY = 1 << 18
"""So many rows may be copies before these are looked for."""


def key_by_digest(event: Json, request: str) -> str:
    """Return what *event* is known by whose time, body or name has an odd form; "" as *request* where it has none."""
    return BY_DIGEST + event_digest(event).hex() + request


class Retries:
    """Retry events: one row for each unique one; of its copies the first in source order. Append-only.

    ``same_event`` says which events are copies. Nearly all differ in the request that they come from, so a row is known
    by its request. Where a request recurs, time and body are compared, which a row holds whole; an event with a name, a
    time or a body of another form is known by its digest instead, which its request follows. Copies are looked for
    when all rows are there, or so many that copies among them would cost memory.

    A row takes 8 bytes, 3 more than its text for a field whose values hardly recur (its request, say), 2 to 5 for
    others, and none for those that are the same in thousands of rows.
    """

    def __init__(self) -> None:
        self.events = 0
        """All retry events, redelivered copies included."""
        self.older = 0
        """Those of them that came under the older name."""
        self._packed = PackedRows((_KEY, *FIELDS), 1 + len(BODY_FIELDS), _identities)
        self._fresh, self._loose = list[Rows](), 0
        """What came after these, and how many retries that are."""
        self._looked_at = 0
        """How many rows were packed when copies were last looked for."""

    @property
    def rows(self) -> PackedRows:
        """The retry events without redelivered copies, with their FIELDS."""
        self._pack()
        self._drop_copies()
        return self._packed

    @property
    def unique(self) -> int:
        """Count them."""
        return len(self.rows)

    def requests(self, rows: Sequence[int]) -> list[str]:
        """Return what each of *rows* comes from: its request, or else its job; ``""`` where that is not known."""
        keys = (key or "" for key in self.rows.pick(_KEY, rows))
        return [key[1 + 2 * DIGEST_BYTES :] if key.startswith(BY_DIGEST) else key for key in keys]

    def add(self, events: Sequence[Json], others: Iterable[tuple[int, Rows]] = ()) -> Sequence[int]:
        """Count retry *events*, at least one, named RETRY_CLONE or OLDER_NAME, in source order; return their times.

        *others* are counted between them, each after as many of the events as it says. A hundred at once take a third
        of the time: field by field.
        """
        columns, names = subjects_of(events), [*map(event_name, events)]
        envelopes, bodies = [*map(envelope, events)], [*map(body_of, events)]
        micros, are_exact = to_micros([fields.get("event_time") for fields in envelopes])
        keys: list[str] = []
        rows = zip(
            events,
            names,
            map(origin, envelopes),
            map(len, bodies),
            are_exact,
            *columns[: len(BODY_FIELDS)],
            strict=True,
        )
        for event, name, request, size, is_exact, *body in rows:
            text = request if isinstance(request, str) else ""
            is_known = is_exact and text is request and size == len(body) and None not in body and name == RETRY_CLONE
            is_known = is_known and not text.startswith(BY_DIGEST)
            keys.append(text if is_known else key_by_digest(event, text))
        self.older += len(events) - names.count(RETRY_CLONE)
        added, done = Rows(micros, keys, columns), 0
        for before, other in others:
            if done < before:
                self.extend(added.part(done, before))
            self.extend(other)
            done = before
        if done < len(events):
            self.extend(added.part(done, len(events)))
        return micros

    def extend(self, rows: Rows) -> None:
        """Count retries in source order, at least one."""
        self.events += len(rows.keys)
        self._fresh.append(rows)
        self._loose += len(rows.keys)
        if self._loose >= _AT_ONCE:
            self._pack()

    def merge(self, later: "Retries") -> None:
        """Add the retry events of the part of the input after this one."""
        if len(later._packed):
            self._pack()
        self.events += later.events
        self.older += later.older
        self._packed.merge(later._packed)
        self._fresh += later._fresh
        self._loose += later._loose
        if self._loose >= _AT_ONCE:
            self._pack()

    def _pack(self) -> None:
        """Pack what came last; where there may be many copies by now, look for them."""
        if self._fresh:
            # Where Ctrl-C comes in between, rows are there twice, and are copies.
            self._packed.append(self._fresh)
            self._fresh, self._loose = [], 0
        if len(self._packed) > 2 * self._looked_at + _MANY:
            self._drop_copies()

    def _drop_copies(self) -> None:
        if len(self._packed) > self._looked_at:
            self._packed.drop_copies()
            self._looked_at = len(self._packed)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Retries):
            return NotImplemented
        return (self.events, self.older, self.rows) == (other.events, other.older, other.rows)

    def __getstate__(self) -> dict[str, Any]:
        self._pack()
        return self.__dict__


def _identities(micros: Iterable[int], keys: Iterable[str], *body: Iterable[str | None]) -> Iterator[Hashable]:
    """Yield what copies agree in."""
    for key, at, texts in zip(keys, micros, zip(*body, strict=True), strict=True):
        yield key if key.startswith(BY_DIGEST) else (key, at, texts)
