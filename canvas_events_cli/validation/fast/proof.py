"""Verdicts on events while they are parsed, which is several times as fast as checking what was parsed.

Events are proven valid by a type that only valid ones have, see ``event_type.py``. Streams in which every event has
the same fault, since a field was added or has gone, say, are as fast: of what was found in one event a type is made
that only such events have, which therefore get the same verdict. What no type accepts is not thereby wrong: the engine
decides.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import chain
from typing import Annotated, NamedTuple

from canvas_events_cli.model import Record
from canvas_events_cli.pointers import split
from canvas_events_cli.validation.engines import MISSING, ValidationSpec
from canvas_events_cli.validation.fast.event_type import ABSENT, EventType, EventTypes
from canvas_events_cli.validation.findings import Verdict

_LEEWAY = 200
_NAME = b'"event_name":"'
_PARTS = ("metadata", "body")
_NULL = type(None)
_SCALARS = (str, int, float, bool)
_ANY_SCALAR = str | int | float | bool | None
_WRONG_TEXT = {"pattern": "[A-Za-z]", "format": r"\A[^0-9]"}
"""What no text holds that is as a type asks for: such a pattern is of digits, such a format one of times."""
_UNDOCUMENTED, _MISSING = "(undocumented)", "(missing)"
"""In place of a keyword, for what is noted of a field: no keyword is called so."""
_ENOUGH = 3
"""How many events have to get the same verdict before a type is made for more of them: that takes milliseconds."""
_MOST_TYPES = 128
"""How many of those are made."""
_MOST_TRIED = 1000
"""How many events of a name that no type accepts are looked at in order to make them."""
_LONGEST_TOLD = 1000
"""Characters of what is told of an event, beyond which it is not remembered: hostile names are long, or many."""
_TRIED = 3
"""How many types are tried on an event or a stretch that is not valid: where none accepts it, that was in vain."""


def compile_prover(spec: ValidationSpec) -> "Prover | None":
    """Return what tells verdicts by *spec*; None where the reference is asked for, or a look at every byte.

    ``--strict`` looks for repeated keys, of which a parser shows the last alone.
    """
    if spec.strict or spec.engine != "jsonschema-rs":
        return None
    return Prover(spec)


class Prover:
    """Tells the verdicts on events by their types; these are made for each event name when it is first met."""

    def __init__(self, spec: ValidationSpec) -> None:
        self._catalog = spec.catalog
        self._types = EventTypes(spec.catalog.envelope)
        self._show_values = spec.show_values
        self._known: dict[bytes, _Known | None] = {}
        self._made = 0
        self._about = 0

    def prove(self, raw: bytes, *, in_any_order: bool = False) -> Verdict | None:
        """Return the verdict on the event whose JSON text *raw* is, where a type tells it for sure; else None.

        *in_any_order* says that the order of its findings does not matter.
        """
        # Wherever it stands, the type asks for that name; events in a row have it at about the same place.
        place = raw.find(_NAME, self._about)
        if place < 0:
            place = raw.find(_NAME)
        self._about = max(0, place - _LEEWAY)
        known = self._named_at(raw, place)
        if known is None:
            return None
        refusal = known.valid.refusal(raw)
        if refusal is None:
            return known.clean
        for alike in known.alike.get(refusal, ())[:_TRIED]:
            if (in_any_order or alike.is_in_order) and alike.type.refusal(raw) is None:
                return alike.verdict
        return None

    def prove_all(
        self, block: bytes, start: int, end: int, objects: int, *, in_any_order: bool = False
    ) -> Verdict | None:
        """Return the verdict that the *objects* in *block* from *start* to *end* share, where a type tells it for sure.

        They are lines of one object or more. None says nothing of any one of them.
        """
        known = self._named_at(block, block.find(_NAME, start, end))
        if known is None:
            return None
        lines = memoryview(block)[start:end]
        if known.valid.accepts_lines(lines, objects):
            return known.clean
        refusal = known.valid.refusal(block[start : block.find(b"\n", start, end)])
        for alike in known.alike.get(refusal or "", ())[:_TRIED]:
            if (in_any_order or alike.is_in_order) and alike.type.accepts_lines(lines, objects):
                return alike.verdict
        return None

    def learn(self, record: Record, verdict: Verdict) -> bool:
        """Consider making a type of events that have the same *verdict* as *record*; return whether there is a new one.

        Only of what does not depend on the values in them: fields of another type or missing, undocumented fields.
        """
        name = verdict.event_name or ""
        known = self._known.get(name.encode())
        if known is None or self._show_values or known.tried >= _MOST_TRIED or self._made >= _MOST_TYPES:
            return False
        known.tried += 1
        faults = chain.from_iterable((one.pointer, one.keyword, one.message) for one in verdict.findings)
        told = (*faults, "", *verdict.undocumented_fields, "", *verdict.missing_fields)
        if sum(map(len, told)) > _LONGEST_TOLD:
            return False
        known.seen[told] += 1
        apart = _fields_apart(record.value, verdict) if known.seen[told] == _ENOUGH else None
        refusal = known.valid.refusal(record.raw) if apart is not None else None
        if apart is None or refusal is None:
            return False
        kind = self._types.of(name, self._catalog.bodies[name], apart)
        if kind is not None:
            self._made += 1
            known.alike.setdefault(refusal, []).insert(0, _Alike(kind, verdict, len(verdict.findings) < 2))
        return kind is not None

    def _named_at(self, raw: bytes, place: int) -> "_Known | None":
        """Return what is known of events of the name at *place*.

        Names without a schema are not remembered: there can be many.
        """
        start = place + len(_NAME)
        name = raw[start : raw.find(b'"', start)]
        if name not in self._known:
            event_name = name.decode("utf-8", "replace")
            if place < 0 or event_name not in self._catalog.bodies:
                return None
            valid = self._types.of(event_name, self._catalog.bodies[event_name])
            self._known[name] = _Known(valid, Verdict(event_name)) if valid else None
        return self._known[name]


class _Alike(NamedTuple):
    """Events that have the same faults."""

    type: EventType
    verdict: Verdict
    is_in_order: bool
    """Whether the findings have the same order in all of them: it is that of the fields in each."""


@dataclass(slots=True)
class _Known:
    """What is known of the events of one name."""

    valid: EventType
    clean: Verdict
    alike: dict[str, list[_Alike]] = field(default_factory=dict)
    """Events with faults, by why they are not valid in the parser's words, which end with the first fault."""
    tried: int = 0
    seen: Counter[tuple[str, ...]] = field(default_factory=Counter)
    """How many events no type accepted, by what was told of them."""


