"""One event as a block for a person: a title, then its fields, with what is wrong beside them.

Every line begins with a mark of ours, so that no text of an event begins one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from rich.console import Console, ConsoleOptions
from rich.text import Text

from canvas_events_cli.json_text import compact
from canvas_events_cli.model import Finding, Malformed, Record
from canvas_events_cli.rendering.json_tree import Row, Tree, read, rows
from canvas_events_cli.rendering.moments import converted
from canvas_events_cli.rendering.overview import overview_of, shallow
from canvas_events_cli.rendering.safe_text import location, shorten, visible
from canvas_events_cli.rendering.show_values import value_text

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


@dataclass(frozen=True, slots=True)
class EventBlock:
    """A Rich renderable; :func:`show_block` makes it."""

    record: Record | Malformed
    findings: Sequence[Finding]
    tz: tzinfo | None
    place: str
    wrapped_in: str | None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """Yield the block's lines, fitted to the console's width, and an empty one."""
        page = _Page(console, max(options.max_width - _GUTTER, _NARROWEST))
        content = (
            _malformed(self, self.record, page)
            if isinstance(self.record, Malformed)
            else _event(self, self.record, page)
        )
        for mark, line in content:
            line.rstrip()
            yield Text.assemble((mark, "bold red" if mark == _BAD else "dim"), line, no_wrap=True, overflow="ignore")
        yield Text()


def show_block(
    record: Record | Malformed,
    findings: Sequence[Finding],
    tz: tzinfo | None,
    *,
    source: str | None = None,
    wrapped_in: str | None = None,
) -> EventBlock:
    """Return one event, or one malformed record, to print on a Rich console.

    *findings* are those of this record; *tz* None is local time; *source* is named beside the line number;
    *wrapped_in* names the envelope of another system that the event came in.
    """
    place = location(source, record.line) if source is not None else f"line {record.line}"
    return EventBlock(record, findings, tz, place, wrapped_in)


@dataclass(frozen=True, slots=True)
class _Page:
    """What lines are fitted to: cells right of the gutter."""

    console: Console
    width: int

    def wrap(self, text: Text, width: int) -> list[Text]:
        """Return *text* in lines of at most *width* cells."""
        return [text] if text.cell_len <= width else list(text.wrap(self.console, width, overflow="fold"))

    def flow(self, pieces: Iterable[Text], column: int = 0, start: Text | None = None) -> Iterator[Text]:
        """Yield lines that hold *pieces* two spaces apart, as many a line as fit, from *column* on.

        *start* is what stands left of *column* in the first line.
        """
        line = start or Text()
        filled = bool(line) and line.cell_len + 2 > column
        for piece in pieces:
            if filled and line.cell_len + 2 + piece.cell_len <= self.width:
                line.append("  ").append_text(piece)
                continue
            if filled:
                yield line
                line = Text()
            *full, last = self.wrap(piece, self.width - column)
            for part in full:
                yield _padded(line, column).append_text(part)
                line = Text()
            line = _padded(line, column).append_text(last)
            filled = True
        yield line


def _padded(text: Text, column: int) -> Text:
    return text.append(" " * (column - text.cell_len))


_Lines = Iterator[tuple[str, Text]]


def _malformed(block: EventBlock, record: Malformed, page: _Page) -> _Lines:
    yield from _marked(_BAD, page.flow([Text("malformed", "bold"), Text(block.place, "dim")]))
    for message in [finding.message for finding in block.findings] or [record.message]:
        yield from _marked(_REST, page.flow([_complaint(message)]))
    yield from _raw_lines(record.raw, page)


def _event(block: EventBlock, record: Record, page: _Page) -> _Lines:
    left = defaultdict(list)
    for finding in block.findings:
        left[finding.pointer].append(finding.message)
    try:
        tree = read(record.json)
        content = _content(tree, block, left, page)
    except RecursionError:
        tree, content = shallow(record.value), _raw_lines(compact(record.raw), page)
    yield from _marked(_BAD if block.findings else _FIRST, page.flow(_title(block, tree)))
    for message in left.pop("", ()):
        yield from _marked(_REST, page.flow([_complaint(message)]))
    yield from content
    for pointer, messages in left.items():
        yield from _marked(_REST, page.flow([Text(visible(pointer)), *map(_complaint, messages)]))


def _title(block: EventBlock, tree: Tree) -> list[Text]:
    about = overview_of(tree, block.tz)
    pieces = [
        (about.local_time or "", "bold magenta"),
        (f"({about.time})" if about.local_time else about.time or "no event_time", "magenta" if about.time else "dim"),
        (about.event, "bold"),
        (about.who, ""),
        (about.context, ""),
        (f"in {block.wrapped_in}" if block.wrapped_in else "", "dim"),
        (block.place, "dim"),
    ]
    return [Text(visible(text), style) for text, style in pieces if text]


def _content(tree: Tree, block: EventBlock, left: dict[str, list[str]], page: _Page) -> _Lines:
    if not isinstance(tree, list | tuple) or not tree:
        yield from _marked(_REST, page.flow([value_text("", tree)]))
    for row in rows(tree, block.findings):
        messages = left.pop(row.pointer, []) if row.pointer is not None else []
        lines = page.flow(*_row(row, messages, block.tz, page.width))
        if row.depth == 0:
            yield _SECTION, next(lines)
        yield from _marked(_REST, lines)


def _row(row: Row, messages: list[str], tz: tzinfo | None, width: int) -> tuple[list[Text], int, Text]:
    """Return the pieces right of the key, the column where they begin, and the indented key."""
    indent = min(2 * max(0, min(row.depth, _DEEPEST) - 1), width // 2)
    style = "bold red" if messages else "bold" if row.depth == 0 else "dim"
    key = Text(" " * indent).append(shorten(visible(row.key), width - indent), style)
    column = min(indent + row.key_width + 2, max(width - _VALUE_WIDTH, indent + 2))
    pieces = [] if row.has_rows or row.is_missing else [value_text(row.key, row.value)]
    note = "a later member of this name counts" if row.pointer is None else converted(row.value, tz)
    if note and not row.has_rows and row.key not in _TIMES:
        pieces.append(Text(f"({note})", "dim"))
    return [*pieces, *map(_complaint, messages)], column, key


def _complaint(message: str) -> Text:
    return Text(f"{_BAD}{visible(message)}", "red")


def _raw_lines(raw: bytes, page: _Page) -> _Lines:
    text = raw[: 4 * _RAW_SHOWN].decode("utf-8", "backslashreplace")[:_RAW_SHOWN]
    more = f"… {len(raw):,} bytes in all" if len(raw) > len(text.encode()) else ""
    yield from _marked(_REST, page.flow([Text(visible(text), "dim"), *([Text(more)] if more else [])]))


def _marked(mark: str, lines: Iterable[Text]) -> _Lines:
    """Put *mark* before the first of *lines*, and the bar that goes down the block before the others."""
    for line in lines:
        yield mark, line
        mark = _REST
