"""What a person wants to know of an event first: when, what, who and where."""

from __future__ import annotations

from datetime import tzinfo
from typing import NamedTuple

from canvas_events_cli import caliper
from canvas_events_cli.model import NO_NAME, Json, Record
from canvas_events_cli.rendering.event_tree import Members, Tree, member, read
from canvas_events_cli.rendering.moments import converted

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
    """Return what the event's envelope tells about it; *tz* None is local time."""
    try:
        tree = read(record.json)
    except RecursionError:
        tree = shallow(record.value)
    return overview_of(tree, tz)


def overview_of(tree: Tree, tz: tzinfo | None) -> Overview:
    """Return the same for an event that was read already."""
    if isinstance(tree, tuple) and caliper.is_event(dict(tree)):
        return _overview_of_caliper(tree, tz)
    text = _texts_of(member(tree, "metadata") or member(tree, "attributes"))
    time = text.get("event_time", "")
    user = text.get("user_login") or _labelled("user", text.get("user_id"))
    job = _labelled("job", text.get("job_tag") or text.get("job_id"))
    context = " ".join(filter(None, (text.get("context_type"), text.get("context_id"))))
    return Overview(
        time,
        converted(time, tz),
        text.get("event_name", NO_NAME),
        ", ".join(filter(None, (user or job, text.get("context_role")))),
        " on ".join(filter(None, (context, text.get("hostname")))),
    )


def _overview_of_caliper(tree: Members, tz: tzinfo | None) -> Overview:
    text = _texts_of(tree)
    time = text.get("eventTime", "")
    actor, group = member(tree, "actor"), member(tree, "group")
    in_actor, in_group, in_event = map(_additions, (actor, group, tree))
    context = " ".join(filter(None, (in_group.get("context_type"), in_group.get("entity_id"))))
    roles = member(member(tree, "membership"), "roles")
    who = [in_actor.get("user_login") or _called(actor), *(roles if isinstance(roles, list) else ())]
    return Overview(
        time,
        converted(time, tz),
        caliper.event_name(dict(tree)) or NO_NAME,
        ", ".join(item for item in who if item and isinstance(item, str)),
        " on ".join(filter(None, (context or _called(group), in_event.get("hostname")))),
    )


def _additions(entity: Tree) -> dict[str, str]:
    """Return the texts that Canvas adds to *entity*."""
    return _texts_of(member(member(entity, "extensions"), caliper.CANVAS))


def _called(entity: Tree) -> str:
    """Return the kind and the id in the urn that *entity* has, or is; any other id as it is."""
    identifier = entity if isinstance(entity, str) else member(entity, "id")
    if not isinstance(identifier, str):
        return ""
    return (
        " ".join(identifier.removeprefix(caliper.URN).split(":")) if identifier.startswith(caliper.URN) else identifier
    )


def shallow(value: Json) -> Tree:
    """Return the texts two levels into an event that is nested too deeply to read as a tree."""
    if not isinstance(value, dict):
        return None
    parts = ((name, part) for name, part in value.items() if isinstance(part, dict))
    return tuple((name, tuple(_texts(part))) for name, part in parts)


def _texts(part: dict[str, Json]) -> list[tuple[str, Tree]]:
    return [(key, value) for key, value in part.items() if isinstance(value, str)]


def _texts_of(tree: Tree) -> dict[str, str]:
    return {key: value for key, value in tree if isinstance(value, str)} if isinstance(tree, tuple) else {}


def _labelled(label: str, text: str | None) -> str:
    return f"{label} {text}" if text else ""
