"""Events as bytes, for pipes and scripts: as they came in, or laid out with every token as it was written."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from canvas_events_cli.json_text import compact, indent
from canvas_events_cli.model import Record
from canvas_events_cli.rendering.safe_text import terminal_json_bytes


class Enclosed(NamedTuple):
    """An event as a line, and what it was wrapped in."""

    line: bytes
    wrapper: bytes | None
    """The enclosing record's own bytes, the same object for all events of it; None for an event on its own."""


def event_line(record: Record) -> bytes:
    """Return *record* as one line, without a line feed.

    An event on a line of its own stays byte for byte; any other becomes its own JSON text without white space between
    tokens, as one that has been unwrapped is already; a wrapper without one is written as it is itself.
    """
    is_written = record.own_line or (record.wrapping is not None and record.value is not None)
    return record.raw if is_written else compact(record.raw)


def no_line(_record: Record) -> None:
    """Return nothing: where events are only counted."""


def enclosed(record: Record) -> Enclosed:
    """Return *record* as a line with what encloses it."""
    return Enclosed(event_line(record), record.wrapping.raw if record.wrapping else None)


def enclosing_lines(events: Iterable[Enclosed]) -> Iterator[bytes]:
    """Yield a line for each of *events*; wrapped ones give way to their wrapper: once for all that are neighbours."""
    written = None
    for line, wrapper in events:
        if wrapper is None:
            yield line
        elif wrapper is not written:
            written = wrapper
            yield compact(wrapper) if b"\n" in wrapper else wrapper


def written(lines: Iterable[bytes], *, on_terminal: bool) -> bytes:
    """Return *lines*, each with a line feed; what a terminal must not get is written there as JSON escapes."""
    return b"\n".join((*(map(terminal_json_bytes, lines) if on_terminal else lines), b""))


def json_array(parts: Iterable[Iterable[bytes]], *, on_terminal: bool) -> Iterator[bytes]:
    """Yield one indented JSON array of the events in *parts*, part by part as they come, with a final line feed."""
    before = "[\n  "
    for raws in parts:
        pieces: list[str] = []
        for raw in raws:
            pieces += before, *indent(terminal_json_bytes(raw) if on_terminal else raw, "  ")
            before = ",\n  "
        yield "".join(pieces).encode()
    yield b"[]\n" if before.startswith("[") else b"\n]\n"


def ndjson_lines(parts: Iterable[Iterable[bytes]], *, on_terminal: bool) -> Iterator[bytes]:
    """Yield the events in *parts*, part by part, each on one line, without white space between its tokens."""
    for raws in parts:
        yield written(map(compact, map(terminal_json_bytes, raws) if on_terminal else raws), on_terminal=False)
