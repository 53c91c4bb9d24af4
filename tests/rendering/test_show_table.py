import json
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from canvas_events_cli.model import Malformed, Record
from canvas_events_cli.rendering.show_table import (
    COLUMNS,
    EventTable,
    LogLines,
    RowForm,
    malformed_row,
)
from canvas_events_cli.rendering.styled import cells
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


@pytest.mark.parametrize(
    ("looks", "width", "color"), [("plain", None, False), ("colours", None, True), ("80", 80, False)]
)
def test_lines_look(golden, looks, width, color):
    malformed = malformed_row(Malformed(3, b"oops", "no JSON"), COLUMNS)
    lines = LogLines(COLUMNS, width, color=color).lines([*rows(UTC), (malformed, "a.ndjson", 30)])
    golden(f"lines_{looks}.txt", "".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize("width", [80, 100, 200])
def test_lines_of_one_source_have_one_form(width):
    lines = LogLines(COLUMNS, width, is_one_source=True).lines([(row, "a.ndjson", n) for row, _, n in rows(UTC)])
    assert [line.split("  ")[-1] for line in lines] == [":9", ":10", ":11", ":12"]


def test_rows_of_another_source_and_year_say_so():
    table = EventTable(COLUMNS, 80)
    made = rows(UTC)
    first = [*table.lines(made)]
    texts = ["2025" + made[0][0].texts[0][4:], *made[0][0].texts[1:]]
    later = [*table.lines([(made[0][0]._replace(texts=texts), "folder/b.ndjson", 9)])]
    assert first[0].split() == ["2024", "UTC", "event", "who", "about", "line"]
    assert max(map(cells, first)) <= 80
    assert "2025-07-30 19:04:30Z" in later[0]
    assert later[0].endswith("b.n…:9")


def test_fields_as_written():
    raw = b'{"metadata": {"event_name": "x"}, "body": {"n": 1.10, "o": {"a": null}}}'
    made = RowForm(validation_spec(), UTC, ("n", "o", "event_name", "gone")).compile()
    assert made(Record(1, raw, json.loads(raw), True)).texts == ["1.10", '{"a":null}', "x", ""]
