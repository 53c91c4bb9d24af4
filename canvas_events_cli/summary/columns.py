"""The values of one field of many rows, each value kept once."""

from array import array
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress, count
from typing import Any

Packed = str | list[object]


def _numbers() -> "defaultdict[str | None, int]":
    # It numbers values as they come by itself: no step in Python for each.
    return defaultdict(count().__next__)


@dataclass(slots=True)
class ValueColumn:
    """One field of every row: 4 bytes a row, and 75 to 110 besides the text for each distinct value. Append-only."""

    numbers: "defaultdict[str | None, int]" = field(default_factory=_numbers)
    """Each value, in the order of its number, which is 0, 1, 2 and so on."""
    rows: "array[int]" = field(default_factory=lambda: array("I"))
    """For each row, the number of its value."""

    def extend(self, values: Sequence[str | None]) -> None:
        """Append a row for each of *values*."""
        if values and values[0] == values[-1] and values.count(values[0]) == len(values):
            # To compare them takes a fifth of the time of looking them up.
            self.rows.extend(array("I", (self.numbers[values[0]],)) * len(values))
        else:
            self.rows.fromlist([*map(self.numbers.__getitem__, values)])

    def merge(self, later: "ValueColumn") -> None:
        """Append the rows of *later*."""
        here = [*map(self.numbers.__getitem__, later.numbers)]
        if here == [*range(len(here))]:
            self.rows.extend(later.rows)
        else:
            self.rows.fromlist([*map(here.__getitem__, later.rows)])

    def count(self) -> "Counter[str | None]":
        """Count the rows by value."""
        texts = list(self.numbers)
        return Counter({texts[number]: rows for number, rows in Counter(self.rows).items()})

    def values(self) -> Iterator[str | None]:
        """Yield the value of each row."""
        return map(list(self.numbers).__getitem__, self.rows)

    def __getstate__(self) -> "tuple[Packed, array[int] | int]":
        return pack(self.numbers), len(self.rows) if len(self.numbers) == 1 else self.rows

    def __setstate__(self, state: "tuple[Packed, array[int] | int]") -> None:
        packed, rows = state
        self.rows = array("I", (0,)) * rows if isinstance(rows, int) else rows
        self.numbers = _numbers()
        deque(map(self.numbers.__getitem__, unpack(packed)), maxlen=0)


def members(rows: Sequence[int], wanted: Iterable[int]) -> dict[int, list[int]]:
    """Return which of *rows* have each of the numbers *wanted*; the others are never held."""
    found: dict[int, list[int]] = {number: [] for number in wanted}
    for row in compress(count(), map(found.__contains__, rows)):
        found[rows[row]].append(row)
    return found


def pack(values: Iterable[Any]) -> Packed:
    """Return *values* in a form that pickles sooner: one text, where all are texts of one line."""
    listed = list(values)
    try:
        joined = "\n".join(listed)
    except TypeError:
        return listed
    return joined if joined.count("\n") == len(listed) - 1 else listed


def unpack(packed: Packed) -> list[Any]:
    """Return what was packed."""
    return packed.split("\n") if isinstance(packed, str) else packed
