"""The library: everything the command does, as typed functions.

>>> from canvas_events_cli import validate
>>> report = validate("capture.ndjson")             # doctest: +SKIP
>>> report.valid, [finding.pointer for finding in report.findings]   # doctest: +SKIP
(25, ['/body/status'])
"""

from collections.abc import Iterable, Iterator, Sequence
from os import PathLike, fspath

from canvas_events_cli.catalog import Catalog, load_catalog
from canvas_events_cli.reports import ValidationReport
from canvas_events_cli.sources.locate import Source, SourceError, locate
from canvas_events_cli.validation import Engine, ValidationSpec, compile_checker, default_engine
from canvas_events_cli.work.validate import ReportOptions, validate_source

__all__ = ["ReportOptions", "load_catalog", "locate", "validate", "validate_parts", "validation_spec"]

Input = str | PathLike[str] | Iterable[bytes | str]
"""A path (file, directory or glob; ``-`` is standard input), or lines of JSON."""


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
    source: Input, *, spec: ValidationSpec | None = None, options: ReportOptions | None = None
) -> ValidationReport:
    """Validate the events of *source* and return the report.

    Raises CeventsError for a broken schema. A source that cannot be read is no exception: the report's
    ``failures`` name it.
    """
    options = options or ReportOptions()
    total = ValidationReport()
    for part in validate_parts(_sources(source), spec=spec, options=options):
        total.merge(part, options.max_findings)
    return total


def validate_parts(
    sources: Iterable[Source | SourceError],
    *,
    spec: ValidationSpec | None = None,
    options: ReportOptions | None = None,
) -> Iterator[ValidationReport]:
    """Validate *sources* in order, yielding a report of each block as soon as it has been read.

    Merging the reports in order gives the report of the whole. A part keeps up to ``options.max_findings`` findings
    of its own.
    """
    options = options or ReportOptions()
    checker = compile_checker(spec or validation_spec())
    for source in sources:
        for report in validate_source(checker, source, options):
            yield report
            if options.fail_fast and not report.passed:
                return


def _sources(source: Input) -> Sequence[Source | SourceError]:
    if isinstance(source, str | PathLike):
        return list(locate([fspath(source)]))
    return [Source("<lines>", lines=source)]
