"""Lines that are no record by themselves, joined until they make one or are given up."""

import re
from collections.abc import Iterator

from canvas_events_cli.framing.arrays import too_long
from canvas_events_cli.framing.structure import Structure
from canvas_events_cli.model import Json, Malformed, Record
from canvas_events_cli.parse import ParseError, explain, loads, parse

_BLANK = b" \t\r"
_MAY_BEGIN_OBJECT = re.compile(rb"^[ \t\r]*\{", re.MULTILINE)


class JoinedLines:
    """What has been read since the last record, and whether a value that began in it may still complete."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._line = 0
        self._last_line = 0
        self._value_at = 0
        self._value_line = 0
        self._structure = Structure()
        self._alive = True

    def __bool__(self) -> bool:
        return bool(self._text)

    def __len__(self) -> int:
        return len(self._text)

    @property
    def is_dead(self) -> bool:
        """Whether something was read of which no value can come any more."""
        return bool(self._text) and not self._alive

    def holds_nested(self, line: bytes) -> bool:
        """Tell whether *line*, a complete object, is rather a part of the value that has begun.

        Some printers set short objects on a line of their own: these are indented deeper than the value, or empty.
        Where the value then never completes, :meth:`give_up` finds them again.
        """
        if not self._text or not self._alive:
            return False
        return _indent(line) > _indent(self._text[self._value_at : self._value_at + 256]) or line.strip() == b"{}"

    def value_end(self, line: int, piece: bytes) -> int:
        """Return where in *piece*, about to be added, the value that has begun ends; -1 where it does not.

        Where no value can complete any more, one may begin with *piece*.
        """
        if not self._text or (not self._alive and piece[:1] == b"{"):
            self._begin(line, alive=piece.lstrip(_BLANK)[:1] in (b"{", b"["))
        if not self._alive:
            return -1
        end = self._structure.value_end(piece)
        if end < 0 and not self._structure.leave_line():
            self._alive = False
        return end

    def add(self, line: int, piece: bytes, *, dead: bool = False) -> None:
        """Add *piece* of *line*; *dead* says that the value it ends cannot be one."""
        if self._text and line != self._last_line:
            self._text += b"\n"
        self._last_line = line
        self._text += piece
        if dead:
            self._alive = False

    def take(self) -> tuple[Malformed | None, Record] | None:
        """Return the value that has just completed, after what was malformed before it; None where it is no JSON."""
        raw = bytes(self._text[self._value_at :])
        try:
            record = Record(self._value_line, raw, parse(raw), False)
        except ParseError:
            self._alive = False
            return None
        before = bytes(self._text[: self._value_at]).removesuffix(b"\n")
        malformed = Malformed(self._line, before, explain(before, self._line)) if before else None
        self._text.clear()
        return malformed, record

    def give_up(self, limit: int | None = None) -> Iterator[Record | Malformed]:
        """Clear, and yield what was joined: one malformed record, but for whole objects that stand in it.

        *limit* is given where what was joined exceeds it.
        """
        text = bytes(self._text)
        self._text.clear()
        line = self._line
        done = counted = 0
        for match in _MAY_BEGIN_OBJECT.finditer(text):
            start = match.start()
            if start < done or (found := _object_at(text, start)) is None:
                continue
            end, value = found
            yield from _malformed(text[done:start].removesuffix(b"\n"), line, None)
            line += text.count(b"\n", counted, start)
            yield Record(line, text[start:end], value, b"\n" not in text[start:end])
            line += text.count(b"\n", start, end + 1)
            done = counted = end + 1
        yield from _malformed(text[done:], line, limit)

    def _begin(self, line: int, *, alive: bool) -> None:
        if not self._text:
            self._line = line
        self._value_at = len(self._text) + (1 if self._text and line != self._last_line else 0)
        self._value_line = line
        self._structure = Structure()
        self._alive = alive


def _malformed(raw: bytes, line: int, limit: int | None) -> Iterator[Malformed]:
    if raw.strip():
        if limit is not None and len(raw) > limit:
            yield too_long(line, raw, limit)
        else:
            yield Malformed(line, raw, explain(raw, line))


def _object_at(text: bytes, start: int) -> tuple[int, Json] | None:
    """Return the end and the value of the object that is the line at *start*, or runs to the next line with ``{``."""
    line_end = text.find(b"\n", start)
    ends = [line_end] if line_end >= 0 else []
    if text[start : start + 1] == b"{":
        ends.append(text.find(b"\n{", start))
    for end in ends:
        end = end if end >= 0 else len(text)
        try:
            value = loads(text[start:end])
        except ParseError:
            continue
        if isinstance(value, dict):
            return end, value
    return None


def _indent(line: bytes | bytearray) -> int:
    return len(line) - len(line.lstrip(_BLANK))
