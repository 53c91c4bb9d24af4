"""Files that a command writes, and its input: nothing that is to be read is emptied."""

import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from canvas_events_cli.errors import CeventsError

if TYPE_CHECKING:
    from canvas_events_cli import api


def refuse_input(option: str, path: Path, sources: "Iterable[api.Source | api.SourceError]") -> None:
    """Raise CeventsError, which names *option*, where *path* is among *sources*: to open it would empty the input."""
    try:
        file = path.stat()
    except OSError:  # it is not there yet, or opening it says what is wrong
        return
    # What is no regular file, such as /dev/null, is not emptied.
    if not stat.S_ISREG(file.st_mode):
        return
    for source in sources:
        if not isinstance(source, CeventsError) and _is_file(source, file):
            raise CeventsError(f"{option}: this is {source.name}, which is to be read: name another file")


def _is_file(source: "api.Source", file: os.stat_result) -> bool:
    from canvas_events_cli.sources.blocks import is_stdin

    try:
        if is_stdin(source):
            return sys.stdin is not None and os.path.samestat(os.fstat(sys.stdin.fileno()), file)
        return source.path is not None and os.path.samestat(source.path.stat(), file)
    except OSError:  # reading it says what is wrong
        return False
