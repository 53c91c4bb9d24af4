"""Which assignment a retry or an update is of, in 24 bytes."""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, NamedTuple

import orjson

from canvas_events_cli.canvas_ids import canvas_id, local_number
from canvas_events_cli.model import Json

_HIGHEST_ID = 2**63
"""Canvas ids are signed 64-bit integers."""


class Target(NamedTuple):
    """Names of one assignment, as numbers; 0 where it has none."""

    link: int
    """Stands for its root account and ``lti_resource_link_id``."""
    course: int
    """Stands for its root account and the uuid of its course."""
    number: int
    """The numeric id in its course, global or local."""

    @property
    def place(self) -> "Place | None":
        """Its course and the local form of its numeric id; None where it is not named by these."""
        return (self.course, local_number(self.number)) if self.course else None


Place = tuple[int, int]


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
    return int.from_bytes(_blake2b()(orjson.dumps(parts), digest_size=8).digest()) or 1


_course_digest = lru_cache(maxsize=4096)(digest)


@cache
def _blake2b() -> Callable[..., Any]:
    from hashlib import blake2b

    return blake2b
