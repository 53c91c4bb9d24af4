"""The file that keeps what could not be read."""

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from canvas_events_cli.cli.output_files import refuse_inputs
from canvas_events_cli.model import Malformed, Overflow
from canvas_events_cli.outputs import Destination, Output

if TYPE_CHECKING:
    from canvas_events_cli import api


class Rejects:
    """Writes malformed input to a file byte for byte, each stretch ended by a line feed; or keeps nothing.

    The file is there in the end, where nothing stopped the command. Raises CeventsError for a failed write.
    """

    def __init__(self, destination: Destination | None) -> None:
        """Keep what is malformed at *destination*, if anywhere."""
        self._output = Output(destination) if destination is not None else None
        self._line_open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._output is None:
            return
        with self._output as output:
            if kind is None:
                if self._line_open:
                    output.write(b"\n")
                output.commit()

    def keep(self, items: Iterable[Malformed | Overflow]) -> None:
        """Write *items*."""
        if self._output is None:
            return
        for item in items:
            begins = isinstance(item, Malformed)
            self._output.write(b"\n" + item.raw if begins and self._line_open else item.raw)
            self._line_open = True
        self._output.flush()


def rejects_kept(
    path: Path | None,
    sources: "Iterable[api.Source | api.SourceError]",
    catalog: "api.Catalog | None",
    keys: Path | None = None,
) -> Rejects:
    """Return what keeps rejects in *path*, if anywhere. Raises CeventsError where that is a file that is read."""
    destination = Destination(f"--rejects {path}", path) if path is not None else None
    refuse_inputs([destination] if destination is not None else [], sources, catalog, [keys])
    return Rejects(destination)
