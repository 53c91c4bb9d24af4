"""One event as a block for a person: a title, then its fields, with what is wrong beside them.

Every line begins with a mark of ours, so that no text of an event begins one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import TypeAlias

from canvas_events_cli.json_text import compact
from canvas_events_cli.model import Finding, Malformed, Record
from canvas_events_cli.rendering.event_tree import Row, Tree, read, rows, value_piece
from canvas_events_cli.rendering.moments import converted
from canvas_events_cli.rendering.overview import overview
from canvas_events_cli.rendering.safe_text import location, shorten, visible
from canvas_events_cli.rendering.styled import Piece, flow, painted, plain

_FIRST, _BAD, _SECTION, _REST = "● ", "✗ ", "├ ", "│ "
_GUTTER = 2
_NARROWEST = 10
"""Cells that lines get right of the gutter, however narrow the terminal."""
_VALUE_WIDTH = 40
"""Cells that values get beside long keys: a uuid of Canvas, beside its longest key, fits 80 columns."""
_TIMES = ("event_time", "eventTime")
"""What the title has converted."""
_DEEPEST = 12
"""Levels that are indented; deeper ones stay below the twelfth."""
_RAW_SHOWN = 2000
"""Characters shown of a record that cannot be shown by its fields."""


_Lines: TypeAlias = Iterator[tuple[str, list[Piece]]]
"""Lines right of the gutter, each with the mark that stands in it."""


def event_block(
    item: Record | Malformed,
    findings: Sequence[Finding],
    tz: tzinfo | None,
    width: int,
    *,
    source: str | None = None,
    color: bool = False,
) -> str:
    """Return one event, or one malformed record, as lines of *width* cells, an empty one after them.

    *findings* are those of this record; *tz* None is local time; *source* is named beside the line number.
    """
    place = location(source, item.line) if source is not None else f"line {item.line}"
    room = max(width - _GUTTER, _NARROWEST)
    if isinstance(item, Malformed):
        lines = _malformed(item, findings, place, room)
    else:
        lines = _event(item, findings, tz, place, room)
    text = []
    for mark, line in lines:
        last, style = line.pop()
        pieces = [(mark, "bold red" if mark == _BAD else "dim"), *line, (last.rstrip(), style)]
        text.append(painted(pieces) if color else plain(pieces))
    return "\n".join([*text, "", ""])


def _malformed(item: Malformed, findings: Sequence[Finding], place: str, width: int) -> _Lines:
    yield from _marked(_BAD, flow([("malformed", "bold"), (place, "dim")], width))
    for message in [finding.message for finding in findings] or [item.message]:
        yield from _marked(_REST, flow([_complaint(message)], width))
    yield from _raw_lines(item.raw, width)


def _event(record: Record, findings: Sequence[Finding], tz: tzinfo | None, place: str, width: int) -> _Lines:
    left = defaultdict(list)
    for finding in findings:
        left[finding.pointer].append(finding.message)
    try:
        tree = read(record.json)
        content = _content(tree, findings, left, tz, width)
    except RecursionError:
        content = _raw_lines(compact(record.raw), width)
    yield from _marked(_BAD if findings else _FIRST, flow(_title(record, tz, place), width))
    for message in left.pop("", ()):
        yield from _marked(_REST, flow([_complaint(message)], width))
    yield from content
    for pointer, messages in left.items():
        yield from _marked(_REST, flow([(visible(pointer), ""), *map(_complaint, messages)], width))


def _title(record: Record, tz: tzinfo | None, place: str) -> list[Piece]:
    about = overview(record, tz)
    pieces = [
        (about.local_time or "", "bold magenta"),
        (f"({about.time})" if about.local_time else about.time or "no event_time", "magenta" if about.time else "dim"),
        (about.event, "bold"),
        (about.who, ""),
        (about.context, ""),
        (f"in {_wrapped_in(record)}" if record.wrapping else "", "dim"),
        (place, "dim"),
    ]
    return [(visible(text), style) for text, style in pieces if text]


def _wrapped_in(record: Record) -> str:
    wrapping = record.wrapping
    return ", ".join([wrapping.kind, *(f"{name} {value}" for name, value in wrapping.details)]) if wrapping else ""


def _content(
    tree: Tree, findings: Sequence[Finding], left: dict[str, list[str]], tz: tzinfo | None, width: int
) -> _Lines:
    if not isinstance(tree, list | tuple) or not tree:
        yield from _marked(_REST, flow([value_piece("", tree)], width))
    for row in rows(tree, findings):
        messages = left.pop(row.pointer, []) if row.pointer is not None else []
        yield from _marked(_REST if row.depth else _SECTION, _row_lines(row, messages, tz, width))


def _row_lines(row: Row, messages: list[str], tz: tzinfo | None, width: int) -> Iterator[list[Piece]]:
    indent = min(2 * max(0, min(row.depth, _DEEPEST) - 1), width // 2)
    style = "bold red" if messages else "bold" if row.depth == 0 else "dim"
    start = [(" " * indent, ""), (shorten(visible(row.key), width - indent), style)]
    column = min(indent + row.key_width + 2, max(width - _VALUE_WIDTH, indent + 2))
    pieces = [] if row.has_rows or row.is_missing else [value_piece(row.key, row.value)]
    if row.pointer is None:
        note: str | None = "a later member of this name counts"
    else:
        note = converted(row.value, tz) if pieces and pieces[0][1] == "magenta" and row.key not in _TIMES else None
    if note and not row.has_rows and row.key not in _TIMES:
        pieces.append((f"({note})", "dim"))
    return flow([*pieces, *map(_complaint, messages)], width, column, start)


def _complaint(message: str) -> Piece:
    return f"{_BAD}{visible(message)}", "red"


def _raw_lines(raw: bytes, width: int) -> _Lines:
    text = raw[: 4 * _RAW_SHOWN].decode("utf-8", "backslashreplace")[:_RAW_SHOWN]
    more = [(f"… {len(raw):,} bytes in all", "")] if len(raw) > len(text.encode()) else []
    yield from _marked(_REST, flow([(visible(text), "dim"), *more], width))


def _marked(mark: str, lines: Iterable[list[Piece]]) -> _Lines:
    """Put *mark* before the first of *lines*, and the bar that goes down the block before the others."""
    for line in lines:
        yield mark, line
        mark = _REST
