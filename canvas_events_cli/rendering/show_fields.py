"""The fields of an event as lines for a person: keys, values beside them, and what is wrong with these.

What lines owe to keys alone is made once for all objects that have the same ones, and a line that comes again is a
look-up: nearly all fields of an event look as they did in the one before.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
_ORDINARY_KEYS, ORDINARY_LINE = 4096, 300
"""How many characters keys have that are remembered, and how many bytes a line: of hostile ones it stays little."""
_LINES_OF_FIELD = 16
"""How many lines are remembered of a field: what an id or a time looks like, no other event asks."""
ALONE = 1 << 30
"""The end of what no other field can stand beside."""
_OVERRIDDEN: Piece = ("(a later member of this name counts)", "dim")
_NO_MEMBER = NumberText()
"""In the place of a value that should be there."""
_CONTAINERS = frozenset((list, tuple))
_LEAVES = frozenset((str, NumberText))
_TEXTS = frozenset((str, bool, type(None)))
"""The types of what most fields hold: of these, equal ones look alike."""

Lines = tuple[bytes, int]
"""The lines of a field, in UTF-8, and the cell where the one that they are ends, if others can stand beside it."""


class Field(NamedTuple):
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
    painted: Mapping[str, tuple[str, str]]
    """What stands before and after a value of a kind, so that it has its colour."""
    longest: int
    """Characters that a value can have in one line: none where no value stands beside the key."""
    margin: str
    """What further lines of a value begin with; empty where it gets but one."""
    fits: bool
    """Whether the key is short enough to stand before its value."""
    known: dict[str | None, Lines]
    """The lines of values that it had."""


class _Level(NamedTuple):
    """What the lines of an object's members have in common with those of all objects that have the same keys."""

    fields: list[Field]
    known: list[dict[str | None, Lines]]
    """What they know of lines."""
    counts: list[bool]
    """Of each field whether no later member has the same key."""
    all_count: bool


