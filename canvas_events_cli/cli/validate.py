"""``cevents validate``: check every event against envelope and body schema."""

import time
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from canvas_events_cli.cli import options as shared
from canvas_events_cli.cli.streams import Color, Results, say
from canvas_events_cli.errors import ExitCode
from canvas_events_cli.model import Finding
from canvas_events_cli.rendering import validation_text

if TYPE_CHECKING:
    from canvas_events_cli import api
    from canvas_events_cli.rendering.progress import ProgressLine
    from canvas_events_cli.reports import ValidationReport

_MODE = "What counts"


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"


def validate(
    sources: shared.SourcesArgument = None,
    no_unwrap: shared.NoUnwrapOption = False,
    jwks: shared.JwksOption = None,
    max_record_bytes: shared.MaxRecordBytesOption = shared.MAX_RECORD_BYTES,
    jobs: shared.JobsOption = None,
    cluster: shared.ClusterOption = None,
    schemas: shared.SchemasOption = None,
    envelope: shared.EnvelopeOption = None,
    body: shared.BodyOption = None,
    engine: shared.EngineOption = None,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Make undocumented fields and events findings, not notes.", rich_help_panel=_MODE
        ),
    ] = False,
    allow_empty: Annotated[
        bool,
        typer.Option("--allow-empty", help="Exit 0 when there is no event at all.", rich_help_panel=_MODE),
    ] = False,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first wrong event.", rich_help_panel=_MODE)
    ] = False,
    output_format: Annotated[
        Format,
        typer.Option("--output-format", "-o", help="How to write findings.", rich_help_panel=shared.OUTPUT_OPTIONS),
    ] = Format.TEXT,
    max_findings: Annotated[
        int,
        typer.Option(
            "--max-findings",
            min=0,
            metavar="N",
            help="Write at most N findings (0: all); all are counted.",
            rich_help_panel=shared.OUTPUT_OPTIONS,
        ),
    ] = 100,
    statistics: Annotated[
        bool,
        typer.Option(
            "--statistics",
            help="Count findings by event, pointer and keyword instead of listing them.",
            rich_help_panel=shared.OUTPUT_OPTIONS,
        ),
    ] = False,
    show_values: Annotated[
        bool,
        typer.Option(
            "--show-values",
            help="Quote values of events in messages also off a terminal; they may be personal.",
            rich_help_panel=shared.OUTPUT_OPTIONS,
        ),
    ] = False,
    quiet: shared.QuietOption = False,
    color: shared.ColorOption = Color.AUTO,
) -> int:
    """Check every event against the envelope schema and its body schema.

    Exits 0 when all are valid, 1 when something is invalid or malformed, 2 when nothing could be checked.

    Example: cevents validate captures/*.ndjson -o json
    """
    from canvas_events_cli import api

    results = Results(color)
    spec = shared.validation_spec(
        schemas, envelope, body, engine, strict=strict, show_values=show_values or results.is_terminal
    )
    limits = api.ReportOptions(max_findings=max_findings, statistics=statistics, fail_fast=fail_fast)
    located, progress = shared.progress_of(shared.resolve_sources(sources), quiet=quiet)
    started = time.perf_counter()
    writer = _Writer(results, output_format, statistics)
    total = api.ValidationReport()
    interrupted = False
    try:
        reading = shared.read_options(max_record_bytes, no_unwrap, jwks)
        with progress:
            parts = api.validate_parts(
                located,
                spec=spec,
                options=limits,
                reading=reading,
                jobs=shared.jobs_or_cores(jobs),
                watch=progress.advance,
                cluster=cluster,
            )
            _run(total, parts, limits, writer, progress)
    except KeyboardInterrupt:
        interrupted = True
    writer.finish(total)
    results.flush()
    if not quiet:
        _say_closing(total, time.perf_counter() - started, writer, interrupted=interrupted)
    return _exit_code(total, allow_empty=allow_empty, interrupted=interrupted)


class _Writer:
    """Writes findings in one of the formats: line by line as they come, or one document in the end."""

    def __init__(self, results: Results, output_format: Format, statistics: bool) -> None:
        self.streams = output_format is not Format.JSON and not statistics
        self.written = 0
        self._results = results
        self._format = output_format
        self._statistics = statistics
        self._console = results.console() if results.color and output_format is Format.TEXT else None

    def write(self, findings: Iterable[Finding]) -> None:
        from canvas_events_cli.rendering import validation_json

        for finding in findings:
            self.written += 1
            if self._format is Format.JSONL:
                self._results.write_json(validation_json.finding_json(finding))
            elif self._console:
                self._console.print(validation_text.finding_text(finding), soft_wrap=True)
            else:
                self._results.write_line(validation_text.finding_line(finding))
        self._results.flush()

    def finish(self, total: "ValidationReport") -> None:
        from canvas_events_cli.rendering import validation_json

        if self._format is Format.JSON:
            self._results.write_json(validation_json.report_json(total, statistics=self._statistics))
        elif self._statistics and self._format is Format.JSONL:
            for line in validation_json.statistics_json(total):
                self._results.write_json(line)
        elif self._statistics:
            for text in validation_text.statistics_lines(total):
                self._results.write_line(text)


def _run(
    total: "ValidationReport",
    parts: "Iterable[ValidationReport]",
    limits: "api.ReportOptions",
    writer: _Writer,
    progress: "ProgressLine",
) -> None:
    for part in parts:
        findings = part.findings
        if findings or part.failures:
            progress.clear()
        shared.say_failures(part.failures)
        if writer.streams:
            room = limits.max_findings - writer.written if limits.max_findings else len(findings)
            part.findings = []
        # Counted before they are written, so that an interrupt meets figures that hold.
        total.merge(part, limits.max_findings)
        progress.count(f"{total.events:,} events, {total.findings_total:,} findings")
        if writer.streams:
            writer.write(findings[: max(room, 0)])


def _say_closing(total: "ValidationReport", seconds: float, writer: _Writer, *, interrupted: bool) -> None:
    hidden = total.findings_total - writer.written
    if writer.streams and hidden and not interrupted:
        say(f"… and {hidden:,} more findings (--max-findings 0 writes all)")
    if total.unverified:
        say(shared.UNVERIFIED)
    for note in validation_text.note_lines(total):
        say(note)
    if interrupted:
        say("interrupted: these figures are of what was read so far")
    elif total.failures:
        say(f"not everything could be read ({len(total.failures)} of the sources): these figures lack it")
    say(validation_text.closing_line(total, seconds))


def _exit_code(total: "ValidationReport", *, allow_empty: bool, interrupted: bool) -> int:
    if interrupted:
        return ExitCode.INTERRUPTED
    if total.failures:
        return ExitCode.USAGE
    if not total.events and not allow_empty:
        say("cevents: nothing to validate: no event in the input (--allow-empty accepts that)")
        return ExitCode.USAGE
    return ExitCode.OK if total.passed else ExitCode.FINDINGS
