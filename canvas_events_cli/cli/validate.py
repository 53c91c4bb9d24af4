"""``cevents validate``: check every event against envelope and body schema."""

import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from canvas_events_cli.cli.findings_output import FindingsOutput, outputs_of
from canvas_events_cli.cli.options import OUTPUT, Input, Output, Running, Schemas, grouped, option
from canvas_events_cli.cli.reading import Reading
from canvas_events_cli.cli.selection import Picked
from canvas_events_cli.cli.streams import say, say_styled
from canvas_events_cli.errors import CeventsError, ExitCode, counted
from canvas_events_cli.outputs import Destination, OutputFile
from canvas_events_cli.rendering.validation_formats import FORMATS

if TYPE_CHECKING:
    from canvas_events_cli.catalog import Catalog
    from canvas_events_cli.validation.baseline import Kind
    from canvas_events_cli.validation.report import ValidationReport

_MODE = "What counts"
_FORMATS = ", ".join(FORMATS)
_NO_SELECTION = "they belong to no selection: without one, they are findings"


@grouped
def validate(
    *,
    strict: bool = option(_MODE, "--strict", "Make undocumented fields and events findings, not notes.", False),
    allow_empty: bool = option(_MODE, "--allow-empty", "Exit 0 when there is no event at all.", False),
    fail_fast: bool = option(_MODE, "--fail-fast", "Stop at the first wrong event.", False),
    baseline: Path | None = option(
        _MODE,
        "--baseline FILE",
        "Count findings of the kinds that FILE lists apart: none fails; what is malformed always does.",
    ),
    update_baseline: bool = option(
        _MODE,
        "--update-baseline",
        "Write the kinds of all findings to the baseline, and exit 0; what is malformed stays out.",
        False,
    ),
    output_formats: list[str] | None = option(
        OUTPUT,
        "--output-format -o FORMAT[=FILE]",
        f"How to write findings, and where to: {_FORMATS}. Repeatable.",
        shown="text",
        autocompletion=lambda: list(FORMATS),
    ),
    max_findings: int | None = option(
        OUTPUT,
        "--max-findings --limit -n -m N",
        "Write at most N findings (0: all); all are counted.",
        min=0,
        shown="100; 5000 for junit, sarif and gitlab; all for text and jsonl from standard input",
    ),
    statistics: bool = option(
        OUTPUT, "--statistics", "Count findings by event, pointer and keyword instead of listing them.", False
    ),
    show_values: bool = option(
        OUTPUT, "--show-values", "Quote values of events in messages also off a terminal; they may be personal.", False
    ),
    output: Output,
    picked: Picked,
    inputs: Input,
    running: Running,
    schemas: Schemas,
) -> int:
    """Check every event against the envelope schema and its body schema.

    Exits 0 when all are valid, 1 when something is invalid or malformed, 2 when nothing could be checked.

    For example:
    cevents validate captures/  # which events break their schemas, where and why?
    cevents validate --strict -e 'assignment_*' -o text -o junit=out.xml captures/  # for CI
    tail -F live.ndjson | cevents validate  # tell of each as it arrives
    """
    from canvas_events_cli.streaming import validate_parts
    from canvas_events_cli.validation.report import ReportOptions, ValidationReport

    if update_baseline and baseline is None:
        raise CeventsError("--update-baseline: name the file that it writes, --baseline FILE")
    outputs = outputs_of(output_formats, output.color, max_findings, statistics=statistics, is_live=inputs.is_stdin)
    show_values |= all(each.destination is None for each in outputs) and sys.stdout.isatty()
    spec = schemas.spec(strict=strict, show_values=show_values)
    choice = picked.choice(schemas)
    known = _read_baseline(baseline) if baseline is not None and not update_baseline else None
    limits = ReportOptions(
        max_findings=max(each.most for each in outputs) if all(each.most for each in outputs) else 0,
        kinds=statistics or any(each.format == "text" for each in outputs),
        baseline=known,
        learns=update_baseline,
        by_source=any(each.writer.by_source for each in outputs),
        fail_fast=fail_fast and not update_baseline,
    )
    total = ValidationReport(has_baseline=baseline is not None)
    reading = Reading(inputs, quiet=output.quiet, tallies=True)
    written = [each.file for each in outputs if each.file]
    if baseline is not None:
        written.append(Destination(f"--baseline {baseline}", baseline))
    reading.refuse(written, chain(schemas.files(), inputs.files()))
    with ExitStack() as stack:
        for each in outputs:
            stack.enter_context(each)
        started = time.perf_counter()
        with reading:
            parts = validate_parts(reading.events(choice, running), spec, limits)
            _write_findings(reading, parts, outputs, total, limits.max_findings)
        seconds = time.perf_counter() - started
        for each in outputs:
            each.finish(total, interrupted=reading.interrupted)
    is_whole = not (reading.interrupted or total.failures)
    if update_baseline and baseline is not None:
        if is_whole and (total.events or allow_empty):
            _write_baseline(baseline, total)
        else:
            say(f"cevents: --baseline {baseline}: is not written, since not everything could be checked")
    if not output.quiet:
        from canvas_events_cli.rendering import validation_text

        _say_rest(total, outputs, schemas.catalog, reading)
        gone = known - total.known.keys() if known else None
        if gone and baseline and is_whole and choice is None and not (fail_fast and total.failing):
            say(validation_text.gone_line(gone, baseline))
        if total.events or not total.failures:
            say_styled(validation_text.closing_pieces(total, seconds), output.color)
        picked.say_unknown(reading.met.noticed, schemas, found=total.events > 0)
    code = _exit_code(total, reading, selects=choice is not None, allow_empty=allow_empty)
    return ExitCode.OK if update_baseline and code == ExitCode.FINDINGS else code


