"""How far long work has come: one line on standard error, for a person who waits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

_SHORT_SECONDS = 0.5
"""Work that takes no longer shows nothing."""
_EVERY_SECONDS = 0.1


class ProgressLine:
    """A bar, bytes, what was counted, rate and time left; drawn in place, and gone in the end.

    Where the total is not known (a pipe, a compressed file), there is no bar, and time that has passed in place of time
    left. Nothing is drawn but in a call of :meth:`advance`: no thread could write between the lines of results.
    """

    def __init__(self, *, wanted: bool, total: int | None) -> None:
        """*total* is the number of bytes to be read, where that is known; without *wanted* nothing is ever drawn."""
        self._wanted = wanted
        self._total = total
        self._done = 0
        self._counted = ""
        self._start = time.monotonic()
        self._due = self._start + _SHORT_SECONDS
        self._bar: Progress | None = None
        self._shown = False

    def advance(self, size: int) -> None:
        """Add *size* bytes that were read, and draw where it is time to."""
        self._done += size
        if not self._wanted or time.monotonic() < self._due:
            return
        if self._bar is None:
            self._bar = _bar(known=self._total is not None)
            self._bar.add_task("", total=self._total, told="")
        if not self._shown:
            self._bar.start()
            self._shown = True
        told = said(self._done, self._total, self._counted, time.monotonic() - self._start)
        self._bar.update(self._bar.task_ids[0], completed=self._done, told=told)
        self._bar.refresh()
        self._due = time.monotonic() + _EVERY_SECONDS

    def count(self, counted: str) -> None:
        """Say what was counted so far, ``1,234 events`` for instance; shown when the line is drawn next."""
        self._counted = counted

    def clear(self) -> None:
        """Take the line away, before anything else is written to the terminal."""
        if self._bar is not None and self._shown:
            self._bar.stop()
            self._shown = False


def said(done: int, total: int | None, counted: str, seconds: float) -> str:
    """Return how far work has come that has read *done* bytes, of *total* if known, in *seconds*."""
    rate = done / seconds if seconds else 0
    if total is None:
        parts = [f"{_bytes(done)} read", counted, f"{_bytes(rate)}/s", _minutes(seconds)]
    else:
        left = _minutes((total - done) / rate) + " left" if rate and done <= total else ""
        parts = [f"{_bytes(done)} of {_bytes(total)}", counted, f"{_bytes(rate)}/s", left]
    return " · ".join(filter(None, parts))


def _bytes(size: float) -> str:
    """Return *size* in units of a thousand, as disks and networks have it: ``680 MB``, ``1.2 GB``."""
    for unit in ("bytes", "kB", "MB"):
        if size < 999.5:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:,.1f} GB"


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _bar(*, known: bool) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn
    from rich.table import Column

    # The bar gets what the text leaves of the width; the text is never broken.
    told = TextColumn("{task.fields[told]}", style="dim", markup=False, table_column=Column(no_wrap=True))
    bar: list[ProgressColumn] = [BarColumn(None, style="dim", complete_style="cyan", finished_style="cyan")]
    return Progress(
        *(bar if known else []),
        told,
        console=Console(stderr=True),
        expand=known,
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
