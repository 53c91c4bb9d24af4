"""Rows of texts in little memory: packed a few thousand at a time, and unpacked where they are counted."""

import struct
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import accumulate, chain, compress, count, islice
from operator import eq
from typing import Any, NamedTuple

import orjson

Texts = Sequence[str | None]

_LOOKED_AT = 1024
"""From how many rows it is told whether values recur in a column, so that it is worth it to number them."""
_SHORT = 9
"""Texts that take no more bytes each, with what separates them, are not numbered: it would save next to nothing."""
_SAMPLED = 8192
"""Of at least so many rows it is told whether most share their value with several others."""
_FEW = 32
"""Copies are taken out of a column whenever it is read, if no more than one in so many rows is one."""
_HASHED = "key"
"""Has another hash in processes in which all texts do: Python draws that by lot, unless it forks."""


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
    """The values of a field in some rows: a value for each, one for all, or values that are numbered."""

    texts: bytes
    """An array of JSON, of which nothing takes less time to write and to read."""
    numbers: "array[int]" = array("B")
    """For each row which of the texts it has, or nothing."""


def pack(values: Texts) -> _Column:
    """Return *values*, at least one, packed."""
    if values[0] == values[-1] and values.count(values[0]) == len(values):
        return _Column(_json(values[:1]))
    sample = values[:_LOOKED_AT]
    if 2 * len({*sample}) > len(sample) or len(orjson.dumps(sample)) <= _SHORT * len(sample):
        return _Column(_json(values))
    # It numbers further values as they come by itself: no step in Python for each.
    known: defaultdict[str | None, int] = defaultdict(count().__next__)
    numbers = [*map(known.__getitem__, values)]
    typecode = next(code for code in "BHI" if len(known) <= 1 << 8 * array(code).itemsize)
    return _Column(_json([*known]), _array(typecode, numbers))


def _together(parts: Sequence[Texts]) -> list[str | None]:
    """Return the values of *parts*, none of which is empty; as one object where all are equal: it is sooner packed."""
    value = parts[0][0]
    if all(part[0] == value == part[-1] and part.count(part[0]) == len(part) for part in parts):
        return [value] * sum(map(len, parts))
    return [*chain.from_iterable(parts)]


def _json(values: Texts) -> bytes:
    # A copy: what the writer returns takes up to four times the memory.
    return memoryview(orjson.dumps(values)).tobytes()


def _array(typecode: str, values: Sequence[float]) -> "array[Any]":
    # One by one it takes four times as long.
    return array(typecode, struct.pack(f"{len(values)}{typecode}", *values))


class _Part(NamedTuple):
    """Some thousand rows."""

    micros: "array[int]"
    codes: "array[float]"
    """Of each row what its key hashes to, in order: then those of many parts are soon sorted."""
    columns: list[_Column]
    copies: Sequence[int] = ()
    """Rows to take out of the columns, one by one in this order: copies that were found later."""

    def unpacked(self, place: int) -> tuple[list[str | None], Sequence[int]]:
        """Return the texts of a column, and for each row which of them it has."""
        column, rows = self.columns[place], len(self.micros)
        texts, numbers = orjson.loads(column.texts), column.numbers
        if len(texts) == 1:
            return texts, bytes(rows)
        return (texts, _taken_out(numbers, self.copies)) if numbers else (_taken_out(texts, self.copies), range(rows))

    def values(self, place: int) -> Iterable[str | None]:
        """Return the value of each row."""
        texts, numbers = self.unpacked(place)
        return texts if isinstance(numbers, range) else map(texts.__getitem__, numbers)

    def pick(self, place: int, rows: Iterable[int]) -> list[str | None]:
        """Return the value of each of *rows*."""
        texts, numbers = self.unpacked(place)
        return [texts[numbers[row]] for row in rows]

    def without(self, copies: Sequence[int], codes: Sequence[float]) -> "_Part":
        """Return it without the rows that are *copies*; *codes* are those of all rows, in their order."""
        known = [*self.copies, *reversed(copies)]
        if len(known) * _FEW <= len(self.micros):
            return self._replace(micros=_taken_out(self.micros, copies[::-1]), copies=known)
        kept = _others(copies, len(self.micros))
        columns = [[*compress(self.values(place), kept)] for place in range(len(self.columns))]
        return _packed([*compress(self.micros, kept)], columns, compress(codes, kept))


