"""Retries grouped by what they have in common: a course, an assignment, a user."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, count

from canvas_events_cli.model import NO_NAME
from canvas_events_cli.summary.retries import Retries
from canvas_events_cli.summary.retry_clone import RetryField
from canvas_events_cli.summary.timeline import NO_TIME


class Rows:
    """The unique retries, to be looked up by row."""

    def __init__(self, retries: Retries) -> None:
        self._retries = retries
        self._texts: dict[RetryField, list[str | None]] = {}

    def values(self, field: RetryField, rows: Iterable[int]) -> Iterator[str | None]:
        """Yield *field* of each of *rows*."""
        if field not in self._texts:
            self._texts[field] = self._retries.column(field).texts()
        return map(self._texts[field].__getitem__, map(self._retries.column(field).rows.__getitem__, rows))

    def times(self, rows: Iterable[int]) -> list[int]:
        """Return the known times of *rows*, in microseconds since 1970."""
        micros = self._retries.micros
        return [micros[row] for row in rows if micros[row] != NO_TIME]


class Group:
    """The unique retries *rows*, which have something in common."""

    def __init__(self, rows: list[int], table: Rows) -> None:
        self.rows = rows
        self._table = table

    @property
    def retries(self) -> int:
        """Count the retries."""
        return len(self.rows)

    @property
    def first(self) -> int | None:
        """The earliest known time, in microseconds since 1970."""
        return min(self._table.times(self.rows), default=None)

    @property
    def last(self) -> int | None:
        """The latest known time, in microseconds since 1970."""
        return max(self._table.times(self.rows), default=None)

    def distinct(self, field: RetryField) -> int:
        """Count the values of *field*, absent ones aside."""
        return len(set(self._table.values(field, self.rows)) - {None})

    def usual(self, field: RetryField) -> str | None:
        """Return the most frequent value of *field*, as :func:`usual` does."""
        return usual(self._table.values(field, self.rows))

    def usual_address(self) -> str | None:
        """Return the most frequent address of the target assignment's page, as :func:`usual` does.

        A retry tells it where its host and both numeric ids are known.
        """
        fields: tuple[RetryField, ...] = ("host", "target_course_id", "target_assignment_id")
        parts = zip(*(self._table.values(field, self.rows) for field in fields), strict=True)
        return usual(
            f"https://{host}/courses/{course}/assignments/{assignment}" if host and course and assignment else None
            for host, course, assignment in parts
        )


def usual(values: Iterable[str | None]) -> str | None:
    """Return the most frequent of *values*, of equally frequent ones the smallest; None where there are none.

    That is the shortest, then the first in the order of text, which for digits is their order as numbers.
    """
    counts = Counter(values)
    del counts[None]
    return min(counts, key=lambda value: (-counts[value], len(value or ""), value), default=None)


def members(column: Sequence[int], wanted: Iterable[int]) -> dict[int, list[int]]:
    """Return the rows of *column* that have each of *wanted*; the others are never held."""
    found: dict[int, list[int]] = {number: [] for number in wanted}
    for row in compress(count(), map(found.__contains__, column)):
        found[column[row]].append(row)
    return found


def tally(retries: Retries, field: RetryField) -> Counter[str]:
    """Count retries by the value of *field*; those without one as ``(none)``."""
    counts: Counter[str] = Counter()
    for value, rows in retries.column(field).count().items():
        counts[NO_NAME if value is None else value] += rows
    return counts
