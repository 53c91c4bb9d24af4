"""What the commands do, for those who want reports of a stream as it comes: the command itself, and the library.

Each function yields a report of every part of the input; merged in order, they are the report of the whole, the same
for any number of processes that read. Everything is imported where it is used, so that nobody pays for more than what
is called.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypedDict, TypeVar

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.running.reading import ReportT, RunOptions, Work
from canvas_events_cli.running.runner import run
from canvas_events_cli.sources.locate import PassedOver, locate
from canvas_events_cli.sources.source import Source, SourceError

if TYPE_CHECKING:
    from canvas_events_cli.catalog import Catalog
    from canvas_events_cli.drifting.capture import CaptureReport
    from canvas_events_cli.drifting.report import DriftReport
    from canvas_events_cli.model import Record
    from canvas_events_cli.query.about import About
    from canvas_events_cli.query.selection import Selection
    from canvas_events_cli.query.work import Form, SelectedBlock, SelectOptions
    from canvas_events_cli.scrubbing import ScrubSpec
    from canvas_events_cli.scrubbing.work import ScrubbedBlock
    from canvas_events_cli.summary.report import SummaryReport
    from canvas_events_cli.validation import Engine, ValidationSpec
    from canvas_events_cli.validation.report import ReportOptions, ValidationReport

Texts = str | Iterable[str]
"""One text, or several."""
Item = TypeVar("Item")
Value = TypeVar("Value")


class Which(TypedDict, total=False):
    """Which events, as the options of the command have it; all must hold."""

    events: Texts
    """Names, or globs of names such as ``assignment_*``, of which one must fit."""
    since: str
    """ISO 8601, or how long ago: ``90m``, ``2h``, ``7d``."""
    until: str
    about: Texts
    """Objects that the event concerns: ``course:612``."""
    any: bool
    """One condition or object is enough."""
    valid: bool
    """Events that keep to their schemas, or that break them."""
    invert: bool
    """The events that all this leaves out."""


class Events(NamedTuple):
    """The events that are worked on, and how they are read."""

    sources: Iterable[Source | SourceError]
    choice: Selection | None = None
    """Which of them; None for all."""
    how: RunOptions = RunOptions()


def validate_parts(events: Events, spec: ValidationSpec, options: ReportOptions) -> Iterator[ValidationReport]:
    """Yield reports by *spec*, each with up to ``options.max_findings`` findings of its own."""
    from canvas_events_cli.validation.work import ValidationWork

    for report in _run(events, ValidationWork(spec, options)):
        yield report
        if options.fail_fast and report.failing:
            return


def summarize_parts(events: Events, by: Iterable[str] = (), *, traffic: bool = False) -> Iterator[SummaryReport]:
    """Yield reports, with tallies of the FIELDs *by*; with *traffic* also what to say where there are no retries."""
    from canvas_events_cli.summary.work import SummaryWork

    return _run(events, SummaryWork(tuple(by), traffic))


def drift_parts(events: Events, spec: ValidationSpec) -> Iterator[DriftReport]:
    """Yield reports of what the events hold; *spec*, which is not strict, says what is documented."""
    from canvas_events_cli.drifting.work import DriftWork

    return _run(events, DriftWork(spec))


def capture_parts(events: Events, catalog: Catalog) -> Iterator[CaptureReport]:
    """Yield reports of the events to be set against others; *catalog* says which values are personal."""
    from canvas_events_cli.drifting.capture import CaptureWork

    return _run(events, CaptureWork(catalog))


def select_parts(
    events: Events, options: SelectOptions, form: Callable[[Record], Item] | Form[Item]
) -> Iterator[SelectedBlock[Item]]:
    """Yield what *form*, a function of a module if it is one, makes of each event; with several jobs that travels."""
    from canvas_events_cli.query.arranging import select_blocks
    from canvas_events_cli.query.selection import Selection
    from canvas_events_cli.query.work import SelectWork

    work = SelectWork(events.choice or Selection(), options, form)
    return select_blocks(events.sources, work, events.how)


def scrub_parts(events: Events, spec: ScrubSpec, limit: int | None = None) -> Iterator[ScrubbedBlock]:
    """Yield the scrubbed records, with what stands between them; a wrapped one whole, where any event of it is wanted.

    No more records than *limit*.

    Raises CeventsError where a schema declares what is personal in a way that means nothing.
    """
    from canvas_events_cli.scrubbing.work import ScrubWork, scrub_sources

    work = ScrubWork(spec, events.choice, events.how.reading.max_record_bytes)
    return scrub_sources(events.sources, work, events.how, limit)


def sample_parts(
    events: Events, spec: ValidationSpec, per_type: int, limit: int | None = None
) -> Iterator[SelectedBlock[Record]]:
    """Yield malformed records as they come, and the events once all have been read; *spec* says what is a mistake."""
    from canvas_events_cli.sampling import sample_blocks
    from canvas_events_cli.validation import compile_checker

    checker = compile_checker(spec, by_types=True)
    return sample_blocks(events.sources, checker, per_type, events.how, events.choice, limit)


def _run(events: Events, work: Work[ReportT]) -> Iterator[ReportT]:
    if events.choice is not None:
        from canvas_events_cli.query.work import Narrowed

        work = Narrowed(work, events.choice)
    return run(events.sources, work, events.how)


def choose(
    where: Iterable[str] = (),
    *,
    events: Texts = (),
    since: str | None = None,
    until: str | None = None,
    about: Texts = (),
    any: bool = False,
    valid: bool | None = None,
    invert: bool = False,
    spec: Callable[[], ValidationSpec],
) -> Selection | None:
    """Return which events are wanted, None for all; *spec* gives the schemas where it takes them.

    Raises CeventsError for what the conditions cannot mean.
    """
    where, events, about = texts("where", where), texts("events", events), texts("about", about)
    if not (where or events or about or any or invert) and since is None and until is None and valid is None:
        return None
    from canvas_events_cli.query.expressions import parse_condition
    from canvas_events_cli.query.selection import Selection
    from canvas_events_cli.timestamps import parse_time

    parse_moment = partial(parse_time, now=int(time.time()))
    first = _parsed("--since", parse_moment, since) if since is not None else None
    last = _parsed("--until", parse_moment, until) if until is not None else None
    if first is not None and last is not None and first > last:
        raise CeventsError(f"--since {since} is later than --until {until}: no time is between them; swap the two")
    return Selection(
        where=tuple(map(parse_condition, where)),
        about=_objects(about, spec) if about else (),
        any_where=any,
        event_globs=events,
        since=first,
        until=last,
        valid=valid,
        invert=invert,
        spec=spec() if about or valid is not None else None,
    )


def _objects(about: Iterable[str], spec: Callable[[], ValidationSpec]) -> tuple[About, ...]:
    from canvas_events_cli.query.about import parse_about  # it takes the schemas' outlines, which take 30 ms to import

    return tuple(parse_about(object_, lambda: spec().catalog) for object_ in about)


def validation_spec(
    catalog: Catalog | None = None, *, engine: Engine | None = None, strict: bool = False, show_values: bool = False
) -> ValidationSpec:
    """Return what to validate against, and how: by the fast engine, where it is there, unless *engine* is named.

    Without a *catalog*, by the schemas that come with cevents.
    """
    from canvas_events_cli.catalog import load_catalog
    from canvas_events_cli.validation import ValidationSpec, default_engine

    return ValidationSpec(catalog or load_catalog(), engine or default_engine(), strict, show_values)


def scrub_spec(
    catalog: Catalog | None = None, *, key: str | bytes | None = None, keep: Iterable[str] = (), shift: str = "0s"
) -> ScrubSpec:
    """Return how to scrub, by what the schemas declare personal: with a random key where none is given.

    Raises CeventsError for an empty key, for what is no FIELD in *keep*, and no duration in *shift*.
    """
    from os import urandom

    from canvas_events_cli.catalog import load_catalog
    from canvas_events_cli.query.fields import parse_field
    from canvas_events_cli.scrubbing import ScrubSpec, derive_key
    from canvas_events_cli.timestamps import parse_duration

    if not isinstance(key, str | bytes | None):
        raise CeventsError(f"key: expected a str or bytes, not {type(key).__name__}")
    fields = map(parse_field, keep)
    paths = tuple(path for field in fields for path in (*field.paths, *field.in_caliper))
    secret = key.encode(errors="surrogateescape") if isinstance(key, str) else key
    seconds = _parsed("--shift", parse_duration, shift)
    return ScrubSpec(catalog or load_catalog(), urandom(64) if secret is None else derive_key(secret), paths, seconds)


def find_sources(arguments: Sequence[str], tell: Callable[[str], None]) -> Iterator[Source | SourceError]:
    """Yield the sources that *arguments* name, and in the end *tell* what folders hold beside events."""
    passed_over = PassedOver()
    yield from locate(arguments, passed_over)
    if passed_over.count:
        tell(str(passed_over))


def reads_as_condition(text: str) -> bool:
    """Tell whether *text* is ``FIELD OP VALUE``."""
    from canvas_events_cli.query.expressions import parse_condition

    try:
        return bool(parse_condition(text).operator.strip("!"))
    except CeventsError:
        return False


def texts(name: str, value: Texts) -> tuple[str, ...]:
    """Return *value*, one text or several. Raises CeventsError, which calls it *name*, for anything else."""
    found = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Iterable) else (value,)
    for each in found:
        if not isinstance(each, str):
            raise CeventsError(f"{name}: expected a str, or several, not {type(each).__name__}")
    return found


def _parsed(option: str, parse: Callable[[str], Value], text: str) -> Value:
    if not isinstance(text, str):
        raise CeventsError(f"{option}: expected a str, not {type(text).__name__}")
    try:
        return parse(text)
    except CeventsError as error:
        raise CeventsError(f"{option}: {error}") from error


def as_it_is(record: Record) -> Record:
    """Return *record*, for :func:`select_parts`."""
    return record
