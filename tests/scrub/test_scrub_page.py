"""What the page for who shares a capture says of each kind of value is what becomes of one."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from canvas_events_cli import scrub

PAGE = (Path(__file__).parents[2] / ".docs" / "privacy.md").read_text()
(TABLE,) = re.findall(r"^\| what \| becomes \|\n\| --- \| --- \|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
ROWS = [row.split(" | ")[0].removeprefix("| ") for row in TABLE.splitlines()]

UUID = "2b0f3a52-1111-4c9d-8a70-9e6d4a1b0c55"
Fits = Callable[[str], object]


def same(value: str) -> Fits:
    return lambda became: became == value


def form(pattern: str) -> Fits:
    return lambda became: re.fullmatch(pattern, became)


# By row: where in a submission_updated the value stands, the value, and what becomes of it.
CASES: dict[str, list[tuple[str, object, Fits]]] = {
    "ids, as text or number": [
        ("/body/user_id", "21070000000000042", form(r'"[1-9]\d{16}"')),
        ("/body/user_id", 42424242, form(r"[1-9]\d{7}")),
    ],
    "uuids, session ids, LTI ids": [
        ("/body/lti_assignment_id", UUID, form(r'"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"')),
        ("/metadata/session_id", "be288e0e8b35ebafd1dfae8e178bf0f1", form(r'"[0-9a-f]{32}"')),
    ],
    "names, titles, texts, SIS ids, user agents": [
        (place, "Ada 42", form(r'"[b-df-hj-np-tv-z]{24}"'))
        for place in ("/body/body", "/metadata/user_sis_id", "/metadata/user_agent")
    ],
    "logins and e-mail addresses": [
        ("/metadata/user_login", "ada@example.edu", form(r'"\w{24}@\w{24}\.invalid"')),
        ("/metadata/user_login", "ada", form(r'"[b-z]{24}"')),
    ],
    "hosts": [("/metadata/hostname", "learn.example.edu", form(r'"\w+\.invalid"'))],
    "addresses of pages": [
        ("/metadata/url", "https://learn.example.edu/courses/612", form(r'"https://\w+\.invalid/courses/(?!612)\d{3}"'))
    ],
    "IP addresses": [
        ("/metadata/client_ip", "2001:db8::4f", form(r'"2001:db8:[0-9a-f:]+"')),
        ("/metadata/client_ip", "192.0.2.17", form(r'"(?!192\.0\.2\.17)\d+(?:\.\d+){3}"')),
    ],
    "times": [("/body/updated_at", "2024-09-18T22:40:14-06:00", same('"2024-09-18T22:40:14-06:00"'))],
    "states, kinds, roles, time zones, languages, scores, `true` and `false`": [
        ("/body/workflow_state", "submitted", same('"submitted"')),
        ("/metadata/time_zone", "America/Denver", same('"America/Denver"')),
        ("/body/late", True, same("true")),
        ("/body/workflow_state", "Ada Moreau", form(r'"[b-z]{24}"')),
    ],
    "undocumented numbers": [
        ("/body/surprise", 20431177, form(r"(?!20431177)[1-9]\d{7}")),
        ("/body/surprise", 204, same("204")),
    ],
}
ELSEWHERE = {
    "undocumented names of fields that look like values": "test_planted_values, test_scrubber",
    "messages and rows that events arrived in": "test_scrub_command, test_scrubber",
}


def test_every_row_is_tried() -> None:
    assert [*CASES, *ELSEWHERE] == ROWS


@pytest.mark.parametrize(
    ("place", "value", "fits"),
    [case for cases in CASES.values() for case in cases],
    ids=lambda item: None if callable(item) else str(item)[:40],
)
def test_a_value_becomes_what_the_page_says(place: str, value: object, fits: Fits) -> None:
    _, part, field = place.split("/")
    event = {
        "metadata": {"event_name": "submission_updated", "event_time": "2024-09-18T22:40:15Z"},
        "body": {"submission_id": "21070000000702113"},
    }
    event[part][field] = value  # type: ignore[assignment]
    became = json.loads(b"".join(scrub([event], key=b"a key for this test")))[part][field]
    assert fits(json.dumps(became)), became
