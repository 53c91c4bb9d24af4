"""Scrubbing of a stream of records."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

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
        beginning = _Beginning()
        keeps = self._compile_choice()

        def part(source_name: str, records: Iterable[Read]) -> ScrubbedBlock:
            block = scrub_records(scrubber, records if keeps is None else filter(keeps, records))
            block.first_byte = beginning.take()
            return block

        return Compiled(part, beginning.feed)

    def _compile_choice(self) -> Callable[[Read], bool] | None:
        if self.choice is None:
            return None
        wanted = self.choice.compile()

        def keeps(item: Read) -> bool:
            if type(item) is not Record:
                return True
            return any(wanted(event_record(event)) for event in unwrap(item, None, self.max_record_bytes))

        return keeps

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
    at: Source | SourceError | None = None
    framing = _Framing()
    # Wrapped events are scrubbed where they are.
    for source, block in run_by_source(sources, work, replace(reading, unwrap=False), jobs, watch):
        if source is not at:
            yield ScrubbedBlock(framing.end())
            at, framing = source, _Framing()
        block.records = framing.separated(block)
        yield block
    yield ScrubbedBlock(framing.end())


def scrub_records(scrubber: Scrubber, framed: Iterable[Read]) -> ScrubbedBlock:
    """Return what *framed* records become; the same pure function serves every way of running it."""
    block = ScrubbedBlock()
    for item in framed:
        if isinstance(item, Record):
            block.records.append(scrubber.scrub(item))
        elif isinstance(item, Malformed | Overflow):
            block.malformed.append(item)
    return block


class _Beginning:
    """Remembers how what is read begins."""

    def __init__(self) -> None:
        self._first_byte = b""

    def feed(self, framer: Framer, block: bytes) -> Iterable[Framed]:
        """Pass *block* on to *framer*, having looked at its beginning."""
        self._first_byte = self._first_byte or block.lstrip(AROUND_JSON)[:1]
        return framer.feed(block)

    def take(self) -> bytes:
        """Return the first byte that is not blank since this was last asked for."""
        first, self._first_byte = self._first_byte, b""
        return first


class _Framing:
    """What stands between the records of one source: line feeds, or the commas of an array."""

    def __init__(self) -> None:
        self._first_byte = b""
        self._written = 0

    def separated(self, block: ScrubbedBlock) -> list[bytes]:
        """Return the records of *block*, the next one, with what is to stand around them."""
        self._first_byte = self._first_byte or block.first_byte
        records = block.records
        if self._first_byte != b"[":
            # A record that is an array was an element of one: by itself it would be taken apart.
            return [(b"[" + record + b"]" if record[:1] == b"[" else record) + b"\n" for record in records]
        first = self._written
        self._written += len(records)
        return [(b",\n" if number else b"[\n") + record.strip() for number, record in enumerate(records, first)]

    def end(self) -> list[bytes]:
        """Return what stands after the last record."""
        return [b"\n]\n"] if self._written else []
