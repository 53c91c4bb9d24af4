"""Retries grouped by what they have in common: a course, an assignment, a user."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from canvas_events_cli.model import NO_NAME
from canvas_events_cli.summary.retries import Retries
from canvas_events_cli.summary.retry_clone import Subject
from canvas_events_cli.summary.tallies import most_frequent
from canvas_events_cli.summary.timeline import NO_TIME

SubjectField = Literal[
    "status", "domain", "context_role",
    "source_course", "source_course_id", "target_course", "target_course_id",
    "target_assignment", "target_assignment_id", "user",
]  # fmt: skip
"""A field of :class:`Subject`."""


class Part(NamedTuple):
    """The unique retries of one subject."""

    subject: Subject
    retries: int
    first: int | None
    """The earliest time, in microseconds since 1970; None where none is known."""
    last: int | None


class Group(NamedTuple):
    """The unique retries that share ``key``, in parts."""

    key: str
    parts: list[Part]

    @property
    def retries(self) -> int:
        """Count the retries of all parts."""
        return sum(part.retries for part in self.parts)

    @property
    def first(self) -> int | None:
        """The earliest known time, in microseconds since 1970."""
        return min((part.first for part in self.parts if part.first is not None), default=None)

    @property
    def last(self) -> int | None:
        """The latest known time, in microseconds since 1970."""
        return max((part.last for part in self.parts if part.last is not None), default=None)

    def distinct(self, field: SubjectField) -> int:
        """Count the values of *field*, absent ones aside."""
        return len(count_by(self.parts, field))

    def usual(self, field: SubjectField) -> str | None:
        """Return the most frequent value of *field*, of equally frequent ones the smallest.

        That is the shortest, then the first in the order of text, which for digits is their order as numbers.
        None where no retry has one.
        """
        counts = count_by(self.parts, field)
        return min(counts, key=lambda value: (-counts[value], len(value), value), default=None)


def parts_of(retries: Retries) -> list[Part]:
    """Return the parts of *retries*, one a subject."""
    counts = Counter(retries.numbers)
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    # Not strict: Ctrl-C, after which what was found so far is told, may have left the last row without its subject.
    for number, micros in zip(retries.numbers, retries.micros, strict=False):
        if micros != NO_TIME:
            first[number] = min(micros, first.get(number, micros))
            last[number] = max(micros, last.get(number, micros))
    return [
        Part(subject, counts[number], first.get(number), last.get(number))
        for subject, number in retries.subjects.items()
    ]


def largest_groups(parts: Iterable[Part], field: SubjectField, counts: Mapping[str, int], top: int) -> list[Group]:
    """Return the first *top* groups (0: all) by *field*: the most retries first, equal ones by key.

    *counts* are the retries of each key that may have a group; only the groups returned are ever built.
    """
    members: dict[str, list[Part]] = {key: [] for key in most_frequent(counts, top)}
    for part in parts:
        key = getattr(part.subject, field)
        if key in members:
            members[key].append(part)
    return [Group(key, chosen) for key, chosen in members.items()]


def count_by(parts: Iterable[Part], field: SubjectField) -> Counter[str]:
    """Count retries by the value of *field*; those without one are left out."""
    counts: Counter[str] = Counter()
    for part in parts:
        value = getattr(part.subject, field)
        if value is not None:
            counts[value] += part.retries
    return counts


def tally(parts: Sequence[Part], field: SubjectField) -> Counter[str]:
    """Count retries by the value of *field*; those without one as ``(none)``."""
    counts = count_by(parts, field)
    without = sum(part.retries for part in parts) - counts.total()
    if without:
        counts[NO_NAME] += without
    return counts
