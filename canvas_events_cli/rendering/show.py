"""One event as a block for a person: a title, the body's fields, the envelope's, with what is wrong beside them.

Every line begins with a mark of ours, so that no text of an event begins one. What lines owe to keys alone is made once
for all objects that have the same ones, and a value that comes again is looked at once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from typing import NamedTuple, cast

from canvas_events_cli.exact_json import NumberText
from canvas_events_cli.json_text import compact
from canvas_events_cli.model import Malformed, Record
from canvas_events_cli.pointers import escape, join
from canvas_events_cli.rendering.event_tree import Marks, Tree, is_id, marks_of, read, value_piece
from canvas_events_cli.rendering.moments import converted
from canvas_events_cli.rendering.overview import Overview, overview
from canvas_events_cli.rendering.safe_text import location, shorten, visible
from canvas_events_cli.rendering.styled import GAP, Piece, cells, flow, folded, paint, painted, plain
from canvas_events_cli.same_event import ENVELOPES
from canvas_events_cli.validation import ValidationSpec, Verdict, compile_checker
from canvas_events_cli.validation.misspelt import misspelt

_FIRST, _BAD, _SECTION, _REST = "● ", "✗ ", "├ ", "│ "
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
_RAW_SHOWN = 2000
"""Characters shown of a record that cannot be shown by its fields."""
_MOST_TEXTS, _ORDINARY_BYTES, _ORDINARY_TEXT = 4096, 16 * 1024, 200
"""How many texts are remembered, how long a record is whose keys are, and a text: of hostile ones it stays little."""
_ORDINARY_LINE = 500
"""The same with its key and its colours."""
_ORDER = {"body": -1} | dict.fromkeys(ENVELOPES, 1)
_TIME = "magenta"
"""The style of times."""
_OVERRIDDEN: Piece = ("(a later member of this name counts)", "dim")
_NO_MEMBER = NumberText()
"""In the place of a value that should be there."""

_Members = Sequence[tuple[str, Tree]]
_TEXTS = frozenset((str, type(None)))
"""The types of what most fields hold."""


class Block(NamedTuple):
    """An event as it looks but for its place, which only the reader of the whole source knows.

    In UTF-8: other processes make many, which are held until it is their turn, and text takes up to twice as much.
    """

    title: bytes
    end: int
    """Cells that the last line of the title takes."""
    rest: bytes


class _Field(NamedTuple):
    """What the lines of a member have in common with those of all members of that key, in objects of the same keys."""

    label: tuple[Piece, Piece]
    """Indent and key."""
    start: str
    """The same as text that reaches the column where values begin."""
    heading: str
    """The same where what it holds stands below."""
    limit: int
    """Cells to which a value may reach; none where the key is too long to stand before its value."""
    kind: str
    """Whether the key names an id, or the time that the title tells."""
    known: dict[str | None, tuple[str, int]]
    """Texts of values that keys of this kind had, with their cells."""
    counts: bool
    """Whether no later member has the same key."""


class _Level(NamedTuple):
    """What the lines of an object's members have in common with those of all objects that have the same keys."""

    column: int
    """Where values begin."""
    fields: list[_Field]
    are_plain: bool
    """Whether each key stands before its value, and counts."""
    starts: list[str]
    kinds: list[str]


@dataclass(frozen=True, slots=True)
class BlockForm:
    """What makes blocks of events; picklable."""

    spec: ValidationSpec
    tz: tzinfo | None
    """None for local time."""
    width: int
    color: bool = False
    brief: bool = False

    def compile(self) -> Callable[[Record], Block]:
        """Return what makes the block of an event. Raises CeventsError for a schema that cannot be used."""
        checker, blocks = compile_checker(self.spec), self.blocks()

        def block(record: Record) -> Block:
            verdict = checker.check("", record)
            meant = misspelt(record, verdict, checker) if verdict.undocumented_fields else None
            return blocks.event(record, verdict, meant)

        return block

    def blocks(self) -> "Blocks":
        """Return what lays them out."""
        return Blocks(self.tz, self.width, color=self.color, brief=self.brief)


