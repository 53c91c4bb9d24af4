"""A summary as one self-contained page: it loads nothing, runs nothing, and shows text of events as text.

Lengths in its charts are shares of the width there is and letters keep their size, so that a chart is as readable on a
telephone as on a wide screen.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from canvas_events_cli.rendering.safe_text import shorten, visible
from canvas_events_cli.rendering.summary_tables import DrawnTimeline, drawn, tables_for_people
from canvas_events_cli.rendering.tables import Cell, Column, Kind, Table, cell_text, is_link

if TYPE_CHECKING:
    from canvas_events_cli.summary.document import Figures

_LONG = 40
"""Rows from which a table is folded away."""
_CLASSES: Mapping[Kind, str] = {"count": "number", "seconds": "number", "time": "time", "id": "id"}

_MOST_BARS = 12
_MOST_INTERVALS = 120
_NAME_CELLS = 200
"""Names up to here are written out, on several lines where they need them."""
_HEIGHT, _ABOVE, _BELOW = 250, 12, 44
"""Pixels of a timeline, and of it those that the largest number and the times take."""
_BASE = _HEIGHT - _BELOW
_NARROWEST = 280
"""Pixels that a chart is wide on the narrowest screen."""
_DIGIT_WIDTH = 8

_STYLE = """
:root { color-scheme: light dark; --text: #1d2430; --soft: #5a6473; --line: #d9dee6; --back: #fff; --card: #f5f7fa;
  --bar: #3f78c3; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e8ee; --soft: #9aa5b4; --line: #353d49; --back: #14181f; --card: #1d232c;
    --bar: #6a9fe0; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 84rem; color: var(--text); background: var(--back);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 1rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; }
p { margin: 0 0 .6rem; color: var(--soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem 1.2rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th { font-weight: 600; font-size: .85rem; color: var(--soft); }
td.text { white-space: normal; overflow-wrap: anywhere; min-width: 12rem; }
.number { text-align: right; }
td.id { font-family: ui-monospace, monospace; font-size: .9em; }
.figures, .figures tbody { display: block; }
.figures thead { display: none; }
.figures tbody { display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: .6rem; }
.figures tr { display: flex; flex-direction: column-reverse; padding: .6rem .8rem; border-radius: .5rem;
  background: var(--card); }
.figures td { border: 0; padding: 0; text-align: left; font-size: 1.1rem; }
.figures td:first-child { color: var(--soft); font-size: .85rem; }
.charts { columns: 24rem auto; column-gap: 1rem; margin-top: 1.2rem; }
figure { margin: 0 0 1rem; padding: .8rem; border: 1px solid var(--line); border-radius: .5rem; break-inside: avoid; }
figcaption { font-weight: 600; margin-bottom: .6rem; }
figure p { margin: .4rem 0 0; font-size: .85rem; }
svg { display: block; overflow: visible; }
svg rect { fill: var(--bar); }
svg text { fill: var(--text); font-size: 12px; font-variant-numeric: tabular-nums; }
svg line { stroke: var(--line); shape-rendering: crispEdges; }
.bars { margin: 0; padding: 0; list-style: none; }
.bars li { display: grid; grid-template-columns: 1fr auto; gap: .1rem 1rem; margin-bottom: .5rem; font-size: .9rem; }
.bars span { overflow-wrap: anywhere; }
.bars strong { font-weight: 600; font-variant-numeric: tabular-nums; }
.bars svg { grid-column: 1 / 3; }
summary { cursor: pointer; color: var(--soft); }
footer { margin-top: 2.5rem; color: var(--soft); font-size: .85rem; }
@media print {
  @page { margin: 1.2cm; }
  :root { color-scheme: light; --text: #000; --soft: #444; --line: #bbb; --back: #fff; --card: #f3f3f3; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  .wide { overflow: visible; }
  table { font-size: 8pt; }
  th, td { white-space: normal; padding-right: .8rem; }
  td.id { overflow-wrap: anywhere; min-width: 7.5rem; }
  details::details-content { content-visibility: visible; }
  .charts { columns: auto; }
  tr, figure { break-inside: avoid; }
  h2, h2 + p { break-after: avoid; }
}
"""


def html_text(figures: Figures) -> str:
    """Return the tables and the charts of *figures* as a page."""
    style_hash = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{style_hash}'; img-src data:; base-uri 'none'; form-action 'none'"
    sections = "\n".join(
        _section(table, charts(figures) if table.section == "retries" else {}) for table in tables_for_people(figures)
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>Canvas events</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>Canvas events</h1>
{sections}
<footer>Made by <code>cevents summarize -o html</code>.</footer>
</body>
</html>
"""


def charts(figures: Figures) -> dict[str, str]:
    """Return the markup of the charts by their titles: retries over time, by target course and by state."""
    retry = figures.document["retry_clone"]
    courses = [
        (row["target_course_id"] or row["new_course_uuid"], row["retries"]) for row in retry["top_target_courses"]
    ]
    drawings = {
        "Retries over time (UTC)": _over_time(drawn(retry["timeline"], _MOST_INTERVALS)),
        "Retries by target course": _by_name(courses),
        "Retries by state of the target assignment": _by_name([*retry["statuses"].items()]),
    }
    return {title: markup for title, markup in drawings.items() if markup}


def _escaped(text: str) -> str:
    """Return *text* of an event as it may stand in HTML, in an attribute too."""
    return html.escape(visible(text))


def _section(table: Table, drawings: Mapping[str, str]) -> str:
    note = f"\n<p>{_escaped(table.note)}</p>" if table.note else ""
    body = _table(table)
    if len(table.rows) > _LONG:
        body = f"<details>\n<summary>{len(table.rows):,} rows</summary>\n{body}\n</details>"
    figures = "\n".join(
        f"<figure>\n<figcaption>{_escaped(title)}</figcaption>\n{markup}\n</figure>"
        for title, markup in drawings.items()
    )
    return (
        f'<section id="{_escaped(table.section)}">\n<h2>{_escaped(table.title)}</h2>{note}\n{body}'
        + (f'\n<div class="charts">\n{figures}\n</div>' if figures else "")
        + "\n</section>"
    )


def _table(table: Table) -> str:
    looks = ' class="figures"' if table.columns[0].kind == "words" else ""
    head = "".join(f'<th class="{_class(column)}">{_escaped(column.label)}</th>' for column in table.columns)
    rows = "\n".join(
        f"<tr>{''.join(_cell(cell, column) for cell, column in zip(row, table.columns, strict=True))}</tr>"
        for row in table.rows
    )
    return (
        f'<div class="wide"><table{looks}>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table></div>'
    )


def _cell(cell: Cell, column: Column) -> str:
    text = _escaped(cell_text(cell, column.kind))
    linked = f'<a href="{text}" rel="noreferrer">{text}</a>' if is_link(cell, column.kind) else text
    return f'<td class="{_class(column)}">{linked}</td>'


def _class(column: Column) -> str:
    return _CLASSES.get(column.kind, "text")


def _by_name(counts: Sequence[tuple[str, int]]) -> str:
    """Return a list of names, each with its count and a bar; nothing for nothing."""
    largest = max((count for _, count in counts), default=0)
    bars = "\n".join(
        f"<li><span>{_escaped(shorten(visible(name), _NAME_CELLS))}</span> <strong>{count:,}</strong>"
        f'<svg width="100%" height="10" aria-hidden="true">{_bar(0, 100 * count / largest, 0, 10)}</svg></li>'
        for name, count in counts[:_MOST_BARS]
    )
    return bars and f'<ol class="bars">\n{bars}\n</ol>'


def _over_time(timeline: DrawnTimeline) -> str:
    """Return bars over an axis of times, with lines for round counts; nothing for nothing."""
    if not timeline.rows:
        return ""
    ticks = _whole_ticks(max(count for _, count in timeline.rows))
    left = 100 * _DIGIT_WIDTH * (len(f"{ticks[-1]:,}") + 1) / _NARROWEST
    step = (100 - left) / len(timeline.rows)
    scale = (_BASE - _ABOVE) / ticks[-1]
    parts = [*_count_lines(ticks, left, scale)]
    for place, (start, count) in enumerate(timeline.rows):
        if count:
            height = max(scale * count, 1)
            parts.append(_bar(left + step * place, step * 0.9, _BASE - height, height, f"{start}: {count:,}"))
    parts += _times([start for start, _ in timeline.rows], left, step)
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


def _count_lines(ticks: Sequence[int], left: float, scale: float) -> Iterator[str]:
    for tick in ticks:
        y = _BASE - scale * tick
        yield f'<line x1="{left:.2f}%" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{left - 2:.2f}%" y="{y + 4:.1f}" text-anchor="end">{tick:,}</text>'


def _times(starts: Sequence[str], left: float, step: float) -> Iterator[str]:
    """Yield when the first bar begins, one in the middle, and the last: the day, and below it the time."""
    last = len(starts) - 1
    places = {0: "start", last // 2: "middle", last: "end"} if last > 1 else {0: "start"}
    for place, anchor in places.items():
        x = left + step * place + (step * 0.9 if anchor == "end" else 0)
        yield f'<line x1="{x:.2f}%" x2="{x:.2f}%" y1="{_BASE}" y2="{_BASE + 5}"/>'
        for row, text in enumerate(starts[place].split(), 1):
            yield f'<text x="{x:.2f}%" y="{_BASE + 3 + 16 * row}" text-anchor="{anchor}">{text}</text>'


def _bar(x: float, width: float, y: float, height: float, label: str = "") -> str:
    """Return a bar, *x* and *width* in hundredths of the chart's; what is pointed at says *label*, which is ours."""
    title = label and f"<title>{label}</title>"
    return f'<rect x="{x:.2f}%" width="{max(width, 0.3):.2f}%" y="{y:.1f}" height="{height:.1f}">{title}</rect>'
