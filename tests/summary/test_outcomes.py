"""How retries ended, held against an implementation that looks at everything; and told apart case by case."""

import json
import pickle
from itertools import pairwise

import pytest
from captured_events import document, records, story, told
from hypothesis import given
from hypothesis import strategies as st
from naive_summary import naive_summary

from canvas_events_cli.summary.report import SummaryReport
from canvas_events_cli.summary.work import tally_records


def merged(parts):
    total = SummaryReport()
    for part in parts:
        total.merge(pickle.loads(pickle.dumps(part)))
    return total


RETRY = "outcomes.retry_outcome_alignment_clone"


def at(seconds):
    """Return so many seconds after the retry, which is at 0."""
    return f"2024-07-30T19:{int(seconds // 60):02}:{seconds % 60:06.3f}Z"


def retry(seconds=0, request="r1", link="L1", course="tc1", number="3", root="u1"):
    return story(RETRY, at(seconds), request, root, link, course, number, None)


def update(seconds, state, request="r9", link="L1", course="tc1", number="3", root="u1"):
    return story("assignment_updated", at(seconds), request, root, link, course, number, state)


def other(seconds):
    return story("grade_change", at(seconds), "r8", "u1", None, None, None, None)


OWN = update(0, "outcome_alignment_cloning", "r1")
CASES = {
    "published": ([retry(), update(16.228, "published")], ["succeeded"], 16.228),
    "unpublished": ([retry(), update(2, "unpublished")], ["succeeded"], 2.0),
    "failed": ([retry(), update(2, "failed_to_clone_outcome_alignment")], ["failed"], None),
    "deleted": ([retry(), update(2, "deleted")], ["abandoned"], None),
    "another state": ([retry(), update(2, "migrating")], ["unknown"], None),
    "the first end counts": ([retry(), update(3, "deleted"), update(2, "published")], ["succeeded"], 2.0),
    "before the retry": ([retry(5), update(2, "published")], ["unknown"], None),
    "at its instant": ([retry(2), update(2, "published")], ["succeeded"], 0.0),
    "its own update is no end": ([retry(), update(1, "published", "r1")], ["unknown"], None),
    "several of its own updates": (
        [retry(), update(1, "published", "r1"), update(2, "published", "r1"), update(3, "deleted")],
        ["abandoned"],
        None,
    ),
    "the same update again": ([retry(), *[update(2, "deleted")] * 2], ["abandoned"], None),
    "another retry": ([retry(), retry(60, "r2")], ["failed", "unknown"], None),
    "the same retry again": ([retry(), retry()], ["unknown"], None),
    "an end after the next retry": (
        [retry(), retry(60, "r2"), update(61, "published")],
        ["failed", "succeeded"],
        1.0,
    ),
    "a success, and yet another retry": (
        [retry(), update(1, "published"), retry(60, "r2")],
        ["succeeded", "unknown"],
        None,
    ),
    "20 minutes of silence": ([retry(), OWN, other(1200)], ["timed_out"], None),
    "nearly 20 minutes": ([retry(), OWN, other(1199.999)], ["unknown"], None),
    "silence of a capture without updates": ([retry(), other(1800)], ["unknown"], None),
    "silence, but another retry": ([retry(), OWN, retry(1800, "r2")], ["failed", "unknown"], None),
    "its own update by another way": (
        [retry(link=None), update(0, "outcome_alignment_cloning", "r1"), other(1200)],
        ["timed_out"],
        None,
    ),
    "another link": ([retry(), update(2, "published", link="L2")], ["unknown"], None),
    "another root account": ([retry(), update(2, "published", root="u2")], ["unknown"], None),
    "an update without a link": ([retry(), update(2, "published", link=None)], ["succeeded"], 2.0),
    "a retry without a link": ([retry(link=None), update(2, "published")], ["succeeded"], 2.0),
    "a global id": ([retry(link=None), update(2, "published", number="210000000000003")], ["succeeded"], 2.0),
    "two global ids": (
        [retry(link=None, number="110000000000003"), update(2, "published", number="210000000000003")],
        ["unknown"],
        None,
    ),
    "of two global ids the one": (
        [
            retry(link=None, number="110000000000003"),
            update(2, "deleted", number="210000000000003"),
            update(3, "published", number="110000000000003"),
        ],
        ["succeeded"],
        3.0,
    ),
    "an integer": ([retry(link=None), update(2, "published", number=3)], ["succeeded"], 2.0),
    "another course": ([retry(link=None), update(2, "published", course="tc2")], ["unknown"], None),
    "no link on either side": ([retry(link=None), update(2, "published", link=None)], ["succeeded"], 2.0),
    "the assignment of the path": (
        [retry(link=None, number=None), update(2, "published", number="2")],
        ["succeeded"],
        2.0,
    ),
    "one link in two root accounts": ([retry(), retry(60, "r2", root="u2")], ["unknown", "unknown"], None),
    "one assignment, local and global, without a link": (
        [retry(link=None), retry(60, "r2", link=None, number="210000000000003")],
        ["failed", "unknown"],
        None,
    ),
}


