"""The odd lines that streams are full of, told at once: the reader would read the same of them, but slowly."""

from collections.abc import Generator

from canvas_events_cli.framing.fast import fast_paths_are_on
from canvas_events_cli.framing.fast.elements import numbers, objects
from canvas_events_cli.framing.framer import Framer, Shortcut
from canvas_events_cli.framing.line_reader import LineReader
from canvas_events_cli.framing.text import BLANK, RECORD_SEPARATOR, Text
from canvas_events_cli.model import Framed, Malformed, Record
from canvas_events_cli.parse import ParseError, is_dead, read_object

_LEAST_REACH, _MOST_REACH = 64, 1 << 16
"""How many lines further the end of an object is looked for."""
_MAY_GO_ON = b"{[e\xef"
"""What begins with none of these is a scalar, or malformed: no value over lines, token, or byte order mark."""


class CommonLines:
    """Reads them in place of a reader."""

    def __init__(self, reader: LineReader, max_record_bytes: int) -> None:
        self._reader = reader
        self._limit = max_record_bytes
        self._reach = _LEAST_REACH
        self._after = b""
        """What came after the last closing bracket on its line: a whole line is found ten times as fast."""

    def read(
        self, lines: list[bytes], index: int, number: int, error: ParseError | None
    ) -> Generator[Framed, None, int]:
        """Read the line at *index*, which has this *number*, or as many as make up what begins with it.

        Return how many: 0 where they are for the reader. *error* is what the parser has said of the line, if it was
        asked: it is while nothing is open. The last of *lines* is not over.
        """
        reader = self._reader
        array = reader.array
        line = lines[index]
        bare = line.strip(BLANK)
        if not reader.is_idle or len(line) > self._limit:
            pass
        elif not bare:
            end = index + 1
            while end < len(lines) - 1 and not lines[end].strip(BLANK):
                end += 1
            return end - index
        elif array is not None:
            if array.wants_value and (elements := objects(number, bare)):
                array.pass_over(number)
                yield from elements
                return 1
        elif line.startswith(RECORD_SEPARATOR) and (value := read_object(line[1:])) is not None:
            yield Record(number, line[1:].lstrip(BLANK), value, False)
            return 1
        elif error is not None and RECORD_SEPARATOR not in line:
            if bare[0] not in _MAY_GO_ON:
                yield Malformed(number, line)
                return 1
            if bare.startswith(b"{") and is_dead(error):
                yield from reader.give_up(Text(number, line))
                return 1
        return (yield from self._object_over_lines(lines, index, number))

    def _object_over_lines(self, lines: list[bytes], index: int, number: int) -> Generator[Framed, None, int]:
        """Read an object that begins with a bracket alone and ends with one as far to the left, as pretty-printed.

        It begins with the line, or, in an array, has begun with the end of the one before, as in ``}, {``.
        """
        held, array = self._reader.held, self._reader.array
        begun = held.lines[0] if held else Text(number, lines[index])
        if begun.raw.strip(BLANK) != b"{":
            return 0
        if held is not None:
            may_be = array is not None and len(held.lines) == 1
        else:
            may_be = self._reader.is_idle and (array is None or array.wants_value is not False)
        start = index if held else index + 1
        margin = lines[start - 1][: begun.indent]
        end = self._closing_line(margin + b"}", lines, start) if may_be else 0
        if not end:
            return 0
        raw = b"\n".join([begun.raw if array is None else begun.raw.lstrip(BLANK), *lines[start:end], margin + b"}"])
        rest = Text(number + end - index, lines[end]).rest(len(margin) + 1)
        value = read_object(raw) if len(raw) <= self._limit else None
        # How far the end is looked for depends on how long values were: else lines of brackets would cost their square.
        if value is None or (array is None and rest.raw.strip(BLANK)):
            self._reach = max(self._reach // 2, _LEAST_REACH)
            return 0
        self._reach = min(2 * self._reach, _MOST_REACH)
        self._after = rest.raw
        self._reader.held = None
        yield Record(begun.line, raw, value, False)
        if array is not None and rest.raw.strip(BLANK) == b",":
            array.pass_over(rest.line)
        elif array is not None:
            array.wants_value = array.is_empty = False
            yield from self._reader.read(rest)
        return end + 1 - index

    def _closing_line(self, closing: bytes, lines: list[bytes], start: int) -> int:
        """Return the index of the next of *lines* that begins with *closing*; 0 where there is none within reach."""
        stop = min(len(lines) - 1, start + self._reach)
        try:
            return lines.index(closing + self._after, start, stop)
        except ValueError:
            end = next((at for at in range(start, stop) if lines[at].startswith(closing)), 0)
            self._reach = self._reach if end else max(self._reach // 2, _LEAST_REACH)
            return end


def _shortcut_for(reader: LineReader, limit: int) -> Shortcut | None:
    if not fast_paths_are_on():
        return None
    reader.numbers = numbers
    return CommonLines(reader, limit).read


def speed_up_framing() -> None:
    """Have framers read common lines by what is here."""
    if _shortcut_for not in Framer.shortcuts:
        Framer.shortcuts.append(_shortcut_for)
