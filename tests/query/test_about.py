"""``--about``: by schemas, addresses and bytes the same events as a search by the names of all fields."""

import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from wrong_events import CATALOG, EVENTS, EXAMPLE

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Record
from canvas_events_cli.parse import parse
from canvas_events_cli.query.about import in_address, in_urn, kind_of, parse_about
from canvas_events_cli.query.fast.traces import trace_of
from canvas_events_cli.query.selection import Selection, compile_selection
from canvas_events_cli.streaming import validation_spec

RETRY_URL = "/courses/565/assignments/4022/retry_alignment_clone?target_assignment_id=5161&target_course_id=613"
RETRY = {**EXAMPLE, "metadata": {**EXAMPLE["metadata"], "url": f"https://learn.example.edu/api/v1{RETRY_URL}"}}
UUID = "q8JtRzW2mXv5LcNyE0oPbK7dHsUf3GiA9TgQx1Bw"
LINK = "c27d90f1e64ab5833f0e9cd1728b46a5f09e31d8"


def concerns(about: str, event: Any, text: str | None = None) -> bool:
    return search_for(about)((text or json.dumps(event)).encode())


def search_for(about: str) -> Callable[[bytes], bool]:
    """Return the test whether an event concerns *about*; it fails where the bytes do not let through what is wanted."""
    selection = Selection(about=(parse_about(about, lambda: CATALOG),), spec=validation_spec(CATALOG))
    wanted = compile_selection(selection)
    (trace,) = map(trace_of, selection.about)

    def test(raw: bytes) -> bool:
        is_wanted = wanted(Record(1, raw, parse(raw), True))
        assert trace.is_in(raw) or not is_wanted
        return is_wanted

    return test


def event(name: str = "course_created", body: Any = None, **metadata: Any) -> Any:
    return {"metadata": {"event_name": name, **metadata}, "body": body or {}}


CONCERNS: list[tuple[str, Any]] = [
    *((about, RETRY) for about in ("course:565", "course:613", "assignment:4022", "assignment:5161")),
    *((about, RETRY) for about in ("assignment:2107~5161", "assignment:21070000000005161", "Course:0565")),
    *((f"{kind}:{RETRY['body'][name]}", RETRY) for kind, name in [
        ("course", "original_course_uuid"),
        ("course", "new_course_uuid"),
        ("course", "new_course_resource_link_id"),
        ("assignment", "original_assignment_resource_link_id"),
        ("assignment", "new_assignment_resource_link_id"),
    ]),
    ("course:21070000000000565", event(body={"course_id": 565})),
    ("course:565", event(body={"course_id": 21070000000000565})),
    ("course:2107~565", event(body={"course_id": "21070000000000565"})),
    ("course:565", event(body={"course_id": "2107~565"})),
    ("course:565", event("unknown", context_type="Course", context_id="565")),
    ("section:5", event("unknown", context_type="CourseSection", context_id="5")),
    ("account:5", event("unknown", root_account_id="5")),
    ("account:5", event("unknown", context_account_id="5")),
    ("account:5", event("unknown", user_account_id="5")),
    ("user:5", event("unknown", real_user_id="5")),
    ("session:6b1f0c93d27ae4588c05f1d96e32b7a4", event(session_id="6b1f0c93d27ae4588c05f1d96e32b7a4")),
    ("request:0d5e2f6a-7c41-4b89-9a3e-58f1c6d2b074", event(request_id="0d5e2f6a-7c41-4b89-9a3e-58f1c6d2b074")),
    ("wiki_page:7", event("asset_accessed", {"asset_type": "wiki_page", "asset_id": 7})),
    ("quiz:7", event("asset_accessed", {"asset_type": "quizzes:quiz", "asset_id": "7"})),
    ("course:7", event("asset_accessed", {"asset_type": "course", "asset_id": "7"})),
    ("assignment:7", event("assignment_created", {"assignment_id_duplicated_from": "7"})),
    (f"assignment:{LINK}", event("assignment_updated", {"lti_resource_link_id_duplicated_from": LINK})),
    (f"course:{UUID}", event("enrollment_created", {"course_uuid": UUID})),
    (f"user:{UUID}", event("user_created", {"uuid": UUID})),
    (f"course:{UUID}", event("unknown", url=f"/api/v1/courses/uuid:{UUID}/users")),
    ("user:7", event("course_progress", {"user": {"id": 7}})),
    ("course:7", event("course_progress", {"course": {"id": "7"}})),
    ("attachment:7", event("submission_comment_created", {"attachment_ids": ["6", 7]})),
    ("new_quiz:7", event("quizzes.item_created", {"owner": {"quiz_id": "7"}})),
    ("course:7", {"attributes": {"event_name": "x", "context_type": "Course", "context_id": "7"}, "body": {}}),
    ("user:42", event("unknown", url="https://h/courses/5/gradebook/speed_grader?student_id=42&assignment_id=7#{}")),
    ("assignment:7", event("unknown", url="https://h/courses/5/gradebook/speed_grader?assignment_id=7")),
    ("user:42", event("unknown", url="https://h/api/v1/courses/5/assignments/7/submissions/42")),
    ("user:42", event("unknown", url="https://h/courses/5/enroll?enrollment[user_id]=42")),
    ("course:2107~565", event("unknown", url="https://h/courses/2107%7E565.json")),
    ("section:9", event("unknown", url="/api/v1/sections/9/enrollments?user_id=3")),
    ("section:9", event("unknown", url="/x?course_section_id=9")),
]  # fmt: skip
DOES_NOT: list[tuple[str, Any]] = [
    ("course:4022", RETRY),
    ("assignment:613", RETRY),
    ("course:22220000000000565", event(body={"course_id": "21070000000000565"})),
    ("course:56", event(body={"course_id": "565"})),
    ("course:565", event("unknown", referrer="https://h/courses/565")),
    ("course:565", event("unknown", url="https://courses/565")),
    ("course:565", event("unknown", url="https://h/x#/courses/565")),
    ("course:565", event("unknown", url="https://h/api/v1/courses/sis_course_id:565")),
    ("course:565", event("unknown", url="/x?sis_course_id=565")),
    ("course:565", event("unknown", url="https://h/courses/56.json5")),
    ("course:565", event("unknown", url="https://h/courses/5uuid:65")),
    ("course:565", event("unknown", {"course_id": "565"})),
    ("course:565", event("unknown", context_type="Account", context_id="565")),
    ("course:565", event("unknown", context_id="565")),
    ("course:5", event("course_created", {"course_id": 5.0})),
    ("course:1", event("course_created", {"course_id": True})),
    ("course:7", event("asset_accessed", {"asset_type": "assignment", "asset_id": "7"})),
    ("quiz:7", event("quizzes.item_created", {"owner": {"quiz_id": "7"}})),
    ("submission:42", event("unknown", url="https://h/api/v1/courses/5/assignments/7/submissions/42")),
    ("course:5", 5),
    ("course:5", ["courses/5"]),
    ("course:5", {"metadata": [], "body": None}),
]


