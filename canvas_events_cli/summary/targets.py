"""Which assignment a retry or an update is of, in 24 bytes."""

from functools import lru_cache
from typing import NamedTuple

import orjson

from canvas_events_cli.canvas_ids import canvas_id, local_id, same_object
from canvas_events_cli.model import Json

_HIGHEST_ID = 2**63
"""Canvas ids are signed 64-bit integers."""


class Target(NamedTuple):
    """Names of one assignment, as numbers; 0 where it has none."""

    link: int
    """Stands for its root account and ``lti_resource_link_id``."""
    place: int
    """Stands for its root account, the uuid of its course and the local form of its numeric id."""
    number: int
    """The numeric id, global or local."""


def target_of(root_account: Json, link: Json, course: Json, assignment_id: Json) -> Target:
    """Return the assignment that an event names; what is absent or of the wrong type names nothing.

    Without ``root_account_uuid`` it is the same as others without. The numeric id names it in its course only: where
    the course's uuid is missing, it does not.
    """
    root = root_account if isinstance(root_account, str) else None
    number = canvas_id(assignment_id)
    if number is None or not isinstance(course, str) or len(number) > 19 or int(number) >= _HIGHEST_ID:
        return Target(digest(root, link) if isinstance(link, str) else 0, 0, 0)
    place = digest(root, course, local_id(number))
    return Target(digest(root, link) if isinstance(link, str) else 0, place, int(number))


def same_assignment(one: Target, other: Target) -> bool:
    """Tell whether both name the same assignment: by their links, where one has none by course and numeric id."""
    if one.link and other.link:
        return one.link == other.link
    return 0 != one.place == other.place and same_object(str(one.number), str(other.number))


@lru_cache(maxsize=4096)
def digest(*parts: str | None) -> int:
    """Return 8 bytes for *parts*, never 0: 10^7 updates and 10^5 retries meet by chance at odds of 10^-7."""
    from hashlib import blake2b

    return int.from_bytes(blake2b(orjson.dumps(parts), digest_size=8).digest()) or 1
