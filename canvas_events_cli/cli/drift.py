"""``cevents drift``: what a capture really contains, against what is documented."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from canvas_events_cli.cli import options as shared
from canvas_events_cli.cli import selection as pick
from canvas_events_cli.cli.option_groups import grouped
from canvas_events_cli.cli.streams import Color, Results, say
from canvas_events_cli.errors import CeventsError, ExitCode
from canvas_events_cli.outputs import check_new_folder

if TYPE_CHECKING:
    from canvas_events_cli.catalog import Catalog
    from canvas_events_cli.drifting.comparison import Drift
    from canvas_events_cli.drifting.report import DriftReport


class Format(StrEnum):
    """How drift is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


@grouped
def drift(
    sources: shared.SourcesArgument = None,
    *,
    picked: pick.PickedByVerdict,
    no_unwrap: shared.NoUnwrapOption = False,
    jwks: shared.JwksOption = None,
    max_record_bytes: shared.MaxRecordBytesOption = shared.MAX_RECORD_BYTES,
    jobs: shared.JobsOption = None,
    cluster: shared.ClusterOption = None,
    schemas: shared.SchemasOption = None,
    envelope: shared.EnvelopeOption = None,
    body: shared.BodyOption = None,
    engine: shared.EngineOption = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit 1 when there is drift.", rich_help_panel=shared.OUTPUT_OPTIONS)
    ] = False,
    write: Annotated[
        Path | None,
        typer.Option(
            "--write",
            metavar="DIR",
            help="Write schemas to DIR, new or empty, that document what was seen.",
            rich_help_panel=shared.OUTPUT_OPTIONS,
            show_default=False,
        ),
    ] = None,
    output_format: Annotated[
        Format,
        typer.Option("--output-format", "-o", help="How to write drift.", rich_help_panel=shared.OUTPUT_OPTIONS),
    ] = Format.TEXT,
    show_values: Annotated[
        bool,
        typer.Option(
            "--show-values",
            help="Give an example of each undocumented field also off a terminal; it may be personal.",
            rich_help_panel=shared.OUTPUT_OPTIONS,
        ),
    ] = False,
    quiet: shared.QuietOption = False,
    color: shared.ColorOption = Color.AUTO,
) -> int:
    """Tell where events and documentation part: new events and fields, new types of fields, fields that never come.

    A documented field that was never seen is told, but counts as no drift: Canvas may leave out what is null.

    Example: cevents drift --exit-code -o markdown captures/
    """
    from canvas_events_cli import api
    from canvas_events_cli.drifting.report import DriftReport

    if write is not None and (envelope or body):
        raise CeventsError(
            "--write changes a folder of schemas: name one with --schemas, not with --envelope or --body"
        )
    if write is not None:
        check_new_folder(f"--write {write}", write)
    results = Results(color)
    examples = show_values or results.is_terminal
    spec = shared.validation_spec(schemas, envelope, body, engine)
    selection = picked.selection(lambda: spec.catalog)
    total = DriftReport()
    interrupted = False
    try:
        reading = shared.read_options(max_record_bytes, no_unwrap, jwks)
        located, progress = shared.progress_of(shared.resolve_sources(sources, quiet=quiet), quiet=quiet)
        with progress:
            for part in api.drift_parts(
                located,
                spec=spec,
                selection=selection,
                examples=examples,
                how=api.RunOptions(reading, shared.jobs_or_cores(jobs), cluster, progress.advance),
            ):
                if part.failures:
                    progress.clear()
                shared.say_failures(part.failures)
                total.merge(part)
                progress.count(f"{len(total.events):,} kinds of events")
    except KeyboardInterrupt:
        interrupted = True
    found = api.compare_seen(total, spec.catalog)
    _write(results, found, output_format, examples=examples)
    results.flush()
    if interrupted:
        say("interrupted: these figures are of what was read so far")
        return ExitCode.INTERRUPTED
    if total.failures:
        say("cevents: not everything could be read: these figures lack it")
        return ExitCode.USAGE
    if write is not None:
        _propose(total, spec.catalog, schemas, write)
    if not quiet:
        _say_notes(total, found)
        if not total.events:
            picked.say_unknown_names(lambda: spec.catalog)
    return ExitCode.FINDINGS if exit_code and found.found else ExitCode.OK


def _write(results: Results, found: "Drift", output_format: Format, *, examples: bool) -> None:
    if output_format is Format.JSON:
        from canvas_events_cli.rendering.drift import drift_json
        from canvas_events_cli.rendering.json_bytes import json_bytes

        results.write_json(json_bytes(drift_json(found, examples=examples), indent=True))
    elif output_format is Format.MARKDOWN:
        from canvas_events_cli.rendering.drift import drift_markdown

        results.write_text(drift_markdown(found))
    else:
        from canvas_events_cli.rendering.drift import drift_lines

        results.print_lines(lambda width: drift_lines(found, width))


def _propose(total: "DriftReport", catalog: "Catalog", schemas: Path | None, folder: Path) -> None:
    from canvas_events_cli import api

    written = api.write_proposal(total, catalog, schemas, folder)
    for path in written.changed:
        say(f"proposed: {folder / path}")
    if written.refused:
        events = "1 new event" if written.refused == 1 else f"{written.refused:,} new events"
        say(f"cevents: {events} left out: a name that is not made of letters, digits, '.', '_' and '-' names no file")
    say(f"wrote {written.files:,} files to {folder}, {len(written.changed):,} of them changed or new")


def _say_notes(total: "DriftReport", found: "Drift") -> None:
    if found.invalid:
        events = "1 event is" if found.invalid == 1 else f"{found.invalid:,} events are"
        say(f"{events} invalid (cevents validate tells what is wrong)")
    shared.say_report_warnings(total)
