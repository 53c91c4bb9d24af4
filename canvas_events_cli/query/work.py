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
from canvas_events_cli.running.reading import Compiled, Read, RunOptions
from canvas_events_cli.running.report import RejectingReport
from canvas_events_cli.running.runner import run
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


@dataclass
class SelectedBlock(RejectingReport, Generic[Item]):
    """What was wanted of a block of input, as it arrived."""

    source: str = ""
    records: list[Item] = field(default_factory=list)
    """What the form asked for made of each record; or that joined."""
    lines: list[int] = field(default_factory=list)
    """Where each of the records starts."""
    digests: list[bytes] = field(default_factory=list)
    """Of each of ``records``, for ``unique``."""
    instants: list[Instant | None] = field(default_factory=list)
    """Of each of ``records``, for ``sort``."""
    unverified_lines: list[int] = field(default_factory=list)
    """Where the unverified events start, wanted or not."""

    def shift(self, lines: int) -> None:
        """Move all that was found so many *lines* further down."""
        super().shift(lines)
        self.lines = [line + lines for line in self.lines]
        self.unverified_lines = [line + lines for line in self.unverified_lines]
        self.rejects = [_shifted(item, lines) for item in self.rejects]

    def cut(self, limit: int) -> None:
        """Leave only the first *limit* records, of more or as many, and what came before the last of them."""
        self.records = self.records[:limit]
        self.lines = self.lines[:limit]
        end = self.lines[-1]
        self.rejects = [item for item in self.rejects if isinstance(item, Malformed) and item.line < end]
        self.malformed = len(self.rejects)
        self.unverified = len([line for line in self.unverified_lines if line <= end])


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
        fast_feed = partial(feed_candidates, search) if search else None
        return Compiled(lambda source_name, items: self._select(source_name, items, wanted), fast_feed=fast_feed)

    def _select(self, source_name: str, items: Iterable[Read], wanted: Predicate) -> SelectedBlock[Item]:
        block: SelectedBlock[Item] = SelectedBlock(source_name)
        for item in items:
            if isinstance(item, Malformed | Overflow):
                block.reject(item)
                continue
            record = event_record(item)
            if record.wrapping is not None and record.wrapping.unverified:
                block.unverified += 1
                block.unverified_lines.append(record.line)
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
    how: RunOptions | None = None,
) -> Iterator[SelectedBlock[Item]]:
    """Yield what *work* wants of *sources*, in source order or, with ``sort``, in the order of instants."""
    blocks = run(sources, work, how)
    if work.options.unique:
        blocks = _without_copies(blocks)
    if work.options.sort:
        blocks = _sorted(blocks)
    if work.options.limit is not None:
        blocks = _first(blocks, work.options.limit)
    return blocks


def _shifted(item: Malformed | Overflow, lines: int) -> Malformed | Overflow:
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
            block.cut(limit)
        limit -= len(block.records)
        yield block
        if not limit:
            return