class Blocks:
    """Lays events out in lines of *width* cells; *brief* leaves out nulls, and what the title tells of the envelope."""

    def __init__(self, tz: tzinfo | None, width: int, *, color: bool = False, brief: bool = False) -> None:
        self._tz = tz
        self._room = room = max(width - _GUTTER, _NARROWEST)
        self._second = min((room + GAP) // 2, _FARTHEST) if room >= _TWO_COLUMNS else 0
        """Where another field begins in a line, if both are short enough; 0 where there is no room."""
        self._brief = brief
        self._color = color
        self._draw = painted if color else plain
        self._bars = {bar: self._draw([(bar, "dim")]) for bar in (_FIRST, _SECTION, _REST)}
        self._bars[_BAD] = self._draw([(_BAD, "bold red")])
        self._known_level = lru_cache(512)(self._new_level)
        self._known_parts = lru_cache(512)(self._parts)
        self._is_ordinary = True
        self._known: dict[str, dict[str | None, tuple[str, int]]] = {kind: {} for kind in ("", "id", "time")}
        self._known_lines: dict[tuple[str, str, str | None], str] = {}
        """Lines of members, by what comes before the value, the kind of the key, and the value."""

    def event(self, record: Record, verdict: Verdict, meant: Mapping[str, str] | None = None) -> Block:
        """Return an event, of which *verdict* says what is wrong, and *meant* which fields may be misspelt."""
        marks = marks_of(verdict, meant) if verdict.findings or meant else {}
        about = overview(record)
        title = [*flow(self._title(record, about), self._room)]
        lines = [line for text in marks.pop(None, {}).get("", ()) for line in self._flowed([_complaint(text)])]
        self._is_ordinary = len(record.raw) <= _ORDINARY_BYTES
        try:
            lines += self._content(read(record.json), about, marks)
        except RecursionError:
            marks = marks_of(verdict, meant)
            marks.pop(None, None)
            lines += self._raw(compact(record.raw))
        for parent, inside in marks.items():
            for key, messages in inside.items():
                lines += self._flowed([(visible(join(parent or "", key)), ""), *map(_complaint, messages)])
        return self._block(_BAD if verdict.findings else _FIRST, title, lines)

    def malformed(self, item: Malformed) -> Block:
        """Return a record that is no JSON."""
        lines = [*self._flowed([_complaint(item.message)]), *self._raw(item.raw)]
        return self._block(_BAD, [[("malformed", "bold")]], lines)

    def placed(self, block: Block, source: str, line: int) -> bytes:
        """Return the lines of *block* with its place in the title, an empty one after them."""
        place = location(source, line)
        if block.end + GAP + cells(place) <= self._room:
            text = "  " + self._draw([(place, "dim")])
        else:
            text = "\n".join(["", *self._flowed([(place, "dim")])])
        return block.title + text.encode() + block.rest

    def _block(self, bar: str, title: list[list[Piece]], lines: list[str]) -> Block:
        end = sum(cells(text) for text, _ in title[-1])
        text = "\n".join(self._drawn(title, bar))
        return Block(text.encode(), end, "\n".join(["", *lines, "", ""]).encode())

    def _title(self, record: Record, about: Overview) -> Iterator[Piece]:
        local = converted(about.time, self._tz)
        wrapping = record.wrapping
        details = [f"{name} {value}" for name, value in wrapping.details] if wrapping else []
        pieces = [
            (local, "bold magenta"),
            (f"({about.time})" if local else about.time or "no event_time", "magenta" if about.time else "dim"),
            (about.event, "bold"),
            (about.who, ""),
            (about.subject, "bold"),
            (about.where, ""),
            (about.retried, "bold"),
            (f"in {', '.join([wrapping.kind, *details])}" if wrapping else "", "dim"),
        ]
        return ((visible(text), style) for text, style in pieces if text)

    def _content(self, tree: Tree, about: Overview, marks: Marks) -> Iterable[str]:
        members = _members(tree)
        if not members:
            return self._flowed([value_piece(tree)])
        if isinstance(tree, tuple):
            members = sorted(members, key=lambda member: _ORDER.get(member[0], 0))
        if self._brief and members and members[-1][0] in ENVELOPES:
            key, fields = members[-1]
            told = about.told.difference(marks.get(join("", key), ()))
            untold = tuple([field for field in _members(fields) if not (field[0] in told and _is_told(field[1]))])
            members = [*members[:-1], (key, untold if isinstance(fields, tuple) else fields)]
        return self._lines(members, 0, "", marks)

    def _lines(self, members: _Members, depth: int, pointer: str | None, marks: Marks) -> list[str]:
        """Return the lines of *members*, and of what *marks* say is missing among them.

        *pointer* is None where a later member of the same name, or of the same name above, counts instead.
        """
        here = marks.pop(pointer, {}) if marks and pointer is not None else {}
        if self._brief:
            members = [member for member in members if member[1] is not None or member[0] in here]
        if here:
            present = {key for key, _ in members}
            members = [*members, *((key, _NO_MEMBER) for key in here if key not in present)]
        column, fields, are_plain, starts, kinds = self._level(tuple([key for key, _ in members]), depth)
        bar = _REST if depth else _SECTION
        are_bare = not here and pointer is not None
        if are_bare and are_plain and depth and not self._second:
            values = cast(list[str | None], [value for _, value in members])
            if _TEXTS.issuperset(map(type, values)):
                # Nearly all fields of an event look as they did in the one before.
                found = list(map(self._known_lines.get, zip(starts, kinds, values, strict=True)))
                return [
                    line if line is not None else self._new_line(field, value, column)
                    for line, field, value in zip(found, fields, values, strict=True)
                ]
        drawn_bar, room, second = self._bars[bar], self._room, self._second
        left_limit, right_limit = (second - GAP, room - second) if second and depth else (-1, -1)
        lines: list[str] = []
        free = 0
        notes: Sequence[Piece] = ()
        # This runs for every field: one that is short and right costs a look-up, and joins its line or the one before.
        for (key, value), field in zip(members, fields, strict=True):
            label, start, heading, limit, kind, known, counts = field
            if not (are_bare and counts):
                counts = counts and pointer is not None
                notes = [_complaint(text) for text in here.get(key, ())] if counts else (_OVERRIDDEN,)
            elif notes:
                notes = ()
            if type(value) is str or value is None:
                text, size = known.get(value) or self._text(value, kind, known)
            else:
                where = f"{pointer}/{escape(key)}" if counts else None
                if isinstance(value, list | tuple) and (value or where in marks):
                    lines += self._flowed(notes, bar, column, label) if notes else (drawn_bar + heading,)
                    lines += self._lines(_members(value), depth + 1, where, marks)
                    free = 0
                    continue
                text, size = self._text(value, kind)
            end = column + size
            if notes or end > limit:
                lines += self._long_text(value, field, notes, column, bar)
                free = 0
            elif free and end <= right_limit:
                lines[-1] += f"{' ' * free}{start}{text}"
                free = 0
            else:
                lines.append(f"{drawn_bar}{start}{text}")
                free = second - end if end <= left_limit else 0
        return lines

    def _new_line(self, field: _Field, value: str | None, column: int) -> str:
        """Return the line, or lines, of a member that looks like none before."""
        is_long = value is not None and column + len(value) > field.limit and value.isascii()
        text, size = ("", 0) if is_long else self._text(value, field.kind)
        if is_long or column + size > field.limit:
            line = "\n".join(self._long_text(value, field, (), column, _REST))
        else:
            line = f"{self._bars[_REST]}{field.start}{text}"
        if len(line) <= _ORDINARY_LINE and self._is_ordinary:
            if len(self._known_lines) >= _MOST_TEXTS:
                self._known_lines.clear()
            self._known_lines[field.start, field.kind, value] = line
        return line

    def _level(self, keys: tuple[str, ...], depth: int) -> _Level:
        if self._is_ordinary or sum(map(len, keys)) <= _ORDINARY_TEXT:
            return self._known_level(keys, min(depth, _DEEPEST))
        return self._new_level(keys, depth)

    def _new_level(self, keys: tuple[str, ...], depth: int) -> _Level:
        """Return where values begin, and what is known of their lines."""
        indent = min(2 * max(0, min(depth, _DEEPEST) - 1), self._room // 2)
        texts = [shorten(visible(key), self._room - indent) for key in keys]
        column = min(indent + max(map(cells, texts), default=0) + GAP, max(self._room - _VALUE_WIDTH, indent + GAP))
        last = {key: place for place, key in enumerate(keys)}
        fields = []
        for place, (key, text) in enumerate(zip(keys, texts, strict=True)):
            label = ((" " * indent, ""), (text, "dim" if depth else "bold"))
            padding = column - indent - cells(text)
            kind = "time" if key in _TIMES else "id" if is_id(key) else ""
            limit = self._room if padding >= GAP else -1
            start = self._draw(label) + " " * padding
            heading = self._draw((label[0], (text.rstrip(), label[1][1])))
            fields.append(_Field(label, start, heading, limit, kind, self._known[kind], last[key] == place))
        are_plain = all(field.counts and field.limit >= 0 for field in fields)
        return _Level(column, fields, are_plain, [each.start for each in fields], [each.kind for each in fields])

    def _text(self, value: Tree, kind: str, known: dict[str | None, tuple[str, int]] | None = None) -> tuple[str, int]:
        """Return a value that holds no others as one line has it, and how many cells that takes; have it *known*."""
        (text, style), *note = self._pieces(value, kind)
        drawn = paint(text, style) if self._color else text
        size = len(text) if text.isascii() else cells(text)
        if note:
            drawn, size = f"{drawn}  {self._draw(note)}", size + GAP + len(note[0][0])
        if known is not None and size <= _ORDINARY_TEXT and not isinstance(value, list | tuple | bool):
            if len(known) >= _MOST_TEXTS:
                known.clear()
            known[value] = drawn, size
        return drawn, size

    def _long_text(self, value: Tree, field: _Field, notes: Sequence[Piece], column: int, bar: str) -> Iterable[str]:
        """Return a value that one line does not hold, or of which there is more to say, beside its label, as lines."""
        if notes or field.limit < 0:
            pieces = [] if value is _NO_MEMBER else self._pieces(value, field.kind)
            return self._flowed([*pieces, *notes], bar, column, field.label)
        room = self._room - column
        if type(value) is str and len(value) <= _ORDINARY_TEXT:
            first, *others = self._known_parts(value, field.kind, room)
        else:
            first, *others = self._parts(value, field.kind, room)
        margin = self._bars[_REST] + " " * column
        return [self._bars[bar] + field.start + first, *(margin + part for part in others)]

    def _parts(self, value: Tree, kind: str, room: int) -> list[str]:
        """Return a value that holds no others as lines of *room* cells."""
        (text, style), *note = pieces = self._pieces(value, kind)
        if note:
            return [self._draw(line) for line in flow(pieces, room)]
        return [paint(part, style) if self._color else part for part in folded(text, room)]

    def _pieces(self, value: Tree, kind: str) -> list[Piece]:
        piece = value_piece(value, is_id=kind == "id")
        note = converted(value, self._tz) if piece[1] == _TIME and kind != "time" else None
        return [piece, (f"({note})", "dim")] if note else [piece]

    def _raw(self, raw: bytes) -> Iterator[str]:
        text = raw[: 4 * _RAW_SHOWN].decode("utf-8", "backslashreplace")[:_RAW_SHOWN]
        more = [(f"… {len(raw):,} bytes in all", "")] if len(raw) > len(text.encode()) else []
        return self._flowed([(visible(text), "dim"), *more])

    def _flowed(
        self, pieces: Sequence[Piece], bar: str = _REST, column: int = 0, label: Sequence[Piece] = ()
    ) -> Iterator[str]:
        """Return lines of *pieces* from *column* on; what is complained of has a red label."""
        if any(style == "red" for _, style in pieces):
            label = [(text, "bold red" if style else "") for text, style in label]
        return self._drawn(flow(pieces, self._room, column, label), bar)

    def _drawn(self, lines: Iterable[list[Piece]], bar: str) -> Iterator[str]:
        """Yield *lines*, *bar* before the first and the bar that goes down the block before the others."""
        for *line, (last, style) in lines:
            yield self._bars[bar] + self._draw([*line, (last.rstrip(), style)])
            bar = _REST


def _members(tree: Tree) -> _Members:
    if isinstance(tree, list):
        return [(str(index), item) for index, item in enumerate(tree)]
    return tree if isinstance(tree, tuple) else ()


def _is_told(value: Tree) -> bool:
    """Tell whether the title shows *value*: a text that is not empty, or a number."""
    return isinstance(value, str) and value != ""


def _complaint(message: str) -> Piece:
    return f"{_BAD}{visible(message)}", "red"
