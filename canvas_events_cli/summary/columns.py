"""The values of one field of many rows, each value kept once."""

import itertools
from array import array
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Text = str | None
Packed = str | list[object]


@dataclass(slots=True)
class Column:
    """One field of every row: 4 bytes a row, and 75 to 110 besides the text for each distinct value. Append-only.

    Values are numbered as they come, by a dictionary that does so itself: there is no step in Python for each.
    """

    numbers: "defaultdict[Text, int]" = field(default_factory=lambda: defaultdict(itertools.count().__next__))
    """Each value, in the order of its number, which is 0, 1, 2 and so on."""
    rows: "array[int]" = field(default_factory=lambda: array("I"))
    """For each row, the number of its value."""

    def extend(self, values: Sequence[Text]) -> None:
        """Append a row for each of *values*."""
        if values and values[0] == values[-1] and values.count(values[0]) == len(values):
            # To compare them takes a fifth of the time of looking them up.
            self.rows.extend(array("I", (self.numbers[values[0]],)) * len(values))
            return
        self.rows.fromlist([*map(self.numbers.__getitem__, values)])

    def append(self, value: Text) -> None:
        """Append a row."""
        self.rows.append(self.numbers[value])

    def merge(self, later: "Column") -> None:
        """Append the rows of *later*."""
        here = [*map(self.numbers.__getitem__, later.numbers)]
        if here == [*range(len(here))]:
            self.rows.extend(later.rows)
        else:
            self.rows.fromlist([*map(here.__getitem__, later.rows)])

    def has(self, row: int, value: Text) -> bool:
        """Tell whether *row* has *value*."""
        return self.numbers.get(value) == self.rows[row]

    def count(self) -> Counter[Text]:
        """Count the rows by value."""
        texts = self.texts()
        if len(texts) == 1:
            return Counter({texts[0]: len(self.rows)})
        return Counter({texts[number]: rows for number, rows in Counter(self.rows).items()})

    def texts(self) -> list[Text]:
        """Return each value, by its number."""
        return list(self.numbers)

    def values(self) -> Iterator[Text]:
        """Yield the value of each row."""
        return map(self.texts().__getitem__, self.rows)

    def __getstate__(self) -> tuple[Packed, "array[int] | int"]:
        return pack(self.numbers), len(self.rows) if len(self.numbers) == 1 else self.rows

    def __setstate__(self, state: tuple[Packed, "array[int] | int"]) -> None:
        packed, rows = state
        self.rows = array("I", (0,)) * rows if isinstance(rows, int) else rows
        self.numbers = defaultdict(itertools.count().__next__)
        deque(map(self.numbers.__getitem__, unpack(packed)), maxlen=0)


def pack(values: Iterable[object]) -> Packed:
    """Return *values* in a form that pickles sooner: one text, where all are texts of one line."""
    listed = list(values)
    texts = [value for value in listed if isinstance(value, str)]
    joined = "\n".join(texts)
    return joined if 0 < len(listed) == len(texts) == joined.count("\n") + 1 else listed


def unpack(packed: Packed) -> list[Any]:
    """Return what was packed."""
    return packed.split("\n") if isinstance(packed, str) else packed
