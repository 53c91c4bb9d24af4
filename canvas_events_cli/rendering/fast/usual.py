"""What nearly all events consist of, laid out sooner than by pieces: harmless texts without spaces, short titles."""

import re
from collections.abc import Sequence
from math import nan
from typing import Any

from canvas_events_cli.exact_json import NumberText
from canvas_events_cli.model import Record
from canvas_events_cli.rendering import event_tree
from canvas_events_cli.rendering.event_tree import WORDS, Tree
from canvas_events_cli.rendering.safe_text import is_harmless
from canvas_events_cli.rendering.show_fields import ALONE, ORDINARY_LINE, REST, Field, FieldLines, Lines
from canvas_events_cli.rendering.styled import GAP, Piece, folded, paint
from canvas_events_cli.timestamps import is_usual

_PLAIN = re.compile(r"[A-Za-z][\w@./?&=%+;:-]*|[0-9]+|(?=[0-9][0-9Ee-]*+[A-DF-Za-df-z])[\w-]+", re.ASCII).fullmatch
"""Tells the strings whose characters are all harmless, but for two colons, and that look like a number only if they
are digits: most ids, addresses and states."""
_SAY_ALL = frozenset((str, bool, type(None)))
"""The types of what is parsed as it is written."""
_BLANKS = b" \t\r\n"
_MINUS_ZERO = (b":-0", b",-0", b"[-0")


def tree_of(record: Record) -> Tree:
    """Return what ``event_tree.tree_of`` does: most values tell all that their text does."""
    if isinstance(record.value, dict):
        members, tree = _counted(record.value)
        text = record.raw.translate(None, _BLANKS)
        # Fewer members than colons after quotes: a key is repeated, or a string holds such a colon.
        if members == text.count(b'":'):
            for sign in _MINUS_ZERO:  # a generator takes longer than the searches
                if sign in text:
                    break
            else:
                return tree
    return event_tree.tree_of(record)


def _counted(value: Any) -> tuple[float, Tree]:
    """Return how many members the objects in *value* have, and *value* as a tree; no number where that loses digits."""
    if isinstance(value, dict):
        if _SAY_ALL.issuperset(map(type, value.values())):
            return len(value), tuple(value.items())
        count: float = len(value)
        members: list[tuple[str, Tree]] = []
        for key, inner in value.items():
            more, tree = (0, inner) if type(inner) in _SAY_ALL else _counted(inner)
            count += more
            members.append((key, tree))
        return count, tuple(members)
    if isinstance(value, list):
        each = [*map(_counted, value)]
        return sum([count for count, _ in each]), [tree for _, tree in each]
    if isinstance(value, float):
        return nan, None
    return (0, NumberText(value)) if type(value) is int else (0, value)


def line_of(value: str, field: Field) -> Lines | None:
    """Return the lines of a *value* beside its key; None of one that is not known to be harmless, or has spaces."""
    size, room, kind = len(value), field.longest, field.kind
    if type(value) is NumberText:
        text, kind = value if size <= room else "", "count"
    elif kind == "time":
        text = value if size <= room and is_usual(value) else ""
    elif size > ORDINARY_LINE or not _PLAIN(value) or "::" in value or value in WORDS:
        text = ""
    elif value.isdigit():
        text, size = f'"{value}"', size + 2
        text = text if size <= room else ""
    elif size <= room:
        text = value
    elif room and field.margin:
        opening, closing = field.painted[kind]
        margin = f"{closing}{field.margin}{opening}"
        text, size = margin.join(folded(value, room)), ALONE
    else:
        text = ""
    if not text:
        return None
    opening, closing = field.painted[kind]
    return f"{field.start}{opening}{text}{closing}".encode(), field.column + size


def title(pieces: Sequence[Piece], bar: str, fields: FieldLines) -> tuple[bytes, int, int] | None:
    """Return the lines of *pieces*, as they are, the cells that the last takes, and how many; None if one is odd."""
    whole = "  ".join([text for text, _ in pieces])
    if not is_harmless(whole) or "   " in f"{whole}  " or max([len(text) for text, _ in pieces]) > fields.room:
        return None
    drawn, end, rows = fields.bars[bar], -GAP, 1
    for text, style in pieces:
        size = len(text)
        if end + GAP + size > fields.room:
            drawn, end, rows = f"{drawn}\n{fields.bars[REST]}", -GAP, rows + 1
        elif end > 0:
            drawn += "  "
        drawn += paint(text, style) if fields.color else text
        end += GAP + size
    return drawn.encode(), end, rows
