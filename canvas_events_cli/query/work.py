"""Selection of events out of a stream of records, for itself or in front of any other work."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import compress, repeat
from typing import Any, Generic, Protocol, TypeVar, cast, runtime_checkable

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Malformed, Overflow, Record
from canvas_events_cli.parse import moved, parse
from canvas_events_cli.query.noticing import Decided, Notices
from canvas_events_cli.query.selection import Selection, compile_selection, event_record
from canvas_events_cli.running.reading import Compiled, FastPath, Read, ReportT, RunOptions, Work
from canvas_events_cli.running.report import RejectingReport, Report
from canvas_events_cli.running.runner import run
from canvas_events_cli.same_event import event_digest, event_time
from canvas_events_cli.sources.blocks import BLOCK_BYTES
from canvas_events_cli.sources.source import Source, SourceError
from canvas_events_cli.timestamps import LATEST, Instant, parse_instant

Item = TypeVar("Item")
Made = TypeVar("Made", covariant=True)


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
    malformed_too: bool = False
    """Take malformed records for events: each, as it is, in its place."""
    joined: bool = False
    """Give what is made of the records of a block, all of it bytes, as one, with line feeds between."""


@dataclass
class SelectedBlock(RejectingReport, Generic[Item]):
    """What was wanted of a block of input, as it arrived."""

    source: str = ""
    found: list[tuple[int, Item, bytes, Instant | None]] = field(default_factory=list)
    """Of each event its line, what the form asked for made of it, for ``unique`` its digest, for ``sort`` its instant.

    Plain tuples: they are made for each event, and travel from other processes.
    """
    joined: int = 0
    """How many events the one thing found holds, where they are joined."""
    unverified_lines: list[int] = field(default_factory=list)
    """Where the unverified events start, wanted or not."""

    @property
    def matched(self) -> int:
        """How many events were wanted."""
        return self.joined or len(self.found)

    @property
    def records(self) -> list[Item]:
        """What the form asked for made of each event; or that joined."""
        return [item for _, item, _, _ in self.found]

    def shift(self, lines: int) -> None:
        """Move all that was found so many *lines* further down."""
        super().shift(lines)
        self.found = [
            (line + lines, cast(Item, _shifted(item, lines)), digest, instant)
            for line, item, digest, instant in self.found
        ]
        self.unverified_lines = [line + lines for line in self.unverified_lines]
        self.rejects = [_shifted(item, lines) for item in self.rejects]

    def cut(self, limit: int) -> None:
        """Leave only the first *limit* events, of more or as many, and what came before the last of them."""
        self.found = self.found[:limit]
        end = self.found[-1][0]
        self.rejects = [item for item in self.rejects if isinstance(item, Malformed) and item.line < end]
        self.malformed = len(self.rejects)
        self.unverified = len([line for line in self.unverified_lines if line <= end])


def _shifted(item: Any, lines: int) -> Any:
    if isinstance(item, Malformed):
        return item._replace(line=item.line + lines, told=moved(item.told, lines))
    return item


@runtime_checkable
class Form(Protocol[Made]):
    """What is kept of a record, where it takes more than a function to make it; picklable."""

    def compile(self) -> Callable[[Record], Made]:
        """Return what makes it. Raises CeventsError for a schema that cannot be used."""


@dataclass(frozen=True, slots=True)
class SelectWork(Generic[Item]):
    """What ``run`` needs to select; picklable where *form* is a module's function."""

    selection: Selection
    options: SelectOptions
    form: Callable[[Record], Item] | Form[Item]
    """What is kept of a record."""

    def compile(self) -> Compiled[SelectedBlock[Item]]:
        """Return what selects. Raises CeventsError for a schema that cannot be used."""
        notices = Notices(self.selection)
        wanted = compile_selection(self.selection, notices)
        form = self.form.compile() if isinstance(self.form, Form) else self.form
        unique, sort, malformed_too = self.options.unique, self.options.sort, self.options.malformed_too
        enough = None if unique or sort else self.options.limit

        def report_on(source_name: str, items: Iterable[Read | Decided]) -> SelectedBlock[Item]:
            block: SelectedBlock[Item] = SelectedBlock(source=source_name, noticed=notices.begin())
            for item in items:
                if isinstance(item, Decided):
                    block.unverified_lines += item.unverified_lines
                    found: Sequence[Record] = item.wanted
                elif isinstance(item, Malformed | Overflow):
                    if malformed_too and isinstance(item, Malformed):
                        block.found.append((item.line, cast(Item, item), b"", None))
                    else:
                        block.reject(item)
                    continue
                else:
                    record = event_record(item)
                    if record.unverified:
                        block.unverified_lines.append(record.line)
                    found = (record,) if wanted(record) else ()
                for record in found:
                    digest = event_digest(record.value) if unique else b""
                    instant = parse_instant(event_time(record.value)) if sort else None
                    block.found.append((record.line, form(record), digest, instant))
                if enough is not None and len(block.found) >= enough:
                    break
            block.unverified = len(block.unverified_lines)
            if self.options.joined and block.found:
                block.joined = len(block.found)
                whole = b"\n".join(cast(list[bytes], block.records))
                block.found = [(0, cast(Item, whole), b"", None)]
            return block

        return Compiled(report_on, fast=None if self.options.every_record else partial(_fast, self.selection, notices))


