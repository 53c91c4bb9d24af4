"""A summary as one self-contained page: it loads nothing, runs nothing, and shows text of events as text."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from canvas_events_cli.rendering.summary_charts import Chart, charts, escaped
from canvas_events_cli.rendering.summary_tables import (
    NOTHING,
    Cell,
    Column,
    Kind,
    Table,
    cell_text,
    is_link,
    tables_for_people,
)

if TYPE_CHECKING:
    from canvas_events_cli.summary.aside import Aside
    from canvas_events_cli.summary.document import SummaryDocument

_LONG = 40
"""Rows from which a table is folded away."""
_CLASSES: dict[Kind, str] = {"count": "number", "seconds": "number", "time": "time", "id": "id"}

_STYLE = """
:root { color-scheme: light dark; --text: #1d2430; --soft: #5a6473; --line: #d9dee6; --back: #fff; --card: #f5f7fa;
  --bar: #3f78c3; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e8ee; --soft: #9aa5b4; --line: #353d49; --back: #14181f; --card: #1d232c;
    --bar: #6a9fe0; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 84rem; color: var(--text); background: var(--back);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 1rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; }
p { margin: 0 0 .6rem; color: var(--soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem 1.2rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th { font-weight: 600; font-size: .85rem; color: var(--soft); }
td.text { white-space: normal; overflow-wrap: anywhere; min-width: 12rem; }
.number { text-align: right; }
td.id { font-family: ui-monospace, monospace; font-size: .9em; }
.figures, .figures tbody { display: block; }
.figures thead { display: none; }
.figures tbody { display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: .6rem; }
.figures tr { display: flex; flex-direction: column-reverse; padding: .6rem .8rem; border-radius: .5rem;
  background: var(--card); }
.figures td { border: 0; padding: 0; text-align: left; font-size: 1.1rem; }
.figures td:first-child { color: var(--soft); font-size: .85rem; }
.charts { columns: 24rem auto; column-gap: 1rem; margin-top: 1.2rem; }
figure { margin: 0 0 1rem; padding: .8rem; border: 1px solid var(--line); border-radius: .5rem; break-inside: avoid; }
figcaption { font-weight: 600; margin-bottom: .6rem; }
figure p { margin: .4rem 0 0; font-size: .85rem; }
svg { display: block; overflow: visible; }
svg rect { fill: var(--bar); }
svg text { fill: var(--text); font-size: 12px; font-variant-numeric: tabular-nums; }
svg line { stroke: var(--line); shape-rendering: crispEdges; }
.bars { margin: 0; padding: 0; list-style: none; }
.bars li { display: grid; grid-template-columns: 1fr auto; gap: .1rem 1rem; margin-bottom: .5rem; font-size: .9rem; }
.bars span { overflow-wrap: anywhere; }
.bars strong { font-weight: 600; font-variant-numeric: tabular-nums; }
.bars svg { grid-column: 1 / 3; }
summary { cursor: pointer; color: var(--soft); }
footer { margin-top: 2.5rem; color: var(--soft); font-size: .85rem; }
@media print {
  @page { margin: 1.2cm; }
  :root { color-scheme: light; --text: #000; --soft: #444; --line: #bbb; --back: #fff; --card: #f3f3f3; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  .wide { overflow: visible; }
  table { font-size: 8pt; }
  th, td { white-space: normal; padding-right: .8rem; }
  td.id { overflow-wrap: anywhere; min-width: 7.5rem; }
  details::details-content { content-visibility: visible; }
  .charts { columns: auto; }
  tr, figure { break-inside: avoid; }
  h2, h2 + p { break-after: avoid; }
}
"""


def html_text(document: SummaryDocument, aside: Aside = NOTHING) -> str:
    """Return the tables and the charts of *document* as a page."""
    style_hash = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{style_hash}'; img-src data:; base-uri 'none'; form-action 'none'"
    drawings = charts(document)
    sections = "\n".join(
        _section(table, drawings if table.section == "retries" else []) for table in tables_for_people(document, aside)
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>Canvas events</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>Canvas events</h1>
{sections}
<footer>Made by <code>cevents summarize -o html</code>.</footer>
</body>
</html>
"""


def _section(table: Table, drawings: list[Chart]) -> str:
    note = f"\n<p>{escaped(table.note)}</p>" if table.note else ""
    body = _table(table)
    if len(table.rows) > _LONG:
        body = f"<details>\n<summary>{len(table.rows):,} rows</summary>\n{body}\n</details>"
    figures = "\n".join(_figure(chart) for chart in drawings)
    return (
        f'<section id="{escaped(table.section)}">\n<h2>{escaped(table.title)}</h2>{note}\n{body}'
        + (f'\n<div class="charts">\n{figures}\n</div>' if figures else "")
        + "\n</section>"
    )


def _figure(chart: Chart) -> str:
    return f"<figure>\n<figcaption>{escaped(chart.title)}</figcaption>\n{chart.markup}\n</figure>"


def _table(table: Table) -> str:
    looks = ' class="figures"' if table.columns[0].kind == "words" else ""
    head = "".join(f'<th class="{_class(column)}">{escaped(column.label)}</th>' for column in table.columns)
    rows = "\n".join(f"<tr>{''.join(_cells(table, row))}</tr>" for row in table.rows)
    return (
        f'<div class="wide"><table{looks}>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table></div>'
    )


def _cells(table: Table, row: tuple[Cell, ...]) -> Iterator[str]:
    for cell, column in zip(row, table.columns, strict=True):
        text = escaped(cell_text(cell, column.kind))
        linked = f'<a href="{text}" rel="noreferrer">{text}</a>' if is_link(cell, column.kind) else text
        yield f'<td class="{_class(column)}">{linked}</td>'


def _class(column: Column) -> str:
    return _CLASSES.get(column.kind, "text")
