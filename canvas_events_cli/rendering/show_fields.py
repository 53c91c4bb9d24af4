"""The fields of an event as lines for a person: keys, values beside them, and what is wrong with these.

What lines owe to keys alone is made once for all objects that have the same ones, and a line that comes again is a
look-up: nearly all fields of an event look as they did in the one before.
"""

from collections.abc import Iterable, Iterator, Sequence, Sized
from datetime import tzinfo
from functools import lru_cache
from operator import getitem
from typing import NamedTuple, cast

from orjson import dumps

from canvas_events_cli.pointers import escape
from canvas_events_cli.rendering.event_tree import (
    CONTAINERS,
    NUMBERS,
    Folded,
    Leaf,
    Marks,
    Members,
    Tree,
    is_id,
    stands_as_it_is,
    value_piece,
)
from canvas_events_cli.rendering.grid import fit
from canvas_events_cli.rendering.moments import converted
from canvas_events_cli.rendering.safe_text import shorten, visible
from canvas_events_cli.rendering.styled import GAP, STYLES, Piece, cells, flow, folded, painted, plain
from canvas_events_cli.timestamps import is_usual

FIRST, BAD, SECTION, REST = (("● ", "dim"), ("✗ ", "bold red"), ("├ ", "dim"), ("│ ", "dim"))
"""What lines begin with."""
_GUTTER = 2
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
_MOST_KEYS, _ORDINARY_KEYS, _ORDINARY_LINE = 100, 4096, 1000
"""How many keys are remembered together, of how many characters, and how many a line has: of hostile ones little."""
_FEW, _NEAR = 12, 3
"""How many members what is looked up as a whole has at most, and how deep it stands."""
_LINES_OF_FIELD = 16
"""Of how many values the lines are remembered: what an id or a time looks like, no other event asks."""
_ALONE = 1 << 30
"""The end of what no other field can stand beside."""
_OVERRIDDEN: Piece = ("(a later member of this name counts)", "dim")
_NO_MEMBER = b""
"""In the place of a value that should be there, or is not looked up: a number without digits."""
_LEAVES = frozenset((str, bytes, bool, Folded, type(None)))

Lines = tuple[bytes, int]
"""The lines of a field, and the cell where the one that they are ends, if others can stand beside it.

In UTF-8: as text they take twice the memory and the time, for the sake of their bars."""


