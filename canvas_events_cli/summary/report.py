"""What a summary is drawn from: counts of every event of a stream, rows of the retry events."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from canvas_events_cli.running.report import Report
from canvas_events_cli.summary.event_rows import EventRows
from canvas_events_cli.summary.retries import Retries
from canvas_events_cli.summary.timeline import Spans
from canvas_events_cli.summary.traffic import Traffic
from canvas_events_cli.summary.updates import Updates


@dataclass
class SummaryReport(Report):
    """What was counted in a part of the input, or in all of it. Append-only."""

    event_types: Counter[str] = field(default_factory=Counter)
    """Events by name; those without a usable one as ``(none)``."""
    spans: Spans = field(default_factory=Spans)
    """By name, when the first and the last of the events with a usable time were."""
    retries: Retries = field(default_factory=Retries)
    updates: Updates = field(default_factory=Updates)
    traffic: Traffic | None = field(default_factory=Traffic)
    """Of whatever events; None where nobody asked, and where there are retries, of which there is more to say."""
    by: EventRows = field(default_factory=EventRows)
    """The values of the fields that were asked for, by what the user called them.

    Strings are as they are, anything else is its JSON text, keys in order; None where the field is absent or null.
    """

    @property
    def events(self) -> int:
        """Count the records, malformed ones included."""
        return self.event_types.total() + self.malformed

    def merge(self, later: Self) -> Self:
        """Add what *later*, the part after this one, counted, and return this report."""
        self.event_types.update(later.event_types)
        for name, span in later.spans.items():
            self.spans.extend(name, span)
        self.retries.merge(later.retries)
        self.updates.merge(later.updates)
        self.traffic = self.traffic and later.traffic and self.traffic.merge(later.traffic)
        self.by.merge(later.by)
        return super().merge(later)
