from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.summary.retry_clone import FIELDS, host_of, ids_from_url, is_older_retry, subjects_of

RETRY_PATH = "/courses/1/assignments/2/retry_alignment_clone"

URLS = {
    "api": (f"http://canvas.docker/api/v1{RETRY_PATH}?target_assignment_id=3&target_course_id=2", ("1", "2", "3")),
    "page": (f"https://canvas.test{RETRY_PATH}?target_assignment_id=3&target_course_id=2", ("1", "2", "3")),
    "other order": (f"https://c.test{RETRY_PATH}?target_course_id=2&target_assignment_id=3", ("1", "2", "3")),
    "same course": (f"https://c.test{RETRY_PATH}?target_assignment_id=3", ("1", "1", "3")),
    "no query": (f"https://c.test{RETRY_PATH}", ("1", "1", "2")),
    "blank targets": (f"{RETRY_PATH}?target_assignment_id=&target_course_id=", ("1", "1", "2")),
    "white space for targets": (f"{RETRY_PATH}?target_assignment_id=+&target_course_id=%20", ("1", "1", "2")),
    "escaped digits": (f"{RETRY_PATH}?target_assignment_id=%33", ("1", "1", "3")),
    "global ids": ("/courses/10000000000001/assignments/2/retry_alignment_clone", ("10000000000001",) * 2 + ("2",)),
    "path alone": (f"{RETRY_PATH}?target_assignment_id=3", ("1", "1", "3")),
    "fragment": (f"{RETRY_PATH}?target_assignment_id=3#target_course_id=9", ("1", "1", "3")),
    "last of two": (f"{RETRY_PATH}?target_course_id=8&target_course_id=9", ("1", "9", "2")),
    "a longer name": (f"{RETRY_PATH}?not_target_course_id=9", ("1", "1", "2")),
    "targets that are no numbers": (f"{RETRY_PATH}?target_course_id=y&target_assignment_id=x", ("1", None, None)),
    "sis id": ("/courses/sis_course_id:A/assignments/2/retry_alignment_clone?target_course_id=2", (None, "2", "2")),
    "shard in the id": ("/courses/21070~5/assignments/2/retry_alignment_clone", (None, None, "2")),
    "digits of other scripts": (
        "/courses/\N{ARABIC-INDIC DIGIT ONE}/assignments/2/retry_alignment_clone",
        (None, None, "2"),
    ),
    "superscript": ("/courses/\N{SUPERSCRIPT TWO}/assignments/2/retry_alignment_clone", (None, None, "2")),
    "more digits than an id has": (f"/courses/{'9' * 20}/assignments/2/retry_alignment_clone", (None, None, "2")),
    "thousands of digits": (f"{RETRY_PATH}?target_course_id={'9' * 9000}", ("1", None, "2")),
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
    assert ids_from_url(url) == expected


HOSTS = {
    "hostname": ("canvas.test", "https://other.test/", "canvas.test"),
    "none": (None, "https://Canvas.test:3000/x", "canvas.test"),
    "of another type": (7, "http://canvas.test?x", "canvas.test"),
    "with a user": (None, "https://me:secret@canvas.test/x", "canvas.test"),
    "user that looks like a host": (None, "https://a.test@b.test/x", "b.test"),
    "more than a name": ("canvas.test/x", "https://canvas.test", "canvas.test"),
    "markup": ("<b>.test", "https://[bold]/", None),
    "escape": ("\x1b[31m", None, None),
    "line feed": ("canvas.test\n", "https://canvas.test\n/", None),
    "formula": ("=1+1", "=1+1", None),
    "another scheme": (None, "javascript://canvas.test/%0aalert(1)", None),
    "too long": ("x" * 254, None, None),
    "blank": ("", "/courses/1", None),
}


@pytest.mark.parametrize(("hostname", "url", "expected"), HOSTS.values(), ids=HOSTS)
def test_hosts_of_pages(hostname, url, expected):
    assert host_of(hostname, url) == expected
    if not isinstance(hostname, int):
        events = [{"metadata": {"hostname": name, "url": url}} for name in (hostname, "x", hostname)]
        assert [*subjects_of(events)[FIELDS.index("host")]] == [expected, "x", expected]


OLDER = {
    "https://c.test/api/v1/courses/1/assignments/2/retry_alignment_clone?target_assignment_id=3": True,
    "https://c.test/courses/1/assignments/2/retry_alignment_clone#x": True,
    "https://c.test/courses/1/assignments/2/duplicate": False,
    "https://c.test/courses/1/assignments/2/duplicate?next=/retry_alignment_clone": False,
    "https://c.test/retry_alignment_clones": False,
    None: False,
}


@pytest.mark.parametrize(("url", "expected"), OLDER.items())
def test_older_retries(url, expected):
    assert is_older_retry({"metadata": {"url": url}}) == expected


@given(st.lists(st.sampled_from(["/courses/", "1", "/assignments/", RETRY_PATH, "?", "&", "=", "#", "%", "[", "é"])))
def test_no_address_raises(pieces):
    for part in ids_from_url("".join(pieces)):
        assert part is None or part.isdigit()


@pytest.mark.parametrize("event", [None, 5, "x", [], {}, {"metadata": [], "body": {}}, {"body": []}], ids=repr)
def test_an_event_without_anything_has_an_empty_subject(event):
    assert {*chain.from_iterable(subjects_of([event]))} == {None}


def test_strings_only():
    event = {"metadata": {"user_id": 7, "context_role": ""}, "body": {"status": ["x"], "domain": "d"}}
    subject = dict(zip(FIELDS, chain.from_iterable(subjects_of([event])), strict=True))
    assert [subject[name] for name in ("user_id", "context_role", "status", "domain")] == [None, "", None, "d"]
