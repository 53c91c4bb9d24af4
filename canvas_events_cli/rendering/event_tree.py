"""An event as it was written: numbers keep their digits, objects their order and repeated keys."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import TypeAlias

from canvas_events_cli.exact_json import NumberText
from canvas_events_cli.model import Record
from canvas_events_cli.pointers import split
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.styled import STYLES, Piece
from canvas_events_cli.timestamps import is_date_time
from canvas_events_cli.validation.engines import MISSING
from canvas_events_cli.validation.findings import MEANT_BY, Verdict

Members: TypeAlias = tuple[tuple[str, "Tree"], ...]
"""A JSON object: its members in order, with repeated keys."""


class Folded(str):
    """What stands in the place of fields that are not shown; safe to print."""

    __slots__ = ()


Tree: TypeAlias = bool | str | NumberText | list["Tree"] | Members | None
Marks: TypeAlias = dict[str | None, dict[str, list[str]]]
"""What is wrong, by the pointer of the container and the key in it; by None what is wrong with all of the event."""

is_id = re.compile(r"(?:^|_)(?:ids?|uuid|guid)$", re.IGNORECASE).search
"""Tells whether a key is that of an id."""
WORDS = frozenset(("", "null", "true", "false"))
"""Strings that stand in quotes: they look like something else."""
_IS_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII).fullmatch
_AROUND = "\ufeff \t\r\n"
_MEANT = MEANT_BY.partition("{")[0]
_DECODER = json.JSONDecoder(parse_int=NumberText, parse_float=NumberText, object_pairs_hook=tuple)


def tree_of(record: Record) -> Tree:
    """Return the JSON text of *record* as a tree; raises RecursionError where it is nested deeper than Python goes."""
    tree: Tree = _DECODER.raw_decode(record.json.decode().strip(_AROUND))[0]
    return tree


def marks_of(verdict: Verdict, meant: Mapping[str, str] | None = None) -> Marks:
    """Return the messages of *verdict*; one that names a misspelt field stands beside that field too.

    *meant* has, by pointers, the ends of what there is to tell of further fields that may be misspelt.
    """
    marks: Marks = defaultdict(lambda: defaultdict(list))
    unknown: dict[str, list[str]] = defaultdict(list)
    for pointer in verdict.undocumented_fields:
        parent, _, _ = pointer.rpartition("/")
        unknown[parent].append(split(pointer)[-1])
    for finding in verdict.findings:
        parent, _, _ = finding.pointer.rpartition("/")
        (key,) = split(finding.pointer)[-1:] or ("",)
        marks[parent if finding.pointer else None][key].append(finding.message)
        if finding.keyword in MISSING and _MEANT in finding.message:
            for name in unknown[parent]:
                if finding.message.endswith(MEANT_BY.format(name)):
                    marks[parent][name].append(f"did you mean {key!r}?")
    for pointer, text in (meant or {}).items():
        parent, _, _ = pointer.rpartition("/")
        if not marks[parent][split(pointer)[-1]]:
            marks[parent][split(pointer)[-1]].append(f"not documented{text}")
    return marks


def value_piece(value: Tree, *, is_id: bool = False) -> Piece:
    """Return a value that holds no others, safe to print, coloured by kind.

    A string stands in quotes only where it would look like something else without them.
    """
    if type(value) is str:
        style = STYLES["id"] if is_id else STYLES["time"] if value[4:5] == "-" and is_date_time(value) else ""
        return f'"{visible(value)}"' if _needs_quotes(value) else visible(value), style
    if isinstance(value, Folded):
        return value, "dim"
    if isinstance(value, NumberText):
        return value, STYLES["count"]
    if isinstance(value, bool):
        return "true" if value else "false", STYLES["type"]
    return "null" if value is None else "{}" if isinstance(value, tuple) else "[]", "dim"


def _needs_quotes(text: str) -> bool:
    """Tell whether a string could be taken for a value of another type, or its ends could not be seen."""
    if text in WORDS or text[0].isspace() or text[-1].isspace():
        return True
    return text[0] in '[{"' or (text[0] in "-0123456789" and _IS_NUMBER(text) is not None)
