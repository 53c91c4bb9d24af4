"""Verdicts on events while they are parsed, many at a time: several times as fast as checking what was parsed.

Valid events are told by a type that only valid ones have, see ``event_type.py``. Streams in which many events have the
same mistakes, since a field was added or has gone, say, are as fast: once the engine has found the same in a few, a
type is made that only such events have, which therefore get the same verdict. What no type accepts is not thereby
wrong: the engine decides.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from itertools import filterfalse
from typing import Any

from canvas_events_cli.framing.fast import NOT_SO
from canvas_events_cli.framing.fast.batches import Batch
from canvas_events_cli.json_text import may_repeat
from canvas_events_cli.model import Record
from canvas_events_cli.same_event import ENVELOPES
from canvas_events_cli.timestamps import are_times
from canvas_events_cli.validation.engines import ValidationSpec
from canvas_events_cli.validation.fast.event_type import EventTypes, ObjectType, are_digits, types_of_told
from canvas_events_cli.validation.findings import Verdict

PAUSE = 15
"""How many batches are read the plain way after one in which no type told anything, and line by line after one with
several verdicts: such batches come in rows, and each attempt costs as much as a parse."""

_NAME = re.compile(rb'"event_name"[ \t\r\n]*:[ \t\r\n]*"([^"]*)')
_REPEATED = "a key is repeated"
_SAME_VERDICTS = 3
"""How many events have to get the same verdict before a type is made for more of them: that takes milliseconds."""
_MOST_TYPES = 128
"""How many of those are made."""
_MOST_LOOKED_AT = 1000
"""How many events of a name that no type accepts are looked at in order to make them."""
_MOST_UNKNOWN = 1000
"""How many names without a schema something is remembered of."""
_LONGEST_TOLD = 1000
"""Characters of what is told of an event, beyond which it is not remembered: hostile names are long, or many."""
_MOST_TRIED = 3
"""How many types are tried on what is not valid: where none accepts it, that was in vain."""


class VerdictTypes:
    """Tells the verdicts on events by their types; these are made for each event name when it is first met."""

    def __init__(self, spec: ValidationSpec) -> None:
        self._types = {key: EventTypes(spec.catalog.envelope, key) for key in ENVELOPES}
        self._show_values = spec.show_values
        self.strict = spec.strict
        self._catalog = spec.catalog
        self._wrong: dict[tuple[bytes, str], list[tuple[ObjectType, Verdict]]] = {}
        """Of events with mistakes, by their name and by why they are not valid."""
        self._latest: tuple[ObjectType, Verdict] | None = None
        """That of the event that was told of last."""
        self._made = 0
        self._mixed = 0
        """How many batches to look at line by line."""
        self._tells_unknown = not spec.strict and spec.catalog.every_body is None
        self._bodies = cache(lambda key, name: self._types[key].body(self._catalog.bodies.get(name)))
        self._documented, self._unknown = cache(self._make), lru_cache(_MOST_UNKNOWN)(self._make)
        """What is known of the events of a name with a schema; and of one without, of which there can be many."""

    def told(self, batch: Batch) -> "Told":
        """Return of which events in *batch* types tell that there is nothing to tell, and of the others why not."""
        told = self._together(batch) or self._each(batch.texts())
        if self.strict and may_repeat(batch.array()):  # all at once: that takes less than one by one
            repeated = {number for number, text in enumerate(batch.texts()) if may_repeat(text)}
            told.wrong |= dict.fromkeys(repeated - told.wrong.keys(), _REPEATED)
            clean = {known: [*filterfalse(repeated.__contains__, same)] for known, same in told.clean.items()}
            told.clean = {known: same for known, same in clean.items() if same}
        if len(told.clean) == 1 and not told.wrong:
            (known,) = told.clean
            if kind := known.event():
                self._latest = kind, known.clean
        return told

    def clean(self, text: bytes) -> Verdict | None:
        """Return the verdict on the event *text* that nothing is wrong with it; None where no type says so."""
        for key, types in self._types.items():
            event: Any = types.envelope.read(text) if types.envelope else None
            known = self._known(key, types.name_of(event)) if event is not None else None
            if known is not None and known.body.read(event.body) is not None:
                return None if self.strict and may_repeat(text) else known.clean
        return None

    def _together(self, batch: Batch) -> "Told | None":
        """Return what is told of *batch* where all envelopes are valid and under one key; None where they are not."""
        if self._mixed:
            self._mixed -= 1
            return None
        lines = memoryview(batch.block)[batch.start : batch.end]
        for key, types in self._types.items():
            events = types.envelope.read_lines(lines, batch.count) if types.envelope else None
            if events is not None:
                told = Told()
                self._tell(told, key, range(batch.count), events)
                return told
        self._mixed = PAUSE
        return None

    def _each(self, texts: Sequence[bytes]) -> "Told":
        """Return what is told of the events *texts*, whose envelopes may be wrong, and under either key."""
        told = Told(wrong=dict.fromkeys(range(len(texts)), ""))
        for key, types in self._types.items():
            if types.envelope is None:
                continue
            numbers = [number for number, why in told.wrong.items() if not why or key.encode() in texts[number]]
            for number in numbers:
                del told.wrong[number]
            self._tell(told, key, numbers, types.envelope.read_each([texts[number] for number in numbers]))
        return told

    def _tell(self, told: "Told", key: str, numbers: Sequence[int], events: list[Any | str]) -> None:
        """Add to *told* what types tell of *events*, which have these *numbers*; a text says why one is none."""
        name_of = self._types[key].name_of
        by_name: dict[str, list[int]] = {}
        bodies: dict[int, bytes] = {}
        for number, event in zip(numbers, events, strict=True):
            if isinstance(event, str):
                told.wrong[number] = event
            else:
                by_name.setdefault(name_of(event), []).append(number)
                bodies[number] = event.body
        clean: dict[_Known, list[int]] = {}
        odd: list[_Known] = []
        ids: list[str | int | None] = []
        times: list[str | None] = []
        for name, same in by_name.items():
            known = self._known(key, name)
            if known is None:
                told.wrong |= dict.fromkeys(same, "body: ")
                continue
            clean[known] = same
            try:
                read = known.body.decoder.decode_lines(b"\n".join(map(bodies.__getitem__, same)))
            except NOT_SO:
                odd.append(known)
                continue
            ids += known.body.ids_of(read)
            times += known.body.times_of(read)
        for known in odd if are_digits(ids) and are_times(times) else [*clean]:
            same = clean.pop(known)
            each = zip(same, known.body.read_each(map(bodies.__getitem__, same)), strict=True)
            told.wrong |= {number: f"body: {why}" for number, why in each if type(why) is str}
            if right := [number for number in same if number not in told.wrong]:
                clean[known] = right
        told.clean |= clean

    def wrong(self, text: bytes, why: str, in_any_order: bool) -> Verdict | None:
        """Return the verdict on the event *text*, which is not valid and *why*, where a type tells it for sure.

        *in_any_order* says that the order of findings in one event does not matter.
        """
        for wrong, verdict in self._wrong.get((_name_in(text), why), ())[:_MOST_TRIED]:
            # Findings are in the order of the fields in each event.
            in_order = in_any_order or len(verdict.findings) < 2
            if in_order and type(wrong.read_each((text,))[0]) is not str and not (self.strict and may_repeat(text)):
                self._latest = wrong, verdict
                return verdict
        return None

    def alike(self, batch: Batch, in_any_order: bool) -> Verdict | None:
        """Return the verdict on the event that was told of last, if it is that on each event in *batch*."""
        if self._latest is None or not (in_any_order or len(self._latest[1].findings) < 2):
            return None
        kind, verdict = self._latest
        if not kind.read_lines(memoryview(batch.block)[batch.start : batch.end], batch.count):
            return None
        return None if self.strict and may_repeat(batch.array()) else verdict

    def learn(self, record: Record, verdict: Verdict) -> bool:
        """Consider making a type of events that have the same *verdict* as *record*; return whether there is a new one.

        Only of what does not depend on the values in them: fields of another type or missing, undocumented fields.
        """
        if not (verdict.findings or verdict.undocumented_fields or verdict.missing_fields) or self._show_values:
            return False
        name = verdict.event_name or ""
        members = record.value.keys() if isinstance(record.value, dict) else ()
        key = next((key for key in ENVELOPES if members == {key, "body"}), "")
        known = self._known(key, name) if key else None
        if known is None or known.looked_at >= _MOST_LOOKED_AT or self._made >= _MOST_TYPES:
            return False
        known.looked_at += 1
        told = tuple(
            [text for finding in verdict.findings for text in (finding.pointer, finding.keyword, finding.message)]
            + ["", *verdict.undocumented_fields, "", *verdict.missing_fields]
        )
        if sum(map(len, told)) > _LONGEST_TOLD:
            return False
        known.seen[told] += 1
        if known.seen[told] != _SAME_VERDICTS:
            return False
        others = types_of_told(record.value, key, verdict)
        why = self._each((record.raw,)).wrong.get(0)
        if others is None or why is None:
            return False
        wrong = self._types[key].event(name, self._catalog.bodies.get(name), others)
        if wrong is not None:
            self._made += 1
            self._wrong.setdefault((_name_in(record.raw), why), []).insert(0, (wrong, verdict))
        return wrong is not None

    def _known(self, key: str, name: str) -> "_Known | None":
        """Return what is known of events by their key and their name; None where no type can tell anything."""
        if name in self._catalog.bodies:
            return self._documented(key, name)
        return self._unknown(key, name) if self._tells_unknown and 0 < len(name) <= _LONGEST_TOLD else None

    def _make(self, key: str, name: str) -> "_Known | None":
        file = self._catalog.bodies.get(name)
        body = self._bodies(key, name if file else "")
        if body is None:
            return None
        event = cache(partial(self._types[key].event, name, file))
        return _Known(body, Verdict(name, undocumented_event=not file), event)


def _name_in(text: bytes) -> bytes:
    """Return what is most likely the name of the event *text*, as it is written: types ask for it."""
    match = _NAME.search(text)
    return match[1] if match else b""


@dataclass(slots=True)
class Told:
    """What types tell of the events of a batch, which are known by their numbers."""

    clean: "dict[_Known, list[int]]" = field(default_factory=dict)
    """Those of which there is nothing to tell."""
    wrong: dict[int, str] = field(default_factory=dict)
    """Why no type says so of the others."""


@dataclass(slots=True, eq=False)
class _Known:
    """What is known of the events of one name that have their envelope under one key."""

    body: ObjectType
    """Of valid bodies."""
    clean: Verdict
    event: Callable[[], ObjectType | None]
    """Makes the type of whole events that are valid."""
    looked_at: int = 0
    seen: Counter[tuple[str, ...]] = field(default_factory=Counter)
    """How many events no type accepted, by what was told of them."""