class FieldLines:
    """Lays out the members of objects in lines of *width* cells; *brief* gives each value one line."""

    def __init__(
        self,
        tz: tzinfo | None,
        width: int,
        *,
        color: bool,
        brief: bool,
        line_of: Callable[[str, Field], Lines | None] | None = None,
    ) -> None:
        """*line_of* may lay out texts that are harmless sooner, where nothing is to be said of them."""
        self.room = room = max(width - GUTTER, _NARROWEST)
        """Cells right of the bars."""
        self.draw = painted if color else plain
        self.bars = {
            bar: self.draw([(bar, "bold red" if bar == BAD else "dim")]) for bar in (FIRST, SECTION, REST, BAD)
        }
        self._tz = tz
        self._line_of = line_of
        kinds = {"": "", **{kind: STYLES[kind] for kind in ("id", "time", "count")}}
        self._painted = {kind: self._around(style) for kind, style in kinds.items()}
        self.color = color
        self._brief = brief
        self._second = min((room + GAP) // 2, _FARTHEST) if room >= _TWO_COLUMNS else 0
        """Where another field begins in a line, if both are short enough; 0 where there is no room."""
        self._known_level = lru_cache(512)(self._new_level)
        self._known_label = lru_cache(4096)(self._label)
        self._known_field = lru_cache(4096)(self._field)

    def lines(self, members: Members, depth: int, pointer: str | None, marks: Marks) -> list[bytes]:
        """Return the lines of *members*, and of what *marks* say is missing among them, which loses it.

        *pointer* is None where a later member of the same name, or of the same name above, counts instead.
        """
        here = marks.pop(pointer, {}) if marks and pointer is not None else {}
        if here:
            present = {key for key, _ in members}
            members = (*members, *((key, _NO_MEMBER) for key in here if key not in present))
        keys, values = zip(*members, strict=True) if members else ((), ())
        level = self._level(keys, depth)
        found: list[Lines | None]
        if here or pointer is None or not level.all_count:
            found = [None] * len(values)
        elif _TEXTS.issuperset(map(type, values)):
            found = list(map(dict.get, level.known, values))
        else:
            found = [
                known.get(value) if type(value) in _TEXTS else None
                for known, value in zip(level.known, values, strict=True)
            ]
        if None in found:
            line_of = None if here or pointer is None or not level.all_count else self._line_of
            for place, lines in enumerate(found):
                if lines is None:
                    value = values[place]
                    if line_of and type(value) in _LEAVES and (lines := line_of(value, level.fields[place])):
                        if type(value) is str and len(level.known[place]) < _LINES_OF_FIELD:
                            level.known[place][value] = lines
                    else:
                        lines = self._new(level, place, value, depth, pointer, here, marks)
                    found[place] = lines
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
        field = level.fields[place]
        counts = level.counts[place] and pointer is not None
        notes: Sequence[Piece] = () if counts else (_OVERRIDDEN,)
        if counts and here:
            notes = [complaint(text) for text in here.get(field.key, ())]
        if type(value) in _CONTAINERS:
            where = f"{pointer}/{escape(field.key)}" if counts else None
            if value or where in marks:
                heading = [*self.flowed(notes, self._bar(depth), field.column, field.label)] if notes else []
                below = self.lines(members_of(value), depth + 1, where, marks)
                return b"\n".join([*(heading or [field.heading.encode()]), *below]), ALONE
        if notes or not field.fits:
            pieces = [] if value is _NO_MEMBER else self._pieces(value, field.kind)
            if self._brief:
                pieces = [(shorten(text, self.room - field.column), style) for text, style in pieces]
            return b"\n".join(self.flowed([*pieces, *notes], self._bar(depth), field.column, field.label)), ALONE
        lines = self._beside(value, field)
        if type(value) in _TEXTS and len(lines[0]) <= ORDINARY_LINE:
            if len(field.known) >= _LINES_OF_FIELD:
                field.known.clear()
            field.known[value] = lines  # type: ignore[index]
        return lines

    def _beside(self, value: Tree, field: Field) -> Lines:
        """Return a value that holds no others beside its key: in a line, or in as many as it takes."""
        room = self.room - field.column
        pieces = self._pieces(value, field.kind)
        (text, style), *note = pieces
        size = cells(text)
        if self._brief and size + sum([GAP + cells(text) for text, _ in note]) > room:
            text, note = shorten(text, room) if " " in text else fit(text, room), []
            size = cells(text)
        if size <= room and not note:
            return f"{field.start}{paint(text, style) if self.color else text}".encode(), field.column + size
        parts = [*map(self.draw, flow(pieces, room))] if note else self._folded(text, style, room)
        margin = self.bars[REST] + " " * field.column
        end = ALONE if len(parts) > 1 else field.column + size + GAP + cells(note[0][0])
        return f"\n{margin}".join([field.start + parts[0], *parts[1:]]).encode(), end

    def _folded(self, text: str, style: str, room: int) -> list[str]:
        return [paint(part, style) if self.color else part for part in folded(text, room)]

    def _bar(self, depth: int) -> str:
        return REST if depth else SECTION

    def _around(self, style: str) -> tuple[str, str]:
        before, _, after = self.draw([("\0", style)]).partition("\0")
        return before, after

    def _level(self, keys: tuple[str, ...], depth: int) -> _Level:
        if len(keys) < 64 or sum(map(len, keys)) <= _ORDINARY_KEYS:
            return self._known_level(keys, min(depth, _DEEPEST))
        return self._new_level(keys, depth)

    def _new_level(self, keys: tuple[str, ...], depth: int) -> _Level:
        """Return where values begin, and what is known of their lines."""
        indent = min(2 * max(0, min(depth, _DEEPEST) - 1), self.room // 2)
        is_ordinary = sum(map(len, keys)) <= _ORDINARY_KEYS
        label, field = (self._known_label, self._known_field) if is_ordinary else (self._label, self._field)
        labels = [label(key, indent) for key in keys]
        widest = max([size for _, size in labels], default=0)
        column = min(indent + widest + GAP, max(self.room - _VALUE_WIDTH, indent + GAP))
        fields = [field(key, depth > 0, indent, column) for key in keys]
        last = {key: place for place, key in enumerate(keys)}
        counts = [last[key] == place for place, key in enumerate(keys)]
        return _Level(fields, [each.known for each in fields], counts, all(counts))

    def _label(self, key: str, indent: int) -> tuple[str, int]:
        text = shorten(visible(key), self.room - indent)
        return text, cells(text)

    def _field(self, key: str, is_inside: bool, indent: int, column: int) -> Field:
        text, size = self._label(key, indent)
        bar = self.bars[REST if is_inside else SECTION]
        label = ((" " * indent, ""), (text, "dim" if is_inside else "bold"))
        padding = column - indent - size
        kind = "time" if key in _TIMES else "id" if is_id(key) else ""
        start = bar + self.draw(label) + " " * padding
        heading = bar + self.draw((label[0], (text.rstrip(), label[1][1])))
        fits = padding >= GAP
        longest = self.room - column if fits else 0
        margin = "" if self._brief else f"\n{self.bars[REST]}{' ' * column}"
        return Field(key, label, start, heading, column, kind, self._painted, longest, margin, fits, {})

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
