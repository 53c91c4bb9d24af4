"""What is remembered of ``assignment_updated`` events: what can tell how a retry ended."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from struct import Struct

from canvas_events_cli.model import Json
from canvas_events_cli.same_event import envelope
from canvas_events_cli.summary.outcomes import ENDS, OUTCOMES, Update
from canvas_events_cli.summary.targets import Place, Target, digest, target_of
from canvas_events_cli.summary.timeline import NO_TIME, micros_of

ASSIGNMENT_UPDATED = "assignment_updated"

_NO_END = OUTCOMES.index("unknown")
_ENDS = {state: OUTCOMES.index(end) for state, end in ENDS.items()}
_ROW = Struct("<qQBQQQ")
"""Time, request, what the state ends a retry with, link, course, numeric id."""


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
        fields = envelope(event)
        body = event.get("body") if isinstance(event, dict) else None
        if not isinstance(body, dict):
            return
        request, state, at = fields.get("request_id"), body.get("workflow_state"), micros_of(fields.get("event_time"))
        end = _ENDS.get(state, _NO_END) if isinstance(state, str) and at != NO_TIME else _NO_END
        if end == _NO_END and not (isinstance(request, str) and request):
            return
        target = target_of(
            fields.get("root_account_uuid"),
            body.get("lti_resource_link_id"),
            body.get("context_uuid"),
            body.get("assignment_id"),
        )
        if target.link or target.course:
            source = digest(request) if isinstance(request, str) and request else 0
            self.rows += _ROW.pack(at, source, end, *target)

    def merge(self, later: "Updates") -> None:
        """Add the updates of the part of the input after this one."""
        self.rows += later.rows

    def of(self, links: Container[int], places: Container[Place | None]) -> Iterator[Update]:
        """Yield the updates whose target has one of *links* or of *places*."""
        for at, source, end, *names in _ROW.iter_unpack(self.rows):
            target = Target(*names)
            if target.link in links or target.place in places:
                yield Update(at, source, OUTCOMES[end], target)
