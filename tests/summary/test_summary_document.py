import json

import pytest
from captured_events import RETRY, captures, document, records
from hypothesis import given
from hypothesis import strategies as st
from naive_summary import naive_summary

from canvas_events_cli.summary.report import SummaryReport
from canvas_events_cli.summary.work import tally_records


def retry(time="2024-07-30T19:04:35.872Z", url=None, **fields):
    """Return a retry event; *fields* of the envelope are named, those of the body come from the uuids."""
    body = {
        "original_course_uuid": fields.pop("source", "sc"),
        "new_course_uuid": fields.pop("course", "tc"),
        "new_assignment_resource_link_id": fields.pop("assignment", "a"),
        "domain": "canvas.test",
        "status": fields.pop("status", "outcome_alignment_cloning"),
    }
    envelope = {"event_name": RETRY, "event_time": time, "context_role": "TeacherEnrollment", "user_id": "7"}
    return {"metadata": envelope | {"url": url} | fields, "body": body}


def summary(*events, top=10, by=None):
    return document(tally_records(records(events), by), top)


@given(captures(), st.sampled_from([1, 2, 10]))
def test_every_figure_equals_the_naive_tally(events, top):
    actual = document(tally_records(records(events)), top)
    # As JSON text, so that the order of keys and the difference between 1 and true count.
    assert json.dumps(actual) == json.dumps(naive_summary(events, top))


def test_nothing():
    assert document(SummaryReport()) == {
        "events": 0,
        "malformed": 0,
        "event_types": {},
        "event_type_times": {},
        "retry_clone": {
            "events": 0,
            "unique": 0,
            "redelivered": 0,
            "first_event_time": None,
            "last_event_time": None,
            "bad_times": 0,
            "outcomes": {"succeeded": 0, "failed": 0, "abandoned": 0, "timed_out": 0, "unknown": 0},
            "statuses": {},
            "domains": {},
            "context_roles": {},
            "source_courses": 0,
            "target_courses": 0,
            "target_assignments": 0,
            "users": 0,
            "top_target_courses": [],
            "top_source_courses": [],
            "top_users": [],
            "repeated_assignments": [],
            "timeline": {"bucket": "minute", "counts": []},
        },
    }


def test_the_shape_of_a_full_document():
    url = "https://canvas.test/api/v1/courses/1/assignments/2/retry_alignment_clone"
    query = "?target_assignment_id=3&target_course_id=4"
    first = retry("2024-07-30T13:04:35.872-06:00", url + query, request_id="r1")
    second = retry("2024-07-30T19:06:00Z", url + query, request_id="r2", context_role=None)
    assert summary(second, first, b"{", second, {"metadata": {"event_name": "course_created"}}, 5) == {
        "events": 6,
        "malformed": 1,
        "event_types": {RETRY: 3, "(none)": 1, "course_created": 1},
        "event_type_times": {RETRY: {"first": "2024-07-30T19:04:35.872Z", "last": "2024-07-30T19:06:00.000Z"}},
        "retry_clone": {
            "events": 3,
            "unique": 2,
            "redelivered": 1,
            "first_event_time": "2024-07-30T19:04:35.872Z",
            "last_event_time": "2024-07-30T19:06:00.000Z",
            "bad_times": 0,
            "outcomes": {"succeeded": 0, "failed": 1, "abandoned": 0, "timed_out": 0, "unknown": 1},
            "statuses": {"outcome_alignment_cloning": 2},
            "domains": {"canvas.test": 2},
            "context_roles": {"(none)": 1, "TeacherEnrollment": 1},
            "source_courses": 1,
            "target_courses": 1,
            "target_assignments": 1,
            "users": 1,
            "top_target_courses": [
                {
                    "new_course_uuid": "tc",
                    "target_course_id": "4",
                    "retries": 2,
                    "assignments": 1,
                    "users": 1,
                    "unresolved": 1,
                    "first": "2024-07-30T19:04:35.872Z",
                    "last": "2024-07-30T19:06:00.000Z",
                }
            ],
            "top_source_courses": [
                {"original_course_uuid": "sc", "source_course_id": "1", "retries": 2, "target_courses": 1}
            ],
            "top_users": [{"user_id": "7", "retries": 2, "assignments": 1}],
            "repeated_assignments": [
                {
                    "new_assignment_resource_link_id": "a",
                    "target_assignment_id": "3",
                    "new_course_uuid": "tc",
                    "retries": 2,
                    "first": "2024-07-30T19:04:35.872Z",
                    "last": "2024-07-30T19:06:00.000Z",
                    "last_outcome": "unknown",
                    "seconds": None,
                    "address": "https://canvas.test/courses/4/assignments/3",
                }
            ],
            "timeline": {
                "bucket": "minute",
                "counts": [
                    {"start": "2024-07-30T19:04:00.000Z", "retries": 1},
                    {"start": "2024-07-30T19:06:00.000Z", "retries": 1},
                ],
            },
        },
    }


def test_lists_stand_by_retries_then_id_and_end_after_top():
    courses = ["b", "a", "c", "c"]
    events = [retry(course=course, request_id=str(number)) for number, course in enumerate(courses)]
    ranked = summary(*events, top=2)["retry_clone"]["top_target_courses"]
    assert [(course["new_course_uuid"], course["retries"]) for course in ranked] == [("c", 2), ("a", 1)]
    assert len(summary(*events, top=0)["retry_clone"]["top_target_courses"]) == 3


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        pytest.param(["5", "30", "30"], "30", id="the most frequent"),
        pytest.param(["30", "5"], "5", id="the smallest number of equally frequent ones"),
        pytest.param(["x", "5"], "5", id="odd ones aside"),
        pytest.param(["x"], None, id="none"),
    ],
)
def test_one_numeric_id_for_a_course(ids, expected):
    url = "https://canvas.test/courses/1/assignments/2/retry_alignment_clone?target_course_id={}"
    events = [retry(url=url.format(number), request_id=str(place)) for place, number in enumerate(ids)]
    for order in (events, events[::-1]):
        assert summary(*order)["retry_clone"]["top_target_courses"][0]["target_course_id"] == expected


def test_the_first_copy_counts():
    early, late = retry(user_id="first", request_id="r"), retry(user_id="second", request_id="r")
    for one, other in ((early, late), (late, early)):
        retries = summary(one, other)["retry_clone"]
        assert retries["redelivered"] == 1
        assert [user["user_id"] for user in retries["top_users"]] == [one["metadata"]["user_id"]]


def test_an_assignment_without_its_course():
    events = [retry(course=None, request_id=number) for number in "12"]
    assert summary(*events)["retry_clone"]["repeated_assignments"][0]["new_course_uuid"] == "(none)"


def test_fields_tallied_by_request():
    def find_user(event):
        return event["metadata"].get("user_id")

    values = ("8", "7", "7", 7, "9", None, {"b": 1, "a": [True]})
    events = [retry(user_id=value, request_id=str(place)) for place, value in enumerate(values)]
    copies = [retry(user_id="of the copy", request_id="1"), retry(user_id="8", request_id="0")]
    result = summary(*events, *copies, top=2, by={"metadata.user_id": find_user})
    assert result["by"] == {"metadata.user_id": {"values": {"7": 3, "8": 1}, "distinct": 4, "absent": 1}}
