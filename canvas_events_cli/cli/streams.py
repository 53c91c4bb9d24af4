"""The two streams that a command writes while it runs: results on stdout, everything else on stderr.

What is written to the one arrives whole or is an error, whoever writes it: results, and the help that Typer writes.
What is written to the other is for a person, and whether it arrives changes nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, redirect_stderr, redirect_stdout, suppress
from io import TextIOBase
from typing import TYPE_CHECKING, Literal, TextIO, cast

from canvas_events_cli.errors import CeventsError, ClosedPipe
from canvas_events_cli.outputs import ByteWriter, RawFile, write_all
from canvas_events_cli.rendering.safe_text import json_bytes, terminal_json_bytes, visible

if TYPE_CHECKING:
    from canvas_events_cli.outputs import OutputFile
    from canvas_events_cli.rendering.styled import Piece

Color = Literal["auto", "always", "never"]
"""When output is coloured."""
_CANNOT_WRITE = "cannot write to standard output"
_CLOSED = "standard output is closed"
_WIDE = 100_000
_PAGERS = ("less", "more")
_LESS = "FRX"
"""Unless ``LESS`` says otherwise, as git has it: colours as they are, short output without a pager."""
_PIPE = 80
"""Columns of what is no terminal, whatever terminal the command was started in: the same everywhere."""


class _Standard(TextIOBase):
    def __init__(self, stream: TextIO | None) -> None:
        """Write to *stream*; None where it is closed."""
        self._stream = stream

    def isatty(self) -> bool:
        """Tell whether it is a terminal."""
        return self._stream is not None and self._stream.isatty()

    def fileno(self) -> int:
        """Return the descriptor. Raises OSError where it is closed."""
        if self._stream is None:
            raise OSError(_CLOSED)
        return self._stream.fileno()


class StandardOutput(_Standard):
    """What ``sys.stdout`` is while a command runs: text as UTF-8 whatever the locale, and bytes.

    Raises CeventsError where something cannot be written, ClosedPipe where nobody reads any more: not an OSError,
    of which Rich and Typer would make exit codes of their own.
    """

    encoding = "utf-8"

    def __init__(self, stream: TextIO | None) -> None:
        super().__init__(stream)
        self._writer = ByteWriter(_raw(stream), _CANNOT_WRITE) if stream is not None else None

    def write(self, text: str) -> int:
        """Write *text*; what is no character, as a file's name can hold, as an escape."""
        self.write_bytes(text.encode("utf-8", "backslashreplace"))
        return len(text)

    def write_bytes(self, data: bytes) -> None:
        """Write *data*, or gather it."""
        self.open_writer().write(data)

    def flush(self) -> None:
        """Write what was gathered."""
        if self._writer is not None:
            self._writer.flush()

    def open_writer(self) -> ByteWriter:
        """Return what takes the bytes. Raises CeventsError where standard output is closed."""
        if self._writer is None:
            raise CeventsError(f"{_CLOSED}: there is nowhere to write results to")
        return self._writer

    @contextmanager
    def sent_to(self, file: RawFile) -> Iterator[None]:
        """Return a context in which *file* gets what is written, all of it by the end."""
        self.flush()
        before, self._writer = self._writer, ByteWriter(file, _CANNOT_WRITE)
        try:
            yield
            self.flush()
        finally:
            self._writer = before


class StandardError(_Standard):
    """What ``sys.stderr`` is while a command runs: where it cannot be written, the verdict stays what it is."""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """What text is written in: the locale's encoding."""
        return self._stream.encoding if self._stream is not None else "utf-8"

    def write(self, text: str) -> int:
        """Write *text* where that is possible."""
        if self._stream is not None:
            with suppress(OSError):
                write_all(_raw(self._stream), text.encode(self.encoding, "backslashreplace"))
        return len(text)


@contextmanager
def output_in_whole() -> Iterator[None]:
    """Return a context in which ``sys.stdout`` is a :class:`StandardOutput`; in the end, all is written."""
    output = StandardOutput(sys.stdout)
    with redirect_stdout(cast(TextIO, output)):
        try:
            yield
        except (Exception, KeyboardInterrupt):
            with suppress(CeventsError, ClosedPipe):
                output.flush()
            raise
        except SystemExit:  # how Typer ends when it has told a shell what completes a word
            output.flush()
            raise
        output.flush()


def errors_if_possible() -> AbstractContextManager[object]:
    """Return a context in which ``sys.stderr`` is a :class:`StandardError`."""
    return redirect_stderr(cast(TextIO, StandardError(sys.stderr)))


def standard_output() -> StandardOutput:
    """Return standard output, where a command runs."""
    return cast(StandardOutput, sys.stdout)


def say(*lines: str) -> None:
    """Write to standard error: warnings, notes, the closing line. Each is made safe to print, and stays one line.

    On a terminal, one that is longer goes on below between two words.
    """
    for line in lines:
        say_styled([(visible(line), "")], "never")


def say_styled(line: Sequence[Piece], color: Color) -> None:
    """Write a line of pieces, which are safe to print, to standard error; coloured as *color* says."""
    terminal = sys.stderr if sys.stderr.isatty() else None
    sys.stderr.write(_drawn(line, terminal, is_colored=wants_color(color, sys.stderr)))


