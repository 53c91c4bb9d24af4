"""``cevents summarize``: tally events, and the retries of alignment clones in depth."""

from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from canvas_events_cli.cli import options as shared
from canvas_events_cli.cli import selection as pick
from canvas_events_cli.cli.completion import complete_field
from canvas_events_cli.cli.option_groups import grouped
from canvas_events_cli.cli.streams import Color, Results, say
from canvas_events_cli.errors import ExitCode

if TYPE_CHECKING:
    from canvas_events_cli.summary.document import Figures


class Format(StrEnum):
    """How the summary is written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    HTML = "html"


@grouped
def summarize(
    sources: shared.SourcesArgument = None,
    *,
    picked: pick.PickedByVerdict,
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by",
            metavar="FIELD",
            help="Tally this field of all events too; repeatable.",
            rich_help_panel="What is counted",
            autocompletion=complete_field,
            show_default=False,
        ),
    ] = None,
    top: Annotated[
        int,
        typer.Option(
            "--top",
            min=0,
            metavar="N",
            help="Rows of a list at most (0: all).",
            rich_help_panel="What is counted",
        ),
    ] = 10,
    output_format: Annotated[
        Format,
        typer.Option("--output-format", "-o", help="How to write the summary.", rich_help_panel=shared.OUTPUT_OPTIONS),
    ] = Format.TEXT,
    no_unwrap: shared.NoUnwrapOption = False,
    jwks: shared.JwksOption = None,
    max_record_bytes: shared.MaxRecordBytesOption = shared.MAX_RECORD_BYTES,
    jobs: shared.JobsOption = None,
    cluster: shared.ClusterOption = None,
    schemas: shared.SchemasOption = None,
    envelope: shared.EnvelopeOption = None,
    body: shared.BodyOption = None,
    engine: shared.EngineOption = None,
    quiet: shared.QuietOption = False,
    color: shared.ColorOption = Color.AUTO,
) -> int:
    """Tally events by type, and say which alignment clones were retried, where, how often and by whom.

    Redelivered copies are recognised and left out of every figure but their own.

    Example: cevents summarize --by metadata.context_role -o markdown capture.ndjson
    """
    from canvas_events_cli import api
    from canvas_events_cli.summary.document import figures
    from canvas_events_cli.summary.report import SummaryReport

    catalog = partial(shared.load_catalog, schemas, envelope, body)
    selection = picked.selection(catalog)
    asks_schemas = selection is not None and selection.asks_schemas
    spec = shared.validation_spec(schemas, envelope, body, engine) if asks_schemas else None
    results = Results(color)
    total = SummaryReport()
    interrupted = False
    try:
        reading = shared.read_options(max_record_bytes, no_unwrap, jwks)
        located, progress = shared.progress_of(shared.resolve_sources(sources, quiet=quiet), quiet=quiet)
        with progress:
            for part in api.summarize_parts(
                located,
                by=by or (),
                selection=selection,
                spec=spec,
                how=api.RunOptions(reading, shared.jobs_or_cores(jobs), cluster, progress.advance),
            ):
                if part.failures:
                    progress.clear()
                    shared.say_failures(part.failures)
                total.merge(part)
                progress.count(f"{total.events:,} events")
    except KeyboardInterrupt:
        interrupted = True
    _write(results, figures(total, top), output_format)
    results.flush()
    if interrupted:
        say("interrupted: these figures are of what was read so far")
        return ExitCode.INTERRUPTED
    if total.failures:
        say("cevents: not everything could be read: these figures lack it")
        return ExitCode.USAGE
    if not quiet:
        shared.say_report_warnings(total)
        if not total.events:
            picked.say_unknown_names(catalog)
    return ExitCode.OK


def _write(results: Results, summary: "Figures", output_format: Format) -> None:
    if output_format is Format.TEXT:
        from canvas_events_cli.rendering.summary_text import print_summary

        print_summary(summary, results.console())
    elif output_format is Format.JSON:
        from canvas_events_cli.rendering.json_bytes import json_bytes

        results.write_json(json_bytes(summary.to_dict(), indent=True))
    elif output_format is Format.HTML:
        from canvas_events_cli.rendering.summary_html import html_text

        results.write_text(html_text(summary))
    else:
        from canvas_events_cli.rendering.summary_tables import markdown_text, tables
        from canvas_events_cli.rendering.tables import csv_text

        results.write_text(csv_text(tables(summary)) if output_format is Format.CSV else markdown_text(summary))
