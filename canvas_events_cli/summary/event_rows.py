"""A row for each event, by which copies are known and values of fields are counted once."""

from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

_PARTS = 64
"""To count, rows are taken in as many parts, by what stands for the event: a set of one part is held at a time."""
_DIGEST_BYTES = 8
"""Of a digest, what a row keeps. That two of 10^8 different events are taken for one has odds of 1 to 4,000."""


@dataclass(slots=True)
class EventRows:
    """Rows of 8 bytes and 4 for each field, copies included, in source order. Append-only.

    Each distinct value takes some 100 bytes besides its text.
    """

    numbers: dict[str, dict[str | None, int]] = field(default_factory=dict)
    """By the name of each field its values, numbered in the order in which they came; None: absent or null."""
    _digests: "array[int]" = field(default_factory=lambda: array("Q"))
    _columns: "dict[str, array[int]]" = field(init=False)
    """The number of the value in each row."""

    def __post_init__(self) -> None:
        self._columns = {name: array("I") for name in self.numbers}

    def extend(self, digests: Iterable[bytes], columns: Iterable[Sequence[str | None]] = ()) -> None:
        """Append the rows of events, with the values of each field."""
        self._digests.frombytes(b"".join([digest[:_DIGEST_BYTES] for digest in digests]))
        for (name, numbers), values in zip(self.numbers.items(), columns, strict=True):
            for value in dict.fromkeys(values):
                # None is ever taken out, so as many as there are is the number of the next: nothing else has to count.
                numbers.setdefault(value, len(numbers))
            self._columns[name].extend(map(numbers.__getitem__, values))

    def merge(self, later: "EventRows") -> None:
        """Append the rows of *later*, which has the same fields, unless there are no rows here yet."""
        self._digests += later._digests
        for name, values in later.numbers.items():
            numbers = self.numbers.setdefault(name, {})
            translated = [numbers.setdefault(value, len(numbers)) for value in values]
            column = self._columns.setdefault(name, array("I"))
            column.extend(map(translated.__getitem__, later._columns[name]))

    def unique(self) -> int:
        """Count the events, of copies the first."""
        return sum(map(len, self._firsts()))

    def tallies(self) -> Iterator[tuple[str, Counter[str | None]]]:
        """Yield for each field how often its values occur, in the first copy of each event."""
        counts: dict[str, Counter[int]] = {name: Counter() for name in self.numbers}
        for rows in self._firsts():
            for name, counted in counts.items():
                counted.update(map(self._columns[name].__getitem__, rows))
        for name, counted in counts.items():
            values = self.numbers[name].items()
            yield name, Counter({value: counted[number] for value, number in values if counted[number]})

    def _firsts(self) -> Iterator[Collection[int]]:
        """Yield the rows of a part of the events, of copies the first."""
        parts = [array("I") for _ in range(_PARTS)]
        adders = [part.append for part in parts]
        for row, code in enumerate(self._digests):
            adders[code % _PARTS](row)
        for rows in parts:
            rows.reverse()  # so that of copies the first stays
            yield dict(zip(map(self._digests.__getitem__, rows), rows, strict=True)).values()