def _packed(micros: Sequence[int], columns: Iterable[Texts], codes: Iterable[float]) -> _Part:
    return _Part(_array("q", micros), _array("d", sorted(codes)), [*map(pack, columns)])


def _taken_out(values: Any, rows: Sequence[int]) -> Any:
    """Return *values* without those of *rows*, taken out one by one, in their order."""
    left = values[:] if rows else values
    for row in rows:
        del left[row]
    return left


def _others(copies: Iterable[int], rows: int) -> bytearray:
    """Return for each of so many *rows* whether it is none of the *copies*."""
    kept = bytearray(b"\1") * rows
    for row in copies:
        kept[row] = False
    return kept


class PackedRows:
    """Rows of a time, in microseconds since 1970, and the texts of some *fields*. Append-only, but for copies.

    The first of the fields is the key, which copies share. They, and only they, agree in all that *identities* makes of
    the times and the first *telling* fields of rows. Copies among rows that are appended together are dropped at once,
    others when that is asked for.
    """

    def __init__(self, fields: Iterable[str], telling: int, identities: Callable[..., Iterable[Hashable]]) -> None:
        self._places = {field: place for place, field in enumerate(fields)}
        self._telling = range(telling)
        self._identities = identities
        self._hashed = hash(_HASHED)
        self._parts: list[_Part] = []

    def __len__(self) -> int:
        return sum(len(part.micros) for part in self._parts)

    def append(self, added: Sequence[Rows]) -> None:
        """Pack some thousand rows together, without copies among them."""
        micros = [*chain.from_iterable(rows.micros for rows in added)]
        columns = [*map(_together, zip(*((rows.keys, *rows.fields) for rows in added), strict=True))]
        codes = codes_of(columns[0])
        ordered = sorted(codes)
        if again := recurring(ordered):

            def pick(place: int, rows: Sequence[int]) -> Iterable[str | None]:
                return map(columns[place].__getitem__, rows)

            kept = _others(self._copies(codes, again, micros, pick, set()), len(codes))
            micros, ordered = [*compress(micros, kept)], [*compress(codes, kept)]
            columns = [[*compress(values, kept)] for values in columns]
        # All at once, for Ctrl-C may come at any time.
        self._parts.append(_packed(micros, columns, ordered))

    def merge(self, later: "PackedRows") -> None:
        """Append the rows of *later*."""
        self._parts += later._parts

    def drop_copies(self) -> None:
        """Keep of copies the first."""
        again = recurring(chain.from_iterable(part.codes for part in self._parts))
        seen = set[Hashable]()
        found = []
        for part in self._parts if again else ():
            codes = codes_of(part.values(0)) if not again.isdisjoint(part.codes) else ()
            copies = self._copies(codes, again, part.micros, part.pick, seen) if codes else ()
            if len(copies) < len(part.micros):
                found.append(part.without(copies, codes) if copies else part)
        self._parts = found if again else self._parts

    def _copies(
        self,
        codes: Sequence[float],
        again: set[float],
        micros: Sequence[int],
        pick: Callable[[int, Sequence[int]], Iterable[Any]],
        seen: set[Hashable],
    ) -> list[int]:
        """Return which rows are copies of what was *seen*, which the others are added to.

        It is only looked for among those whose key hashes to a number that is there *again*.
        """
        rows = [*compress(count(), map(again.__contains__, codes))]
        told = self._identities(map(micros.__getitem__, rows), *(pick(place, rows) for place in self._telling))
        copies = []
        for row, identity in zip(rows, told, strict=True):
            if identity in seen:
                copies.append(row)
            seen.add(identity)
        return copies

    @property
    def micros(self) -> "array[int]":
        """The time of each row."""
        times = array("q")
        for part in self._parts:
            times += part.micros
        return times

    def values(self, field: str) -> Iterator[str | None]:
        """Yield the value of each row."""
        place = self._places[field]
        return chain.from_iterable(part.values(place) for part in self._parts)

    def sample(self, field: str) -> list[str | None]:
        """Return the values of some thousand rows from all over."""
        place, step = self._places[field], len(self) // _SAMPLED + 1
        return [*chain.from_iterable(part.values(place) for part in self._parts[::step])]

    def pick(self, field: str, rows: Sequence[int]) -> Iterable[str | None]:
        """Return the value of each of *rows*, which are in order."""
        if len(rows) == len(self):
            return self.values(field)
        place, done = self._places[field], 0
        found: list[str | None] = []
        for start, part in self._numbered():
            before, done = done, bisect_left(rows, start + len(part.micros), done)
            if done > before:
                found += part.pick(place, [row - start for row in rows[before:done]])
        return found

    def absent(self, field: str) -> list[int]:
        """Return the rows without a value."""
        place = self._places[field]
        # Nearly always there are no others.
        is_told = any(b"null" in part.columns[place].texts for part in self._parts)
        return self.members(field, (None,))[None] if is_told else []

    def count(self, field: str) -> "Counter[str | None]":
        """Count the rows by value."""
        place = self._places[field]
        counts: Counter[str | None] = Counter()
        for part in self._parts:
            texts, numbers = part.unpacked(place)
            if len(texts) == 1:
                counts[texts[0]] += len(numbers)
            elif not isinstance(numbers, range):
                for number, rows in Counter(numbers).items():
                    counts[texts[number]] += rows
            else:
                counts.update(texts)
        return counts

    def members(self, field: str, wanted: Iterable[str | None]) -> dict[Any, list[int]]:
        """Return which rows have each of the values *wanted*."""
        found: dict[str | None, list[int]] = {text: [] for text in wanted}
        for start, part in self._numbered():
            texts, numbers = part.unpacked(self._places[field])
            known = [*compress(count(), map(found.__contains__, texts))]
            rows = known if isinstance(numbers, range) else compress(count(), map({*known}.__contains__, numbers))
            for row in rows if known else ():
                found[texts[numbers[row]]].append(start + row)
        return found

    def _numbered(self) -> Iterator[tuple[int, _Part]]:
        """Yield each part with the number of its first row."""
        starts = accumulate((len(part.micros) for part in self._parts), initial=0)
        return zip(starts, self._parts, strict=False)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if self._hashed != hash(_HASHED):
            self._hashed = hash(_HASHED)
            self._parts = [part._replace(codes=_array("d", sorted(codes_of(part.values(0))))) for part in self._parts]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PackedRows) and self._told() == other._told()

    def _told(self) -> list[object]:
        return [self.micros, *([*self.values(field)] for field in self._places)]


