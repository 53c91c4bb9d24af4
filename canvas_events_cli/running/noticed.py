"""What is noticed, while events are read, of what a selection asks for: what it asks for in vain is told in the end."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Self

from canvas_events_cli.timestamps import Instant


@dataclass(slots=True)
class Noticed:
    """What was noticed of what a selection asks for, in a part of the input."""

    events: int = 0
    """How many there were."""
    seen: set[Hashable] = field(default_factory=set)
    """Which of its names and FIELDs occur, wanted or not."""
    times: tuple[Instant, Instant] | None = None
    """The first and the last time of those events of which it asks for the time."""
    in_time: bool = False
    """Whether one of these was in that time."""

    def add_time(self, moment: Instant, *, is_in: bool) -> None:
        """Note the time of an event."""
        first, last = self.times or (moment, moment)
        if not first < moment < last:
            self.times = min(first, moment), max(last, moment)
        self.in_time |= is_in

    def merge(self, later: Self) -> None:
        """Add what was noticed elsewhere."""
        self.events += later.events
        self.seen |= later.seen
        if later.times is not None:
            for moment in later.times:
                self.add_time(moment, is_in=later.in_time)
