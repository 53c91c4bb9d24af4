"""Whether a file is still what it was when reading it began: what it gives would else be a mixture of two."""

import os
import stat
from io import FileIO
from typing import NamedTuple

from canvas_events_cli.sources.locate import Source, SourceError


class Version(NamedTuple):
    """What tells a file from another, and from itself at another time."""

    size: int
    """In bytes; 0 where there is none, as of a pipe."""
    place: tuple[int, int] | None = None
    """Device and inode; None in an object store, and where other machines have numbers of their own."""
    stamp: object = None
    """When it was changed (nanoseconds since 1970), or what an object store calls this version; None: not known."""


def version_of(file: object) -> Version:
    """Return the version of an open *file*. Raises OSError."""
    if isinstance(file, FileIO):
        return _of_status(os.fstat(file.fileno()))
    return getattr(file, "version", Version(0))


def refuse_changed(source: Source, before: Version, now: Version) -> None:
    """Raise SourceError where *source* was another file *before* than it is *now*; it may have grown."""
    if now.place != before.place and None not in (now.place, before.place):
        what = "it was replaced by another file"
    elif now.size < before.size:
        what = f"it shrank from {before.size} to {now.size} bytes"
    elif now.size == before.size and now.stamp != before.stamp:
        what = "it was changed"
    else:
        return
    raise SourceError(
        f"{source.name}: {what} while it was read, so events may be missing, cut or mixed: run this again when nothing"
        " else writes to it"
    )


def refuse_replaced(source: Source, before: Version) -> None:
    """Raise SourceError where the path of *source* has come to name another file than the one that was read."""
    if source.path is None or not before.size:
        return
    try:
        now = _of_status(os.stat(source.path))
    except OSError:  # what was read is what was there: it is no longer needed
        return
    refuse_changed(source, before._replace(size=0), now._replace(stamp=before.stamp))


def _of_status(status: os.stat_result) -> Version:
    if not stat.S_ISREG(status.st_mode):
        return Version(status.st_size)
    return Version(status.st_size, (status.st_dev, status.st_ino), status.st_mtime_ns)
