"""A summary as one self-contained page: it loads nothing, runs nothing, and shows text of events as text.

How it looks stands in ``summary_page.html`` beside this module; what is put into it is here.

Lengths in its charts are shares of the width there is and letters keep their size, so that a chart is as readable on a
telephone as on a wide screen.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from canvas_events_cli.errors import counted
from canvas_events_cli.rendering.safe_text import shorten, visible
from canvas_events_cli.rendering.summary_answer import answer, period
from canvas_events_cli.rendering.summary_tables import CLONING, DrawnTimeline, drawn, tables
from canvas_events_cli.rendering.tables import UNKNOWN, Cell, Kind, Table, cell_text, is_link

if TYPE_CHECKING:
    from canvas_events_cli.summary.figures import Figures
    from canvas_events_cli.summary.traffic import Traffic

_POLICY = "default-src 'none'; style-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'"
_DAY = len("2024-07-30")
_FEW = 3
"""Columns that stand beside each other on any screen."""
_HALF = 4
"""Columns that half a page holds."""
_LONG, _PRINTED = 40, 20
"""Rows from which a table is folded away, and as many of it as are printed; the page's style knows them, too."""
_CLASSES: Mapping[Kind, str] = {"count": "number", "seconds": "number", "rate": "number", "time": "time", "id": "id"}

_MOST_BARS = 12
_MOST_INTERVALS = 120
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d", re.ASCII)
_BREAKS = re.compile(r"(?<=_)|(?<=[^/])(?=/[^/])")
_NAME_CELLS = 200
"""Names up to here are written out, on several lines where they need them."""
_HEIGHT, _ABOVE, _BELOW = 210, 12, 44
"""Pixels of a timeline, and of it those that the largest number and the times take."""
_BASE = _HEIGHT - _BELOW
_STRIP = 26
"""Pixels of the bars of one type of events."""
_NARROWEST = 280
"""Pixels that a chart is wide on the narrowest screen."""
_DIGIT_WIDTH = 8


def html_text(figures: Figures, source: str = "", made: str = "") -> str:
    """Return the answer, the charts and the tables of *figures* as a page, on which *source* was *made* into it."""
    page = Path(__file__).with_name("summary_page.html").read_text(encoding="utf-8")
    style = page.partition("<style>")[2].partition("</style>")[0]
    style_hash = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    heading = f"Canvas events in {source}" if source else "Canvas events"
    first, last = (cell_text(moment, "time")[:_DAY] for moment in period(figures.document))
    days = "" if first == UNKNOWN else first if first == last else f"{first} to {last}"
    every = tables(figures, for_people=True)
    notes = {table.title: f"\n<p>{_escaped(table.note)}</p>" for table in every if table.note}
    drawings = charts(figures)
    figure = "\n".join(
        f"<figure>\n<figcaption>{_escaped(title)}</figcaption>\n{markup}{notes.get(title, '')}\n</figure>"
        for title, markup in drawings.items()
    )
    return Template(page).substitute(
        policy=_POLICY.format(style_hash),
        title=_escaped(", ".join(filter(None, (heading, days)))),
        heading=_escaped(heading),
        period=_escaped(", ".join(filter(None, (days and f"{days} (UTC)", made and f"made on {made}")))),
        answer=_answer(figures),
        charts=figure and f'<div class="charts">\n{figure}\n</div>',
        # A chart that has the title of a table, and a bar for each of its rows, shows all that it does.
        sections="\n".join(
            _section(each) for each in every if each.title not in drawings or len(each.rows) > _MOST_BARS
        ),
    )


def _answer(figures: Figures) -> str:
    """Return the sentences of the answer; an address in them can be opened, and a time stays on one line."""
    worst = figures.retried and figures.retried.worst and figures.retried.worst["address"]
    text = _TIME.sub(r"<time>\g<0></time>", _escaped(" ".join(answer(figures))))
    return text.replace(_escaped(worst), _link(worst)) if worst and is_link(worst, "address") else text


def _link(address: str) -> str:
    return f'<a href="{_escaped(address)}" rel="noreferrer">{_breakable(address)}</a>'