@dataclass(frozen=True, slots=True)
class Narrowed(Generic[ReportT]):
    """The same *work* on the events of a *selection*; picklable. Malformed records are counted and left out."""

    work: Work[ReportT]
    selection: Selection

    def compile(self) -> Compiled[ReportT]:
        """Return what does the work. Raises CeventsError for a schema that cannot be used."""
        compiled = self.work.compile()
        notices = Notices(self.selection)
        wanted = compile_selection(self.selection, notices)

        def wanted_of(items: Iterable[Read | Decided], others: Report) -> Iterator[Read]:
            for item in items:
                if isinstance(item, Decided):
                    yield from item.wanted
                elif isinstance(item, Malformed):
                    others.add_malformed(item)
                elif not isinstance(item, Overflow) and wanted(event_record(item)):
                    yield item

        def report_on(source_name: str, items: Iterable[Read | Decided]) -> ReportT:
            others, noticed = Report(), notices.begin()
            report = compiled.report(source_name, wanted_of(items, others))
            report.left_out, report.web_page, report.noticed = others.malformed, others.web_page, noticed
            return report

        # The work's own fast path tells of events without saying which they are.
        return compiled._replace(report=report_on, fast=partial(_fast, self.selection, notices))


def _fast(selection: Selection, notices: Notices) -> FastPath | None:
    from canvas_events_cli.query.fast.columns import fast_path  # of what goes the plain way nobody asks for it

    return fast_path(selection, notices)


def select_blocks(
    sources: Iterable[Source | SourceError], work: SelectWork[Item], how: RunOptions | None = None
) -> Iterator[SelectedBlock[Item]]:
    """Yield what *work* wants of *sources*, in source order or, with ``sort``, in the order of instants.

    Malformed records and failures come as they are met. Raises CeventsError where what is to be sorted has no room.
    """
    blocks = run(sources, work, how)
    if work.options.unique:
        blocks = _without_copies(blocks)
    if work.options.sort:
        blocks = spooled(blocks)
    return blocks if work.options.limit is None else first_of(blocks, work.options.limit)


def _without_copies(blocks: Iterable[SelectedBlock[Item]]) -> Iterator[SelectedBlock[Item]]:
    seen: set[bytes] = set()
    for block in blocks:
        found, block.found = block.found, []
        for event in found:
            if event[2] not in seen or isinstance(event[1], Malformed):
                seen.add(event[2])
                block.found.append(event)
        yield block


def first_of(blocks: Iterable[SelectedBlock[Item]], limit: int) -> Iterator[SelectedBlock[Item]]:
    """Yield *blocks* up to the event that is number *limit*."""
    if not limit:
        return
    for block in blocks:
        if len(block.found) >= limit:
            block.cut(limit)
        limit -= len(block.found)
        yield block
        if not limit:
            return


def spooled(
    blocks: Iterable[SelectedBlock[Item]], stays: Iterable[bool] = repeat(True)
) -> Iterator[SelectedBlock[Item]]:
    """Yield *blocks* without their events and then, in blocks of limited size, these by instant: those that stay.

    Events without an instant come last, ties in the order of arrival; so *stays* tells of them, once all have come.
    They wait in an unlinked temporary file that only this user can open. Memory grows by one key an event. Raises
    CeventsError where the disk is full.
    """
    import pickle
    from tempfile import TemporaryFile

    keys: list[tuple[Instant, int]] = []
    with _told():
        file = TemporaryFile(prefix="cevents-")  # noqa: SIM115 (closed below)
    try:
        for block in blocks:
            for line, item, _, instant in block.found:
                try:
                    data = pickle.dumps((block.source, line, item), pickle.HIGHEST_PROTOCOL)
                except RecursionError:  # the value of a record is nested too deeply: it is parsed again
                    shallow = cast(Any, item)._replace(value=...)
                    data = pickle.dumps((block.source, line, shallow), pickle.HIGHEST_PROTOCOL)
                with _told():
                    keys.append((instant or LATEST, file.tell()))
                    file.write(data)
            block.found = []
            yield block
        keys.sort()
        block, size = SelectedBlock(), 0
        for _, offset in compress(keys, stays):
            with _told():  # what was held back is written now
                file.seek(offset)
                source, line, item = pickle.load(file)  # noqa: S301 (only this process can write there)
            if isinstance(item, Record) and cast(Any, item.value) is ...:
                item = item._replace(value=parse(item.raw))
            if block.source != source or size > BLOCK_BYTES:
                yield block
                block, size = SelectedBlock(source=source), 0
            block.found.append((line, item, b"", None))
            size += file.tell() - offset
        yield block
    finally:
        with suppress(OSError):  # on a full disk it would write what it holds once more
            file.close()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CeventsError(
            f"the events need a temporary file to wait in: {error.strerror or error} (TMPDIR names another place)"
        ) from error