@pytest.mark.parametrize(("events", "outcomes", "seconds"), CASES.values(), ids=CASES)
def test_how_retries_ended(events, outcomes, seconds):
    for order in (events, events[::-1]):
        found = document(tally_records(records(order)))["retry_clone"]
        assert sorted(name for name, count in found["outcomes"].items() for _ in range(count)) == sorted(outcomes)
        if found["repeated_assignments"]:
            last = found["repeated_assignments"][0]
            assert (last["last_outcome"], last["seconds"]) == (outcomes[-1], seconds)


def without_names(request):
    event = retry(request=request, link=None)
    del event["metadata"]["url"]
    return event


def test_retries_that_name_no_assignment_prove_nothing_of_each_other():
    found = document(tally_records(records([without_names("r1"), without_names("r2")])))["retry_clone"]
    assert (found["outcomes"]["unknown"], found["target_assignments"]) == (2, 0)
    assert found["top_target_courses"][0]["unresolved"] == 2


def test_one_link_in_two_root_accounts_has_two_rows():
    events = [retry(seconds, f"{root}{seconds}", root=root) for seconds in (1, 2) for root in ("u2", "u1")]
    found = document(tally_records(records(events)))["retry_clone"]
    assert found["target_assignments"] == found["top_target_courses"][0]["assignments"] == 2
    assert [row["retries"] for row in found["repeated_assignments"]] == [2, 2]


def test_unresolved_assignments_of_a_course():
    events = [retry(), update(2, "published"), retry(1, "r2", "L2", number="4"), retry(1, "r3", None, number="5")]
    assert document(tally_records(records(events)))["retry_clone"]["top_target_courses"][0]["unresolved"] == 2


def test_older_retries_count_as_retries():
    older = story("quizzes_next_quiz_duplicated", at(0), "r1", "u1", "L1", "tc1", "3", None)
    copied = {"metadata": older["metadata"] | {"url": "https://canvas.test/x", "request_id": "r5"}, "body": {}}
    report = tally_records(records([older, retry(60, "r2"), older, copied]))
    found = document(report)["retry_clone"]
    assert (found["events"], found["unique"], report.retries.older) == (3, 2, 2)
    assert (found["outcomes"]["failed"], found["repeated_assignments"][0]["retries"]) == (1, 2)
    assert document(report)["event_types"] == {RETRY: 1, "quizzes_next_quiz_duplicated": 3}


def test_what_is_remembered_of_updates():
    events = [update(place, "published", f"r{place}", f"L{place}") for place in range(100)]
    remembered = tally_records(records([*events, *events])).updates.rows
    assert len(remembered) == 200 * 41
    forgotten = [
        update(1, "migrating", request=None),
        update(1, "published", link=None, course=None),
        {"metadata": {"event_name": "assignment_updated", "event_time": at(1)}, "body": None},
    ]
    assert not tally_records(records(forgotten)).updates.rows


@given(told(), st.data())
def test_every_figure_equals_the_naive_one_however_it_is_cut(events, data):
    cuts = [0, *sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=3))), len(events)]
    parts = [tally_records(records(events[start:end])) for start, end in pairwise(cuts)]
    assert json.dumps(document(merged(parts), 0)) == json.dumps(naive_summary(events, 99))
