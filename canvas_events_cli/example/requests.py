"""What causes an event: who does what with which request, or a job; as Canvas' pages, apps and jobs do it.

The ids are those of the schemas' examples, so that events tell of the same objects.
"""

from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from typing import Any

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
