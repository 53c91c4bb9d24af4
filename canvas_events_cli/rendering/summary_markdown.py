"""A summary as Markdown tables, as GitHub, GitLab and pull-request comments draw them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.summary_tables import NOTHING, Cell, Kind, Table, cell_text, is_link, tables_for_people

if TYPE_CHECKING:
    from canvas_events_cli.summary.aside import Aside
    from canvas_events_cli.summary.document import SummaryDocument

_RIGHT: frozenset[Kind] = frozenset({"count", "seconds"})

# As character references, which can neither open markup nor end a cell. Plain: underscores inside words, and the
# colons of clock times and of sentences.
_MARKUP = re.compile(
    r"[]\[\\`*~<>&|#!$@{}]|_(?![A-Za-z0-9])|(?<![A-Za-z0-9])_|(?<!\d):(?=\S)|:(?=[^\s\d])|(?<=www)\.", re.IGNORECASE
)


def markdown_text(document: SummaryDocument, aside: Aside = NOTHING) -> str:
    """Return the tables of *document* under headings; text of events is escaped."""
    return "# Canvas events\n" + "".join(
        f"\n{line}\n" for table in tables_for_people(document, aside) for line in _blocks(table)
    )


def _blocks(table: Table) -> Iterator[str]:
    yield f"## {escaped(table.title)}"
    if table.note:
        yield escaped(table.note)
    rows = [[_cell(cell, c.kind) for cell, c in zip(row, table.columns, strict=True)] for row in table.rows]
    rules = ["---:" if column.kind in _RIGHT else "---" for column in table.columns]
    lines = [[column.label for column in table.columns], rules, *rows]
    yield "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(cell: Cell, kind: Kind) -> str:
    text = cell_text(cell, kind)
    return f"<{text}>" if is_link(cell, kind) else escaped(text)


def escaped(text: str) -> str:
    """Return *text* so that Markdown shows exactly it, on one line, and mentions nobody.

    >>> escaped("a|b <x> @all")
    'a&#124;b &#60;x&#62; &#64;<!-- -->all'
    """
    return _MARKUP.sub(_reference, visible(text))


def _reference(match: re.Match[str]) -> str:
    # A mention is looked for after the page is drawn, so there a reference alone is not enough.
    return f"&#{ord(match[0])};" + ("<!-- -->" if match[0] == "@" else "")
