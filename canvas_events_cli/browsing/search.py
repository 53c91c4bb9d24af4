"""Which rows are wanted: found segment by segment in other processes, and told in portions.

What a condition means, and which records need not be parsed for it, is as in ``filter``.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from canvas_events_cli.browsing.index import Index, Row, Segment, framer_for, read_segment, rows_in, rows_of
from canvas_events_cli.browsing.store import Place, Store
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Malformed
from canvas_events_cli.query.fast.deciding import fast_path
from canvas_events_cli.query.noticing import Notices
from canvas_events_cli.query.selection import Selection, compile_selection
from canvas_events_cli.running.fast.batches import way
from canvas_events_cli.running.reading import Compiled, ReadOptions
from canvas_events_cli.running.report import Report
from canvas_events_cli.same_event import event_digest, event_time
from canvas_events_cli.streaming import choose
from canvas_events_cli.timestamps import micros_of
from canvas_events_cli.validation import ValidationSpec

_DIGEST_BYTES = 8
"""Of an event's digest: among 10^7 events two meet by chance at odds of 10^-5."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is wanted; picklable and small: it goes with every task."""

    where: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    any: bool = False
    """Whether one of these conditions and objects is enough."""
    events: tuple[str, ...] = ()
    among: bool = True
    """Whether only what the command was asked for."""
    invalid: bool = False
    """Whether only what is wrong, malformed records too."""
    digests: bool = False
    times: bool = False
    """What is to be told of each row besides."""

    def selection(self, spec: ValidationSpec) -> Selection | None:
        """Return what it asks for. Raises CeventsError for what that cannot mean."""
        return choose(
            self.where,
            about=self.about,
            any=self.any,
            events=self.events,
            valid=False if self.invalid else None,
            spec=lambda: spec,
        )


class Part(NamedTuple):
    """Some rows of a segment that are to be looked at. Picklable."""

    place: Place
    segment: Segment
    first: int
    """The row that the segment begins with."""
    start: int
    """The first row to look at."""


class Found(NamedTuple):
    """Rows that are wanted, in their order."""

    rows: bytes
    """An array of ``Q``, as the others."""
    digests: bytes
    times: bytes
    """Of ``q``: microseconds since 1970."""
    searched: int
    """The first row that was not looked at, of those to be looked at."""
    told: list[str]
    """What could not be read."""


def prepare_search(
    base: Selection | None, spec: ValidationSpec, reading: ReadOptions, store: Store
) -> Callable[[tuple[Query, list[Part]]], Found | None]:
    """Return what searches the parts of a task; *base* is what the command was asked for."""

    @lru_cache(4)
    def compiled(query: Query) -> Callable[[Part, bytes], Iterator[tuple[int, Row]]]:
        selections = [chosen for chosen in (base if query.among else None, query.selection(spec)) if chosen]
        tests = [*map(compile_selection, selections)]
        fast = next(filter(None, (fast_path(chosen, Notices(Selection())) for chosen in selections)), None)
        read = way()(Compiled(lambda source, events: Report(), fast=lambda: fast), reading) if fast else None

        def wanted(part: Part, data: bytes) -> Iterator[tuple[int, Row]]:
            """Yield what of *part*, whose segment is *data*, is wanted, with its number."""
            segment, first = part.segment, part.first
            rows: Iterable[tuple[int, Row]]
            if read and segment.is_lines and not segment.state:  # what cannot be wanted may be passed over
                framer = framer_for(segment, reading)
                likely = chain(rows_of(read(framer, data)), rows_in(framer.finish(), reading))
                numbered = ((first + row.line - segment.line, row) for row in likely)
                rows = ((number, row) for number, row in numbered if number < first + segment.rows)
            else:
                rows = enumerate(read_segment(segment, data, reading), first)
            for number, row in rows:
                if number < part.start:
                    continue
                if isinstance(row, Malformed):
                    if query.invalid or not tests:
                        yield number, row
                elif all(test(row) for test in tests):
                    yield number, row

        return wanted

    def search(task: tuple[Query, list[Part]]) -> Found | None:
        query, parts = task
        if not parts:
            return None
        rows, digests, times = array("Q"), bytearray(), array("q")
        told: list[str] = []
        for part in parts:
            try:
                data = store.read(part.place, part.segment.start, part.segment.end)
            except CeventsError as error:
                told.append(str(error))
                continue
            with store.alone(len(data)):
                for number, row in compiled(query)(part, data):
                    event = None if isinstance(row, Malformed) else row
                    rows.append(number)
                    if query.digests:
                        digests += event_digest(event.value)[:_DIGEST_BYTES] if event else bytes(_DIGEST_BYTES)
                    if query.times:
                        times.append(micros_of(event_time(event.value) if event else None))
                    del row, event
        last = parts[-1]
        return Found(rows.tobytes(), bytes(digests), times.tobytes(), last.first + last.segment.rows, told)

    return search


@dataclass(eq=False)
class Search:
    """One search through the rows that there are, and those that come."""

    query: Query
    take: Callable[[Found], None]
    """Is given what is found, in order of the rows, in the searcher's thread."""
    at: int = 0
    """The first row that no process has been asked about."""
    size: int = 4
    """Segments that a process searches in one go: few at first, so that the first rows come soon."""

    def next_parts(self, index: Index) -> list[Part]:
        """Return what to look at next; nothing where there is no more yet."""
        parts: list[Part] = []
        while self.at < index.rows and len(parts) < self.size:
            _, first, segment = index.segment_of(self.at)
            parts.append(Part(index.places[segment.source], segment, first, self.at))
            self.at = first + segment.rows
        return parts
