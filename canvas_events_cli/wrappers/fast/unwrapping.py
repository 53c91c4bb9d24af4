"""Batches of wrappers become batches of events."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, cast

from canvas_events_cli import caliper
from canvas_events_cli.framing.fast.batches import Batch, opening_of
from canvas_events_cli.json_text import compact
from canvas_events_cli.model import Details, Framed, Record, Unwrapped, Wrapping
from canvas_events_cli.parse import read_object
from canvas_events_cli.wrappers.fast.repeated import Content, Kind, Odd, Repeated, kind_of_event
from canvas_events_cli.wrappers.shapes import is_event
from canvas_events_cli.wrappers.unwrap import Inside, Spot, events_at, kind_of, look_into, root, unwrap

if TYPE_CHECKING:
    from canvas_events_cli.wrappers.keys import KeySet

_BATCH_BYTES = 256 * 1024
"""How much text of events, which may have been compressed, is in one batch, and a record's more."""

Unwrap = Callable[[Iterable[Framed]], Iterable[Framed | Unwrapped]]


class BatchUnwrapper:
    """Takes the events out of batches of wrappers that are alike."""

    def __init__(self, unwrap: Unwrap, keys: "KeySet | None", most_bytes: int) -> None:
        self.unwrap = unwrap
        """The plain way."""
        self._most_bytes = most_bytes
        self._repeated = Repeated(most_bytes, trusts=keys is None)

    def unwrapped(self, batch: Batch) -> Iterator[Batch | Framed | Unwrapped]:
        """Yield *batch*, or what is in it: batches of events, and what is odd the plain way."""
        first = batch.block[batch.start : batch.block.find(b"\n", batch.start)]

        def plain(number: int) -> Iterable[Framed | Unwrapped]:
            return self.unwrap(framed(number))

        framed, plainly = batch.plain, batch.plainly
        value = read_object(first)
        is_caliper = kind_of_event(value) is Kind.CALIPER
        if is_event(value) or is_caliper:
            yield replace(batch, plain=plain, plainly=lambda: self.unwrap(plainly()), is_caliper=is_caliper)
            return
        self._repeated.leads_to.clear()  # a batch of others is seen as such
        events = _Events(batch, self._most_bytes)
        for number, text in enumerate(batch.texts()):
            try:
                contents = self._repeated.contents(text)
            except Odd:
                yield from events.take()
                yield from plain(number)
                continue
            if events.size > _BATCH_BYTES or events.kind != contents[0].kind:
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
        self.kind = Kind.UNKNOWN
        self._found: list[tuple[int, int, Content]] = []
        """Of each the number of its record in the batch, and which one it is in there."""

    def add(self, number: int, contents: list[Content]) -> None:
        """Add the *contents* of the record with this *number*."""
        self.kind = contents[0].kind
        self._found += [(number, at, content) for at, content in enumerate(contents)]
        self.size += sum(len(content.text) for content in contents)

    def take(self) -> Iterator[Batch]:
        """Yield a batch of what was added since the last, if anything was."""
        found = self._found
        if found:
            texts = [content.text for _, _, content in found]
            block = b"\n".join([*texts, b""])
            lines = [self._batch.lines[number] for number, _, _ in found]
            plain = _PlainWay(self._batch.plain, found, self._most_bytes)
            is_token, is_caliper = self.kind is Kind.CLAIMS, self.kind is Kind.CALIPER
            yield Batch(block, 0, len(block), lines, plain, plain.all, opening_of(texts), is_token, is_caliper)
            self._begin()


class _PlainWay:
    """What the plain way makes of events that have been found already, and of what was taken for one."""

    def __init__(
        self, framed: Callable[[int], Iterable[Framed]], found: list[tuple[int, int, Content]], most_bytes: int
    ) -> None:
        self._framed = framed
        self._found = found
        self._most_bytes = most_bytes
        self._number = -1
        self._record: Record
        self._spots: list[Spot] | None = None

    def __call__(self, index: int) -> Iterable[Unwrapped]:
        """Return what is at this *index* of what was found."""
        number, at, content = self._found[index]
        if number != self._number:
            self._number, self._spots = number, None
            self._record = cast(Record, next(iter(self._framed(number))))
        record = self._record
        if not content.wrappers and is_event(record.value):
            return (record,)
        event = read_object(content.text)
        if is_event(event) or caliper.is_event(event):
            # The same for all events of a record: that of it which is not shown need not be worked out.
            tell = partial(_details, record, at, self._most_bytes)
            is_unverified = content.kind is Kind.CLAIMS
            wrapping = Wrapping(kind_of(record, content.wrappers), record.raw, tell, None, is_unverified)
            return (Record(record.line, compact(content.text), event, False, wrapping),)
        if not at and number not in [number for number, _, _ in self._found[index + 1 : index + 2]]:
            return unwrap(record, None, self._most_bytes)  # all that there is in it
        self._spots = self._spots or _spots_in(record, self._most_bytes)
        return events_at(self._spots[at])

    def all(self) -> Iterator[Unwrapped]:
        """Yield what is at each index."""
        return chain.from_iterable(map(self, range(len(self._found))))


def _details(record: Record, at: int, most_bytes: int) -> Details:
    event = next(iter(events_at(_spots_in(record, most_bytes)[at])))
    return event.wrapping.details if isinstance(event, Record) and event.wrapping else ()


def _spots_in(record: Record, most_bytes: int) -> list[Spot]:
    """Return the spots one step into *record*, a wrapper; tokens are read without keys."""
    found = look_into(root(record, None, most_bytes))
    return list(found.spots) if isinstance(found, Inside) else []
