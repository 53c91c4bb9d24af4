"""Selection of events out of a stream of records."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Malformed, Overflow, Record, WrapperFault, Wrapping
from canvas_events_cli.query.byte_search import compile_search
from canvas_events_cli.query.fields import find
from canvas_events_cli.query.selection import EVENT_TIME, Predicate, Selection, compile_selection
from canvas_events_cli.same_event import event_digest
from canvas_events_cli.sources.blocks import BLOCK_BYTES
from canvas_events_cli.sources.locate import Source, SourceError
from canvas_events_cli.timestamps import parse_instant
from canvas_events_cli.work.pass_over import feed_candidates
from canvas_events_cli.work.reading import Feed, Read, ReadOptions, read_events
from canvas_events_cli.work.spool import Spool
from canvas_events_cli.wrappers import NOT_VERIFIED


@dataclass(frozen=True, slots=True)
class SelectOptions:
    """What becomes of the events that a selection wants."""

    unique: bool = False
    """Drop redelivered copies: the first in source order counts."""
    sort: bool = False
    """Put the events in order of their instants, those without one last."""
    limit: int | None = None
    """Stop after so many events."""
    every_record: bool = False
    """Parse also the records that cannot match by their bytes, so that every malformed one is met."""


@dataclass(slots=True)
class SelectedBlock:
    """What was wanted of a block of input, as it arrived."""

    source: str
    records: list[Record] = field(default_factory=list)
    malformed: list[Malformed | Overflow] = field(default_factory=list)
    unverified: int = 0
    """Events out of signed tokens whose signature was not verified, wanted or not."""
    failures: list[str] = field(default_factory=list)
    """Why the source could not be read, or not to its end."""


def select_blocks(
    sources: Iterable[Source | SourceError],
    selection: Selection,
    is_valid: Predicate | None,
    options: SelectOptions,
    reading: ReadOptions,
) -> Iterator[SelectedBlock]:
    """Yield what *selection* wants of *sources*, in source order or, with ``sort``, in the order of instants."""
    blocks = _wanted(sources, selection, is_valid, options, reading)
    if options.unique:
        blocks = _without_copies(blocks)
    if options.sort:
        blocks = _sorted(blocks)
    if options.limit is not None:
        blocks = _first(blocks, options.limit)
    return blocks


def _wanted(
    sources: Iterable[Source | SourceError],
    selection: Selection,
    is_valid: Predicate | None,
    options: SelectOptions,
    reading: ReadOptions,
) -> Iterator[SelectedBlock]:
    wanted = compile_selection(selection, is_valid)
    search = None if options.every_record else compile_search(selection)
    feed: Feed = partial(feed_candidates, search) if search else Framer.feed
    for source in sources:
        name = "" if isinstance(source, SourceError) else source.name
        for framed in read_events(source, reading, feed):
            if isinstance(framed, SourceError):
                yield SelectedBlock(name, failures=[str(framed)])
            else:
                yield _select(name, framed, wanted)


def _select(source_name: str, items: Iterable[Read], wanted: Predicate) -> SelectedBlock:
    block = SelectedBlock(source_name)
    for item in items:
        if isinstance(item, Malformed | Overflow):
            block.malformed.append(item)
            continue
        record = faulty_record(item) if isinstance(item, WrapperFault) else item
        block.unverified += record.wrapping is not None and NOT_VERIFIED in record.wrapping.details
        if wanted(record):
            block.records.append(record)
    return block


def faulty_record(fault: WrapperFault) -> Record:
    """Return a wrapper without an event as a record without fields, so that it goes to one side of a selection."""
    return Record(fault.line, fault.raw, None, False, Wrapping(fault.keyword, fault.raw, (("fault", fault.message),)))


def _without_copies(blocks: Iterable[SelectedBlock]) -> Iterator[SelectedBlock]:
    seen: set[bytes] = set()
    for block in blocks:
        fresh = []
        for record in block.records:
            digest = event_digest(record.value)
            if digest not in seen:
                seen.add(digest)
                fresh.append(record)
        block.records = fresh
        yield block


def _sorted(blocks: Iterable[SelectedBlock]) -> Iterator[SelectedBlock]:
    """Yield malformed records and failures as they come, and in the end the records, in blocks of limited size."""
    with Spool() as spool:
        for block in blocks:
            for record in block.records:
                spool.add(block.source, record, parse_instant(find(EVENT_TIME, record.value)))
            block.records = []
            yield block
        yield from blocks_of(spool.in_order())


def blocks_of(records: Iterable[tuple[str, Record]]) -> Iterator[SelectedBlock]:
    """Yield *records*, each after the name of its source, in blocks of limited size."""
    block = SelectedBlock("")
    size = 0
    for source, record in records:
        if block.source != source or size > BLOCK_BYTES:
            yield block
            block = SelectedBlock(source)
            size = 0
        block.records.append(record)
        size += len(record.raw)
    yield block


def _first(blocks: Iterable[SelectedBlock], limit: int) -> Iterator[SelectedBlock]:
    if not limit:
        return
    for block in blocks:
        if len(block.records) >= limit:
            block.records = block.records[:limit]
            end = block.records[-1].line
            block.malformed = [item for item in block.malformed if isinstance(item, Malformed) and item.line < end]
        limit -= len(block.records)
        yield block
        if not limit:
            return
