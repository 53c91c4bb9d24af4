"""``cevents show``: events for a person to read."""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated, Literal

from canvas_events_cli.cli.completion import complete_field
from canvas_events_cli.cli.options import OUTPUT, Input, Output, Schemas, grouped, option
from canvas_events_cli.cli.pager import paged
from canvas_events_cli.cli.reading import Reading
from canvas_events_cli.cli.selection import Order, PickedByVerdict
from canvas_events_cli.cli.streams import Results
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Malformed, Record

if TYPE_CHECKING:
    from datetime import tzinfo

    from canvas_events_cli.query.work import SelectedBlock
    from canvas_events_cli.validation import ValidationSpec

    Blocks = Iterator[SelectedBlock[Record]]

OutputFormat = Literal["pretty", "table", "json", "ndjson"]


@grouped
def show(
    *,
    limit: Annotated[int | None, option(OUTPUT, "--limit -n N", "Show N events at most.", min=0)] = None,
    output_format: Annotated[
        OutputFormat, option(OUTPUT, "--output-format -o", "How to show events.", default=True)
    ] = "pretty",
    fields: Annotated[
        str | None,
        option(
            OUTPUT, "--fields A,B", "The columns of a table; FIELDs as --where has them.", autocompletion=complete_field
        ),
    ] = None,
    tz: Annotated[
        str,
        option(OUTPUT, "--tz ZONE", "Show times in local time, utc, or a zone such as Europe/Berlin.", default=True),
    ] = "local",
    pager: Annotated[bool, option(OUTPUT, "--pager", "Show long output in the pager.")] = False,
    output: Output,
    picked: PickedByVerdict,
    order: Order,
    inputs: Input,
    schemas: Schemas,
) -> int:
    """Show events: a block each, what is wrong with them beside the field, or a table, or JSON.

    For example:
    cevents show -n 3 capture.ndjson  # what is in here?
    cevents show -w 'user_login ~ ^ada' --tz utc -o table capture.ndjson  # what did she do, a line each?
    cevents show --invalid --pager captures/  # what is wrong, beside the fields?
    """
    from canvas_events_cli.query.work import SelectOptions
    from canvas_events_cli.rendering.moments import zone
    from canvas_events_cli.streaming import as_it_is, select_parts

    if fields is not None and output_format != "table":
        raise CeventsError("--fields names the columns of a table: add -o table")
    results = Results(output.color)
    choice = picked.choice(schemas)
    spec = schemas.spec(show_values=results.is_terminal)
    options = SelectOptions(unique=order.unique, sort=order.by_time, limit=limit)
    zone_wanted = zone(tz)
    columns = [name.strip() for name in fields.split(",")] if fields is not None else None
    with Reading(inputs, quiet=output.quiet) as reading, paged() if pager and results.is_terminal else nullcontext():
        blocks = _counted(reading, select_parts(reading.events(choice), options, as_it_is))
        if output_format == "pretty":
            _show_blocks(results, blocks, spec, zone_wanted, malformed_too=choice is None)
        elif output_format == "table":
            _show_table(results, blocks, columns, zone_wanted)
        else:
            _show_json(results, blocks, lines=output_format == "ndjson")
        results.flush()
    return reading.close(picked, schemas)


def _counted(reading: Reading, blocks: "Blocks") -> "Blocks":
    events = 0
    for block in reading.reports(blocks):
        events += len(block.records)
        reading.count(events, "events")
        yield block


def _show_blocks(
    results: Results, blocks: "Blocks", spec: "ValidationSpec", tz: "tzinfo | None", *, malformed_too: bool
) -> None:
    from canvas_events_cli.rendering.show import event_block
    from canvas_events_cli.validation import compile_checker

    width = results.console().width
    check = compile_checker(spec).check
    for block in blocks:
        items: list[Record | Malformed] = [*block.records]
        if malformed_too:
            items += [item for item in block.rejects if isinstance(item, Malformed)]
        for item in sorted(items, key=lambda item: item.line):
            findings = check(block.source, item).findings if isinstance(item, Record) else ()
            results.write_text(event_block(item, findings, tz, width, source=block.source, color=results.color))
        results.flush()


def _show_table(results: Results, blocks: "Blocks", fields: list[str] | None, tz: "tzinfo | None") -> None:
    from canvas_events_cli.rendering.show_table import EventTable

    table = EventTable(results.console(wide=not results.is_terminal), fields, tz)
    for block in blocks:
        table.add(block.records)
        results.flush()


def _show_json(results: Results, blocks: "Blocks", *, lines: bool) -> None:
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
