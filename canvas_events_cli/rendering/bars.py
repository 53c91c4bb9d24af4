"""Counts drawn as bars of characters, and a timeline that fits a screen."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from canvas_events_cli.timestamps import Instant, parse_instant, to_datetime

if TYPE_CHECKING:
    from canvas_events_cli.summary.document import TimelineDocument

_EIGHTHS = " ▏▎▍▌▋▊▉"
_LENGTHS = {"minute": 60, "hour": 3_600, "day": 86_400}
_STEPS = {"minute": (1, 2, 5, 10, 15, 30), "hour": (1, 2, 3, 6, 12, 24), "day": (1, 2, 7, 14, 28, 91, 182, 364)}
"""How many buckets make a row, so that rows begin where a person expects."""


class DrawnTimeline(NamedTuple):
    """Retries from the first to the last in rows of equal length, empty ones included."""

    bucket: str
    buckets_a_row: int
    rows: list[tuple[int, int]]
    """When each row begins, in seconds since 1970, and its retries."""

    @property
    def row_length(self) -> str:
        """The length of a row for people, such as ``6 hours``."""
        return f"{self.buckets_a_row:,} {self.bucket}{'' if self.buckets_a_row == 1 else 's'}"

    def label(self, seconds: int) -> str:
        """Return the beginning of a row for people, in UTC."""
        moment = to_datetime(Instant(seconds, ""))
        text = moment.isoformat(sep=" ") if moment else ""
        return text[:10] if self.bucket == "day" else text[:16]


def bar(count: int, largest: int, width: int) -> str:
    """Return a bar of at most *width* cells, in eighths of a cell; whatever is not zero can be seen.

    >>> bar(5, 10, 9), bar(0, 10, 9), bar(1, 1000, 9)
    ('████▌', '', '▏')
    """
    eighths = count * width * 8 // largest if largest else 0
    full, rest = divmod(max(eighths, 1 if count else 0), 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


def drawn(timeline: TimelineDocument, most_rows: int = 24) -> DrawnTimeline:
    """Return *timeline* in about *most_rows* rows or fewer; each row adds up whole buckets."""
    bucket, length = timeline["bucket"], _LENGTHS[timeline["bucket"]]
    counts: Counter[int] = Counter()
    for item in timeline["counts"]:
        start = parse_instant(item["start"])
        counts[start.seconds // length if start else 0] += item["retries"]
    if not counts:
        return DrawnTimeline(bucket, 1, [])
    step = _step(bucket, max(counts) - min(counts) + 1, most_rows)
    origin = min(counts) // step * step if bucket != "day" else min(counts)
    merged: Counter[int] = Counter()
    for number, retries in counts.items():
        merged[(number - origin) // step] += retries
    rows = [((origin + row * step) * length, merged[row]) for row in range(max(merged) + 1)]
    return DrawnTimeline(bucket, step, rows)


def _step(bucket: str, buckets: int, most_rows: int) -> int:
    nice = [step for step in _STEPS[bucket] if step * most_rows >= buckets]
    return nice[0] if nice else -(-buckets // most_rows)
