"""What framing goes through: lines, and what is left of a line after a value in it."""

from codecs import BOM_UTF8
from typing import NamedTuple

from canvas_events_cli.model import Malformed
from canvas_events_cli.parse import ParseError, explain

RECORD_SEPARATOR = b"\x1e"
"""RFC 7464; no JSON text contains one."""
BLANK = b" \t\r"
WHITE_SPACE = b" \t\r\n"
BLANK_OR_MARK = BLANK + BOM_UTF8


class Text(NamedTuple):
    """A line without its line feed, or the end of one."""

    line: int
    raw: bytes
    is_line: bool = True
    """Whether it is a whole line."""
    margin: int = 0
    """How far the line of which it is the end is indented."""

    def begun(self) -> "Text":
        """Return it from where it begins: a byte order mark at the beginning of a line is white space."""
        if self.is_line:
            return self._replace(raw=self.raw[len(BOM_UTF8) :]) if self.raw.startswith(BOM_UTF8) else self
        return self._replace(raw=self.raw.lstrip(BLANK))

    def rest(self, start: int) -> "Text":
        """Return what is left of it from *start*."""
        return Text(self.line, self.raw[start:], False, indent_of(self))


def indent_of(text: Text) -> int:
    """Return how far the line of *text* is indented."""
    return len(text.raw) - len(text.raw.lstrip(BLANK)) if text.is_line else text.margin


def too_long(line: int, raw: bytes, limit: int) -> Malformed:
    """Return the finding for a record of more than *limit* bytes, of which *raw* is the beginning."""
    return Malformed(line, raw, f"longer than {limit:,} bytes: not read (--max-record-bytes sets the limit)")


def malformed(
    line: int,
    raw: bytes,
    *,
    in_array: bool = False,
    told_of: bytes | None = None,
    error: ParseError | None = None,
) -> Malformed:
    """Return the finding for *raw*, which is no JSON; columns in its message count from the beginning of an element.

    *told_of* is given where the message is to be about more than *raw*; *error* is what the parser has said, if it was
    asked.
    """
    message = explain(told_of or raw, line, error)
    return Malformed(line, raw, f"{message} of this element" if in_array else message)
