"""The library: everything the command does, as typed functions.

>>> from canvas_events_cli import validate
>>> report = validate("capture.ndjson")             # doctest: +SKIP
>>> report.valid, [finding.pointer for finding in report.findings]   # doctest: +SKIP
(25, ['/body/status'])
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from os import PathLike, fspath
from typing import TYPE_CHECKING, TypeVar

from canvas_events_cli.catalog import Catalog, bundled_schemas, load_catalog
from canvas_events_cli.model import Record
from canvas_events_cli.reports import ValidationReport
from canvas_events_cli.sources.locate import Source, SourceError, locate
from canvas_events_cli.validation import Engine, EventChecker, ValidationSpec, compile_checker, default_engine
from canvas_events_cli.work.reading import ReadOptions
from canvas_events_cli.work.runner import Watch, run
from canvas_events_cli.work.validate import ReportOptions, ValidationWork

if TYPE_CHECKING:
    from pathlib import Path

    from canvas_events_cli.contract.check import CheckReport
    from canvas_events_cli.contract.diff import CatalogDiff
    from canvas_events_cli.contract.listing import Described, DocumentedEvent
    from canvas_events_cli.drift.comparison import Drift
    from canvas_events_cli.drift.proposal import Proposal
    from canvas_events_cli.drift.report import DriftReport
    from canvas_events_cli.query.selection import Selection
    from canvas_events_cli.scrub import ScrubSpec
    from canvas_events_cli.summary.report import SummaryReport
    from canvas_events_cli.work.scrub import ScrubbedBlock
    from canvas_events_cli.work.select import SelectedBlock, SelectOptions
    from canvas_events_cli.wrappers.keys import KeySet

__all__ = [
    "ReadOptions",
    "ReportOptions",
    "Source",
    "SourceError",
    "ValidationReport",
    "ValidationSpec",
    "bundled_schema",
    "check_schemas",
    "compare_schemas",
    "compare_seen",
    "describe_event",
    "documented_events",
    "drift_parts",
    "event_checker",
    "load_catalog",
    "load_keys",
    "locate",
    "make_folder",
    "sample_parts",
    "scrub_parts",
    "scrub_spec",
    "select_as",
    "select_parts",
    "summarize",
    "summarize_parts",
    "validate",
    "validate_parts",
    "validation_spec",
    "write_proposal",
]

Item = TypeVar("Item")

Input = str | PathLike[str] | Iterable[bytes | str]
"""A path (file, directory or glob; ``-`` is standard input), or lines of JSON."""
Inputs = Iterable[Source | SourceError]
"""What :func:`locate` gives."""


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
    for part in validate_parts(_sources(source), spec=spec, options=options, jobs=jobs):
        total.merge(part, options.max_findings)
    return total


def validate_parts(
    sources: Inputs,
    *,
    spec: ValidationSpec | None = None,
    options: ReportOptions | None = None,
    reading: ReadOptions | None = None,
    jobs: int = 1,
    watch: Watch | None = None,
    cluster: str | None = None,
) -> Iterator[ValidationReport]:
    """Validate *sources* in order, yielding a report of each block as soon as it has been read.

    Merging the reports in order gives the report of the whole, the same for any number of *jobs*: with more than one,
    large input is read by as many processes. A part keeps up to ``options.max_findings`` findings of its own. *watch*
    is told how many more bytes have been read. *cluster* is the address of a Dask scheduler whose workers read instead.
    """
    work = ValidationWork(spec or validation_spec(), options or ReportOptions())
    for report in run(sources, work, reading or ReadOptions(), jobs, watch, cluster):
        yield report
        if work.options.fail_fast and not report.passed:
            return


def load_keys(path: "Path") -> "KeySet":
    """Return the keys for RS256 and ES256 in *path*, a JWK set or a single JWK, for ``ReadOptions``.

    Raises CeventsError where it cannot be read, has no such key, or the package that verifies is not installed.
    """
    from canvas_events_cli.wrappers import keys

    return keys.load_keys(path)


def event_checker(spec: ValidationSpec | None = None) -> EventChecker:
    """Return what checks one record at a time, for callers that hold records already."""
    return compile_checker(spec or validation_spec())


def select_parts(
    sources: Inputs,
    selection: "Selection",
    *,
    options: "SelectOptions",
    spec: ValidationSpec | None = None,
    reading: ReadOptions | None = None,
) -> "Iterator[SelectedBlock[Record]]":
    """Yield what *selection* wants of *sources*, block by block as these are read.

    *spec* says what is valid, for a selection that asks. Raises CeventsError for a broken schema.
    """
    return select_as(_as_it_is, sources, selection, options=options, spec=spec, reading=reading)


def select_as(
    form: Callable[[Record], Item],
    sources: Inputs,
    selection: "Selection",
    *,
    options: "SelectOptions",
    spec: ValidationSpec | None = None,
    reading: ReadOptions | None = None,
    jobs: int = 1,
    watch: Watch | None = None,
    cluster: str | None = None,
) -> "Iterator[SelectedBlock[Item]]":
    """Yield what *selection* wants of *sources*, with what *form* makes of each record in place of the record.

    The same for any number of *jobs*: with more than one, large input is read by as many processes, and *form* must be
    a function of a module, what it returns picklable, and small, since it travels. *watch* and *cluster* are as
    for :func:`validate_parts`. Otherwise as :func:`select_parts`.
    """
    from canvas_events_cli.work.select import SelectWork, select_blocks

    if selection.valid is not None:
        spec = spec or validation_spec()
    work = SelectWork(selection, options, form, spec)
    return select_blocks(sources, work, reading or ReadOptions(), jobs, watch, cluster)


def _as_it_is(record: Record) -> Record:
    return record


def summarize(source: Input, *, by: Sequence[str] = (), jobs: int = 1) -> "SummaryReport":
    """Tally the events of *source*, the retries of alignment clones in depth, and each field that *by* names.

    ``canvas_events_cli.summary.document.document(report)`` makes the document of ``summarize -o json`` of it.
    Raises CeventsError for what is no field. A source that cannot be read is named in the report's ``failures``.
    *jobs* are the processes that read large input.
    """
    from canvas_events_cli.summary.report import SummaryReport

    total = SummaryReport()
    for part in summarize_parts(_sources(source), by=by, jobs=jobs):
        total.merge(part)
    return total


def summarize_parts(
    sources: Inputs,
    *,
    by: Sequence[str] = (),
    reading: ReadOptions | None = None,
    jobs: int = 1,
    watch: Watch | None = None,
    cluster: str | None = None,
) -> "Iterator[SummaryReport]":
    """Tally *sources* in order, yielding a report of each block; merging them in order gives the whole.

    *jobs*, *watch* and *cluster* are as for :func:`validate_parts`.
    """
    from canvas_events_cli.work.summarize import SummaryWork

    return run(sources, SummaryWork(tuple(by)), reading or ReadOptions(), jobs, watch, cluster)


def scrub_spec(
    catalog: Catalog | None = None, *, key: str | None = None, keep: Sequence[str] = (), shift: int = 0
) -> "ScrubSpec":
    """Return how to scrub: with a random key where none is given, by what the bundled schemas declare personal.

    *keep* are FIELDs whose values stay, *shift* is in seconds. Raises CeventsError for an empty key and for what is
    no FIELD.
    """
    from os import urandom

    from canvas_events_cli.query.fields import parse_field
    from canvas_events_cli.scrub import ScrubSpec, derive_key

    fields = map(parse_field, keep)
    paths = tuple(path for field in fields for path in (*field.paths, *field.in_caliper))
    secret = urandom(64) if key is None else derive_key(key)
    return ScrubSpec(catalog or load_catalog(), secret, paths, shift)


def scrub_parts(
    sources: Inputs,
    spec: "ScrubSpec",
    *,
    reading: ReadOptions | None = None,
    jobs: int = 1,
    watch: Watch | None = None,
) -> "Iterator[ScrubbedBlock]":
    """Yield *sources* with personal data replaced, block by block as these are read.

    The same for any number of *jobs*, which, as *watch*, are as for :func:`validate_parts`. Raises CeventsError where
    a schema declares what is personal in a way that means nothing.
    """
    from canvas_events_cli.work.scrub import ScrubWork, scrub_source

    for source in sources:
        yield from scrub_source(source, ScrubWork(spec), reading or ReadOptions(), jobs, watch)


def sample_parts(
    sources: Inputs, *, per_type: int = 3, spec: ValidationSpec | None = None, reading: ReadOptions | None = None
) -> "Iterator[SelectedBlock[Record]]":
    """Yield a representative few of the events of *sources*, in source order, once all have been read.

    What ``canvas_events_cli.work.sample`` says of *per_type*. *spec* says what is invalid. Malformed records and
    failures come as they are met. Raises CeventsError for a broken schema.
    """
    from canvas_events_cli.work.sample import sample_blocks

    return sample_blocks(sources, event_checker(spec), per_type, reading or ReadOptions())


def drift_parts(
    sources: Inputs,
    *,
    spec: ValidationSpec | None = None,
    reading: ReadOptions | None = None,
    examples: bool = False,
    jobs: int = 1,
    watch: Watch | None = None,
    cluster: str | None = None,
) -> "Iterator[DriftReport]":
    """Look at all that the events of *sources* hold, yielding a report of each block; merged, they give the whole.

    *spec* says what is documented, and is not strict. *examples* keeps a value of each field, which may be personal.
    *jobs*, *watch* and *cluster* are as for :func:`validate_parts`.
    """
    from canvas_events_cli.work.drift import DriftWork

    work = DriftWork(spec or validation_spec(), examples)
    return run(sources, work, reading or ReadOptions(), jobs, watch, cluster)


def compare_seen(report: "DriftReport", catalog: Catalog) -> "Drift":
    """Return where *report* and what *catalog* documents part. Raises CeventsError for a broken schema."""
    from canvas_events_cli.drift import comparison

    return comparison.compare_seen(report, catalog)


def write_proposal(report: "DriftReport", catalog: Catalog, schemas: "Path | None", folder: "Path") -> "Proposal":
    """Write to *folder*, new or empty, a catalogue that accepts all events of *report* and names all their fields.

    It is the one in *schemas* (None: the bundled one), which *catalog* was loaded from, changed where that takes it.
    Raises CeventsError where *folder* has something in it, or cannot be written.
    """
    from canvas_events_cli.drift import proposal

    return proposal.write_proposal(report, catalog, schemas, folder)


def make_folder(folder: "Path") -> None:
    """Make the folder for :func:`write_proposal`, so that it is known before a long run that it can be written.

    Raises CeventsError where it has something in it, or cannot be made.
    """
    from canvas_events_cli.drift import proposal

    proposal.make_folder(folder)


def documented_events(catalog: Catalog | None = None) -> "list[DocumentedEvent]":
    """Return what is known of each event, by name. Raises CeventsError for a broken schema."""
    from canvas_events_cli.contract.listing import events_of

    return list(events_of(catalog or load_catalog()))


def describe_event(catalog: Catalog, name: str) -> "Described":
    """Return the fields of the event *name*, or of ``envelope``. Raises CeventsError where it is not known."""
    from canvas_events_cli.contract.listing import describe

    return describe(catalog, name)


def bundled_schema(catalog: Catalog, name: str) -> object:
    """Return the schema of the event *name*, or of ``envelope``, with all that it refers to in one document.

    Raises CeventsError where the event is not known, or for a schema with dynamic references.
    """
    from canvas_events_cli.catalog.bundle import bundled
    from canvas_events_cli.contract.listing import schema_named

    return bundled(schema_named(catalog, name))


def check_schemas(path: "Path | None" = None) -> "CheckReport":
    """Check the schema file at *path*, or all files of the folder there; None stands for the bundled ones.

    Raises CeventsError where nothing can be read.
    """
    from canvas_events_cli.contract import check

    return check.check_schemas(path or bundled_schemas())


def compare_schemas(old: "Path | None", new: "Path") -> "CatalogDiff":
    """Compare two folders of schemas, or two schema files; None stands for the bundled ones.

    Raises CeventsError where one is a folder and the other is not, or a schema cannot be used.
    """
    from canvas_events_cli.contract.diff import compare

    return compare(old, new)


def _sources(source: Input) -> Inputs:
    if isinstance(source, str | PathLike):
        return locate([fspath(source)])
    return [Source("<lines>", lines=source)]
