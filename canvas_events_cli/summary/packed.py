"""Columns of texts in little memory: packed a few thousand rows at a time, and unpacked where they are counted."""

from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, compress, count, islice, product
from operator import eq
from typing import Any, NamedTuple

import orjson

Texts = Sequence[str | None]

_LOOKED_AT = 1024
"""From how many rows it is told whether values recur in a column, so that it is worth it to number them."""
_SAMPLED = 4096
"""Of about so many rows it is told whether most share their key with several others."""
_FEW = 256
"""As many values have numbers of a byte each."""


class Rows(NamedTuple):
    """Retries as they come, copies included, before they are packed."""

    micros: Sequence[int]
    """``event_time`` in microseconds since 1970; NO_TIME where there is none on the calendar."""
    keys: Sequence[str]
    """What each is known by: its request, or its digest and that."""
    fields: Sequence[Texts]
    """What else is kept, field by field."""
    is_unverified: bool = False
    """Whether they were in signed tokens that nobody has checked."""

    def part(self, start: int, end: int) -> "Rows":
        """Return those from *start* on, before *end*."""
        fields = [field[start:end] for field in self.fields]
        return Rows(self.micros[start:end], self.keys[start:end], fields, is_unverified=self.is_unverified)


class PackedTexts(NamedTuple):
    """The values of a field in some rows: a value for each, one for all, or values that are numbered."""

    texts: bytes
    """Values as JSON, of which nothing takes less time to write and to read."""
    numbers: "array[int]"
    """For each row which of the values it has, or nothing."""

    def values(self, rows: int) -> Texts:
        """Return the value of each of so many *rows*."""
        texts: list[str | None] = orjson.loads(self.texts)
        if self.numbers:
            return [*map(texts.__getitem__, self.numbers)]
        return texts if len(texts) == rows else texts * rows

    def pick(self, places: Sequence[int]) -> Texts:
        """Return the values of the rows at these *places*."""
        texts: list[str | None] = orjson.loads(self.texts)
        if self.numbers:
            return [texts[self.numbers[place]] for place in places]
        return [texts[place] for place in places] if len(texts) > 1 else texts * len(places)

    def count_in(self, counts: "Counter[str | None]", rows: int) -> None:
        """Add so many *rows* to *counts*, by value."""
        texts: list[str | None] = orjson.loads(self.texts)
        if self.numbers:
            for number, same in Counter(self.numbers).items():
                counts[texts[number]] += same
        elif len(texts) == 1:
            counts[texts[0]] += rows
        else:
            counts.update(texts)

    def only(self, kept: Sequence[bool]) -> "PackedTexts":
        """Return the rows of which it is told that they are *kept*."""
        if self.numbers:
            return PackedTexts(self.texts, array(self.numbers.typecode, compress(self.numbers, kept)))
        texts = orjson.loads(self.texts)
        return self if len(texts) == 1 else PackedTexts(_json([*compress(texts, kept)]), self.numbers)

    def members(self, wanted: Iterable[str], rows: int) -> Iterator[tuple[str, int]]:
        """Yield the places of rows with one of the values *wanted*, and which it is."""
        texts: list[Any] = orjson.loads(self.texts)
        known = {number: text for number, text in enumerate(texts) if text in wanted}
        if not known:
            return
        if self.numbers:
            for place in compress(count(), map(known.__contains__, self.numbers)):
                yield known[self.numbers[place]], place
        elif len(texts) == 1:
            yield from product(texts, range(rows))
        else:
            yield from zip(known.values(), known, strict=True)


def _json(values: Texts) -> bytes:
    # A copy: what the writer returns takes up to four times the memory.
    return memoryview(orjson.dumps(values)).tobytes()


def pack(values: Texts) -> PackedTexts:
    """Return *values*, at least one and at most 65,536, packed."""
    if values[0] == values[-1] and values.count(values[0]) == len(values):
        return PackedTexts(_json(values[:1]), array("B"))
    sample = values[:_LOOKED_AT]
    if 2 * len({*sample}) > len(sample):
        return PackedTexts(_json(values), array("B"))
    # It numbers further values as they come by itself: no step in Python for each.
    known: defaultdict[str | None, int] = defaultdict(count().__next__)
    numbers = [*map(known.__getitem__, values)]
    return PackedTexts(_json([*known]), array("B" if len(known) <= _FEW else "H", numbers))


class _Part(NamedTuple):
    micros: "array[int]"
    columns: Mapping[str, PackedTexts]