def _breakable(text: str) -> str:
    """Return *text* of an event, which a line may break before slashes and after underscores: never inside a number."""
    return _BREAKS.sub("<wbr>", _escaped(text))


def charts(figures: Figures) -> dict[str, str]:
    """Return the markup of the charts by their titles: of the retries, or else of all events over time."""
    retry = figures.document["retry_clone"]
    if not retry["events"]:
        return _of_events(figures.traffic) if figures.traffic is not None else {}
    courses = [
        (row["target_course_id"] or row["new_course_uuid"], row["retries"]) for row in retry["top_target_courses"]
    ]
    states = [*retry["statuses"].items()] if retry["statuses"].keys() - {CLONING} else []
    outcomes = [(name.replace("_", " "), count) for name, count in retry["outcomes"].items() if count]
    drawings = {
        "Retries over time (UTC)": _over_time(drawn(retry["timeline"], _MOST_INTERVALS), "Retries"),
        "How the retries ended": _by_name(outcomes),
        "Retries by target course": _by_name(courses),
        "States of the target assignments": _by_name(states),
    }
    return {title: markup for title, markup in drawings.items() if markup}


def _of_events(traffic: Traffic) -> dict[str, str]:
    """Return charts of all events over time, and of each of the most frequent types; none of a single moment."""
    types = {name: drawn(timeline, _MOST_INTERVALS) for name, timeline in traffic.timelines().items()}
    if max((len(each.rows) for each in types.values()), default=0) < _FEW:
        return {}
    rows = [
        (row[0][0], sum(count for _, count in row)) for row in zip(*(each.rows for each in types.values()), strict=True)
    ]
    charts = {
        "Events over time (UTC)": _over_time(DrawnTimeline(next(iter(types.values())).row_length, rows), "Events")
    }
    if len(types) > 1:
        totals = {name: sum(count for _, count in each.rows) for name, each in types.items()}
        frequent = sorted(types, key=lambda name: (-totals[name], name))
        strips = "\n".join(_strip(name, totals[name], types[name]) for name in frequent[:_MOST_BARS])
        few = f"<p>The {_MOST_BARS} most frequent of {len(types):,} types.</p>" if len(types) > _MOST_BARS else ""
        charts["The same by type"] = f'<ol class="bars strips">\n{strips}\n</ol>\n{few}'
    return charts


def _strip(name: str, total: int, timeline: DrawnTimeline) -> str:
    """Return bars over time for one type of events, each as high as its share of the highest of them."""
    scale = _STRIP / max(count for _, count in timeline.rows)
    bars = "".join(_bars(timeline, 0, 100 / len(timeline.rows), _STRIP, scale))
    return _item(name, total, _STRIP, f'<line x1="0" x2="100%" y1="{_STRIP}" y2="{_STRIP}"/>{bars}')


def _item(name: str, count: int, height: int, drawing: str) -> str:
    """Return an item of a list of bars: the *name*, how many it has, and below it a *drawing*."""
    return (
        f"<li><span>{_breakable(shorten(visible(name), _NAME_CELLS))}</span> <strong>{count:,}</strong>"
        f'<svg width="100%" height="{height}" aria-hidden="true">{drawing}</svg></li>'
    )


def _escaped(text: str) -> str:
    """Return *text* of an event as it may stand in HTML, in an attribute too."""
    return html.escape(visible(text))


