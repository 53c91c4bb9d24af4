import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.rendering.summary_tables import drawn
from canvas_events_cli.rendering.summary_text import bar
from canvas_events_cli.timestamps import parse_instant

BARS = {
    "full": (10, 10, 4, "████"),
    "eighths": (5, 16, 4, "█▎"),
    "a trace is seen": (1, 100_000, 4, "▏"),
    "nothing": (0, 10, 4, ""),
    "nothing at all": (0, 0, 4, ""),
}


@pytest.mark.parametrize(("count", "largest", "width", "expected"), BARS.values(), ids=BARS)
def test_bar(count, largest, width, expected):
    assert bar(count, largest, width) == expected


def timeline(bucket, *counts):
    rows = [{"start": parse_instant(start), "retries": retries} for start, retries in counts]
    return {"bucket": bucket, "counts": rows}


def test_left_out_buckets_are_drawn_empty():
    drawing = drawn(timeline("hour", ("2024-07-30T22:00:00.000Z", 3), ("2024-07-31T01:00:00.000Z", 1)))
    assert drawing.row_length == "1 hour"
    assert drawing.rows == [
        ("2024-07-30 22:00", 3),
        ("2024-07-30 23:00", 0),
        ("2024-07-31 00:00", 0),
        ("2024-07-31 01:00", 1),
    ]


def test_long_timelines_are_merged_into_rows_that_begin_at_round_times():
    drawing = drawn(timeline("hour", ("2024-07-30T22:00:00.000Z", 3), ("2024-08-02T01:00:00.000Z", 1)))
    assert drawing.row_length == "3 hours"
    assert drawing.rows[0] == ("2024-07-30 21:00", 3)
    assert drawing.rows[-1] == ("2024-08-02 00:00", 1)


def test_days_begin_with_the_first():
    drawing = drawn(timeline("day", ("2024-01-03T00:00:00.000Z", 1), ("2024-03-01T00:00:00.000Z", 1)))
    assert drawing.row_length == "7 days"
    assert drawing.rows[0] == ("2024-01-03", 1)


def test_the_whole_calendar():
    drawing = drawn(timeline("day", ("0001-01-01T00:00:00.000Z", 1), ("9999-12-31T00:00:00.000Z", 2)))
    assert len(drawing.rows) <= 25
    assert drawing.rows[0] == ("0001-01-01", 1)
    assert drawing.rows[-1][1] == 2


def test_nothing_to_draw():
    assert drawn(timeline("minute")).rows == []


@given(st.lists(st.integers(0, 180), min_size=1, max_size=40), st.integers(5, 60))
def test_merging_loses_no_retry(minutes, most_rows):
    counts = [(f"2024-07-30T{minute // 60:02d}:{minute % 60:02d}:00.000Z", minute + 1) for minute in set(minutes)]
    drawing = drawn(timeline("minute", *counts), most_rows)
    assert sum(count for _, count in drawing.rows) == sum(retries for _, retries in counts)
    assert len(drawing.rows) <= most_rows + 1
    assert drawing.rows[0][1]
    assert drawing.rows[-1][1]