@pytest.mark.parametrize(("about", "event"), CONCERNS)
def test_what_an_event_concerns(about: str, event: Any) -> None:
    assert concerns(about, event)


@pytest.mark.parametrize(("about", "event"), DOES_NOT)
def test_what_it_does_not(about: str, event: Any) -> None:
    assert not concerns(about, event)


def test_digits_that_are_written_as_escapes_are_found() -> None:
    assert concerns(
        "course:565", None, r'{"metadata":{"event_name":"course_created"},"body":{"course_id":"\u0035\u00365"}}'
    )


CALIPER = {
    "@context": "http://purl.imsglobal.org/ctx/caliper/v1p1",
    "type": "AssignableEvent",
    "action": "Submitted",
    "actor": {"id": "urn:instructure:canvas:user:21070000000000042", "type": "Person"},
    "group": "urn:instructure:canvas:course:21070000000000565",
    "membership": {"id": "urn:instructure:canvas:course:21070000000000566:Learner:21070000000000043"},
    "object": {"anything": [{"id": "urn:instructure:canvas:discussion:7"}]},
    "session": {"id": "urn:instructure:canvas:session:8c1f0b7d2e6a49538c1f0b7d2e6a4953"},
    "extensions": {"com.instructure.canvas": {"request_url": "/courses/9/assignments/8", "root_account_id": "1"}},
}


@pytest.mark.parametrize(
    "about",
    [
        *("user:42", "user:43", "course:565", "course:2107~566", "discussion_topic:7", "course:9", "assignment:8"),
        *("account:1", "session:8c1f0b7d2e6a49538c1f0b7d2e6a4953"),
    ],
)
def test_what_a_caliper_event_concerns(about: str) -> None:
    assert concerns(about, CALIPER)


@pytest.mark.parametrize("about", ["user:565", "course:42", "course:8", "assignment:9", "account:2", "discussion:42"])
def test_what_a_caliper_event_does_not_concern(about: str) -> None:
    assert not concerns(about, CALIPER)


@pytest.mark.parametrize(
    ("about", "message"),
    [
        *((about, "expected KIND:ID") for about in ("", "course", "course:", ":5", "612")),
        *(
            (f"course:{name}", "is no id")
            for name in ("abc", "12x", "5.5", "-5", "a b 12345", "٣", "biology", "~5", "5~")
        ),
        ("corse:5", "did you mean 'course'"),
        ("planet:5", "no schema knows the kind 'planet'"),
        (f"section:{UUID}", "by digits only"),
        (f"quiz:{UUID}", "by digits only"),
    ],
)
def test_what_is_no_object(about: str, message: str) -> None:
    with pytest.raises(CeventsError, match=message):
        parse_about(about, lambda: CATALOG)


