"""``cevents filter``: write the events that match, as they were."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from canvas_events_cli.cli import options as shared
from canvas_events_cli.cli import selection as pick
from canvas_events_cli.cli.option_groups import grouped
from canvas_events_cli.cli.rejects import rejects_kept
from canvas_events_cli.cli.streams import Color, Results
from canvas_events_cli.errors import CeventsError, ExitCode
from canvas_events_cli.model import Record
from canvas_events_cli.rendering.event_bytes import enclosed, enclosing_lines, event_line, no_line, written


@grouped
def filter_events(
    sources: shared.SourcesArgument = None,
    *,
    picked: pick.PickedByVerdict,
    unique: pick.UniqueOption = False,
    sort: pick.SortOption = None,
    max_count: Annotated[
        int | None,
        typer.Option(
            "--max-count",
            "-m",
            min=0,
            metavar="N",
            help="Stop after N events.",
            rich_help_panel=shared.OUTPUT_OPTIONS,
            show_default=False,
        ),
    ] = None,
    count: Annotated[
        bool,
        typer.Option("--count", "-c", help="Write how many events match.", rich_help_panel=shared.OUTPUT_OPTIONS),
    ] = False,
    whole_record: Annotated[
        bool,
        typer.Option(
            "--whole-record",
            help="Write the record that an event was wrapped in, once, instead of the event.",
            rich_help_panel=shared.OUTPUT_OPTIONS,
        ),
    ] = False,
    rejects: Annotated[
        Path | None,
        typer.Option(
            "--rejects",
            metavar="FILE",
            help="Keep malformed input in FILE, byte for byte.",
            rich_help_panel=shared.OUTPUT_OPTIONS,
            show_default=False,
        ),
    ] = None,
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
) -> int:
    """Write the events that match, byte for byte, one a line.

    Exits 0 when some match, 1 when none does, 2 for a wrong option or an unreadable source, as grep does.

    Example: cevents filter -w 'status = outcome_alignment_cloning' --since 7d capture.ndjson
    """
    from canvas_events_cli import api
    from canvas_events_cli.query.selection import Selection
    from canvas_events_cli.query.work import SelectOptions
    from canvas_events_cli.running.report import Report

    if cluster is not None and not count:
        raise CeventsError("--cluster counts only: add --count, or filter what you fetch")
    catalog = partial(shared.load_catalog, schemas, envelope, body)
    wanted = picked.selection(catalog) or Selection()
    needs_schemas = wanted.asks_schemas or rejects is not None
    spec = shared.validation_spec(schemas, envelope, body, engine) if needs_schemas else None
    results = Results(Color.NEVER)
    options = SelectOptions(
        unique=unique,
        sort=pick.sort_by_time(sort),
        limit=max_count,
        every_record=rejects is not None,
        # Few large pieces come sooner from other processes than many small ones.
        joined=not (count or whole_record or unique or sort or max_count is not None or results.is_terminal),
    )
    total = Report()
    matched = 0
    form: Callable[[Record], Any] = no_line if count else enclosed if whole_record else event_line
    found = shared.resolve_sources(sources, quiet=quiet)
    located, progress = shared.progress_of(found if rejects is None else list(found), quiet=quiet)
    with rejects_kept(rejects, located, spec.catalog if spec else None, jwks) as kept, progress:
        for block in api.select_as(
            form,
            located,
            wanted,
            options=options,
            spec=spec,
            how=api.RunOptions(
                shared.read_options(max_record_bytes, no_unwrap, jwks),
                shared.jobs_or_cores(jobs),
                cluster,
                progress.advance,
            ),
        ):
            if block.failures or (block.records and results.is_terminal):
                progress.clear()
            shared.say_failures(block.failures)
            total.merge(block)
            kept.keep(block.rejects)
            matched += block.matched
            progress.count(f"{matched:,} matches")
            if not count:
                lines = enclosing_lines(block.records) if whole_record else block.records
                results.write(written(lines, on_terminal=results.is_terminal))
            results.flush()
    if count:
        results.write(b"%d\n" % matched)
        results.flush()
    if not quiet:
        shared.say_report_warnings(total, kept=rejects is not None)
        if not matched:
            picked.say_unknown_names(catalog)
    if total.failures:
        return ExitCode.USAGE
    return ExitCode.OK if matched else ExitCode.FINDINGS
