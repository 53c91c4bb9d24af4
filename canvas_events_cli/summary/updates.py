"""What is remembered of ``assignment_updated`` events: what can tell how a retry ended."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from struct import Struct

from canvas_events_cli.model import Json
from canvas_events_cli.same_event import envelope, event_digest
from canvas_events_cli.summary.outcomes import ENDS, OUTCOMES, Update
from canvas_events_cli.summary.targets import Target, digest, target_of
from canvas_events_cli.summary.timeline import NO_TIME, micros_of

ASSIGNMENT_UPDATED = "assignment_updated"

_NO_END = OUTCOMES.index("unknown")
_ROW = Struct("<QqQBQQQ")
"""What copies have in common, time, request, what the state ends a retry with, link, place, numeric id."""


@dataclass(slots=True)
class Updates:
    """A row of 49 bytes for each update that can matter, in source order. Append-only.

    It says of which assignment it is; and its state ends a retry, or it comes from a request, which may be a retry's
    own. Which assignments are retried is not known before all is read. Copies have rows of their own: those that matter
    are few, and told apart in the end.
    """

    rows: bytearray = field(default_factory=bytearray)

    def add(self, event: Json) -> None:
        """Remember *event*, whose name is ASSIGNMENT_UPDATED, if it can matter."""
        fields = envelope(event)
        body = event.get("body") if isinstance(event, dict) else None
        if not isinstance(body, dict):
            return
        request, state, at = fields.get("request_id"), body.get("workflow_state"), micros_of(fields.get("event_time"))
        source = digest(request) if isinstance(request, str) and request else 0
        end = OUTCOMES.index(ENDS.get(state, "unknown")) if isinstance(state, str) and at != NO_TIME else _NO_END
        target = target_of(
            fields.get("root_account_uuid"),
            body.get("lti_resource_link_id"),
            body.get("context_uuid"),
            body.get("assignment_id"),
        )
        if (source or end != _NO_END) and (target.link or target.place):
            self.rows += _ROW.pack(int.from_bytes(event_digest(event)[:8]), at, source, end, *target)

    def merge(self, later: "Updates") -> None:
        """Add the updates of the part of the input after this one."""
        self.rows += later.rows

    def of(self, links: Container[int], places: Container[int]) -> Iterator[Update]:
        """Yield the unique updates whose target has one of *links* or of *places*.

        Of copies the first counts: where it is of another root account, and a later one matches, there is none.
        """
        rows = _ROW.iter_unpack
        matching = {copy for copy, _, _, _, link, place, _ in rows(self.rows) if link in links or place in places}
        for copy, at, source, end, *target in rows(self.rows) if matching else ():
            if copy in matching:
                matching.remove(copy)
                update = Update(at, source, OUTCOMES[end], Target(*target))
                if update.target.link in links or update.target.place in places:
                    yield update
