"""Events made up from schemas: as many as are wanted, what can be wrong with one, and how a retry goes."""

import json
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from fnmatch import fnmatchcase
from itertools import chain, islice
from typing import Any, NamedTuple

import orjson

from canvas_events_cli.catalog import Catalog
from canvas_events_cli.catalog.catalog import name_hint
from canvas_events_cli.catalog.fields import ANY_ELEMENT, DocumentedField, fields_of
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.example.drafts import (
    DRAFTS,
    START,
    Draft,
    caliper_name,
    full_event,
    iso,
    referring,
    thinned,
)
from canvas_events_cli.example.requests import STORY, Event, pressed, retry_story
from canvas_events_cli.example.values import random_of
from canvas_events_cli.example.world import Numbers, World
from canvas_events_cli.example.wrapping import Wrap
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Finding, Json
from canvas_events_cli.running.reading import ReadOptions, events_in
from canvas_events_cli.sources.source import STDIN_NAME
from canvas_events_cli.summary.retry_clone import RETRY_CLONE
from canvas_events_cli.validation import ValidationSpec
from canvas_events_cli.validation.report import ReportOptions
from canvas_events_cli.validation.work import ValidationWork

_LONGEST_STEP = 500
"""Milliseconds from one event to the next."""
_FACTOR, _INCREMENT, _MODULUS = 0x2360ED051FC65DA44385DF649FCCF645, 0x5851F42D4C957F2D14057B7EF767814F, 1 << 128
"""Of a linear congruential generator (O'Neill, PCG, 2014): a request's id takes two operations."""


class Example(NamedTuple):
    """An event as it is written, without a line feed."""

    text: bytes
    mistake: Finding | None = None
    """What is wrong with it, if anything."""


class Examples:
    """Makes events up; what comes depends on the schemas, on *seed* and on what was asked for before, on nothing else.

    *spec* is to be strict: what it says is wrong is what ``validate --strict`` says.
    """

    def __init__(self, spec: ValidationSpec, seed: str, wrap: Wrap | None = None) -> None:
        self._catalog = spec.catalog
        self._seed = seed
        self._wrap = wrap
        self._judge = ValidationWork(spec, ReportOptions(max_findings=0)).compile().report
        self._random = random_of(seed)
        self._first = 1 + int(self._random.random() * 900)
        self._world = World(self._first, random_of(seed, "world"))
        self._moment = START * 1000 + 402
        self._request = int(self._random.random() * _MODULUS) + int(self._random.random() * 2**64)
        self._referring: dict[str, list[DocumentedField]] = {}

    def valid(self, names: Sequence[str], count: int) -> Iterator[Example]:
        """Yield *count* events of each of *names*, in turn, times ascending. Raises CeventsError.

        Costs some microseconds an event, once the drafts of its name are made.
        """
        drafts: dict[tuple[str, int], Draft] = {}
        for index in range(count):
            which = index % DRAFTS
            for name in names:
                self._step()
                draft = drafts.get((name, which))
                if draft is None:
                    full = self.full(name, str(which))
                    thin = thinned(self._catalog, name, full, which)
                    draft = drafts[name, which] = self._draft(name, thin, full)
                yield Example(self._written(self._rendered(draft, self._world.draw(draft.about, name)), name))

    def invalid(self, names: Sequence[str], count: int | None) -> Iterator[Example]:
        """Yield an event for each kind of mistake, *count* at most of each of *names*. Raises CeventsError."""
        for name in names:
            full = self.full(name)
            draft = self._draft(name, full)

            def told(event: Event, name: str = name) -> list[Finding]:
                return self.findings(self._written(orjson.dumps(event), name))

            changes = islice(mistakes_in(self._catalog, name, full, told), count)
            for change in changes:
                self._step()
                event = orjson.loads(self._rendered(draft, self._world.draw(draft.about, name)))
                _change(event, change.path, change.value)
                yield Example(self._written(orjson.dumps(event), name), change.finding)

    def stories(self, count: int) -> Iterator[Example]:
        """Yield *count* times how a cloning failed, and a user retried until it went well. Raises CeventsError."""
        names_for(self._catalog, STORY)
        for index in range(count):
            for step in retry_story(self.full, self._random):
                self._moment += step.milliseconds
                draft = Draft(step.event, self._fields(step.name))
                text = self._rendered(draft, {"": self._first + index}, is_same_request=step.is_same_request)
                if self.findings(text):
                    raise self._impossible(step.name, text)
                yield Example(self._written(text, step.name))

    def findings(self, text: bytes) -> list[Finding]:
        """Return what ``validate --strict`` finds in *text* where that is piped to it."""
        framer = Framer()
        framed = chain(framer.feed(text + b"\n"), framer.finish())
        return self._judge(STDIN_NAME, events_in(framed, ReadOptions())).findings

    def full(self, name: str, variant: str = "") -> Event:
        """Return an event of this *name* with all that its schemas know, one for each *variant*."""
        event = full_event(self._catalog, name, self._seed, variant)
        return pressed(event) if name == RETRY_CLONE else event

    def _step(self) -> None:
        self._moment += 1 + int(self._random.random() * _LONGEST_STEP)

    def _draft(self, name: str, *events: Event) -> Draft:
        """Return a draft of the first of *events* that a schema allows, with ids of its own where it allows these.

        Raises CeventsError where there is none.
        """
        for event, fields in (*((event, self._fields(name)) for event in events), (events[-1], [])):
            draft = Draft(event, fields)
            text = self._rendered(draft, {"": self._first})
            if not self.findings(text):
                return draft
        raise self._impossible(name, text)

    def _fields(self, name: str) -> list[DocumentedField]:
        if name not in self._referring:
            self._referring[name] = referring(self._catalog, name)
        return self._referring[name]

    def _impossible(self, name: str, text: bytes) -> CeventsError:
        found = self.findings(text)[0]
        return CeventsError(
            f"{name}: no valid event can be made up from its schema ({found.pointer or 'the whole event'} "
            f"{found.message} [{found.keyword}]): give the schema an example (examples)"
        )

    def _rendered(self, draft: Draft, numbers: Numbers, *, is_same_request: bool = False) -> bytes:
        second, millisecond = divmod(self._moment, 1000)
        if not is_same_request:
            self._request = (self._request * _FACTOR + _INCREMENT) % _MODULUS
        digits = f"{self._request ^ self._request >> 67:032x}"  # the last digits of such numbers repeat soon
        request = f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-9{digits[17:20]}-{digits[20:]}"
        return draft.render(iso(second), millisecond, request, numbers)

    def _written(self, text: bytes, name: str) -> bytes:
        return self._wrap(text, name, self._moment) if self._wrap else text


