"""Counts of values: how often each occurs, the most frequent first."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import nsmallest

from canvas_events_cli.exact_json import compact_text

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


def most_frequent(counts: Mapping[str, int], top: int = 0) -> dict[str, int]:
    """Return *counts*, the highest first and equal ones by name; the first *top* of them, 0 for all."""
    return dict(nsmallest(top or len(counts), counts.items(), key=lambda item: (-item[1], item[0])))
