"""An event as it was written: numbers keep their digits, objects their order and repeated keys."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from canvas_events_cli.exact_json import NumberText
from canvas_events_cli.model import Finding
from canvas_events_cli.pointers import escape, split
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.styled import Piece
from canvas_events_cli.timestamps import parse_instant

Members: TypeAlias = tuple[tuple[str, "Tree"], ...]
"""A JSON object: its members in order, with repeated keys."""
Tree: TypeAlias = bool | str | NumberText | list["Tree"] | Members | None

Expected: TypeAlias = dict[str | None, dict[str, None]]
"""For the pointer of a container: the keys, in order, that findings name in it."""

_names_id = lru_cache(re.compile(r"(?:^|_)(?:ids?|uuid|guid)$", re.IGNORECASE).search)
_NEEDS_QUOTES = re.compile(r"""-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|null|true|false|[\[{"\s].*|.*\s|""", re.DOTALL)
"""Strings that could be taken for a value of another type, or whose ends could not be seen."""


class Row(NamedTuple):
    """One member or element of an event, before it is fitted to a width."""

    depth: int
    key: str
    key_width: int
    """Characters of the longest key among its siblings."""
    value: Tree
    pointer: str | None
    """None where a later member of the same name, or of the same name above, counts instead."""
    has_rows: bool
    """Whether *value* is shown by the rows that follow, one level deeper."""
    is_missing: bool
    """Whether there is no such member: a finding says that there should be."""


def read(raw: bytes) -> Tree:
    """Return the JSON text *raw* as a tree; raises RecursionError where it is nested deeper than Python goes."""
    tree: Tree = json.loads(
        raw.decode("utf-8-sig"), parse_int=NumberText, parse_float=NumberText, object_pairs_hook=tuple
    )
    return tree


def rows(tree: Tree, findings: Iterable[Finding]) -> Iterator[Row]:
    """Yield a row for everything in *tree*, and for what *findings* say is missing, last in its container."""
    expected: Expected = defaultdict(dict)
    for finding in findings:
        for key in split(finding.pointer)[-1:]:
            expected[finding.pointer.rpartition("/")[0]][key] = None
    levels = [_level(tree, expected, "", 0)]
    while levels:
        row = next(levels[-1], None)
        if row is None:
            levels.pop()
            continue
        yield row
        if row.has_rows:
            levels.append(_level(row.value, expected, row.pointer, row.depth + 1))


def _level(tree: Tree, expected: Expected, pointer: str | None, depth: int) -> Iterator[Row]:
    if isinstance(tree, tuple):
        present = tree
    else:
        present = tuple((str(index), item) for index, item in enumerate(tree)) if isinstance(tree, list) else ()
    last = {key: place for place, (key, _) in enumerate(present)}
    missing = [] if pointer is None else [key for key in expected.get(pointer, ()) if key not in last]
    width = max(map(len, [*last, *missing]), default=0)
    for place, (key, value) in enumerate(present):
        counts = pointer is not None and last[key] == place
        where = f"{pointer}/{escape(key)}" if counts else None
        nested = isinstance(value, list | tuple) and (bool(value) or where in expected)
        yield Row(depth, key, width, value, where, nested, False)
    for key in missing:
        yield Row(depth, key, width, None, f"{pointer}/{escape(key)}", False, True)


def value_piece(key: str, value: Tree) -> Piece:
    """Return a value that holds no others, safe to print, coloured by kind; *key* tells an id.

    A string stands in quotes only where it would look like something else without them.
    """
    if isinstance(value, NumberText):
        return value, "green"
    if isinstance(value, str):
        quote = '"' if _NEEDS_QUOTES.fullmatch(value) else ""
        style = "magenta" if parse_instant(value) is not None else "cyan" if _names_id(key) else ""
        return f"{quote}{visible(value)}{quote}", style
    if isinstance(value, bool):
        return "true" if value else "false", "green"
    return "null" if value is None else "{}" if isinstance(value, tuple) else "[]", "dim"
