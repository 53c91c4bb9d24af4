"""The table of events in the schemas' README is what the command writes."""

from pathlib import Path

from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.rendering.schemas import events_table
from canvas_events_cli.rendering.tables import markdown_table
from canvas_events_cli.schema.listing import events_of

README = Path(__file__).parent.parent.parent / "schemas" / "README.md"


def test_the_table_is_current() -> None:
    table = markdown_table(events_table(list(events_of(load_catalog()))))
    assert README.read_text(encoding="utf-8").endswith(f"\n\n{table}"), (
        "run: cevents schema list -o markdown, and put its output at the end of schemas/README.md"
    )
