"""What causes an event: who does what with which request, or a job; as Canvas' pages, apps and jobs do it.

And how a retry goes: the cloning of outcome alignments fails, a user presses "retry", in the end it goes well. What
is sent of it, and in which order, the schemas of the two events tell; the requests of the quiz service, which reports
how a cloning ended, come with a developer key and without a user.

The ids are those of the schemas' examples, so that events tell of the same objects.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from random import Random
from typing import Any, NamedTuple

from canvas_events_cli.example.values import pick
from canvas_events_cli.summary.retry_clone import RETRY_CLONE

Event = dict[str, Any]

_HOST = "https://learn.example.edu"
_GLOBAL = 21070000000000000
REQUEST = ("request_id", "session_id", "hostname", "http_method", "user_agent", "client_ip", "url", "referrer")
USER = ("user_login", "user_account_id", "user_sis_id", "user_id", "time_zone")
CONTEXT = ("context_type", "context_id", "context_account_id", "context_sis_source_id", "context_role")
RARE = ("real_user_id", "developer_key_id")
_OF_CANVAS = ("root_account_id", "root_account_lti_guid")

_PAGE = f"{_HOST}/courses/565"
_USUAL = {
    "producer": "canvas",
    "user_sis_id": "T-20431",
    "context_type": "Course",
    "context_sis_source_id": "2024FA-BIO-110-02",
    "context_role": "TeacherEnrollment",
}
_STUDENT = {
    "user_id": str(_GLOBAL + 118),
    "user_login": "n.haddad@example.edu",
    "user_sis_id": "S-77310",
    "session_id": "c07d4e8a15b9f3621d40a8e7b95c3f12",
    "context_role": "StudentEnrollment",
}
_ACCOUNT = {
    "user_id": str(_GLOBAL + 43),
    "user_login": "j.rivera@example.edu",
    "user_sis_id": "T-10077",
    "session_id": "f3a90c5d7b1e42688e05d1c94a76b2e8",
    "url": f"{_HOST}/api/v1/accounts/79",
    "referrer": f"{_HOST}/accounts/79/settings",
    "context_type": "Account",
    "context_id": str(_GLOBAL + 79),
    "context_account_id": str(_GLOBAL + 79),
    "context_sis_source_id": None,
    "context_role": "AccountAdmin",
}
ROLES = dict.fromkeys(("042", "7a4", "m.okafor", "T-20431"), "teacher") | dict.fromkeys(
    ("043", "007", "2e8", "j.rivera", "T-10077"), "staff"
)
"""What people are whom the examples name, by what names them: ids of users and sessions by the last three digits. All
others are students."""
_QUIZZES = {"producer": "quizzes"}
_NOT_QUIZZES = (*REQUEST, *USER, *CONTEXT, *RARE, *_OF_CANVAS)

_CAUSES: tuple[tuple[str, Mapping[str, Any], Collection[str]], ...] = (
    ("*_updated", {"http_method": "PUT"}, ()),
    ("*_deleted", {"http_method": "DELETE"}, ()),
    ("logged_in", _STUDENT | {"url": f"{_HOST}/login/canvas", "referrer": f"{_HOST}/login/canvas"}, CONTEXT),
    ("logged_out", _STUDENT | {"http_method": "DELETE", "url": f"{_HOST}/logout", "referrer": _PAGE}, CONTEXT),
    ("asset_accessed", _STUDENT | {"http_method": "GET", "url": f"{_PAGE}/files/88012", "referrer": _PAGE}, ()),
    (
        "submission_created",
        _STUDENT | {"url": f"{_PAGE}/assignments/5110/submissions", "referrer": f"{_PAGE}/assignments/5110"},
        (),
    ),
    (
        "discussion_entry_*",
        _STUDENT
        | {
            "url": f"{_HOST}/api/v1/courses/565/discussion_topics/410/entries",
            "referrer": f"{_PAGE}/discussion_topics/410",
        },
        (),
    ),
    ("quiz_submitted", _STUDENT | {"url": f"{_PAGE}/quizzes/3310/submissions"}, ()),
    *((name, _ACCOUNT, ()) for name in ("account_*", "user_*", "sis_batch_*", "outcome_proficiency_*")),
    ("outcome_calculation_method_*", _ACCOUNT, ()),
    ("heartbeat", {}, CONTEXT),
    *((f"{name}*", _QUIZZES, _NOT_QUIZZES) for name in ("quizzes.", "quizzes-lti.", "quiz_caliper.")),
)
"""By names of events: what their envelopes have in place of the usual, and what they lack. All that match count."""
_BY_JOBS = ("heartbeat", "*_migration_completed", "quiz_export_complete", "course_progress", "course_completed")


def caused(name: str, envelope: Mapping[str, Any]) -> dict[str, Any]:
    """Return *envelope* as a request makes it that causes an event of this *name*."""
    envelope = changed(envelope, _USUAL)
    for pattern, changes, without in _CAUSES:
        if fnmatchcase(name, pattern):
            envelope = changed(envelope, changes, without=without)
    return dict(envelope)


def is_of_jobs(name: str) -> bool:
    """Tell whether only background jobs cause events of this *name*."""
    return any(fnmatchcase(name, pattern) for pattern in _BY_JOBS)


def changed(
    envelope: Mapping[str, Any], changes: Mapping[str, Any], *, without: Collection[str] = ()
) -> dict[str, Any]:
    """Return *envelope* with the *changes* that it has a field for, and without some fields."""
    return {key: changes.get(key, value) for key, value in envelope.items() if key not in without}


_UPDATED = "assignment_updated"
STORY = (_UPDATED, RETRY_CLONE)
"""The events that there have to be schemas for."""
_FAILED, _CLONING = "failed_to_clone_outcome_alignment", "outcome_alignment_cloning"
_ENDS = ("unpublished", "published")
_SOURCE, _TARGET, _COPIED, _COPY = "564", "565", "4021", "5110"
"""Local ids of the courses and the assignments, which the examples of both events mention but for the first."""
_BY_USER = {
    "http_method": "POST",
    "url": f"{_HOST}/api/v1/courses/{_SOURCE}/assignments/{_COPIED}/retry_alignment_clone"
    f"?target_assignment_id={_COPY}&target_course_id={_TARGET}",
    "referrer": f"{_HOST}/courses/{_TARGET}/assignments",
    "context_id": str(_GLOBAL + int(_SOURCE)),
    "context_role": "TeacherEnrollment",
}
_BY_SERVICE = {
    "http_method": "PUT",
    "user_agent": "Ruby",
    "developer_key_id": "170000000000056",
    "url": f"{_HOST}/api/lti/courses/{_TARGET}/assignments/{_COPY}",
}
_OF_USER = frozenset((*USER, "session_id", "referrer", "real_user_id", "context_role"))


class Step(NamedTuple):
    """One event of the story."""

    name: str
    event: Event
    milliseconds: int
    """Since the step before."""
    is_same_request: bool = False
    """Whether the request of the step before caused this one, too."""


def pressed(retry: Event) -> Event:
    """Return the event *retry* with the request that pressing "retry" makes."""
    return retry | {"metadata": changed(retry["metadata"], _BY_USER, without=RARE)}


def retry_story(full: Callable[[str], Event], random: Random) -> Iterator[Step]:
    """Yield a failure, one to three retries and how each ended; *full* gives an event by its name."""
    retry, update = full(RETRY_CLONE), full(_UPDATED)
    body = retry["body"]
    assignment = update["body"] | {
        "assignment_id": str(_GLOBAL + int(_COPY)),
        "assignment_id_duplicated_from": str(_GLOBAL + int(_COPIED)),
        "context_id": str(_GLOBAL + int(_TARGET)),
        "context_uuid": body["new_course_uuid"],
        "lti_resource_link_id": body["new_assignment_resource_link_id"],
        "lti_resource_link_id_duplicated_from": body["original_assignment_resource_link_id"],
    }
    by_user = retry["metadata"] | {"event_name": _UPDATED}
    by_service = changed(update["metadata"], _BY_SERVICE, without=_OF_USER)

    def updated(envelope: dict[str, Any], state: str, milliseconds: int) -> Step:
        return Step(_UPDATED, {"metadata": envelope, "body": assignment | {"workflow_state": state}}, milliseconds)

    yield updated(by_service, _FAILED, 1_000)
    retries = 1 + int(random.random() * 3)
    for number in range(retries):
        yield updated(by_user, _CLONING, 60_000 + int(random.random() * 240_000))
        yield Step(RETRY_CLONE, retry, 36, is_same_request=True)
        end = _FAILED if number < retries - 1 else pick(_ENDS, random)
        yield updated(by_service, end, 20_000 + int(random.random() * 60_000))