def names_for(catalog: Catalog, patterns: Sequence[str]) -> list[str]:
    """Return the names of events that *patterns* are, or match. Raises CeventsError for one that matches none."""
    known = [*catalog.bodies, *filter(None, [caliper_name(catalog)])]
    found: dict[str, None] = {}
    for pattern in patterns:
        names = [name for name in known if fnmatchcase(name, pattern)]
        if not names and catalog.every_body is not None:
            names = [pattern]
        if not names:
            hint = name_hint(pattern, catalog.bodies, *known)
            raise CeventsError(f"no schema for an event named {pattern!r}{hint} ('cevents schema list' lists all)")
        found |= dict.fromkeys(names)
    return list(found)


_REMOVED = object()
_PALETTE: tuple[Any, ...] = (_REMOVED, None, True, 1.5, -1, "", "no such value", [], {})
"""What is put in the place of a value; what a schema allows is no mistake, and passed over."""
_UNKNOWN = "no_such_field"
_BEYOND: dict[str, Callable[[Any, Any], Json]] = {
    "minimum": lambda limit, _: limit - 1,
    "maximum": lambda limit, _: limit + 1,
    "exclusiveMinimum": lambda limit, _: limit,
    "exclusiveMaximum": lambda limit, _: limit,
    "multipleOf": lambda limit, value: value + limit / 2,
    "minLength": lambda limit, value: value[: limit - 1],
    "maxLength": lambda limit, value: value * (limit + 1),
    "maxItems": lambda limit, value: value * (limit + 1),
}
"""What is just beyond a limit, by the keyword that sets it, and a value within it."""


class Mistake(NamedTuple):
    """A change to an event, and the one finding that it comes to."""

    path: tuple[str | int, ...]
    value: Any
    finding: Finding


def mistakes_in(
    catalog: Catalog, name: str, event: Event, findings: Callable[[Event], list[Finding]]
) -> Iterator[Mistake]:
    """Yield a change to *event* for each pointer and keyword of which *findings* of the changed event tell, alone."""
    body = catalog.body_for(name)
    fields = [*fields_of(catalog.envelope), *(fields_of(body, ("body",)) if body else ())]
    limits = {field.path: sorted(field.rules) for field in fields}
    seen: set[tuple[str, str]] = set()
    for path, value in _places(event):
        named = tuple(ANY_ELEMENT if isinstance(token, int) else token for token in path)
        beyond = [
            _BEYOND[key](json.loads(limit), value) for key, limit in limits.get(named, ()) if key in _BEYOND and value
        ]
        changes = [(path, new) for new in (*_PALETTE, *beyond)] if path else []
        if isinstance(value, dict):
            changes.append(((*path, _UNKNOWN), 1))
        for place, new in changes:
            changed = deepcopy(event)
            _change(changed, place, new)
            found = findings(changed)
            if len(found) == 1 and (kind := (found[0].pointer, found[0].keyword)) not in seen:
                seen.add(kind)
                yield Mistake(place, new, found[0])


def _places(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    """Yield the path of *value* and of all that is in it, with the value there; of an array the first element's."""
    yield path, value
    inside = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for key, inner in inside:
        yield from _places(inner, (*path, key))


def _change(event: Any, path: tuple[str | int, ...], value: Any) -> None:
    *above, last = path
    for token in above:
        event = event[token]
    if value is _REMOVED:
        del event[last]
    else:
        event[last] = value
