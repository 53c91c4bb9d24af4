"""Caliper 1.1, the other format of live events, as far as its values can be told by their members.

Sources: the 1EdTech Caliper Analytics specification 1.1, for events and for the envelope they are sent in; Canvas' own
description of its Caliper format, for the rest.
"""

CANVAS = "com.instructure.canvas"
"""Under which Canvas' own fields stand in ``extensions``."""

URN = "urn:instructure:canvas:"
"""What Canvas' ids begin with in this format."""

ENVELOPE = ("sensor", "sendTime", "dataVersion")
TELLING = ("@context", "actor", "action", "object", "eventTime")
"""Required members of an event, without the two that a row of anything may have."""
_FEWEST = 3


def is_event(value: object) -> bool:
    """Tell whether *value* is a Caliper event, one with members missing too."""
    if type(value) is not dict or "metadata" in value:
        return False
    if "@context" in value and "type" in value and ("action" in value or "object" in value):
        return True
    return sum(map(value.__contains__, TELLING)) >= _FEWEST


def is_envelope(value: object) -> bool:
    """Tell whether *value* is what sensors send events in, one with a member missing too."""
    return type(value) is dict and "metadata" not in value and sum(map(value.__contains__, ENVELOPE)) > 1


def event_name(event: object) -> str | None:
    """Return what cevents calls a Caliper event, ``TYPE/ACTION``; None for any other value, and without a type.

    >>> event_name({"@context": "", "type": "AssignableEvent", "action": "Submitted"})
    'AssignableEvent/Submitted'
    """
    if not isinstance(event, dict) or not is_event(event):
        return None
    kind, action = event.get("type"), event.get("action")
    if not isinstance(kind, str) or not kind:
        return None
    return f"{kind}/{action}" if isinstance(action, str) and action else kind