class _Field(dict[Leaf, Lines]):
    """The lines of the members of one key, in objects of the same keys: by their values, made when first met."""

    __slots__ = ("bar", "column", "heading", "is_id", "is_told", "key", "label", "margin", "of", "room", "start")

    def __init__(self, of: "FieldLines", key: str, indent: int, column: int, *, is_inside: bool) -> None:
        text, size = of.label(key, indent)
        self.of, self.key, self.column = of, key, column
        self.bar = REST if is_inside else SECTION
        self.label = (" " * indent, ""), (text, "dim" if is_inside else "bold")
        padding = column - indent - size
        self.start = (of.draw([self.bar, *self.label]) + " " * padding).encode()
        """What stands before a value beside the key."""
        self.heading = of.draw([self.bar, self.label[0], (text.rstrip(), self.label[1][1])]).encode()
        """What stands above the members of a value."""
        self.margin = f"\n{of.draw([REST])}{' ' * column}"
        self.room = of.room - column if padding >= GAP else 0
        """Cells for a value beside the key; none where that is too long."""
        self.is_id, self.is_told = is_id(key) is not None, key in _TIMES

    def __missing__(self, value: Leaf) -> Lines:
        # Most texts one look tells, and they have no colour: that takes a third of the general way.
        text = ""
        if type(value) is str and self.room:
            is_text = stands_as_it_is(value)
            text = value if is_text else f'"{value}"' if value.isdigit() and value.isascii() else ""
            if not text and self.is_told and is_usual(value) and len(value) <= self.room:
                return self.start + self.of.draw([(value, STYLES["time"])]).encode(), self.column + len(value)
        if text and len(text) <= self.room:
            lines = self.start + text.encode(), self.column + len(text)
        elif text and not self.of.brief:
            lines = self.beside(folded(text, self.room)), _ALONE
        else:
            lines = self.made(value)
        return self.kept(value, lines)

    def kept(self, value: Leaf, lines: Lines) -> Lines:
        """Return the *lines* of a *value*, remembered; of one that holds others by its JSON."""
        if len(self) < _LINES_OF_FIELD and len(lines[0]) <= _ORDINARY_LINE and value is not _NO_MEMBER:
            self[value] = lines
        return lines

    def made(self, value: Tree, notes: Sequence[Piece] = ()) -> Lines:
        """Return the lines of a *value* that holds no others, and of *notes* on it."""
        of, room = self.of, self.room
        text, style = piece = value_piece(value, is_id=self.is_id)
        moment = converted(value, of.tz) if style == STYLES["time"] and not self.is_told else None
        pieces = [piece, (f"({moment})", "dim")] if moment else [piece]
        if notes or not room:
            pieces = [] if value is _NO_MEMBER else pieces
            pieces = [(shorten(text, of.room - self.column), style) for text, style in pieces] if of.brief else pieces
            return b"\n".join(of.flowed([*pieces, *notes], self.bar, self.column, self.label)), _ALONE
        size = cells(text) + (GAP + cells(pieces[1][0]) if moment else 0)
        if size > room and of.brief:
            pieces = [(shorten(text, room) if " " in text else fit(text, room), style)]
            size = cells(pieces[0][0])
        if size <= room:
            return self.beside(["  ".join([of.draw([piece]) for piece in pieces])]), self.column + size
        parts = flow(pieces, room) if moment else [[(part, style)] for part in folded(text, room)]
        return self.beside(map(of.draw, parts)), _ALONE

    def beside(self, drawn: Iterable[str]) -> bytes:
        """Return lines of what is *drawn*, the first beside the key, the others below it."""
        return self.start + self.margin.join(drawn).encode()


class _Level(NamedTuple):
    """What the lines of an object's members have in common with those of all objects that have the same keys."""

    fields: list[_Field]
    overridden: frozenset[int]
    """The places of those of which a later member has the same key."""


