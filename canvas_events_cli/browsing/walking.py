"""Goes through the list in its order, in either direction, for what a key asks for."""

from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from canvas_events_cli.browsing.index import Index
from canvas_events_cli.browsing.listing import Listing
from canvas_events_cli.browsing.search import Found, Part, Search
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Record
from canvas_events_cli.same_event import event_time
from canvas_events_cli.timestamps import LATEST, Instant, parse_instant

_MOST_STRETCHES = 4096
"""How many a task has at most: in the order of time, a row after the other may be of another segment."""


class WrongAhead(Search):
    """The search for the next row with something wrong: in other processes, a few segments at a time."""

    def __init__(self, listing: Listing, place: int, step: int) -> None:
        """Begin at *place*, in steps of 1 or -1."""
        super().__init__(replace(listing.query, invalid=True, digests=False, times=False), self._look)
        self.found: int | None = None
        """Which row that is."""
        self._listing, self._place, self._step = listing, place, step
        self._asked: deque[list[range]] = deque()
        self._segments: set[tuple[int, int]] = set()
        self._wrong: set[int] = set()

    @property
    def is_over(self) -> bool:
        """Whether it has found one, or there is none as far as the list goes."""
        return self.found is not None or not (self._asked or 0 <= self._place < len(self._listing))

    def next_parts(self, index: Index) -> list[Part]:
        """Return what to look at next; nothing where there is no more yet."""
        parts: list[Part] = []
        stretches: list[range] = []
        self._asked.append(stretches)
        while self.found is None and len(parts) < self.size and len(stretches) < _MOST_STRETCHES:
            stretch = self._listing.stretch(self._place, self._step)
            if not stretch:
                break
            number = index.segment_of(self._listing[self._place])
            segment, first = index.segment(number)
            if (number, segment.rows) not in self._segments or not stretches:  # a task looks at one at least
                self._segments.add((number, segment.rows))
                parts.append(Part(index.places[segment.source], segment, first, first))
            stretches.append(stretch)
            self._place = stretch.stop
        if not stretches:
            self._asked.pop()
        return self.grown(parts)

    def _look(self, found: Found) -> None:
        self._wrong.update(array("Q", found.rows))
        self._listing.told += found.told
        if self._wrong and self.found is None:
            rows = (self._listing[place] for stretch in self._asked[0] for place in stretch)
            self.found = next((row for row in rows if row in self._wrong), None)
        self._asked.popleft()


def first_since(listing: Listing, index: Index, since: Instant, goes_on: Callable[[int], bool]) -> int | None:
    """Return the first row of the list that is an event not before *since*; None where there is none.

    *goes_on* waits until the list has come to a place, and tells whether it has.
    """

    def instant(place: int) -> Instant | None:
        with suppress(CeventsError):
            row = index.row(listing[place])
            if isinstance(row, Record):
                return parse_instant(event_time(row.value))
        return None

    # In the order of time, rows without one stand last.
    place = bisect_left(range(listing.in_order), since, key=lambda place: instant(place) or LATEST)
    while goes_on(place):
        stretch = listing.stretch(place, 1)
        segment, _ = index.segment(index.segment_of(listing[place]))
        if segment.latest >= since.seconds * 1_000_000:
            for place in stretch:
                if (at := instant(place)) is not None and at >= since:
                    return listing[place]
        place = stretch.stop
    return None
