"""``cevents validate``: check every event against envelope and body schema."""

import sys
import time
from contextlib import ExitStack
from itertools import chain
from typing import TYPE_CHECKING, Annotated

from canvas_events_cli.cli.findings_output import FindingsOutput, outputs_of
from canvas_events_cli.cli.options import OUTPUT, Input, Output, Running, Schemas, grouped, option
from canvas_events_cli.cli.reading import Reading
from canvas_events_cli.cli.selection import Picked
from canvas_events_cli.cli.streams import say
from canvas_events_cli.errors import ExitCode
from canvas_events_cli.rendering import validation_text
from canvas_events_cli.rendering.validation_formats import FORMATS

if TYPE_CHECKING:
    from canvas_events_cli.catalog import Catalog
    from canvas_events_cli.validation.report import ValidationReport

_MODE = "What counts"
_NO_SELECTION = "they belong to no selection: without one, they are findings"


@grouped
def validate(
    *,
    picked: Picked,
    inputs: Input,
    running: Running,
    schemas: Schemas,
    strict: Annotated[
        bool, option(_MODE, "--strict", "Make undocumented fields and events findings, not notes.")
    ] = False,
    allow_empty: Annotated[bool, option(_MODE, "--allow-empty", "Exit 0 when there is no event at all.")] = False,
    fail_fast: Annotated[bool, option(_MODE, "--fail-fast", "Stop at the first wrong event.")] = False,
    output_formats: Annotated[
        list[str] | None,
        option(
            OUTPUT,
            "--output-format -o FORMAT[=FILE]",
            f"How to write findings, and where to: {', '.join(FORMATS)}. Repeatable.",
            default="text",
            autocompletion=lambda: list(FORMATS),
        ),
    ] = None,
    max_findings: Annotated[
        int | None,
        option(
            OUTPUT,
            "--max-findings N",
            "Write at most N findings (0: all); all are counted.",
            min=0,
            default="100; 5000 for junit, sarif and gitlab",
        ),
    ] = None,
    statistics: Annotated[
        bool, option(OUTPUT, "--statistics", "Count findings by event, pointer and keyword instead of listing them.")
    ] = False,
    show_values: Annotated[
        bool,
        option(
            OUTPUT, "--show-values", "Quote values of events in messages also off a terminal; they may be personal."
        ),
    ] = False,
    output: Output,
) -> int:
    """Check every event against the envelope schema and its body schema.

    Exits 0 when all are valid, 1 when something is invalid or malformed, 2 when nothing could be checked.

    Example: cevents validate captures/*.ndjson -o json
    """
    from canvas_events_cli.streaming import validate_parts
    from canvas_events_cli.validation.report import ReportOptions, ValidationReport

    outputs = outputs_of(output_formats, output.color, max_findings, statistics=statistics)
    show_values |= all(each.on_stdout for each in outputs) and sys.stdout.isatty()
    spec = schemas.spec(strict=strict, show_values=show_values)
    choice = picked.choice(schemas)
    limits = ReportOptions(
        max_findings=max(each.most for each in outputs),
        statistics=statistics,
        by_source=any(each.by_source for each in outputs),
        fail_fast=fail_fast,
    )
    total = ValidationReport()
    reading = Reading(inputs, quiet=output.quiet, tallies=True)
    reading.refuse([each.file for each in outputs if each.file], chain(schemas.files(), inputs.files()))
    with ExitStack() as stack:
        for each in outputs:
            stack.enter_context(each)
        started = time.perf_counter()
        with reading:
            for report in reading.reports(validate_parts(reading.events(choice, running), spec, limits)):
                findings = report.findings
                if findings:
                    reading.clear()
                if all(each.streams for each in outputs):
                    report.findings = []
                # Counted before they are written, so that an interrupt meets figures that hold.
                total.merge(report, limits.max_findings)
                reading.count(total.events, f"events, {total.findings_total:,} findings")
                for each in outputs:
                    each.write(findings)
        seconds = time.perf_counter() - started
        for each in outputs:
            each.finish(total, interrupted=reading.interrupted)
    if not output.quiet:
        _say_closing(total, seconds, outputs, schemas.catalog, reading)
        if not total.events:
            picked.say_unknown_names(schemas)
    return _exit_code(total, reading, selects=choice is not None, allow_empty=allow_empty)


def _say_closing(
    total: "ValidationReport", seconds: float, outputs: list[FindingsOutput], catalog: "Catalog", reading: Reading
) -> None:
    hidden = total.findings_total - min(output.told for output in outputs)
    if hidden and not reading.interrupted:
        say(f"… and {hidden:,} more findings (--max-findings 0 writes all)")
    reading.warn(total.left_out, why=_NO_SELECTION)
    for note in validation_text.note_lines(total, catalog.bodies):
        say(note)
    if reading.interrupted:
        say("interrupted: these figures are of what was read so far")
    elif total.failures:
        say(f"not everything could be read ({len(total.failures)} of the sources): these figures lack it")
    say(validation_text.closing_line(total, seconds))


def _exit_code(total: "ValidationReport", reading: Reading, *, selects: bool, allow_empty: bool) -> int:
    if reading.interrupted:
        return ExitCode.INTERRUPTED
    if total.failures:
        return ExitCode.USAGE
    if not total.events and not allow_empty:
        nothing = "no event is selected" if selects else "no event in the input"
        say(f"cevents: nothing to validate: {nothing} (--allow-empty accepts that)")
        return ExitCode.USAGE
    return ExitCode.OK if total.passed else ExitCode.FINDINGS
