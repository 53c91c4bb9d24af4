"""One event as a block for a person: a title, the body's fields, the envelope's, with what is wrong beside them.

Every line begins with a mark of ours, so that no text of an event begins one. What lines owe to keys alone is made once
for all objects that have the same ones, and a value that comes again is looked at once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from typing import NamedTuple

from canvas_events_cli.exact_json import NumberText
from canvas_events_cli.json_text import compact
from canvas_events_cli.model import Malformed, Record
from canvas_events_cli.pointers import join
from canvas_events_cli.rendering.event_tree import Marks, Tree, is_id, marks_of, read, value_piece
from canvas_events_cli.rendering.moments import converted
from canvas_events_cli.rendering.overview import Overview, overview
from canvas_events_cli.rendering.safe_text import location, shorten, visible
from canvas_events_cli.rendering.styled import GAP, Piece, cells, flow, painted, plain
from canvas_events_cli.same_event import ENVELOPES
from canvas_events_cli.validation import ValidationSpec, Verdict, compile_checker

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
_ORDINARY_BYTES, _ORDINARY_TEXT = 16 * 1024, 200
"""How long a record is whose keys are remembered, and a text in it: what is remembered of hostile ones stays small."""
_ORDER = {"body": -1} | dict.fromkeys(ENVELOPES, 1)
_OVERRIDDEN: Piece = ("(a later member of this name counts)", "dim")
_NO_MEMBER = NumberText()
"""In the place of a value that should be there."""

_Members = Sequence[tuple[str, Tree]]


class Block(NamedTuple):
    """An event as it looks but for its place, which only the reader of the whole source knows."""

    title: str
    end: int
    """Cells that the last line of the title takes."""
    rest: str


class _Level(NamedTuple):
    """What the lines of an object's members have in common with those of all objects that have these keys."""

    column: int
    """Where values begin."""
    labels: Sequence[tuple[Piece, Piece]]
    """Indent and key."""
    starts: Sequence[str | None]
    """The same as text that reaches the column; None where the key is too long for that."""
    kinds: Sequence[str]
    """Which of the keys name an id, and which the time that the title tells."""
    overridden: frozenset[int]
    """Members after which another one has the same key, and counts."""


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
        check, blocks = compile_checker(self.spec).check, self.blocks()
        return lambda record: blocks.event(record, check("", record))

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
        self._draw = painted if color else plain
        self._bars = {bar: self._draw([(bar, "dim")]) for bar in (_FIRST, _SECTION, _REST)}
        self._bars[_BAD] = self._draw([(_BAD, "bold red")])
        self._known_level = lru_cache(512)(self._new_level)
        self._level: Callable[[tuple[str, ...], int], _Level] = self._known_level
        self._known_text = lru_cache(4096)(self._text)

    def event(self, record: Record, verdict: Verdict) -> Block:
        """Return an event, of which *verdict* says what is wrong."""
        marks = marks_of(verdict) if verdict.findings else {}
        about = overview(record)
        title = [*flow(self._title(record, about), self._room)]
        lines = [line for text in marks.pop(None, {}).get("", ()) for line in self._flowed([_complaint(text)])]
        self._level = self._known_level if len(record.raw) <= _ORDINARY_BYTES else self._new_level
        try:
            lines += self._content(read(record.json), about, marks)
        except RecursionError:
            lines += self._raw(compact(record.raw))
        for parent, inside in marks.items():
            for key, messages in inside.items():
                lines += self._flowed([(visible(join(parent or "", key)), ""), *map(_complaint, messages)])
        return self._block(_BAD if verdict.findings else _FIRST, title, lines)

    def malformed(self, item: Malformed) -> Block:
        """Return a record that is no JSON."""
        lines = [*self._flowed([_complaint(item.message)]), *self._raw(item.raw)]
        return self._block(_BAD, [[("malformed", "bold")]], lines)

    def text(self, block: Block, source: str, line: int) -> str:
        """Return the lines of *block* with its place in the title, an empty one after them."""
        place = location(source, line)
        if block.end + GAP + cells(place) <= self._room:
            return f"{block.title}  {self._draw([(place, 'dim')])}{block.rest}"
        return "\n".join([block.title, *self._flowed([(place, "dim")])]) + block.rest

    def _block(self, bar: str, title: list[list[Piece]], lines: list[str]) -> Block:
        end = sum(cells(text) for text, _ in title[-1])
        return Block("\n".join(self._drawn(title, bar)), end, "\n".join(["", *lines, "", ""]))

    def _title(self, record: Record, about: Overview) -> Iterator[Piece]:
        local = converted(about.time, self._tz)
        wrapping = record.wrapping
        details = [f"{name} {value}" for name, value in wrapping.details] if wrapping else []
        pieces = [
            (local, "bold magenta"),
            (f"({about.time})" if local else about.time or "no event_time", "magenta" if about.time else "dim"),
            (about.event, "bold"),
            (about.who, ""),
            (about.where, ""),
            (about.retried, "bold"),
            (f"in {', '.join([wrapping.kind, *details])}" if wrapping else "", "dim"),
        ]
        return ((visible(text), style) for text, style in pieces if text)

    def _content(self, tree: Tree, about: Overview, marks: Marks) -> Iterator[str]:
        members = _members(tree)
        if not members:
            yield from self._flowed([value_piece(tree)])
        if isinstance(tree, tuple):
            members = sorted(members, key=lambda member: _ORDER.get(member[0], 0))
        if self._brief and members and members[-1][0] in ENVELOPES:
            key, fields = members[-1]
            told = about.told.difference(marks.get(join("", key), ()))
            untold = tuple([field for field in _members(fields) if not (field[0] in told and _is_told(field[1]))])
            members = [*members[:-1], (key, untold if isinstance(fields, tuple) else fields)]
        yield from self._lines(members, 0, "", marks)

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
        level = self._level(tuple([key for key, _ in members]), depth)
        column, _, starts, kinds, overridden = level
        bar = _REST if depth else _SECTION
        drawn_bar, room, second = self._bars[bar], self._room, self._second
        known_text, are_plain = self._known_text, not (here or overridden or pointer is None)
        lines: list[str] = []
        free = 0
        # This runs for every field: one that is short and right costs a look-up, and joins its line or the one before.
        for place, ((key, value), start, kind) in enumerate(zip(members, starts, kinds, strict=True)):
            counts = are_plain or (pointer is not None and place not in overridden)
            notes: list[Piece] = [] if counts else [_OVERRIDDEN]
            if here and counts:
                notes = [_complaint(text) for text in here.get(key, ())]
            if type(value) is str and len(value) <= _ORDINARY_TEXT:
                text, size = known_text(value, kind)
            else:
                where = join(pointer, key) if counts and pointer is not None else None
                if isinstance(value, list | tuple) and (value or where in marks):
                    lines += self._flowed(notes, bar, column, level.labels[place])
                    lines += self._lines(_members(value), depth + 1, where, marks)
                    free = 0
                    continue
                text, size = self._text(value, kind)
            end = column + size
            if notes or start is None or end > room:
                pieces = [] if value is _NO_MEMBER else self._pieces(value, kind)
                lines += self._flowed(pieces + notes, bar, column, level.labels[place])
                free = 0
            elif free and second + end <= room:
                lines[-1] += " " * free + start + text
                free = 0
            else:
                lines.append(drawn_bar + start + text)
                free = second - end if depth and end + GAP <= second else 0
        return lines

    def _new_level(self, keys: tuple[str, ...], depth: int) -> _Level:
        indent = min(2 * max(0, min(depth, _DEEPEST) - 1), self._room // 2)
        texts = [shorten(visible(key), self._room - indent) for key in keys]
        sizes = [*map(cells, texts)]
        column = min(indent + max(sizes, default=0) + GAP, max(self._room - _VALUE_WIDTH, indent + GAP))
        labels = [((" " * indent, ""), (text, "dim" if depth else "bold")) for text in texts]
        starts = [
            self._draw(label) + " " * (column - indent - size) if indent + size + GAP <= column else None
            for label, size in zip(labels, sizes, strict=True)
        ]
        kinds = ["time" if key in _TIMES else "id" if is_id(key) else "" for key in keys]
        last = {key: place for place, key in enumerate(keys)}
        return _Level(column, labels, starts, kinds, frozenset(range(len(keys))).difference(last.values()))

    def _text(self, value: Tree, kind: str) -> tuple[str, int]:
        """Return a value that holds no others as one line has it, and how many cells that takes."""
        (line,) = flow(self._pieces(value, kind), 10**9)
        return self._draw(line), sum(cells(text) for text, _ in line)

    def _pieces(self, value: Tree, kind: str) -> list[Piece]:
        piece = value_piece(value, is_id=kind == "id")
        note = converted(value, self._tz) if piece[1] == "magenta" and kind != "time" else None
        return [piece, (f"({note})", "dim")] if note else [piece]

    def _raw(self, raw: bytes) -> Iterator[str]:
        text = raw[: 4 * _RAW_SHOWN].decode("utf-8", "backslashreplace")[:_RAW_SHOWN]
        more = [(f"… {len(raw):,} bytes in all", "")] if len(raw) > len(text.encode()) else []
        return self._flowed([(visible(text), "dim"), *more])

    def _flowed(
        self, pieces: list[Piece], bar: str = _REST, column: int = 0, label: Sequence[Piece] = ()
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
