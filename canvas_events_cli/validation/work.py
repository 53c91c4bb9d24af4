"""Validation of a stream of records into a report."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import starmap
from typing import TYPE_CHECKING, NamedTuple, cast

from canvas_events_cli.framing.fast.batches import feed_in_batches
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import MALFORMED, NO_NAME, Finding, Framed, Malformed, Record, WrapperFault
from canvas_events_cli.running.reading import Compiled, Feed, Read
from canvas_events_cli.validation import EventChecker, ValidationSpec, Verdict, compile_checker
from canvas_events_cli.validation.report import ValidationReport

if TYPE_CHECKING:
    from canvas_events_cli.validation.fast.proof import Prover

LEAST_PROVEN_BYTES = 64 * 1024
"""Smaller blocks are framed as they are: it takes longer to get ready to prove anything."""
_PAUSE = 15
"""How many blocks are framed as they are after one of which nothing was proven: such blocks come in rows, and each
attempt costs as much as a parse. And how many stretches are looked at line by line after one that was not all alike."""


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What a validation report keeps, and how far reading goes."""

    max_findings: int = 100
    """How many findings are kept; 0 keeps all."""
    statistics: bool = False
    by_source: bool = False
    """Tell the event types of each source, and how many findings each has."""
    fail_fast: bool = False
    """Stop after the first record that is invalid or malformed."""


@dataclass(frozen=True, slots=True)
class ValidationWork:
    """What ``run`` needs to validate; picklable."""

    spec: ValidationSpec
    options: ReportOptions

    def compile(self) -> Compiled[ValidationReport]:
        """Return what validates. Raises CeventsError for a schema that cannot be used."""
        checker = compile_checker(self.spec)
        proving = _Proving(self.spec, self.options)

        def report_on(source_name: str, events: Iterable[Read | Alike]) -> ValidationReport:
            proving.begin()
            report = validate_records(checker, source_name, events, self.options, proving.learn)
            if self.options.by_source and source_name:
                malformed = Counter({MALFORMED: report.malformed}) if report.malformed else Counter()
                report.by_source[source_name] = report.event_types + malformed
            return report

        return Compiled(report_on, fast_feed=cast(Feed, proving.feed))


class Alike(NamedTuple):
    """Events on which there is one verdict from their bytes alone, where they start aside."""

    verdict: Verdict
    lines: Sequence[int]


class _Proving:
    """Feeds a framer all but the events whose verdict is known from their bytes."""

    def __init__(self, spec: ValidationSpec, options: ReportOptions) -> None:
        self._spec = spec
        self._in_order = options.fail_fast
        self._most_kept = options.max_findings
        self._told = 0
        self._held: dict[int, tuple[Verdict, list[int]]] = {}
        self._in_any_order = False
        self._is_on = False
        self._blocks_to_pass = 0
        self._stretches_to_pass = 0

    @cached_property
    def _prover(self) -> "Prover | None":
        from canvas_events_cli.validation.fast.proof import compile_prover

        return compile_prover(self._spec)

    def begin(self) -> None:
        """Begin a report."""
        self._told = 0
        self._in_any_order = False

    def _tell(self, findings: int) -> None:
        """Note so many more *findings*; once no more of them are kept, they may come in any order."""
        self._told += findings
        self._in_any_order = bool(self._most_kept) and self._told >= self._most_kept

    def learn(self, record: Record, verdict: Verdict) -> None:
        """Learn from the *verdict* of the engine on *record*, so that others like it need not be framed."""
        self._tell(len(verdict.findings))
        if self._is_on and self._prover is not None and self._prover.learn(record, verdict):
            self._stretches_to_pass = 0

    def feed(self, framer: Framer, block: bytes) -> Iterator[Framed | Alike]:
        """Yield what ``framer.feed(block)`` does, with events that are alike in place of those that a prover tells."""
        self._is_on = not self._blocks_to_pass and len(block) >= LEAST_PROVEN_BYTES
        self._blocks_to_pass = max(self._blocks_to_pass - 1, 0)
        if not self._is_on or self._prover is None:
            yield from framer.feed(block)
            return
        self._held.clear()
        is_in_vain = True
        prove_lines = partial(self._prove_lines, self._prover)
        for item in feed_in_batches(framer, block, partial(self._prove_stretch, self._prover, framer), prove_lines):
            is_in_vain = is_in_vain and type(item) is not Alike
            yield item
        if is_in_vain and not self._held:
            self._blocks_to_pass = _PAUSE
        yield from self._take_held()

    def _prove_stretch(
        self, prover: "Prover", framer: Framer, block: bytes, start: int, end: int, objects: int
    ) -> Alike | None:
        if self._stretches_to_pass:
            self._stretches_to_pass -= 1
            return None
        verdict = prover.prove_all(block, start, end, objects, in_any_order=self._in_any_order)
        if verdict is None:
            self._stretches_to_pass = _PAUSE
            return None
        return Alike(verdict, range(framer.line, framer.line + objects))

    def _prove_lines(self, prover: "Prover", framer: Framer, block: bytes) -> Iterator[Framed | Alike]:
        """Yield what ``framer.feed(block)`` does, less the events that the prover tells one by one; and these.

        Between records, a line that is a complete object is a record of its own, so it can be taken out. Events without
        findings, or whose findings are not kept, come in the end, all of a block, unless they are wanted in order.
        """
        *lines, rest = block.split(b"\n")
        others: list[bytes] = []
        held = self._held
        limit = framer.max_record_bytes
        between_records = framer.between_records
        for line in lines:
            fits = line and len(line) <= limit
            verdict = prover.prove(line, in_any_order=self._in_any_order) if fits else None
            if verdict is not None and others:
                if self._in_order:
                    yield from self._take_held()
                yield from framer.feed(b"\n".join(others) + b"\n")
                others.clear()
                between_records = framer.between_records
            if verdict is None or not between_records:
                others.append(line)
                continue
            if verdict.findings and not self._in_any_order:
                if self._in_order:
                    yield from self._take_held()
                yield Alike(verdict, (framer.line,))
                self._tell(len(verdict.findings))
            else:
                held.setdefault(id(verdict), (verdict, []))[1].append(framer.line)
            framer.line += 1
        if self._in_order:
            yield from self._take_held()
        yield from framer.feed(b"\n".join([*others, rest]))

    def _take_held(self) -> Iterator[Alike]:
        yield from starmap(Alike, self._held.values())
        self._held.clear()


