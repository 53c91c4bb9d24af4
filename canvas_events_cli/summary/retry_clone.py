"""The retry event: what of it is kept for the summary.

A user pressed "retry" after the cloning of outcome alignments onto a copied assignment had failed. The uuids in the
body cannot be opened in Canvas; the numeric ids in ``metadata.url`` can.
"""

import re
from typing import NamedTuple

from canvas_events_cli.model import Json
from canvas_events_cli.same_event import envelope

RETRY_CLONE = "outcomes.retry_outcome_alignment_clone"

_MOST_DIGITS = 19
"""Canvas ids are signed 64-bit integers; the bound also keeps hostile rows small."""

_RETRY_URL = re.compile(
    r"[^?#]*/courses/([^/?#]*)/assignments/[^/?#]*/retry_alignment_clone(?:\?([^#]*))?(?:#.*)?", re.DOTALL
)


class Subject(NamedTuple):
    """What was retried, where and by whom; equal for all retries of one assignment by one user.

    None stands for a value that is absent or no string. Fields in ``_id`` are decimal digits.
    """

    status: str | None
    domain: str | None
    context_role: str | None
    source_course: str | None
    """``original_course_uuid``; the target's are ``new_course_uuid`` and ``new_assignment_resource_link_id``."""
    source_course_id: str | None
    target_course: str | None
    target_course_id: str | None
    target_assignment: str | None
    target_assignment_id: str | None
    user: str | None


class UrlIds(NamedTuple):
    """The numeric ids that the address of a retry request carries; None where it has none."""

    source_course: str | None = None
    target_course: str | None = None
    target_assignment: str | None = None


def subject_of(event: Json) -> Subject:
    """Return the subject of a retry *event*; whatever is missing or of the wrong type in it is None."""
    fields = envelope(event)
    body = event.get("body") if isinstance(event, dict) else None
    values = body if isinstance(body, dict) else {}
    ids = ids_from_url(fields.get("url"))
    return Subject(
        status=_text(values.get("status")),
        domain=_text(values.get("domain")),
        context_role=_text(fields.get("context_role")),
        source_course=_text(values.get("original_course_uuid")),
        source_course_id=ids.source_course,
        target_course=_text(values.get("new_course_uuid")),
        target_course_id=ids.target_course,
        target_assignment=_text(values.get("new_assignment_resource_link_id")),
        target_assignment_id=ids.target_assignment,
        user=_text(fields.get("user_id")),
    )


def ids_from_url(url: Json) -> UrlIds:
    """Return the ids in *url*, of a page or of the API; no id is taken from an address of another form.

    >>> ids_from_url("https://canvas.test/courses/1/assignments/2/retry_alignment_clone?target_assignment_id=3")
    UrlIds(source_course='1', target_course='1', target_assignment='3')
    """
    match = _RETRY_URL.fullmatch(url) if isinstance(url, str) else None
    if match is None:
        return UrlIds()
    source_course = _digits(match[1])
    parameters = dict(pair.partition("=")[::2] for pair in (match[2] or "").split("&"))
    target_course = parameters.get("target_course_id")
    return UrlIds(
        source_course,
        source_course if target_course is None else _digits(target_course),
        _digits(parameters.get("target_assignment_id", "")),
    )


def _digits(text: str) -> str | None:
    return text if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