def _fields_apart(event: object, verdict: Verdict) -> dict[str, dict[str, object]] | None:
    """Return the types of the fields of *event* that its *verdict* tells of; None where their values matter."""
    if not isinstance(event, dict) or event.keys() != {*_PARTS} or verdict.undocumented_event:
        return None
    apart: dict[str, dict[str, object]] = {part: {} for part in _PARTS}
    told = [(finding.pointer, finding.keyword) for finding in verdict.findings]
    told += [(pointer, _UNDOCUMENTED) for pointer in verdict.undocumented_fields]
    told += [(pointer, _MISSING) for pointer in verdict.missing_fields]
    for pointer, keyword in told:
        part, *name = split(pointer) or ("",)
        fields = event.get(part)
        if part not in _PARTS or len(name) != 1 or not isinstance(fields, dict) or name[0] in apart[part]:
            return None
        value = fields.get(name[0], ABSENT)
        kind = _type_apart(value, keyword)
        if kind is None:
            return None
        apart[part][name[0]] = kind
    return apart


def _type_apart(value: object, keyword: str) -> object:
    """Return a type of values that are told of as *value* is; None where there is none that is made here.

    Whatever is wrong with a null, a boolean or an integer where the schema asks for another type, is its type: the
    other keywords that types are made of are about texts. Of a text its length is told.
    """
    if keyword == _MISSING and value is None:
        return _NULL
    if keyword in MISSING or keyword == _MISSING:
        return ABSENT if value is ABSENT else None
    if keyword == _UNDOCUMENTED:
        return _ANY_SCALAR if value is None or isinstance(value, _SCALARS) else None
    if keyword == "type":
        return _NULL if value is None else type(value) if type(value) in (bool, int) else None
    wrong = _WRONG_TEXT.get(keyword)
    if wrong is None or not isinstance(value, str) or re.search(wrong, value) is None:
        return None
    from msgspec import Meta

    return Annotated[str, Meta(pattern=wrong, min_length=len(value), max_length=len(value))]
