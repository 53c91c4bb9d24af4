"""FIELD: the name of a place in an event.

A dotted path from the event's root (``body.status``, ``actor.id``), a bare name (looked up in ``body``, then in the
envelope; in a Caliper event at its root, then in what Canvas adds), or an RFC 6901 pointer beginning with ``/``. A
segment in double quotes may hold anything; in it a backslash stands before a quote or another backslash.
"""

import re
from dataclasses import dataclass

from canvas_events_cli import caliper
from canvas_events_cli.errors import did_you_mean
from canvas_events_cli.pointers import is_index, resolve, split
from canvas_events_cli.query.mistakes import CONNECTIVES, mistake, refuse_broken_text
from canvas_events_cli.same_event import ENVELOPES

QUOTED = r'"((?:[^"\\]|\\.)*+)"'
_QUOTED = re.compile(QUOTED, re.DOTALL)
ROOTS = (*ENVELOPES, "body")
"""What every event has, though not always under this name."""

# What people write who come from another language, and what it is called here.
_OPERATOR_WORDS = {
    "is": "=", "eq": "=", "equals": "=", "ne": "!=", "not": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
    "like": "~", "matches": "~", "contains": "~",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A place in an event; picklable."""

    paths: tuple[tuple[str, ...], ...]
    """Where to look, each a list of keys and indices from the root: the first value that is not null counts."""
    in_caliper: tuple[tuple[str, ...], ...] = ()
    """Where to look in a Caliper event besides; these end in the same keys as ``paths``."""


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
    refuse_broken_text(expression)
    written = expression[start:end]
    start += len(written) - len(written.lstrip())
    end = start + len(written.strip())
    if start == end:
        raise mistake(expression, start, "a FIELD is missing here, such as body.status")
    if expression.startswith(("$.", "$["), start):
        raise mistake(expression, start, "a FIELD begins at the event itself, without a $: body.status, data.0.id")
    separator = "/" if expression[start] == "/" else "."
    segments = []
    position = start if separator == "." else start + 1
    while True:
        segment, position = _segment(expression, position, end, separator)
        segments.append(segment)
        if position == end:
            break
        position += 1
    if separator == ".":
        _refuse_misspelt_root(expression, start, segments)
    bare = separator == "." and len(segments) == 1
    return Field(_paths(segments, bare=bare), _caliper_paths(segments, bare=bare))


def unquote(text: str) -> str:
    """Return what stands between the quotes of a :data:`QUOTED` text, as it is meant."""
    return re.sub(r'\\(["\\])', r"\1", text)


def _segment(expression: str, start: int, end: int, separator: str) -> tuple[str, int]:
    """Return the segment of a FIELD that begins at *start*, and the index just after it."""
    if expression.startswith('"', start, end):
        match = _QUOTED.match(expression, start, end)
        if match is None:
            raise mistake(expression, start, "this quote is never closed")
        if match.end() < end and expression[match.end()] != separator:
            raise mistake(
                expression, match.end(), "text after a quoted segment: the quotes go around the whole segment"
            )
        return unquote(match[1]), match.end()
    stop = expression.find(separator, start, end)
    stop = end if stop < 0 else stop
    segment = expression[start:stop]
    if separator == "/":
        return _pointer_token(expression, start, segment), stop
    _check_bare_segment(expression, start, segment)
    return segment, stop


def _pointer_token(expression: str, start: int, segment: str) -> str:
    bad = re.search("~(?![01])", segment)
    if bad is not None:
        what = "in a pointer ~ stands only in ~0 (a ~) and ~1 (a /); the operator ~ takes a space before it"
        raise mistake(expression, start + bad.start(), what)
    return split("/" + segment)[0]


def _check_bare_segment(expression: str, start: int, segment: str) -> None:
    if not segment:
        raise mistake(expression, start, "a name is missing at this dot: FIELD is written body.status, or status")
    if '"' in segment:
        at = start + segment.index('"')
        raise mistake(expression, at, "a quote inside a name: the quotes go around the whole segment")
    space = re.search(r"\s+", segment)
    if space is not None:
        at = start + space.end()
        word = (segment[space.end() :].split() or ["."])[0]
        if word.lower() in CONNECTIVES:
            raise mistake(expression, at, CONNECTIVES[word.lower()])
        operator = _OPERATOR_WORDS.get(word.lower())
        hint = f"did you mean {operator!r}?" if operator else "the operator, or quotes around a name with a space?"
        raise mistake(expression, at, f"something is missing before {word!r}: {hint}")


def _refuse_misspelt_root(expression: str, at: int, segments: list[str]) -> None:
    """Raise CeventsError where a path begins with what is almost ``metadata``, ``attributes`` or ``body``."""
    if len(segments) > 1 and segments[0] not in ROOTS:
        hint = did_you_mean(segments[0], ROOTS)
        if hint:
            pointer = f"/{segments[0]}/{segments[1]}"
            what = f"an event has no {segments[0]!r}{hint} A pointer takes any name: {pointer}"
            raise mistake(expression, at, what)


def _paths(segments: list[str], *, bare: bool) -> tuple[tuple[str, ...], ...]:
    if bare:
        return tuple((root, segments[0]) for root in ("body", *ENVELOPES))
    path = tuple(segments)
    # Self-hosted Canvas sends its envelope under the other name.
    return (path, ("attributes", *path[1:])) if path[0] == "metadata" else (path,)


def _caliper_paths(segments: list[str], *, bare: bool) -> tuple[tuple[str, ...], ...]:
    if bare:
        return (segments[0],), ("extensions", caliper.CANVAS, segments[0])
    # Where the event stood in its envelope, which it was taken out of.
    in_envelope = len(segments) > 2 and segments[0] == "data" and is_index(segments[1])
    return (tuple(segments[2:]),) if in_envelope else ()
