"""Keys that stand more than once in one JSON object: parsers disagree about which of their values counts."""

import json
import re
from collections.abc import Iterator

from canvas_events_cli import pointers
from canvas_events_cli.parse import loads

# A string with a colon after it is a key. Numbers and white space match nothing and are passed over.
_TOKEN = re.compile(rb'("[^"\\]*+(?:\\.[^"\\]*+)*+")(?:[ \t\r\n]*+(:))?|([{[])|([]}])|,', re.DOTALL)


class _Level:
    """An object or an array that is open: where it stands now, and the keys it had, with whether they were told."""

    __slots__ = ("at", "keys")

    def __init__(self, opening: bytes) -> None:
        self.at: str | int = 0
        self.keys: dict[str, bool] | None = {} if opening == b"{" else None


def duplicate_keys(raw: bytes) -> Iterator[str]:
    r"""Yield the pointers of the members of *raw*, valid JSON, whose key stood in their object before.

    A key that stands there three times is told once. Keys are compared as they are meant: ``"a"`` and ``"\u0061"`` are
    the same. Any depth that orjson reads.
    """
    if not _may_repeat(raw):
        return
    levels: list[_Level] = []
    for match in _TOKEN.finditer(raw):
        string, colon, opens, closes = match.groups()
        if colon:
            level = levels[-1]
            level.at = key = loads(string)
            if level.keys is not None:
                if level.keys.get(key) is False:
                    yield pointers.join("", *(level.at for level in levels))
                level.keys[key] = key in level.keys
        elif opens:
            levels.append(_Level(opens))
        elif closes:
            levels.pop()
        elif not string and isinstance(levels[-1].at, int):
            levels[-1].at += 1


def _may_repeat(raw: bytes) -> bool:
    """Tell whether there is anything to look for: the standard parser knows ten times as fast, but not where."""
    repeated = False

    def count(members: list[tuple[str, object]]) -> None:
        nonlocal repeated
        repeated = repeated or len(dict(members)) != len(members)

    try:
        json.loads(raw, object_pairs_hook=count, parse_int=str, parse_float=str)
    except RecursionError:
        return True
    return repeated
