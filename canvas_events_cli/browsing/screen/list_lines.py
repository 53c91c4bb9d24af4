"""How the list has events, a line each: what is read of them, and the columns that it stands in. Knows no Textual."""

from collections.abc import Sequence
from itertools import compress

from canvas_events_cli.browsing.index import Index
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Malformed, Record
from canvas_events_cli.rendering.cuts import IN_FULL, LEAST, Cuts
from canvas_events_cli.rendering.grid import NARROWEST, column_widths, fit
from canvas_events_cli.rendering.safe_text import location, shorten, visible
from canvas_events_cli.rendering.show_table import COLUMNS, INVALID, VALID, Row, RowForm, malformed_row
from canvas_events_cli.rendering.styled import GAP, Piece, cells
from canvas_events_cli.summary.retry_clone import OLDER_NAME, RETRY_CLONE

BESIDE_WIDTH = 120
"""Columns from which on the event stands beside the list."""
_STYLES = {
    "created": "color(28)",
    "updated": "color(30)",
    "deleted": "color(133)",
    RETRY_CLONE: "bold color(32)",
    OLDER_NAME: "bold color(32)",
}
"""Colours of events, by name or by what they say has happened: of the 256 that no palette changes, such as have a
contrast of 3 to 1 on white and on black."""
_TIME_WIDTH = len("2024-07-30 21:04:35+02:00")
"""Columns that a time takes at most; what is none is cut there."""
_PLACE_FROM = 72
"""Columns from which on there is room for where an event stands, which the event itself says too."""
_LINE_WIDTH = 7
"""Columns for the number of a line, which are not to change as one goes on."""
_LEAST_OF_EVENT = 14
"""Columns that the name of an event takes, and more where it would read like another one."""
_WHO, _ABOUT = 1, 2
"""Which of the columns after the time these are."""
_MOST_ROWS = 2000
"""Rows that are kept when others are looked at."""

Shown = tuple[Row, str]
"""What stands in a line, and the place of its event."""


class ListLines:
    """Reads rows of an index, and lays them out."""

    def __init__(self, index: Index, form: RowForm) -> None:
        """*form* says by which schemas, and in which zone."""
        self.index = index
        self.form = form
        self._row_of = form.compile()
        self._names = form.spec.catalog.bodies
        self.known: dict[int, Shown] = {}
        """What was read of rows last, by their numbers."""
        self._widths: Sequence[int] = ()
        """Of the texts of a row and of the place; what there is no room for, and what no row has, has none."""
        self._name = Cuts(0)
        """Cuts names of events, so that they do not read alike."""

    def read(self, number: int) -> Shown:
        """Return what the row has."""

        def shown(item: Record | Malformed) -> Shown:
            row = malformed_row(item, COLUMNS) if isinstance(item, Malformed) else self._row_of(item)
            one_source = len(self.index.places) == 1
            return row, str(item.line) if one_source else location(self.index.source_of(number), item.line)

        try:
            found = self.index.look(number, shown)
        except CeventsError as error:
            found = Row(False, ["", "", "", visible(str(error))]), ""
        self.known[number] = found
        if len(self.known) > _MOST_ROWS:
            del self.known[next(iter(self.known))]
        return found

    def lay_out(self, lines: Sequence[Shown], width: int) -> None:
        """Have columns for these *lines*, in so much room."""
        has_place = width >= _PLACE_FROM
        rows = [[*row.texts[1:], where if has_place else ""] for row, where in lines if any(row.texts[:-1])]
        if has_place and len(self.index.places) == 1:
            rows.append(["", "", "", "0" * _LINE_WIDTH])
        time = min(max((cells(row.texts[0]) for row, _ in lines), default=0), _TIME_WIDTH)
        wanted = [max(map(cells, texts)) for texts in zip([""] * len(COLUMNS), *rows, strict=True)]
        room = width - len(VALID) - 1 - time - GAP * sum(map(bool, wanted))
        if not any(wanted[:-1]):  # what is said of records that are none takes all the room
            wanted[_ABOUT] = max(room - wanted[-1], 0)
        whole = Cuts(_LEAST_OF_EVENT, self._names)
        wish = max((cells(whole(texts[0])) for texts in rows), default=0)

        def widths() -> list[int]:
            event = max(min(wish, IN_FULL, room - sum(size > 0 for size in wanted[1:]) * NARROWEST), NARROWEST)
            return column_widths(wanted, room, [event, *[NARROWEST] * (len(wanted) - 1)])

        found = widths()
        if found[_WHO] < min(wanted[_WHO], LEAST["who"]):
            wanted[_WHO] = 0
            room += GAP
            found = widths()
        self._widths, self._name = [time, *found], Cuts(found[0], self._names)

    def pieces(self, shown: Shown) -> list[Piece]:
        """Return a line."""
        row, where = shown
        *widths, last = self._widths
        line = [(VALID if row.is_valid else INVALID, "bold red"), (" ", "")]
        if any(row.texts[:-1]):
            time, name, who, about = row.texts
            # A name that stands there in full may need some of the room behind it.
            name = fit(self._name(name), widths[1] + widths[-1])
            more = max(cells(name) - widths[1], 0)
            sizes = [widths[0], widths[1] + more, widths[2], widths[3] - more]
            whole = row.texts[1].rstrip()
            styles = ("magenta", _STYLES.get(whole) or _STYLES.get(whole.rpartition("_")[2], ""), "", "")
            columns = [*zip((time, name, who, about), sizes, styles, strict=True)]
            columns = [(fit(text, width), width, style) for text, width, style in compress(columns, widths)]
        else:  # what is said of a record that is none takes all the room
            width = sum(widths) + GAP * (sum(map(bool, widths)) - 1)
            columns = [(shorten(row.texts[-1], width), width, "")]
        for text, width, style in columns:
            line += (text + " " * (width - cells(text)), style), (" " * GAP, "")
        # Of a place the end tells more.
        return [*line, (shorten(where[::-1], last)[::-1], "dim")]
