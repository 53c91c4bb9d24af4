"""How a retry goes: the cloning of outcome alignments fails, a user presses "retry", in the end it goes well.

What Canvas sends of it, and in which order, is told in the schemas of the two events; the requests of the quiz service,
which reports how a cloning ended, come with a developer key and without a user.
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

from canvas_events_cli.example.drafts import Event
from canvas_events_cli.example.requests import RARE, USER, changed
from canvas_events_cli.example.values import pick
from canvas_events_cli.summary.retry_clone import RETRY_CLONE

_UPDATED = "assignment_updated"
STORY = (_UPDATED, RETRY_CLONE)
"""The events that there have to be schemas for."""
_FAILED, _CLONING = "failed_to_clone_outcome_alignment", "outcome_alignment_cloning"
_ENDS = ("unpublished", "published")
_HOST = "https://learn.example.edu"
_SOURCE, _TARGET, _COPIED, _COPY = "564", "565", "4021", "5110"
"""Local ids of the courses and the assignments, which the examples of both events mention but for the first."""
_GLOBAL = 21070000000000000
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
