"""Events judged where they are parsed, many or one at a time: by types as far as these tell, else by the engine."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial

from canvas_events_cli.framing.fast.batches import Batch
from canvas_events_cli.model import Record
from canvas_events_cli.running.reading import FastPath, Read
from canvas_events_cli.validation.engines import ValidationSpec
from canvas_events_cli.validation.fast.caliper_events import CaliperEvents
from canvas_events_cli.validation.fast.verdicts import PAUSE, VerdictTypes
from canvas_events_cli.validation.findings import Judged, Verdict
from canvas_events_cli.validation.report import ReportOptions
from canvas_events_cli.wrappers import is_event

Check = Callable[[str, Record], Verdict]
"""Returns the engine's verdict on one event of a source."""

LEAST_BLOCK_BYTES = 64 * 1024
"""Smaller blocks are read the plain way: it takes longer to make a type."""
_FEW = 50
"""Events that the engine is asked about first, where they come one at a time: it takes longer to make types."""


def fast_path(check: Check, spec: ValidationSpec, options: ReportOptions) -> FastPath | None:
    """Return what tells verdicts on batches by *spec*, as *check* does; None where the reference is asked for."""
    if spec.engine != "jsonschema-rs":
        return None
    judge = cache(partial(Judge, check, spec, options))  # not made for small input: it takes longer than to check it
    return FastPath(lambda parts: judge()(parts), LEAST_BLOCK_BYTES)


class Judge:
    """Tells the verdicts on events in batches, where types tell them, and learns types of the others."""

    def __init__(self, check: Check, spec: ValidationSpec, options: ReportOptions) -> None:
        self._check = check
        self._types = VerdictTypes(spec)
        self._caliper = CaliperEvents(spec)
        self._options = options
        self._findings = 0
        """How many findings there were in this block, but for known ones."""
        self._counted: dict[bool, dict[int, tuple[Verdict, list[int]]]] = {False: {}, True: {}}
        """What there is only to count of this block, by whether the events are unverified and by the verdicts' ids."""
        self._pause = 0
        """How many batches to read the plain way."""

    def __call__(self, parts: Iterable[Read | Batch]) -> Iterator[Read | Judged]:
        """Yield the *parts* of a block, with verdicts in place of the events that have one already."""
        self._findings = 0
        self._counted = {False: {}, True: {}}
        for part in parts:
            if not isinstance(part, Batch):
                if isinstance(part, Record) and part.wrapping is None and (clean := self._types.clean(part.raw)):
                    yield Judged(clean, (part.line,))  # and no engine for its name has to be made
                else:
                    yield from self._plainly((part,))
            elif part.is_caliper:
                yield from self._caliper(part)
            elif self._pause:
                self._pause = max(self._pause - 1, 0)
                yield from part.plainly()
            else:
                yield from self._judge(part)
        for unverified, counted in self._counted.items():
            yield from (Judged(verdict, lines, unverified) for verdict, lines in counted.values())

    @property
    def _in_any_order(self) -> bool:
        """Whether no more findings are kept, so that only their number matters."""
        return 0 < self._options.max_findings <= self._findings

    def _judge(self, batch: Batch) -> Iterator[Read | Judged]:
        """Yield verdicts on the events that types tell; what there is only to count, after the block."""
        alike = self._types.alike(batch, self._in_any_order)
        if alike is not None and not (alike.findings and self._options.fail_fast):
            self._findings += len(self._options.new(alike.findings)) * batch.count
            yield Judged(alike, batch.lines, batch.unverified)
            return
        told = self._types.told(batch)
        if self._options.fail_fast:
            yield from batch.plainly()
            return
        self._pause = PAUSE if not told.clean and batch.end - batch.start >= LEAST_BLOCK_BYTES else 0
        lines = batch.lines
        for known, numbers in told.clean.items():
            self._count(batch, known.clean, map(lines.__getitem__, numbers))
        texts = batch.texts() if told.wrong else ()
        for number, why in sorted(told.wrong.items()):
            found = self._types.wrong(texts[number], why, self._in_any_order)
            if found is None:
                yield from self._plainly(batch.plain(number))
                continue
            self._pause = 0
            if found.findings and not self._in_any_order:
                self._findings += len(self._options.new(found.findings))
                yield Judged(found, (lines[number],), batch.unverified)
            else:
                self._count(batch, found, (lines[number],))

    def _count(self, batch: Batch, verdict: Verdict, lines: Iterable[int]) -> None:
        counted = self._counted[batch.unverified]
        counted.setdefault(id(verdict), (verdict, []))[1].extend(lines)

    def _plainly(self, items: Iterable[Read]) -> Iterator[Read | Judged]:
        """Yield *items*, with the engine's verdicts on events as they are framed, of which types are learned."""
        for item in items:
            if (
                type(item) is Record
                and is_event(item.value)
                # The verdict on it is all there is to count.
                and not (item.unverified or (item.wrapping and item.wrapping.envelope is not None))
            ):
                verdict = self._check("", item)
                self._findings += len(self._options.new(verdict.findings))
                if self._types.learn(item, verdict):
                    self._pause = 0
                yield Judged(verdict, (item.line,))
            else:
                yield item


class Alone:
    """Tells of events one at a time that there is nothing to tell, in a tenth of the time that the engine takes."""

    def __init__(self, spec: ValidationSpec) -> None:
        self._spec = spec
        self._types: VerdictTypes | None = None
        self._caliper = cache(partial(CaliperEvents, spec))
        self._left = _FEW

    def __call__(self, record: Record) -> Verdict | None:
        """Return the verdict on *record*, whose text is that of its event; None where the engine has to say it."""
        if self._left:
            self._left -= 1
            return None
        if isinstance(record.value, dict) and "@context" in record.value:
            return self._caliper().alone(record)
        self._types = self._types or VerdictTypes(self._spec)
        return self._types.clean(record.raw)
