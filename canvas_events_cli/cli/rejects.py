"""The file that keeps what could not be read."""

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self

from canvas_events_cli.cli.output_files import refuse_input
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Malformed, Overflow

if TYPE_CHECKING:
    from canvas_events_cli import api


class Rejects:
    """Writes malformed input to a file byte for byte, each stretch ended by a line feed; counts it in any case."""

    def __init__(self, path: Path | None, sources: "Iterable[api.Source | api.SourceError]") -> None:
        """Keep what is malformed in *path*, if anywhere.

        Raises CeventsError where *path* is among *sources*, the input, which to open it would empty.
        """
        if path is not None:
            refuse_input(f"--rejects {path}", path, sources)
        self._path = path
        self._file: BinaryIO | None = None
        self._line_open = False

    def __enter__(self) -> Self:
        if self._path is not None:
            try:
                self._file = self._path.open("wb")
            except OSError as error:
                raise self._error(error) from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is None:
            return
        try:
            if self._line_open:
                self._file.write(b"\n")
            self._file.close()
        except OSError as failure:
            raise self._error(failure) from failure

    def keep(self, items: Iterable[Malformed | Overflow]) -> int:
        """Write *items* and return how many malformed records they are. Raises CeventsError for a failed write."""
        records = 0
        try:
            for item in items:
                begins = isinstance(item, Malformed)
                records += begins
                if self._file is not None:
                    self._file.write(b"\n" + item.raw if begins and self._line_open else item.raw)
                    self._line_open = True
            if self._file is not None:
                self._file.flush()
        except OSError as error:
            raise self._error(error) from error
        return records

    def _error(self, error: OSError) -> CeventsError:
        return CeventsError(f"--rejects {self._path}: cannot write: {error.strerror or error}")
