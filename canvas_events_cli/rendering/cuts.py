"""Texts of a table that say less where there is no room: in shorter forms, and cut so that they stay distinct."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from canvas_events_cli.model import MALFORMED
from canvas_events_cli.rendering.grid import fit
from canvas_events_cli.rendering.safe_text import location, shorten
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
        # The end of an address tells nobody from another; digits may be those of an id, which is not cut.
        if at and (cells(login) < self.width or not any(map(str.isdigit, login))):
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


class Form(NamedTuple):
    """What the texts of a column look like where there is less room, and what stands above them then."""

    shown: Callable[[str], str]
    label: str = ""
    """Empty for the name of the column."""
    keeps: Callable[[str], object] = lambda _: False
    """Tells which texts are never cut."""


WHOLE = Form(str)
"""Texts as they are."""


def _without_folders(place: str) -> str:
    return location(place.rpartition("/")[2])  # made safe once more, as it may stand first in a line now


def _line_alone(places: Sequence[str]) -> Form | None:
    """Return the form that tells of *places* only the number of the line, where all are in one source.

    >>> form = _line_alone(["a/b.ndjson:1", "a/b.ndjson:2"])
    >>> form.label, form.shown("a/b.ndjson:30"), form.shown("a/c.ndjson:4")
    ('line', ':30', 'c.ndjson:4')
    """
    source, *others = {place.rpartition(":")[0] for place in places}

    def shown(place: str) -> str:
        before, colon, line = place.rpartition(":")
        return colon + line if before == source else _without_folders(place)

    return None if others else Form(shown, "line")


def _in_one_year(times: Sequence[str]) -> Form | None:
    """Return the form without the year, and without the offset where that is one too, where *times* have one year.

    >>> form = _in_one_year(["2024-09-02 06:00:04Z", ""])
    >>> form.label, form.shown("2024-09-02 06:00:04Z"), form.shown("2025-01-01 00:00:00Z")
    ('2024 UTC', '09-02 06:00:04', '2025-01-01 00:00:00Z')
    """
    years, offsets = ({match[group] for match in map(_TIME.fullmatch, times) if match} for group in (1, 3))
    if len(years) != 1:
        return None
    year, offset = years.pop(), offsets.pop() if len(offsets) == 1 else ""

    def shown(time: str) -> str:
        match = _TIME.fullmatch(time)
        if match is None or match[1] != year or offset not in ("", match[3]):
            return time
        return match[2] if offset else match[2] + match[3]

    return Form(shown, f"{year} {offset.replace('Z', 'UTC')}".rstrip(), _TIME.fullmatch)


_TIME = re.compile(r"(\d{4})-(\d\d-\d\d \d\d:\d\d:\d\d)(Z|[+-]\d\d:\d\d)", re.ASCII)


def _object_alone(about: str) -> str:
    """Return what an event is about without its context; of a retry from which assignment to which.

    >>> _object_alone("course 5, assignment 7 to course 6, assignment 8"), _object_alone("quiz 2~9 in Course 2~1")
    ('assignment 7 to 8', 'quiz 2~9')
    """
    retried = _RETRIED.fullmatch(about)
    return f"{retried[1]} to {retried[2]}" if retried else about.partition(" in ")[0]


_RETRIED = re.compile(r"course [\d~]+, (assignment [\d~]+) to course [\d~]+, assignment ([\d~]+)")
Shorter: TypeAlias = tuple[str, Callable[[Sequence[str]], Form | None]]
"""The name of a column, and what makes a form of its texts where these have one."""
SHORTER: Sequence[Shorter] = (
    ("source", lambda _: Form(_without_folders)),
    ("who", lambda _: Form(lambda who: who.partition(", ")[0])),
    ("about", lambda _: Form(_object_alone)),
)
"""Columns that say less where there is no room for all, in the order in which they do."""
SHORTER_IN_TABLE = (*SHORTER, ("time", _in_one_year))
"""The same where a line above tells what all have in common."""
SHORTER_OF_ONE_SOURCE = (*SHORTER, ("source", _line_alone), ("time", _in_one_year))
LEAST = {"event": 18, "who": 9, "about": 23, "source": 10, "line": 4}
"""Cells that columns keep, if there are so many: about has room for a global id and what it is the id of."""
LEAST_OF_EVENT, LEAST_OF_WHO = 10, 6
"""Cells that these keep where there are not so many: below that, who it was goes."""
IN_FULL = 30
"""Cells up to which the event and what it is about are not cut, if only others can be."""
