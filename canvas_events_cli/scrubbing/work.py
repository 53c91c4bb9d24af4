"""Scrubbing of a stream of records."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from canvas_events_cli.defaults import DEFAULT_MAX_RECORD_BYTES
from canvas_events_cli.framing.fast.batches import plain_items
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import AROUND_JSON, Framed, Malformed, Overflow, Record
from canvas_events_cli.query.noticing import Notices
from canvas_events_cli.query.selection import Selection, compile_selection, event_record
from canvas_events_cli.running.reading import Compiled, Read, RunOptions
from canvas_events_cli.running.report import RejectingReport
from canvas_events_cli.running.runner import run
from canvas_events_cli.scrubbing import Scrubber, ScrubSpec
from canvas_events_cli.sources.source import Source, SourceError
from canvas_events_cli.wrappers import unwrap


@dataclass
class ScrubbedBlock(RejectingReport):
    """What a block of input became."""

    records: list[bytes] = field(default_factory=list)
    """The scrubbed records; those of :func:`scrub_sources` with what stands between them."""
    first_byte: bytes = b""
    """The first byte of the block that is not blank."""


@dataclass(frozen=True, slots=True)
class ScrubWork:
    """What ``run`` needs to scrub; picklable."""

    spec: ScrubSpec
    selection: Selection | None = None
    """Which records to keep: those with an event in them that it wants."""
    max_record_bytes: int = DEFAULT_MAX_RECORD_BYTES
    """What is longer when it is unwrapped holds no event."""

    def compile(self) -> Compiled[ScrubbedBlock]:
        """Return what scrubs. Raises CeventsError where what a schema declares to be personal means nothing."""
        scrubber = Scrubber(self.spec)
        notices = Notices(self.selection or Selection())
        wanted = compile_selection(self.selection, notices) if self.selection is not None else None
        first_byte = b""

        def feed(framer: Framer, data: bytes) -> Iterator[Framed]:
            nonlocal first_byte
            first_byte = first_byte or data.lstrip(AROUND_JSON)[:1]
            yield from plain_items(framer, data)

        def report_on(source_name: str, items: Iterable[Read]) -> ScrubbedBlock:
            nonlocal first_byte
            first_byte = b""
            block = ScrubbedBlock(noticed=notices.begin())
            for item in items:
                if isinstance(item, Record):
                    events = unwrap(item, None, self.max_record_bytes) if wanted is not None else ()
                    if wanted is None or any(wanted(event_record(event)) for event in events):
                        block.records.append(scrubber.scrub(item))
                elif isinstance(item, Malformed | Overflow):
                    block.reject(item)
            block.first_byte = first_byte
            return block

        return Compiled(report_on, feed)


def scrub_sources(
    sources: Iterable[Source | SourceError],
    work: ScrubWork,
    how: RunOptions,
    limit: int | None = None,
) -> Iterator[ScrubbedBlock]:
    """Yield what each block of *sources* becomes: lines stay lines, and an array stays an array.

    It ends after *limit* records, one with several events in it counts as one.
    """
    # Wrapped events are scrubbed where they are.
    unwrapped = how._replace(reading=how.reading._replace(unwrap=False))
    blocks: Iterable[ScrubbedBlock] = run(sources, work, unwrapped)
    if limit is not None:
        blocks = _first_of(blocks, limit)
    first_byte = b""
    in_array = 0
    for block in chain(blocks, [ScrubbedBlock(begins_source=True)]):
        if block.begins_source:
            if in_array:
                yield ScrubbedBlock([b"\n]\n"])
            first_byte, in_array = b"", 0
        first_byte = first_byte or block.first_byte
        if first_byte == b"[":
            elements = enumerate(block.records, in_array)
            in_array += len(block.records)
            block.records = [(b",\n" if number else b"[\n") + record.strip() for number, record in elements]
        else:
            # A record that is an array was an element of one: by itself it would be taken apart.
            block.records = [(b"[%b]\n" if record[:1] == b"[" else b"%b\n") % record for record in block.records]
        yield block


def _first_of(blocks: Iterable[ScrubbedBlock], limit: int) -> Iterator[ScrubbedBlock]:
    """Yield *blocks* up to the record that is number *limit*."""
    for block in blocks if limit else ():
        block.records = block.records[:limit]
        limit -= len(block.records)
        yield block
        if not limit:
            return
