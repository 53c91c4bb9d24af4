"""The folder that schema files may be read from: nothing outside it is ever opened."""

import os
import stat
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.exact_json import with_whole_integers
from canvas_events_cli.parse import ParseError, explain, loads

MAX_SCHEMA_BYTES = 16 * 1024 * 1024

_NEVER = "cevents never fetches schemas, nor reads them from elsewhere"
_pipes: dict[tuple[int, int], bytes] = {}
"""What pipes held, by device and inode."""


class Refused(Exception):
    """A reference that must not or cannot be followed; the text says why."""


@lru_cache(maxsize=1024)
def join_uri(base: str, reference: str) -> str:
    """Return *reference* resolved against *base*, without its fragment. Raises Refused for no URI reference."""
    try:
        return urldefrag(urljoin(base, reference)).url
    except ValueError as error:
        raise Refused("is not a URI reference") from error


@dataclass
class Folder:
    """A folder of schema files, as the user named it and as it is on disk."""

    shown: Path
    names: str
    """The glob of the files whose ``$id`` may be referred to."""
    is_bundled: bool = False
    """Whether its files need no check, which took most of the time: a hundred of them refer to one, which is read once.
    """
    root: Path = field(init=False)

    def __post_init__(self) -> None:
        self.root = real_path(self.shown)
        self._read: dict[Path, object] = {}
        self.sound: set[tuple[Path, str]] = set()
        """Files that have been checked, with the dialect that they were read in: a hundred may refer to one."""

    def read(self, path: Path, shown: str) -> object:
        """Return the JSON value in the file at *path*; raises CeventsError with line and column where there is none."""
        if not self.is_bundled:
            return read_json(path, shown)
        if path not in self._read:
            self._read[path] = read_json(path, shown)
        return self._read[path]

    def shown_path(self, path: Path) -> str:
        """Return how messages name *path*, a resolved path inside the folder."""
        return str(self.shown / path.relative_to(self.root))

    def enter(self, path: Path) -> Path:
        """Return *path* with symlinks resolved; raises Refused where that is outside the folder."""
        if self.is_bundled:
            return path
        outside = Refused(f"leads outside the schema's folder; {_NEVER}")
        if not Path(os.path.normpath(path)).is_relative_to(self.root):
            raise outside
        real = real_path(path)
        if not real.is_relative_to(self.root):
            raise outside
        return real

    def locate(self, uri: str, base_uri: str, base_path: Path) -> Path:
        """Return the file that *uri* means in a document that has *base_uri* and lies at *base_path*.

        That is the file in the same relative place on disk, or else the one whose ``$id`` is *uri*. Raises Refused
        where there is none inside the folder.
        """
        place = _place(uri, base_uri, base_path)
        try:
            if place is None:
                raise Refused(f"leads to {uri}, which is no file in the schema's folder, nor the $id of one; {_NEVER}")
            path = self.enter(place)
            if not os.path.isfile(path):
                raise Refused(f"leads to {self.shown_path(path)}, which is not a file")
        except Refused:
            same_id = self._ids.get(uri, [])
            if not same_id:
                raise
            if len(same_id) > 1:
                both = " and ".join(map(self.shown_path, same_id))
                raise Refused(f"fits two files: {both} have the same $id") from None
            return same_id[0]
        return path

    @cached_property
    def _ids(self) -> dict[str, list[Path]]:
        """Files by ``$id``; read only when a reference fits no place on disk."""
        found: dict[str, list[Path]] = {}
        for path, real in self.files():
            with suppress(Refused, CeventsError, ParseError):
                document = loads(read_bytes(real, str(path)))
                identifier = document.get("$id", document.get("id")) if isinstance(document, dict) else None
                if isinstance(identifier, str):
                    found.setdefault(join_uri(path.as_uri(), identifier), []).append(path)
        return found

    def files(self) -> Iterator[tuple[Path, Path]]:
        """Yield each schema file inside the folder, in order, as it is named below ``root``, and as it is on disk."""
        for path in sorted(self.root.glob(self.names)):
            with suppress(Refused):
                real = self.enter(path)
                if os.path.isfile(real):
                    yield path, real


def real_path(path: Path) -> Path:
    """Return *path* absolute and with symlinks resolved, as far as it exists; unlike pathlib's, loops do no harm.

    The name that Linux has for a pipe, once ``/dev/fd/63`` is resolved, leads nowhere: that stays as it is.
    """
    real = Path(os.path.realpath(path))
    return path.absolute() if not os.path.lexists(real) and os.path.exists(path) else real


def read_pipe(path: Path) -> bool:
    """Read *path* where that is a pipe, such as a shell's ``<(…)``, a FIFO or a device; tell whether it is.

    For what the user names: in a folder, and where a reference leads, none is ever opened. It can be read only once,
    so :func:`read_bytes` knows it from then on. Raises CeventsError.
    """
    try:
        status = path.stat()
        if not (stat.S_ISFIFO(status.st_mode) or stat.S_ISCHR(status.st_mode)):
            return False
        if _identity(status) not in _pipes:
            with path.open("rb") as file:
                _pipes[_identity(status)] = file.read(MAX_SCHEMA_BYTES + 1)
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:
        raise CeventsError(f"{path}: cannot read the schema: {getattr(error, 'strerror', None) or error}") from error
    return True


def read_bytes(path: Path, shown: str) -> bytes:
    """Return the bytes of a schema file, without a byte order mark; raises CeventsError naming *shown*."""
    try:
        status = path.stat()
        raw = _pipes.get(_identity(status))
        if raw is None and not stat.S_ISREG(status.st_mode):
            raise CeventsError(f"{shown}: a schema must be a regular file")
        if max(status.st_size, len(raw or b"")) > MAX_SCHEMA_BYTES:
            raise CeventsError(f"{shown}: too large for a schema (over {MAX_SCHEMA_BYTES >> 20} MiB)")
        return (path.read_bytes() if raw is None else raw).removeprefix(BOM_UTF8)
    except OSError as error:
        raise CeventsError(f"{shown}: cannot read the schema: {error.strerror}") from error


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def read_json(path: Path, shown: str) -> object:
    """Return the JSON value in a schema file; raises CeventsError with line and column where there is none."""
    raw = read_bytes(path, shown)
    try:
        return with_whole_integers(raw, loads(raw))
    except ParseError as error:
        raise CeventsError(f"{shown}: {explain(raw, 1)}") from error


def _place(uri: str, base_uri: str, base_path: Path) -> Path | None:
    """Return where on disk *uri* points to, seen from *base_uri* at *base_path*; None if that says nothing."""
    target, base = urlsplit(uri), urlsplit(base_uri)
    path = unquote(target.path)
    if target.query or not path.startswith("/") or "\0" in path:
        return None
    if target.scheme == "file":
        if target.netloc in ("", "localhost"):
            # Before a drive of Windows there is a slash; elsewhere there are no drives.
            return Path(path[1:] if os.path.splitdrive(path[1:])[0] else path)
        # A file on another machine, as Windows has them, which a file beside it refers to.
        return Path(f"//{target.netloc}{path}") if target.netloc == base.netloc else None
    if (target.scheme, target.netloc) != (base.scheme, base.netloc):
        return None
    start = str(PurePosixPath(unquote(base.path)).parent)
    return base_path.parent / os.path.relpath(os.path.normpath(path), os.path.normpath(start))
