"""An event as it was written: numbers keep their digits, objects their order and repeated keys."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from canvas_events_cli.exact_json import NumberText
from canvas_events_cli.model import Finding
from canvas_events_cli.pointers import escape, split

Members: TypeAlias = tuple[tuple[str, "Tree"], ...]
"""A JSON object: its members in order, with repeated keys."""
Tree: TypeAlias = bool | str | NumberText | list["Tree"] | Members | None

Expected: TypeAlias = dict[str | None, dict[str, None]]
"""For the pointer of a container: the keys, in order, that findings name in it."""


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


def member(tree: Tree, key: str) -> Tree:
    """Return the value of *key*, the last where it is repeated; None where there is none."""
    if isinstance(tree, tuple):
        return next((value for name, value in reversed(tree) if name == key), None)
    return None


def rows(tree: Tree, findings: Iterable[Finding]) -> Iterator[Row]:
    """Yield a row for everything in *tree*, and for what *findings* say is missing, last in its container."""
    expected = _expected(findings)
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


def _expected(findings: Iterable[Finding]) -> Expected:
    keys: Expected = defaultdict(dict)
    for finding in findings:
        for key in split(finding.pointer)[-1:]:
            keys[finding.pointer.rpartition("/")[0]][key] = None
    return dict(keys)
