"""The one loop over what a command reads: progress, what cannot be read, interrupts, rejects, and the exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from canvas_events_cli.cli.options import Running
from canvas_events_cli.cli.streams import say
from canvas_events_cli.errors import CeventsError, ExitCode, counted
from canvas_events_cli.model import Malformed, Overflow
from canvas_events_cli.outputs import Destination, InputFile, OutputFile, refuse_clashes
from canvas_events_cli.parse import LOOKS_LIKE_HTML
from canvas_events_cli.rendering.progress import ProgressLine

if TYPE_CHECKING:
    from pathlib import Path

    from canvas_events_cli.cli.options import Jobs, Schemas, Sources
    from canvas_events_cli.cli.selection import Picked
    from canvas_events_cli.query.selection import Selection
    from canvas_events_cli.running.report import Report
    from canvas_events_cli.sources.source import Source, SourceError
    from canvas_events_cli.streaming import Events

ReportT = TypeVar("ReportT", bound="Report")
Keep = Callable[[Iterable[Malformed | Overflow]], None]

_SEE_VALIDATE = "cevents validate tells what is wrong"


class Reading:
    """A command's way through its sources, and what it has met so far.

    Inside ``with``, a line tells how far it has come, on a terminal and unless the user wants quiet; one that *tallies*
    takes an interrupt for the end of its input, so that what was found until then can be told.
    """

    def __init__(self, inputs: Sources, *, quiet: bool, tallies: bool = False) -> None:
        from canvas_events_cli.running.report import Report

        self._inputs = inputs
        self._quiet = quiet
        self._tallies = tallies
        self._sources: Iterable[Source | SourceError] = inputs.located(quiet=quiet)
        self._progress = ProgressLine(wanted=False, total=None)
        self.met = Report()
        """Of all reports so far, what any report has: malformed records, failures, unverified tokens."""
        self.interrupted = False
        self._found = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        self._progress.clear()
        self.interrupted = self._tallies and kind is KeyboardInterrupt
        return self.interrupted

    def refuse(self, destinations: Sequence[Destination], others: Iterable[InputFile]) -> None:
        """Raise CeventsError where one of *destinations* is a source, one of the *others* that are read, or another."""
        if destinations:
            self._sources = list(self._sources)
            # Of those that a command names, what is neither file nor URL is standard input.
            files = [
                InputFile(source.name, source.path if source.path is not None else 0)
                for source in self._sources
                if not isinstance(source, CeventsError) and source.url is None
            ]
            refuse_clashes(destinations, [*files, *others])

    def events(self, choice: Selection | None, running: Jobs | None = None, *, soon: bool = False) -> Events:
        """Return what is to be read: those events of the sources that *choice* wants, as *running* says.

        *soon* is for somebody who waits for the first of them. Raises CeventsError for a file that holds no keys.
        """
        from canvas_events_cli.defaults import available_cores
        from canvas_events_cli.running.reading import RunOptions
        from canvas_events_cli.sources.chunks import total_size
        from canvas_events_cli.streaming import Events

        if running is not None and not self._quiet and sys.stderr.isatty():
            self._sources = list(self._sources)
            self._progress = ProgressLine(wanted=True, total=total_size(self._sources))
        how = RunOptions(self._inputs.reading(), watch=self._progress.advance, soon=soon)
        if running is not None:
            cluster = running.cluster if isinstance(running, Running) else None
            how = how._replace(jobs=running.jobs or available_cores(), cluster=cluster)
        return Events(self._sources, choice, how)

    def reports(self, reports: Iterable[ReportT]) -> Iterator[ReportT]:
        """Yield *reports*; what could not be read is told at once."""
        for report in reports:
            if report.failures:
                self.clear()
            for failure in report.failures:
                say(f"cevents: {failure}")
            self.met.merge(report)
            yield report

    def count(self, number: int, what: str) -> None:
        """Say how many were found so far, for the line that tells how far this has come, and for the end."""
        self._found = number
        self._progress.count(f"{number:,} {what}")

    def clear(self) -> None:
        """Take that line away, before anything else is written to the terminal."""
        self._progress.clear()

    def cut_short(self) -> int | None:
        """Tell where the figures lack something, and return the exit code for that; None where they lack nothing.

        Where nothing was found there are none: each failure was told.
        """
        if self.interrupted:
            say("interrupted: these figures are of what was read so far")
            return ExitCode.INTERRUPTED
        if self.met.failures:
            if self._found:
                say("cevents: not everything could be read: these figures lack the rest")
            return ExitCode.USAGE
        return None

    def warn(self, malformed: int, *, kept: bool = False, why: str = _SEE_VALIDATE) -> None:
        """Tell how many records are *malformed*, that they were *kept* or else *why* not, and of unverified tokens."""
        if malformed:
            records = counted(malformed, "malformed record")
            reason = LOOKS_LIKE_HTML if self.met.web_page else why
            say(f"cevents: {records} {'kept' if kept else f'left out ({reason})'}")
        if self.met.unverified:
            say("cevents: signature not verified: give the webhook's public keys with --jwks FILE")

    def close(
        self,
        picked: Picked,
        schemas: Schemas,
        *,
        kept: bool = False,
        told: bool = True,
        empty: Sequence[tuple[str, str]] = (),
    ) -> int:
        """Tell what was left out, or *kept*, that nothing was found, where that is *told*, and what may be meant.

        *empty* are FIELDs of other options that no event had, each after its option. Return the exit code.
        """
        if not self._quiet:
            malformed = self.met.malformed + self.met.left_out
            self.warn(malformed, kept=kept)
            read = self.met.noticed.events
            if told and not (self._found or self.met.failures) and (read or not malformed):
                say(f"cevents: no event matches ({read:,} read)" if read else "cevents: there is no event")
            picked.say_unknown(self.met.noticed, schemas, found=self._found > 0, empty=empty)
        return ExitCode.USAGE if self.met.failures else ExitCode.OK


@contextmanager
def rejects_kept(path: Path | None, reading: Reading, others: Iterable[InputFile]) -> Iterator[Keep]:
    """Return a context with what keeps malformed input at *path*, if any: byte for byte, each stretch as lines.

    The file is there in the end, where nothing stopped the command. Raises CeventsError where it is a source of
    *reading*, one of the *others* that are read, or cannot be written.
    """
    if path is None:
        yield lambda items: None
        return
    destination = Destination(f"--rejects {path}", path)
    reading.refuse([destination], others)
    is_open = False
    with OutputFile(destination) as output:

        def keep(items: Iterable[Malformed | Overflow]) -> None:
            nonlocal is_open
            for item in items:
                output.write(b"\n" + item.raw if is_open and isinstance(item, Malformed) else item.raw)
                is_open = True
            output.flush()

        yield keep
        if is_open:
            output.write(b"\n")
        output.commit()
