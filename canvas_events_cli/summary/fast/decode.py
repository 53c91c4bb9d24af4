"""Retry events read many at a time by a decoder that knows their fields, however these are spelled and ordered.

msgspec is as strict as orjson in what it decodes, but not in what it skips: there it lets pass what is not UTF-8, and
numbers that overflow a double. So nothing is skipped: the type has all fields of the envelope that were met so far, and
what has another one is no such event. That goes the plain way, by itself. Bodies with other fields than the documented
ones, or without some of these, are of a type of their own, which takes a little longer, once there was one.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress, count
from operator import attrgetter, not_
from typing import Any, Literal

from orjson import dumps

from canvas_events_cli.framing.fast import NOT_SO
from canvas_events_cli.framing.fast.batches import Batch
from canvas_events_cli.framing.fast.json_types import decoder_of, event_of, integer, object_of
from canvas_events_cli.model import Json, Record
from canvas_events_cli.running.reading import FastPath, Read
from canvas_events_cli.same_event import ENVELOPES, envelope
from canvas_events_cli.summary.packed import Rows, Texts
from canvas_events_cli.summary.retries import BY_DIGEST, key_by_digest
from canvas_events_cli.summary.retry_clone import (
    BODY_FIELDS,
    ENVELOPE_FIELDS,
    RETRY_CLONE,
    body_of,
    places_of,
    texts_of,
)
from canvas_events_cli.timestamps import to_micros

LEAST_BLOCK_BYTES = 64 * 1024
"""Smaller blocks are read the plain way: it takes longer to make a type."""
_NAME = RETRY_CLONE.encode()
_TOLD = ("event_time", "request_id", *ENVELOPE_FIELDS, "hostname", "url")
"""What of the envelope is told on."""
_DOCUMENTED = frozenset(BODY_FIELDS)
_AS_NAMED = {name: name for name in (*_TOLD, *BODY_FIELDS)}
_told_of = attrgetter(*_TOLD)
_MOST_TYPES = 16
"""How many types are made: that takes milliseconds."""
_MOST_FIELDS = 100


def fast_path() -> FastPath:
    """Return what decodes retries many at a time."""
    return FastPath(RetryDecoder(), LEAST_BLOCK_BYTES)


class RetryDecoder:
    """Reads batches: yields rows in place of the retries in them that are as nearly all are, anything else plainly."""

    def __init__(self) -> None:
        self._known = dict.fromkeys(_TOLD)
        """The fields of envelopes that were met so far, each a text or null, in the order in which they came."""
        self._types: list[Callable[[bytes | memoryview], list[Any]]] = []
        """For each form of the body, and key of the envelope, one: those of usual bodies, which are faster, first."""
        self._made = 0
        self._has_odd_bodies = False

    def __call__(self, parts: Iterable[Read | Batch]) -> Iterator[Read | Rows]:
        """Yield the *parts* of a block, with rows of retries in place of batches."""
        for part in parts:
            if not isinstance(part, Batch):
                yield part
            elif part.block.find(_NAME, part.start, part.end) < 0:
                yield from part.plainly()
            elif events := self._events(memoryview(part.block)[part.start : part.end], part.count):
                yield from _in_order(events, range(part.count), {}, part)
            else:
                yield from self._one_by_one(part)

    def _one_by_one(self, batch: Batch) -> Iterator[Read | Rows]:
        """Yield rows of retries that follow each other, and what the plain way makes of anything else."""
        events: list[Any] = []
        numbers: list[int] = []
        others: dict[int, Iterable[Read]] = {}
        for number, text in enumerate(batch.texts()):
            found = self._events(text, 1) if _NAME in text else []
            if found:
                events += found
                numbers.append(number)
                continue
            others[number] = items = [*batch.plain(number)]
            for item in items:
                if type(item) is Record and _NAME in text:
                    self._learn(envelope(item.value), body_of(item.value))
        yield from _in_order(events, numbers, others, batch)

    def _events(self, lines: bytes | memoryview, count: int) -> list[Any]:
        """Return so many events as *lines* are; none where they are not all of one type."""
        # Always in this order: the first one that does not fit says so within a few lines.
        for decode in self._types:
            try:
                events = decode(lines)
            except NOT_SO:
                continue
            if len(events) == count:
                return events
        return []

    def _learn(self, fields: dict[str, Json], body: dict[str, Json]) -> None:
        """Have types know the *fields* of an envelope, too, and such a *body*."""
        texts = dict.fromkeys(
            name for name, value in fields.items() if isinstance(value, str | None) and _is_plain(name)
        )
        known = texts | self._known
        is_odd = not (body.keys() == _DOCUMENTED and all(isinstance(value, str) for value in body.values()))
        is_new = len(known) > len(self._known) or is_odd > self._has_odd_bodies or not self._made
        if is_new and self._made < _MOST_TYPES and len(known) <= _MOST_FIELDS:
            self._known = known
            self._made += 1
            self._has_odd_bodies |= is_odd
            forms = [False, True] if self._has_odd_bodies else [False]
            self._types = [_type(key, [*known], odd_body=odd_body) for odd_body in forms for key in ENVELOPES]


def _in_order(
    events: list[Any], numbers: Sequence[int], others: dict[int, Iterable[Read]], batch: Batch
) -> Iterator[Read | Rows]:
    """Yield rows of *events*, which have these *numbers* in *batch*, and between them the *others*, by their numbers.

    Those with an odd time or request are others, too. No events are left.
    """
    rows, are_usual = _rows(events, batch) if events else (None, [])
    events.clear()  # so that the next ones take the same memory, which is in the processor's cache
    if rows is not None and all(are_usual) and not others:
        yield rows
        return
    odd = {numbers[place]: batch.plain(numbers[place]) for place in compress(count(), map(not_, are_usual))}
    others |= odd
    done = 0
    for number in sorted(others):
        place = bisect_left(numbers, number, done)
        if rows is not None and done < place:
            yield rows.part(done, place)
        yield from others[number]
        done = place + (number in odd)
    if rows is not None and done < len(numbers):
        yield rows.part(done, len(numbers))


def _rows(events: Sequence[Any], batch: Batch) -> tuple[Rows, list[bool]]:
    """Return *events* of *batch*, at least one, as rows, and whether each is known by its request and its time."""
    from msgspec.structs import astuple

    # All fields of an event at once, as soon as it is decoded: later it is no longer in the processor's cache.
    envelopes = map(_told_of, [event.envelope for event in events])
    times, requests, *told, hostnames, urls = zip(*envelopes, strict=True)
    micros, are_usual = to_micros(times)
    if BY_DIGEST in "".join(requests):
        are_usual = [is_exact and BY_DIGEST not in text for is_exact, text in zip(are_usual, requests, strict=True)]
    keys: Sequence[str] = requests
    bodies = [event.body for event in events]
    if dict in {*map(type, bodies)}:
        bodies = [body if type(body) is dict else _as_dict(body) for body in bodies]
        columns = [tuple(texts_of(bodies, name)) for name in BODY_FIELDS]
        keys = [*map(_key, times, requests, bodies, zip(*columns, strict=True))]
    else:
        columns = [*zip(*map(astuple, bodies), strict=True)]
    hosts, *ids = places_of(hostnames, urls)
    return Rows(micros, keys, [*map(_once, [*columns, *told, hosts]), *ids], is_unverified=batch.unverified), are_usual


def _as_dict(body: Any) -> dict[str, Json]:
    return dict(zip(BODY_FIELDS, map(body.__getattribute__, BODY_FIELDS), strict=True))


def _key(time: str, request: str, body: dict[str, Json], documented: tuple[str | None, ...]) -> str:
    """Return what ``Retries`` knows the retry by that has this *body*, and in it these texts in *documented* fields."""
    if len(body) == len(documented) and None not in documented:
        return request
    fields: Json = {"event_name": RETRY_CLONE, "event_time": time, "request_id": request}
    return key_by_digest({ENVELOPES[0]: fields, "body": body}, request)


def _once(values: Texts) -> Texts:
    """Return *values*, at least one, as one object where all are equal: it takes less memory, and time, from there."""
    is_one = values[0] == values[-1] and values.count(values[0]) == len(values)
    return [values[0]] * len(values) if is_one else values


def _type(key: str, known: Sequence[str], *, odd_body: bool) -> Callable[[bytes | memoryview], list[Any]]:
    """Return what decodes lines that are all retries whose envelope is under *key*, and has no fields but the *known*.

    With *odd_body* bodies are of any texts, booleans, nulls and integers. It raises what NOT_SO says for any other.
    """
    fields: dict[str, tuple[Any, ...]] = dict.fromkeys(known, (str | None, None))
    fields |= {"event_name": (Literal[RETRY_CLONE],), "event_time": (str,), "request_id": (str,)}
    any_body = dict[str, str | bool | integer() | None]  # type: ignore[misc, valid-type]
    body = any_body if odd_body else object_of(dict.fromkeys(BODY_FIELDS, (str,)), _AS_NAMED)
    return decoder_of(event_of(key, object_of(fields, _AS_NAMED), body)).decode_lines  # type: ignore[no-any-return]


def _is_plain(name: str) -> bool:
    """Tell whether JSON has no escape in *name*: types have no others."""
    return dumps(name) == b'"%b"' % name.encode()
