"""The charts of the HTML report, as SVG without scripts, styles or anything to load.

They are described in Vega-Lite and drawn by vl-convert, which holds Vega-Lite and needs neither browser nor network.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.rendering.bars import drawn
from canvas_events_cli.rendering.safe_text import shorten, visible

if TYPE_CHECKING:
    from canvas_events_cli.summary.document import SummaryDocument, TimelineDocument

_WIDTH, _HEIGHT = 400, 220
_NAMES_WIDTH = 180
_BAR_HEIGHT = 24
_MOST_BARS = 12
_MOST_INTERVALS = 120
_CONFIG = {
    "background": "transparent",
    "font": "sans-serif",
    "bar": {"color": "#3f78c3"},
    "text": {"fontSize": 13},
    "axis": {"labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal"},
    "view": {"stroke": None},
}

_Spec: TypeAlias = dict[str, Any]
"""A chart in Vega-Lite."""


class Chart(NamedTuple):
    """One figure of the report; the SVG's text is escaped."""

    title: str
    svg: str


def charts(document: SummaryDocument) -> list[Chart]:
    """Return the retries over time, by target course and by state; none where there are no retries.

    Raises CeventsError where the package that draws is not installed.
    """
    retry = document["retry_clone"]
    courses = [
        (row["target_course_id"] or row["new_course_uuid"], row["retries"]) for row in retry["top_target_courses"]
    ]
    specs = (
        ("Retries over time (UTC)", _over_time(retry["timeline"])),
        ("Retries by target course", _by_name(courses)),
        ("Retries by state of the target assignment", _by_name(list(retry["statuses"].items()))),
    )
    return [Chart(title, _svg(spec)) for title, spec in specs if spec["data"]["values"]]


def _over_time(timeline: TimelineDocument) -> _Spec:
    rows = drawn(timeline, _MOST_INTERVALS)
    length = rows.seconds_a_row
    values = [{"start": at * 1000, "end": (at + length) * 1000, "retries": count} for at, count in rows.rows if count]
    axis = {"title": f"each bar: {rows.row_length}", "grid": False, "tickCount": 5, "labelOverlap": True}
    return {
        "data": {"values": values},
        "width": _WIDTH,
        "height": _HEIGHT,
        "mark": {"type": "bar", "binSpacing": 0.5},
        "encoding": {
            "x": {"field": "start", "type": "temporal", "scale": {"type": "utc", "nice": False}, "axis": axis},
            "x2": {"field": "end"},
            "y": _counts(),
            "y2": {"datum": 0},
        },
    }


def _by_name(counts: Sequence[tuple[str, int]]) -> _Spec:
    largest = counts[:_MOST_BARS]
    names = _distinct([shorten(visible(name), 40) for name, _ in largest])
    values = [{"name": name, "retries": count} for name, (_, count) in zip(names, largest, strict=True)]
    name_axis = {"title": None, "labelLimit": _NAMES_WIDTH}
    return {
        "data": {"values": values},
        "width": _WIDTH - _NAMES_WIDTH,
        "height": _BAR_HEIGHT * len(values),
        "encoding": {"y": {"field": "name", "type": "nominal", "sort": None, "axis": name_axis}, "x": _counts()},
        "layer": [
            {"mark": "bar"},
            {
                "mark": {"type": "text", "align": "left", "dx": 4},
                "encoding": {"text": {"field": "retries", "type": "quantitative", "format": ",d"}},
            },
        ],
    }


def _counts() -> _Spec:
    axis = {"title": "retries", "format": ",d", "tickMinStep": 1, "tickCount": 4}
    return {"field": "retries", "type": "quantitative", "axis": axis}


def _distinct(names: list[str]) -> list[str]:
    """Return *names*, numbered where cutting made two the same: a chart has one bar for each name."""
    return [name if names.count(name) == 1 else f"{place}. {name}" for place, name in enumerate(names, 1)]


def _svg(spec: _Spec) -> str:
    try:
        import vl_convert
    except ImportError as error:
        raise CeventsError(
            "the HTML report draws charts with a package that is not installed: pip install 'canvas-events-cli[report]'"
        ) from error
    return str(vl_convert.vegalite_to_svg({**spec, "config": _CONFIG}, allowed_base_urls=[]))
