import pickle
from copy import deepcopy
from functools import partial
from itertools import pairwise

import orjson
import pytest
from captured_events import RETRY, captures, document, events, records
from hypothesis import given
from hypothesis import strategies as st
from memory import kept

from canvas_events_cli.model import Overflow, Record
from canvas_events_cli.query.fields import find, parse_field
from canvas_events_cli.summary.in_depth import TOO_DEEP_TO_WRITE
from canvas_events_cli.summary.report import SummaryReport
from canvas_events_cli.summary.work import tally_records


def find_user(event):
    envelope = event.get("metadata", event.get("attributes"))
    return envelope.get("user_id")


BY = {"user_id": find_user}


def parts(draw, events):
    """Cut the records of *events* anywhere and return a report of each piece, as freshly made each time."""
    framed = records(events)
    cuts = sorted(draw(st.lists(st.integers(0, len(framed)), max_size=4)))
    edges = [0, *cuts, len(framed)]
    pieces = [framed[start:end] for start, end in pairwise(edges)]
    return lambda: [tally_records(piece, BY, traffic=True) for piece in pieces]


def merged_in_order(reports):
    total = SummaryReport()
    for report in reports:
        total.merge(report)
    return total


def merged_from_the_end(reports):
    total = SummaryReport()
    for report in reversed(reports):
        total = report.merge(total)
    return total


@given(st.data(), captures(max_size=8), st.lists(st.just(b"{"), max_size=2))
def test_any_cut_and_any_grouping_give_the_serial_report(data, events, malformed):
    events = [*malformed, *events]
    fresh = parts(data.draw, events)
    serial = tally_records(records(events), BY, traffic=True)
    for merged in (merged_in_order(fresh()), merged_from_the_end(fresh())):
        assert merged == serial
        assert document(merged) == document(serial)


@given(st.lists(events, max_size=4))
def test_an_empty_report_changes_nothing(events):
    framed = records(events)
    assert tally_records(framed, BY).merge(SummaryReport()) == tally_records(framed, BY)
    assert SummaryReport().merge(tally_records(framed, BY)) == tally_records(framed, BY)


@given(st.lists(events, max_size=4), st.lists(events, max_size=4))
def test_merging_leaves_the_later_report_alone(one, other):
    later = tally_records(records(other), BY)
    before = deepcopy(later)
    tally_records(records(one), BY).merge(later)
    assert later == before


@given(st.lists(events, max_size=4))
def test_reports_travel_between_processes(events):
    report = tally_records(records(events), BY)
    assert pickle.loads(pickle.dumps(report)) == report


def test_failures_are_kept_in_order():
    report = SummaryReport(failures=["a"]).merge(SummaryReport(failures=["b"]))
    assert report.failures == ["a", "b"]


NAMES = {
    "a name": ({"metadata": {"event_name": "e"}}, "e"),
    "attributes": ({"attributes": {"event_name": "e"}}, "e"),
    "empty": ({"metadata": {"event_name": ""}}, "(none)"),
    "number": ({"metadata": {"event_name": 5}}, "(none)"),
    "list": ({"metadata": {"event_name": [RETRY]}}, "(none)"),
    "no envelope": ({"body": {}}, "(none)"),
    "envelope of another type": ({"metadata": "x"}, "(none)"),
    "no object": (5, "(none)"),
}


@pytest.mark.parametrize(("event", "name"), NAMES.values(), ids=NAMES)
def test_event_names(event, name):
    report = tally_records(records([event]))
    assert report.event_types == {name: 1}
    assert report.events == 1


def test_what_overflows_is_counted_once():
    report = tally_records([*records([b"{"]), Overflow(b"x")])
    assert (report.events, report.malformed) == (1, 1)


HOSTILE_BODIES = ["null", "5", "[]", '""', "[" * 1000 + "]" * 1000, '{"status":' * 1000 + "1" + "}" * 1000]


@pytest.mark.parametrize("body", HOSTILE_BODIES, ids=lambda body: body[:12])
def test_odd_bodies_count_and_stop_nothing(body):
    raw = f'{{"metadata":{{"event_name":"{RETRY}","user_id":{body},"url":{body}}},"body":{body}}}'.encode()
    framed = [Record(1, raw, orjson.loads(raw), True)]
    retries = document(tally_records(framed * 2, BY))["retry_clone"]
    assert (retries["unique"], retries["redelivered"], retries["statuses"]) == (1, 1, {"(none)": 1})


VALUES = {
    "string": ('"x"', "x"),
    "empty string": ('""', ""),
    "string of digits": ('"7"', "7"),
    "integer": ("7", "7"),
    "true": ("true", "true"),
    "decimal, as written": ("1.10", "1.10"),
    "integer beyond 64 bits": ("12345678901234567890123", "12345678901234567890123"),
    "keys in order, numbers as written": ('{"b": 1e2, "a": [1.0, null]}', '{"a":[1.0,null],"b":1e2}'),
    "deep": ("[" * 1000 + "]" * 1000, TOO_DEEP_TO_WRITE),
}


@pytest.mark.parametrize(("text", "expected"), VALUES.values(), ids=VALUES)
def test_values_of_a_field(text, expected):
    raw = f'{{"metadata":{{"user_id":{text}}}}}'.encode()
    tally = dict(tally_records([Record(1, raw, orjson.loads(raw), True)], BY).by.tallies())["user_id"]
    assert tally == {expected: 1}
    assert orjson.loads(orjson.dumps(tally)) == {expected: 1}


@pytest.mark.parametrize("event", [{"metadata": {}}, {"metadata": {"user_id": None}}], ids=["absent", "null"])
def test_absent_values_of_a_field(event):
    tally = dict(tally_records(records([event]), BY).by.tallies())["user_id"]
    assert tally == {None: 1}


def test_a_field_of_the_query_language():
    by = {"user_id": partial(find, parse_field("user_id"))}
    report = tally_records(records([{"attributes": {"user_id": "7"}}, 5]), pickle.loads(pickle.dumps(by)))
    assert dict(report.by.tallies())["user_id"] == {"7": 1, None: 1}


def test_a_row_takes_little_memory_however_long_the_event():
    padding = "x" * 8192

    def stream(count):
        for number in range(count):
            envelope = {"event_name": RETRY, "request_id": str(number), "event_time": "2024-07-30T19:04:35Z"}
            yield Record(number, b"", {"metadata": envelope, "body": {"status": "s", "more": padding}}, True)

    def tallied():
        report = tally_records(stream(2000))
        assert report.retries.unique == 2000
        return report

    _, size = kept(tallied)
    assert size < 2000 * 200
