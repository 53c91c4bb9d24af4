"""Scrubbing of a stream of records."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Framed, Malformed, Overflow, Record
from canvas_events_cli.scrub import Scrubber
from canvas_events_cli.sources.locate import Source, SourceError
from canvas_events_cli.work.reading import Read, ReadOptions, read_events

_BLANK = b"\xef\xbb\xbf \t\r\n"


@dataclass(slots=True)
class ScrubbedBlock:
    """What a block of input became."""

    records: list[bytes] = field(default_factory=list)
    """The scrubbed records; those of :func:`scrub_source` with what stands between them."""
    malformed: list[Malformed | Overflow] = field(default_factory=list)
    """What could not be parsed, and so not scrubbed."""
    failures: list[str] = field(default_factory=list)
    """Why the source could not be read, or not to its end."""


def scrub_source(scrubber: Scrubber, source: Source | SourceError, reading: ReadOptions) -> Iterator[ScrubbedBlock]:
    """Yield what each block of *source* becomes: lines stay lines, and an array stays an array."""
    framing = _Framing()
    # Wrapped events are scrubbed where they are.
    for framed in read_events(source, replace(reading, unwrap=False), framing.feed):
        if isinstance(framed, SourceError):
            yield ScrubbedBlock(failures=[str(framed)])
        else:
            block = scrub_records(scrubber, framed)
            block.records = framing.separated(block.records)
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


class _Framing:
    """What stands between the records of one source: line feeds, or the commas of an array."""

    def __init__(self) -> None:
        self._first_byte = b""
        self._written = 0

    def feed(self, framer: Framer, block: bytes) -> Iterable[Framed]:
        """Pass *block* on to *framer*, having looked at how the source begins."""
        self._first_byte = self._first_byte or block.lstrip(_BLANK)[:1]
        return framer.feed(block)

    def separated(self, records: list[bytes]) -> list[bytes]:
        """Return *records* with what is to stand around them."""
        if self._first_byte != b"[":
            # A record that is an array was an element of one: by itself it would be taken apart.
            return [(b"[" + record + b"]" if record[:1] == b"[" else record) + b"\n" for record in records]
        first = self._written
        self._written += len(records)
        return [(b",\n" if number else b"[\n") + record.strip() for number, record in enumerate(records, first)]

    def end(self) -> list[bytes]:
        """Return what stands after the last record."""
        return [b"\n]\n"] if self._written else []
