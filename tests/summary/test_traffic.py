"""The figures of captures without retries: counted again in the plainest way, and the same for any cut."""

import pickle
from functools import reduce
from itertools import pairwise

import orjson
import pytest
from captured_events import ODD, ODD_TIMES, TIMES, mostly, records
from hypothesis import given
from hypothesis import strategies as st
from naive_summary import first_copies, moment

from canvas_events_cli.model import Record
from canvas_events_cli.running.reading import ReadOptions, events_in
from canvas_events_cli.summary.event_rows import EventRows
from canvas_events_cli.summary.report import SummaryReport
from canvas_events_cli.summary.work import tally_records
from canvas_events_cli.timestamps import format_utc, instant_of

FIELDS = {
    "event_name": st.sampled_from(["course_created", "logged_in", "", None]),
    "event_time": mostly(TIMES, ODD_TIMES + ODD),
    "request_id": mostly(["r1", "r2"], ODD),
    "hostname": mostly(["a.test", "b.test"], ODD),
    "user_id": mostly(["1", "2"], ODD),
    "context_type": st.sampled_from(["Course", "Account", None]),
    "context_id": mostly(["5", "6"], ODD),
}
envelopes = st.fixed_dictionaries({}, optional=FIELDS).filter(bool)
events = st.one_of(
    st.builds(lambda fields, body: {"metadata": fields, "body": {"a": body}}, envelopes, st.integers(0, 1)),
    st.builds(lambda fields: {"body": {}, "attributes": fields}, envelopes),
)


def texts(fields, name):
    return {field[name] for field in fields if isinstance(field.get(name), str)}


def naive(events):
    fields = [event.get("metadata") or event.get("attributes") for event in events]
    times = sorted({time for field in fields if not isinstance(time := moment(field.get("event_time")), str | None)})
    hosts = [field["hostname"] for field in fields if isinstance(field.get("hostname"), str)]
    gap = max(pairwise(times), key=lambda pair: pair[1] - pair[0], default=None)
    return {
        "hosts": {host: hosts.count(host) for host in hosts},
        "users": texts(fields, "user_id"),
        "courses": texts([field for field in fields if field.get("context_type") == "Course"], "context_id"),
        "unique": len(first_copies(events)),
        "timed": sum(not isinstance(moment(field.get("event_time")), str | None) for field in fields),
        "gap": tuple(map(written, gap)) if gap and (gap[1] - gap[0]).total_seconds() >= 60 else None,
    }


def written(time):
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z".rjust(24, "0")


def told(traffic):
    gap = traffic.largest_gap()
    return {
        "hosts": traffic.hosts,
        "users": traffic.users,
        "courses": traffic.courses,
        "unique": traffic.rows.unique(),
        "timed": sum(row["retries"] for line in traffic.timelines().values() for row in line["counts"]),
        "gap": gap and tuple(format_utc(instant_of(at)) for at in gap),
    }


@given(st.data(), st.lists(events, max_size=8))
def test_figures_are_those_of_the_plain_way_for_any_cut(data, captured):
    framed = records(captured)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(framed)), max_size=3)))
    parts = [framed[start:end] for start, end in pairwise([0, *cuts, len(framed)])]
    reports = [pickle.loads(pickle.dumps(tally_records(part, traffic=True))) for part in parts]
    merged = reduce(SummaryReport.merge, reports, SummaryReport())
    assert merged == tally_records(framed, traffic=True)
    assert told(merged.traffic) == naive(captured)


MESSAGES = {
    "in time": ('{"MessageId":"1","Attributes":{"SentTimestamp":"1722366275872"},"Body":EVENT}', (1, 0, 0)),
    "late": ('{"MessageId":"1","Attributes":{"SentTimestamp":"1722366875872"},"Body":EVENT}', (1, 1, 600)),
    "the outermost counts": (
        '{"MessageId":"1","Attributes":{"SentTimestamp":"1722373475872"},"Body":'
        '"{\\"Type\\":\\"Notification\\",\\"Timestamp\\":\\"2024-07-30T19:04:36Z\\",\\"Message\\":INNER}"}',
        (1, 1, 7200),
    ),
    "no time": ('{"MessageId":"1","Body":EVENT}', (0, 0, 0)),
    "EventBridge": ('{"detail-type":"x","time":"2024-07-30T19:06:35.872Z","detail":PLAIN}', (1, 1, 120)),
    "not wrapped": ("PLAIN", (0, 0, 0)),
}


@pytest.mark.parametrize(("text", "expected"), MESSAGES.values(), ids=MESSAGES)
def test_late_arrivals(text, expected):
    event = '{"metadata":{"event_name":"x","event_time":"2024-07-30T19:04:35.872Z"},"body":{}}'
    quoted = orjson.dumps(event).decode()
    text = text.replace("INNER", orjson.dumps(quoted).decode()[1:-1]).replace("EVENT", quoted).replace("PLAIN", event)
    record = Record(1, text.encode(), orjson.loads(text), True)
    traffic = tally_records(events_in([record], ReadOptions()), traffic=True).traffic
    assert (traffic.arrivals, traffic.late, traffic.longest_delay / 1e6) == expected


def test_with_retries_nobody_counts_on():
    retry = {"metadata": {"event_name": "outcomes.retry_outcome_alignment_clone"}, "body": {}}
    assert tally_records(records([{"metadata": {"event_name": "x"}}, retry]), traffic=True).traffic is None


def test_of_copies_the_first_counts():
    rows = EventRows({"a": {}, "b": {}})
    rows.extend([b"1" * 16, b"2" * 16], [["x", "y"], [None, "z"]])
    rows.extend([b"1" * 16], [["late"], ["late"]])
    assert dict(rows.tallies()) == {"a": {"x": 1, "y": 1}, "b": {None: 1, "z": 1}}
    assert rows.unique() == 2
