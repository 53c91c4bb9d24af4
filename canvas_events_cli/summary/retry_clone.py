"""The retry event: what of it is kept for the summary.

A user pressed "retry" after the cloning of outcome alignments onto a copied assignment had failed. The uuids in the
body cannot be opened in Canvas; the numeric ids in ``metadata.url`` can.
"""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple
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
"""What a Subject has of the envelope as it is, in its order."""

_MOST_DIGITS = 19
"""Canvas ids are signed 64-bit integers; the bound also keeps hostile rows small."""

_RETRY_URL = re.compile(
    r"[^?#]*/courses/([^/?#]*)/assignments/([^/?#]*)/retry_alignment_clone(?:\?([^#]*))?(?:#.*)?", re.DOTALL
)
_OLDER_URL = re.compile(r"[^?#]*/retry_alignment_clone(?:[?#].*)?", re.DOTALL)

_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
_HOST_OF_URL = re.compile(rf"https?://(?:[^/?#@]*@)?({_HOST})(?::[0-9]*)?(?:[/?#].*)?", re.DOTALL | re.IGNORECASE)


RetryField = Literal[
    "status", "domain", "source_course", "target_course", "target_assignment", "source_assignment",
    "target_course_link", "context_role", "user", "root_account", "login", "host", "source_course_id",
    "target_course_id", "target_assignment_id",
]  # fmt: skip
"""A field of :class:`Subject`."""


class Subject(NamedTuple):
    """What was retried, where and by whom.

    None stands for a value that is absent or no string. Fields in ``_id`` are decimal digits, ``host`` can stand in an
    address as it is. The first seven are the body's, in the order of BODY_FIELDS.
    """

    status: str | None
    domain: str | None
    source_course: str | None
    target_course: str | None
    target_assignment: str | None
    source_assignment: str | None
    target_course_link: str | None
    context_role: str | None
    user: str | None
    root_account: str | None
    login: str | None
    host: str | None
    source_course_id: str | None
    target_course_id: str | None
    target_assignment_id: str | None


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
    texts = [*map(values.get, BODY_FIELDS), *map(fields.get, ENVELOPE_FIELDS)]
    url = fields.get("url")
    ids = (column[0] for column in url_ids([url]))
    return Subject._make([*map(_text, texts), host_of(fields.get("hostname"), url), *ids])


def is_older_retry(event: Json) -> bool:
    """Tell whether *event*, whose name is OLDER_NAME, is a retry: the path of its url then ends in the retry's action.

    Anything else of this name tells that a quiz was copied.
    """
    url = envelope(event).get("url")
    return isinstance(url, str) and _OLDER_URL.fullmatch(url) is not None


def host_of(hostname: Json, url: Json) -> str | None:
    """Return the host whose page to open: *hostname*, or where that is none the one of *url*, without its port.

    Letters, digits, dots and hyphens only: nothing in it means anything to a terminal, a browser or a spreadsheet.
    """
    try:
        return _HOSTS[hostname] if isinstance(hostname, str) else _host_of_url(url)
    except KeyError:
        return _host_of_url(url)


def hosts(hostnames: Sequence[str | None], urls: Sequence[str | None]) -> list[str | None]:
    """Return :func:`host_of` of each; sooner where all have a hostname, and more so where it is the same."""
    try:
        if hostnames.count(hostnames[0]) == len(hostnames):
            return [_HOSTS[hostnames[0] or ""]] * len(hostnames)
        return [_HOSTS[hostname or ""] for hostname in hostnames]
    except KeyError:
        return [*map(host_of, hostnames, urls)]


def _host_of_url(url: Json) -> str | None:
    match = _HOST_OF_URL.fullmatch(url) if isinstance(url, str) else None
    return match[1].lower() if match else None


def ids_from_url(url: Json) -> UrlIds:
    """Return the ids in *url*, of a page or of the API; no id is taken from an address of another form.

    A target that is missing or blank among the parameters is the course, or the assignment, of the path.

    >>> ids_from_url("https://canvas.test/courses/1/assignments/2/retry_alignment_clone?target_assignment_id=3")
    UrlIds(source_course='1', target_course='1', target_assignment='3')
    """
    match = _RETRY_URL.fullmatch(url) if isinstance(url, str) else None
    if match is None:
        return UrlIds()
    source_course, source_assignment, query = match.groups()
    parameters = dict(parse_qsl(query or "", keep_blank_values=True))
    return UrlIds(
        _digits(source_course),
        _digits(parameters.get("target_course_id", "").strip() or source_course),
        _digits(parameters.get("target_assignment_id", "").strip() or source_assignment),
    )


def url_ids(urls: Sequence[Json]) -> Sequence[Sequence[str | None]]:
    """Return the three ids of each of *urls*, id by id, as :func:`ids_from_url` finds them.

    Sooner where all are as Canvas writes them: the parts of such urls recur, and have been read before.
    """
    texts = [url for url in urls if isinstance(url, str)]
    try:
        return _ordinary_ids(texts) if len(texts) == len(urls) else _each(urls)
    except KeyError:
        return _each(urls)


def _each(urls: Sequence[Json]) -> Sequence[Sequence[str | None]]:
    return list(zip(*map(ids_from_url, urls), strict=True))


def _ordinary_ids(urls: Sequence[str]) -> Sequence[Sequence[str | None]]:
    """Return the ids of *urls*; raises KeyError where one of them is of another form than Canvas writes."""
    cut = [url.partition("?") for url in urls]
    paths = [path.partition("/assignments/") for path, _, _ in cut]
    queries = [query.partition("&") for _, _, query in cut]
    for _, _, action in paths:
        _ACTIONS[action]
    return (
        [_PLACES[place] for place, _, _ in paths],
        [_COURSES[course] for _, _, course in queries],
        [_ASSIGNMENTS[assignment] for assignment, _, _ in queries],
    )


class _Read(dict[str, str]):
    """Texts that match *pattern*, and what its group is in them: a text is read once. KeyError for any other."""

    def __init__(self, pattern: str) -> None:
        self._read = re.compile(pattern).fullmatch

    def __missing__(self, text: str) -> str:
        match = self._read(text)
        if match is None:
            raise KeyError(text)
        if len(text) <= _LONGEST_HELD:
            if len(self) >= _MOST_HELD:
                self.clear()
            self[text] = match[1]
        return match[1]


_HOSTS = _Read(rf"({_HOST})")
_MOST_HELD = 8192
_LONGEST_HELD = 256
_PLACES = _Read(rf"[^?#]*/courses/([0-9]{{1,{_MOST_DIGITS}}})")
_ACTIONS = _Read(r"[^/?#]*(/retry_alignment_clone)")
_ASSIGNMENTS = _Read(rf"target_assignment_id=([0-9]{{1,{_MOST_DIGITS}}})")
_COURSES = _Read(rf"target_course_id=([0-9]{{1,{_MOST_DIGITS}}})")


def _digits(text: str) -> str | None:
    return text if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
