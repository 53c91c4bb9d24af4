"""When two records are copies of the same event.

Events in Canvas' own format carry no id, and delivery is at least once and unordered: the same event can arrive
again, later, in another wrapper, with its keys in another order.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import orjson

from canvas_events_cli import caliper
from canvas_events_cli.model import Json
from canvas_events_cli.timestamps import format_utc, is_usual, parse_instant

DIGEST_BYTES = 16
"""Wide enough that no two of 10^12 different events are taken for one (odds below 10^-14)."""

ENVELOPES = ("metadata", "attributes")
"""The names that the envelope goes by; the second is that of self-hosted Canvas."""


def envelope(event: Json) -> dict[str, Json]:
    """Return the envelope of *event*, ``metadata`` or as self-hosted Canvas has it ``attributes``; else ``{}``."""
    if isinstance(event, dict):
        for key in ENVELOPES:
            fields = event.get(key)
            if isinstance(fields, dict):
                return fields
    return {}


def event_name(event: Json) -> str | None:
    """Return what *event* is called: its ``event_name``, ``TYPE/ACTION`` for Caliper; None without a usable name."""
    name = name_in_envelope(event) if isinstance(event, dict) else None
    return name or caliper.event_name(event)


def name_in_envelope(event: dict[str, Json]) -> str | None:
    """Return the ``event_name`` of *event* where it has a usable one: a string that is not empty."""
    for key in ENVELOPES:
        fields = event.get(key)
        if isinstance(fields, dict):
            name = fields.get("event_name")
            if isinstance(name, str) and name:
                return name
    return None


def event_time(event: Json) -> Json:
    """Return when *event* says that it happened, whatever that is; None where it does not say."""
    if isinstance(event, dict):
        for key in ENVELOPES:
            fields = event.get(key)
            if isinstance(fields, dict):
                time = fields.get("event_time")
                if time is not None:
                    return time
    return event.get("eventTime") if isinstance(event, dict) and caliper.is_event(event) else None


def name_and_time(event: Json) -> tuple[str | None, Json]:
    """Return :func:`event_name` and :func:`event_time`: sooner, where the envelope has both."""
    if not isinstance(event, dict):
        return None, None
    fields = event.get("metadata")
    if isinstance(fields, dict):
        name, time = fields.get("event_name"), fields.get("event_time")
        if isinstance(name, str) and name and time is not None:
            return name, time
    return event_name(event), event_time(event)


def origin(fields: dict[str, Json]) -> Json:
    """Return what an envelope says that its event comes from: its ``request_id``, else its ``job_id``."""
    request = fields.get("request_id")
    return fields.get("job_id") if request is None else request


def event_digest(event: Json) -> bytes:
    """Return 16 bytes that are equal for copies of the same event, and only for these.

    Caliper events have an ``id``, of which copies are known. Others have none:
    Copies agree in event name, ``request_id`` (else ``job_id``), ``event_time`` as an instant, and body; a field
    that is null counts as absent, and the order of keys does not matter. An ``event_time`` that names no instant
    compares as the JSON value it is. Numbers compare as parsed: ``1.0`` and ``1.00`` are equal, ``1`` and ``1.0``
    are not. A value without an envelope has only its whole self to compare.
    """
    fields = envelope(event)
    value: list[object] = [event]
    if isinstance(event, dict):
        if caliper.is_event(event) and isinstance(event.get("id"), str):
            value = ["Caliper", event["id"]]
        elif fields:
            value = [fields.get("event_name"), origin(fields), _moment(fields.get("event_time")), event.get("body")]
    try:
        text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # it reads 1,024 levels of nesting, and writes 254
        text = orjson.dumps(_flat(value))
    digest: bytes = blake2b()(text, digest_size=DIGEST_BYTES).digest()
    return digest


@cache
def blake2b() -> Callable[..., Any]:
    """Return the function of that name, which is imported where somebody needs it: that takes 2 ms."""
    from hashlib import blake2b

    return blake2b


def _moment(time: Json) -> tuple[object, ...]:
    """Return the instant of *time* as its second in UTC and decimals; what names none alone, never taken for one."""
    if isinstance(time, str) and time.endswith("Z") and time.isupper() and is_usual(time):
        return time[:19], time[20:-1].rstrip("0")  # as nearly all are, in a quarter of the time
    instant = parse_instant(time)
    return (time,) if instant is None else (str(format_utc(instant))[:19], instant.fraction)


def _flat(value: object) -> list[object]:
    """Return the nodes of *value*, parents first: an object as its keys, an array as its length in an object."""
    nodes: list[object] = []
    rest = [value]
    while rest:
        node = rest.pop()
        if isinstance(node, dict):
            keys = sorted(node)
            nodes.append(keys)
            rest += [node[key] for key in keys]
        elif isinstance(node, list | tuple):
            nodes.append({"length": len(node)})
            rest += node
        else:
            nodes.append(node)
    return nodes
