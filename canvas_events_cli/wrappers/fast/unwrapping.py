"""Batches of wrappers become batches of events."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice, starmap, zip_longest
from typing import TYPE_CHECKING, cast

from canvas_events_cli import caliper
from canvas_events_cli.framing.fast import NOT_SO
from canvas_events_cli.framing.fast.batches import Batch, texts_of
from canvas_events_cli.json_text import compact, elements, text_at, texts_decoder
from canvas_events_cli.model import Details, Framed, Json, Record, Unwrapped, Wrapping
from canvas_events_cli.parse import parse, read_object
from canvas_events_cli.wrappers.fast.columns import Column, Columns, column_of
from canvas_events_cli.wrappers.fast.contents import Content, Kind, Names, Way
from canvas_events_cli.wrappers.fast.repeated import Odd, Repeated
from canvas_events_cli.wrappers.recognition import Object
from canvas_events_cli.wrappers.shapes import CALIPER, as_event, holds_caliper_events, is_event
from canvas_events_cli.wrappers.unwrap import Inside, Spot, events_at, kind_of, look_into, root

if TYPE_CHECKING:
    from canvas_events_cli.wrappers.keys import KeySet

_NEWER_NAMES = {"metadata": b"metadata", "data": b"body"}
_BATCH_BYTES = 256 * 1024
"""How much text of events, which may have been compressed, is in one batch, and an event's more."""

_WHOLE: Way = (-1,)
"""By which the record itself is known among its spots."""

Unwrap = Callable[[Iterable[Framed]], Iterable[Framed | Unwrapped]]
Plain = Callable[[int], Iterable[Framed | Unwrapped]]


def in_newer_shape(text: bytes) -> bytes:
    """Return the event *text*, which is in Canvas' older shape, in the newer; as it is where that takes a closer look.

    >>> in_newer_shape(b'{"metadata": {}, "data": {"data": 1.10}}')
    b'{"metadata":{},"body":{"data": 1.10}}'
    """
    try:
        members = texts_decoder(dict)(text)
        newer = b"{%b}" % b",".join([b'"%b":%b' % (_NEWER_NAMES[name], member) for name, member in members.items()])
    except (*NOT_SO, KeyError):
        return text
    # Each key has its two quotes, also one that is repeated; and without white space the new key is as long as the old.
    has_all = len(newer) == len(text) or newer.count(b'"') == text.count(b'"')
    is_sure = has_all and len(members) == len(_NEWER_NAMES) and not bytes(members["data"]).startswith(b'"')
    return newer if is_sure else text


class BatchUnwrapper:
    """Takes the events out of batches of wrappers."""

    def __init__(self, unwrap: Unwrap, keys: "KeySet | None", most_bytes: int) -> None:
        self.unwrap = unwrap
        """The plain way."""
        self._most_bytes = most_bytes
        self._repeated = Repeated(most_bytes, trusts=keys is None)
        self._columns = Columns(self._repeated, most_bytes)

    def unwrapped(self, batch: Batch) -> Iterator[Batch | Framed | Unwrapped]:
        """Yield *batch*, or what is in it: batches of events, and what is odd the plain way."""

        def plain(number: int) -> Iterable[Framed | Unwrapped]:
            return self.unwrap(framed(number))

        framed, plainly = batch.plain, batch.plainly
        kind = self._kind_of_lines(batch) if batch.opening else None
        if kind in (Kind.EVENT, Kind.CALIPER):
            alike = replace(batch, plain=plain, plainly=lambda: self.unwrap(plainly()))
            yield replace(alike, is_caliper=True, compacts=False) if kind is Kind.CALIPER else alike
            return
        if column := self._column(batch.block[batch.start : batch.end], batch):
            yield self._batch_of(column, batch, plain)
            return
        self._repeated.leads_to.clear()  # a batch of others is seen as such
        found: list[tuple[int, Content]] = []
        size = 0
        for number, contents in enumerate(self._each(batch)):
            if contents is None:
                if found:
                    yield self._batch_of(column_of(found), batch, plain)
                    found, size = [], 0
                yield from plain(number)
                continue
            for content in contents:
                if found and (size > _BATCH_BYTES or content.kind is not found[0][1].kind):
                    yield self._batch_of(column_of(found), batch, plain)
                    found, size = [], 0
                found.append((number, content))
                size += len(content.text)
        if found:
            yield self._batch_of(column_of(found), batch, plain)

    def _kind_of_lines(self, batch: Batch) -> Kind | None:
        try:
            return self._columns.kind(batch.block[batch.start : batch.block.find(b"\n", batch.start)])
        except Odd:
            return None

    def _column(self, block: bytes, batch: Batch) -> Column | None:
        """Return what is in the lines of *block*, which are records of *batch*; None where these are not alike."""
        try:
            valid, uniform = bool(batch.values), bool(batch.opening)
            return self._columns.column(block, block.count(b"\n"), uniform=uniform, valid=valid)
        except Odd:
            return None

    def _each(self, batch: Batch) -> Iterator[list[Content] | None]:
        """Return what is in each record of *batch*, None for the plain way."""
        return starmap(self._contents, zip_longest(batch.texts(), batch.values))

    def _contents(self, text: bytes, value: Json = None) -> list[Content] | None:
        """Return what is in the record *text*, which says *value* if that is known; None if it is for the plain way."""
        try:
            return self._repeated.contents(text, value)
        except Odd:
            return None

    def _batch_of(self, column: Column, batch: Batch, plain: Plain) -> Batch:
        """Return the batch of *column*, which was found in the records of *batch*."""
        block, kind = column.block, column.kind
        if kind is Kind.OLDER:
            block = b"".join(in_newer_shape(text) + b"\n" for text in texts_of(block))
        lines = [*map(batch.lines.__getitem__, column.numbers)]
        way = _PlainWay(batch, plain, column, self._most_bytes)
        of = Batch(block, 0, len(block), lines, way, way.all)
        compacts = kind in (Kind.EVENT, Kind.CLAIMS) and not column.is_bare
        return replace(of, unverified=kind is Kind.CLAIMS, is_caliper=kind is Kind.CALIPER, compacts=compacts)


