"""The charts of the HTML report: bars, as SVG and HTML without scripts or anything to load.

Lengths are shares of the width there is and letters keep their size, so that a chart is as readable on a telephone as
on a wide screen. How they look is the page's matter.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from canvas_events_cli.rendering.bars import DrawnTimeline, drawn
from canvas_events_cli.rendering.safe_text import shorten, visible

if TYPE_CHECKING:
    from canvas_events_cli.summary.document import SummaryDocument

_MOST_BARS = 12
_MOST_INTERVALS = 120
_NAME_CELLS = 200
"""Names up to here are written out, on several lines where they need them."""
_HEIGHT, _ABOVE, _BELOW = 250, 12, 44
"""Pixels of a timeline, and of it those that the largest number and the times take."""
_NARROWEST = 280
"""Pixels that a chart is wide on the narrowest screen."""
_DIGIT_WIDTH = 8


class Chart(NamedTuple):
    """One figure of the report; the markup's text is escaped."""

    title: str
    markup: str


def charts(document: SummaryDocument) -> list[Chart]:
    """Return the retries over time, by target course and by state; none where there are no retries."""
    retry = document["retry_clone"]
    courses = [
        (row["target_course_id"] or row["new_course_uuid"], row["retries"]) for row in retry["top_target_courses"]
    ]
    timeline = drawn(retry["timeline"], _MOST_INTERVALS)
    drawings = (
        ("Retries over time (UTC)", _over_time(timeline) if timeline.rows else ""),
        ("Retries by target course", _by_name(courses)),
        ("Retries by state of the target assignment", _by_name(list(retry["statuses"].items()))),
    )
    return [Chart(title, markup) for title, markup in drawings if markup]


def escaped(text: str) -> str:
    """Return *text* of an event as it may stand in HTML, in an attribute too."""
    return html.escape(visible(text))


def _by_name(counts: Sequence[tuple[str, int]]) -> str:
    """Return a list of names, each with its count and a bar; nothing for nothing."""
    largest = max((count for _, count in counts), default=0)
    bars = "\n".join(
        f"<li><span>{escaped(shorten(visible(name), _NAME_CELLS))}</span> <strong>{count:,}</strong>"
        f'<svg width="100%" height="10" aria-hidden="true">{_bar(0, 100 * count / largest, 0, 10)}</svg></li>'
        for name, count in counts[:_MOST_BARS]
    )
    return bars and f'<ol class="bars">\n{bars}\n</ol>'


def _over_time(timeline: DrawnTimeline) -> str:
    counts = [count for _, count in timeline.rows]
    ticks = _whole_ticks(max(counts))
    left = 100 * _DIGIT_WIDTH * (len(f"{ticks[-1]:,}") + 1) / _NARROWEST
    step = (100 - left) / len(counts)
    base = _HEIGHT - _BELOW
    scale = (base - _ABOVE) / ticks[-1]
    parts = [*_count_lines(ticks, left, base, scale)]
    for place, (start, count) in enumerate(timeline.rows):
        if count:
            height = max(scale * count, 1)
            label = f"{timeline.label(start)}: {count:,}"
            parts.append(_bar(left + step * place, step * 0.9, base - height, height, label))
    parts += _times(timeline, left, step, base)
    drawing = "\n".join(parts)
    return (
        f'<svg width="100%" height="{_HEIGHT}" role="img" aria-label="Retries over time">\n{drawing}\n</svg>\n'
        f"<p>Each bar is {timeline.row_length}.</p>"
    )


def _whole_ticks(largest: int) -> list[int]:
    """Return from 0 on at most five whole numbers, at distances a person counts in, the last at least *largest*.

    >>> _whole_ticks(1), _whole_ticks(7), _whole_ticks(1200)
    ([0, 1], [0, 2, 4, 6, 8], [0, 500, 1000, 1500])
    """
    power = 10 ** max(len(str(largest)) - 2, 0)
    step = next(step for factor in (1, 2, 5, 10, 20, 50) if (step := factor * power) * 4 >= largest)
    return [step * place for place in range(-(-largest // step) + 1)]


def _count_lines(ticks: Sequence[int], left: float, base: int, scale: float) -> Iterator[str]:
    for tick in ticks:
        y = base - scale * tick
        yield f'<line x1="{left:.2f}%" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{left - 2:.2f}%" y="{y + 4:.1f}" text-anchor="end">{tick:,}</text>'


def _times(timeline: DrawnTimeline, left: float, step: float, base: int) -> Iterator[str]:
    """Yield when the first bar begins, one in the middle, and the last: the day, and below it the time."""
    last = len(timeline.rows) - 1
    places = {0: "start", last // 2: "middle", last: "end"} if last > 1 else {0: "start"}
    for place, anchor in places.items():
        x = left + step * place + (step * 0.9 if anchor == "end" else 0)
        yield f'<line x1="{x:.2f}%" x2="{x:.2f}%" y1="{base}" y2="{base + 5}"/>'
        for row, text in enumerate(timeline.label(timeline.rows[place][0]).split(), 1):
            yield f'<text x="{x:.2f}%" y="{base + 3 + 16 * row}" text-anchor="{anchor}">{escaped(text)}</text>'


def _bar(x: float, width: float, y: float, height: float, label: str = "") -> str:
    """Return a bar, *x* and *width* in hundredths of the chart's; what is pointed at says *label*."""
    title = f"<title>{escaped(label)}</title>" if label else ""
    return f'<rect x="{x:.2f}%" width="{max(width, 0.3):.2f}%" y="{y:.1f}" height="{height:.1f}">{title}</rect>'
