"""Where ``validate`` writes findings, and in which formats: lines as they come, or documents in the end."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from canvas_events_cli.cli.streams import Color, Results
from canvas_events_cli.errors import CeventsError, did_you_mean
from canvas_events_cli.outputs import Destination, Output
from canvas_events_cli.rendering.safe_text import terminal_json_bytes
from canvas_events_cli.rendering.validation_formats import FORMATS, writer

if TYPE_CHECKING:
    from types import TracebackType

    from canvas_events_cli.model import Finding
    from canvas_events_cli.validation.report import ValidationReport

_JSON = ("jsonl", "gitlab", "json", "sarif")
_KEPT = 100
_KEPT_FOR_TOOLS = {"junit": 5_000, "sarif": 5_000, "gitlab": 5_000}
"""Of formats that a program reads, which wants all findings."""


class Wanted(NamedTuple):
    """One ``-o FORMAT[=FILE]``."""

    format: str
    destination: Destination | None = None
    """None: standard output."""


def wanted_outputs(options: Sequence[str]) -> list[Wanted]:
    """Return what the options ask for: text where there are none, and annotations too where GitHub Actions runs this.

    Raises CeventsError for an unknown format, and where two would share standard output.
    """
    if not options:
        in_actions = os.environ.get("GITHUB_ACTIONS") == "true"
        return [Wanted(name) for name in (("text", "github") if in_actions else ("text",))]
    wanted = [_parse(option) for option in options]
    on_stdout = [output.format for output in wanted if output.destination is None]
    if len(on_stdout) > 1:
        raise CeventsError(
            f"-o {on_stdout[1]}: standard output is taken by {on_stdout[0]}: name a file, -o {on_stdout[1]}=FILE"
        )
    return wanted


def _parse(option: str) -> Wanted:
    name, has_file, file = option.partition("=")
    if name not in FORMATS:
        known = ", ".join(FORMATS)
        raise CeventsError(f"-o {option}: no format {name!r}{did_you_mean(name, [*FORMATS])} (there are {known})")
    if has_file and not file:
        raise CeventsError(f"-o {option}: the name of the file is missing")
    return Wanted(name, Destination(f"-o {option}", Path(file)) if has_file else None)


def files_of(wanted: Iterable[Wanted]) -> list[Destination]:
    """Return the files that are to be written, the one of GitHub Actions among them."""
    files = [each.destination or (_step_summary_file() if each.format == "github" else None) for each in wanted]
    return [file for file in files if file is not None]


def _step_summary_file() -> Destination | None:
    """Return the file that GitHub Actions shows on the page of a job; None elsewhere."""
    file = os.environ.get("GITHUB_STEP_SUMMARY")
    return Destination(f"GITHUB_STEP_SUMMARY {file}", Path(file)) if file else None


def findings_kept(output: Wanted, max_findings: int | None) -> int:
    """Return how many findings to keep: what ``--max-findings`` says, else more for programs than for people."""
    return _KEPT_FOR_TOOLS.get(output.format, _KEPT) if max_findings is None else max_findings


class FindingsOutput:
    """Writes findings in one of the formats."""

    def __init__(self, wanted: Wanted, color: Color, max_findings: int | None, *, statistics: bool) -> None:
        """Raise CeventsError where the file cannot be written."""
        self._file = Output(wanted.destination) if wanted.destination is not None else None
        self.results = Results(color, self._file)
        self.told = 0
        """How many findings stand in what was written, or are said there to be left out."""
        self._most = findings_kept(wanted, max_findings)
        self._format = wanted.format
        self._writer = writer(wanted.format, with_statistics=statistics)
        self.streams = self._writer.piece is not None
        self._console = self.results.console() if self.results.color and wanted.format == "text" else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave a file as it was before, unless :meth:`finish` has put it in its place."""
        if self._file is not None:
            self._file.__exit__(kind, error, at)

    def write(self, findings: Iterable[Finding]) -> None:
        """Write *findings* as they come, up to the limit; nothing where a document is wanted."""
        from canvas_events_cli.rendering.validation_text import finding_text

        if self._writer.piece is None:
            return
        for finding in findings:
            if self._most and self.told >= self._most:
                return
            self.told += 1
            if self._console:
                self._console.print(finding_text(finding), soft_wrap=True)
            else:
                self._write(self._writer.piece(finding))
        self.results.flush()

    def _write(self, data: bytes) -> None:
        is_for_person = self.results.is_terminal and self._format in _JSON
        self.results.write(terminal_json_bytes(data) if is_for_person else data)

    def finish(self, total: ValidationReport, *, interrupted: bool) -> None:
        """Write the document, or the statistics that were asked for in place of findings; a file, not *interrupted*."""
        if interrupted and self._file is not None:
            return
        if not self.streams:
            total = replace(total, findings=total.findings[: self._most or None])
            self.told = len(total.findings) if self._format in _KEPT_FOR_TOOLS else total.findings_total
        self._write(self._writer.end(total))
        self.results.flush()
        if self._file is not None:
            self._file.commit()
        if self._format == "github" and (summary := _step_summary_file()):
            from canvas_events_cli.rendering.validation_text import step_summary

            with Output(summary, append=True) as step:
                step.write(step_summary(total))
                step.commit()
