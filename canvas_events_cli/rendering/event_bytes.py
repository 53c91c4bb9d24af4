"""An event as the bytes it came in, for pipes."""

from canvas_events_cli.json_text import compact
from canvas_events_cli.model import Record
from canvas_events_cli.rendering.safe_text import terminal_json_bytes


def event_line(record: Record, *, on_terminal: bool) -> bytes:
    """Return *record* as one line.

    An event on a line of its own stays byte for byte; any other becomes its own JSON text without white space between
    tokens. What a terminal must not get is written there as JSON escapes.
    """
    line = record.raw if record.own_line else compact(record.raw)
    return (terminal_json_bytes(line) if on_terminal else line) + b"\n"
