"""Strategies for captures: few values, so that courses, users, assignments and whole events recur."""

import json
import random

import orjson
from hypothesis import strategies as st

from canvas_events_cli.model import Malformed, Record
from canvas_events_cli.summary.figures import figures

RETRY = "outcomes.retry_outcome_alignment_clone"

ODD = [None, 7, 1.5, True, [], ["x"], {}, {"a": 1}]
TIMES = [
    "2024-07-30T19:04:35.872Z",
    "2024-07-30T13:04:35.872-06:00",
    "2024-07-30T19:04:35.8729Z",
    "2024-07-30T22:04:35.872Z",
    "2024-07-30T22:04:35.873Z",
    "2024-08-06T19:04:35.872+00:00",
    "2024-08-06T19:04:35.873+00:00",
    "2024-12-31T23:59:60Z",
    "2025-01-01T00:00:00Z",
    "1969-12-31T23:59:59.999999Z",
]
ODD_TIMES = [
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+00:01",
    "0000-06-01T00:00:00Z",
    "9999-12-31T23:59:59.9999999Z",
    "9999-12-31T23:59:59-00:01",
    "2024-02-30T00:00:00Z",
    "2024-07-30 19:04:35Z",
    "2024-07-30T19:04:35",
    "2024-07-30T19:04:60Z",
    "yesterday",
    "",
]
URL = "https://canvas.test{}/courses/{}/assignments/2/retry_alignment_clone{}"


def mostly(common, odd):
    return st.one_of(st.sampled_from(common), st.sampled_from(common), st.sampled_from(odd))


urls = st.builds(
    URL.format,
    st.sampled_from(["", "/api/v1"]),
    st.sampled_from(["1", "10", "9"]),
    st.sampled_from(
        ["", "?target_assignment_id=3", "?target_assignment_id=4&target_course_id=2", "?target_course_id=11#top"]
    ),
)
NAMES = st.sampled_from([RETRY] * 8 + ["course_created", "", None, 5])
FIELDS = {
    "event_time": mostly(TIMES, ODD_TIMES + ODD),
    "request_id": mostly(["r1", "r2"], ODD),
    "job_id": mostly(["j1"], ODD),
    "user_id": mostly(["1", "2", "21070000000000565"], [*ODD, ""]),
    "context_role": mostly(["TeacherEnrollment", "TaEnrollment"], [*ODD, "(none)"]),
    "url": st.one_of(urls, urls, st.sampled_from([*ODD, "", "https://canvas.test/courses/1"])),
}
BODY = {
    "original_course_uuid": mostly(["sc1", "sc2"], [*ODD, ""]),
    "new_course_uuid": mostly(["tc1", "tc2", "tc10"], ODD),
    "new_assignment_resource_link_id": mostly(["a1", "a2", "a10"], ODD),
    "domain": mostly(["canvas.test"], ODD),
    "status": mostly(["outcome_alignment_cloning"], [*ODD, "failed_to_clone_outcome_alignment", "(none)"]),
}

# Whole as Canvas sends them, of a few values each; some fields; something else.
whole_bodies = st.builds(
    lambda texts: dict(
        zip([*BODY, "original_assignment_resource_link_id", "new_course_resource_link_id"], texts, strict=True)
    ),
    st.tuples(*[st.sampled_from(["1", "2"])] * 3, *[st.just("3")] * 3, st.sampled_from(["4", "5"])),
)
bodies = st.one_of(*[whole_bodies] * 3, *[st.fixed_dictionaries({}, optional=BODY)] * 3, st.sampled_from(ODD))
envelopes = st.fixed_dictionaries({"event_name": NAMES}, optional=FIELDS)
events = st.builds(
    lambda key, envelope, body: {key: envelope, "body": body},
    st.sampled_from(["metadata", "attributes"]),
    envelopes,
    bodies,
)


