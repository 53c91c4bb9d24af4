"""What a summary is made from: counts of every event, rows of the retry events."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from canvas_events_cli.exact_json import compact_text
from canvas_events_cli.running.report import Report
from canvas_events_cli.summary.retries import Retries
from canvas_events_cli.summary.timeline import NO_TIME
from canvas_events_cli.summary.updates import Updates

TOO_DEEP = "(nested too deep)"
"""In place of a value of more than 254 levels, which the JSON writer refuses."""


@dataclass(slots=True)
class FieldTally:
    """How often each value of one field occurs. Append-only."""

    values: Counter[str] = field(default_factory=Counter)
    absent: int = 0
    """Events in which the field is absent or null."""

    def add(self, value: object) -> None:
        """Count *value*: strings as they are, anything else as its JSON text, keys in order; None as absent."""
        if value is None:
            self.absent += 1
        else:
            text = str(value) if isinstance(value, str) else compact_text(value, sort_keys=True) or TOO_DEEP
            self.values[text] += 1

    def merge(self, later: "FieldTally") -> None:
        """Add the counts of another part of the input."""
        self.values.update(later.values)
        self.absent += later.absent


@dataclass
class SummaryReport(Report):
    """What was counted in a part of the input, or in all of it. Append-only."""

    event_types: Counter[str] = field(default_factory=Counter)
    """Events by name; those without a usable one as ``(none)``."""
    retries: Retries = field(default_factory=Retries)
    updates: Updates = field(default_factory=Updates)
    latest: int = NO_TIME
    """The latest ``event_time`` of any event, in microseconds since 1970; NO_TIME where none has a usable one."""
    by: dict[str, FieldTally] = field(default_factory=dict)
    """Tallies of the fields that were asked for, by what the user called them."""

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
            self.by.setdefault(name, FieldTally()).merge(tally)
        return super().merge(later)
