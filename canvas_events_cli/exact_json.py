"""JSON whose numbers keep the text they are written in.

orjson turns integers beyond 64 bits into doubles, and no double holds every decimal. Where the number itself matters,
the record's bytes are read again here: slower, so only when the fast answer cannot decide.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

import orjson

from canvas_events_cli.model import Json

JsonT = TypeVar("JsonT", bound=Json)

_NUMBER = re.compile(r"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?", re.ASCII)

_WIDE = re.compile(rb"[0-9]{19}")
"""What any integer beyond 64 bits holds."""


class NumberText(str):
    """A JSON number, as written."""

    __slots__ = ()


def parse_exact(raw: bytes) -> Json:
    """Return the value of *raw*, which orjson has accepted, with each number as a :class:`NumberText`.

    None for a value too deep for this parser: some 900 levels with Python 3.11, where orjson reads 1,024.
    """
    exact: Json = _parsed(raw, NumberText)
    return exact


def with_whole_integers(raw: bytes, value: JsonT) -> JsonT:
    """Return *value*, which orjson read from *raw*, with integers beyond 64 bits as they are written, not as doubles.

    What is too deep for this parser stays as it was.
    """
    whole: JsonT | None = _parsed(raw) if _WIDE.search(raw) else None
    return value if whole is None else whole


def _parsed(raw: bytes, number: type[NumberText] | None = None) -> Any:
    import json  # only where orjson's answer does not do: most runs need it never

    try:
        return json.loads(raw.decode("utf-8-sig"), parse_int=number, parse_float=number)
    except RecursionError:
        return None


def compact_text(value: object, *, sort_keys: bool = False) -> str:
    """Return *value* as JSON text without white space, its numbers as written.

    What is nested deeper than 254 levels has none: an empty text.
    """
    option = orjson.OPT_PASSTHROUGH_SUBCLASS | (orjson.OPT_SORT_KEYS if sort_keys else 0)
    try:
        return orjson.dumps(value, default=lambda number: orjson.Fragment(number.encode()), option=option).decode()
    except orjson.JSONEncodeError:  # the nesting: nothing else that was parsed from JSON cannot be written
        return ""


def read_number(text: str) -> Decimal | None:
    """Return the number that *text* is, exactly, or None where it is not one.

    Wider than JSON: leading zeros, a plus sign and a bare point read as numbers too (``007``, ``+1``, ``.5``).
    Exponents beyond 18 digits do not.
    """
    if _NUMBER.fullmatch(text) is None:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
