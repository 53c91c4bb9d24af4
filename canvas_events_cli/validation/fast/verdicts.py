"""Verdicts on events while they are parsed, many at a time: several times as fast as checking what was parsed.

Valid events are told by a type that only valid ones have, see ``event_type.py``. Streams in which many events have the
same mistakes, since a field was added or has gone, say, are as fast: once the engine has found the same in a few, a
type is made that only such events have, which therefore get the same verdict. What no type accepts is not thereby
wrong: the engine decides.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import starmap
from typing import Annotated

from canvas_events_cli.framing.fast.batches import Batch
from canvas_events_cli.model import Record, Wrapping
from canvas_events_cli.pointers import ABSENT, split
from canvas_events_cli.running.reading import Read
from canvas_events_cli.validation.checker import EventChecker
from canvas_events_cli.validation.engines import MISSING, NOT_DOCUMENTED, NOT_THERE, ValidationSpec
from canvas_events_cli.validation.fast.event_type import EventType, EventTypes
from canvas_events_cli.validation.findings import Verdict
from canvas_events_cli.validation.report import Judged, ReportOptions
from canvas_events_cli.wrappers import is_event

LEAST_BLOCK_BYTES = 64 * 1024
"""Smaller blocks are read the plain way: it takes longer to make a type."""
_PAUSE = 15
"""How many batches are read the plain way after one in which no type told anything, and line by line after one with
several verdicts: such batches come in rows, and each attempt costs as much as a parse."""

_NAME = b'"event_name":"'
_SAME_VERDICTS = 3
"""How many events have to get the same verdict before a type is made for more of them: that takes milliseconds."""
_MOST_TYPES = 128
"""How many of those are made."""
_MOST_LOOKED_AT = 1000
"""How many events of a name that no type accepts are looked at in order to make them."""
_LONGEST_TOLD = 1000
"""Characters of what is told of an event, beyond which it is not remembered: hostile names are long, or many."""
_MOST_TRIED = 3
"""How many types are tried on what is not valid: where none accepts it, that was in vain."""

_NULL = type(None)
_SCALARS = (str, int, float, bool, _NULL)
_WRONG_TEXTS = {"pattern": "[^0-9]", "format": r"\A[^0-9]"}
"""What no text holds that is as a type asks for: such a pattern is of digits, such a format one of times."""


def fast_path(checker: EventChecker, spec: ValidationSpec, options: ReportOptions) -> "Judge | None":
    """Return what tells verdicts on batches by *spec*; None where the reference, or every byte, is asked for.

    ``--strict`` looks for repeated keys, of which a parser shows the last alone.
    """
    if spec.strict or spec.engine != "jsonschema-rs":
        return None
    return Judge(checker, VerdictTypes(spec), options)


class Judge:
    """Tells the verdicts on events in batches, where types tell them, and learns types of the others."""

    def __init__(self, checker: EventChecker, types: "VerdictTypes", options: ReportOptions) -> None:
        self._checker = checker
        self._types = types
        self._options = options
        self._findings = 0
        """How many findings there were in this block, but for known ones."""
        self._counted: dict[int, tuple[Verdict, list[int]]] = {}
        """What there is only to count of this block: verdicts by their ids, and where the events start."""
        self._pause = 0
        """How many batches to read the plain way."""
        self._mixed = 0
        """How many batches to look at line by line."""

    def __call__(self, parts: Iterable[Read | Batch]) -> Iterator[Read | Judged]:
        """Yield the *parts* of a block, with verdicts in place of the events that have one already."""
        self._findings = 0
        self._counted.clear()
        for part in parts:
            if not isinstance(part, Batch):
                yield from self._plainly((part,))
            elif judged := self._all_at_once(part):
                yield judged
            else:
                yield from self._one_by_one(part)
        yield from starmap(Judged, self._counted.values())

    @property
    def _in_any_order(self) -> bool:
        """Whether no more findings are kept, so that only their number matters."""
        return 0 < self._options.max_findings <= self._findings

    def _all_at_once(self, batch: Batch) -> Judged | None:
        """Return the verdict that all events in a batch have; None where they may have several."""
        if self._pause or self._mixed:
            self._mixed = max(self._mixed - 1, 0)
            return None
        verdict = self._types.verdict(batch.block, batch.start, batch.end, batch.count, self._in_any_order)
        if verdict is None:
            self._mixed = _PAUSE
            return None
        return Judged(verdict, batch.lines)

    def _one_by_one(self, batch: Batch) -> Iterator[Read | Judged]:
        """Yield verdicts on the events that types tell of one by one; what there is only to count, after the block."""
        if self._pause or self._options.fail_fast:
            self._pause = max(self._pause - 1, 0)
            yield from batch.plainly()
            return
        verdict_on = self._types.verdict
        in_any_order = self._in_any_order
        self._pause = _PAUSE if batch.end - batch.start >= LEAST_BLOCK_BYTES else 0
        for number, (line, text) in enumerate(zip(batch.lines, batch.texts(), strict=True)):
            verdict = verdict_on(text, 0, len(text), 1, in_any_order)
            if verdict is None:
                yield from self._plainly(batch.plain(number))
                in_any_order = self._in_any_order
                continue
            self._pause = 0
            if verdict.findings and not in_any_order:
                self._findings += len(self._options.new(verdict.findings))
                in_any_order = self._in_any_order
                yield Judged(verdict, (line,))
            else:
                self._counted.setdefault(id(verdict), (verdict, []))[1].append(line)

    def _plainly(self, items: Iterable[Read]) -> Iterator[Read | Judged]:
        """Yield *items*, with the engine's verdicts on events as they are framed, of which types are learned."""
        for item in items:
            if type(item) is Record and is_event(item.value) and (item.wrapping is None or _is_alone(item.wrapping)):
                verdict = self._checker.check("", item)
                self._findings += len(self._options.new(verdict.findings))
                if self._types.learn(item, verdict):
                    self._pause = self._mixed = 0
                yield Judged(verdict, (item.line,))
            else:
                yield item


