import json
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from canvas_events_cli.model import Malformed, Record
from canvas_events_cli.rendering.show_table import (
    COLUMNS,
    EventTable,
    RowForm,
    column_widths,
    fit,
    log_line,
    malformed_row,
)
from canvas_events_cli.streaming import validation_spec

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


def rows(tz, fields=None):
    made = RowForm(validation_spec(), tz, fields).compile()
    return [
        (made(Record(1, json.dumps(event).encode(), event, True)), "a.ndjson", n) for n, event in enumerate(EVENTS, 9)
    ]


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("tz", [UTC, ZoneInfo("America/Denver")], ids=["as_written", "converted"])
def test_looks(golden, width, tz):
    lines = EventTable(COLUMNS, width).lines(rows(tz))
    golden(f"table_{'as_written' if tz is UTC else 'converted'}_{width}.txt", "".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize("color", [False, True])
def test_lines_look(golden, color):
    malformed = malformed_row(Malformed(3, b"oops", "no JSON"), COLUMNS)
    lines = [log_line(*row, color=color) for row in [*rows(UTC), (malformed, "a.ndjson", 30)]]
    golden(f"lines_{'colours' if color else 'plain'}.txt", "".join(f"{line}\n" for line in lines))


def test_fields_as_written():
    raw = b'{"metadata": {"event_name": "x"}, "body": {"n": 1.10, "o": {"a": null}}}'
    made = RowForm(validation_spec(), UTC, ("n", "o", "event_name", "gone")).compile()
    assert made(Record(1, raw, json.loads(raw), True)).texts == ["1.10", '{"a":null}', "x", ""]


WIDTHS = {
    "all fit": (["a", "b"], [("x", "yy")], 80, [1, 2]),
    "names count": (["longer", "b"], [("x", "yy")], 80, [6, 2]),
    "the first is cut last": (["a", "b", "c"], [("x" * 20, "y" * 40, "z" * 40)], 64, [20, 20, 20]),
    "the narrow keep theirs": (["a", "b", "c"], [("x", "yy", "z" * 90)], 30, [1, 2, 23]),
    "a very wide first": (list("abcd"), [("t" * 47, *["y" * 50] * 3)], 80, [18, 18, 19, 19]),
    "a wide first": (["a", "b"], [("x" * 90, "y" * 90)], 42, [20, 20]),
    "one column": (["a"], [("x" * 90,)], 42, [42]),
    "wide characters": (["a"], [("世界",)], 42, [4]),
    "no room at all": (["a", "b"], [("x" * 9, "y" * 9)], 4, [3, 3]),
    "no rows": (["a", "b"], [], 80, [1, 1]),
}


@pytest.mark.parametrize(("columns", "rows", "width", "expected"), WIDTHS.values(), ids=WIDTHS)
def test_column_widths(columns, rows, width, expected):
    assert column_widths(columns, rows, width) == expected


FITTING = {
    "short enough": ("abc", 3, "abc"),
    "text": ("abcdefgh", 6, "abcde…"),
    "wide characters": ("世界世界", 6, "世界…"),
    "after an id": ("user 2107~42, TeacherEnrollment", 13, "user 2107~42…"),
    "rather the first id than words": ("user 2107~42, TeacherEnrollment", 11, "…2107~42…"),
    "the only id": ("assignment 2107~5110", 12, "…2107~5110"),
    "no id is cut": ("user 2107~42, TeacherEnrollment", 8, "user …"),
    "not even another": ("course 565, assignment 4021", 25, "course 565, assignment …"),
    "nothing but an id": ("2107~5110", 5, "…"),
}


@pytest.mark.parametrize(("text", "width", "expected"), FITTING.values(), ids=FITTING)
def test_fitting(text, width, expected):
    assert fit(text, width) == expected
    assert cell_len(expected) <= width
