"""What a person wants to know of an event first: when, what, who and where."""

from datetime import tzinfo
from typing import NamedTuple

from canvas_events_cli import caliper
from canvas_events_cli.model import NO_NAME, Json, Record
from canvas_events_cli.rendering.moments import converted
from canvas_events_cli.same_event import envelope
from canvas_events_cli.wrappers import exact_event

COLUMNS = ("time", "event", "who", "context")
"""The columns of a table of events for which no fields were asked."""


class Overview(NamedTuple):
    """Texts as they stand in the event, empty where it has none; not yet safe to print."""

    time: str
    """``event_time``, of a Caliper event ``eventTime``, as written."""
    local_time: str | None
    """The same moment in the zone asked for; None where that shows nothing new."""
    event: str
    who: str
    context: str

    def cells(self) -> tuple[str, str, str, str]:
        """Return the texts for :data:`COLUMNS`; the offset of a converted time shows from the original beside it."""
        time = f"{self.local_time[:19]} ({self.time})" if self.local_time else self.time
        return time, self.event, self.who, self.context


def overview(record: Record, tz: tzinfo | None) -> Overview:
    """Return what an event's envelope tells about it, of a Caliper event its members; *tz* None is local time."""
    event = exact_event(record)
    if isinstance(event, dict) and caliper.is_event(event):
        return _overview_of_caliper(event, tz)
    text = _texts(envelope(event))
    time = text.get("event_time", "")
    user = text.get("user_login") or _labelled("user", text.get("user_id"))
    job = _labelled("job", text.get("job_tag") or text.get("job_id"))
    context = _joined(" ", text.get("context_type"), text.get("context_id"))
    return Overview(
        time,
        converted(time, tz),
        text.get("event_name", NO_NAME),
        _joined(", ", user or job, text.get("context_role")),
        _joined(" on ", context, text.get("hostname")),
    )


def _overview_of_caliper(event: dict[str, Json], tz: tzinfo | None) -> Overview:
    time = _texts(event).get("eventTime", "")
    actor, group = event.get("actor"), event.get("group")
    # What Canvas adds to each.
    in_actor, in_group, in_event = (
        _texts(_member(_member(entity, "extensions"), caliper.CANVAS)) for entity in (actor, group, event)
    )
    context = _joined(" ", in_group.get("context_type"), in_group.get("entity_id"))
    roles = _member(event.get("membership"), "roles")
    return Overview(
        time,
        converted(time, tz),
        caliper.event_name(event) or NO_NAME,
        _joined(", ", in_actor.get("user_login") or _called(actor), *(roles if isinstance(roles, list) else ())),
        _joined(" on ", context or _called(group), in_event.get("hostname")),
    )


def _called(entity: Json) -> str:
    """Return the kind and the id in the urn that *entity* has, or is; any other id as it is."""
    identifier = entity if isinstance(entity, str) else _member(entity, "id")
    if not isinstance(identifier, str):
        return ""
    bare = identifier.removeprefix(caliper.URN)
    return bare if bare == identifier else " ".join(bare.split(":"))


def _member(value: Json, name: str) -> Json:
    return value.get(name) if isinstance(value, dict) else None


def _texts(value: Json) -> dict[str, str]:
    """Return the members of an object that are texts, or numbers as they are written."""
    return {key: item for key, item in value.items() if isinstance(item, str)} if isinstance(value, dict) else {}


def _joined(between: str, *texts: Json) -> str:
    return between.join(text for text in texts if text and isinstance(text, str))


def _labelled(label: str, text: str | None) -> str:
    return f"{label} {text}" if text else ""