def validate_records(
    checker: EventChecker,
    source_name: str,
    framed: Iterable[Read | Alike],
    options: ReportOptions,
    learn: Callable[[Record, Verdict], None] | None = None,
) -> ValidationReport:
    """Return the report of *framed* records; the same function serves every way of running it.

    *learn* is told of each record that is not simply valid, and the verdict on it.
    """
    report = ValidationReport()
    check = checker.check
    event_types = report.event_types
    no_event: Verdict | None = None
    no_events = 0
    for item in framed:
        if type(item) is Record:
            if no_event is not None and type(item.value) is not dict:
                no_events += 1
                continue
            report.unverified += item.wrapping is not None and item.wrapping.unverified
            verdict = check(source_name, item)
            if type(item.value) is not dict and not _has_room(report, options):
                # What further verdicts of the kind differ in is not kept, and a list can hold millions of numbers.
                no_event = verdict
            event_types[verdict.event_name or NO_NAME] += 1
            has_notes = verdict.undocumented_fields or verdict.missing_fields
            if has_notes or verdict.undocumented_event:
                _note(report, verdict, 1)
            if learn is not None and (verdict.findings or has_notes):
                learn(item, verdict)
            if not verdict.findings:
                report.valid += 1
                continue
            report.invalid += 1
            _add_findings(report, source_name, verdict.findings, options)
        elif type(item) is Alike:
            _add_alike(report, source_name, item, options)
        elif type(item) is Malformed:
            report.add_malformed(item)
            if options.statistics or options.by_source or _has_room(report, options):
                _add_findings(report, source_name, (_malformed(source_name, item),), options)
            else:
                report.findings_total += 1
        elif type(item) is WrapperFault:
            report.invalid += 1
            event_types[NO_NAME] += 1
            _add_findings(report, source_name, (_fault(source_name, item),), options)
        if options.fail_fast and not report.passed:
            break
    if no_event is not None and no_events:
        _add_alike(report, source_name, Alike(no_event, range(no_events)), options)
    return report


def _add_alike(report: ValidationReport, source_name: str, alike: Alike, options: ReportOptions) -> None:
    verdict, lines = alike
    if options.fail_fast and verdict.findings:
        lines = lines[:1]
    report.event_types[verdict.event_name or NO_NAME] += len(lines)
    _note(report, verdict, len(lines))
    if not verdict.findings:
        report.valid += len(lines)
        return
    report.invalid += len(lines)
    _count(report, source_name, verdict.findings, options, len(lines))
    for line in lines:
        if not _has_room(report, options):
            break
        _keep(report, [replace(finding, source=source_name, line=line) for finding in verdict.findings], options)


def _note(report: ValidationReport, verdict: Verdict, events: int) -> None:
    name = verdict.event_name or NO_NAME
    for pointer in verdict.undocumented_fields:
        report.undocumented_fields[f"{name} {pointer}"] += events
    for pointer in verdict.missing_fields:
        report.missing_fields[f"{name} {pointer}"] += events
    if verdict.undocumented_event:
        report.undocumented_events[name] += events


def _malformed(source_name: str, item: Malformed) -> Finding:
    return Finding(source_name, item.line, None, "malformed", "json", "", item.message)


def _fault(source_name: str, item: WrapperFault) -> Finding:
    return Finding(source_name, item.line, None, "envelope", item.keyword, "", item.message)


def _add_findings(
    report: ValidationReport, source_name: str, findings: Sequence[Finding], options: ReportOptions
) -> None:
    _count(report, source_name, findings, options, 1)
    _keep(report, findings, options)


def _count(
    report: ValidationReport, source_name: str, findings: Iterable[Finding], options: ReportOptions, events: int
) -> None:
    """Count *findings*, which so many *events* have."""
    for finding in findings:
        report.findings_total += events
        if options.statistics:
            report.statistics[finding.event_name or NO_NAME, finding.pointer, finding.keyword] += events
        if options.by_source:
            report.findings_by_source.setdefault(source_name, Counter())[finding.shown_name] += events


def _keep(report: ValidationReport, findings: Iterable[Finding], options: ReportOptions) -> None:
    for finding in findings:
        if _has_room(report, options):
            report.findings.append(finding)


def _has_room(report: ValidationReport, options: ReportOptions) -> bool:
    return not options.max_findings or len(report.findings) < options.max_findings
