"""``cevents validate``: check every event against envelope and body schema."""

import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from canvas_events_cli.cli import options as shared
from canvas_events_cli.cli import selection as pick
from canvas_events_cli.cli.findings_output import (
    FindingsOutput,
    Wanted,
    findings_kept,
    step_summary_file,
    wanted_outputs,
)
from canvas_events_cli.cli.option_groups import grouped
from canvas_events_cli.cli.output_files import refuse_inputs
from canvas_events_cli.cli.streams import Color, say
from canvas_events_cli.errors import ExitCode
from canvas_events_cli.outputs import Destination
from canvas_events_cli.rendering import validation_text
from canvas_events_cli.rendering.validation_formats import FORMATS

if TYPE_CHECKING:
    from canvas_events_cli import api
    from canvas_events_cli.catalog import Catalog
    from canvas_events_cli.rendering.progress import ProgressLine
    from canvas_events_cli.validation.report import ValidationReport

_MODE = "What counts"
_NO_SELECTION = "they belong to no selection: without one, they are findings"


@grouped
def validate(
    sources: shared.SourcesArgument = None,
    *,
    picked: pick.Picked,
    no_unwrap: shared.NoUnwrapOption = False,
    jwks: shared.JwksOption = None,
    max_record_bytes: shared.MaxRecordBytesOption = shared.MAX_RECORD_BYTES,
    jobs: shared.JobsOption = None,
    cluster: shared.ClusterOption = None,
    schemas: shared.SchemasOption = None,
    envelope: shared.EnvelopeOption = None,
    body: shared.BodyOption = None,
    engine: shared.EngineOption = None,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Make undocumented fields and events findings, not notes.", rich_help_panel=_MODE
        ),
    ] = False,
    allow_empty: Annotated[
        bool,
        typer.Option("--allow-empty", help="Exit 0 when there is no event at all.", rich_help_panel=_MODE),
    ] = False,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first wrong event.", rich_help_panel=_MODE)
    ] = False,
    output_formats: Annotated[
        list[str] | None,
        typer.Option(
            "--output-format",
            "-o",
            metavar="FORMAT[=FILE]",
            help=f"How to write findings, and where to: {', '.join(FORMATS)}. Repeatable.",
            rich_help_panel=shared.OUTPUT_OPTIONS,
            show_default="text",
            autocompletion=lambda: list(FORMATS),
        ),
    ] = None,
    max_findings: Annotated[
        int | None,
        typer.Option(
            "--max-findings",
            min=0,
            metavar="N",
            help="Write at most N findings (0: all); all are counted.",
            rich_help_panel=shared.OUTPUT_OPTIONS,
            show_default="100; 5000 for junit, sarif and gitlab",
        ),
    ] = None,
    statistics: Annotated[
        bool,
        typer.Option(
            "--statistics",
            help="Count findings by event, pointer and keyword instead of listing them.",
            rich_help_panel=shared.OUTPUT_OPTIONS,
        ),
    ] = False,
    show_values: Annotated[
        bool,
        typer.Option(
            "--show-values",
            help="Quote values of events in messages also off a terminal; they may be personal.",
            rich_help_panel=shared.OUTPUT_OPTIONS,
        ),
    ] = False,
    quiet: shared.QuietOption = False,
    color: shared.ColorOption = Color.AUTO,
) -> int:
    """Check every event against the envelope schema and its body schema.

    Exits 0 when all are valid, 1 when something is invalid or malformed, 2 when nothing could be checked.

    Example: cevents validate captures/*.ndjson -o json
    """
    from canvas_events_cli import api

    wanted = wanted_outputs(output_formats or ())
    show_values |= all(each.destination is None for each in wanted) and sys.stdout.isatty()
    spec = shared.validation_spec(schemas, envelope, body, engine, strict=strict, show_values=show_values)
    selection = picked.selection(lambda: spec.catalog)
    limits = api.ReportOptions(
        max_findings=max(findings_kept(each, max_findings) for each in wanted),
        statistics=statistics,
        by_source=any(each.format == "junit" for each in wanted),
        fail_fast=fail_fast,
    )
    found = shared.resolve_sources(sources, quiet=quiet)
    if files := _files(wanted):
        found = list(found)
        refuse_inputs(files, found, spec.catalog, [jwks])
    with ExitStack() as stack:
        outputs = [
            stack.enter_context(FindingsOutput(each, color, max_findings, statistics=statistics)) for each in wanted
        ]
        located, progress = shared.progress_of(found, quiet=quiet)
        started = time.perf_counter()
        total = api.ValidationReport()
        interrupted = False
        try:
            reading = shared.read_options(max_record_bytes, no_unwrap, jwks)
            with progress:
                parts = api.validate_parts(
                    located,
                    spec=spec,
                    options=limits,
                    selection=selection,
                    how=api.RunOptions(reading, shared.jobs_or_cores(jobs), cluster, progress.advance),
                )
                _run(total, parts, limits, outputs, progress)
        except KeyboardInterrupt:
            interrupted = True
        for output in outputs:
            output.finish(total, interrupted=interrupted)
    if not quiet:
        _say_closing(total, time.perf_counter() - started, outputs, spec.catalog, interrupted=interrupted)
        if not total.events:
            picked.say_unknown_names(lambda: spec.catalog)
    return _exit_code(total, selects=selection is not None, allow_empty=allow_empty, interrupted=interrupted)


def _files(wanted: "Iterable[Wanted]") -> "list[Destination]":
    """Return the files that are to be written, the one of GitHub Actions among them."""
    files = [each.destination or (step_summary_file() if each.format == "github" else None) for each in wanted]
    return [file for file in files if file is not None]


def _run(
    total: "ValidationReport",
    parts: "Iterable[ValidationReport]",
    limits: "api.ReportOptions",
    outputs: list[FindingsOutput],
    progress: "ProgressLine",
) -> None:
    for part in parts:
        findings = part.findings
        if findings or part.failures:
            progress.clear()
        shared.say_failures(part.failures)
        if all(output.streams for output in outputs):
            part.findings = []
        # Counted before they are written, so that an interrupt meets figures that hold.
        total.merge(part, limits.max_findings)
        progress.count(f"{total.events:,} events, {total.findings_total:,} findings")
        for output in outputs:
            output.write(findings)


def _say_closing(
    total: "ValidationReport", seconds: float, outputs: list[FindingsOutput], catalog: "Catalog", *, interrupted: bool
) -> None:
    hidden = total.findings_total - min(output.told for output in outputs)
    if hidden and not interrupted:
        say(f"… and {hidden:,} more findings (--max-findings 0 writes all)")
    shared.say_warnings(total.left_out, total.unverified, web_page=total.web_page, why=_NO_SELECTION)
    for note in validation_text.note_lines(total, catalog.bodies):
        say(note)
    if interrupted:
        say("interrupted: these figures are of what was read so far")
    elif total.failures:
        say(f"not everything could be read ({len(total.failures)} of the sources): these figures lack it")
    say(validation_text.closing_line(total, seconds))


def _exit_code(total: "ValidationReport", *, selects: bool, allow_empty: bool, interrupted: bool) -> int:
    if interrupted:
        return ExitCode.INTERRUPTED
    if total.failures:
        return ExitCode.USAGE
    if not total.events and not allow_empty:
        nothing = "no event is selected" if selects else "no event in the input"
        say(f"cevents: nothing to validate: {nothing} (--allow-empty accepts that)")
        return ExitCode.USAGE
    return ExitCode.OK if total.passed else ExitCode.FINDINGS
