"""What changed between two catalogues, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from canvas_events_cli.rendering.grid import Column, Row, grid_lines, markdown_table
from canvas_events_cli.rendering.safe_text import visible

if TYPE_CHECKING:
    from rich.text import Text

    from canvas_events_cli.schema.diff import CatalogDiff, Change, SchemaDiff

_CHANGES = (Column("field", "cyan"), Column("change", "yellow"), Column("before and after"))
_LONGEST = 60
_QUESTION = "every event valid before is valid after"
_ANSWERS = {"yes": "yes", "no": "no", "unknown": "not known"}
_STYLES = {"yes": "green", "no": "red", "unknown": "yellow"}


def diff_lines(diff: CatalogDiff, width: int) -> Iterator[Text]:
    """Yield a heading for each schema that changed, its changes, and the answer; last, the answer for all."""
    from rich.text import Text

    for schema in diff.schemas:
        style = _STYLES[schema.still_valid]
        yield Text.assemble((visible(schema.name), "bold cyan"), f": {schema.change}")
        yield from grid_lines(_CHANGES, _rows(schema), width, indent="  ") if schema.changes else ()
        yield Text.assemble("  ", (f"{_QUESTION}: ", "dim"), (_answer(schema), style))
        yield Text()
    if not diff.schemas:
        yield Text("no difference", "green")
        return
    yield Text.assemble(f"all in all, {_QUESTION}: ", (_ANSWERS[diff.still_valid], f"bold {_STYLES[diff.still_valid]}"))


def diff_markdown(diff: CatalogDiff) -> str:
    """Return the same as Markdown."""
    from canvas_events_cli.rendering.summary_markdown import escaped

    if not diff.schemas:
        return "No difference.\n"
    parts = [f"All in all, {_QUESTION}: **{_ANSWERS[diff.still_valid]}**\n"]
    for schema in diff.schemas:
        parts.append(f"## {escaped(schema.name)}: {schema.change}\n")
        if schema.changes:
            parts.append(markdown_table(_CHANGES, _rows(schema)))
        parts.append(f"{_QUESTION.capitalize()}: {escaped(_answer(schema))}\n")
    return "\n".join(parts)


def diff_json(diff: CatalogDiff) -> dict[str, object]:
    """Return the differences as JSON values."""
    return {"still_valid": diff.still_valid, "schemas": [asdict(schema) for schema in diff.schemas]}


def _answer(schema: SchemaDiff) -> str:
    reasons = "; ".join(map(visible, schema.reasons))
    return _ANSWERS[schema.still_valid] + (f" ({reasons})" if reasons else "")


def _rows(schema: SchemaDiff) -> list[Row]:
    return [(change.pointer or "(the whole)", change.kind, _before_and_after(change)) for change in schema.changes]


def _before_and_after(change: Change) -> str:
    if not (change.old or change.new):
        return ""
    return " → ".join(_short(text) if text else "nothing" for text in (change.old, change.new))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
