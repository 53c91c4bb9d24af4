"""What framing goes through: lines, and what is left of a line after a value in it."""

from codecs import BOM_UTF8
from typing import NamedTuple

from canvas_events_cli.model import Malformed

RECORD_SEPARATOR = b"\x1e"
"""RFC 7464; no JSON text contains one."""
BLANK = b" \t\r"
WHITE_SPACE = b" \t\r\n"
BLANK_OR_MARK = BLANK + BOM_UTF8
"""Blanks, and each byte of a byte order mark, since it can come in pieces."""
BRACKETS = (b"{", b"[")

_BEGINS_VALUE = b'"{[-0123456789tfn'
_AFTER = {b"{": b'"}', b"[": _BEGINS_VALUE + b"]", b",": _BEGINS_VALUE, b":": _BEGINS_VALUE}
_AFTER_VALUE = b",]}:"


class Text(NamedTuple):
    """A line without its line feed, or the end of one."""

    line: int
    raw: bytes
    is_line: bool = True
    """Whether it is a whole line."""
    margin: int = 0
    """How far the line of which it is the end is indented."""

    @property
    def indent(self) -> int:
        """How far its line is indented."""
        return len(self.raw) - len(self.raw.lstrip(BLANK)) if self.is_line else self.margin

    def begun(self) -> "Text":
        """Return it from where it begins: a byte order mark at the beginning of a line is white space."""
        if self.is_line:
            return self._replace(raw=self.raw[len(BOM_UTF8) :]) if self.raw.startswith(BOM_UTF8) else self
        return self._replace(raw=self.raw.lstrip(BLANK))

    def rest(self, start: int) -> "Text":
        """Return what is left of it from *start*."""
        return Text(self.line, self.raw[start:], False, self.indent)


def may_follow(last: bytes, first: bytes) -> bool:
    """Tell whether in JSON a line that begins with the byte *first* can follow one that ends in *last*."""
    return first in _AFTER.get(last, _AFTER_VALUE)


def too_long(line: int, raw: bytes, limit: int) -> Malformed:
    """Return the finding for a record of more than *limit* bytes, of which *raw* is the beginning."""
    return Malformed(line, raw[:limit], f"longer than {limit:,} bytes: not read (--max-record-bytes sets the limit)")