class FieldLines:
    """Lays out the members of objects in lines of *width* cells; *brief* gives each value one line."""

    def __init__(self, tz: tzinfo | None, width: int, *, color: bool, brief: bool) -> None:
        self.room = room = max(width - _GUTTER, _NARROWEST)
        """Cells right of the bars."""
        self.draw = painted if color else plain
        self.tz, self.brief = tz, brief
        self._second = min((room + GAP) // 2, _FARTHEST) if room >= _TWO_COLUMNS else 0
        """Where another field begins in a line, if both are short enough; 0 where there is no room."""
        self._known_level = lru_cache(512)(self._level)
        self._known_field = lru_cache(1024)(_Field)

    def lines(self, tree: Tree, depth: int, pointer: str | None, marks: Marks) -> list[bytes]:
        """Return the lines of what is in *tree*, and of what *marks* say is missing there, which loses it.

        *pointer* is None where a later member of the same name, or of the same name above, counts instead.
        """
        here = marks.pop(pointer, {}) if marks and pointer is not None else {}
        keys, values = _parts(tree)
        if here:
            present = {*keys}
            missing = [key for key in here if key not in present]
            keys, values = (*keys, *missing), [*values, *[_NO_MEMBER] * len(missing)]
        is_ordinary = len(keys) <= _MOST_KEYS and len("".join(keys)) <= _ORDINARY_KEYS
        level = (self._known_level if is_ordinary else self._level)(keys, depth)
        found: list[Lines] = []
        if marks or here or pointer is None or level.overridden:
            for place, (field, value) in enumerate(zip(level.fields, values, strict=True)):
                counting = None if place in level.overridden else pointer
                found.append(self._member(field, value, depth, counting, here, marks))
        elif _LEAVES.issuperset(map(type, values)):
            found = [*map(getitem, level.fields, cast(list[Leaf], values))]  # most objects: in half of the time
        else:
            # A whole body does not repeat. Of members, and of what is in a list, JSON would not tell what they are.
            may_repeat = depth < _NEAR and isinstance(tree, dict) and "body" not in tree
            for field, value in zip(level.fields, values, strict=True):
                kind = type(value)
                if kind in NUMBERS:
                    found.append(field[dumps(value)])
                elif kind not in CONTAINERS:
                    found.append(field[cast(Leaf, value)])
                elif value:
                    written = dumps(value) if may_repeat and len(cast(Sized, value)) <= _FEW else _NO_MEMBER
                    if (known := field.get(written)) is None:
                        inside = self.lines(value, min(depth + 1, _DEEPEST), pointer, marks)
                        known = field.kept(written, (b"\n".join([field.heading, *inside]), _ALONE))
                    found.append(known)
                else:
                    found.append(field.made(value))
        return self._in_columns(found) if self._second and depth else [lines for lines, _ in found]

    def _in_columns(self, found: Iterable[Lines]) -> list[bytes]:
        """Return what was *found* with two short fields a line."""
        second, bar = self._second, len(self.draw([REST]).encode())
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

    def _member(
        self, field: _Field, value: Tree, depth: int, pointer: str | None, here: dict[str, list[str]], marks: Marks
    ) -> Lines:
        """Return the lines of a member of what is at *pointer*, None where it does not count."""
        notes: Sequence[Piece] = ()
        value = dumps(value) if type(value) in NUMBERS else value
        if pointer is None or here:
            notes = [_OVERRIDDEN] if pointer is None else [complaint(text) for text in here.get(field.key, ())]
        where = f"{pointer}/{escape(field.key)}" if marks and pointer is not None else pointer
        if type(value) not in CONTAINERS or not (value or where in marks):
            return field.made(value, notes)
        heading = b"\n".join(self.flowed(notes, field.bar, field.column, field.label)) if notes else field.heading
        return b"\n".join([heading, *self.lines(value, min(depth + 1, _DEEPEST), where, marks)]), _ALONE

    def _level(self, keys: tuple[str, ...], depth: int) -> _Level:
        """Return where values begin, and what is known of their lines."""
        indent = min(2 * max(0, depth - 1), self.room // 2)
        field = self._known_field if sum(map(len, keys)) <= _ORDINARY_KEYS else _Field
        widest = max([self.label(key, indent)[1] for key in keys], default=0)
        column = min(indent + widest + GAP, max(self.room - _VALUE_WIDTH, indent + GAP))
        last = {key: place for place, key in enumerate(keys)}
        return _Level(
            [field(self, key, indent, column, is_inside=depth > 0) for key in keys],
            frozenset(place for place, key in enumerate(keys) if last[key] != place),
        )

    def label(self, key: str, indent: int) -> tuple[str, int]:
        """Return *key* as it stands after *indent*, and how many cells it takes."""
        text = shorten(visible(key), self.room - indent)
        return text, cells(text)

    def flowed(
        self, pieces: Sequence[Piece], bar: Piece = REST, column: int = 0, label: Sequence[Piece] = ()
    ) -> Iterator[bytes]:
        """Yield lines of *pieces* from *column* on; what is complained of has a red label."""
        if any(style == "red" for _, style in pieces):
            label = [(text, "bold red" if style else "") for text, style in label]
        return self.drawn(flow(pieces, self.room, column, label), bar)

    def drawn(self, lines: Iterable[list[Piece]], bar: Piece) -> Iterator[bytes]:
        """Yield *lines*, *bar* before the first and the bar that goes down the block before the others."""
        for *line, (last, style) in lines:
            yield self.draw([bar, *line, (last.rstrip(), style)]).encode()
            bar = REST


def _parts(tree: Tree) -> tuple[tuple[str, ...], Sequence[Tree]]:
    """Return the keys and the values in *tree*, of a list the numbers of its elements for keys."""
    if isinstance(tree, dict):
        return (*tree,), [*tree.values()]
    if isinstance(tree, list):
        return (*map(str, range(len(tree))),), tree
    members = cast(Members, tree)
    return tuple([key for key, _ in members]), [value for _, value in members]


def complaint(message: str) -> Piece:
    """Return what is wrong with a field, safe to print."""
    return f"{BAD[0]}{visible(message)}", "red"
