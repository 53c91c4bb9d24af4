r"""Reading a regular expression as ECMA 262 does with the flag ``u``, which JSON Schema asks for.

An escaped character that is no letter is that character, as without the flag, and so are a lone ``]`` and ``}``, and a
hyphen beside a class (``[\w-.]``): schemas are full of them, and no engine reads them otherwise. All else that ECMA
262 does not know, and what needs backtracking, is refused with the place and the reason.
"""

import re
from functools import lru_cache

from canvas_events_cli.regex import MOST_BYTES, UnsupportedPattern
from canvas_events_cli.regex.properties import canonical
from canvas_events_cli.regex.tree import (
    LAST,
    Assertion,
    Characters,
    Choice,
    Node,
    Ranges,
    Repeat,
    Sequence,
    cost,
    inverted,
    normalized,
)

_MOST_GROUPS = 100
"""How deep groups may be nested."""

_DIGITS: Ranges = ((0x30, 0x39),)
_WORD: Ranges = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
_SPACE: Ranges = (
    *((0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029)),
    *((0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
)
_CLASSES = {"d": _DIGITS, "s": _SPACE, "w": _WORD}
_LINE_ENDS: Ranges = ((0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029))
_CONTROLS = {"f": 0x0C, "n": 0x0A, "r": 0x0D, "t": 0x09, "v": 0x0B}
_CODE_POINT = re.compile(
    r"x([0-9A-Fa-f]{2})|u\{([0-9A-Fa-f]+)\}|u([Dd][89ABab][0-9A-Fa-f]{2})\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})"
    r"|u([0-9A-Fa-f]{4})|c([A-Za-z])|(0)(?![0-9])"
)
_PROPERTY = re.compile(r"([pP])\{([^{}]*)\}")
_COUNT = re.compile(r"\{([0-9]+)(,([0-9]*))?\}")
_POSIX = re.compile(r"\[([:.=])[^\]\[]*\1\]")
_NAMED = re.compile(r"\?<[$_\w][$\w]*>")
_FLAGS = re.compile(r"\?([a-z]*)(?:-([a-z]*))?:")
_LEADING_FLAGS = re.compile(r"\(\?([is]+)\)")

_TOO_MUCH = "repeats too much: it would take too much memory"
_BACKTRACKING = "cannot run in time linear to the text"
_GROUPS = {
    **dict.fromkeys(("?=", "?!", "?<=", "?<!"), f"look-around {_BACKTRACKING}"),
    "?P<": "ECMA 262 writes a named group (?<name>…)",
    "?P=": f"a back reference {_BACKTRACKING}",
    "?>": "ECMA 262 has no atomic groups",
    "?#": "ECMA 262 has no comments in a pattern",
}
_ESCAPES = {
    "A": r"ECMA 262 has no \A; the start of the text is ^",
    "Z": r"ECMA 262 has no \Z; the end of the text is $",
    "z": r"ECMA 262 has no \z; the end of the text is $",
    "k": f"a back reference {_BACKTRACKING}",
    "h": r"ECMA 262 has no \h; hexadecimal digits are [0-9A-Fa-f], blanks [ \t]",
    "x": r"\x needs two hexadecimal digits",
    "u": r"\u needs four hexadecimal digits, or some in braces up to {10FFFF}",
    "c": r"\c needs a letter",
    "p": r"\p needs the name of a property in braces, as \p{L}",
    "P": r"\P needs the name of a property in braces, as \P{L}",
}


@lru_cache(maxsize=512)
def parse_pattern(pattern: str, *, leading_flags: bool = False) -> Node:
    """Return what *pattern* is made of; raises UnsupportedPattern.

    With *leading_flags* it may begin with ``(?i)``, to ignore case, and ``(?s)``, ``.`` is any character, as people
    type them; ECMA 262 has flags outside patterns only, or for a group.
    """
    reader = _Reader(pattern)
    if leading_flags and (match := _LEADING_FLAGS.match(pattern)):
        reader.position = match.end()
        reader.flags = frozenset(match[1])
    node = reader.choice()
    if reader.position < len(pattern):
        raise UnsupportedPattern(reader.position, "this ) closes no group")
    if cost(node) > MOST_BYTES:
        raise UnsupportedPattern(0, _TOO_MUCH)
    return node


class _Reader:
    """A place in a pattern that moves on; one function for each kind of thing that can stand there."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.position = 0
        self.flags: frozenset[str] = frozenset()
        self.depth = 0

    def choice(self) -> Node:
        """Read alternatives, to the end of the group."""
        alternatives = [self._sequence()]
        while self._take("|"):
            alternatives.append(self._sequence())
        return alternatives[0] if len(alternatives) == 1 else Choice(tuple(alternatives))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        spent = 0
        while self.position < len(self.pattern) and self._next not in "|)":
            start = self.position
            part = self._repeated(self._term())
            spent += cost(part)
            if spent > MOST_BYTES:
                raise UnsupportedPattern(start, _TOO_MUCH)
            parts.append(part)
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _term(self) -> Node:
        start = self.position
        sign = self._next
        if sign in "*+?":
            raise UnsupportedPattern(start, f"there is nothing here that {sign} could repeat")
        if sign == "{":
            raise UnsupportedPattern(start, r"{ begins no count here, such as {2}, {2,} or {0,2}; the character is \{")
        self.position += 1
        if sign == "(":
            return self._group(start)
        if sign == "[":
            return self._set(start)
        if sign == "\\":
            return self._escape(start)
        if sign in ("^", "$"):
            return Assertion("^" if sign == "^" else "$")
        if sign == ".":
            return Characters((), negated=True) if "s" in self.flags else Characters(_LINE_ENDS, negated=True)
        return self._character(ord(sign))

    def _repeated(self, node: Node) -> Node:
        at = self.position
        count = _COUNT.match(self.pattern, at)
        if count:
            low = _number(count[1])
            high = _number(count[3]) if count[3] else None if count[2] else low
            self.position = count.end()
        elif (sign := self._next) in ("*", "+", "?"):
            low, high = (1 if sign == "+" else 0), (1 if sign == "?" else None)
            self.position += 1
        else:
            return node
        if isinstance(node, Assertion):
            raise UnsupportedPattern(at, "an assertion cannot be repeated")
        if high is not None and high < low:
            raise UnsupportedPattern(at, f"{count[0] if count else ''} counts from more to less")
        self._take("?")  # lazy: which match is found does not matter, only whether there is one
        return Repeat(node, low, high)

    def _group(self, start: int) -> Node:
        before = self.flags
        self._open_group(start)
        self.depth += 1
        if self.depth > _MOST_GROUPS:
            raise UnsupportedPattern(start, f"groups are nested deeper than {_MOST_GROUPS}")
        node = self.choice()
        if not self._take(")"):
            raise UnsupportedPattern(start, "this ( is not closed")
        self.depth -= 1
        self.flags = before
        # What is repeated next is the whole group, be it a single assertion.
        return Sequence((node,)) if isinstance(node, Assertion) else node

    def _open_group(self, start: int) -> None:
        if self._next != "?":
            return
        if named := _NAMED.match(self.pattern, self.position):
            self.position = named.end()
            return
        for opening, reason in _GROUPS.items():
            if self.pattern.startswith(opening, self.position):
                raise UnsupportedPattern(start, reason)
        flags = _FLAGS.match(self.pattern, self.position)
        if flags is None:
            raise UnsupportedPattern(start, "ECMA 262 knows no such group; flags stand in a group, as in (?i:…)")
        added, removed = frozenset(flags[1]), frozenset(flags[2] or "")
        if (added | removed) - {"i", "s"} or added & removed or (flags[2] == "" and not added):
            raise UnsupportedPattern(start, "only the flags i and s can be set for a group")
        self.flags = (self.flags | added) - removed
        self.position = flags.end()

    def _set(self, start: int) -> Node:
        negated = self._take("^")
        ranges: list[tuple[int, int]] = []
        properties: list[tuple[str, bool]] = []
        while not self._take("]"):
            if self.position >= len(self.pattern):
                raise UnsupportedPattern(start, "this [ is not closed")
            if _POSIX.match(self.pattern, self.position):
                raise UnsupportedPattern(self.position, "ECMA 262 has no POSIX classes; a letter is [A-Za-z] or \\p{L}")
            at = self.position
            first = self._member()
            if not isinstance(first, int):
                ranges += first.ranges
                properties += first.properties
                continue
            last = first
            if self._next == "-" and self.pattern[self.position + 1 : self.position + 2] not in ("", "]"):
                hyphen = self.position
                self.position += 1
                end = self._member()
                if isinstance(end, int):
                    last = end
                else:
                    self.position = hyphen
            if last < first:
                raise UnsupportedPattern(at, f"the range {self.pattern[at : self.position]} runs backwards")
            ranges.append((first, last))
        return Characters(normalized(ranges), tuple(properties), negated, "i" in self.flags)

    def _member(self) -> int | Characters:
        """Read one member of a set: a code point, or what an escape stands for."""
        start = self.position
        self.position += 1
        if self.pattern[start] != "\\":
            return ord(self.pattern[start])
        if self._take("b"):
            return 0x08
        found = self._escape(start)
        if isinstance(found, Assertion):
            raise UnsupportedPattern(start, r"\B is no character")
        if found.negated:
            return Characters(inverted(found.ranges))
        single = len(found.ranges) == 1 and found.ranges[0][0] == found.ranges[0][1]
        return found.ranges[0][0] if single else found

    def _escape(self, start: int) -> Characters | Assertion:
        sign = self._next
        if not sign:
            raise UnsupportedPattern(start, "nothing is escaped by this \\")
        if sign in "bB":
            self.position += 1
            return Assertion("b" if sign == "b" else "B")
        if sign.lower() in _CLASSES:
            self.position += 1
            return Characters(_CLASSES[sign.lower()], (), sign.isupper(), "i" in self.flags)
        if sign in _CONTROLS:
            self.position += 1
            return self._character(_CONTROLS[sign])
        if code := _CODE_POINT.match(self.pattern, self.position):
            self.position = code.end()
            return self._character(self._code_point(code, start))
        if found := _PROPERTY.match(self.pattern, self.position):
            self.position = found.end()
            return self._property(found, start)
        if sign.isdecimal() and sign.isascii():
            reason = f"a back reference {_BACKTRACKING}" if sign != "0" else r"\0 is followed by no other digit"
            raise UnsupportedPattern(start, reason)
        if sign.isalpha():
            raise UnsupportedPattern(start, _ESCAPES.get(sign, f"ECMA 262 has no escape \\{sign}"))
        self.position += 1
        return self._character(ord(sign))

    def _code_point(self, code: re.Match[str], start: int) -> int:
        two, braced, high, low, four, control, null = code.groups()
        if null:
            return 0
        if control:
            return ord(control) % 32
        if high:
            return 0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00
        number = int(two or braced or four, 16)
        if number > LAST:
            raise UnsupportedPattern(start, _ESCAPES["u"])
        return number

    def _property(self, found: re.Match[str], start: int) -> Characters:
        name = canonical(found[2])
        if name is None:
            hint = "; scripts are spelled as in \\p{Script=Greek}" if "=" not in found[2] else ""
            raise UnsupportedPattern(start, f"ECMA 262 has no property {found[2]!r}{hint}")
        return Characters((), ((name, found[1] == "P"),), False, "i" in self.flags)

    def _character(self, code: int) -> Characters:
        return Characters(((code, code),), (), False, "i" in self.flags)

    @property
    def _next(self) -> str:
        return self.pattern[self.position : self.position + 1]

    def _take(self, sign: str) -> bool:
        taken = self._next == sign
        self.position += taken
        return taken


def _number(digits: str) -> int:
    """Return what *digits* say, or any number that is too large, where there are too many of them."""
    return int(digits.lstrip("0")[:10] or "0")
