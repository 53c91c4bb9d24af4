"""``cevents drift``: what a capture really contains, against what is documented."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from canvas_events_cli.cli.options import OUTPUT, Input, Output, Running, Schemas, grouped, option
from canvas_events_cli.cli.reading import Reading
from canvas_events_cli.cli.selection import PickedByVerdict
from canvas_events_cli.cli.streams import Results, say
from canvas_events_cli.errors import CeventsError, ExitCode, counted
from canvas_events_cli.outputs import check_new_folder

if TYPE_CHECKING:
    from canvas_events_cli.drifting.changes import Changes
    from canvas_events_cli.drifting.comparison import Drift

OutputFormat = Literal["text", "json", "markdown"]


@grouped
def drift(
    *,
    against: list[str] | None = option(
        OUTPUT, "--against BEFORE", "Tell what changed since BEFORE, an earlier SOURCE, instead; repeatable."
    ),
    exit_code: bool = option(OUTPUT, "--exit-code", "Exit 1 if there is drift, 2 if no event.", False),
    everything: bool = option(
        OUTPUT, "--all", "List the documented fields never seen, or values seen once or twice.", False
    ),
    write: Path | None = option(
        OUTPUT, "--write DIR", "Write schemas to DIR, new or empty, that document what was seen."
    ),
    output_format: OutputFormat = option(OUTPUT, "--output-format -o", "How to write drift.", "text"),
    show_values: bool = option(
        OUTPUT,
        "--show-values",
        "Give an example of each undocumented field also off a terminal; it may be personal.",
        False,
    ),
    output: Output,
    picked: PickedByVerdict,
    inputs: Input,
    running: Running,
    schemas: Schemas,
) -> int:
    """Tell where events and documentation part: new events and fields, new types of fields, fields that never come.

    A documented field that was never seen is told, but counts as no drift: Canvas may leave out what is null. With
    --against, two captures are compared: what came, went or became more or less frequent, by more than chance.

    For example:
    cevents drift captures/  # what is not documented?
    cevents drift --exit-code --against last-week/ this-week/  # what changed? fail where something did
    cevents drift --write proposed/ captures/  # schemas that document what was seen
    """
    if against:
        if write is not None:
            raise CeventsError("--write proposes schemas for what was seen: give it without --against")
        return _compare(against, picked, inputs, running, schemas, output, output_format, exit_code, everything)
    from canvas_events_cli.drifting.comparison import compare_seen
    from canvas_events_cli.drifting.report import DriftReport
    from canvas_events_cli.streaming import drift_parts

    if write is not None and (schemas.envelope or schemas.body):
        raise CeventsError(
            "--write changes a folder of schemas: name one with --schemas, not with --envelope or --body"
        )
    if write is not None:
        check_new_folder(f"--write {write}", write)
    results = Results(output.color)
    spec = schemas.spec()
    choice = picked.choice(schemas)
    total = DriftReport()
    with Reading(inputs, quiet=output.quiet, tallies=True) as reading:
        for report in reading.reports(drift_parts(reading.events(choice, running), spec)):
            total.merge(report)
            reading.count(len(total.known), "kinds of events")
    found = compare_seen(total, spec.catalog, with_examples=show_values or results.is_terminal)
    if found.events or not reading.met.failures:
        _write(results, found, output_format, everything=everything)
    if (code := reading.cut_short()) is not None:
        return code
    if write is not None:
        from canvas_events_cli.drifting.proposal import write_proposal

        proposal = write_proposal(total, spec.catalog, schemas.schemas, write)
        for path in proposal.changed:
            say(f"proposed: {write / path}")
        if proposal.refused:
            events = counted(proposal.refused, "new event")
            why = "a name that is not made of letters, digits, '.', '_' and '-' names no file"
            say(f"cevents: {events} left out: {why}")
        say(f"wrote {proposal.files:,} files to {write}, {len(proposal.changed):,} of them changed or new")
    if found.invalid and not output.quiet:
        events = "1 event is" if found.invalid == 1 else f"{found.invalid:,} events are"
        say(f"{events} invalid (cevents validate tells what is wrong)")
    reading.close(picked, schemas)
    # Without an event nothing was checked: a run in CI is not to pass.
    found_nothing = ExitCode.OK if found.event_types else ExitCode.USAGE
    return (ExitCode.FINDINGS if found.found else found_nothing) if exit_code else ExitCode.OK


def _compare(
    against: list[str],
    picked: PickedByVerdict,
    inputs: Input,
    running: Running,
    schemas: Schemas,
    output: Output,
    output_format: OutputFormat,
    exit_code: bool,
    everything: bool,
) -> int:
    from canvas_events_cli.drifting.capture import Capture
    from canvas_events_cli.drifting.changes import compare_captures
    from canvas_events_cli.running.report import Report
    from canvas_events_cli.streaming import capture_parts

    if "-" in against and (not inputs.sources or "-" in inputs.sources):
        raise CeventsError("--against -: standard input is the SOURCE already; name a file")
    results = Results(output.color)
    sides = Capture(), Capture()
    met = Report()
    for source, side in zip((Input(**vars(inputs) | {"sources": against}), inputs), sides, strict=True):
        with Reading(source, quiet=output.quiet, tallies=True) as reading:
            events = reading.events(picked.choice(schemas), running)
            for report in reading.reports(capture_parts(events, schemas.catalog)):
                side.take(report)
                reading.count(len(side.events), "kinds of events")
        if reading.interrupted or reading.met.failures:
            unread = f"{counted(len(reading.met.failures), 'source')} could not be read"
            why = "it was interrupted" if reading.interrupted else unread
            say(f"cevents: nothing is compared: {why}, and the counts would be too low")
            return ExitCode.INTERRUPTED if reading.interrupted else ExitCode.USAGE
        met = reading.met = met.merge(reading.met)
    reading.close(picked, schemas)
    found = compare_captures(*sides, schemas.catalog, everything=everything)
    for count, what in ((found.before, "--against"), (found.after, "SOURCE")):
        if not count:
            raise CeventsError(f"nothing to compare: no event is in what {what} names, or none is selected")
    _write(results, found, output_format, everything=everything)
    return ExitCode.FINDINGS if exit_code and found.found else ExitCode.OK


def _write(results: Results, found: "Drift | Changes", output_format: OutputFormat, *, everything: bool) -> None:
    from canvas_events_cli.rendering.drift import drift_lines, drift_markdown

    results.write_as(
        output_format,
        json=found.to_dict,
        markdown=lambda: drift_markdown(found, everything=everything),
        text=lambda width: drift_lines(found, width, everything=everything),
    )