class VerdictTypes:
    """Tells the verdicts on events by their types; these are made for each event name when it is first met."""

    def __init__(self, spec: ValidationSpec) -> None:
        self._catalog = spec.catalog
        self._types = EventTypes(spec.catalog.envelope)
        self._show_values = spec.show_values
        self._by_name: dict[bytes, _Named | None] = {}
        self._made = 0

    def verdict(
        self,
        block: bytes,
        start: int,
        end: int,
        objects: int,
        in_any_order: bool = False,
    ) -> Verdict | None:
        """Return the verdict that the *objects* in *block* from *start* to *end* share, where a type tells it for sure.

        They are lines of one object or more. None says nothing of any one of them. *in_any_order* says that the order
        of findings in one event does not matter.
        """
        # Wherever the name stands, the type asks for it.
        place = block.find(_NAME, start, end) + len(_NAME)
        name = block[place : block.find(b'"', place, end)]
        named = self._by_name.get(name) or self._named(name)
        if named is None:
            return None
        lines = block if end - start == len(block) else memoryview(block)[start:end]
        refusal = named.valid.refusal(lines, objects)
        if refusal is None:
            return named.clean
        for other, verdict in named.others.get(refusal, ())[:_MOST_TRIED]:
            # Findings are in the order of the fields in each event.
            in_order = in_any_order or len(verdict.findings) < 2
            if in_order and other.refusal(lines, objects) is None:
                return verdict
        return None

    def learn(self, record: Record, verdict: Verdict) -> bool:
        """Consider making a type of events that have the same *verdict* as *record*; return whether there is a new one.

        Only of what does not depend on the values in them: fields of another type or missing, undocumented fields.
        """
        if not (verdict.findings or verdict.undocumented_fields or verdict.missing_fields) or self._show_values:
            return False
        name = verdict.event_name or ""
        named = self._by_name.get(name.encode())
        if named is None or named.looked_at >= _MOST_LOOKED_AT or self._made >= _MOST_TYPES:
            return False
        named.looked_at += 1
        told = tuple(
            [text for finding in verdict.findings for text in (finding.pointer, finding.keyword, finding.message)]
            + ["", *verdict.undocumented_fields, "", *verdict.missing_fields]
        )
        if sum(map(len, told)) > _LONGEST_TOLD:
            return False
        named.seen[told] += 1
        others = _types_of_told(record.value, verdict) if named.seen[told] == _SAME_VERDICTS else None
        refusal = named.valid.refusal(record.raw, 1) if others is not None else None
        other = self._types.of(name, self._catalog.bodies[name], others) if refusal is not None else None
        if refusal is None or other is None:
            return False
        self._made += 1
        named.others.setdefault(refusal, []).insert(0, (other, verdict))
        return True

    def _named(self, name: bytes) -> "_Named | None":
        """Return what is known of the events of a name; names without a schema are not kept: there can be many."""
        event_name = name.decode("utf-8", "replace")
        if name not in self._by_name and event_name in self._catalog.bodies:
            valid = self._types.of(event_name, self._catalog.bodies[event_name])
            self._by_name[name] = _Named(valid, Verdict(event_name)) if valid else None
        return self._by_name.get(name)