def _drawn(line: Sequence[Piece], terminal: TextIO | None, *, is_colored: bool) -> str:
    """Return a line of pieces with its end; for a *terminal* in as many lines as it takes."""
    from canvas_events_cli.rendering.styled import folded_pieces, painted, plain

    lines = folded_pieces(line, _width(terminal)) if terminal is not None else [line]
    return "".join([f"{painted(each) if is_colored else plain(each)}\n" for each in lines])


def _width(stream: TextIO) -> int:
    """Return how many cells a line of *stream* has: by COLUMNS, else by its terminal, else as many as anywhere."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(stream.fileno()).columns or _PIPE
    except OSError:
        return _PIPE


class Results:
    """Where results go: standard output, or a file. A failed write is an error, never a success."""

    def __init__(self, color: Color = "never", output: OutputFile | None = None) -> None:
        """Write to *output* where it is given, which stays its owner's. Raises CeventsError."""
        if output is None:
            standard_output().open_writer()
        self.write: Callable[[bytes], None] = output.write if output is not None else standard_output().write_bytes
        """Writes bytes, or gathers them; raises CeventsError, and ClosedPipe where nobody reads a pipe any more."""
        self.flush: Callable[[], None] = output.flush if output is not None else standard_output().flush
        """Hands over what was gathered; raises the same."""
        self.is_terminal = output is None and sys.stdout.isatty()
        self.color = output is None and wants_color(color, sys.stdout)

    def write_text(self, text: str) -> None:
        """Write *text*, which is safe to print; what is no character, as a file's name can hold, as an escape."""
        self.write(text.encode("utf-8", "backslashreplace"))

    def write_line(self, line: Sequence[Piece]) -> None:
        """Write a line of pieces, which are safe to print; on a terminal, between words in as many as it takes."""
        self.write_text(_drawn(line, sys.stdout if self.is_terminal else None, is_colored=self.color))

    def write_json(self, text: bytes) -> None:
        """Write JSON of ours and a line feed; on a terminal, what it must not get as JSON escapes."""
        self.write((terminal_json_bytes(text) if self.is_terminal else text) + b"\n")

    def width(self, *, whole: bool = False) -> int:
        """Return how many cells a line has; in a pipe where lines are to be *whole*, as many as any takes."""
        return _WIDE if whole and not self.is_terminal else _width(sys.stdout)

    def write_lines(self, lines: Callable[[int], Iterable[Sequence[Piece]]], *, whole: bool = True) -> None:
        """Write *lines*, which are made for a width and safe to print, and which are *whole* in a pipe."""
        from canvas_events_cli.rendering.styled import painted, plain

        draw = painted if self.color else plain
        for line in lines(self.width(whole=whole)):
            self.write_text(f"{draw(line)}\n")

    def write_as(
        self,
        form: Literal["json", "markdown", "text"],
        *,
        json: Callable[[], object],
        markdown: Callable[[], str],
        text: Callable[[int], Iterable[Sequence[Piece]]],
    ) -> None:
        """Write all there is, in the one of these forms; *text* returns lines for a width."""
        if form == "json":
            self.write_json(json_bytes(json(), indent=True))
        elif form == "markdown":
            self.write_text(markdown())
        else:
            self.write_lines(text)
        self.flush()


def wants_color(color: Color, stream: TextIO) -> bool:
    """Decide by the option, then ``NO_COLOR``, ``FORCE_COLOR`` and ``CLICOLOR_FORCE``, then by the *stream*."""
    if color != "auto":
        return color == "always"
    if os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE", "0") not in ("", "0")
    return bool(forced) or (stream.isatty() and os.environ.get("TERM") != "dumb")


def _raw(stream: TextIO) -> RawFile:
    """Return the file under *stream* without its buffers: with ``PYTHONUNBUFFERED`` there are none to begin with."""
    return cast(RawFile, getattr(stream.buffer, "raw", stream.buffer))


@contextmanager
def paged() -> Iterator[None]:
    """Return a context in which standard output goes through ``PAGER``, else ``less`` or ``more``, where there is one.

    Who leaves the pager has seen enough: what is left is not made any more. Raises CeventsError where ``PAGER`` cannot
    be run.
    """
    import shlex
    import shutil
    import subprocess

    command = shlex.split(os.environ.get("PAGER", "")) or [name for name in _PAGERS if shutil.which(name)][:1]
    if not command:
        yield
        return
    try:
        pager = subprocess.Popen(  # noqa: S603 (the user's own)
            command, stdin=subprocess.PIPE, bufsize=0, env={"LESS": _LESS, **os.environ}
        )
    except OSError as error:
        raise CeventsError(f"--pager: cannot run {command[0]!r} (PAGER): {error.strerror}") from error
    assert pager.stdin is not None  # noqa: S101 (a pipe was asked for)
    try:
        with suppress(ClosedPipe), standard_output().sent_to(pager.stdin):
            yield
    finally:
        with suppress(OSError):
            pager.stdin.close()
        pager.wait()
