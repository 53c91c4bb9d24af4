"""Single values of an event: which kind each is, and how that kind looks."""

from __future__ import annotations

import re

from rich.text import Text

from canvas_events_cli.exact_json import NumberText
from canvas_events_cli.rendering.json_tree import Tree
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.timestamps import parse_instant

_ID_KEY = re.compile(r"(?:^|_)(?:ids?|uuid|guid)$", re.IGNORECASE)
_NEEDS_QUOTES = re.compile(r"""-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|null|true|false|[\[{"\s].*|.*\s|""", re.DOTALL)
"""Strings that could be taken for a value of another type, or whose ends could not be seen."""


def value_text(key: str, value: Tree) -> Text:
    """Return a value that holds no others, safe to print, coloured by kind; *key* tells an id.

    A string stands in quotes only where it would look like something else without them.
    """
    if isinstance(value, NumberText):
        return Text(value, "green")
    if isinstance(value, str):
        quote = '"' if _NEEDS_QUOTES.fullmatch(value) else ""
        return Text.assemble((quote, "dim"), (visible(value), _style(key, value)), (quote, "dim"))
    if isinstance(value, bool):
        return Text("true" if value else "false", "green")
    return Text("null" if value is None else "{}" if isinstance(value, tuple) else "[]", "dim")


def _style(key: str, value: str) -> str:
    if parse_instant(value) is not None:
        return "magenta"
    return "cyan" if _ID_KEY.search(key) else ""