def _section(table: Table) -> str:
    note = f"\n<p>{_escaped(table.note)}</p>" if table.note else ""
    columns = [(column.kind, _CLASSES.get(column.kind, "text"), _escaped(column.label)) for column in table.columns]
    head = "".join(f'<th class="{looks}">{label}</th>' for _, looks, label in columns)
    rows = "\n".join(
        f"<tr>{''.join(_cell(*each) for each in zip(row, columns, strict=True))}</tr>" for row in table.rows
    )
    is_figures = table.columns[0].kind == "words"
    looks = "figures" if is_figures else "many" if len(columns) > _FEW else "few"
    body = (
        f'<div class="wide"><table class="{looks}">\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody>\n</table></div>"
    )
    if len(table.rows) > _LONG or table.section == "timeline":
        rest = f'<span class="printed"> (the first {_PRINTED} in print)</span>' if len(table.rows) > _LONG else ""
        body = f"<details>\n<summary>{counted(len(table.rows), 'row')}{rest}</summary>\n{body}\n</details>"
    title, section = _escaped(table.title), _escaped(table.section)
    half = "" if is_figures or len(columns) > _HALF else ' class="half"'
    return f'<section id="{section}"{half}>\n<h2>{title}</h2>{note}\n{body}\n</section>'


def _cell(cell: Cell, column: tuple[Kind, str, str]) -> str:
    kind, looks, label = column
    shown = _link(str(cell)) if is_link(cell, kind) else _escaped(cell_text(cell, kind))
    return f'<td class="{looks}" data-label="{label}">{shown}</td>'


def _by_name(counts: Sequence[tuple[str, int]]) -> str:
    """Return a list of names, each with its count and a bar; nothing for nothing."""
    largest = max((count for _, count in counts), default=0)
    bars = "\n".join(
        _item(name, count, 10, _bar(0, 100 * count / largest, 0, 10)) for name, count in counts[:_MOST_BARS]
    )
    return bars and f'<ol class="bars">\n{bars}\n</ol>'


def _over_time(timeline: DrawnTimeline, what: str) -> str:
    """Return bars over an axis of times, with lines for round counts; nothing for nothing."""
    if not timeline.rows:
        return ""
    ticks = _whole_ticks(max(count for _, count in timeline.rows))
    left = 100 * _DIGIT_WIDTH * (len(f"{ticks[-1]:,}") + 1) / _NARROWEST
    step = (100 - left) / len(timeline.rows)
    scale = (_BASE - _ABOVE) / ticks[-1]
    lines = []
    for tick in ticks:
        y = _BASE - scale * tick
        lines.append(f'<line x1="{left:.2f}%" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(f'<text x="{left - 2:.2f}%" y="{y + 4:.1f}" text-anchor="end">{tick:,}</text>')
    lines += [*_bars(timeline, left, step, _BASE, scale), *_times([start for start, _ in timeline.rows], left, step)]
    drawing = "\n".join(lines)
    return (
        f'<svg width="100%" height="{_HEIGHT}" role="img" aria-label="{what} over time">\n{drawing}\n</svg>\n'
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


def _times(starts: Sequence[str], left: float, step: float) -> Iterator[str]:
    """Yield when the first bar begins, one in the middle, and the last: the day, and below it the time."""
    last = len(starts) - 1
    places = {0: "start", last // 2: "middle", last: "end"} if last > 1 else {0: "start"}
    for place, anchor in places.items():
        x = left + step * place + (step * 0.9 if anchor == "end" else 0)
        yield f'<line x1="{x:.2f}%" x2="{x:.2f}%" y1="{_BASE}" y2="{_BASE + 5}"/>'
        for row, text in enumerate(starts[place].split(), 1):
            yield f'<text x="{x:.2f}%" y="{_BASE + 3 + 16 * row}" text-anchor="{anchor}">{text}</text>'


def _bars(timeline: DrawnTimeline, left: float, step: float, base: int, scale: float) -> Iterator[str]:
    """Yield a bar for each row that is not empty, *step* hundredths from one to the next, standing on *base*."""
    for place, (start, count) in enumerate(timeline.rows):
        if count:
            height = max(scale * count, 1)
            yield _bar(left + step * place, step * 0.9, base - height, height, f"{start}: {count:,}")


def _bar(x: float, width: float, y: float, height: float, label: str = "") -> str:
    """Return a bar, *x* and *width* in hundredths of the chart's; what is pointed at says *label*, which is ours."""
    title = label and f"<title>{label}</title>"
    return f'<rect x="{x:.2f}%" width="{max(width, 0.3):.2f}%" y="{y:.1f}" height="{height:.1f}">{title}</rect>'
