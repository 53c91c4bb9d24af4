"""The rows that the list shows, in its order: all of them, those that a search has found, or these by time."""

from array import array
from bisect import bisect_left
from heapq import merge

from canvas_events_cli.browsing.index import Index
from canvas_events_cli.browsing.search import Found, Query
from canvas_events_cli.summary.timeline import NO_TIME

_LAST = 2**63 - 1


class Listing:
    """Rows by their place in the list. One thread adds what is found, others look."""

    def __init__(self, index: Index, query: Query, *, is_all: bool) -> None:
        """*is_all* says that *query* asks for every row, in the order that they have."""
        self._index = index
        self.query = query
        self.is_all = is_all
        self.searched = 0
        """How many rows have been looked at, of all that there are."""
        self.told: list[str] = []
        self._rows = array("Q")
        self._times = array("q")
        self._ordered: array[int] | None = None
        self._seen: set[bytes] = set()

    def __len__(self) -> int:
        """Count what the list has so far."""
        return self._index.rows if self.is_all else len(self._rows)

    def __getitem__(self, place: int) -> int:
        """Return the row at *place*."""
        if self.is_all:
            return place
        ordered = self._ordered
        return ordered[place] if ordered is not None and place < len(ordered) else self._rows[place]

    def place_of(self, row: int) -> int:
        """Return where *row* stands, or if it does not, a row that comes soon after it."""
        if self.is_all:
            return row
        if self._ordered is not None:
            try:
                return self._ordered.index(row)
            except ValueError:
                return 0
        return min(self._first_from(row), max(len(self._rows) - 1, 0))

    def _first_from(self, row: int) -> int:
        return row if self.is_all else bisect_left(self._rows, row)

    def stretch(self, place: int, step: int) -> range:
        """Return the places from *place* on, in steps of 1 or -1, whose rows are in the same segment."""
        if not 0 <= place < len(self):
            return range(0)
        first, end = self._index.rows_beside(self[place])
        last = place
        if self.is_sorted:
            while 0 <= last + step < len(self) and first <= self[last + step] < end:
                last += step
        else:
            last = self._first_from(end) - 1 if step > 0 else self._first_from(first)
        return range(place, last + step, step)

    @property
    def is_sorted(self) -> bool:
        """Whether what was found is in the order of time."""
        return self._ordered is not None

    @property
    def in_order(self) -> int:
        """How many rows are in the order of time."""
        return len(self._ordered or ())

    def has_come_to(self, row: int) -> bool:
        """Tell whether the list holds *row*, or is past the place where it would stand."""
        return self.is_all or self.is_sorted or self.searched > row

    def holds(self, row: int) -> bool:
        """Tell whether *row* was found."""
        at = bisect_left(self._rows, row)
        return self.is_all or (at < len(self._rows) and self._rows[at] == row)

    def next_of(self, row: int, step: int) -> int | None:
        """Return the next row after *row*, or with a *step* of -1 before it, of what was found in order of the rows."""
        at = bisect_left(self._rows, row + 1) if step > 0 else bisect_left(self._rows, row) - 1
        return self._rows[at] if 0 <= at < len(self._rows) else None

    @property
    def is_done(self) -> bool:
        """Whether all rows that there are have been looked at."""
        return self.is_all or self.searched >= self._index.rows

    def take(self, found: Found) -> None:
        """Add what was found."""
        rows, times = array("Q"), array("q")
        rows.frombytes(found.rows)
        times.frombytes(found.times)
        if self.query.digests:
            kept = [*self._first_copies(found.digests)]
            rows = array("Q", [rows[number] for number in kept])
            times = array("q", [times[number] for number in kept]) if times else times
        # Whoever counts rows finds the time of each.
        self._times.extend(times)
        self._rows.extend(rows)
        self.told += found.told
        self.searched = found.searched

    def _first_copies(self, digests: bytes) -> "list[int]":
        seen, kept = self._seen, []
        nothing = bytes(8)
        for number, start in enumerate(range(0, len(digests), 8)):
            digest = digests[start : start + 8]
            if digest == nothing:
                kept.append(number)
            elif digest not in seen:
                seen.add(digest)
                kept.append(number)
        return kept

    def put_in_order(self, rows: "array[int]") -> None:
        """Have *rows*, as :meth:`in_order_of_time` returns them, stand first; what comes later stays behind."""
        self._ordered = rows

    def in_order_of_time(self) -> "array[int]":
        """Return what was found in the order of time, rows without one last.

        It takes seconds for millions of rows, in steps between which other threads go on.
        """
        count, step = len(self._rows), 16 * 1024
        runs = []
        for start in range(0, count, step):
            pairs = zip(self._times[start : start + step], self._rows[start : start + step], strict=True)
            run = sorted((_LAST if time == NO_TIME else time, row) for time, row in pairs)
            runs.append((array("q", [time for time, _ in run]), array("Q", [row for _, row in run])))
        pairs_in_order = merge(*(zip(times, rows, strict=True) for times, rows in runs))
        return array("Q", (row for _, row in pairs_in_order))
