"""``cevents filter``: write the events that match, as they were."""

import sys
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

from canvas_events_cli.cli.options import LIMIT, OUTPUT, QUIET, Input, Running, Schemas, grouped, option
from canvas_events_cli.cli.reading import Reading, rejects_kept
from canvas_events_cli.cli.selection import Order, PickedByVerdict
from canvas_events_cli.cli.streams import Results
from canvas_events_cli.errors import CeventsError, ExitCode
from canvas_events_cli.model import Record
from canvas_events_cli.rendering.event_bytes import enclosed, enclosing_lines, event_line, no_line, written


@grouped
def filter_events(
    *,
    picked: PickedByVerdict,
    order: Order,
    limit: int | None = LIMIT,
    count: bool = option(OUTPUT, "--count -c", "Write how many events match.", False),
    whole_record: bool = option(
        OUTPUT, "--whole-record", "Write the record that an event was wrapped in, once, instead of the event.", False
    ),
    rejects: Path | None = option(OUTPUT, "--rejects FILE", "Keep malformed input in FILE, byte for byte."),
    inputs: Input,
    running: Running,
    schemas: Schemas,
    quiet: bool = QUIET,
) -> int:
    """Write the events that match, byte for byte, one a line.

    Exits 0 when some match, 1 when none does, 2 for a wrong option or an unreadable source, as grep does.

    For example:
    cevents filter -w 'status = outcome_alignment_cloning' --since 7d captures/  # one field, last week
    cevents filter --about course:612 --unique --sort time captures/  # all about a course, in order
    cevents filter -c --invalid capture.ndjson  # how many are invalid?
    """
    from canvas_events_cli.query.work import SelectOptions
    from canvas_events_cli.streaming import select_parts

    if running.cluster is not None and not count:
        raise CeventsError("--cluster counts only: add --count, or filter what you fetch")
    choice = picked.choice(schemas)
    results = Results()
    options = SelectOptions(
        unique=order.unique,
        sort=order.by_time and not count,
        limit=limit,
        # Few large pieces come sooner from other processes than many small ones.
        as_lines=not (count or whole_record or results.is_terminal),
        counted=count and not order.unique and limit is None,
    )
    form: Callable[[Record], Any] = no_line if count else enclosed if whole_record else event_line
    matched = 0
    # An interrupt leaves the count so far, as other figures; what FILE held before is worth more than a part of it.
    reading = Reading(inputs, quiet=quiet, tallies=count and rejects is None)
    with rejects_kept(rejects, reading, chain(schemas.files(), inputs.files())) as keep_rejects, reading:
        for block in reading.reports(select_parts(reading.events(choice, running), options, form)):
            if block.records and results.is_terminal:
                reading.clear()
            keep_rejects(block.rejects)
            matched += block.matched
            reading.count(matched, "matches")
            if not count:
                lines = enclosing_lines(block.records) if whole_record else block.records
                results.write(written(lines, on_terminal=results.is_terminal))
            results.flush()
    if count:
        results.write(b"%d\n" % matched)
        results.flush()
    if reading.interrupted and (code := reading.cut_short()):
        return code
    # As with grep, a script has the exit code; who looks at a terminal wonders.
    told = sys.stderr.isatty() and not count and limit != 0
    code = reading.close(picked, schemas, kept=rejects is not None, told=told)
    return code or (ExitCode.OK if matched else ExitCode.FINDINGS)