class PackedRows:
    """Rows of a time, in microseconds since 1970, and the texts of some fields. Append-only."""

    def __init__(self, parts: Iterable[_Part] = ()) -> None:
        self._parts = [*parts]

    def __len__(self) -> int:
        return sum(len(part.micros) for part in self._parts)

    def append(self, micros: Iterable[int], columns: Mapping[str, Texts]) -> None:
        """Pack some thousand rows together, each field's values in its column."""
        packed = {field: pack(values) for field, values in columns.items()}
        self._parts.append(_Part(array("q", micros), packed))

    def merge(self, later: "PackedRows") -> None:
        """Append the rows of *later*."""
        self._parts += later._parts

    @property
    def micros(self) -> "array[int]":
        """The time of each row."""
        times = array("q")
        for part in self._parts:
            times.extend(part.micros)
        return times

    def values(self, field: str) -> Iterator[str | None]:
        """Yield the value of each row."""
        return chain.from_iterable(part.columns[field].values(len(part.micros)) for part in self._parts)

    def pick(self, field: str, rows: Sequence[int]) -> list[str | None]:
        """Return the value of each of *rows*, which are in order."""
        found: list[str | None] = []
        done = 0
        for start, part in self._numbered():
            before, done = done, bisect_left(rows, start + len(part.micros), done)
            if done > before:
                column, size = part.columns[field], len(part.micros)
                is_whole = done - before == size
                found += column.values(size) if is_whole else column.pick([row - start for row in rows[before:done]])
        return found

    def absent(self, field: str) -> list[int]:
        """Return the rows without a value."""
        return [
            start + place
            for start, part in self._numbered()
            if b"null" in part.columns[field].texts  # nearly always there are no others
            for place, value in enumerate(part.columns[field].values(len(part.micros)))
            if value is None
        ]

    def count(self, field: str) -> "Counter[str | None]":
        """Count the rows by value."""
        counts: Counter[str | None] = Counter()
        for part in self._parts:
            part.columns[field].count_in(counts, len(part.micros))
        return counts

    def members(self, field: str, wanted: Iterable[str]) -> dict[str, list[int]]:
        """Return which rows have each of the values *wanted*."""
        found: dict[str, list[int]] = {text: [] for text in wanted}
        for start, part in self._numbered():
            for text, place in part.columns[field].members(found, len(part.micros)):
                found[text].append(start + place)
        return found

    def only(self, kept: Sequence[bool]) -> "PackedRows":
        """Return the rows of which it is told that they are *kept*."""
        parts = [
            _Part(
                array("q", compress(part.micros, some)),
                {field: column.only(some) for field, column in part.columns.items()},
            )
            for start, part in self._numbered()
            for some in [kept[start : start + len(part.micros)]]
        ]
        return PackedRows(part for part in parts if part.micros)

    def _numbered(self) -> Iterator[tuple[int, _Part]]:
        """Yield each part with the number of its first row."""
        starts = accumulate((len(part.micros) for part in self._parts), initial=0)
        return zip(starts, self._parts, strict=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PackedRows) and self._told() == other._told()

    def _told(self) -> list[object]:
        fields = self._parts[0].columns if self._parts else ()
        return [self.micros, *([*self.values(field)] for field in fields)]


def first_rows(hashes: Iterable[int], keys: Callable[[Sequence[int]], Iterable[Hashable]]) -> "array[int]":
    """Return for each row the first one that has the same key.

    *hashes* are what the keys of all rows hash to, or a part of each key; only of rows that share one are the *keys*
    asked for, unless they seem to be most. While it lasts, it takes 12 bytes a row and 32 more to sort them: a set of
    all would take 90.
    """
    codes = array("d", hashes)  # doubles take less memory than integers, and are sorted in half of the time
    found = array("I", range(len(codes)))
    firsts: dict[Hashable, int] = {}
    sample = codes[:: len(codes) // _SAMPLED + 1]
    if (len(sample) - len({*sample})) * len(codes) > len(sample) ** 2:
        # So many recur where most keys have more than two rows.
        return array("I", map(firsts.setdefault, keys(found), found))
    ordered = sorted(codes)
    again = {*compress(ordered, map(eq, ordered, islice(ordered, 1, None)))}
    del ordered
    rows = [*compress(found, map(again.__contains__, codes))] if again else []
    for row, first in zip(rows, map(firsts.setdefault, keys(rows), rows), strict=True):
        found[row] = first
    return found


def members(rows: Sequence[int], wanted: Iterable[int]) -> dict[int, list[int]]:
    """Return which of *rows* have each of the numbers *wanted*; the others are never held."""
    found: dict[int, list[int]] = {number: [] for number in wanted}
    for row in compress(count(), map(found.__contains__, rows)):
        found[rows[row]].append(row)
    return found
