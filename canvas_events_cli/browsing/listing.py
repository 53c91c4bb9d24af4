"""The rows that the list shows, in its order: all of them, those that a search has found, or these by time.

And the ways through it in that order, for what a key asks for.
"""

import sys
from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from heapq import merge
from itertools import compress

from canvas_events_cli.browsing.index import Index
from canvas_events_cli.browsing.search import Found, Part, Query, Search
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Record
from canvas_events_cli.same_event import event_time
from canvas_events_cli.timestamps import LATEST, NO_TIME, Instant, parse_instant

_LAST = 2**63 - 1
_MOST_STRETCHES = 4096
"""How many a task has at most: in the order of time, a row after the other may be of another segment."""


class Listing:
    """Rows by their place in the list. One thread adds what is found, others look."""

    def __init__(self, index: Index, query: Query, *, is_all: bool = False) -> None:
        """*is_all* says that *query* asks for every row, in the order that they have."""
        self._index = index
        self.query = query
        self.is_all = is_all
        self.searched = sys.maxsize if is_all else 0
        """How many rows have been looked at, of all that there are."""
        self.is_sorted = False
        """Whether what was found is in the order of time."""
        self._found = array("Q")
        self._times = array("q")
        self._ordered = array("Q")
        self._seen: set[bytes] = set()

    @property
    def _rows(self) -> Sequence[int]:
        """What the list has, in order of the rows."""
        return range(self._index.rows) if self.is_all else self._found

    def __len__(self) -> int:
        """Count what the list has so far."""
        return len(self._rows)

    def __getitem__(self, place: int) -> int:
        """Return the row at *place*."""
        return self._ordered[place] if place < len(self._ordered) else self._rows[place]

    def place_of(self, row: int) -> int:
        """Return where *row* stands, or if it does not, a row that comes soon after it."""
        if self.is_sorted:
            with suppress(ValueError):
                return self._ordered.index(row)
            return 0
        return min(bisect_left(self._rows, row), max(len(self) - 1, 0))

    def stretch(self, place: int, step: int) -> range:
        """Return the places from *place* on, in steps of 1 or -1, whose rows are in the same segment."""
        if not 0 <= place < len(self):
            return range(0)
        _, first, segment = self._index.segment_of(self[place])
        end = first + segment.rows
        if not self.is_sorted:
            last = bisect_left(self._rows, end) - 1 if step > 0 else bisect_left(self._rows, first)
            return range(place, last + step, step)
        last = place
        while 0 <= last + step < len(self) and first <= self[last + step] < end:
            last += step
        return range(place, last + step, step)

    def has_come_to(self, row: int) -> bool:
        """Tell whether the list holds *row*, or is past the place where it would stand."""
        return self.is_sorted or self.searched > row

    def holds(self, row: int) -> bool:
        """Tell whether *row* was found."""
        return self.next_of(row - 1, 1) == row

    def next_of(self, row: int, step: int) -> int | None:
        """Return the next row after *row*, or with a *step* of -1 before it, of what was found in order of the rows."""
        rows = self._rows
        at = bisect_left(rows, row + 1) if step > 0 else bisect_left(rows, row) - 1
        return rows[at] if 0 <= at < len(rows) else None

    @property
    def is_done(self) -> bool:
        """Whether all rows that there are have been looked at."""
        return self.searched >= self._index.rows

    def take(self, found: Found) -> None:
        """Add what was found."""
        rows, times = array("Q", found.rows), array("q", found.times)
        if self.query.digests:
            kept = [self._is_first(found.digests[start : start + 8]) for start in range(0, len(found.digests), 8)]
            rows, times = array("Q", compress(rows, kept)), array("q", compress(times, kept))
        # Whoever counts rows finds the time of each.
        self._times.extend(times)
        self._found.extend(rows)
        self.searched = found.searched

    def _is_first(self, digest: bytes) -> bool:
        """Tell whether no event before had this *digest*, which is nothing for malformed records."""
        is_first = digest not in self._seen
        if any(digest):
            self._seen.add(digest)
        return is_first

    def put_in_order(self, rows: "array[int]") -> None:
        """Have *rows*, as :meth:`in_order_of_time` returns them, stand first; what comes later stays behind."""
        self._ordered, self.is_sorted = rows, True

    def in_order_of_time(self) -> "array[int]":
        """Return what was found in the order of time, rows without one last.

        It takes seconds for millions of rows, in steps between which other threads go on.
        """
        step = 16 * 1024
        runs = []
        for start in range(0, len(self._found), step):
            pairs = zip(self._times[start : start + step], self._found[start : start + step], strict=True)
            run = sorted((_LAST if time == NO_TIME else time, row) for time, row in pairs)
            runs.append((array("q", [time for time, _ in run]), array("Q", [row for _, row in run])))
        pairs_in_order = merge(*(zip(times, rows, strict=True) for times, rows in runs))
        return array("Q", (row for _, row in pairs_in_order))

    def first_since(self, since: Instant, goes_on: Callable[[int], bool]) -> int | None:
        """Return the first row that is an event not before *since*; None where there is none.

        *goes_on* waits until the list has come to a place, and tells whether it has.
        """

        def instant(place: int) -> Instant | None:
            with suppress(CeventsError):
                row = self._index.row(self[place])
                if isinstance(row, Record):
                    return parse_instant(event_time(row.value))
            return None

        # In the order of time, rows without one stand last.
        place = bisect_left(range(len(self._ordered)), since, key=lambda place: instant(place) or LATEST)
        while goes_on(place):
            stretch = self.stretch(place, 1)
            if self._index.segment_of(self[place])[-1].latest >= since.seconds * 1_000_000:
                for place in stretch:
                    if (at := instant(place)) is not None and at >= since:
                        return self[place]
            place = stretch.stop
        return None


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
            number, first, segment = index.segment_of(self._listing[self._place])
            if (number, segment.rows) not in self._segments or not stretches:  # a task looks at one at least
                self._segments.add((number, segment.rows))
                parts.append(Part(index.places[segment.source], segment, first, first))
            stretches.append(stretch)
            self._place = stretch.stop
        if not stretches:
            self._asked.pop()
        return parts

    def _look(self, found: Found) -> None:
        self._wrong.update(array("Q", found.rows))
        if self._wrong and self.found is None:
            rows = (self._listing[place] for stretch in self._asked[0] for place in stretch)
            self.found = next((row for row in rows if row in self._wrong), None)
        self._asked.popleft()
