"""Batches of wrappers become batches of events."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from canvas_events_cli.framing.fast.batches import Batch
from canvas_events_cli.model import Framed, Record, Unwrapped
from canvas_events_cli.parse import read_object
from canvas_events_cli.wrappers.fast.repeated import Content, Odd, Repeated
from canvas_events_cli.wrappers.shapes import is_event
from canvas_events_cli.wrappers.unwrap import Spot, events_at, spots_in

if TYPE_CHECKING:
    from canvas_events_cli.wrappers.keys import KeySet

_BATCH_BYTES = 256 * 1024
"""How much text of events, which may have been compressed, is in one batch, and a record's more."""

Unwrap = Callable[[Iterable[Framed]], Iterable[Framed | Unwrapped]]
"""The plain way."""


class BatchUnwrapper:
    """Takes the events out of batches of wrappers that are alike."""

    def __init__(self, unwrap: Unwrap, keys: "KeySet | None", most_bytes: int) -> None:
        self._unwrap = unwrap
        self._most_bytes = most_bytes
        self._repeated = Repeated(most_bytes, trusts=keys is None)

    def unwrapped(self, batch: Batch) -> Iterator[Batch | Framed | Unwrapped]:
        """Yield *batch*, or what is in it: batches of events, and what is odd the plain way."""
        texts = batch.texts()

        def plain(number: int) -> Iterable[Framed | Unwrapped]:
            return self._unwrap(framed(number))

        framed = batch.plain
        if is_event(read_object(texts[0])):
            yield replace(batch, plain=plain)
            return
        self._repeated.leads_to_event.clear()
        events = _Events(batch, self._most_bytes)
        for number, text in enumerate(texts):
            try:
                contents = self._repeated.contents(text)
            except Odd:
                yield from events.take()
                yield from plain(number)
                continue
            if events.size > _BATCH_BYTES or events.unverified != contents[0].unverified:
                yield from events.take()
            events.add(number, contents)
        yield from events.take()


class _Events:
    """The events for one batch, as they are found."""

    def __init__(self, batch: Batch, most_bytes: int) -> None:
        self._batch = batch
        self._most_bytes = most_bytes
        self._begin()

    def _begin(self) -> None:
        self.size = 0
        self.unverified = False
        self._texts: list[bytes] = []
        self._places: list[tuple[int, int]] = []
        """Of each the number of its record in the batch, and which one it is in there."""

    def add(self, number: int, contents: list[Content]) -> None:
        """Add the *contents* of the record with this *number*."""
        self.unverified = contents[0].unverified
        for at, (text, _) in enumerate(contents):
            self._texts.append(text)
            self._places.append((number, at))
            self.size += len(text)

    def take(self) -> Iterator[Batch]:
        """Yield a batch of what was added since the last, if anything was."""
        if not self._texts:
            return
        block = b"\n".join([*self._texts, b""])
        lines = self._batch.lines
        plain = partial(_plainly, self._batch.plain, self._places, self._most_bytes, {})
        yield Batch(block, 0, len(block), [lines[number] for number, _ in self._places], plain, self.unverified)
        self._begin()


def _plainly(
    framed: Callable[[int], Iterable[Framed]],
    places: list[tuple[int, int]],
    most_bytes: int,
    last: dict[int, list[Spot] | Record],
    index: int,
) -> Iterable[Unwrapped]:
    """Return what the plain way finds where the event with this *index* was found; *last* holds the last record."""
    number, at = places[index]
    if number not in last:
        last.clear()
        last[number] = spots_in(cast(Record, next(iter(framed(number)))), most_bytes)
    spots = last[number]
    return events_at(spots[at]) if isinstance(spots, list) else (spots,)