def _is_alone(wrapping: Wrapping) -> bool:
    """Tell whether the verdict on an event in *wrapping* is all there is to count of it."""
    return wrapping.envelope is None and not wrapping.unverified


@dataclass(slots=True)
class _Named:
    """What is known of the events of one name."""

    valid: EventType
    clean: Verdict
    others: dict[str, list[tuple[EventType, Verdict]]] = field(default_factory=dict)
    """Of events with mistakes, by why they are not valid in the parser's words, which end with the first mistake."""
    looked_at: int = 0
    seen: Counter[tuple[str, ...]] = field(default_factory=Counter)
    """How many events no type accepted, by what was told of them."""


def _types_of_told(event: object, verdict: Verdict) -> dict[str, dict[str, object]] | None:
    """Return the types of the fields of *event* that its *verdict* tells of; None where their values matter."""
    others: dict[str, dict[str, object]] = {"metadata": {}, "body": {}}
    if not isinstance(event, dict) or event.keys() != others.keys() or verdict.undocumented_event:
        return None
    told = [(finding.pointer, finding.keyword) for finding in verdict.findings]
    told += [(pointer, NOT_DOCUMENTED) for pointer in verdict.undocumented_fields]
    told += [(pointer, NOT_THERE) for pointer in verdict.missing_fields]
    for pointer, keyword in told:
        part, *name = split(pointer) or ("",)
        fields = event.get(part)
        if part not in others or len(name) != 1 or not isinstance(fields, dict) or name[0] in others[part]:
            return None
        kind = _type_of_told(fields.get(name[0], ABSENT), keyword)
        if kind is None:
            return None
        others[part][name[0]] = kind
    return others


def _type_of_told(value: object, keyword: str) -> object:
    """Return a type of values of which the same is told as of *value*; None where there is none that is made here.

    Whatever is wrong with a null, a boolean or an integer where the schema asks for another type, is its type: the
    other keywords that types are made of are about texts. Of a text its length is told.
    """
    if keyword in MISSING:
        return ABSENT if value is ABSENT else _NULL if value is None and keyword == NOT_THERE else None
    if keyword == NOT_DOCUMENTED:
        return str | int | float | bool | None if isinstance(value, _SCALARS) else None
    if keyword == "type":
        return _NULL if value is None else type(value) if type(value) in (bool, int) else None
    wrong = _WRONG_TEXTS.get(keyword)
    if wrong is None or not isinstance(value, str) or re.search(wrong, value) is None:
        return None
    from msgspec import Meta

    return Annotated[str, Meta(pattern=wrong, min_length=len(value), max_length=len(value))]
