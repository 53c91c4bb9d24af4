"""A representative few out of a stream of records."""

from collections.abc import Iterable, Iterator
from itertools import compress

from canvas_events_cli.model import Finding, Malformed, Overflow, Record, WrapperFault
from canvas_events_cli.sampling import Sampler
from canvas_events_cli.sources.locate import Source, SourceError
from canvas_events_cli.validation import EventChecker, Verdict
from canvas_events_cli.work.reading import ReadOptions, read_events
from canvas_events_cli.work.select import SelectedBlock, blocks_of, faulty_record
from canvas_events_cli.work.spool import Spool
from canvas_events_cli.wrappers import NOT_VERIFIED


def sample_blocks(
    sources: Iterable[Source | SourceError], checker: EventChecker, per_type: int, reading: ReadOptions
) -> Iterator[SelectedBlock]:
    """Yield malformed records and failures as they come and, once all is read, the chosen events in source order.

    Chosen are the first event of each shape, the first with each kind of mistake, and as many of the first others of
    each name as *per_type* leaves room for. They wait on disk.
    """
    sampler = Sampler(per_type)
    numbers: list[int] = []
    read = 0
    with Spool() as spool:
        for source in sources:
            name = "" if isinstance(source, SourceError) else source.name
            for framed in read_events(source, reading):
                if isinstance(framed, SourceError):
                    yield SelectedBlock(name, failures=[str(framed)])
                    continue
                block = SelectedBlock(name)
                for item in framed:
                    if isinstance(item, Malformed | Overflow):
                        block.malformed.append(item)
                        continue
                    record, verdict = _checked(checker, item)
                    block.unverified += record.wrapping is not None and NOT_VERIFIED in record.wrapping.details
                    if sampler.choose(read, record.value, verdict):
                        spool.add(name, record, None)
                        numbers.append(read)
                    read += 1
                yield block
        stays = (number not in sampler.dropped for number in numbers)
        yield from blocks_of(compress(spool.in_order(), stays))


def _checked(checker: EventChecker, item: Record | WrapperFault) -> tuple[Record, Verdict]:
    if isinstance(item, Record):
        return item, checker.check("", item)
    finding = Finding("", item.line, None, "envelope", item.keyword, "", item.message)
    return faulty_record(item), Verdict(None, (finding,))