def _write_findings(
    reading: Reading,
    parts: "Iterable[ValidationReport]",
    outputs: list[FindingsOutput],
    total: "ValidationReport",
    most: int,
) -> None:
    """Write the findings of *parts* as they come, and add these to *total*, which keeps *most* of them (0: all)."""
    for report in reading.reports(parts):
        findings = report.findings
        if findings:
            reading.clear()
        if all(each.writer.piece for each in outputs):
            report.findings = []
        # Counted before they are written, so that an interrupt meets figures that hold.
        total.merge(report, most)
        reading.count(total.events, f"events, {total.findings_total:,} findings")
        for each in outputs:
            each.write(findings)


def _read_baseline(path: Path) -> "frozenset[Kind]":
    """Return the kinds that the file lists; not that of malformed records, which earlier versions wrote."""
    from canvas_events_cli.validation.baseline import load_baseline

    kinds = load_baseline(path)
    known = frozenset(kind for kind in kinds if kind[2] != "json")
    if known != kinds:
        say(f"cevents: --baseline {path}: its entry [json] is ignored: malformed records are never accepted")
    return known


def _write_baseline(path: Path, total: "ValidationReport") -> None:
    from canvas_events_cli.validation.baseline import baseline_text

    with OutputFile(Destination(f"--baseline {path}", path)) as file:
        file.write(baseline_text(total.known).encode())
        file.commit()
    if total.malformed:
        left = counted(total.malformed, "malformed record")
        say(f"cevents: --baseline {path}: takes no malformed records, and {left} will still fail")


def _say_rest(total: "ValidationReport", outputs: list[FindingsOutput], catalog: "Catalog", reading: Reading) -> None:
    from canvas_events_cli.rendering.validation_text import note_lines

    hidden = total.findings_total - min(output.told for output in outputs)
    if hidden and not reading.interrupted:
        say(f"… and {hidden:,} more findings (--max-findings 0 writes all)")
    reading.warn(total.left_out, why=_NO_SELECTION)
    for note in note_lines(total, catalog.bodies):
        say(note)
    if reading.interrupted:
        say("interrupted: these figures are of what was read so far")


def _exit_code(total: "ValidationReport", reading: Reading, *, selects: bool, allow_empty: bool) -> int:
    if reading.interrupted:
        return ExitCode.INTERRUPTED
    if total.failures:
        return ExitCode.USAGE
    if not total.events and not allow_empty:
        nothing = "no event is selected" if selects else "no event in the input"
        say(f"cevents: nothing to validate: {nothing} (--allow-empty accepts that)")
        return ExitCode.USAGE
    return ExitCode.FINDINGS if total.failing else ExitCode.OK
