"""How far long work has come: one line on standard error, for a person who waits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

_SHORT_SECONDS = 0.5
"""Work that takes no longer shows nothing."""
_EVERY_SECONDS = 0.1


class ProgressLine:
    """Bytes, what was counted, rate and time left; drawn in place, and gone in the end.

    Nothing is drawn but in a call of :meth:`advance`: there is no thread that could write between the lines of results.
    """

    def __init__(self, *, wanted: bool, total: int | None) -> None:
        """*total* is the number of bytes to be read, where that is known; without *wanted* nothing is ever drawn."""
        self._wanted = wanted
        self._total = total
        self._done = 0
        self._counted = ""
        self._due = time.monotonic() + _SHORT_SECONDS
        self._bar: Progress | None = None
        self._shown = False

    def advance(self, size: int) -> None:
        """Add *size* bytes that were read, and draw where it is time to."""
        self._done += size
        if self._wanted and time.monotonic() >= self._due:
            self._draw()
            self._due = time.monotonic() + _EVERY_SECONDS

    def count(self, counted: str) -> None:
        """Say what was counted so far, ``1,234 events`` for instance; shown when the line is drawn next."""
        self._counted = counted

    def clear(self) -> None:
        """Take the line away, before anything else is written to the terminal."""
        if self._bar is not None and self._shown:
            self._bar.stop()
            self._shown = False

    def _draw(self) -> None:
        if self._bar is None:
            self._bar = _bar()
            self._bar.add_task("", total=self._total, counted="")
        if not self._shown:
            self._bar.start()
            self._shown = True
        self._bar.update(self._bar.task_ids[0], completed=self._done, counted=self._counted)
        self._bar.refresh()


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    return Progress(
        BarColumn(20),
        DownloadColumn(),
        TextColumn("{task.fields[counted]}", markup=False),
        TransferSpeedColumn(),
        TimeRemainingColumn(compact=True),
        console=Console(stderr=True),
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
