"""An event as it was written: numbers keep their digits, objects their order and repeated keys."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias, cast

from orjson import JSONEncodeError, dumps

from canvas_events_cli.json_text import compact
from canvas_events_cli.model import Record
from canvas_events_cli.pointers import split
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.styled import STYLES, Piece
from canvas_events_cli.timestamps import is_date_time
from canvas_events_cli.validation.engines import MISSING
from canvas_events_cli.validation.findings import MEANT_BY, Verdict

Members: TypeAlias = tuple[tuple[str, "Tree"], ...]
"""The members of a JSON object in order, with repeated keys."""


@dataclass(frozen=True, slots=True)
class Folded:
    """What stands in the place of fields that are not shown."""

    text: str
    """Safe to print."""


Leaf: TypeAlias = bool | str | bytes | Folded | None
"""What holds no others; bytes are a number as it is written, which is no key that a text would be, too."""
Tree: TypeAlias = Leaf | float | list["Tree"] | dict[str, "Tree"] | Members
"""An object is a dict, or its members where it may have a key twice; a number is written as orjson does it."""
NUMBERS = frozenset((int, float))
CONTAINERS = frozenset((list, dict, tuple))
Marks: TypeAlias = dict[str | None, dict[str, list[str]]]
"""What is wrong, by the pointer of the container and the key in it; by None what is wrong with all of the event."""

is_id = re.compile(r"(?:^|_)(?:ids?|uuid|guid)$", re.IGNORECASE).search
"""Tells whether a key is that of an id."""
_WORDS = frozenset(("", "null", "true", "false"))
"""Strings that stand in quotes: they look like something else."""
_IS_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII).fullmatch
stands_as_it_is = re.compile(
    r"(?!(?:null|true|false)\Z)[A-Za-z][\w@./?&=%+;:-]*|(?=[0-9][0-9Ee-]*+[A-DF-Za-df-z])[\w-]+", re.ASCII
).fullmatch
"""Tells strings whose characters are all harmless, and that look like nothing but texts."""
_AROUND = "\ufeff \t\r\n"
_MEANT = MEANT_BY.partition("{")[0]
_DECODER = json.JSONDecoder(parse_int=str.encode, parse_float=str.encode, object_pairs_hook=tuple)


def tree_of(record: Record) -> Tree:
    """Return the JSON text of *record* as a tree; raises RecursionError where it is nested deeper than Python goes."""
    value, raw = record.value, record.raw
    if isinstance(value, dict) and b"\\" not in raw:  # most, in a third of the time
        with suppress(JSONEncodeError):
            if (written := dumps(value)) == raw or written == compact(raw):
                return cast(Tree, value)
    tree: Tree = _DECODER.raw_decode(record.json.decode().strip(_AROUND))[0]
    return tree


def members_of(tree: Tree) -> Members:
    """Return the members of an object, or the elements of an array by their numbers; of anything else none."""
    if isinstance(tree, list):
        return tuple([(str(index), item) for index, item in enumerate(tree)])
    return tuple(tree.items()) if isinstance(tree, dict) else tree if isinstance(tree, tuple) else ()


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
        if stands_as_it_is(value):  # most ids, addresses and states: one look in place of several
            return value, ""
        if value[4:5] == "-" and not is_id and is_date_time(value):
            return value, STYLES["time"]
        return f'"{visible(value)}"' if _needs_quotes(value) else visible(value), ""
    if isinstance(value, Folded):
        return value.text, "dim"
    if isinstance(value, bytes):
        return value.decode(), STYLES["count"]
    if isinstance(value, bool):
        return "true" if value else "false", STYLES["type"]
    return "null" if value is None else "[]" if isinstance(value, list) else "{}", "dim"


def _needs_quotes(text: str) -> bool:
    """Tell whether a string could be taken for a value of another type, or its ends could not be seen."""
    if text in _WORDS or text[0].isspace() or text[-1].isspace():
        return True
    return text[0] in '[{"' or (text[0] in "-0123456789" and _IS_NUMBER(text) is not None)
