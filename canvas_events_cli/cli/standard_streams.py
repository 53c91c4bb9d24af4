"""Standard output and standard error while a command runs.

What is written to the one arrives whole or is an error, whoever writes it: results, and the help that Typer writes.
What is written to the other is for a person, and whether it arrives changes nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from io import TextIOBase
from typing import TextIO, cast

from canvas_events_cli.errors import CeventsError, ClosedPipe
from canvas_events_cli.raw_io import RawFile, Writer, told_as, write_all


class StandardOutput(TextIOBase):
    """What ``sys.stdout`` is while a command runs: text as UTF-8 whatever the locale, and bytes.

    Raises CeventsError where something cannot be written, ClosedPipe where nobody reads any more: not an OSError,
    of which Rich and Typer would make exit codes of their own.
    """

    encoding = "utf-8"

    def __init__(self, stream: TextIO | None) -> None:
        """Write to *stream*; None where standard output is closed."""
        self._stream = stream
        self._writer = Writer(_raw(stream)) if stream is not None else None

    def isatty(self) -> bool:
        """Tell whether it is a terminal."""
        return self._stream is not None and self._stream.isatty()

    def write(self, text: str) -> int:
        """Write *text*; what is no character, as a file's name can hold, as an escape."""
        self.write_bytes(text.encode("utf-8", "backslashreplace"))
        return len(text)

    def write_bytes(self, data: bytes) -> None:
        """Write *data*, or gather it."""
        with told_as("cannot write to standard output"):
            self.open_writer().write(data)

    def flush(self) -> None:
        """Write what was gathered."""
        if self._writer is not None:
            with told_as("cannot write to standard output"):
                self._writer.flush()

    def open_writer(self) -> Writer:
        """Return what takes the bytes. Raises CeventsError where standard output is closed."""
        if self._writer is None:
            raise CeventsError("standard output is closed: there is nowhere to write results to")
        return self._writer

    @contextmanager
    def sent_to(self, file: RawFile) -> Iterator[None]:
        """Return a context in which *file* gets what is written, all of it by the end."""
        self.flush()
        before, self._writer = self._writer, Writer(file)
        try:
            yield
            self.flush()
        finally:
            self._writer = before


class StandardError(TextIOBase):
    """What ``sys.stderr`` is while a command runs: where it cannot be written, the verdict stays what it is."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """What text is written in: the locale's encoding."""
        return self._stream.encoding if self._stream is not None else "utf-8"

    def isatty(self) -> bool:
        """Tell whether it is a terminal."""
        return self._stream is not None and self._stream.isatty()

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


@contextmanager
def errors_if_possible() -> Iterator[None]:
    """Return a context in which ``sys.stderr`` is a :class:`StandardError`."""
    with redirect_stderr(cast(TextIO, StandardError(sys.stderr))):
        yield


def standard_output() -> StandardOutput:
    """Return standard output, where a command runs."""
    return cast(StandardOutput, sys.stdout)


def _raw(stream: TextIO) -> RawFile:
    """Return the file under *stream* without its buffers: with ``PYTHONUNBUFFERED`` there are none to begin with."""
    return cast(RawFile, getattr(stream.buffer, "raw", stream.buffer))