@dataclass(slots=True)
class _PlainWay:
    """What the plain way makes of events that have been found already, and of what was taken for one."""

    batch: Batch
    """In which they were found."""
    plain: Plain
    column: Column
    most_bytes: int
    number: int = -1
    """Which record is at hand, and what is known of it."""
    raw: bytes = b""
    spots: dict[Way, list[Spot]] = field(default_factory=dict)

    def __call__(self, index: int) -> Iterable[Framed | Unwrapped]:
        """Return what is at this *index* of what was found."""
        number, content = self.column.numbers[index], self.column.content(index)
        if content.is_bare:
            return self.plain(number)
        if number != self.number:
            self.number, self.raw, self.spots = number, self.batch.raws()[number], {}
        value = read_object(content.text)
        event = as_event(value)
        if is_event(event) or caliper.is_event(event):
            return (self._event(content, content.text, event, content.wrappers),)
        if value is not None and holds_caliper_events(value) and (sent := [*self._sent(content, value)]):
            return sent
        items = [*self.plain(number)]
        if len(items) == 1 and self.column.numbers.count(number) == 1:
            return items  # the record as a whole says what it is
        record = cast(Record, next(iter(self.batch.plain(number))))
        spot, rest = _spot_along(content.way, root(record, None, self.most_bytes), self.spots)
        if rest:  # nothing makes a wrapper of what is so far: it is told of once, whatever was found in it
            reached = content.way[: -len(rest)]
            same = range(self.column.numbers.index(number), index)
            if any(self.column.content(at).way[: len(reached)] == reached for at in same):
                return ()
        return items if rest and rest == content.way else events_at(spot)

    def _sent(self, content: Content, value: Object) -> Iterator[Record]:
        """Yield the events in the Caliper envelope *value*; none where it holds something else."""
        events = [*map(as_event, cast(list[Json], value["data"]))]
        if None in events:
            return
        first = next((number for number, event in enumerate(events) if caliper.is_event(event)), None)
        names = (*content.wrappers, CALIPER.name)
        for number, (text, event) in enumerate(zip(elements(text_at(content.text, ("data",))), events, strict=True)):
            envelope = {**value, "data": []} if number == first else None
            yield self._event(content, text, event, names, number, envelope)

    def _event(
        self,
        content: Content,
        text: bytes,
        event: Json,
        wrappers: Names,
        number: int = 0,
        envelope: Object | None = None,
    ) -> Record:
        """Return the event that has this *number* in *content*."""
        line, raw = self.batch.lines[self.number], self.raw
        tell = partial(_details, content, number, line, raw, self.most_bytes, self.spots)
        kind = " > ".join(wrappers) or kind_of(_record(line, raw), wrappers)
        wrapping = Wrapping(kind, raw, tell, envelope, content.kind is Kind.CLAIMS)
        return Record(line, compact(text), event, False, wrapping)

    def all(self) -> Iterator[Framed | Unwrapped]:
        """Yield what is at each index."""
        return chain.from_iterable(map(self, range(len(self.column.numbers))))


def _record(line: int, raw: bytes) -> Record:
    record = Record(line, raw, None, False)
    return record._replace(value=parse(record.json))


def _details(
    content: Content, number: int, line: int, raw: bytes, most_bytes: int, known: dict[Way, list[Spot]]
) -> Details:
    if _WHOLE not in known:
        known[_WHOLE] = [root(_record(line, raw), None, most_bytes)]
    # A text tells no more than what holds it, unless it is a token, or holds more than an event.
    to_text = content.kind in (Kind.EVENT, Kind.OLDER)
    spot, rest = _spot_along(content.way, known[_WHOLE][0], known, to_text=to_text)
    if to_text and not rest:
        return spot.details()
    event = next(islice(events_at(spot), number, None))
    return event.wrapping.details if isinstance(event, Record) and event.wrapping else ()


def _spot_along(way: Way, spot: Spot, known: dict[Way, list[Spot]], *, to_text: bool = False) -> tuple[Spot, Way]:
    """Return the spot to which *way* leads from *spot*, as far as it does, and what is left of the way.

    With *to_text* into no text at its end.
    """
    for step, number in enumerate(way):
        if to_text and step == len(way) - 1 and isinstance(spot.value, str):
            break
        spots = known.get(way[:step])
        if spots is None:
            found = look_into(spot)
            if not isinstance(found, Inside):
                return spot, way[step:]
            spots = known[way[:step]] = [*found.spots]
        spot = spots[number]
    return spot, ()
