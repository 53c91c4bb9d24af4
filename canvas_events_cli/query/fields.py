"""FIELD: the name of a place in an event.

A dotted path from the event's root (``body.status``, ``actor.id``), a bare name (looked up in ``body``, then in the
envelope; in a Caliper event at its root, then in what Canvas adds), or an RFC 6901 pointer beginning with ``/``. A
segment in double quotes may hold anything; in it a backslash stands before a quote or another backslash.
"""

import re
from dataclasses import dataclass, field

from canvas_events_cli import caliper
from canvas_events_cli.errors import CeventsError, did_you_mean
from canvas_events_cli.pointers import KeyPath, is_index, resolve, split
from canvas_events_cli.same_event import ENVELOPES

QUOTED = r'"((?:[^"\\]|\\.)*+)"'
_QUOTED = re.compile(QUOTED, re.DOTALL)
ROOTS = (*ENVELOPES, "body")
"""What every event has, though not always under this name."""

# What people write who come from another language, and what it is called here.
_ALL = "this takes one condition: repeat --where (-w), all of them must hold"
_ANY = "this takes one condition: repeat --where (-w) and add --any, then one of them is enough"
CONNECTIVES = {"and": _ALL, "&&": _ALL, "or": _ANY, "||": _ANY}
_OPERATOR_WORDS = {
    "is": "=", "eq": "=", "equals": "=", "ne": "!=", "not": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
    "like": "~", "matches": "~", "contains": "~",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A place in an event; picklable."""

    paths: tuple[KeyPath, ...]
    """Where to look, each a list of keys and indices from the root: the first value that is not null counts."""
    in_caliper: tuple[KeyPath, ...] = ()
    """Where to look in a Caliper event besides; these end in the same keys as ``paths``."""
    written: str = field(default="", compare=False)
    """As the user has it."""


def find(field: Field, event: object) -> object:
    """Return the value of *field* in *event*, or None where it is absent or null, or *event* is no object."""
    if not isinstance(event, dict):
        return None
    for path in field.paths:
        value = resolve(event, path)
        if value is not None:
            return value
    if field.in_caliper and caliper.is_event(event):
        return next((value for path in field.in_caliper if (value := resolve(event, path)) is not None), None)
    return None


def parse_field(expression: str, start: int = 0, end: int | None = None) -> Field:
    """Return the field that *expression* names between *start* and *end*, white space around it aside.

    Raises CeventsError, with a caret under the place, for what is no FIELD.
    """
    try:
        expression.encode()  # an argument can hold any bytes
    except UnicodeEncodeError as error:
        raise mistake(expression, error.start, "this is not UTF-8 text, and no event holds any other") from error
    written = expression[start:end]
    start += len(written) - len(written.lstrip())
    end = start + len(written.strip())
    if start == end:
        raise mistake(expression, start, "a FIELD is missing here, such as body.status")
    if expression.startswith(("$.", "$["), start):
        raise mistake(expression, start, "a FIELD begins at the event itself, without a $: body.status, data.0.id")
    separator = "/" if expression[start] == "/" else "."
    segments = []
    position = start - (separator == ".")
    while position < end:
        segment, position = _segment(expression, position + 1, end, separator)
        segments.append(segment)
    path, written = tuple(segments), expression[start:end]
    if separator == "." and len(path) == 1:
        in_caliper: tuple[KeyPath, ...] = (path, ("extensions", caliper.CANVAS, *path))
        return Field(tuple((root, *path) for root in ("body", *ENVELOPES)), in_caliper, written)
    if separator == "." and path[0] not in ROOTS and (hint := did_you_mean(path[0], ROOTS)):
        what = f"an event has no {path[0]!r}{hint} A pointer takes any name: /{path[0]}/{path[1]}"
        raise mistake(expression, start, what)
    # Self-hosted Canvas sends its envelope under the other name.
    paths = (path, ("attributes", *path[1:])) if path[0] == "metadata" else (path,)
    # In Caliper: where the event stood in its envelope, which it was taken out of.
    return Field(paths, (path[2:],) if len(path) > 2 and path[0] == "data" and is_index(path[1]) else (), written)


def mistake(expression: str, at: int, what: str) -> CeventsError:
    """Return the error that says *what* is wrong with *expression*, with a caret under character *at*."""
    # What would move the caret is replaced, one character for one.
    what, shown = (
        "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
        for text in (what, expression)
    )
    return CeventsError(what, f"  {shown}", f"  {' ' * at}^")


def quoted(expression: str, start: int, end: int | None = None) -> tuple[str, int]:
    """Return what the quotes mean that begin at *start*, and the index after them. Raises CeventsError."""
    match = _QUOTED.match(expression, start, len(expression) if end is None else end)
    if match is None:
        raise mistake(expression, start, "this quote is never closed")
    return re.sub(r'\\(["\\])', r"\1", match[1]), match.end()


def _segment(expression: str, start: int, end: int, separator: str) -> tuple[str, int]:
    """Return the segment of a FIELD that begins at *start*, and the index just after it."""
    if expression.startswith('"', start, end):
        segment, after = quoted(expression, start, end)
        if after < end and expression[after] != separator:
            raise mistake(expression, after, "text after a quoted segment: the quotes go around the whole segment")
        return segment, after
    segment = expression[start:end].partition(separator)[0]
    stop = start + len(segment)
    if separator == "/":
        if bad := re.search("~(?![01])", segment):
            what = "in a pointer ~ stands only in ~0 (a ~) and ~1 (a /); the operator ~ takes a space before it"
            raise mistake(expression, start + bad.start(), what)
        return split("/" + segment)[0], stop
    if not segment:
        raise mistake(expression, start, "a name is missing at this dot: FIELD is written body.status, or status")
    if '"' in segment:
        at = start + segment.index('"')
        raise mistake(expression, at, "a quote inside a name: the quotes go around the whole segment")
    if space := re.search(r"\s+", segment):
        word = (segment[space.end() :].split() or ["."])[0]
        operator = _OPERATOR_WORDS.get(word.lower())
        hint = f"did you mean {operator!r}?" if operator else "the operator, or quotes around a name with a space?"
        what = CONNECTIVES.get(word.lower(), f"something is missing before {word!r}: {hint}")
        raise mistake(expression, start + space.end(), what)
    return segment, stop
