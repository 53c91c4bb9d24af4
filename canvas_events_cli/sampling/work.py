"""A representative few out of a stream of records."""

from collections.abc import Iterable, Iterator
from itertools import compress

from canvas_events_cli.model import Finding, Malformed, Overflow, Record, WrapperFault
from canvas_events_cli.query.narrow import event_record
from canvas_events_cli.query.selection import Predicate
from canvas_events_cli.query.spool import Spool
from canvas_events_cli.query.work import SelectedBlock, blocks_of
from canvas_events_cli.running.reading import Read, ReadOptions, read_events
from canvas_events_cli.sampling.sampler import Sampler
from canvas_events_cli.sources.locate import Source, SourceError
from canvas_events_cli.validation import EventChecker, Verdict


def sample_blocks(
    sources: Iterable[Source | SourceError],
    checker: EventChecker,
    per_type: int,
    reading: ReadOptions,
    wanted: Predicate | None = None,
) -> Iterator[SelectedBlock[Record]]:
    """Yield malformed records and failures as they come and, once all is read, the chosen events in source order.

    Chosen are the first event of each shape, the first with each kind of mistake, and as many of the first others of
    each name as *per_type* leaves room for; all of them out of those that are *wanted*. They wait on disk.
    """
    sampler = Sampler(per_type)
    with Spool[Record]() as spool:
        for source in sources:
            name = "" if isinstance(source, SourceError) else source.name
            for framed in read_events(source, reading):
                if isinstance(framed, SourceError):
                    yield SelectedBlock(name, failures=[str(framed)])
                    continue
                block = _choose(name, framed, sampler, checker, wanted)
                for record in block.records:
                    spool.add(name, record.line, record, None)
                block.records = []
                yield block
        yield from blocks_of(compress(spool.in_order(), sampler.stays()))


def _choose(
    source_name: str, items: Iterable[Read], sampler: Sampler, checker: EventChecker, wanted: Predicate | None
) -> SelectedBlock[Record]:
    """Return the events of a block that are chosen, some of them only until others turn out to show more."""
    block: SelectedBlock[Record] = SelectedBlock(source_name)
    for item in items:
        if isinstance(item, Malformed | Overflow):
            block.malformed.append(item)
            continue
        record = event_record(item)
        if wanted is not None and not wanted(record):
            continue
        if record.wrapping is not None and record.wrapping.unverified:
            block.unverified.append(record.line)
        if sampler.choose(record.value, _verdict(checker, item)):
            block.records.append(record)
    return block


def _verdict(checker: EventChecker, item: Record | WrapperFault) -> Verdict:
    if isinstance(item, Record):
        return checker.check("", item)
    return Verdict(None, (Finding("", item.line, None, "envelope", item.keyword, "", item.message),))
