"""Which events of a batch a selection wants, told column by column: what a criterion looks at, in all events at once.

Of a text, or where there is nothing, a criterion is asked once a block, whatever the event; of anything else for each
event, as the plain way does.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain, compress
from operator import not_
from typing import Any, NamedTuple, cast

from canvas_events_cli import caliper
from canvas_events_cli.defaults import DEFAULT_ENGINE
from canvas_events_cli.framing.fast.batches import Batch
from canvas_events_cli.model import Json, Record
from canvas_events_cli.parse import ParseError, loads, read_object
from canvas_events_cli.query.fast.by_verdict import ByVerdict, selects_valid
from canvas_events_cli.query.fast.traces import Trace, trace_of
from canvas_events_cli.query.fast.typed_events import TypedEvents, has_two_keys
from canvas_events_cli.query.fast.words import may_notice
from canvas_events_cli.query.fields import Field, find
from canvas_events_cli.query.noticing import Decided, Notices
from canvas_events_cli.query.selection import Criterion, Selection, criteria
from canvas_events_cli.running.reading import FastPath, Read
from canvas_events_cli.same_event import ENVELOPES, event_name, event_time
from canvas_events_cli.wrappers.shapes import holds_caliper_events, is_event

_TIME = -1
"""The number of the column of times."""
_NO_RECORD = Record(0, b"", None, False)
_NOTHING: dict[str, Json] = {}
_MOSTLY_IN: dict[object, Field] = {
    of: Field(tuple((key, name) for key in ENVELOPES))
    for of, name in ((event_name, "event_name"), (event_time, "event_time"))
}
"""Where the texts are that these return, where there are texts."""


def fast_path(selection: Selection, notices: Notices, *, timed: bool = False) -> FastPath:
    """Return what decides on the events of batches; *timed* says that it is asked when the wanted ones happened."""
    spec = selection.spec
    if spec and spec.engine == DEFAULT_ENGINE and selects_valid(selection):
        return FastPath(ByVerdict(spec, notices, wants_valid=selection.valid is not selection.invert).read)
    asked = [*criteria(selection, notices)]
    traces = () if selection.any_where else tuple(map(trace_of, selection.about))
    return FastPath(_Decider(asked, traces, notices, invert=selection.invert, timed=timed).read)


class _Decider:
    """Decides which events of batches are wanted: none without all *traces*."""

    def __init__(
        self, asked: list[Criterion], traces: Sequence[Trace], notices: Notices, *, invert: bool, timed: bool
    ) -> None:
        self._asked = asked
        self._traces = traces
        self._notices = notices
        self._invert = invert
        self._timed = timed
        fields = {number: of if isinstance(of, Field) else _MOSTLY_IN.get(of) for number, (of, _) in enumerate(asked)}
        known = {number: field for number, field in fields.items() if field and has_two_keys(field)}
        # What looks at whole events is asked of few, where there are traces.
        is_known = all(number in known or (of is None and traces) for number, (of, _) in enumerate(asked))
        times = {_TIME: _MOSTLY_IN[event_time]} if timed else {}
        self._types = TypedEvents(known | times) if is_known else None
        self._told = [*times, *(number for number, (of, _) in enumerate(asked) if of in _MOSTLY_IN)]
        """Of which a text is what they return only where it is one."""
        self._first = sum(of in _MOSTLY_IN for of, _ in asked)
        """How many are of names and times, which come first: times are noticed of all events."""

    def read(self, parts: Iterable[Read | Batch]) -> Iterator[Read | Decided]:
        """Yield the *parts* of a block, with what is decided of the events in batches in place of these."""
        answers = [_Answers(criterion) for criterion in self._asked]
        for part in parts:
            if not isinstance(part, Batch):
                yield part
            elif may_notice(self._notices, part) or (part.is_caliper and part.unverified):
                yield from part.plainly()
            elif part.is_caliper:
                numbers = [number for number, text in enumerate(part.texts()) if self._may_want(text, answers)]
                yield from chain.from_iterable(map(part.plain, numbers))
            else:
                yield from self._decide(part, answers)

    def _may_want(self, text: bytes, answers: "Sequence[_Answers]") -> bool:
        """Tell whether *text*, an event of Caliper or several in their envelope, is to be looked at the plain way."""
        value: Any = read_object(text)
        events = value["data"] if holds_caliper_events(value) and not is_event(value) else [value]
        if not events or not all(map(caliper.is_event, events)):
            return True
        has_traces = all(trace.is_in(text) for trace in self._traces)
        asked = answers if has_traces else answers[: self._first]
        for event in events:
            told = chain((of.tell(event) for of in asked), (has_traces,))
            if next((holds for holds in told if holds is not True), True) is not self._invert:
                return True
        self._notices.noticed.events += len(events)
        return False

    def _decide(self, batch: Batch, answers: "Sequence[_Answers]") -> Iterator[Read | Decided]:
        columns = self._types.columns(batch) if self._types else None
        if columns is None or not all(all(columns[number]) for number in self._told):
            yield from self._parsed(batch, answers)
            return
        texts = cache(batch.texts)
        events = _Events(
            texts,
            lambda row: loads(texts()[row]),
            lambda number, rows: [*map(columns[number].__getitem__, rows)],
        )
        yield self._decided(batch, events, answers)

    def _parsed(self, batch: Batch, answers: "Sequence[_Answers]") -> Iterator[Read | Decided]:
        """Yield what is decided of the events of *batch*, all parsed, and what there is between them."""
        texts = batch.texts()
        values = values_of(texts)
        are_events = [*map(is_own_event, values)]
        if self._types and all(are_events):
            self._types.learn(values)
        start = 0
        for end in chain(compress(range(len(values)), map(not_, are_events)), (len(values),)):
            if start < end:
                events = self._events(texts[start:end], values[start:end])
                yield self._decided(batch.part(range(start, end)), events, answers)
            if end < len(values):
                yield from batch.plain(end)
            start = end + 1

    def _events(self, texts: Sequence[bytes], values: Sequence[Json]) -> "_Events":
        def column(number: int, rows: Sequence[int]) -> Sequence[object]:
            of = event_time if number == _TIME else self._asked[number].of
            return _column(cast(Field, of), [*map(values.__getitem__, rows)])

        return _Events(lambda: texts, values.__getitem__, column)

    def _decided(self, batch: Batch, events: "_Events", answers: "Sequence[_Answers]") -> Decided:
        """Return which *events* of *batch* are wanted."""

        def record(row: int) -> Record:
            return Record(batch.lines[row], events.texts()[row], events.value(row), True)

        rows: Sequence[int] = range(batch.count)
        for number, of in enumerate(answers):
            if self._traces and number == self._first:
                rows = sorted(set(rows).intersection(*(trace.rows(batch) for trace in self._traces)))
            if self._asked[number].of is None:
                rows = [row for row in rows if self._asked[number].holds(None, record(row))]
            else:
                rows = [*compress(rows, of.each(events.column(number, rows), rows, record))]
        if self._invert:
            rows = sorted({*range(batch.count)}.difference(rows))
        self._notices.noticed.events += batch.count
        wanted = batch.part(rows) if rows else None
        if wanted is not None and batch.own_lines:  # those records are there already
            wanted = replace(wanted, plainly=lambda: map(record, rows))
        return Decided(
            batch.lines if batch.unverified else (), wanted, events.column(_TIME, rows) if self._timed else ()
        )


class _Events(NamedTuple):
    """What is known of the events of a batch, by their rows."""

    texts: Callable[[], Sequence[bytes]]
    value: Callable[[int], Json]
    column: Callable[[int, Sequence[int]], Sequence[object]]
    """Returns what the criterion with this number looks at, or the times, in some rows."""


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
        known = self._of_text(found)
        return self._criterion.holds(found, record(row)) if known is None else known

    def tell(self, event: Json) -> bool | None:
        """Return what it says of *event*; None where that takes a record."""
        of = self._criterion.of
        found = event if of is None else find(of, event) if isinstance(of, Field) else of(event)
        return self._of_text(found)

    def _of_text(self, found: object) -> bool | None:
        """Return what it says where it has *found* a text, or nothing; None for anything else."""
        if found is not None and type(found) is not str:
            return None
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


def _column(of: Field | Callable[[Json], Any], events: Sequence[Json]) -> Sequence[object]:
    """Return what *of* looks at in each of *events*."""
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
