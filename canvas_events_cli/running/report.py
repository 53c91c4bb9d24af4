"""What every report has.

A report of a part merges into the report of what came before it. Merging is associative and an empty report is
its identity, so that any cut of the input and any grouping of the parts give the serial answer.
"""

from dataclasses import dataclass
from typing import Self

from canvas_events_cli.model import Malformed
from canvas_events_cli.parse import is_web_page


@dataclass(slots=True)
class LeftOut:
    """Malformed records where there is a selection: they belong to none. Append-only."""

    records: int = 0
    web_page: bool = False
    """Whether a source began as a web page does."""

    def add(self, item: Malformed) -> None:
        """Count *item*."""
        self.records += 1
        self.web_page |= is_web_page(item.line, item.message)

    def merge(self, later: Self) -> None:
        """Add those of another part of the input."""
        self.records += later.records
        self.web_page |= later.web_page
