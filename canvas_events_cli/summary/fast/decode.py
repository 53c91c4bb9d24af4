"""Retry events read many at a time by a decoder that knows their fields, however these are spelled and ordered.

msgspec is as strict as orjson in what it decodes, but not in what it skips: there it lets pass what is not UTF-8, and
numbers that overflow a double. So nothing is skipped: the type has all fields of the envelope that were met so far, and
what has another one is no such event. That goes the plain way, by itself.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, Literal

from canvas_events_cli.framing.fast.batches import Batch
from canvas_events_cli.model import Json, Record
from canvas_events_cli.running.reading import FastPath, Read
from canvas_events_cli.same_event import ENVELOPES, envelope
from canvas_events_cli.summary.packed import Rows
from canvas_events_cli.summary.retries import BY_DIGEST
from canvas_events_cli.summary.retry_clone import BODY_FIELDS, ENVELOPE_FIELDS, RETRY_CLONE, places_of
from canvas_events_cli.summary.timeline import to_micros
from canvas_events_cli.validation.fast.event_type import NOT_SO

LEAST_BLOCK_BYTES = 64 * 1024
"""Smaller blocks are read the plain way: it takes longer to make a type."""
_NAME = RETRY_CLONE.encode()
_TOLD = ("event_time", "request_id", *ENVELOPE_FIELDS, "hostname", "url")
"""What of the envelope is told on."""
_told = attrgetter(*_TOLD)
_MOST_TYPES = 16
"""How many types are made: that takes milliseconds."""
_MOST_FIELDS = 100


def fast_path() -> FastPath:
    """Return what decodes retries many at a time."""
    return FastPath(RetryDecoder(), LEAST_BLOCK_BYTES)


class RetryDecoder:
    """Reads batches: yields rows in place of the retries in them that are as nearly all are, anything else plainly."""

    def __init__(self) -> None:
        self._known = [*_TOLD]
        """The fields of envelopes that were met so far, each a text or null."""
        self._types: list[Callable[[bytes | memoryview], list[Any]]] = []
        """For each key of the envelope one, first that which was used last."""
        self._made = 0

    def __call__(self, parts: Iterable[Read | Batch]) -> Iterator[Read | Rows]:
        """Yield the *parts* of a block, with rows of retries in place of batches."""
        for part in parts:
            if not isinstance(part, Batch):
                yield part
            elif part.block.find(_NAME, part.start, part.end) < 0:
                yield from part.plainly()
            else:
                yield from self._decoded(part)

    def _decoded(self, batch: Batch) -> Iterator[Read | Rows]:
        events = self._events(memoryview(batch.block)[batch.start : batch.end], batch.count)
        rows = _rows(events, batch) if events else None
        if rows is not None:
            yield rows
        else:
            yield from self._one_by_one(batch)

    def _one_by_one(self, batch: Batch) -> Iterator[Read | Rows]:
        """Yield rows of retries that follow each other, and what the plain way makes of anything else."""
        alike: list[Any] = []
        for number, text in enumerate(batch.texts()):
            events = self._events(text, 1) if _NAME in text else []
            alike += events
            if not events:
                yield from _together(alike, number, batch)
                alike = []
                for item in batch.plain(number):
                    yield item
                    if type(item) is Record and _NAME in text:
                        self._learn(envelope(item.value))
        yield from _together(alike, batch.count, batch)

    def _events(self, lines: bytes | memoryview, count: int) -> list[Any]:
        """Return so many events as *lines* are; none where they are not all of one type."""
        for place, decode in enumerate(self._types):
            try:
                events = decode(lines)
            except NOT_SO:
                continue
            if len(events) == count:
                self._types.insert(0, self._types.pop(place))
                return events
        return []

    def _learn(self, fields: dict[str, Json]) -> None:
        """Have types know the *fields* of an envelope, too."""
        others = [name for name, value in fields.items() if isinstance(value, str | None) and name not in self._known]
        if (others or not self._made) and self._made < _MOST_TYPES and len(self._known) + len(others) <= _MOST_FIELDS:
            self._known += others
            self._made += 1
            self._types = [_type(key, self._known) for key in ENVELOPES]


def _together(events: Sequence[Any], end: int, batch: Batch) -> Iterator[Read | Rows]:
    """Yield rows of *events*, those of *batch* up to *end*, and what the plain way makes of those that are odd."""
    rows = _rows(events, batch) if events else None
    if rows is not None:
        yield rows
    elif len(events) == 1:
        yield from batch.plain(end - 1)
    elif events:
        half = len(events) // 2
        yield from _together(events[:half], end - len(events) + half, batch)
        yield from _together(events[half:], end, batch)


def _rows(events: Sequence[Any], batch: Batch) -> Rows | None:
    """Return *events* of *batch*, at least one, as rows; None where one has an odd time or request."""
    from msgspec.structs import astuple

    times, requests, *told, hostnames, urls = zip(*map(_told, [event.envelope for event in events]), strict=True)
    micros, are_exact = to_micros(times)
    if not all(are_exact) or BY_DIGEST in "".join(requests):
        return None
    fields = [*zip(*map(astuple, [event.body for event in events]), strict=True), *told, *places_of(hostnames, urls)]
    return Rows(micros, requests, fields, unverified=len(events) if batch.unverified else 0)


def _type(key: str, known: Sequence[str]) -> Callable[[bytes | memoryview], list[Any]]:
    """Return what decodes lines that are all retries whose envelope is under *key*, and has no fields but the *known*.

    It raises what NOT_SO says for any other.
    """
    from msgspec.json import Decoder

    kinds: dict[str, tuple[Any, ...]] = dict.fromkeys(known, (str | None, None))
    kinds |= {"event_name": (Literal[RETRY_CLONE],), "event_time": (str,), "request_id": (str,)}
    attributes = {name if name in _TOLD else f"_{number}": name for number, name in enumerate(kinds)}
    around = _objects({attribute: kinds[name] for attribute, name in attributes.items()}, attributes)
    body = _objects(dict.fromkeys(BODY_FIELDS, (str,)))
    return Decoder(_objects({"envelope": (around,), "body": (body,)}, {"envelope": key})).decode_lines


def _objects(fields: Mapping[str, tuple[Any, ...]], names: Mapping[str, str] | None = None) -> Any:
    """Return the type of objects of *fields*, by attribute, and no other ones; *names* are those in JSON."""
    from msgspec import defstruct

    described = [(attribute, *kind) for attribute, kind in fields.items()]
    # What is parsed holds nothing but texts, so the garbage collector need not look at it for cycles.
    return defstruct("Object", described, rename=names, kw_only=True, forbid_unknown_fields=True, gc=False)
