"""What a program may hand to the library, sources and events as it has them; what is told of anything else."""

import os
from collections.abc import Iterable, Iterator
from json import dumps
from typing import Any

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Record
from canvas_events_cli.sources.locate import locate
from canvas_events_cli.sources.source import Source, SourceError

AnyEvent = str | bytes | dict[str, Any] | Record
"""One event: its JSON, what that stands for, or what :func:`select` gives."""
AnySource = str | os.PathLike[str] | Iterable[AnyEvent]
"""The name of a file, a folder, a glob or a URL (``-`` is standard input); or events."""
EVENTS = "<events>"
"""What findings call the source of events that have none."""


def check_flags(**given: object) -> None:
    """Raise CeventsError for an argument that is neither True nor False: "no" would be taken for yes."""
    for name, value in given.items():
        if not isinstance(value, bool):
            raise CeventsError(f"{name}: expected True or False, not {type(value).__name__}")


def check_at_least(least: int, **given: int) -> None:
    """Raise CeventsError for an argument that is no number, or a smaller one than *least*."""
    for name, number in given.items():
        if not isinstance(number, int) or number < least:
            told = number if isinstance(number, int) else type(number).__name__
            raise CeventsError(f"{name}: expected an int, {least} or more, not {told}")


def sources_of(source: AnySource) -> list[Source]:
    """Return what *source* names, or holds. Raises CeventsError where that is nothing, or no events."""
    if isinstance(source, str | os.PathLike):
        name = os.fspath(source)
        if name.lstrip()[:1] in ("{", "[") and not os.path.lexists(name):
            raise CeventsError("a text names a file, a folder or a glob: put events into a list")
        found = []
        for each in locate([name]):
            if isinstance(each, SourceError):
                raise each
            found.append(each)
        return found
    if isinstance(source, bytes | bytearray | dict | Record) or not isinstance(source, Iterable):
        raise CeventsError(
            "expected the name of a file, a folder or a glob, or an iterable of events (dict, str or bytes), "
            f"not {type(source).__name__}"
        )
    return [Source(EVENTS, lines=_lines(source))]


def _lines(events: Iterable[AnyEvent]) -> Iterator[bytes]:
    for number, event in enumerate(events, 1):
        try:
            yield json_of(event)
        except ValueError as error:
            yield f"# {error}".encode()  # which is no JSON either: a malformed record, as in Validator.check
        except CeventsError as error:
            raise CeventsError(f"event {number}: {error}") from error


def json_of(event: AnyEvent) -> bytes:
    """Return the JSON of *event*. Raises CeventsError for another type, ValueError for a dict that no JSON can be."""
    if isinstance(event, str):
        return event.encode("utf-8", "surrogatepass")
    if isinstance(event, bytes):
        return event
    if isinstance(event, Record):
        return event.json
    if not isinstance(event, dict):
        raise CeventsError(f"expected an event as dict, str or bytes, not {type(event).__name__}")
    try:
        text = dumps(event, allow_nan=False, ensure_ascii=False)
        has_other_keys = _has_other_keys(event)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error
    if has_other_keys:
        raise ValueError("not JSON: a key is no text")
    return text.encode("utf-8", "surrogatepass")


def _has_other_keys(value: object) -> bool:
    """Tell whether an object in *value* has keys that are no texts: json makes texts of some, in silence."""
    if isinstance(value, dict):
        return any(not isinstance(key, str) or _has_other_keys(inner) for key, inner in value.items())
    return isinstance(value, list | tuple) and any(map(_has_other_keys, value))