def codes_of(keys: Iterable[Hashable]) -> "array[float]":
    """Return a number for each of *keys*, by which few are taken for others; in this process."""
    # Doubles take less memory than integers, and are sorted in half of the time.
    return _array("d", [*map(hash, keys)])


def recurring(numbers: Iterable[float]) -> set[float]:
    """Return those of *numbers* that are there several times."""
    ordered = sorted(numbers)
    return {*compress(ordered, map(eq, ordered, islice(ordered, 1, None)))}


def first_rows(packed: PackedRows, field: str, keys: Callable[[Sequence[int]], Iterable[Hashable]]) -> "array[int]":
    """Return for each row the first one that has the same key.

    Rows of one key have the same value of *field*. Only of rows that share one are the *keys* asked for, unless they
    seem to be most. While it lasts, it takes 12 bytes a row and 32 more to sort them: a set of all would take 90.
    """
    firsts: dict[Hashable, int] = {}
    sample, found = packed.sample(field), array("I")
    if (len(sample) - len({*sample})) * len(packed) > len(sample) ** 2:
        # So many recur where most keys have more than two rows.
        numbers = map(firsts.setdefault, keys(range(len(packed))), count())
        while some := [*islice(numbers, _SAMPLED)]:
            found += _array("I", some)
        return found
    codes = codes_of(packed.values(field))
    found += _array("I", range(len(codes)))
    again = recurring(codes)
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
