"""What a summary is made from: counts of every event, rows of the retry events."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from canvas_events_cli.running.report import Report
from canvas_events_cli.summary.retries import Retries
from canvas_events_cli.summary.timeline import NO_TIME
from canvas_events_cli.summary.updates import Updates


@dataclass
class SummaryReport(Report):
    """What was counted in a part of the input, or in all of it. Append-only."""

    event_types: Counter[str] = field(default_factory=Counter)
    """Events by name; those without a usable one as ``(none)``."""
    retries: Retries = field(default_factory=Retries)
    updates: Updates = field(default_factory=Updates)
    latest: int = NO_TIME
    """The latest ``event_time`` of any event, in microseconds since 1970; NO_TIME where none has a usable one."""
    by: dict[str, Counter[str | None]] = field(default_factory=dict)
    """How often each value of the fields that were asked for occurs, by what the user called them.

    Strings are as they are, anything else is its JSON text, keys in order; None where the field is absent or null.
    """

    @property
    def events(self) -> int:
        """Count the records, malformed ones included."""
        return self.event_types.total() + self.malformed

    def merge(self, later: Self) -> Self:
        """Add what *later*, the part after this one, counted, and return this report."""
        self.event_types.update(later.event_types)
        self.retries.merge(later.retries)
        self.updates.merge(later.updates)
        self.latest = max(self.latest, later.latest)
        for name, tally in later.by.items():
            self.by.setdefault(name, Counter()).update(tally)
        return super().merge(later)
