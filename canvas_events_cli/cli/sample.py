"""``cevents sample``: write a representative few of the events."""

from canvas_events_cli.cli.options import LIMIT, QUIET, Input, Schemas, grouped, option
from canvas_events_cli.cli.reading import Reading
from canvas_events_cli.cli.selection import PICK, PickedByVerdict
from canvas_events_cli.cli.streams import Results


@grouped
def sample(
    *,
    per_type: int = option(
        PICK,
        "--per-type N",
        "Write N events of each name, where there are so many; more where it takes more to show every shape.",
        3,
        min=1,
    ),
    limit: int | None = LIMIT,
    picked: PickedByVerdict,
    inputs: Input,
    schemas: Schemas,
    quiet: bool = QUIET,
) -> int:
    """Write a representative few of the events, byte for byte, in their order.

    Every event name is among them, every shape (the set of an event's fields with their types), and every kind of
    mistake. Exits 0, or 2 for a wrong option or an unreadable source.

    For example:
    cevents sample captures/ > sample.ndjson  # a few of each kind
    cevents sample --per-type 1 captures/ | cevents scrub > sample.ndjson  # one of each, to be committed
    """
    from canvas_events_cli.rendering.event_bytes import event_line, written
    from canvas_events_cli.streaming import sample_parts

    choice = picked.choice(schemas)
    results = Results()
    events = 0
    with Reading(inputs, quiet=quiet) as reading:
        for block in reading.reports(sample_parts(reading.events(choice), schemas.spec(), per_type, limit)):
            events += len(block.records)
            reading.count(events, "events")
            results.write(written(map(event_line, block.records), on_terminal=results.is_terminal))
            results.flush()
    return reading.close(picked, schemas, told=limit != 0)
