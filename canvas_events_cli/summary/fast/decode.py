"""Retry events as Canvas writes them, read many at a time by a decoder that knows their fields.

msgspec is as strict as orjson in what it decodes, but not in what it skips: there it lets pass what is not UTF-8, and
numbers that overflow a double. So nothing is skipped. A batch of lines in which one is malformed, another event, or
has a field that is not declared here, or of another type, is read the plain way.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, Literal

import orjson

from canvas_events_cli.bundled import bundled_schemas
from canvas_events_cli.framing.fast.batches import Batch
from canvas_events_cli.model import Json
from canvas_events_cli.parse import read_object
from canvas_events_cli.running.reading import Read
from canvas_events_cli.same_event import event_name
from canvas_events_cli.summary.retries import RetryBatch
from canvas_events_cli.summary.retry_clone import (
    BODY_FIELDS,
    ENVELOPE_FIELDS,
    ORDINARY_URL,
    RETRY_CLONE,
    host_of,
    ids_from_url,
)
from canvas_events_cli.summary.timeline import utc_micros
from canvas_events_cli.summary.updates import ASSIGNMENT_UPDATED
from canvas_events_cli.wrappers import is_event

_UPDATED = f'"{ASSIGNMENT_UPDATED}"'.encode()

_ORDINARY_URLS = re.compile(f"^{ORDINARY_URL}$", re.MULTILINE)


def retry_batches(parts: Iterable[Read | Batch]) -> Iterator[Read | RetryBatch]:
    """Yield *parts*, with rows of columns in place of batches of retry events wherever that says the same."""
    for part in parts:
        if not isinstance(part, Batch):
            yield part
            continue
        retries = _batch(part.block, part.start, part.end, part.count)
        if retries is None:
            yield from part.plainly()
        else:
            yield retries


def _batch(block: bytes, start: int, end: int, objects: int) -> RetryBatch | None:
    """Return the events of *block* from *start* to *end*; None where they are not all retries as Canvas writes them.

    Among them may be updates of assignments, on lines of their own: a capture of retries that tells how they ended.
    """
    from msgspec.structs import astuple

    events, updates = _decoder()(memoryview(block)[start:end]), list[Json]()
    if not events and block.find(_UPDATED, start, end) >= 0:
        lines = block[start:end].split(b"\n")
        updates = [*_updates(line for line in lines if _UPDATED in line)]
        events = _decoder()(memoryview(b"\n".join(line for line in lines if _UPDATED not in line)))
    if not events or len(events) + len(updates) != objects:
        return None
    envelopes = [event.metadata for event in events]
    try:
        micros = utc_micros([envelope.event_time for envelope in envelopes])
    except ValueError:
        return None
    urls = [envelope.url for envelope in envelopes]
    fields = [
        *zip(*map(astuple, [event.body for event in events]), strict=True),
        *(list(map(attrgetter(name), envelopes)) for name in ENVELOPE_FIELDS),
        hosts([envelope.hostname for envelope in envelopes], urls),
        *url_ids(urls),
    ]
    return RetryBatch([envelope.request_id for envelope in envelopes], micros, fields, updates)


def _updates(lines: Iterable[bytes]) -> Iterator[Json]:
    """Yield the event of each of *lines* that is an update of an assignment, and nothing else."""
    for event in map(read_object, lines):
        if is_event(event) and event_name(event) == ASSIGNMENT_UPDATED:
            yield event


def hosts(hostnames: Sequence[str | None], urls: Sequence[str | None]) -> list[str | None]:
    """Return :func:`host_of` of each; sooner for hostnames that recur."""
    known = {name: host_of(name, None) for name in set(hostnames)}
    return [known[name] or host_of(None, url) for name, url in zip(hostnames, urls, strict=True)]


def url_ids(urls: Sequence[str | None]) -> list[Sequence[str | None]]:
    """Return the three ids of each of *urls*, id by id, as :func:`ids_from_url` finds them."""
    # One search over all of them, in place of a call for each; an odd one among them costs these calls.
    lines = "\n".join(url or "" for url in urls)
    found = _ORDINARY_URLS.findall(lines)
    if len(found) == len(urls) == lines.count("\n") + 1:
        source_courses, target_assignments, target_courses = zip(*found, strict=True)
        return [source_courses, target_courses, target_assignments]
    return list(zip(*map(ids_from_url, urls), strict=True))


@cache
def _decoder() -> Callable[[memoryview], list[Any]]:
    """Return what decodes lines that are all retry events as Canvas writes them; it returns nothing for any other."""
    from msgspec import DecodeError, defstruct
    from msgspec.json import Decoder

    schema = orjson.loads((bundled_schemas() / "envelope.json").read_bytes())
    required = {"event_name": Literal[RETRY_CLONE], "event_time": str, "request_id": str}
    documented = schema["$defs"]["envelope"]["properties"]
    optional = [(name, str | None, None) for name in documented if name not in required]
    # Nothing but texts is in them, so the garbage collector need not look at thousands of objects for cycles.
    envelope = defstruct("Envelope", [*required.items(), *optional], forbid_unknown_fields=True, gc=False)
    body = defstruct("Body", [(name, str) for name in BODY_FIELDS], forbid_unknown_fields=True, gc=False)
    event = defstruct("Event", [("metadata", envelope), ("body", body)], forbid_unknown_fields=True, gc=False)
    decode = Decoder(event).decode_lines

    def decode_lines(lines: memoryview) -> list[Any]:
        try:
            return decode(lines)
        except (DecodeError, UnicodeDecodeError):
            return []

    return decode_lines
