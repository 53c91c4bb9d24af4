"""Columns of texts in little memory: packed a few thousand rows at a time, and unpacked where they are counted."""

import struct
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import accumulate, chain, compress, count, islice
from operator import eq, not_
from typing import Any, NamedTuple

import orjson

Texts = Sequence[str | None]

_LOOKED_AT = 1024
"""From how many rows it is told whether values recur in a column, so that it is worth it to number them."""
_SAMPLED = 4096
"""Of about so many rows it is told whether most share their key with several others."""
_AT_ONCE = 2048
"""How many rows are packed together again."""


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


class _Column(NamedTuple):
    """The values of a field in some rows: a value for each, one for all, or values that are numbered.

    All is JSON, of which nothing takes less time to write and to read.
    """

    texts: bytes
    numbers: bytes = b""
    """For each row which of the texts it has, or nothing."""

    def unpacked(self, rows: int) -> tuple[list[str | None], Sequence[int]]:
        """Return the texts, and for each of so many *rows* which of them it has."""
        texts = orjson.loads(self.texts)
        if self.numbers:
            return texts, orjson.loads(self.numbers)
        return texts, range(rows) if len(texts) == rows else [0] * rows


def pack(values: Texts) -> _Column:
    """Return *values*, at least one, packed."""
    if values[0] == values[-1] and values.count(values[0]) == len(values):
        return _Column(_json(values[:1]))
    sample = values[:_LOOKED_AT]
    if 2 * len({*sample}) > len(sample):
        return _Column(_json(values))
    # It numbers further values as they come by itself: no step in Python for each.
    known: defaultdict[str | None, int] = defaultdict(count().__next__)
    numbers = [*map(known.__getitem__, values)]
    return _Column(_json([*known]), _json(numbers))


def _json(values: Sequence[str | int | None]) -> bytes:
    # A copy: what the writer returns takes up to four times the memory.
    return memoryview(orjson.dumps(values)).tobytes()


class _Part(NamedTuple):
    micros: "array[int]"
    columns: list[_Column]


class PackedRows:
    """Rows of a time, in microseconds since 1970, and the texts of some *fields*. Append-only.

    Those that are told to be copies are passed over by whatever reads them.
    """

    def __init__(self, fields: Iterable[str]) -> None:
        self._places = {field: place for place, field in enumerate(fields)}
        self._parts: list[_Part] = []
        self._kept = b""
        """Of each row whether it is no copy; empty where there are no copies."""
        self._shown: Sequence[int] = ()
        """The places of those that are none, where there are copies."""

    @property
    def size(self) -> int:
        """How many rows there are, copies included."""
        return sum(len(part.micros) for part in self._parts)

    def __len__(self) -> int:
        return len(self._shown) if self._kept else self.size

    def append(self, micros: Sequence[int], columns: Iterable[Texts]) -> None:
        """Pack some thousand rows together, each field's values in its column."""
        times = array("q", struct.pack(f"{len(micros)}q", *micros))  # one by one it takes longer
        # All at once, for Ctrl-C may come at any time.
        self._parts.append(_Part(times, [*map(pack, columns)]))

    def merge(self, later: "PackedRows") -> None:
        """Append the rows of *later*."""
        self._parts += later._parts

    def keep(self, kept: bytes) -> None:
        """Pass over those of all rows that are not *kept*."""
        self._kept = b"" if all(kept) else kept
        self._shown = array("I", compress(count(), self._kept))

    def compact(self) -> "PackedRows":
        """Return the rows without those that are passed over."""
        rows = PackedRows(self._places)
        micros, columns = iter(self.micros), [self.values(field) for field in self._places]
        while times := [*islice(micros, _AT_ONCE)]:
            rows.append(times, [[*islice(column, _AT_ONCE)] for column in columns])
        return rows

    @property
    def micros(self) -> "array[int]":
        """The time of each row."""
        times = array("q")
        for part in self._parts:
            times.extend(part.micros)
        return array("q", compress(times, self._kept)) if self._kept else times

    def values(self, field: str) -> Iterator[str | None]:
        """Yield the value of each row."""
        values = chain.from_iterable(
            texts if isinstance(numbers, range) else map(texts.__getitem__, numbers)
            for _, texts, numbers in self._unpacked(field)
        )
        return compress(values, self._kept) if self._kept else values

    def _unpacked(self, field: str) -> Iterator[tuple[int, list[str | None], Sequence[int]]]:
        """Yield the first row of each part, the texts of a field there, and for each row which of them it has."""
        place = self._places[field]
        for start, part in self._numbered():
            yield start, *part.columns[place].unpacked(len(part.micros))

    def pick(self, field: str, rows: Sequence[int]) -> list[str | None]:
        """Return the value of each of *rows*, which are in order."""
        if len(rows) == len(self):
            return [*self.values(field)]
        return self._pick(field, [*map(self._shown.__getitem__, rows)] if self._kept else rows)

    def _pick(self, field: str, places: Sequence[int]) -> list[str | None]:
        place = self._places[field]
        found: list[str | None] = []
        done = 0
        for start, part in self._numbered():
            before, done = done, bisect_left(places, start + len(part.micros), done)
            if done > before:
                texts, numbers = part.columns[place].unpacked(len(part.micros))
                found += [texts[numbers[row - start]] for row in places[before:done]]
        return found

    def absent(self, field: str) -> list[int]:
        """Return the rows without a value."""
        place = self._places[field]
        # Nearly always there are no others.
        is_told = any(b"null" in part.columns[place].texts for part in self._parts)
        return self.members(field, (None,))[None] if is_told else []

    def count(self, field: str) -> "Counter[str | None]":
        """Count the rows by value."""
        counts: Counter[str | None] = Counter()
        for _, texts, numbers in self._unpacked(field):
            if len(texts) == 1:
                counts[texts[0]] += len(numbers)
            elif isinstance(numbers, range):
                counts.update(texts)
            else:
                for number, rows in Counter(numbers).items():
                    counts[texts[number]] += rows
        if self._kept:
            copies = compress(count(), map(not_, self._kept))
            counts -= Counter(self._pick(field, [*copies]))
        return counts

    def members(self, field: str, wanted: Iterable[str | None]) -> dict[Any, list[int]]:
        """Return which rows have each of the values *wanted*."""
        found: dict[str | None, list[int]] = {text: [] for text in wanted}
        for start, texts, numbers in self._unpacked(field):
            known = {number: found[text] for number, text in enumerate(texts) if text in found}
            for row in compress(count(), map(known.__contains__, numbers)) if known else ():
                known[numbers[row]].append(start + row)
        if self._kept:
            shown, kept = self._shown, self._kept
            return {text: [bisect_left(shown, row) for row in rows if kept[row]] for text, rows in found.items()}
        return found

    def _numbered(self) -> Iterator[tuple[int, _Part]]:
        """Yield each part with the number of its first row."""
        starts = accumulate((len(part.micros) for part in self._parts), initial=0)
        return zip(starts, self._parts, strict=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PackedRows) and self._told() == other._told()

    def _told(self) -> list[object]:
        return [self.micros, *([*self.values(field)] for field in self._places)]


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
