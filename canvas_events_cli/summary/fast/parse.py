"""Events parsed many at a time where fields are tallied, each of which is looked up in a batch at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import cast

from canvas_events_cli.framing.fast.batches import Batch
from canvas_events_cli.model import Record
from canvas_events_cli.query.fast.deciding import fields_of, is_own_event, values_of
from canvas_events_cli.query.fields import Field
from canvas_events_cli.running.reading import FastPath, Read
from canvas_events_cli.summary.fast import decode
from canvas_events_cli.summary.in_depth import Parsed

_PAUSE = 15
"""How many batches go without the decoder after one that was not of usual retries alone, which it takes longer for."""


def fast_path(by: Sequence[Field]) -> FastPath:
    """Return what looks up fields in batches, and decodes the retries in them as ever."""
    decoding = decode.fast_path()
    pause = 0

    def decoded(batch: Batch) -> Iterable[object]:
        nonlocal pause
        if pause:
            pause -= 1
            return batch.plainly()
        items = [*decoding.read((batch,))]
        pause = _PAUSE if len(items) > 1 else 0
        return items

    def read(parts: Iterable[Read | Batch]) -> Iterator[Read | Parsed]:
        for part in parts:
            if not isinstance(part, Batch):
                yield part
            elif part.is_caliper:
                yield from part.plainly()
            else:
                yield from _parsed(part, by, decoded)

    return FastPath(read, decoding.least_bytes)


def _parsed(batch: Batch, by: Sequence[Field], decoded: Callable[[Batch], Iterable[object]]) -> Iterable[Read | Parsed]:
    texts = batch.texts()
    events = values_of(texts)
    are_events = [*map(is_own_event, events)]

    def record(number: int) -> Record:
        if batch.own_lines:
            return Record(batch.lines[number], texts[number], events[number], True)
        return cast(Record, next(iter(batch.plain(number))))

    def plain(number: int) -> Iterable[Read]:
        return (record(number),) if are_events[number] else batch.plain(number)

    plainly = chain.from_iterable(map(plain, range(batch.count)))
    if not all(are_events):
        return plainly
    items = decoded(replace(batch, plain=plain, plainly=lambda: plainly))
    return (Parsed(events, [fields_of(field, events) for field in by], record, items),)
