"""What long runs tell of hangs together: who hands in what, in which course, and what is there before what."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.example import Examples
from canvas_events_cli.validation import ValidationSpec

CATALOG = load_catalog()
SEEDS = st.integers(0, 2**32).map(str)


def made(seed: str, names: list[str], count: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield envelopes and bodies."""
    spec = ValidationSpec(CATALOG, "jsonschema-rs", strict=True)
    for text, _ in Examples(spec, seed).valid(names, count):
        event = json.loads(text)
        yield event["metadata"], event["body"]


@given(SEEDS)
@settings(max_examples=3)
def test_a_student_hands_in_under_one_id_and_attempts_count_up(seed: str) -> None:
    ids: dict[tuple[str, str], str] = {}
    attempts: Counter[str] = Counter()
    for envelope, body in made(seed, ["submission_created"], 2000):
        assert ids.setdefault((body["user_id"], body["assignment_id"]), body["submission_id"]) == body["submission_id"]
        attempts[body["submission_id"]] += 1
        assert body["attempt"] == attempts[body["submission_id"]]
        assert envelope.get("user_id") in (None, body["user_id"])
    assert len(set(ids.values())) == len(ids) > 1000
    assert Counter(attempts.values())[1] < len(attempts)


def test_all_that_is_told_of_a_submission_is_of_the_same_one() -> None:
    names = ["submission_created", "grade_change", "submission_updated", "submission_comment_created"]
    told: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for envelope, body in made("0", names, 500):
        if "assignment_id" in body:
            told[body["submission_id"]].add((body["assignment_id"], body.get("student_id") or body["user_id"]))
        assert body.get("context_id") in (None, envelope.get("context_id"), body.get("context_id"))
    assert {len(pairs) for pairs in told.values()} == {1}
    assert len(told) > 200


def test_the_school_grows_and_some_courses_are_busier() -> None:
    counts = []
    for length in (50, 3000):
        events = list(made("0", ["submission_created"], length))
        courses = Counter(envelope.get("context_id") for envelope, _ in events)
        counts.append((len({body["user_id"] for _, body in events}), len(courses)))
    assert counts[1] > (10 * counts[0][0], 10 * counts[0][1])
    assert courses.most_common(2)[1][1] > 5 * sorted(courses.values())[len(courses) // 2]


@pytest.mark.parametrize(
    ("names", "field"),
    [
        (["assignment_updated", "submission_created", "assignment_created"], "assignment_id"),
        (["discussion_entry_created", "discussion_topic_created"], "discussion_topic_id"),
        (["course_updated", "submission_created", "course_created"], "course_id"),
        (["submission_created", "user_updated", "user_created"], "user_id"),
        (["enrollment_updated", "enrollment_created"], "enrollment_id"),
    ],
)
def test_what_is_created_is_new(names: list[str], field: str) -> None:
    known: set[int] = set()
    created = f"{field.removesuffix('_id')}_created"
    for envelope, body in made("0", names, 300):
        identifier = int(body.get(field) or envelope.get("context_id") or 0) % 10**10
        assert envelope["event_name"] != created or identifier not in known
        known.add(identifier)


def test_an_assignment_has_one_course_also_where_an_address_names_them() -> None:
    courses: defaultdict[int, set[int]] = defaultdict(set)
    for envelope, body in made("0", ["submission_created", "assignment_updated", "assignment_created"], 400):
        if context := envelope.get("context_id"):
            courses[int(body["assignment_id"]) % 10**10].add(int(context) % 10**10)
        for course, assignment in re.findall(r"/courses/(\d+)/assignments/(\d+)", envelope.get("url", "")):
            assert int(assignment) == int(body["assignment_id"]) % 10**10
            courses[int(assignment)].add(int(course))
    assert {len(each) for each in courses.values()} == {1}
