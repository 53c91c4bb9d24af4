"""The fields of an event as lines for a person: keys, values beside them, and what is wrong with these.

What lines owe to keys alone is made once for all objects that have the same ones, and a line that comes again is a
look-up: nearly all fields of an event look as they did in the one before.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from functools import lru_cache
from typing import NamedTuple

from canvas_events_cli.exact_json import NumberText
from canvas_events_cli.pointers import escape
from canvas_events_cli.rendering.event_tree import Marks, Members, Tree, is_id, value_piece
from canvas_events_cli.rendering.grid import fit
from canvas_events_cli.rendering.moments import converted
from canvas_events_cli.rendering.safe_text import shorten, visible
from canvas_events_cli.rendering.styled import GAP, STYLES, Piece, cells, flow, folded, paint, painted, plain

FIRST, BAD, SECTION, REST = "● ", "✗ ", "├ ", "│ "
GUTTER = 2
_NARROWEST = 10
"""Cells that lines get right of the gutter, however narrow the terminal."""
_TWO_COLUMNS, _FARTHEST = 96, 84
"""Cells that a second column of fields takes, and where it begins at the latest."""
_VALUE_WIDTH = 40
"""Cells that values get beside long keys: a uuid of Canvas, beside its longest key, fits 80 columns."""
_TIMES = ("event_time", "eventTime")
"""What the title has converted."""
_DEEPEST = 12
"""Levels that are indented; deeper ones stay below the twelfth."""
_ORDINARY_KEYS, _ORDINARY_LINE = 4096, 500
"""How many characters keys have that are remembered, and how many bytes a line: of hostile ones it stays little."""
_MOST_LINES, _LINES_OF_FIELD = 16_384, 16
"""How many lines are remembered, and how many of a field: what an id or a time looks like, no other event asks."""
_ALONE = 1 << 30
"""The end of what no other field can stand beside."""
_OVERRIDDEN: Piece = ("(a later member of this name counts)", "dim")
_NO_MEMBER = NumberText()
"""In the place of a value that should be there."""
_TEXTS = frozenset((str, type(None)))
"""The types of what most fields hold: of these, equal ones look alike."""

Lines = tuple[bytes, int]
"""The lines of a field, in UTF-8, and the cell where the one that they are ends, if others can stand beside it."""


class _Field(NamedTuple):
    """What the lines of a member have in common with those of all members of that key, in objects of the same keys."""

    key: str
    label: tuple[Piece, Piece]
    """Indent and key."""
    start: str
    """Bar, indent and key, as text that reaches the column where values begin."""
    heading: str
    """The same where what it holds stands below."""
    column: int
    """Where values begin."""
    kind: str
    """Whether the key names an id, or the time that the title tells."""
    fits: bool
    """Whether the key is short enough to stand before its value."""
    counts: bool
    """Whether no later member has the same key."""


class _Level(NamedTuple):
    """What the lines of an object's members have in common with those of all objects that have the same keys."""

    fields: list[_Field]
    all_count: bool
    known: list[dict[str | None, Lines]]
    """Of each field the lines of values that it had."""


