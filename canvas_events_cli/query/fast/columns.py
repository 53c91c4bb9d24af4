"""Which events of a batch a selection wants, told column by column: what a criterion looks at, in all events at once.

Of a text, or where there is nothing, a criterion is asked once a block, whatever the event; of anything else for each
event, as the plain way does.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain, compress
from operator import not_
from typing import Any, NamedTuple

from canvas_events_cli import caliper
from canvas_events_cli.defaults import DEFAULT_ENGINE
from canvas_events_cli.framing.fast.batches import Batch
from canvas_events_cli.model import Json, Record
from canvas_events_cli.parse import ParseError, loads, read_object
from canvas_events_cli.query.fast import pass_over
from canvas_events_cli.query.fast.byte_search import ByteSearch, compile_search
from canvas_events_cli.query.fast.typed_events import TypedEvents
from canvas_events_cli.query.fields import Field, find
from canvas_events_cli.query.noticing import Decided, Notices
from canvas_events_cli.query.selection import Criterion, Selection, criteria
from canvas_events_cli.running.reading import FastPath, Read
from canvas_events_cli.same_event import ENVELOPES, event_name, event_time
from canvas_events_cli.wrappers import is_event

_FEW, _PAUSE = 4, 15
"""A search that passes over less than three events of four takes longer than to parse these: a few batches go without.
"""
_NO_RECORD = Record(0, b"", None, False)
_NOTHING: dict[str, Json] = {}
_MOSTLY_IN: dict[object, Field] = {
    of: Field(tuple((key, name) for key in ENVELOPES))
    for of, name in ((event_name, "event_name"), (event_time, "event_time"))
}
"""Where the texts are that these return, where there are texts."""


def fast_path(selection: Selection, notices: Notices) -> FastPath | None:
    """Return what decides on the events of batches; None where *selection* asks for nothing."""
    search, spec = compile_search(selection), selection.spec
    if search is None and spec and spec.engine == DEFAULT_ENGINE and pass_over.selects_valid(selection):
        wants_valid = selection.valid is not selection.invert
        return FastPath(pass_over.ByVerdict(spec, notices, wants_valid=wants_valid).read)
    asked = [*criteria(selection, notices)]
    if not asked:
        return None
    return FastPath(_Decider(asked, search, notices, invert=selection.invert).read)


class _Decider:
    """Decides which events of batches are wanted."""

    def __init__(self, asked: list[Criterion], search: ByteSearch | None, notices: Notices, *, invert: bool) -> None:
        self._asked = asked
        self._search = search
        self._notices = notices
        self._invert = invert
        self._pause = 0
        """How many batches to parse without a search."""
        fields = [of if isinstance(of, Field) else _MOSTLY_IN.get(of) for of, _ in asked]
        known = [field for field in fields if field and all(len(path) == 2 for path in field.paths)]
        self._types = TypedEvents(known) if len(known) == len(asked) else None
        self._are_told = [of in _MOSTLY_IN for of, _ in asked]
        """Which of what is asked are texts for sure only where no text is missing."""

    def read(self, parts: Iterable[Read | Batch]) -> Iterator[Read | Decided]:
        """Yield the *parts* of a block, with what is decided of the events in batches in place of these."""
        answers = [_Answers(criterion) for criterion in self._asked]
        for part in parts:
            if not isinstance(part, Batch):
                yield part
            elif pass_over.may_notice(self._notices, part) or (part.is_caliper and self._search is None):
                yield from part.plainly()
            elif part.is_caliper and self._search is not None:
                tried = pass_over.to_try(self._search, part)
                self._notices.pass_over(part.count - len(tried))
                yield from chain.from_iterable(map(part.plain, tried))
            else:
                yield from self._decide(part, answers)

    def _decide(self, batch: Batch, answers: "Sequence[_Answers]") -> Iterator[Read | Decided]:
        tried: Sequence[int] = range(batch.count)
        if self._pause:
            self._pause -= 1
        elif self._search is not None:
            tried = pass_over.to_try(self._search, batch)
            if len(tried) > batch.count // _FEW:
                self._pause = _PAUSE
        are_sure = not batch.unverified  # else they are counted, so they have to be events for sure
        if are_sure:
            self._notices.pass_over(batch.count - len(tried))
            if not tried:
                return
        if are_sure and len(tried) < batch.count:
            batch = batch.part(tried)
            tried = range(batch.count)
        columns = self._types.columns(batch) if self._types else None
        if columns is None or not all(map(all, compress(columns, self._are_told))):
            yield from self._parsed(batch, tried, answers)
            return
        texts = cache(batch.texts)
        events = _Events(
            texts,
            lambda row: loads(texts()[row]),
            lambda number, rows: [*map(columns[number].__getitem__, rows)],
        )
        yield self._decided(batch, events, tried, answers)

    def _parsed(self, batch: Batch, tried: Sequence[int], answers: "Sequence[_Answers]") -> Iterator[Read | Decided]:
        """Yield what is decided of the events of *batch*, all parsed, and what there is between them."""
        texts = batch.texts()
        values = values_of(texts)
        are_events = [*map(is_own_event, values)]
        if self._types and all(are_events):
            self._types.learn(values)
        start = 0
        for end in chain(compress(range(len(values)), map(not_, are_events)), (len(values),)):
            if start < end:
                some = batch.part(range(start, end))
                rows = [row - start for row in tried if start <= row < end]
                yield self._decided(some, self._events(texts[start:end], values[start:end]), rows, answers)
            if end < len(values):
                yield from batch.plain(end)
            start = end + 1

    def _events(self, texts: Sequence[bytes], values: Sequence[Json]) -> "_Events":
        def column(number: int, rows: Sequence[int]) -> Sequence[object]:
            return _column(self._asked[number].of, [*map(values.__getitem__, rows)])

        return _Events(lambda: texts, values.__getitem__, column)

    def _decided(self, batch: Batch, events: "_Events", rows: Sequence[int], answers: "Sequence[_Answers]") -> Decided:
        """Return which *events* of *batch* are wanted, none but some of these *rows*."""

        def record(row: int) -> Record:
            return Record(batch.lines[row], events.texts()[row], events.value(row), True)

        for number, of in enumerate(answers):
            rows = [*compress(rows, of.each(events.column(number, rows), rows, record))]
        if self._invert:
            rows = sorted({*range(batch.count)}.difference(rows))
        self._notices.noticed.events += batch.count
        wanted = batch.part(rows) if rows else None
        if wanted is not None and batch.own_lines:  # those records are there already
            wanted = replace(wanted, plainly=lambda: map(record, rows))
        return Decided(batch.lines if batch.unverified else (), wanted)


class _Events(NamedTuple):
    """What is known of the events of a batch, by their rows."""

    texts: Callable[[], Sequence[bytes]]
    value: Callable[[int], Json]
    column: Callable[[int, Sequence[int]], Sequence[object]]
    """Returns what the criterion with this number looks at, in some rows."""


class _Answers:
    """What a criterion says of each text, once it has been asked."""

    def __init__(self, criterion: Criterion) -> None:
        self._criterion = criterion
        self._known: dict[object, bool] = {}

    def each(self, column: Sequence[object], rows: Sequence[int], record: Callable[[int], Record]) -> list[bool]:
        """Return what it says of the events in these *rows*, of which *column* holds what it looks at."""
        try:
            return [*map(self._known.__getitem__, column)]
        except (KeyError, TypeError):  # TypeError: what is in an array or object is no key
            return [self._of(found, row, record) for found, row in zip(column, rows, strict=True)]

    def _of(self, found: object, row: int, record: Callable[[int], Record]) -> bool:
        if found is not None and type(found) is not str:
            return self._criterion.holds(found, record(row))
        known = self._known.get(found)
        if known is None:
            known = self._known[found] = self._criterion.holds(found, _NO_RECORD)
        return known


def values_of(texts: Iterable[bytes]) -> Sequence[Json]:
    """Return what each of *texts* is; None for what is malformed."""
    try:
        return [*map(loads, texts)]
    except ParseError:
        return [*map(read_object, texts)]


def is_own_event(value: Json) -> bool:
    """Tell whether *value* is an event in Canvas' own format."""
    return is_event(value) and not caliper.is_event(value)


def _column(of: Field | Callable[[Json], Any] | None, events: Sequence[Json]) -> Sequence[object]:
    """Return what *of* looks at in each of *events*."""
    if of is None:
        return events
    if isinstance(of, Field):
        return fields_of(of, events)
    field = _MOSTLY_IN.get(of)
    column = fields_of(field, events) if field else ()
    return column if all(type(text) is str and text for text in column) else [*map(of, events)]


def fields_of(field: Field, events: Sequence[Any]) -> Sequence[object]:
    """Return the value of *field* in each of *events*, none of Caliper's."""
    column: Sequence[object] = [None] * len(events)
    try:
        for root, name in field.paths:
            found = [(event.get(root) or _NOTHING).get(name) for event in events]
            empty = column.count(None)
            column = (
                found if empty == len(events) else [b if a is None else a for a, b in zip(column, found, strict=True)]
            )
            if None not in column:
                break
    except (ValueError, AttributeError):  # other paths, or something else than objects on them
        return [find(field, event) for event in events]
    return column