def test_objects_are_read_from_what_names_them() -> None:
    assert [*in_address("/groups/5/discussion_topics/6/entries/7?x=1&group_ids[]=8&as_user_id=9")] == [
        ("group", "5"),
        ("discussion_topic", "6"),
        ("discussion_entry", "7"),
        ("group", "8"),
        ("user", "9"),
    ]
    assert [*in_address("/a?assignment_group_id=5&course_ids=6%2C7,8")] == [
        ("assignment_group", "5"),
        *(("course", name) for name in "678"),
    ]
    assert [*in_urn("urn:instructure:canvas:wikiPage:5")] == [("wiki_page", "5")]
    assert kind_of("LiveAssessments::Submission") == "live_assessments_submission"
    assert kind_of("Quizzes::Quiz") == kind_of("quizzes:quiz") == kind_of("quiz") == "quiz"


KINDS = {
    "course": r"(.*_)?course_(id|uuid|lti_id|resource_link_id)",
    "assignment": r"(.*_)?(assignment_(id|resource_link_id)|lti_resource_link_id)(_duplicated_from)?"
    r"|(new|original)_resource_link_id",
    "user": r"(.*_)?user_(id|uuid)|student_id|author_id|grader_id|parent_discussion_entry_author_id",
    "account": r"(.*_)?account_(id|uuid|lti_guid)",
    "section": r"(.*_)?section_id",
}
WORDS = {f"{kind}s": kind for kind in KINDS}


def slowly_named(event: Any) -> Iterator[tuple[str, Any]]:
    """Yield (kind, value) for all that *event* names, by the names of the fields alone."""
    for part in ("metadata", "body"):
        yield from slowly_named_in(event[part], event["metadata"]["event_name"])
    for word, name in re.findall(r"(?<=/)(\w+)/(\w+)", event["metadata"]["url"].partition("?")[0]):
        yield WORDS.get(word, ""), name
    for kind, name in re.findall(r"[?&](?:target_)?(\w+)_id=(\w+)", event["metadata"]["url"]):
        yield kind, name


def slowly_named_in(fields: Any, event_name: str) -> Iterator[tuple[str, Any]]:
    for name, value in fields.items():
        if isinstance(value, dict):
            inside = {f"{name}_id" if key == "id" else key: inner for key, inner in value.items()}
            yield from slowly_named_in(inside, event_name)
        if (event_name, name) == ("quizzes.quiz_graded", "grader_id"):  # not of Canvas
            continue
        yield from ((kind, value) for kind, pattern in KINDS.items() if re.fullmatch(pattern, name))
        before, _, end = name.rpartition("_")
        if end in ("id", "uuid") and before != "quiz" and f"{before}_type" in fields:
            yield str(fields[f"{before}_type"]).lower(), value
        elif name.endswith("context_uuid"):
            yield from (("course", value), ("account", value))
        elif name == "uuid":
            yield event_name.partition("_")[0], value
        elif name == "lti_context_id":
            yield str(fields["context_type"]).lower(), value


def slowly_concerns(kind: str, identifier: str, event: Any) -> bool:
    return any(
        found == kind and (str(name) == identifier or local(str(name), identifier) or local(identifier, str(name)))
        for found, name in slowly_named(event)
        if not isinstance(name, bool)
    )


def local(one: str, other: str) -> bool:
    return one.isdigit() and other.isdigit() and int(other) < 10**13 and int(one) % 10**13 == int(other)


def spread(random_: random.Random) -> Any:
    """Return a documented event, its ids of a few so that they meet often."""
    chosen = json.loads(json.dumps(random_.choice([event for event in EVENTS if len(event["body"]) > 1])))
    ids = ["5", "56", "565", "21070000000000565", "22220000000000565", "21070000000000005"]
    for fields in (chosen["metadata"], chosen["body"]):
        for name in fields:
            if name.endswith(("_id", "_duplicated_from")) and str(fields[name]).isdigit():
                fields[name] = random_.choice(ids if fields is chosen["metadata"] else [*ids, *map(int, ids)])
            elif name.endswith(("uuid", "link_id")):
                fields[name] = random_.choice([UUID, LINK])
            elif name.endswith("context_type"):
                fields[name] = random_.choice(["Course", "Account", "User"])
    words = [f"{random_.choice([*WORDS, 'grades'])}/{random_.choice(ids)}" for _ in range(2)]
    pairs = [f"{random_.choice(['', 'target_'])}{random_.choice([*KINDS])}_id={random_.choice(ids)}" for _ in range(2)]
    chosen["metadata"]["url"] = f"https://canvas.example/api/v1/{'/'.join(words)}?{'&'.join(pairs)}"
    return chosen


def test_the_same_as_a_slow_search_by_names() -> None:
    random_ = random.Random(0)
    events = [spread(random_) for _ in range(25)]
    met = 0
    for kind in KINDS:
        names = ["5", "56", "565", "21070000000000565", "22220000000000565", "21070000000000005"]
        for name in names if kind == "section" else [*names, UUID, LINK]:
            concerns_it = search_for(f"{kind}:{name}")
            for one in events:
                slow = slowly_concerns(kind, name, one)
                assert concerns_it(json.dumps(one).encode()) == slow, (kind, name, one)
                met += slow
    assert met > 150
