"""Nothing in a table reads alike when it is cut."""

import json
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.model import Record
from canvas_events_cli.rendering.cuts import Cuts
from canvas_events_cli.rendering.show_table import COLUMNS, EventTable, LogLines, RowForm
from canvas_events_cli.rendering.styled import cells
from canvas_events_cli.streaming import validation_spec

NAMES = sorted(load_catalog().bodies)


def could_be(cut, name):
    head, _, tail = cut.partition("…")
    return name.startswith(head) and name.endswith(tail) and len(name) >= len(head) + len(tail)


@pytest.mark.parametrize("width", [8, 14, 20, 30])
def test_cut_name_is_no_other_name(width):
    cut = Cuts(width, NAMES)
    for name in NAMES:
        assert "…" not in cut(name) or [each for each in NAMES if could_be(cut(name), each)] == [name]


@given(st.lists(st.text("ab@1~ é", min_size=1), unique=True), st.integers(3, 12))
def test_texts_stay_distinct(texts, width):
    cut = Cuts(width)
    assert len({cut(text) for text in texts}) == len(texts)


SUBMISSION = {
    "metadata": {
        "event_name": "submission_created",
        "event_time": "2024-09-18T22:40:15Z",
        "user_login": "a.moreau@example.edu",
        "context_role": "StudentEnrollment",
        "context_type": "Course",
        "context_id": "21070000000000612",
    },
    "body": {"submission_id": "21070000001028113"},
}


@pytest.mark.parametrize("width", [72, 80, 100, 120])
@pytest.mark.parametrize("source", ["day.ndjson", "captures/2024/09/18/of-a-long-name.ndjson"])
def test_ids_stay_whole_and_rows_fit(width, source):
    row = RowForm(validation_spec(), UTC).compile()(Record(1, json.dumps(SUBMISSION).encode(), SUBMISSION, True))
    header, line = EventTable(COLUMNS, width, names=NAMES).lines([(row, source, 1)])
    assert "submission 2107~1028113" in line
    assert ":1" in line
    assert max(map(cells, (header, line))) <= width


@pytest.mark.parametrize("name", ["submission_created", "submission_updated"])
def test_who_it_was_stays_in_a_line_of_80_cells(name):
    event = SUBMISSION | {"metadata": SUBMISSION["metadata"] | {"event_name": name}}
    row = RowForm(validation_spec(), UTC).compile()(Record(1, json.dumps(event).encode(), event, True))
    (line,) = LogLines(COLUMNS, 80, NAMES, is_one_source=True).lines([(row, "captures/day.ndjson", 14)])
    assert cells(line) <= 80
    assert "  a.mor" in line
    assert line.endswith("submission 2107~1028113  :14")
