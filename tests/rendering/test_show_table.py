import io
import json
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len
from rich.console import Console

from canvas_events_cli.model import Record
from canvas_events_cli.rendering.overview import COLUMNS, overview
from canvas_events_cli.rendering.show_table import column_widths, table_line

EVENTS = [
    {
        "metadata": {
            "event_name": "outcomes.retry_outcome_alignment_clone",
            "event_time": f"2024-07-30T19:04:3{number}.872Z",
            "user_login": "ada@school.example",
            "context_role": "TeacherEnrollment",
            "context_type": "Course",
            "context_id": "10000000000001",
            "hostname": "school.example",
        }
    }
    for number in range(3)
] + [{"metadata": {"event_name": "course_created", "job_tag": "Course#created"}}]


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("tz", [UTC, ZoneInfo("America/Denver")], ids=["as_written", "converted"])
def test_looks(golden, width, tz):
    console = Console(file=io.StringIO(), width=width, color_system=None)
    rows = [overview(Record(1, json.dumps(event).encode(), event, True), tz).cells() for event in EVENTS]
    widths = column_widths(COLUMNS, rows, width)
    for line in [table_line(COLUMNS, widths), *(table_line(row, widths) for row in rows)]:
        console.print(line)
    golden(f"table_{'as_written' if tz is UTC else 'converted'}_{width}.txt", console.file.getvalue())


WIDTHS = {
    "all fit": (["a", "b"], [("x", "yy")], 80, [1, 2]),
    "names count": (["longer", "b"], [("x", "yy")], 80, [6, 2]),
    "the first is cut last": (["a", "b", "c"], [("x" * 20, "y" * 40, "z" * 40)], 64, [20, 20, 20]),
    "the narrow keep theirs": (["a", "b", "c"], [("x", "yy", "z" * 90)], 30, [1, 2, 23]),
    "a converted time": (list("abcd"), [("t" * 24, "", "", ""), ("t" * 47, *["y" * 50] * 3)], 80, [24, 16, 17, 17]),
    "a wide first": (["a", "b"], [("x" * 90, "y" * 90)], 42, [20, 20]),
    "one column": (["a"], [("x" * 90,)], 42, [42]),
    "wide characters": (["a"], [("世界",)], 42, [4]),
    "no room at all": (["a", "b"], [("x" * 9, "y" * 9)], 4, [3, 3]),
    "no rows": (["a", "b"], [], 80, [1, 1]),
}


@pytest.mark.parametrize(("columns", "rows", "width", "expected"), WIDTHS.values(), ids=WIDTHS)
def test_column_widths(columns, rows, width, expected):
    assert column_widths(columns, rows, width) == expected


def test_cells_are_cut_visibly_and_aligned():
    lines = [table_line(cells, [6, 4]).plain for cells in (("abcdefgh", "x"), ("世界世界", "y"), ("", "z"))]
    assert lines == ["abcde…  x", "世界…   y", "        z"]
    assert {cell_len(line) for line in lines} == {9}
