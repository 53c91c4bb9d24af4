"""Rows in columns, as lines for people and as a Markdown table; any cell may hold untrusted text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from canvas_events_cli.rendering.safe_text import visible

if TYPE_CHECKING:
    from rich.text import Text

_GAP = "  "
_LEAST_ROOM = 30
"""Cells that the last column needs to stand beside the others; else it goes below them."""
_BELOW = "    "


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its label, its Rich style, and whether its cells are numbers, which stand at the right."""

    label: str
    style: str = ""
    is_number: bool = False


Row = Sequence[str]


def grid_lines(columns: Sequence[Column], rows: Sequence[Row], width: int, *, indent: str = "") -> Iterator[Text]:
    """Yield a header and *rows* in columns; the last column is wrapped to *width* cells, the others are not cut."""
    from rich.cells import cell_len
    from rich.text import Text

    safe = [[visible(cell) for cell in row] for row in rows]
    labels = [column.label for column in columns]
    widths = [max(map(cell_len, cells)) for cells in list(zip(labels, *safe, strict=True))[:-1]]
    start = len(indent) + sum(widths) + len(_GAP) * len(widths)
    yield _line(indent, [Text(label, "dim") for label in labels], widths, columns)
    for row in safe:
        cells = [Text(cell, column.style) for cell, column in zip(row, columns, strict=True)]
        if width - start >= _LEAST_ROOM:
            first, *more = _wrapped(cells[-1], width - start)
            yield _line(indent, [*cells[:-1], first], widths, columns)
            margin = " " * start
        else:
            yield _line(indent, cells[:-1], widths, columns)
            margin = indent + _BELOW
            more = _wrapped(cells[-1], max(width - len(margin), _LEAST_ROOM)) if row[-1] else []
        yield from (Text.assemble(margin, line) for line in more)


def markdown_table(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table, a line feed at its end."""
    from canvas_events_cli.rendering.summary_markdown import escaped

    lines = [[column.label for column in columns], ["---:" if column.is_number else "---" for column in columns]]
    lines += [[escaped(cell) for cell in row] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _line(indent: str, cells: Sequence[Text], widths: Sequence[int], columns: Sequence[Column]) -> Text:
    from rich.text import Text

    line = Text(indent)
    for number, (cell, column) in enumerate(zip(cells, columns, strict=False)):
        padding = " " * (widths[number] - cell.cell_len) if number < len(widths) else ""
        before, after = (padding, "") if column.is_number else ("", padding)
        line = Text.assemble(line, _GAP if number else "", before, cell, after)
    line.rstrip()
    return line


def _wrapped(text: Text, width: int) -> list[Text]:
    """Return *text* in lines of at most *width* cells, broken between words where that can be.

    Each is made safe once more: what was harmless inside a line may be a command where it begins one.
    """
    from rich.console import Console
    from rich.text import Text

    lines = [visible(line.plain.rstrip()) for line in text.wrap(Console(width=width), width)]
    return [Text(line, text.style) for line in lines] or [text]
