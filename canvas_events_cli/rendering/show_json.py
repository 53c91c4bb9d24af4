"""Events as JSON for scripts, every token as it was written."""

from collections.abc import Iterable, Iterator

from canvas_events_cli.json_text import compact, indent
from canvas_events_cli.rendering.safe_text import terminal_json_bytes


def json_array(raws: Iterable[bytes], *, on_terminal: bool) -> Iterator[bytes]:
    """Yield one indented JSON array of the events *raws*, piece by piece as they come, with a final line feed."""
    before = b"[\n  "
    for raw in raws:
        text = terminal_json_bytes(raw) if on_terminal else raw
        yield before + "".join(indent(text, "  ")).encode()
        before = b",\n  "
    yield b"[]\n" if before.startswith(b"[") else b"\n]\n"


def ndjson_line(raw: bytes, *, on_terminal: bool) -> bytes:
    """Return one event on one line, without white space between its tokens, with a line feed."""
    return compact(terminal_json_bytes(raw) if on_terminal else raw) + b"\n"
