"""Selection of events out of a stream of records."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from canvas_events_cli.model import Malformed, Overflow, Record
from canvas_events_cli.parse import moved
from canvas_events_cli.query.fast.byte_search import compile_search
from canvas_events_cli.query.fast.pass_over import feed_candidates
from canvas_events_cli.query.narrow import Choice, event_record
from canvas_events_cli.query.selection import Predicate
from canvas_events_cli.running.reading import Read, ReadOptions
from canvas_events_cli.running.runner import Compiled, Watch, run
from canvas_events_cli.same_event import event_digest, event_time
from canvas_events_cli.sources.blocks import BLOCK_BYTES
from canvas_events_cli.sources.locate import Source, SourceError
from canvas_events_cli.timestamps import Instant, parse_instant

if TYPE_CHECKING:
    from canvas_events_cli.query.spool import Spooled

Item = TypeVar("Item")


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
    joined: bool = False
    """Give what is made of the records of a block, all of it bytes, as one, with line feeds between."""


@dataclass(slots=True)
class SelectedBlock(Generic[Item]):
    """What was wanted of a block of input, as it arrived."""

    source: str
    records: list[Item] = field(default_factory=list)
    """What the form asked for made of each record; or that joined."""
    lines: list[int] = field(default_factory=list)
    """Where each of the records starts."""
    digests: list[bytes] = field(default_factory=list)
    """Of each of ``records``, for ``unique``."""
    instants: list[Instant | None] = field(default_factory=list)
    """Of each of ``records``, for ``sort``."""
    malformed: list[Malformed | Overflow] = field(default_factory=list)
    unverified: list[int] = field(default_factory=list)
    """Where the events start that came out of signed tokens whose signature was not verified, wanted or not."""
    failures: list[str] = field(default_factory=list)
    """Why the source could not be read, or not to its end."""


@dataclass(frozen=True, slots=True)
class SelectWork(Generic[Item]):
    """What ``run`` needs to select; picklable where *form* is a module's function."""

    choice: Choice
    options: SelectOptions
    form: Callable[[Record], Item]
    """What is kept of a record."""

    def compile(self) -> Compiled[SelectedBlock[Item]]:
        """Return what selects. Raises CeventsError for a schema that cannot be used."""
        wanted = self.choice.compile()
        search = None if self.options.every_record else compile_search(self.choice.selection)
        shortcut = partial(feed_candidates, search) if search else None
        return Compiled(lambda source_name, items: self._select(source_name, items, wanted), shortcut=shortcut)

    def failed(self, source_name: str, failure: str) -> SelectedBlock[Item]:
        """Return the block of a source that cannot be read (on)."""
        return SelectedBlock(source_name, failures=[failure])

    def moved(self, part: SelectedBlock[Item], lines: int) -> SelectedBlock[Item]:
        """Return *part* as it is *lines* lines further down."""
        part.lines = [line + lines for line in part.lines]
        part.unverified = [line + lines for line in part.unverified]
        part.malformed = [_moved(item, lines) for item in part.malformed]
        return part

    def _select(self, source_name: str, items: Iterable[Read], wanted: Predicate) -> SelectedBlock[Item]:
        block: SelectedBlock[Item] = SelectedBlock(source_name)
        for item in items:
            if isinstance(item, Malformed | Overflow):
                block.malformed.append(item)
                continue
            record = event_record(item)
            if record.wrapping is not None and record.wrapping.unverified:
                block.unverified.append(record.line)
            if wanted(record):
                block.records.append(self.form(record))
                block.lines.append(record.line)
                if self.options.unique:
                    block.digests.append(event_digest(record.value))
                if self.options.sort:
                    block.instants.append(parse_instant(event_time(record.value)))
        if self.options.joined and block.records:
            block.records = [cast(Item, b"\n".join(cast(list[bytes], block.records)))]
        return block


def select_blocks(
    sources: Iterable[Source | SourceError],
    work: SelectWork[Item],
    reading: ReadOptions,
    jobs: int = 1,
    watch: Watch | None = None,
    cluster: str | None = None,
) -> Iterator[SelectedBlock[Item]]:
    """Yield what *work* wants of *sources*, in source order or, with ``sort``, in the order of instants."""
    blocks = run(sources, work, reading, jobs, watch, cluster)
    if work.options.unique:
        blocks = _without_copies(blocks)
    if work.options.sort:
        blocks = _sorted(blocks)
    if work.options.limit is not None:
        blocks = _first(blocks, work.options.limit)
    return blocks


def _moved(item: Malformed | Overflow, lines: int) -> Malformed | Overflow:
    if isinstance(item, Overflow):
        return item
    return item._replace(line=item.line + lines, message=moved(item.message, lines))


def _without_copies(blocks: Iterable[SelectedBlock[Item]]) -> Iterator[SelectedBlock[Item]]:
    seen: set[bytes] = set()
    for block in blocks:
        fresh = []
        for index, digest in enumerate(block.digests):
            if digest not in seen:
                seen.add(digest)
                fresh.append(index)
        block.records = [block.records[index] for index in fresh]
        block.lines = [block.lines[index] for index in fresh]
        block.instants = [block.instants[index] for index in fresh] if block.instants else []
        yield block


def _sorted(blocks: Iterable[SelectedBlock[Item]]) -> Iterator[SelectedBlock[Item]]:
    """Yield malformed records and failures as they come, and in the end the records, in blocks of limited size."""
    from canvas_events_cli.query.spool import Spool

    with Spool[Item]() as spool:
        for block in blocks:
            for kept in zip(block.lines, block.records, block.instants, strict=True):
                spool.add(block.source, *kept)
            block.records, block.lines = [], []
            yield block
        yield from blocks_of(spool.in_order())


def blocks_of(kept: "Iterable[Spooled[Item]]") -> Iterator[SelectedBlock[Item]]:
    """Yield what was *kept* of records in blocks of limited size."""
    block: SelectedBlock[Item] = SelectedBlock("")
    size = 0
    for spooled in kept:
        if block.source != spooled.source or size > BLOCK_BYTES:
            yield block
            block = SelectedBlock(spooled.source)
            size = 0
        block.records.append(spooled.item)
        block.lines.append(spooled.line)
        size += spooled.size
    yield block


def _first(blocks: Iterable[SelectedBlock[Item]], limit: int) -> Iterator[SelectedBlock[Item]]:
    if not limit:
        return
    for block in blocks:
        if len(block.records) >= limit:
            block.records = block.records[:limit]
            block.lines = block.lines[:limit]
            end = block.lines[-1]
            block.malformed = [item for item in block.malformed if isinstance(item, Malformed) and item.line < end]
            block.unverified = [line for line in block.unverified if line <= end]
        limit -= len(block.records)
        yield block
        if not limit:
            return
