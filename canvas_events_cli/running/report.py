"""What every report has, whatever the command is.

A report of a part of the input merges into the report of what came before it. Merging is associative and an empty
report is its identity, so that any cut of the input and any grouping of the parts give the serial answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Self, TypeVar

from canvas_events_cli.model import Malformed, Overflow
from canvas_events_cli.running.noticed import Noticed

Key = TypeVar("Key", str, tuple[str, str, str])


def most_frequent(counts: Mapping[Key, int], top: int = 0) -> dict[Key, int]:
    """Return *counts*, the highest first and equal ones by name; the first *top* of them, 0 for all."""
    return dict(nsmallest(top or len(counts), counts.items(), key=lambda item: (-item[1], item[0])))


@dataclass(kw_only=True)
class Report:
    """What reading met in a part of the input, or in all of it; a command's own report adds what it is after.

    Append-only. Without slots, so that what inherits can call ``super()``.
    """

    malformed: int = 0
    """Records that are no JSON, and count."""
    left_out: int = 0
    """Records that are no JSON, and belong to no selection where there is one."""
    web_page: bool = False
    """Whether a source began as a web page does; then it is among the malformed."""
    unverified: int = 0
    """Events out of signed tokens whose signature was not verified, for want of keys."""
    failures: list[str] = field(default_factory=list)
    """Why sources could not be read, or not to their end: the figures lack what they held."""
    noticed: Noticed = field(default_factory=Noticed, compare=False)
    """What occurs of what the selection asks for."""
    begins_source: bool = False
    """Whether this part is the first of a source; said by ``run``, and not merged."""

    def add_malformed(self, item: Malformed) -> None:
        """Count *item*."""
        self.malformed += 1
        self.web_page |= item.is_web_page

    def merge(self, later: Self) -> Self:
        """Add what *later*, the part after this one, found, and return this report."""
        self.malformed += later.malformed
        self.left_out += later.left_out
        self.web_page |= later.web_page
        self.unverified += later.unverified
        self.failures += later.failures
        self.noticed.merge(later.noticed)
        return self

    def shift(self, lines: int) -> None:
        """Move what was found so many *lines* further down in its source: it was read as if that began with it."""
        if lines:
            self.web_page = False


@dataclass(kw_only=True)
class RejectingReport(Report):
    """A report that keeps what could not be parsed, for a file of rejects."""

    rejects: list[Malformed | Overflow] = field(default_factory=list)

    def reject(self, item: Malformed | Overflow) -> None:
        """Count *item*, and keep it."""
        self.rejects.append(item)
        if isinstance(item, Malformed):
            self.add_malformed(item)
