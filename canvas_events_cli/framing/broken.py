"""A value that never becomes complete, with the lines that are indented under its opening bracket."""

from collections.abc import Iterator

from canvas_events_cli.framing.text import BLANK, Text, indent_of, malformed, too_long
from canvas_events_cli.model import Framed, Overflow, Record
from canvas_events_cli.parse import ParseError, loads


class Broken:
    """One malformed record of as many lines as belong to it, but for those that are objects by themselves."""

    def __init__(self, begun: Text, limit: int, *, in_array: bool) -> None:
        self._in_array = in_array
        self._line = begun.line
        self._margin = indent_of(begun)
        self._limit = limit
        self._lines = [begun.raw]
        self._objects: dict[int, Record] = {}
        self._size = len(begun.raw)
        self._is_block = False
        self._is_told = False

    def owns(self, text: Text) -> bool:
        """Tell whether the line *text* is one of its own."""
        return not text.raw.strip(BLANK) or indent_of(text) > self._margin

    def closing(self, text: Text) -> int:
        """Return where in *text*, the first line that is not its own, its closing bracket ends; 0 without one."""
        bare = text.raw.lstrip(BLANK)
        closes = self._is_block and bare[:1] in (b"]", b"}") and indent_of(text) == self._margin
        return len(text.raw) - len(bare) + 1 if closes else 0

    def add(self, text: Text) -> Iterator[Framed]:
        """Add the line *text*; yield what is beyond the limit."""
        found = _object(text) if len(text.raw) <= self._limit else None
        self._is_block = self._is_block or bool(text.raw.strip(BLANK))
        if self._is_told:
            yield found or Overflow(b"\n" + text.raw)
            return
        if found:
            self._objects[len(self._lines)] = found
        self._lines.append(text.raw)
        self._size += len(text.raw) + 1
        if self._size > self._limit:
            yield from self.end()

    def end(self) -> Iterator[Framed]:
        """Yield what has been held."""
        if self._is_told:
            return
        self._is_told = True
        raw = b"\n".join([raw for number, raw in enumerate(self._lines) if number not in self._objects])
        if len(raw) > self._limit:
            yield too_long(self._line, raw[: self._limit], self._limit)
            yield Overflow(raw[self._limit :])
        else:
            yield malformed(self._line, raw.rstrip(), in_array=self._in_array, told_of=b"\n".join(self._lines))
        yield from self._objects.values()
        self._lines.clear()


def _object(text: Text) -> Record | None:
    bare = text.raw.strip(BLANK)
    if not (bare.startswith(b"{") and bare.endswith(b"}")):
        return None
    try:
        value = loads(bare)
    except ParseError:
        return None
    return Record(text.line, text.raw, value, True) if isinstance(value, dict) else None