def shuffled(value, seed):
    """Return a copy of an object with the members of every object in another order."""
    if isinstance(value, dict):
        keys = list(value)
        random.Random(seed).shuffle(keys)
        return {key: shuffled(value[key], seed) for key in keys}
    return value


def story(name, time, request, root, link, course, number, state):
    """Return an update of an assignment, or a retry of its cloning; None leaves a field out."""
    fields = {"event_name": name, "event_time": time, "request_id": request, "root_account_uuid": root}
    envelope = {key: value for key, value in fields.items() if value is not None}
    if name == "assignment_updated":
        body = {
            "assignment_id": number,
            "lti_resource_link_id": link,
            "context_uuid": course,
            "workflow_state": state,
        }
    else:
        envelope["url"] = URL.format("", "1", "" if number is None else f"?target_assignment_id={number}")
        body = {"new_assignment_resource_link_id": link, "new_course_uuid": course, "status": "s"}
    return {"metadata": envelope, "body": {key: value for key, value in body.items() if value is not None}}


STORY_TIMES = [
    "2024-07-30T19:00:00Z",
    "2024-07-30T19:00:00.032Z",
    "2024-07-30T13:00:00.032-06:00",
    "2024-07-30T19:00:16.228Z",
    "2024-07-30T19:01:00+00:00",
    "2024-07-30T19:19:59.999Z",
    "2024-07-30T19:20:00Z",
    "2024-07-31T01:00:00+05:30",
    "2024-07-30T20:00:00Z",
    "2024-07-30T19:00:00",
    "0000-07-30T19:00:00Z",
]
STATES = [
    "published",
    "unpublished",
    "failed_to_clone_outcome_alignment",
    "deleted",
    "outcome_alignment_cloning",
    "duplicating",
    None,
    5,
]
stories = st.builds(
    story,
    st.sampled_from([*["assignment_updated"] * 4, *[RETRY] * 4, "quizzes_next_quiz_duplicated", "course_updated"]),
    st.sampled_from(STORY_TIMES),
    st.sampled_from(["r1", "r2", "r3", None]),
    st.sampled_from(["u1", "u1", "u1", "u2", None]),
    st.sampled_from(["L1", "L1", "L2", None]),
    st.sampled_from(["tc1", "tc1", "tc2", None]),
    st.sampled_from(["3", "10000000000003", "20000000000003", "4", 3, None]),
    st.sampled_from(STATES),
)


def written(event, form):
    """Return *event* as another delivery may have it."""
    if form == "attributes":
        return {"attributes": event["metadata"], "body": event["body"]}
    if form == "another root account":
        return {"metadata": event["metadata"] | {"root_account_uuid": "u9"}, "body": event["body"]}
    return shuffled(event, form) if isinstance(form, int) else event


@st.composite
def told(draw, max_size=14):
    """Return retries and updates of a few assignments, some delivered again, in any order."""
    first = draw(st.lists(stories, max_size=max_size))
    again = draw(st.lists(st.sampled_from(first), max_size=4)) if first else []
    forms = st.sampled_from(["same", "attributes", "another root account", 1])
    return draw(st.permutations(first + [written(event, draw(forms)) for event in again]))


@st.composite
def captures(draw, max_size=12):
    """Return events, some of them delivered again, somewhere, with their keys in another order."""
    first = draw(st.lists(events, max_size=max_size))
    again = draw(st.lists(st.sampled_from(first), max_size=max_size)) if first else []
    return draw(st.permutations(first + [shuffled(event, number) for number, event in enumerate(again)]))


def document(report, top=10):
    """Return the figures of *report* as ``summarize -o json`` prints them."""
    return figures(report, top).to_dict()


def records(events):
    """Return *events* as the framing layer hands them on; bytes that are no JSON value become Malformed."""
    framed = []
    for line, event in enumerate(events, 1):
        if isinstance(event, bytes):
            framed.append(Malformed(line, event, "not JSON"))
        else:
            raw = json.dumps(event).encode()
            framed.append(Record(line, raw, orjson.loads(raw), True))
    return framed
