"""What stands in wrappers where events should."""

from enum import Enum
from typing import NamedTuple

from canvas_events_cli import caliper
from canvas_events_cli.model import Json
from canvas_events_cli.wrappers.shapes import as_event, holds_caliper_events, is_event

Way = tuple[int, ...]
Names = tuple[str, ...]


class Kind(Enum):
    """What stands somewhere, as far as a glance tells."""

    EVENT = "an event"
    OLDER = "an event in Canvas' older shape"
    CALIPER = "an event of Caliper's, or an envelope of it with several"
    CLAIMS = "the claims of a signed token"
    UNKNOWN = "something else"


class Content(NamedTuple):
    """What stands where an event should."""

    text: bytes
    """On one line, in the brackets of an object."""
    way: Way
    """Which of the spots inside it is in, at each step of ``look_into`` from the record on."""
    wrappers: Names
    """What it was in, outermost first."""
    kind: Kind

    @property
    def is_bare(self) -> bool:
        """Whether it is the record itself."""
        return not self.way and not self.wrappers


def kind_of_event(value: Json) -> Kind:
    """Return what *value* is, which stands where an event should."""
    if is_event(value):
        return Kind.EVENT
    if caliper.is_event(value) or holds_caliper_events(value):
        return Kind.CALIPER
    return Kind.OLDER if is_event(as_event(value)) else Kind.UNKNOWN
