"""The library: what the commands do, each as one function that takes what a program has at hand.

Everything is imported where it is used, so that nobody pays for more than what is called.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cache, partial
from itertools import chain
from typing import TYPE_CHECKING, Unpack

from canvas_events_cli import streaming
from canvas_events_cli.defaults import DEFAULT_MAX_FINDINGS, DEFAULT_TOP
from canvas_events_cli.errors import CeventsError, did_you_mean
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.library_arguments import AnyEvent, AnySource, check_at_least, check_flags, json_of, sources_of
from canvas_events_cli.model import Finding, Record
from canvas_events_cli.running.reading import ReadOptions, ReportT, RunOptions, events_in
from canvas_events_cli.streaming import Events, Texts, Which, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from canvas_events_cli.drifting.comparison import Drift
    from canvas_events_cli.summary.figures import Figures
    from canvas_events_cli.validation import ValidationSpec
    from canvas_events_cli.validation.report import ValidationReport

SchemaFolder = str | os.PathLike[str] | None
"""A folder of schemas; None stands for those that come with cevents."""
_EVENT = "<event>"
"""What findings call the source of one event."""


def validate(
    source: AnySource,
    *,
    where: Texts = (),
    schemas: SchemaFolder = None,
    strict: bool = False,
    max_findings: int = DEFAULT_MAX_FINDINGS,
    jobs: int = 1,
    **which: Unpack[Which],
) -> ValidationReport:
    """Check the events of *source* against their schemas.

    *strict* makes undocumented fields and events findings. The report keeps *max_findings* findings (0: all), and
    counts all. What cannot be read to its end is in its ``failures``: it has not ``passed`` then, nor has what holds no
    event at all.
    """
    from canvas_events_cli.validation.report import ReportOptions, ValidationReport

    check_at_least(0, max_findings=max_findings)
    spec = _spec(schemas, strict=strict)
    total = ValidationReport()
    events = _events(source, where, which, lambda: spec, jobs)
    for report in streaming.validate_parts(events, spec, ReportOptions(max_findings=max_findings)):
        total.merge(report, max_findings)
    return total


def summarize(
    source: AnySource,
    *,
    where: Texts = (),
    by: Texts = (),
    top: int = DEFAULT_TOP,
    schemas: SchemaFolder = None,
    jobs: int = 1,
    **which: Unpack[Which],
) -> Figures:
    """Tally the events of *source*, the retries of alignment clones in depth, and each FIELD that *by* names.

    Lists end after *top* rows (0: never). Raises CeventsError, in the end, for what cannot be read.
    """
    from canvas_events_cli.summary.figures import figures
    from canvas_events_cli.summary.report import SummaryReport

    check_at_least(0, top=top)
    total = SummaryReport()
    events = _events(source, where, which, partial(_spec, schemas), jobs)
    for report in _all_of(streaming.summarize_parts(events, texts("by", by))):
        total.merge(report)
    return figures(total, top)


def drift(
    source: AnySource,
    *,
    where: Texts = (),
    schemas: SchemaFolder = None,
    examples: bool = False,
    jobs: int = 1,
    **which: Unpack[Which],
) -> Drift:
    """Return where the events of *source* and their schemas part.

    *examples* keeps a value of each undocumented field, which may be personal. Raises CeventsError for what cannot be
    read.
    """
    from canvas_events_cli.drifting.comparison import compare_seen
    from canvas_events_cli.drifting.report import DriftReport

    spec = _spec(schemas)
    total = DriftReport()
    events = _events(source, where, which, lambda: spec, jobs)
    check_flags(examples=examples)
    for report in _all_of(streaming.drift_parts(events, spec)):
        total.merge(report)
    return compare_seen(total, spec.catalog, with_examples=examples)


def select(
    source: AnySource,
    where: Texts = (),
    *,
    unique: bool = False,
    limit: int | None = None,
    schemas: SchemaFolder = None,
    **which: Unpack[Which],
) -> Iterator[Record]:
    """Return the events of *source* that fit, in order, each as a :class:`Record`.

    *where* are conditions, ``FIELD OP VALUE`` as ``cevents filter -w`` has them, which all must hold. *unique* leaves
    redelivered copies out. What is no JSON is left out. Raises CeventsError, in the end, for what cannot be read.
    """
    from canvas_events_cli.query.work import SelectOptions

    check_at_least(0, limit=0 if limit is None else limit)
    check_flags(unique=unique)
    events = _events(source, where, which, partial(_spec, schemas))
    blocks = streaming.select_parts(events, SelectOptions(unique=unique, limit=limit), streaming.as_it_is)
    return chain.from_iterable(block.records for block in _all_of(blocks))


def count(
    source: AnySource,
    where: Texts = (),
    *,
    unique: bool = False,
    limit: int | None = None,
    schemas: SchemaFolder = None,
    jobs: int = 1,
    **which: Unpack[Which],
) -> int:
    """Return how many events :func:`select` gives."""
    from canvas_events_cli.query.work import SelectOptions
    from canvas_events_cli.rendering.event_bytes import no_line

    check_at_least(0, limit=0 if limit is None else limit)
    check_flags(unique=unique)
    events = _events(source, where, which, partial(_spec, schemas), jobs)
    options = SelectOptions(unique=unique, limit=limit, counted=not unique and limit is None)
    blocks = streaming.select_parts(events, options, no_line)
    return sum(block.matched for block in _all_of(blocks))


def scrub(
    source: AnySource,
    *,
    where: Texts = (),
    key: str | bytes | None = None,
    keep: Texts = (),
    shift: str = "0s",
    schemas: SchemaFolder = None,
    jobs: int = 1,
    **which: Unpack[Which],
) -> Iterator[bytes]:
    """Return *source* with personal data replaced: bytes that are to be written one after another.

    The same *key* makes the same pseudonyms; without one it is random. *keep* are FIELDs that stay, *shift* moves all
    times, such as ``-4w``. What is no JSON is left out. Raises CeventsError, in the end, for what cannot be read.
    """
    spec = partial(_spec, schemas)
    events = _events(source, where, which, spec, jobs)
    blocks = streaming.scrub_parts(
        events, streaming.scrub_spec(spec().catalog, key=key, keep=texts("keep", keep), shift=shift)
    )
    return chain.from_iterable(block.records for block in _all_of(blocks))


def sample(
    source: AnySource, *, where: Texts = (), per_type: int = 3, schemas: SchemaFolder = None, **which: Unpack[Which]
) -> Iterator[Record]:
    """Return a representative few of the events of *source*: every name, every shape and every mistake.

    *per_type* are of each name at least, where there are so many. What is no JSON is left out. Raises CeventsError, in
    the end, for what cannot be read.
    """
    check_at_least(1, per_type=per_type)
    spec = _spec(schemas)
    blocks = streaming.sample_parts(_events(source, where, which, lambda: spec), spec, per_type)
    return chain.from_iterable(block.records for block in _all_of(blocks))


class Validator:
    """Checks one event at a time, in a Lambda function for instance: make it once, it compiles the schemas."""

    def __init__(self, *, schemas: SchemaFolder = None, strict: bool = False) -> None:
        """*schemas* and *strict* are as for :func:`validate`."""
        from canvas_events_cli.validation.report import ReportOptions
        from canvas_events_cli.validation.work import ValidationWork

        options = ReportOptions(max_findings=0)
        self._report = ValidationWork(_spec(schemas, strict=strict), options).compile().report

    def check(self, event: AnyEvent) -> list[Finding]:
        """Return what is wrong with *event*, or with the events that it wraps: nothing where all is well.

        What is no JSON is one finding (``kind`` is ``malformed``). No message holds a value of the event.
        """
        try:
            text = json_of(event)
        except ValueError as error:
            return [_malformed(str(error))]
        framer = Framer()
        framed = chain(framer.feed(text), framer.finish())
        report = self._report(_EVENT, events_in(framed, ReadOptions()))
        if report.events:
            return report.findings
        return [_malformed("an empty list: there is no event in it" if text.strip() else "there is nothing in it")]


def assert_valid(event: AnyEvent, *, schemas: SchemaFolder = None, strict: bool = False) -> None:
    """Raise AssertionError where :class:`Validator` finds something: it names pointers, and what was expected there."""
    __tracebackhide__ = True  # pytest shows where this was called
    validator = _bundled(strict=strict) if schemas is None else Validator(schemas=schemas, strict=strict)
    if findings := validator.check(event):
        told = [f"{finding.pointer or 'all of it'}: {finding.message} [{finding.keyword}]" for finding in findings]
        raise AssertionError("\n".join([f"{findings[0].event_name or 'the event'} is not valid", *told]))


_bundled = cache(Validator)


def _spec(schemas: SchemaFolder, *, strict: bool = False) -> ValidationSpec:
    from pathlib import Path

    from canvas_events_cli.catalog import load_catalog

    check_flags(strict=strict)
    if not isinstance(schemas, str | os.PathLike | None):
        raise CeventsError(f"schemas: expected the name of a folder, not {type(schemas).__name__}")
    folder = Path(schemas) if schemas is not None else None
    return streaming.validation_spec(load_catalog(folder), strict=strict)


def _events(source: AnySource, where: Texts, which: Which, spec: Callable[[], ValidationSpec], jobs: int = 1) -> Events:
    check_at_least(1, jobs=jobs)
    if unknown := which.keys() - Which.__annotations__.keys():
        raise TypeError(
            f"unexpected keyword argument {min(unknown)!r}{did_you_mean(min(unknown), [*Which.__annotations__])}"
        )
    check_flags(
        **{name: value for name, value in which.items() if name in ("any", "invert", "valid") and value is not None}
    )
    return Events(sources_of(source), streaming.choose(where, spec=spec, **which), RunOptions(jobs=jobs))


def _all_of(reports: Iterable[ReportT]) -> Iterator[ReportT]:
    """Yield *reports*; raise CeventsError where one of them says, in the end, that something could not be read."""
    failures: list[str] = []
    for report in reports:
        failures += report.failures
        yield report
    if failures:
        raise CeventsError(*failures)


def _malformed(message: str) -> Finding:
    return Finding(_EVENT, 1, None, "malformed", "json", "", message)
