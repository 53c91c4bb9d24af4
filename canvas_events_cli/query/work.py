"""Selection of events out of a stream of records, for itself or in front of any other work."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import compress
from typing import Any, Generic, Protocol, TypeVar, cast, runtime_checkable

from canvas_events_cli.model import Json, Malformed, Overflow, Record
from canvas_events_cli.parse import moved
from canvas_events_cli.query.noticing import Decided, Notices
from canvas_events_cli.query.selection import Selection, compile_selection, event_record
from canvas_events_cli.running.reading import Compiled, FastPath, Read, ReportT, Work
from canvas_events_cli.running.report import RejectingReport, Report
from canvas_events_cli.same_event import event_digest, event_time
from canvas_events_cli.timestamps import order_keys

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
    malformed_too: bool = False
    """Take malformed records for events: each, as it is, in its place."""
    as_lines: bool = False
    """What is made of records is bytes, to be written line by line: where nothing more becomes of them, those of a
    block come as one, with line feeds between, and sorted ones come without where they stood."""
    counted: bool = False
    """Give only how many there are; not with ``unique`` or ``limit``."""


@dataclass
class SelectedBlock(RejectingReport, Generic[Item]):
    """What was wanted of a block of input, as it arrived."""

    source: str = ""
    lines: list[int] = field(default_factory=list)
    """Of each event the line where it starts; not of events that are joined."""
    records: list[Item] = field(default_factory=list)
    """What the form asked for made of each; or that joined."""
    digests: list[bytes] = field(default_factory=list)
    """Their digests, for ``unique``."""
    keys: list[Any] = field(default_factory=list)
    """Numbers in the order of their instants, for ``sort``."""
    joined: int = 0
    """How many events the one thing found holds, where they are joined; or there are, where they are counted."""
    unverified_lines: list[int] = field(default_factory=list)
    """Where the unverified events start, wanted or not."""

    @property
    def matched(self) -> int:
        """How many events were wanted."""
        return self.joined or len(self.records)

    def shift(self, lines: int) -> None:
        """Move all that was found so many *lines* further down."""
        super().shift(lines)
        self.lines = [line + lines for line in self.lines]
        self.records = [cast(Item, _shifted(item, lines)) for item in self.records]
        self.unverified_lines = [line + lines for line in self.unverified_lines]
        self.rejects = [_shifted(item, lines) for item in self.rejects]

    def keep(self, wanted: Iterable[bool]) -> None:
        """Leave only those events that are *wanted*."""
        kept = [*wanted]
        self.lines, self.records = [*compress(self.lines, kept)], [*compress(self.records, kept)]
        self.keys = [*compress(self.keys, kept)]

    def cut(self, limit: int) -> None:
        """Leave only the first *limit* events, of more or as many, and what came before the last of them."""
        self.lines, self.records = self.lines[:limit], self.records[:limit]
        end = self.lines[-1]
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
        joined = self.options.as_lines and not (unique or sort or enough is not None)
        in_order = self.options.as_lines and sort and not unique

        def report_on(source_name: str, items: Iterable[Read | Decided]) -> SelectedBlock[Item]:
            block: SelectedBlock[Item] = SelectedBlock(source=source_name, noticed=notices.begin())
            times: list[Json] = []
            for item in items:
                if isinstance(item, Decided):
                    block.unverified_lines += item.unverified_lines
                    batch = item.wanted
                    if batch is not None and self.options.counted:
                        block.joined += batch.count
                        continue
                    is_told = batch is not None and (joined or (in_order and len(item.times) == batch.count))
                    lines = batch.event_lines() if batch is not None and is_told else None
                    if batch is not None and lines is not None and joined:
                        block.records.append(cast(Item, lines))
                        block.joined += batch.count - 1
                        continue
                    if batch is not None and lines is not None:
                        block.lines += batch.lines
                        block.records += cast(list[Item], lines.split(b"\n"))
                        times += cast(Sequence[Json], item.times)
                        continue
                    found: Iterable[Record] = batch.plainly() if batch is not None else ()
                elif type(item) is not Record and isinstance(item, Malformed | Overflow):
                    if malformed_too and isinstance(item, Malformed):
                        block.lines.append(item.line)
                        block.records.append(cast(Item, item))
                        block.digests.append(b"")
                        times.append(None)
                    else:
                        block.reject(item)
                    continue
                else:
                    record = event_record(item)
                    if record.unverified:
                        block.unverified_lines.append(record.line)
                    found = (record,) if wanted(record) else ()
                for record in found:
                    block.lines.append(record.line)
                    block.records.append(form(record))
                    if unique:
                        block.digests.append(event_digest(record.value))
                    if sort:
                        times.append(event_time(record.value))
                if enough is not None and len(block.records) >= enough:
                    break
            block.unverified = len(block.unverified_lines)
            block.keys = [*order_keys(times)] if sort else []
            if self.options.counted:
                block.joined, block.lines, block.records = block.joined + len(block.records), [], []
            if joined and block.records:
                block.joined += len(block.records)
                whole = b"\n".join(cast(list[bytes], block.records))
                block.lines, block.records = [], [cast(Item, whole)]
            return block

        return Compiled(report_on, fast=partial(_fast, self.selection, notices, timed=in_order))


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
        passing: FastPath | None = None

        def fast() -> FastPath | None:
            nonlocal passing
            passing = compiled.fast() if compiled.fast else None
            selecting = _fast(self.selection, notices)
            return selecting._replace(least_bytes=passing.least_bytes) if selecting and passing else selecting

        def wanted_of(items: Iterable[Read | Decided], others: Report) -> Iterator[Any]:
            for item in items:
                if isinstance(item, Decided):
                    if item.wanted is not None:
                        yield from passing.read((item.wanted,)) if passing else item.wanted.plainly()
                elif isinstance(item, Malformed):
                    others.add_malformed(item)
                elif not isinstance(item, Overflow) and wanted(event_record(item)):
                    yield item

        def report_on(source_name: str, items: Iterable[Read | Decided]) -> ReportT:
            others, noticed = Report(), notices.begin()
            report = compiled.report(source_name, wanted_of(items, others))
            report.left_out, report.web_page, report.noticed = others.malformed, others.web_page, noticed
            return report

        return compiled._replace(report=report_on, fast=fast)


def _fast(selection: Selection, notices: Notices, *, timed: bool = False) -> FastPath | None:
    from canvas_events_cli.query.fast.deciding import fast_path  # of what goes the plain way nobody asks for it

    return fast_path(selection, notices, timed=timed)
