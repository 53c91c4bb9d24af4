"""What is remembered of ``assignment_updated`` events: what can tell how a retry ended."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from struct import Struct
from typing import Literal, NamedTuple, get_args

import orjson

from canvas_events_cli.canvas_ids import canvas_id, local_number
from canvas_events_cli.model import Json
from canvas_events_cli.same_event import blake2b, envelope
from canvas_events_cli.summary.retry_clone import body_of
from canvas_events_cli.timestamps import NO_TIME, micros_of

ASSIGNMENT_UPDATED = "assignment_updated"

Outcome = Literal["succeeded", "failed", "abandoned", "timed_out", "unknown"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

NO_END = OUTCOMES.index("unknown")
_ENDS: Mapping[str, Outcome] = {
    "published": "succeeded",
    "unpublished": "succeeded",
    "failed_to_clone_outcome_alignment": "failed",
    "deleted": "abandoned",
}
"""What the workflow state of the assignment says of the retry before it; other states do not end one."""

_HIGHEST_ID = 2**63
"""Canvas ids are signed 64-bit integers."""
_ROW = Struct("<qBQQQQ")


class Target(NamedTuple):
    """Names of the assignment that a retry or an update is of, as numbers; 0 where it has none."""

    link: int
    """Stands for its root account and ``lti_resource_link_id``."""
    course: int
    """Stands for its root account and the uuid of its course."""
    number: int
    """The numeric id in its course, global or local."""

    @property
    def place(self) -> tuple[int, int] | None:
        """Its course and the local form of its numeric id; None where it is not named by these."""
        return (self.course, local_number(self.number)) if self.course else None


class Update(NamedTuple):
    """What of an ``assignment_updated`` the end of a retry depends on; what ends one sorts by when it counts."""

    at: int
    """Microseconds since 1970; NO_TIME where it does not say when."""
    end: int
    """The place in OUTCOMES of what its state ends a retry with; NO_END where it ends none, or does not say when."""
    request: int
    """Stands for ``request_id``; 0 where there is none."""
    target: Target


@dataclass(slots=True)
class Updates:
    """A row of 41 bytes for each update that can matter, in source order. Append-only.

    It says of which assignment it is; and its state ends a retry, or it comes from a request, which may be a retry's
    own. Which assignments are retried is not known before all is read. Copies have rows of their own: to hear twice
    how a retry ended changes nothing, and to tell copies apart would take longer than all the rest.
    """

    rows: bytearray = field(default_factory=bytearray)

    def add(self, event: Json) -> None:
        """Remember *event*, whose name is ASSIGNMENT_UPDATED, if it can matter."""
        fields, body = envelope(event), body_of(event)
        request, state, at = fields.get("request_id"), body.get("workflow_state"), micros_of(fields.get("event_time"))
        end = OUTCOMES.index(_ENDS[state]) if isinstance(state, str) and state in _ENDS and at != NO_TIME else NO_END
        source = digest(request) if isinstance(request, str) and request else 0
        if end == NO_END and not source:
            return
        target = target_of(
            fields.get("root_account_uuid"),
            body.get("lti_resource_link_id"),
            body.get("context_uuid"),
            body.get("assignment_id"),
        )
        if target.link or target.course:
            self.rows += _ROW.pack(at, end, source, *target)

    def merge(self, later: "Updates") -> None:
        """Add the updates of the part of the input after this one."""
        self.rows += later.rows

    def __iter__(self) -> Iterator[Update]:
        for at, end, request, *names in _ROW.iter_unpack(self.rows):
            yield Update(at, end, request, Target(*names))


def target_of(root_account: Json, link: Json, course: Json, assignment_id: Json) -> Target:
    """Return the assignment that an event names; what is absent or of the wrong type names nothing.

    Without ``root_account_uuid`` it is the same as others without. The numeric id names it in its course only: where
    the course's uuid is missing, it does not.
    """
    root = root_account if isinstance(root_account, str) else None
    linked = digest(root, link) if isinstance(link, str) else 0
    number = canvas_id(assignment_id)
    if number is None or not isinstance(course, str) or len(number) > 19 or int(number) >= _HIGHEST_ID:
        return Target(linked, 0, 0)
    return Target(linked, _course_digest(root, course), int(number))


def digest(*parts: str | None) -> int:
    """Return 8 bytes for *parts*, never 0: 10^7 updates and 10^5 retries meet by chance at odds of 10^-7."""
    return int.from_bytes(blake2b()(orjson.dumps(parts), digest_size=8).digest()) or 1


_course_digest = lru_cache(maxsize=4096)(digest)