class FieldLines:
    """Lays out the members of objects in lines of *width* cells; *brief* gives each value one line."""

    def __init__(self, tz: tzinfo | None, width: int, *, color: bool, brief: bool) -> None:
        self.room = room = max(width - GUTTER, _NARROWEST)
        """Cells right of the bars."""
        self.draw = painted if color else plain
        self.bars = {
            bar: self.draw([(bar, "bold red" if bar == BAD else "dim")]) for bar in (FIRST, SECTION, REST, BAD)
        }
        self._tz = tz
        self._color = color
        self._brief = brief
        self._second = min((room + GAP) // 2, _FARTHEST) if room >= _TWO_COLUMNS else 0
        """Where another field begins in a line, if both are short enough; 0 where there is no room."""
        self._known_level = lru_cache(512)(self._new_level)
        self._remembered = 0

    def lines(self, members: Members, depth: int, pointer: str | None, marks: Marks) -> list[bytes]:
        """Return the lines of *members*, and of what *marks* say is missing among them, which loses it.

        *pointer* is None where a later member of the same name, or of the same name above, counts instead.
        """
        here = marks.pop(pointer, {}) if marks and pointer is not None else {}
        if here:
            present = {key for key, _ in members}
            members = (*members, *((key, _NO_MEMBER) for key in here if key not in present))
        keys = tuple([key for key, _ in members])
        values = [value for _, value in members]
        level = self._level(keys, depth)
        found: list[Lines | None]
        if here or pointer is None or not level.all_count:
            found = [None] * len(values)
        elif _TEXTS.issuperset(map(type, values)):
            found = list(map(dict.get, level.known, values))  # type: ignore[arg-type]
        else:
            found = [
                known.get(value) if type(value) in _TEXTS else None  # type: ignore[arg-type]
                for known, value in zip(level.known, values, strict=True)
            ]
        if None in found:
            for place, lines in enumerate(found):
                if lines is None:
                    found[place] = self._new(level, place, values[place], depth, pointer, here, marks)
        if self._second and depth:
            return self._in_columns(found)  # type: ignore[arg-type]
        return [lines for lines, _ in found]  # type: ignore[misc]

    def _in_columns(self, found: Iterable[Lines]) -> list[bytes]:
        """Return what was *found* with two short fields a line."""
        second, bar = self._second, len(self.bars[REST].encode())
        lines: list[bytes] = []
        free = 0
        for line, end in found:
            if free and end <= self.room - second:
                lines[-1] += b" " * free + line[bar:]
                free = 0
            else:
                lines.append(line)
                free = second - end if end <= second - GAP else 0
        return lines

    def _new(
        self, level: _Level, place: int, value: Tree, depth: int, pointer: str | None, here: dict[str, list[str]],
        marks: Marks,
    ) -> Lines:  # fmt: skip
        """Return the lines of a member of which they are not known."""
        field, known = level.fields[place], level.known[place]
        key = field.key
        notes: Sequence[Piece] = ()
        counts = field.counts and pointer is not None
        if not counts:
            notes = (_OVERRIDDEN,)
        elif here:
            notes = [complaint(text) for text in here.get(key, ())]
        if isinstance(value, list | tuple):
            where = f"{pointer}/{escape(key)}" if counts else None
            if value or where in marks:
                heading = [*self.flowed(notes, self._bar(depth), field.column, field.label)] if notes else []
                below = self.lines(members_of(value), depth + 1, where, marks)
                return b"\n".join([*(heading or [field.heading.encode()]), *below]), _ALONE
        if notes or not field.fits:
            pieces = [] if value is _NO_MEMBER else self._pieces(value, field.kind)
            if self._brief:
                pieces = [(shorten(text, self.room - field.column), style) for text, style in pieces]
            return b"\n".join(self.flowed([*pieces, *notes], self._bar(depth), field.column, field.label)), _ALONE
        lines = self._beside(value, field)
        if type(value) in _TEXTS and len(lines[0]) <= _ORDINARY_LINE:
            if len(known) >= _LINES_OF_FIELD:
                known.clear()
            known[value] = lines  # type: ignore[index]
            self._remembered += 1
            if self._remembered > _MOST_LINES:
                self._remembered = 0
                self._known_level.cache_clear()
        return lines

    def _beside(self, value: Tree, field: _Field) -> Lines:
        """Return a value that holds no others beside its key: in a line, or in as many as it takes."""
        room = self.room - field.column
        pieces = self._pieces(value, field.kind)
        (text, style), *note = pieces
        size = cells(text)
        if self._brief and size + sum([GAP + cells(text) for text, _ in note]) > room:
            text, note = shorten(text, room) if " " in text else fit(text, room), []
            size = cells(text)
        if size <= room and not note:
            return f"{field.start}{paint(text, style) if self._color else text}".encode(), field.column + size
        parts = [*map(self.draw, flow(pieces, room))] if note else self._folded(text, style, room)
        margin = self.bars[REST] + " " * field.column
        end = _ALONE if len(parts) > 1 else field.column + size + GAP + cells(note[0][0])
        return f"\n{margin}".join([field.start + parts[0], *parts[1:]]).encode(), end

    def _folded(self, text: str, style: str, room: int) -> list[str]:
        return [paint(part, style) if self._color else part for part in folded(text, room)]

    def _bar(self, depth: int) -> str:
        return REST if depth else SECTION

    def _level(self, keys: tuple[str, ...], depth: int) -> _Level:
        if len(keys) < 64 or sum(map(len, keys)) <= _ORDINARY_KEYS:
            return self._known_level(keys, min(depth, _DEEPEST))
        return self._new_level(keys, depth)

    def _new_level(self, keys: tuple[str, ...], depth: int) -> _Level:
        """Return where values begin, and what is known of their lines."""
        indent = min(2 * max(0, min(depth, _DEEPEST) - 1), self.room // 2)
        texts = [shorten(visible(key), self.room - indent) for key in keys]
        column = min(indent + max(map(cells, texts), default=0) + GAP, max(self.room - _VALUE_WIDTH, indent + GAP))
        last = {key: place for place, key in enumerate(keys)}
        bar = self.bars[self._bar(depth)]
        fields = []
        for place, (key, text) in enumerate(zip(keys, texts, strict=True)):
            label = ((" " * indent, ""), (text, "dim" if depth else "bold"))
            padding = column - indent - cells(text)
            kind = "time" if key in _TIMES else "id" if is_id(key) else ""
            start = bar + self.draw(label) + " " * padding
            heading = bar + self.draw((label[0], (text.rstrip(), label[1][1])))
            fields.append(_Field(key, label, start, heading, column, kind, padding >= GAP, last[key] == place))
        return _Level(fields, all(field.counts for field in fields), [{} for _ in fields])

    def _pieces(self, value: Tree, kind: str) -> list[Piece]:
        piece = value_piece(value, is_id=kind == "id")
        note = converted(value, self._tz) if piece[1] == STYLES["time"] and kind != "time" else None
        return [piece, (f"({note})", "dim")] if note else [piece]

    def flowed(
        self, pieces: Sequence[Piece], bar: str = REST, column: int = 0, label: Sequence[Piece] = ()
    ) -> Iterator[bytes]:
        """Yield lines of *pieces* from *column* on; what is complained of has a red label."""
        if any(style == "red" for _, style in pieces):
            label = [(text, "bold red" if style else "") for text, style in label]
        return self.drawn(flow(pieces, self.room, column, label), bar)

    def drawn(self, lines: Iterable[list[Piece]], bar: str) -> Iterator[bytes]:
        """Yield *lines*, *bar* before the first and the bar that goes down the block before the others."""
        for *line, (last, style) in lines:
            yield (self.bars[bar] + self.draw([*line, (last.rstrip(), style)])).encode()
            bar = REST


def members_of(tree: Tree) -> Members:
    """Return the members of an object, or the elements of an array by their numbers; of anything else none."""
    if isinstance(tree, list):
        return tuple([(str(index), item) for index, item in enumerate(tree)])
    return tree if isinstance(tree, tuple) else ()


def complaint(message: str) -> Piece:
    """Return what is wrong with a field, safe to print."""
    return f"{BAD}{visible(message)}", "red"
