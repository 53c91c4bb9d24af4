"""A representative few out of a stream of records."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import compress

from canvas_events_cli.model import Finding, Malformed, Overflow, Record, WrapperFault
from canvas_events_cli.query.narrow import event_record
from canvas_events_cli.query.selection import Predicate
from canvas_events_cli.query.spool import Spool
from canvas_events_cli.query.work import SelectedBlock, blocks_of
from canvas_events_cli.running.reading import Compiled, Read, RunOptions
from canvas_events_cli.running.runner import run
from canvas_events_cli.sampling.sampler import Sampler
from canvas_events_cli.sources.locate import Source, SourceError
from canvas_events_cli.validation import EventChecker, Verdict


def sample_blocks(
    sources: Iterable[Source | SourceError],
    checker: EventChecker,
    per_type: int,
    how: RunOptions,
    wanted: Predicate | None = None,
) -> Iterator[SelectedBlock[Record]]:
    """Yield malformed records and failures as they come and, once all is read, the chosen events in source order.

    Chosen are the first event of each shape, the first with each kind of mistake, and as many of the first others of
    each name as *per_type* leaves room for; all of them out of those that are *wanted*. They wait on disk.
    """
    sampler = Sampler(per_type)
    with Spool[Record]() as spool:
        for block in run(sources, _SampleWork(sampler, checker, wanted), RunOptions(how.reading, watch=how.watch)):
            for record in block.records:
                spool.add(block.source, record.line, record, None)
            block.records = []
            yield block
        yield from blocks_of(compress(spool.in_order(), sampler.stays()))


@dataclass(frozen=True, slots=True)
class _SampleWork:
    """What ``run`` needs to choose, in one process: each choice depends on those before it."""

    sampler: Sampler
    checker: EventChecker
    wanted: Predicate | None

    def compile(self) -> Compiled[SelectedBlock[Record]]:
        """Return what chooses."""
        return Compiled(self._choose)

    def _choose(self, source_name: str, items: Iterable[Read]) -> SelectedBlock[Record]:
        """Return the events of a block that are chosen, some of them only until others turn out to show more."""
        block: SelectedBlock[Record] = SelectedBlock(source_name)
        for item in items:
            if isinstance(item, Malformed | Overflow):
                block.reject(item)
                continue
            record = event_record(item)
            if self.wanted is not None and not self.wanted(record):
                continue
            if record.wrapping is not None:
                block.unverified += record.wrapping.unverified
            if self.sampler.choose(record.value, _verdict(self.checker, item)):
                block.records.append(record)
        return block


def _verdict(checker: EventChecker, item: Record | WrapperFault) -> Verdict:
    if isinstance(item, Record):
        return checker.check("", item)
    return Verdict(None, (Finding("", item.line, None, "envelope", item.keyword, "", item.message),))
