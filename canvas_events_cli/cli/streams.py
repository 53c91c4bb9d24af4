"""The two output streams: results on stdout, everything else on stderr."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from io import TextIOBase
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, TextIO, cast

from canvas_events_cli.errors import CeventsError, ClosedPipe
from canvas_events_cli.rendering.safe_text import terminal_json_bytes, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.console import Console
    from rich.text import Text


_WIDE = 100_000


class Color(StrEnum):
    """When output is coloured."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Results:
    """Standard output, or a file, as UTF-8 whatever the locale. A failed write is an error, never a success."""

    def __init__(self, color: Color = Color.AUTO, path: Path | None = None, *, append: bool = False) -> None:
        """Write to *path* where it is given: in place of what is there, or to *append* to it. Raises CeventsError."""
        self._name = "standard output" if path is None else str(path)
        self._is_file = path is not None
        self.is_terminal = self.color = False
        if path is not None:
            try:
                self._stream: BinaryIO = path.open("ab" if append else "wb")
            except OSError as error:
                raise self._write_error(error) from error
            return
        if sys.stdout is None:
            raise CeventsError("standard output is closed: there is nowhere to write results to")
        self._stream = sys.stdout.buffer
        self.is_terminal = sys.stdout.isatty()
        self.color = wants_color(color, sys.stdout)

    def write(self, data: bytes) -> None:
        """Write bytes; raises CeventsError where they cannot be written, ClosedPipe for a closed pipe."""
        try:
            self._stream.write(data)
        except BrokenPipeError as error:
            raise ClosedPipe from error
        except OSError as error:
            raise self._write_error(error) from error

    def write_line(self, line: str) -> None:
        """Write *line*, which is safe to print, and a line feed."""
        self.write(line.encode("utf-8", "backslashreplace") + b"\n")

    def write_json(self, text: bytes) -> None:
        """Write JSON of ours and a line feed; on a terminal, what it must not get as JSON escapes."""
        self.write((terminal_json_bytes(text) if self.is_terminal else text) + b"\n")

    def flush(self) -> None:
        """Hand over what was written; raises as :meth:`write` does."""
        try:
            self._stream.flush()
        except BrokenPipeError as error:
            raise ClosedPipe from error
        except OSError as error:
            raise self._write_error(error) from error

    def close(self) -> None:
        """Hand over what was written, and close a file; standard output stays open. Raises as :meth:`write` does."""
        self.flush()
        if self._is_file:
            self._stream.close()

    def _write_error(self, error: OSError) -> CeventsError:
        return CeventsError(f"cannot write to {self._name}: {error.strerror or error}")

    def console(self, *, wide: bool = False) -> Console:
        """Return a Rich console that writes here; a *wide* one cuts nothing, for what programs read."""
        from rich.console import Console

        return Console(
            file=cast(IO[str], _ConsoleFile(self)),
            force_terminal=self.color,
            no_color=not self.color,
            highlight=False,
            markup=False,
            emoji=False,
            width=_WIDE if wide else None,
        )

    def print_lines(self, lines: Callable[[int], Iterable[Text]]) -> None:
        """Write lines that are made for a width: the terminal's, and one that cuts nothing elsewhere."""
        console = self.console(wide=not self.is_terminal)
        for line in lines(console.width):
            console.print(line, no_wrap=True, overflow="ignore", crop=False)


class _ConsoleFile(TextIOBase):
    """What Rich writes to: it would turn a closed pipe into an exit code of its own, and need the locale's encoding."""

    encoding = "utf-8"

    def __init__(self, results: Results) -> None:
        self._results = results

    def write(self, text: str) -> int:
        self._results.write(text.encode("utf-8", "backslashreplace"))
        return len(text)

    def isatty(self) -> bool:
        return self._results.is_terminal


def say(*lines: str) -> None:
    """Write to standard error: progress, warnings, the closing line. Each is made safe to print, and stays one line."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write("".join(f"{visible(line)}\n" for line in lines))
        sys.stderr.flush()
    except BrokenPipeError as error:
        raise ClosedPipe from error


def wants_color(color: Color, stream: TextIO) -> bool:
    """Decide by the option, then ``NO_COLOR`` and ``FORCE_COLOR``, then by whether *stream* is a terminal."""
    if color is not Color.AUTO:
        return color is Color.ALWAYS
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")
