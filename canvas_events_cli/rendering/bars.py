"""Counts drawn as bars of characters, and a timeline that fits a screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from canvas_events_cli.rendering.tables import cell_text
from canvas_events_cli.summary.timeline import BUCKETS
from canvas_events_cli.timestamps import Instant

_EIGHTHS = " ▏▎▍▌▋▊▉"
_STEPS = {"minute": (1, 2, 5, 10, 15, 30), "hour": (1, 2, 3, 6, 12, 24), "day": (1, 2, 7, 14, 28, 91, 182, 364)}
"""How many buckets make a row, so that rows begin where a person expects."""


class DrawnTimeline(NamedTuple):
    """Retries from the first to the last in rows of equal length, empty ones included."""

    row_length: str
    """For people, such as ``6 hours``."""
    rows: list[tuple[str, int]]
    """When each row begins, for people, in UTC; and its retries."""


def bar(count: int, largest: int, width: int) -> str:
    """Return a bar of at most *width* cells, in eighths of a cell; whatever is not zero can be seen.

    >>> bar(5, 10, 9), bar(0, 10, 9), bar(1, 1000, 9)
    ('████▌', '', '▏')
    """
    eighths = count * width * 8 // largest if largest else 0
    full, rest = divmod(max(eighths, 1 if count else 0), 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


def drawn(timeline: Mapping[str, Any], most_rows: int = 24) -> DrawnTimeline:
    """Return the *timeline* of a document in about *most_rows* rows or fewer; each row adds up whole buckets."""
    bucket, length = timeline["bucket"], BUCKETS[timeline["bucket"]]
    counts = {item["start"].seconds // length: item["retries"] for item in timeline["counts"]}
    if not counts:
        return DrawnTimeline("", [])
    first, last = min(counts), max(counts)
    buckets = last - first + 1
    step = next((step for step in _STEPS[bucket] if step * most_rows >= buckets), -(-buckets // most_rows))
    if bucket != "day":
        first -= first % step
    merged: Counter[int] = Counter()
    for number, retries in counts.items():
        merged[(number - first) // step * step + first] += retries
    text_length = len("1970-01-01") if bucket == "day" else len("1970-01-01 00:00")
    rows = [
        (cell_text(Instant(number * length, ""), "time")[:text_length], merged[number])
        for number in range(first, last + 1, step)
    ]
    return DrawnTimeline(f"{step:,} {bucket}{'' if step == 1 else 's'}", rows)
