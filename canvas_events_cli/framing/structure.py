"""Follows the brackets of JSON text that arrives in pieces, without parsing it.

A string ends at its closing quote or, since JSON strings cannot hold one, at a line feed: where text was cut off inside
a string, brackets are taken for text in one line only.
"""

import re

_STRING = rb"\"[^\"\\\n]*+(?:\\[^\n][^\"\\\n]*+)*+(?:\"|\\?\n)"
# Each match runs over everything up to the next bracket (or comma) that is outside strings. A quote is matched
# only where its string does not end within the piece. Possessive throughout: no backtracking, flat memory.
_TO_BRACKET = re.compile(rb"[^\"{}\[\]]*+(?:" + _STRING + rb"[^\"{}\[\]]*+)*+([{}\[\]\"])")
_TO_BRACKET_OR_COMMA = re.compile(rb"[^\"{}\[\],]*+(?:" + _STRING + rb"[^\"{}\[\],]*+)*+([{}\[\],\"])")
_FOLLOWED = re.compile(rb"[ \t\r]*[^ \t\r\n{\[]")


class Structure:
    """The state between two pieces: how many brackets are open, and whether the last piece ended in a string."""

    __slots__ = ("_string", "depth")

    def __init__(self) -> None:
        self.depth = 0
        self._string = b""
        """What to read before the next piece, as if the string that is open began there: all that matters of it."""

    def value_end(self, piece: bytes, start: int = 0) -> int:
        """Return the index just past the bracket that closes the outermost value, or -1: it goes on after *piece*.

        A closing bracket without an opening one is passed over: such text can be no value.
        """
        return self._end(piece, start, in_array=False)

    def element_end(self, piece: bytes, start: int = 0) -> int:
        """Return the index of the comma or ``]`` that ends an array's element, or -1: it goes on after *piece*."""
        return self._end(piece, start, in_array=True)

    def leave_line(self) -> bool:
        """Go on with the next line; False where the value cannot: none has begun, or a string was left open."""
        in_string = self._string
        self._string = b""
        return self.depth > 0 and not in_string

    def _end(self, piece: bytes, start: int, *, in_array: bool) -> int:
        position = start
        before = len(self._string)
        if before:
            piece, position = self._string + piece[start:], 0
            before -= start
            self._string = b""
        while match := (_TO_BRACKET_OR_COMMA if in_array and not self.depth else _TO_BRACKET).match(piece, position):
            position = match.end()
            met = match[1]
            if met in b"{[":
                self.depth += 1
            elif met == b'"':
                # Whether the last backslash escapes what comes next depends on how many there are.
                self._string = b'"' + b"\\" * ((len(piece) - len(piece.rstrip(b"\\"))) % 2)
                break
            elif self.depth:
                self.depth -= 1
                if not self.depth and not in_array:
                    return position - before
            elif in_array and met != b"}":
                return position - 1 - before
        return -1


def hopeless_lines(text: bytes, end: int, first: int) -> dict[int, bool]:
    """Return the numbers of the lines of *text*, the first being *first*, with which no value begins that completes.

    Up to *end*, *text* is the beginning of one value, which does not complete either. These lines open a bracket that
    it does not close, or one that something follows that can only follow in an array; for each is told whether it is
    hopeless in an array, too. One pass tells it for all of them, where to try each costs the square of their number.
    """
    lines = {first: True}
    opened: list[tuple[int, bool]] = []
    position = counted = 0
    line = first
    while (match := _TO_BRACKET.match(text, position)) and match.end() <= end and match[1] != b'"':
        position = match.end()
        feeds = text.count(b"\n", counted, position)
        line += feeds
        if match[1] in b"{[":
            is_first = (feeds or not counted) and not text[text.rfind(b"\n", 0, position) + 1 : position - 1].strip()
            opened.append((line, bool(is_first)))
        elif opened:
            opening, is_first = opened.pop()
            if is_first and _FOLLOWED.match(text, position):
                lines.setdefault(opening, False)
        counted = position
    return lines | dict.fromkeys([opening for opening, _ in opened], True)
