"""An event as the bytes it came in, for pipes."""

from collections.abc import Iterable, Iterator

from canvas_events_cli.json_text import compact
from canvas_events_cli.model import Record
from canvas_events_cli.rendering.safe_text import terminal_json_bytes


def event_lines(records: Iterable[Record], *, whole_record: bool, on_terminal: bool) -> Iterator[bytes]:
    """Yield each of *records* as one line; what a terminal must not get is written there as JSON escapes.

    An event on a line of its own stays byte for byte; any other becomes its own JSON text without white space between
    tokens. With *whole_record*, wrapped events give way to what they were wrapped in: once for all that are neighbours.
    """
    written = None
    for record in records:
        if whole_record and record.wrapping is not None:
            # The events of one record share its bytes.
            if record.wrapping.raw is written:
                continue
            written = record.wrapping.raw
            line = compact(written) if b"\n" in written else written
        else:
            line = record.raw if record.own_line else compact(record.raw)
        yield (terminal_json_bytes(line) if on_terminal else line) + b"\n"
