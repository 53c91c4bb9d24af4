"""What is told of an event, as types of the fields that it is told of."""

import re
from functools import reduce
from operator import or_
from typing import Annotated, Any

from canvas_events_cli.pointers import ABSENT, split
from canvas_events_cli.validation.engines import MISSING, NOT_DOCUMENTED, NOT_THERE
from canvas_events_cli.validation.fast.event_type import integer
from canvas_events_cli.validation.findings import Verdict

_NULL = type(None)
_SCALARS = (str, int, float, bool, _NULL)
_WRONG_TEXTS = {"pattern": "[^0-9]", "format": r"\A(?:[^0-9]|.{10}[^Tt]|.{0,19}\Z)", "minLength": r"\A\Z"}
"""What no text holds that is as a type asks for: such a pattern is of digits, such a format one of times, which have a
T after the date, and 20 characters at least. Of too short texts only the empty one is not wrong in other ways, too."""


def types_of_told(event: Any, key: str, verdict: Verdict) -> dict[str, dict[str, object]] | None:
    """Return the types of the fields of *event* that its *verdict* tells of; None where their values matter.

    Its envelope is under *key*.
    """
    others: dict[str, dict[str, object]] = {"envelope": {}, "body": {}}
    told = [(finding.pointer, finding.keyword) for finding in verdict.findings]
    told += [(pointer, NOT_DOCUMENTED) for pointer in verdict.undocumented_fields]
    told += [(pointer, NOT_THERE) for pointer in verdict.missing_fields]
    for pointer, keyword in told:
        part, *name = split(pointer) or ("",)
        fields = event.get(part)
        known = others.get("envelope" if part == key else part)
        if known is None or len(name) != 1 or not isinstance(fields, dict) or name[0] in known:
            return None
        kind = _type_of_told(fields.get(name[0], ABSENT), keyword)
        if kind is None:
            return None
        known[name[0]] = kind
    return others


def _type_of_told(value: object, keyword: str) -> object:
    """Return a type of values of which the same is told as of *value*; None where there is none that is made here.

    Whatever is wrong with a null, a boolean or an integer where the schema asks for another type, is its type: the
    other keywords that types are made of are about texts. Of a text its length is told.
    """
    if keyword in MISSING:
        return ABSENT if value is ABSENT else _NULL if value is None and keyword == NOT_THERE else None
    if keyword == NOT_DOCUMENTED:
        return reduce(or_, [integer(), str, float, bool, None]) if isinstance(value, _SCALARS) else None
    if keyword == "type":
        return {_NULL: _NULL, bool: bool, int: integer()}.get(type(value))
    wrong = _WRONG_TEXTS.get(keyword)
    if wrong is None or not isinstance(value, str) or re.search(wrong, value) is None:
        return None
    from msgspec import Meta

    return Annotated[str, Meta(pattern=wrong, min_length=len(value), max_length=len(value))]
