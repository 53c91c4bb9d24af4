"""``cevents show``: events for a person to read."""

from collections.abc import Iterator
from contextlib import nullcontext
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from canvas_events_cli.cli import options as shared
from canvas_events_cli.cli import selection as pick
from canvas_events_cli.cli.completion import complete_field
from canvas_events_cli.cli.option_groups import grouped
from canvas_events_cli.cli.pager import paged
from canvas_events_cli.cli.streams import Color, Results
from canvas_events_cli.errors import CeventsError, ExitCode
from canvas_events_cli.model import Malformed, Record

if TYPE_CHECKING:
    from datetime import tzinfo

    from canvas_events_cli import api
    from canvas_events_cli.query.work import SelectedBlock


class Format(StrEnum):
    """How events are shown."""

    PRETTY = "pretty"
    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"


@grouped
def show(
    sources: shared.SourcesArgument = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            "-n",
            min=0,
            metavar="N",
            help="Show N events at most.",
            rich_help_panel=shared.OUTPUT_OPTIONS,
            show_default=False,
        ),
    ] = None,
    output_format: Annotated[
        Format,
        typer.Option("--output-format", "-o", help="How to show events.", rich_help_panel=shared.OUTPUT_OPTIONS),
    ] = Format.PRETTY,
    fields: Annotated[
        str | None,
        typer.Option(
            "--fields",
            metavar="A,B",
            help="The columns of a table; FIELDs as --where has them.",
            rich_help_panel=shared.OUTPUT_OPTIONS,
            autocompletion=complete_field,
            show_default=False,
        ),
    ] = None,
    tz: Annotated[
        str,
        typer.Option(
            "--tz",
            metavar="ZONE",
            help="Show times in local time, utc, or a zone such as Europe/Berlin.",
            rich_help_panel=shared.OUTPUT_OPTIONS,
        ),
    ] = "local",
    pager: Annotated[
        bool,
        typer.Option("--pager", help="Show long output in the pager.", rich_help_panel=shared.OUTPUT_OPTIONS),
    ] = False,
    *,
    picked: pick.PickedByVerdict,
    unique: pick.UniqueOption = False,
    sort: pick.SortOption = None,
    no_unwrap: shared.NoUnwrapOption = False,
    jwks: shared.JwksOption = None,
    max_record_bytes: shared.MaxRecordBytesOption = shared.MAX_RECORD_BYTES,
    schemas: shared.SchemasOption = None,
    envelope: shared.EnvelopeOption = None,
    body: shared.BodyOption = None,
    engine: shared.EngineOption = None,
    quiet: shared.QuietOption = False,
    color: shared.ColorOption = Color.AUTO,
) -> int:
    """Show events: a block each, what is wrong with them beside the field, or a table, or JSON.

    Example: cevents show -n 3 -w 'user_login ~ ^ada' --tz utc capture.ndjson
    """
    from canvas_events_cli import api
    from canvas_events_cli.query.selection import Selection
    from canvas_events_cli.query.work import SelectOptions
    from canvas_events_cli.rendering.moments import zone

    if fields is not None and output_format is not Format.TABLE:
        raise CeventsError("--fields names the columns of a table: add -o table")
    results = Results(color)
    catalog = partial(shared.load_catalog, schemas, envelope, body)
    selection = picked.selection(catalog)
    spec = shared.validation_spec(schemas, envelope, body, engine, show_values=results.is_terminal)
    options = SelectOptions(unique=unique, sort=pick.sort_by_time(sort), limit=limit)
    zone_wanted = zone(tz)
    columns = [name.strip() for name in fields.split(",")] if fields is not None else None
    tallies = _Tallies()
    reading = shared.read_options(max_record_bytes, no_unwrap, jwks)
    located = shared.resolve_sources(sources, quiet=quiet)
    blocks = tallies.watch(
        api.select_parts(located, selection or Selection(), options=options, spec=spec, how=api.RunOptions(reading))
    )
    with paged() if pager and results.is_terminal else nullcontext():
        if output_format is Format.PRETTY:
            _show_blocks(results, blocks, spec, zone_wanted, malformed_too=selection is None)
        elif output_format is Format.TABLE:
            _show_table(results, blocks, columns, zone_wanted)
        else:
            _show_json(results, blocks, lines=output_format is Format.NDJSON)
        results.flush()
    if not quiet:
        shared.say_report_warnings(tallies.total)
        if not tallies.events:
            picked.say_unknown_names(catalog)
    return ExitCode.USAGE if tallies.total.failures else ExitCode.OK


class _Tallies:
    """Counts what passes by, for the end: events, malformed records, and sources that failed."""

    def __init__(self) -> None:
        from canvas_events_cli.running.report import Report

        self.events = 0
        self.total = Report()

    def watch(self, blocks: "Iterator[SelectedBlock[Record]]") -> "Iterator[SelectedBlock[Record]]":
        for block in blocks:
            shared.say_failures(block.failures)
            self.events += len(block.records)
            self.total.merge(block)
            yield block


def _show_blocks(
    results: Results,
    blocks: "Iterator[SelectedBlock[Record]]",
    spec: "api.ValidationSpec",
    tz: "tzinfo | None",
    *,
    malformed_too: bool,
) -> None:
    from canvas_events_cli import api
    from canvas_events_cli.rendering.show import event_block

    width = results.console().width
    check = api.event_checker(spec).check
    for block in blocks:
        items: list[Record | Malformed] = [*block.records]
        if malformed_too:
            items += [item for item in block.rejects if isinstance(item, Malformed)]
        for item in sorted(items, key=lambda item: item.line):
            findings = check(block.source, item).findings if isinstance(item, Record) else ()
            results.write_text(event_block(item, findings, tz, width, source=block.source, color=results.color))
        results.flush()


def _show_table(
    results: Results, blocks: "Iterator[SelectedBlock[Record]]", fields: list[str] | None, tz: "tzinfo | None"
) -> None:
    from canvas_events_cli.rendering.show_table import EventTable

    table = EventTable(results.console(wide=not results.is_terminal), fields, tz)
    for block in blocks:
        table.add(block.records)
        results.flush()


def _show_json(results: Results, blocks: "Iterator[SelectedBlock[Record]]", *, lines: bool) -> None:
    from canvas_events_cli.rendering.event_bytes import json_array, ndjson_line

    if lines:
        for block in blocks:
            for record in block.records:
                results.write(ndjson_line(record.json, on_terminal=results.is_terminal))
            results.flush()
        return
    raws = (record.json for block in blocks for record in block.records)
    for piece in json_array(raws, on_terminal=results.is_terminal):
        results.write(piece)
