"""Retries grouped by what they have in common: a course, an assignment, a user."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import compress, count

from canvas_events_cli.model import NO_NAME
from canvas_events_cli.summary.retries import Retries
from canvas_events_cli.summary.retry_clone import RetryField
from canvas_events_cli.summary.tallies import most_frequent
from canvas_events_cli.summary.timeline import NO_TIME


class Rows:
    """The unique retries, to be looked up by row."""

    def __init__(self, retries: Retries) -> None:
        self._retries = retries
        self._texts: dict[RetryField, list[str | None]] = {}

    def count(self, field: RetryField, rows: Iterable[int]) -> Counter[str]:
        """Count *rows* by the value of *field*; those without one are left out."""
        if field not in self._texts:
            self._texts[field] = self._retries.column(field).texts()
        texts = self._texts[field]
        column = self._retries.column(field).rows
        counts = Counter(column[row] for row in rows)
        return Counter({text: count for number, count in counts.items() if (text := texts[number]) is not None})

    def times(self, rows: Iterable[int]) -> list[int]:
        """Return the known times of *rows*, in microseconds since 1970."""
        micros = self._retries.micros
        return [micros[row] for row in rows if micros[row] != NO_TIME]


class Group:
    """The unique retries that share ``key``."""

    def __init__(self, key: str, rows: list[int], table: Rows) -> None:
        self.key = key
        self._rows = rows
        self._table = table

    @property
    def retries(self) -> int:
        """Count the retries."""
        return len(self._rows)

    @property
    def first(self) -> int | None:
        """The earliest known time, in microseconds since 1970."""
        return min(self._table.times(self._rows), default=None)

    @property
    def last(self) -> int | None:
        """The latest known time, in microseconds since 1970."""
        return max(self._table.times(self._rows), default=None)

    def distinct(self, field: RetryField) -> int:
        """Count the values of *field*, absent ones aside."""
        return len(self._table.count(field, self._rows))

    def usual(self, field: RetryField) -> str | None:
        """Return the most frequent value of *field*, of equally frequent ones the smallest.

        That is the shortest, then the first in the order of text, which for digits is their order as numbers.
        None where no retry has one.
        """
        counts = self._table.count(field, self._rows)
        return min(counts, key=lambda value: (-counts[value], len(value), value), default=None)


def largest_groups(retries: Retries, field: RetryField, counts: Mapping[str, int], top: int) -> list[Group]:
    """Return the first *top* groups (0: all) by *field*: the most retries first, equal ones by key.

    *counts* are the retries of each key that may have a group; only the groups returned are ever built.
    """
    column = retries.column(field)
    members: dict[int, list[int]] = {column.numbers[key]: [] for key in most_frequent(counts, top)}
    for row in compress(count(), map(members.__contains__, column.rows)):
        members[column.rows[row]].append(row)
    table = Rows(retries)
    keys = column.texts()
    return [Group(str(keys[number]), rows, table) for number, rows in members.items()]


def count_by(retries: Retries, field: RetryField) -> Counter[str]:
    """Count retries by the value of *field*; those without one are left out."""
    return Counter({value: count for value, count in retries.column(field).count().items() if value is not None})


def tally(retries: Retries, field: RetryField) -> Counter[str]:
    """Count retries by the value of *field*; those without one as ``(none)``."""
    counts = count_by(retries, field)
    without = retries.unique - counts.total()
    if without:
        counts[NO_NAME] += without
    return counts
