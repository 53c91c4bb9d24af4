"""Texts of a table that say less where there is no room: in shorter forms, and cut so that they stay distinct."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from canvas_events_cli.model import MALFORMED
from canvas_events_cli.rendering.grid import fit
from canvas_events_cli.rendering.safe_text import shorten
from canvas_events_cli.rendering.styled import cells

_MOST_CUT = 4096
_WIDER = 12
"""Cells by which a text may be wider than its column where it would read like another one."""


class Cuts:
    """Cuts the texts of a column to its width, no two so that they read alike."""

    def __init__(self, width: int, names: Iterable[str] = ()) -> None:
        """Cut to *width* cells; no text so that it could be another one of *names*."""
        self.width = width
        self._names = dict.fromkeys(names)
        self._known: dict[str, str] = {}
        self._taken: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """Return *text* as it stands in the column: whole, and so wider, where no cut would tell it from others."""
        if len(text) <= self.width and (text.isascii() or cells(text) <= self.width):
            return text
        if text.startswith(MALFORMED):
            return shorten(text, self.width)
        known = self._known.get(text)
        if known is None:
            if len(self._known) >= _MOST_CUT:  # what stands so far above is no longer compared
                self._known.clear()
                self._taken.clear()
            known = next((cut for cut in self._ways(text) if self._is_clear(cut, text)), text)
            self._known[text] = known
            self._taken[known] = text
        return known

    def _ways(self, text: str) -> Iterator[str]:
        """Yield *text* cut at one place after the other, the wider the later."""
        login, at, _ = text.partition("@")
        if at and cells(login) < self.width:
            yield shorten(text, self.width)
        yield fit(text, self.width)
        if text.isascii():
            for width in range(max(self.width, 3), min(self.width + _WIDER, len(text))):
                for tail in range(width // 3, width - 1):
                    yield f"{text[: width - 1 - tail]}…{text[-tail:] if tail else ''}"

    def _is_clear(self, cut: str, text: str) -> bool:
        """Tell whether *cut* can be nothing but *text*, of what was cut before and of the names."""
        if self._taken.get(cut, text) != text:
            return False
        head, _, tail = cut.partition("…")
        return not any(
            name != text and name.startswith(head) and name.endswith(tail) and len(name) > len(cut) - 2
            for name in self._names
        )


def _without_folders(place: str) -> str:
    return place.rpartition("/")[2]


def line_alone(place: str) -> str:
    """Return the number of the line of *place*, which its source comes before."""
    return "".join(place.rpartition(":")[1:])


def left_out(_: str) -> str:
    """Return nothing."""
    return ""


def of_one_source(places: Iterable[str]) -> bool:
    """Tell whether all *places* are in one source."""
    return len({place.rpartition(":")[0] for place in places}) == 1


def _without_role(who: str) -> str:
    return who.partition(", ")[0]


def _object_alone(about: str) -> str:
    """Return what an event is about without its context; of a retry from which assignment to which.

    >>> _object_alone("course 5, assignment 7 to course 6, assignment 8"), _object_alone("quiz 2~9 in Course 2~1")
    ('assignment 7 to 8', 'quiz 2~9')
    """
    retried = _RETRIED.fullmatch(about)
    return f"{retried[1]} to {retried[2]}" if retried else about.partition(" in ")[0]


_RETRIED = re.compile(r"course [\d~]+, (assignment [\d~]+) to course [\d~]+, assignment ([\d~]+)")
SHORTER: Sequence[tuple[str, Callable[[str], str]]] = (
    ("source", _without_folders),
    ("who", _without_role),
    ("about", _object_alone),
    ("source", line_alone),
)
"""Columns that say less where there is no room for all, in the order in which they do."""
LEAST = {"event": 14, "who": 9, "about": 23, "source": 10, "line": 4}
"""Cells that columns keep, if there are so many: about has room for a global id and what it is the id of."""
