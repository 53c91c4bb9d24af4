"""``cevents sample``: write a representative few of the events."""

from typing import Annotated

import typer

from canvas_events_cli.cli import options as shared
from canvas_events_cli.cli import selection as pick
from canvas_events_cli.cli.option_groups import grouped
from canvas_events_cli.cli.streams import Color, Results
from canvas_events_cli.errors import ExitCode


@grouped
def sample(
    sources: shared.SourcesArgument = None,
    *,
    picked: pick.PickedByVerdict,
    per_type: Annotated[
        int,
        typer.Option(
            "--per-type",
            min=1,
            metavar="N",
            help="Write N events of each name, where there are so many; more where it takes more to show every shape.",
            rich_help_panel="Which events",
        ),
    ] = 3,
    no_unwrap: shared.NoUnwrapOption = False,
    jwks: shared.JwksOption = None,
    max_record_bytes: shared.MaxRecordBytesOption = shared.MAX_RECORD_BYTES,
    schemas: shared.SchemasOption = None,
    envelope: shared.EnvelopeOption = None,
    body: shared.BodyOption = None,
    engine: shared.EngineOption = None,
    quiet: shared.QuietOption = False,
) -> int:
    """Write a representative few of the events, byte for byte, in their order.

    Every event name is among them, every shape (the set of an event's fields with their types), and every kind of
    mistake. Exits 0, or 2 for a wrong option or an unreadable source.

    Example: cevents sample captures/ | cevents scrub > sample.ndjson
    """
    from canvas_events_cli import api
    from canvas_events_cli.rendering.event_bytes import event_line, written
    from canvas_events_cli.running.report import Report

    spec = shared.validation_spec(schemas, envelope, body, engine)
    selection = picked.selection(lambda: spec.catalog)
    reading = shared.read_options(max_record_bytes, no_unwrap, jwks)
    results = Results(Color.NEVER)
    total = Report()
    events = 0
    located = shared.resolve_sources(sources, quiet=quiet)
    how = api.RunOptions(reading)
    for block in api.sample_parts(located, per_type=per_type, spec=spec, selection=selection, how=how):
        shared.say_failures(block.failures)
        total.merge(block)
        events += len(block.records)
        results.write(written(map(event_line, block.records), on_terminal=results.is_terminal))
        results.flush()
    if not quiet:
        shared.say_report_warnings(total)
        if not events:
            picked.say_unknown_names(lambda: spec.catalog)
    return ExitCode.USAGE if total.failures else ExitCode.OK
