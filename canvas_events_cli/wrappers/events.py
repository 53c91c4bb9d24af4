"""What events look like, without any wrapper."""

from canvas_events_cli import caliper
from canvas_events_cli.model import Json


def is_event(value: Json) -> bool:
    """Tell whether *value* is an event as Canvas sends it: an envelope, and a body that is no text.

    A ``body`` or ``attributes`` may be a queue's as well, by type: the body of a message is a string. This runs for
    every record and takes a tenth of a microsecond.
    """
    return (
        type(value) is dict
        and (type(value.get("metadata")) is dict or type(value.get("attributes")) is dict)
        and type(value.get("body", "")) is not str
    )


def as_event(value: Json) -> Json:
    """Return the event that *value* is without any wrapper, or None.

    That is one in Canvas' format, valid or not; one in Canvas' older shape, whose ``data`` becomes ``body``, so that
    pointers and fields are the same for both; a Caliper event as it is, and an envelope of Caliper without its list.
    """
    if type(value) is not dict:
        return None
    if is_event(value) or caliper.is_event(value):
        return value
    if caliper.is_envelope(value):
        return None if holds_caliper_events(value) else value
    if type(value.get("metadata")) is not dict:
        return None
    if "body" in value or type(value.get("data", "")) is str:
        return value
    return {"body" if key == "data" else key: member for key, member in value.items()}


def holds_caliper_events(value: Json) -> bool:
    """Tell whether *value* is what Caliper's sensors send a list of events in."""
    return isinstance(value, dict) and caliper.is_envelope(value) and type(value.get("data")) is list


def resembles_event(value: Json) -> bool:
    """Tell whether *value*, in no wrapper's shape, has one half of an event: better judged as one than as nothing."""
    return type(value) is dict and (type(value.get("attributes")) is dict or type(value.get("body")) is dict)
