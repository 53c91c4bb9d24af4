"""Where ``validate`` writes findings, and in which formats: lines as they come, or documents in the end."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from canvas_events_cli.cli.streams import Color, Results
from canvas_events_cli.errors import CeventsError, did_you_mean
from canvas_events_cli.outputs import Destination, OutputFile
from canvas_events_cli.rendering.safe_text import terminal_json_bytes
from canvas_events_cli.rendering.validation_formats import FORMATS

if TYPE_CHECKING:
    from types import TracebackType

    from canvas_events_cli.model import Finding
    from canvas_events_cli.validation.report import ValidationReport

_MOST, _MOST_FOR_TOOLS = 100, 5_000
"""How many findings are written where the user does not say."""
_LINES = ("text", "jsonl")


class FindingsOutput:
    """One ``-o FORMAT[=FILE]``; what begins ``with`` it raises CeventsError where the file cannot be written."""

    def __init__(
        self, name: str, file: Destination | None, color: Color, most: int | None, *, statistics: bool
    ) -> None:
        """*file* is None for standard output; *most* is how many findings to write, 0 for all."""
        self.format = name
        self.told = 0
        """How many findings stand in what was written, or are said there to be left out."""
        self.destination = file
        self.writer = FORMATS[name](statistics)
        self.most = most if most is not None else _MOST_FOR_TOOLS if self.writer.for_tools else _MOST
        self._color = color

    @property
    def file(self) -> Destination | None:
        """The file that is written, which may be the one that GitHub Actions shows on the page of a job."""
        return self.destination or (_step_summary_file() if self.format == "github" else None)

    def __enter__(self) -> Self:
        self._file = OutputFile(self.destination) if self.destination is not None else None
        self._results = Results(self._color, self._file)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave a file as it was before, unless :meth:`finish` has put it in its place."""
        if self._file is not None:
            self._file.__exit__(kind, error, at)

    def write(self, findings: Iterable[Finding]) -> None:
        """Write *findings* as they come, up to the limit; nothing where a document is wanted."""
        from canvas_events_cli.rendering.validation_text import finding_pieces

        if self.writer.piece is None:
            return
        for finding in findings:
            if self.most and self.told >= self.most:
                return
            self.told += 1
            if self._is_drawn:
                self._results.write_line(finding_pieces(finding))
            else:
                self._write(self.writer.piece(finding))
        self._results.flush()

    @property
    def _is_drawn(self) -> bool:
        return self.format == "text" and (self._results.is_terminal or self._results.color)

    def _write(self, data: bytes) -> None:
        if self._is_drawn:
            for line in data.decode().splitlines():
                self._results.write_line([(line, "")])
        else:
            is_for_person = self._results.is_terminal and self.writer.is_json
            self._results.write(terminal_json_bytes(data) if is_for_person else data)

    def finish(self, total: ValidationReport, *, interrupted: bool) -> None:
        """Write the document, or the statistics that were asked for in place of findings; a file, not *interrupted*."""
        if interrupted and self._file is not None:
            return
        if self.writer.piece is None:
            total = replace(total, findings=total.findings[: self.most or None])
            self.told = len(total.findings) if self.writer.for_tools else total.findings_total
        elif total.findings_total > self.told:
            self._write(self.writer.rest(total))
        self._write(self.writer.end(total))
        self._results.flush()
        if self._file is not None:
            self._file.commit()
        if self.format == "github" and (summary := _step_summary_file()):
            from canvas_events_cli.rendering.validation_text import step_summary

            with OutputFile(summary, append=True) as step:
                step.write(step_summary(total))
                step.commit()


def outputs_of(
    options: Sequence[str] | None, color: Color, most: int | None, *, statistics: bool, is_live: bool
) -> list[FindingsOutput]:
    """Return what the options ask for: text where there are none, and annotations too where GitHub Actions runs this.

    Lines have no limit of their own where the input *is_live*: a watch would fall silent.

    Raises CeventsError for an unknown format, and where two would share standard output.
    """
    in_actions = os.environ.get("GITHUB_ACTIONS") == "true"
    outputs = []
    for option in options or ["text", "github"][: 1 + in_actions]:
        name, has_file, path = option.partition("=")
        if name not in FORMATS:
            known = ", ".join(FORMATS)
            raise CeventsError(f"-o {option}: no format {name!r}{did_you_mean(name, [*FORMATS])} (there are {known})")
        if has_file and not path:
            raise CeventsError(f"-o {option}: the name of the file is missing")
        file = Destination(f"-o {option}", Path(path)) if has_file else None
        limit = 0 if most is None and is_live and name in _LINES else most
        outputs.append(FindingsOutput(name, file, color, limit, statistics=statistics))
    on_stdout = [each.format for each in outputs if each.destination is None]
    if options and len(on_stdout) > 1:
        first, second, *_ = on_stdout
        raise CeventsError(f"-o {second}: standard output is taken by {first}: name a file, -o {second}=FILE")
    return outputs


def _step_summary_file() -> Destination | None:
    """Return the file that GitHub Actions shows on the page of a job; None elsewhere."""
    file = os.environ.get("GITHUB_STEP_SUMMARY")
    return Destination(f"GITHUB_STEP_SUMMARY {file}", Path(file)) if file else None
