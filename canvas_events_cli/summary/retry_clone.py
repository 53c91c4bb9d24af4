"""The retry event: what of it is kept for the summary.

A user pressed "retry" after the cloning of outcome alignments onto a copied assignment had failed. The uuids in the
body cannot be opened in Canvas; the numeric ids in ``metadata.url`` can.
"""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from canvas_events_cli.model import Json
from canvas_events_cli.same_event import envelope

RETRY_CLONE = "outcomes.retry_outcome_alignment_clone"
OLDER_NAME = "quizzes_next_quiz_duplicated"
"""What a retry was sent as before mid-2024; :func:`is_older_retry` tells it from what else has this name."""

BODY_FIELDS = (
    "status",
    "domain",
    "original_course_uuid",
    "new_course_uuid",
    "new_assignment_resource_link_id",
    "original_assignment_resource_link_id",
    "new_course_resource_link_id",
)
"""What the body of a retry event consists of, all strings (Canvas' documentation of the event)."""
ENVELOPE_FIELDS = ("context_role", "user_id", "root_account_uuid", "user_login")
"""What is kept of the envelope as it is."""
FIELDS = (*BODY_FIELDS, *ENVELOPE_FIELDS, "host", "source_course_id", "target_course_id", "target_assignment_id")
"""What is kept of a retry, each a text, or None where it is absent or no string.

Those in ``_id`` that the url tells are decimal digits, ``host`` can stand in an address as it is.
"""

_ID = re.compile("[0-9]{1,19}")
"""Canvas ids are signed 64-bit integers; the bound also keeps hostile rows small."""
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
"""Nothing in it means anything to a terminal, a browser or a spreadsheet."""

_TEXT_OR_NONE = {str, type(None)}
_ORDINARY_ENDS = re.compile(
    r"/courses/(ID)/assignments/[^/?#\n]*+/retry_alignment_clone"
    r"\?target_assignment_id=(ID)&target_course_id=(ID)$".replace("ID", _ID.pattern + "+"),
    re.MULTILINE,
)
"""How the address of a retry ends as Canvas writes it: source course, target assignment, target course."""
_RETRY_URL = re.compile(
    r"[^?#]*/courses/([^/?#]*)/assignments/([^/?#]*)/retry_alignment_clone(?:\?([^#]*))?(?:#.*)?", re.DOTALL
)
_OLDER_URL = re.compile(r"[^?#]*/retry_alignment_clone(?:[?#].*)?", re.DOTALL)
_HOST_OF_URL = re.compile(
    rf"https?://(?:[^/?#@]*@)?({_HOST.pattern})(?::[0-9]*)?(?:[/?#].*)?", re.DOTALL | re.IGNORECASE
)


def body_of(event: Json) -> dict[str, Json]:
    """Return the body of *event*; ``{}`` where that is no object."""
    body = event.get("body") if isinstance(event, dict) else None
    return body if isinstance(body, dict) else {}


def subjects_of(events: Sequence[Json]) -> list[Sequence[str | None]]:
    """Return the FIELDS of retry *events*, field by field: what was retried, where and by whom."""
    envelopes, bodies = [*map(envelope, events)], [*map(body_of, events)]
    columns = [texts_of(bodies, name) for name in BODY_FIELDS] + [texts_of(envelopes, name) for name in ENVELOPE_FIELDS]
    return [*columns, *places_of(texts_of(envelopes, "hostname"), texts_of(envelopes, "url"))]


def places_of(hostnames: Sequence[str | None], urls: Sequence[str | None]) -> list[Sequence[str | None]]:
    """Return the last of the FIELDS: host and ids of the retries with these *hostnames* and *urls*, field by field."""
    known = {name: host_of(name, None) for name in {*hostnames}}
    hosts = [*map(known.__getitem__, hostnames)]
    if None in hosts:
        hosts = [host or host_of(None, url) for host, url in zip(hosts, urls, strict=True)]
    return [hosts, *_ids_from_urls(urls)]


def texts_of(objects: Sequence[dict[str, Json]], name: str) -> list[str | None]:
    """Return the member *name* of each of *objects*, None where it is no text."""
    values: list[Any] = [each.get(name) for each in objects]
    if {*map(type, values)} <= _TEXT_OR_NONE:
        return values
    return [value if isinstance(value, str) else None for value in values]


def _ids_from_urls(urls: Sequence[str | None]) -> list[Sequence[str | None]]:
    """Return the three ids of each of *urls*, id by id, as :func:`ids_from_url` finds them."""
    # One search over all of them, in place of a call for each; an odd one among them costs these calls.
    pieces = _ORDINARY_ENDS.split("\n".join([url or "" for url in urls]))
    around = "".join(pieces[::4])
    if len(pieces) == 4 * len(urls) + 1 and around.count("\n") < len(urls) and "?" not in around and "#" not in around:
        return [pieces[1::4], pieces[3::4], pieces[2::4]]
    return [*zip(*map(ids_from_url, urls), strict=True)]


def is_older_retry(event: Json) -> bool:
    """Tell whether *event*, whose name is OLDER_NAME, is a retry: the path of its url then ends in the retry's action.

    Anything else of this name tells that a quiz was copied.
    """
    url = envelope(event).get("url")
    return isinstance(url, str) and _OLDER_URL.fullmatch(url) is not None


def host_of(hostname: Json, url: Json) -> str | None:
    """Return the host whose page to open: *hostname*, or where that is none the one of *url*, without its port."""
    if isinstance(hostname, str) and _HOST.fullmatch(hostname):
        return hostname
    match = _HOST_OF_URL.fullmatch(url) if isinstance(url, str) else None
    return match[1].lower() if match else None


def ids_from_url(url: Json) -> tuple[str | None, str | None, str | None]:
    """Return the ids of source course, target course and target assignment in *url*, of a page or of the API.

    No id is taken from an address of another form. A target that is missing or blank among the parameters is the
    course, or the assignment, of the path.

    >>> ids_from_url("https://canvas.test/courses/1/assignments/2/retry_alignment_clone?target_assignment_id=3")
    ('1', '1', '3')
    """
    if not isinstance(url, str):
        return None, None, None
    ordinary = _ORDINARY_ENDS.search(url)
    if ordinary and url.count("?") == 1 and "#" not in url and "\n" not in url:
        return ordinary[1], ordinary[3], ordinary[2]
    match = _RETRY_URL.fullmatch(url)
    if match is None:
        return None, None, None
    source_course, source_assignment, query = match.groups()
    parameters = dict(parse_qsl(query or "", keep_blank_values=True))
    return (
        _digits(source_course),
        _digits(parameters.get("target_course_id", "").strip() or source_course),
        _digits(parameters.get("target_assignment_id", "").strip() or source_assignment),
    )


def source_assignment_from_url(url: Json) -> str | None:
    """Return the id of the source assignment in *url*, where that is the address of a retry."""
    match = _RETRY_URL.fullmatch(url) if isinstance(url, str) else None
    return _digits(match[2]) if match else None


def _digits(text: str) -> str | None:
    return text if _ID.fullmatch(text) else None
