import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.summary.retry_clone import UrlIds, ids_from_url, subject_of

RETRY_PATH = "/courses/1/assignments/2/retry_alignment_clone"

URLS = {
    "api": (f"http://canvas.docker/api/v1{RETRY_PATH}?target_assignment_id=3&target_course_id=2", ("1", "2", "3")),
    "page": (f"https://canvas.test{RETRY_PATH}?target_assignment_id=3&target_course_id=2", ("1", "2", "3")),
    "other order": (f"https://c.test{RETRY_PATH}?target_course_id=2&target_assignment_id=3", ("1", "2", "3")),
    "same course": (f"https://c.test{RETRY_PATH}?target_assignment_id=3", ("1", "1", "3")),
    "no query": (f"https://c.test{RETRY_PATH}", ("1", "1", None)),
    "global ids": ("/courses/10000000000001/assignments/2/retry_alignment_clone", ("10000000000001",) * 2 + (None,)),
    "path alone": (f"{RETRY_PATH}?target_assignment_id=3", ("1", "1", "3")),
    "fragment": (f"{RETRY_PATH}?target_assignment_id=3#target_course_id=9", ("1", "1", "3")),
    "last of two": (f"{RETRY_PATH}?target_course_id=8&target_course_id=9", ("1", "9", None)),
    "a longer name": (f"{RETRY_PATH}?not_target_course_id=9", ("1", "1", None)),
    "target course without a number": (f"{RETRY_PATH}?target_course_id=&target_assignment_id=x", ("1", None, None)),
    "sis id": ("/courses/sis_course_id:A/assignments/2/retry_alignment_clone?target_course_id=2", (None, "2", None)),
    "shard in the id": ("/courses/21070~5/assignments/2/retry_alignment_clone", (None, None, None)),
    "digits of other scripts": (
        "/courses/\N{ARABIC-INDIC DIGIT ONE}/assignments/2/retry_alignment_clone",
        (None, None, None),
    ),
    "superscript": ("/courses/\N{SUPERSCRIPT TWO}/assignments/2/retry_alignment_clone", (None, None, None)),
    "more digits than an id has": (f"/courses/{'9' * 20}/assignments/2/retry_alignment_clone", (None, None, None)),
    "thousands of digits": (f"{RETRY_PATH}?target_course_id={'9' * 9000}", ("1", None, None)),
    "another action": ("https://c.test/courses/1/assignments/2/duplicate?target_course_id=2", (None, None, None)),
    "action with a tail": (f"{RETRY_PATH}d?target_course_id=2", (None, None, None)),
    "path in a query": (f"https://c.test/login?to={RETRY_PATH}", (None, None, None)),
    "path in a fragment": (f"https://c.test/#{RETRY_PATH}", (None, None, None)),
    "bracket": (f"http://[{RETRY_PATH}?target_assignment_id=3", ("1", "1", "3")),
    "line feed": (f"http://c\n{RETRY_PATH}?\n&&==&target_assignment_id=3", ("1", "1", "3")),
    "empty": ("", (None, None, None)),
    "null": (None, (None, None, None)),
    "list": ([RETRY_PATH], (None, None, None)),
}


@pytest.mark.parametrize(("url", "expected"), URLS.values(), ids=URLS)
def test_ids_from_url(url, expected):
    assert ids_from_url(url) == UrlIds(*expected)


@given(st.lists(st.sampled_from(["/courses/", "1", "/assignments/", RETRY_PATH, "?", "&", "=", "#", "%", "[", "é"])))
def test_no_address_raises(pieces):
    for part in ids_from_url("".join(pieces)):
        assert part is None or part.isdigit()


@pytest.mark.parametrize("event", [None, 5, "x", [], {}, {"metadata": [], "body": {}}, {"body": []}], ids=repr)
def test_an_event_without_anything_has_an_empty_subject(event):
    assert set(subject_of(event)) == {None}


def test_strings_only():
    subject = subject_of({"metadata": {"user_id": 7, "context_role": ""}, "body": {"status": ["x"], "domain": "d"}})
    assert (subject.user, subject.context_role, subject.status, subject.domain) == (None, "", None, "d")
