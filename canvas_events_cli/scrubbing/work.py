"""Scrubbing of a stream of records."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain

from canvas_events_cli.framing.framer import DEFAULT_MAX_RECORD_BYTES, Framer
from canvas_events_cli.model import AROUND_JSON, Framed, Malformed, Overflow, Record
from canvas_events_cli.query.narrow import Choice, event_record
from canvas_events_cli.running.reading import Read, ReadOptions
from canvas_events_cli.running.runner import Compiled, Watch, run_by_source
from canvas_events_cli.scrubbing import Scrubber, ScrubSpec
from canvas_events_cli.sources.locate import Source, SourceError
from canvas_events_cli.wrappers import unwrap


@dataclass(slots=True)
class ScrubbedBlock:
    """What a block of input became."""

    records: list[bytes] = field(default_factory=list)
    """The scrubbed records; those of :func:`scrub_sources` with what stands between them."""
    malformed: list[Malformed | Overflow] = field(default_factory=list)
    """What could not be parsed, and so not scrubbed."""
    failures: list[str] = field(default_factory=list)
    """Why the source could not be read, or not to its end."""
    first_byte: bytes = b""
    """The first byte of the block that is not blank."""


@dataclass(frozen=True, slots=True)
class ScrubWork:
    """What ``run`` needs to scrub; picklable."""

    spec: ScrubSpec
    choice: Choice | None = None
    """Which records to keep: those with an event in them that it wants."""
    max_record_bytes: int = DEFAULT_MAX_RECORD_BYTES
    """What is longer when it is unwrapped holds no event."""

    def compile(self) -> Compiled[ScrubbedBlock]:
        """Return what scrubs. Raises CeventsError where what a schema declares to be personal means nothing."""
        scrubber = Scrubber(self.spec)
        wanted = self.choice.compile() if self.choice is not None else None
        first_byte = b""

        def feed(framer: Framer, data: bytes) -> Iterable[Framed]:
            nonlocal first_byte
            first_byte = first_byte or data.lstrip(AROUND_JSON)[:1]
            return framer.feed(data)

        def is_kept(record: Record) -> bool:
            if wanted is None:
                return True
            return any(wanted(event_record(event)) for event in unwrap(record, None, self.max_record_bytes))

        def part(source_name: str, items: Iterable[Read]) -> ScrubbedBlock:
            nonlocal first_byte
            block = ScrubbedBlock()
            for item in items:
                if isinstance(item, Malformed | Overflow):
                    block.malformed.append(item)
                elif isinstance(item, Record) and is_kept(item):
                    block.records.append(scrubber.scrub(item))
            block.first_byte, first_byte = first_byte, b""
            return block

        return Compiled(part, feed)

    def failed(self, source_name: str, failure: str) -> ScrubbedBlock:
        """Return the block of a source that cannot be read (on)."""
        return ScrubbedBlock(failures=[failure])

    def moved(self, part: ScrubbedBlock, lines: int) -> ScrubbedBlock:
        """Return *part*, of which no lines are told."""
        return part


def scrub_sources(
    sources: Iterable[Source | SourceError],
    work: ScrubWork,
    reading: ReadOptions,
    jobs: int = 1,
    watch: Watch | None = None,
) -> Iterator[ScrubbedBlock]:
    """Yield what each block of *sources* becomes: lines stay lines, and an array stays an array."""
    # Wrapped events are scrubbed where they are.
    blocks = run_by_source(sources, work, replace(reading, unwrap=False), jobs, watch)
    at: Source | SourceError | None = None
    first_byte = b""
    in_array = 0
    for source, block in chain(blocks, [(None, ScrubbedBlock())]):
        if source is not at:
            if in_array:
                yield ScrubbedBlock([b"\n]\n"])
            at, first_byte, in_array = source, b"", 0
        first_byte = first_byte or block.first_byte
        if first_byte == b"[":
            elements = enumerate(block.records, in_array)
            in_array += len(block.records)
            block.records = [(b",\n" if number else b"[\n") + record.strip() for number, record in elements]
        else:
            # A record that is an array was an element of one: by itself it would be taken apart.
            block.records = [(b"[%b]\n" if record[:1] == b"[" else b"%b\n") % record for record in block.records]
        yield block
