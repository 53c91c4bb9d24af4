"""A row for each event, by which copies are known and values of fields are counted once."""

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

_PARTS = 64
"""Rows are kept in as many parts, by what stands for the event: to count, a set of one part is held at a time."""
_DIGEST_BYTES = 8
"""Of a digest, what a row keeps. That two of 10^8 different events are taken for one has odds of 1 to 4,000."""


class _Part(NamedTuple):
    digests: "array[int]"
    columns: "list[array[int]]"
    """For each field, the number of the value in each row."""


@dataclass(slots=True)
class EventRows:
    """Rows of 8 bytes and 4 for each field, copies included, in source order. Append-only.

    Each distinct value takes some 100 bytes besides its text.
    """

    numbers: dict[str, dict[str | None, int]] = field(default_factory=dict)
    """By the name of each field its values, numbered in the order in which they came; None: absent or null."""
    _parts: list[_Part] = field(default_factory=list)

    def add(self, digest: bytes, values: Sequence[str | None] = ()) -> None:
        """Append the row of an event, with the value of each field."""
        code = int.from_bytes(digest[:_DIGEST_BYTES], "big")
        digests, columns = (self._parts or self._all_parts())[code % _PARTS]
        digests.append(code)
        if values:
            for numbers, column, value in zip(self.numbers.values(), columns, values, strict=True):
                # None is ever taken out, so as many as there are is the number of the next: nothing else has to count.
                column.append(numbers.setdefault(value, len(numbers)))

    def merge(self, later: "EventRows") -> None:
        """Append the rows of *later*, which has the same fields, unless there are no rows here yet."""
        here: list[list[int]] = []
        for name, values in later.numbers.items():
            numbers = self.numbers.setdefault(name, {})
            here.append([numbers.setdefault(value, len(numbers)) for value in values])
        if not later._parts:
            return
        for part, added in zip(self._all_parts(), later._parts, strict=True):
            part.digests.extend(added.digests)
            for translated, column, more in zip(here, part.columns, added.columns, strict=True):
                column.extend(array("I", map(translated.__getitem__, more)))

    def unique(self) -> int:
        """Count the events, of copies the first."""
        return sum(len(set(part.digests)) for part in self._parts)

    def tallies(self) -> Iterator[tuple[str, Counter[str | None]]]:
        """Yield for each field how often its values occur, in the first copy of each event."""
        for place, (name, numbers) in enumerate(self.numbers.items()):
            counts: Counter[int] = Counter()
            for digests, columns in self._parts:
                # From the last row to the first, so that of copies the first stays.
                counts.update(dict(zip(reversed(digests), reversed(columns[place]), strict=True)).values())
            yield name, Counter({value: counts[number] for value, number in numbers.items() if counts[number]})

    def _all_parts(self) -> list[_Part]:
        if not self._parts:
            self._parts += [_Part(array("Q"), [array("I") for _ in self.numbers]) for _ in range(_PARTS)]
        return self._parts
