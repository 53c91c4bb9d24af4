"""The values of one field of many rows, each value kept once."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Text = str | None
Packed = str | list[object]


@dataclass(slots=True)
class Column:
    """One field of every row: 4 bytes a row, and 75 to 110 besides the text for each distinct value. Append-only.

    A value is known by the first row that has it. So a dictionary's ``setdefault`` numbers the values of many rows
    without a step in Python for each.
    """

    first: dict[Text, int] = field(default_factory=dict)
    """Each value, and the first row that has it."""
    rows: "array[int]" = field(default_factory=lambda: array("I"))
    """For each row, the first one that has the same value."""

    def extend(self, values: Sequence[Text]) -> None:
        """Append a row for each of *values*."""
        start = len(self.rows)
        self.rows.extend(map(self.first.setdefault, values, range(start, start + len(values))))

    def append(self, value: Text) -> None:
        """Append a row."""
        self.rows.append(self.first.setdefault(value, len(self.rows)))

    def merge(self, later: "Column") -> None:
        """Append the rows of *later*."""
        start = len(self.rows)
        here = map(self.first.setdefault, later.first, [start + row for row in later.first.values()])
        moved = list(range(len(later.rows)))
        for row, first in zip(later.first.values(), here, strict=True):
            moved[row] = first
        self.rows.extend([moved[row] for row in later.rows])

    def has(self, row: int, value: Text) -> bool:
        """Tell whether *row* has *value*."""
        return self.first.get(value) == self.rows[row]

    def count(self) -> Counter[Text]:
        """Count the rows by value."""
        counts = Counter(self.rows)
        return Counter({value: counts[row] for value, row in self.first.items() if row in counts})

    def texts(self) -> dict[int, Text]:
        """Return each value by the first row that has it."""
        return dict(zip(self.first.values(), self.first, strict=True))

    def values(self) -> Iterator[Text]:
        """Yield the value of each row."""
        return map(self.texts().__getitem__, self.rows)

    def __getstate__(self) -> tuple[Packed, "array[int]", "array[int]"]:
        return pack(self.first), array("I", self.first.values()), self.rows

    def __setstate__(self, state: tuple[Packed, "array[int]", "array[int]"]) -> None:
        texts, rows, self.rows = state
        self.first = dict(zip(unpack(texts), rows, strict=True))


def pack(values: Iterable[object]) -> Packed:
    """Return *values* in a form that pickles sooner: one text, where all are texts of one line."""
    listed = list(values)
    texts = [value for value in listed if isinstance(value, str)]
    joined = "\n".join(texts)
    return joined if 0 < len(listed) == len(texts) == joined.count("\n") + 1 else listed


def unpack(packed: Packed) -> list[Any]:
    """Return what was packed."""
    return packed.split("\n") if isinstance(packed, str) else packed
