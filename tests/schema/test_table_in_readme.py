"""The table of events in the schemas' README is what the command writes."""

from pathlib import Path

from canvas_events_cli import api
from canvas_events_cli.rendering.schemas import events_table
from canvas_events_cli.rendering.tables import markdown_table

README = Path(__file__).parent.parent.parent / "schemas" / "README.md"


def test_the_table_is_current() -> None:
    table = markdown_table(events_table(api.documented_events(api.load_catalog())))
    assert README.read_text(encoding="utf-8").endswith(f"\n\n{table}"), (
        "run: cevents schema list -o markdown, and put its output at the end of schemas/README.md"
    )
