"""The user's pager: results of a terminal go through it."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from canvas_events_cli.cli.streams import standard_output
from canvas_events_cli.errors import CeventsError, ClosedPipe

_USUAL = ("less", "more")
_LESS = "FRX"
"""Unless ``LESS`` says otherwise, as git has it: colours as they are, short output without a pager."""


@contextmanager
def paged() -> Iterator[None]:
    """Return a context in which standard output goes through ``PAGER``, else ``less`` or ``more``, where there is one.

    Who leaves the pager has seen enough: what is left is not made any more. Raises CeventsError where ``PAGER`` cannot
    be run.
    """
    command = shlex.split(os.environ.get("PAGER", "")) or [name for name in _USUAL if shutil.which(name)][:1]
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
