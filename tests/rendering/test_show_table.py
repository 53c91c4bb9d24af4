import json
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from canvas_events_cli.model import Malformed, Record
from canvas_events_cli.rendering.show_table import (
    COLUMNS,
    EventTable,
    RowForm,
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
