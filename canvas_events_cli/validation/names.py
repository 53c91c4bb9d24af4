"""Names that may explain a fault as a misspelling."""

from collections.abc import Iterable, Mapping

from canvas_events_cli.errors import closest, did_you_mean
from canvas_events_cli.validation.shape import Shape
from canvas_events_cli.validation.violation import Path, value_at

_MOST = 20
_LONGEST = 100
"""Names are compared letter by letter; without these limits, hostile events would make that slow."""


class Names:
    """What an event has that its schemas do not know, and the other way round."""

    def __init__(self, event: Mapping[str, object], shape: Shape, unexpected: Iterable[Path]) -> None:
        """*unexpected* are the paths of all fields that the schemas do not know, or forbid."""
        self._event = event
        self._shape = shape
        self._unexpected: dict[Path, list[str]] = {}
        self._known_absent: dict[Path, list[str]] = {}
        for *parent, name in unexpected:
            self._unexpected.setdefault(tuple(parent), []).append(str(name))

    def hint_for_missing(self, path: Path) -> str:
        """Return the question whether an unexpected field was meant to be the missing one at *path*, or nothing."""
        close = closest(str(path[-1]), self._beside(path))
        return f"; did you mean this by {close!r}?" if close else ""

    def hint_for_unexpected(self, path: Path) -> str:
        """Return the question whether the field at *path* was meant to be one that is missing, or nothing."""
        name = str(path[-1])
        return did_you_mean(name, self._absent(path[:-1])) if name in self._beside(path) else ""

    def _absent(self, parent: Path) -> list[str]:
        """Return the fields that the object at *parent* could have and does not."""
        if parent not in self._known_absent:
            there = value_at(self._event, parent)
            known = self._shape.at(parent).names
            self._known_absent[parent] = sorted(known.difference(there))  # type: ignore[arg-type]
        return self._known_absent[parent]

    def _beside(self, path: Path) -> list[str]:
        names = self._unexpected.get(path[:-1], [])
        return [name for name in names if len(name) <= _LONGEST] if len(names) <= _MOST else []
