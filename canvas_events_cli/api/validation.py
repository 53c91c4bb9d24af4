"""Validating events."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from canvas_events_cli.api.choice import narrowed
from canvas_events_cli.api.inputs import Input, Inputs, sources_of
from canvas_events_cli.catalog import Catalog, load_catalog
from canvas_events_cli.running.reading import RunOptions
from canvas_events_cli.running.runner import run
from canvas_events_cli.validation import Engine, EventChecker, ValidationSpec, compile_checker, default_engine
from canvas_events_cli.validation.report import ValidationReport
from canvas_events_cli.validation.work import ReportOptions, ValidationWork

if TYPE_CHECKING:
    from canvas_events_cli.query.selection import Selection


def validation_spec(
    catalog: Catalog | None = None,
    *,
    engine: Engine | None = None,
    strict: bool = False,
    show_values: bool = False,
) -> ValidationSpec:
    """Return what to validate against, and how; the bundled schemas where *catalog* is not given.

    *strict* makes undocumented fields and events violations, *show_values* lets messages quote the values of
    events, which may be personal.
    """
    return ValidationSpec(catalog or load_catalog(), engine or default_engine(), strict, show_values)


def validate(
    source: Input, *, spec: ValidationSpec | None = None, options: ReportOptions | None = None, jobs: int = 1
) -> ValidationReport:
    """Validate the events of *source* and return the report.

    Raises CeventsError for a broken schema. A source that cannot be read is no exception: the report's
    ``failures`` name it. *jobs* are the processes that read large input.
    """
    options = options or ReportOptions()
    total = ValidationReport()
    for part in validate_parts(sources_of(source), spec=spec, options=options, how=RunOptions(jobs=jobs)):
        total.merge(part, options.max_findings)
    return total


def validate_parts(
    sources: Inputs,
    *,
    spec: ValidationSpec | None = None,
    options: ReportOptions | None = None,
    selection: "Selection | None" = None,
    how: RunOptions | None = None,
) -> Iterator[ValidationReport]:
    """Validate *sources* in order, yielding a report of each block as soon as it has been read.

    Merging the reports in order gives the report of the whole, the same for any way *how* this is run. A part keeps up
    to ``options.max_findings`` findings of its own. *selection* says which events count; malformed records then belong
    to none, and are counted in ``left_out`` only.
    """
    spec = spec or validation_spec()
    options = options or ReportOptions()
    work = narrowed(ValidationWork(spec, options), selection, spec)
    for report in run(sources, work, how):
        yield report
        if options.fail_fast and not report.passed:
            return


def event_checker(spec: ValidationSpec | None = None) -> EventChecker:
    """Return what checks one record at a time, for callers that hold records already."""
    return compile_checker(spec or validation_spec())
