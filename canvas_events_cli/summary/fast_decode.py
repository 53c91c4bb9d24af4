"""Retry events as Canvas writes them, read many at a time by a decoder that knows their fields.

msgspec is as strict as orjson in what it decodes, but not in what it skips: there it lets pass what is not UTF-8, and
numbers that overflow a double. So nothing is skipped. A stretch of lines in which one is malformed, another event, or
has a field that is not declared here, or of another type, is read the plain way.
"""

from collections.abc import Callable, Iterator
from functools import cache
from operator import attrgetter
from typing import Any, Literal

from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.framing.stretches import feed_in_stretches
from canvas_events_cli.model import Framed
from canvas_events_cli.summary.retries import RetryBatch
from canvas_events_cli.summary.retry_clone import BODY_FIELDS, ENVELOPE_FIELDS, RETRY_CLONE, hosts, url_ids
from canvas_events_cli.summary.timeline import utc_micros

# The rest of what Canvas documents for every event, as schemas/envelope.json has it.
_ENVELOPE_FIELDS = (
    "client_ip", "context_account_id", "context_id", "context_role", "context_sis_source_id", "context_type",
    "developer_key_id", "hostname", "http_method", "job_id", "job_tag", "producer", "real_user_id", "referrer",
    "root_account_id", "root_account_lti_guid", "root_account_uuid", "session_id", "time_zone", "url",
    "user_account_id", "user_agent", "user_id", "user_login", "user_sis_id",
)  # fmt: skip


def feed_retries(framer: Framer, block: bytes) -> Iterator[Framed | RetryBatch]:
    """Yield what ``framer.feed(block)`` does, with batches in place of retry events wherever that says the same."""
    return feed_in_stretches(framer, block, _batch, Framer.feed)


def _batch(block: bytes, start: int, end: int, objects: int) -> RetryBatch | None:
    """Return the events of *block* from *start* to *end*, None where they are not all retries as Canvas writes them."""
    from msgspec.structs import astuple

    events = _decoder()(memoryview(block)[start:end])
    if len(events) != objects:
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
    return RetryBatch([envelope.request_id for envelope in envelopes], micros, fields)


@cache
def _decoder() -> Callable[[memoryview], list[Any]]:
    """Return what decodes lines that are all retry events as Canvas writes them; it returns nothing for any other."""
    from msgspec import DecodeError, defstruct
    from msgspec.json import Decoder

    optional = [(name, str | None, None) for name in _ENVELOPE_FIELDS]
    required = [("event_name", Literal[RETRY_CLONE]), ("event_time", str), ("request_id", str)]
    envelope = defstruct("Envelope", [*required, *optional], forbid_unknown_fields=True, gc=False)
    body = defstruct("Body", [(name, str) for name in BODY_FIELDS], forbid_unknown_fields=True, gc=False)
    event = defstruct("Event", [("metadata", envelope), ("body", body)], forbid_unknown_fields=True, gc=False)
    decode = Decoder(event).decode_lines

    def decode_lines(lines: memoryview) -> list[Any]:
        try:
            return decode(lines)
        except (DecodeError, UnicodeDecodeError):
            return []

    return decode_lines
