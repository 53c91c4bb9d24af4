"""``cevents show``: events for a person to read."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import nullcontext
from functools import partial
from itertools import repeat
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal

from canvas_events_cli.cli.options import LIMIT, OUTPUT, Input, Jobs, Output, Schemas, complete_field, grouped, option
from canvas_events_cli.cli.reading import Reading
from canvas_events_cli.cli.selection import Order, PickedByVerdict
from canvas_events_cli.cli.streams import Results, paged
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Malformed, Record

if TYPE_CHECKING:
    from datetime import tzinfo

    from canvas_events_cli.query.work import Form, SelectedBlock
    from canvas_events_cli.rendering.show import BlockForm

OutputFormat = Literal["pretty", "lines", "table", "json", "ndjson"]
Items = list[tuple[Any, str, int]]
"""What was made of each event, or a malformed record as it is; its source, and its line there."""
_AT_ONCE = 1000
Draw = Callable[[Iterable[Items]], Iterator[bytes]]


@grouped
def show(
    *,
    limit: int | None = LIMIT,
    output_format: OutputFormat = option(OUTPUT, "--output-format -o", "How to show events.", "pretty"),
    brief: bool = option(
        OUTPUT, "--brief", "Blocks of 22 lines at most: no nulls, nothing twice, the least important folded.", False
    ),
    fields: str | None = option(
        OUTPUT,
        "--fields A,B",
        "What lines, or the columns of a table, tell of an event; FIELDs as --where has them.",
        autocompletion=complete_field,
    ),
    tz: str = option(OUTPUT, "--tz ZONE", "Show times in local time, utc, or a zone such as Europe/Berlin.", "local"),
    pager: bool = option(OUTPUT, "--pager", "Show long output in the pager.", False),
    output: Output,
    picked: PickedByVerdict,
    order: Order,
    inputs: Input,
    jobs: Jobs,
    schemas: Schemas,
) -> int:
    """Show events: a block each, what is wrong with them beside the field; or a line each, a table, or JSON.

    For example:
    cevents show -n 3 capture.ndjson  # what is in here?
    cevents show -w 'user_login ~ ^ada' --tz utc -o table capture.ndjson  # what did she do, a line each?
    cevents show --invalid --pager captures/  # what is wrong, beside the fields?
    """
    from canvas_events_cli.query.work import SelectOptions
    from canvas_events_cli.rendering.moments import zone
    from canvas_events_cli.streaming import select_parts

    if fields is not None and output_format not in ("lines", "table"):
        raise CeventsError("--fields names the columns of a table, or what lines tell: add -o table or -o lines")
    results = Results(output.color)
    choice = picked.choice(schemas)
    names = None if fields is None else tuple(name.strip() for name in fields.split(","))
    form, draw, empty = _drawing(
        output_format, results, schemas, zone(tz), names, brief=brief, is_one_source=inputs.is_one
    )
    malformed_too = choice is None and output_format not in ("json", "ndjson")
    options = SelectOptions(unique=order.unique, sort=order.by_time, limit=limit, malformed_too=malformed_too)
    # A person reads more slowly than one process draws.
    running = jobs if not results.is_terminal else None
    shown = 0

    def found(reading: Reading, blocks: "Iterable[SelectedBlock[Any]]") -> Iterator[Items]:
        nonlocal shown
        for block in reading.reports(blocks):
            shown += len(block.records)
            reading.count(shown, "events")
            yield [*zip(block.records, repeat(block.source), block.lines)]

    with Reading(inputs, quiet=output.quiet) as reading, paged() if pager and results.is_terminal else nullcontext():
        for piece in draw(found(reading, select_parts(reading.events(choice, running, soon=True), options, form))):
            results.write(piece)
            results.flush()
    told = [("--fields", name) for name in empty if shown and names]
    return reading.close(picked, schemas, told=limit != 0, empty=told)


def _drawing(
    output_format: OutputFormat,
    results: Results,
    schemas: Schemas,
    tz: "tzinfo | None",
    fields: tuple[str, ...] | None,
    *,
    brief: bool,
    is_one_source: bool,
) -> "tuple[Callable[[Record], Any] | Form[Any], Draw, Collection[str]]":
    """Return what is made of each event, wherever that is read, what draws all of it, and columns that stay empty."""
    from canvas_events_cli.rendering.event_bytes import json_array, ndjson_lines

    if output_format in ("json", "ndjson"):
        written = json_array if output_format == "json" else ndjson_lines

        def draw(parts: Iterable[Items]) -> Iterator[bytes]:
            return written(([text for text, _, _ in items] for items in parts), on_terminal=results.is_terminal)

        return attrgetter("json"), draw, ()
    spec = schemas.spec(show_values=results.is_terminal)
    if output_format == "pretty":
        from canvas_events_cli.rendering.show import BlockForm

        blocks = BlockForm(spec, tz, results.width(), results.color, brief)
        return blocks, partial(_blocks, blocks), ()
    from canvas_events_cli.rendering.show_table import EventTable, LogLines, RowForm

    rows = RowForm(spec, tz, fields)
    width, names = results.width(whole=True), spec.catalog.bodies
    is_table = output_format == "table"
    room = width if is_table or results.is_terminal else None
    lines_of = EventTable if is_table else LogLines
    drawn = lines_of(rows.columns, room, names, color=results.color, is_one_source=is_one_source)
    return rows, partial(map, drawn.written), drawn.empty


def _blocks(form: "BlockForm", parts: Iterable[Items]) -> Iterator[bytes]:
    from canvas_events_cli.rendering.show import Blocks

    blocks = Blocks(form)
    for items in parts:
        # What another process found is a lot: it need not be held twice.
        for start in range(0, len(items), _AT_ONCE):
            yield b"".join(
                [
                    blocks.placed(blocks.malformed(item) if isinstance(item, Malformed) else item, source, line)
                    for item, source, line in items[start : start + _AT_ONCE]
                ]
            )
