"""The two output streams: results on stdout, everything else on stderr."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, TextIO

from canvas_events_cli.cli.standard_streams import standard_output
from canvas_events_cli.rendering.safe_text import terminal_json_bytes, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.console import Console
    from rich.text import Text

    from canvas_events_cli.outputs import Output

_WIDE = 100_000


class Color(StrEnum):
    """When output is coloured."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Results:
    """Standard output, or a file, as UTF-8 whatever the locale. A failed write is an error, never a success."""

    def __init__(self, color: Color = Color.AUTO, output: Output | None = None) -> None:
        """Write to *output* where it is given, which stays its owner's. Raises CeventsError."""
        if output is None:
            standard_output().open_writer()
        self._write = output.write if output is not None else standard_output().write_bytes
        self._flush = output.flush if output is not None else standard_output().flush
        self.is_terminal = output is None and sys.stdout.isatty()
        self.color = output is None and wants_color(color, sys.stdout)

    def write(self, data: bytes) -> None:
        """Write bytes; raises CeventsError where they cannot be written, ClosedPipe for a closed pipe."""
        self._write(data)

    def write_text(self, text: str) -> None:
        """Write *text*, which is safe to print; what is no character, as a file's name can hold, as an escape."""
        self.write(text.encode("utf-8", "backslashreplace"))

    def write_line(self, line: str) -> None:
        """Write *line*, which is safe to print, and a line feed."""
        self.write_text(line + "\n")

    def write_json(self, text: bytes) -> None:
        """Write JSON of ours and a line feed; on a terminal, what it must not get as JSON escapes."""
        self.write((terminal_json_bytes(text) if self.is_terminal else text) + b"\n")

    def flush(self) -> None:
        """Hand over what was written; raises as :meth:`write` does."""
        self._flush()

    def console(self, *, wide: bool = False) -> Console:
        """Return a Rich console for standard output; a *wide* one cuts nothing, for what programs read."""
        from rich.console import Console

        return Console(
            file=sys.stdout,
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


def say(*lines: str) -> None:
    """Write to standard error: progress, warnings, the closing line. Each is made safe to print, and stays one line."""
    sys.stderr.write("".join(f"{visible(line)}\n" for line in lines))


def wants_color(color: Color, stream: TextIO) -> bool:
    """Decide by the option, then ``NO_COLOR`` and ``FORCE_COLOR``, then by whether *stream* is a terminal."""
    if color is not Color.AUTO:
        return color is Color.ALWAYS
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")
