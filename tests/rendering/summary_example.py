"""The figures of a summary, and some whose every text is hostile."""

import copy
import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta

from canvas_events_cli.summary.figures import Figures, Retried
from canvas_events_cli.summary.traffic import Traffic
from canvas_events_cli.timestamps import Instant


def _uuid(name):
    return hashlib.sha256(name.encode()).hexdigest()[:40]


def _time(hours):
    moment = datetime(2024, 7, 28, 6, tzinfo=UTC) + timedelta(hours=hours)
    return Instant(int(moment.timestamp()), f"{moment.microsecond:06}".rstrip("0"))


DOCUMENT = {
    "events": 2291,
    "malformed": 3,
    "event_types": {"grade_change": 1400, "submission_created": 631, "outcomes.retry_outcome_alignment_clone": 260},
    "event_type_times": {
        "grade_change": {"first": _time(1), "last": _time(92)},
        "outcomes.retry_outcome_alignment_clone": {"first": _time(0), "last": _time(91.3)},
    },
    "retry_clone": {
        "events": 260,
        "unique": 251,
        "redelivered": 9,
        "first_event_time": _time(0),
        "last_event_time": _time(91.3),
        "bad_times": 2,
        "outcomes": {"succeeded": 40, "failed": 180, "abandoned": 3, "timed_out": 9, "unknown": 19},
        "statuses": {"outcome_alignment_cloning": 248, "failed_to_clone_outcome_alignment": 2, "(none)": 1},
        "domains": {"school.example": 251},
        "context_roles": {"TeacherEnrollment": 200, "(none)": 51},
        "source_courses": 3,
        "target_courses": 31,
        "target_assignments": 77,
        "users": 4,
        "top_target_courses": [
            {
                "new_course_uuid": _uuid(f"target {place}"),
                "target_course_id": None if place == 2 else str(21_070_000_000_000_565 + place),
                "retries": 40 - 6 * place,
                "assignments": 9 - place,
                "users": 3,
                "unresolved": 3 - place,
                "first": None if place == 3 else _time(place * 2),
                "last": None if place == 3 else _time(90 - place),
            }
            for place in range(4)
        ],
        "top_source_courses": [
            {
                "original_course_uuid": _uuid(f"source {place}"),
                "source_course_id": str(100 + place),
                "retries": 120 - 30 * place,
                "target_courses": 12 - place,
            }
            for place in range(3)
        ],
        "top_users": [
            {"user_id": str(10_000_000_000_001 + place), "retries": 90 - 9 * place, "assignments": 20 - place}
            for place in range(4)
        ],
        "repeated_assignments": [
            {
                "new_assignment_resource_link_id": _uuid(f"assignment {place}"),
                "target_assignment_id": None if place == 1 else str(345 + place),
                "new_course_uuid": _uuid(f"target {place}"),
                "retries": 9 - place,
                "first": None if place == 3 else _time(place),
                "last": None if place == 3 else _time(place + 0.01 * 17**place),
                "last_outcome": ("succeeded", "timed_out", "unknown", "succeeded")[place],
                "seconds": (16.228, None, None, 754.5)[place],
                "address": None
                if place == 1
                else f"https://school.example/courses/{565 + place}/assignments/{345 + place}",
            }
            for place in range(4)
        ],
        "timeline": {
            "bucket": "hour",
            "counts": [{"start": _time(hour), "retries": 1 + hour * 7 % 12} for hour in range(0, 92, 2)],
        },
    },
    "by": {"metadata.http_method": {"values": {"GET": 2040, "POST": 248}, "distinct": 5, "absent": 3}},
}

_LAST = {"failed": 32, "timed_out": 9, "unknown": 19}
FIGURES = Figures(
    DOCUMENT,
    latest=_time(92),
    older=4,
    logins={"10000000000001": "m.okafor@school.example"},
    retried=Retried(77, 60, DOCUMENT["retry_clone"]["repeated_assignments"][1], _LAST),
)


def hostile_figures(text):
    """Return the figures with *text* for every name and id in them."""
    document = copy.deepcopy(DOCUMENT)
    retry = document["retry_clone"]
    document["event_types"] = {text: 7}
    document["by"] = {text: {"values": {text: 5}, "distinct": 1, "absent": 0}}
    for counts in ("statuses", "domains", "context_roles"):
        retry[counts] = {text: 251}
    for rows in ("top_target_courses", "top_source_courses", "top_users", "repeated_assignments"):
        for row in retry[rows]:
            row.update({name: text for name in row if name.endswith(("_id", "_uuid", "address"))})
    document["event_type_times"] = {text: {"first": _time(0), "last": _time(1)}}
    retry["users"] = len(retry["top_users"]) - 1
    return Figures(document, logins={text: text}, retried=Retried(3, 2, retry["repeated_assignments"][1]))


def hostile_traffic(text):
    """Return the figures of a capture without retries, with *text* for every name in them."""
    document = {
        **copy.deepcopy(DOCUMENT),
        "event_types": {text: 5},
        "event_type_times": {text: {"first": _time(0), "last": _time(1)}},
    }
    document["retry_clone"]["events"] = 0
    traffic = Traffic()
    traffic.hosts[text] = 7
    traffic.users.add(text)
    traffic.minutes = {text: Counter({0: 5, 300: 1}), "other": Counter({60: 2})}
    return Figures(document, traffic=traffic)
