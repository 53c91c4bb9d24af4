"""What a violation is called in plain words; made from the violation alone, so that both engines say the same.

Messages tell what was expected, and the type or the length of what came. Values of events may be personal: they are
quoted only on request. Names of fields may always be quoted.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from canvas_events_cli.errors import counted
from canvas_events_cli.validation.engines import MISSING, NOT_DOCUMENTED, NOT_THERE, TOO_DEEP, Violation

DUPLICATE_KEY = "this key stands more than once in its object; parsers disagree about which value counts"
UNDOCUMENTED_EVENT = "no body schema is known for this event"
UNDOCUMENTED_CALIPER = "no schema is known for Caliper events"

_LONGEST = 60
"""Characters of a value that a message quotes."""
_LARGEST = 2**64 - 1
"""As jsonschema-rs tells larger sizes."""


def describe(violation: Violation, *, show_values: bool = False) -> str:
    """Return the message for *violation*; *show_values* adds the offending value, shortened."""
    words = _EXPECTED.get(violation.keyword)
    expected = words(violation.value) if words is not None else None
    if expected is not None:
        message = f"expected {expected}, got {_came(violation.instance)}"
    elif violation.keyword == NOT_DOCUMENTED:
        message = str(violation.value or "not in the schema")
    else:
        message = _MESSAGES.get(violation.keyword, "the schema allows nothing here")
    if show_values and violation.keyword not in MISSING and violation.instance not in _SHOWN_ALREADY:
        return f"{message}: {short_json(violation.instance)}"
    return message


_SHOWN_ALREADY: tuple[object, ...] = (None, "", [], {})
"""Values that messages name anyway."""


def short_json(value: object, *, sort_keys: bool = False) -> str:
    """Return *value* as JSON text, cut to some 60 characters; no more of it is written out than that."""
    text = ""
    for piece in json.JSONEncoder(ensure_ascii=False, sort_keys=sort_keys).iterencode(value):
        text += piece
        if len(text) > _LONGEST:
            return f"{text[:_LONGEST]}…"
    return text


_TYPES = {
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "null": "null",
}
"""Types in the order in which messages list them."""

_FORMATS = {
    "date-time": "a date and time with an offset (RFC 3339), such as 2024-07-30T19:04:35.872Z",
    "date": "a date, such as 2024-07-30",
    "time": "a time with an offset, such as 19:04:35Z",
    "email": "an e-mail address",
    "uri": "a URI",
    "uuid": "a UUID",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
    "hostname": "a host name",
}


OF_DIGITS = {"^[0-9]+$": "decimal digits only", "^[0-9]*$": "decimal digits only, or nothing"}
"""Plain words for the patterns of ids."""


def _came(value: Any) -> str:
    """Return the type and, where it has one, the length of *value*."""
    if isinstance(value, str):
        return f"a string of {_count(len(value), 'character')}" if value else "an empty string"
    if isinstance(value, list):
        return f"an array of {_count(len(value), 'item')}" if value else "an empty array"
    if isinstance(value, dict):
        return f"an object with {_count(len(value), 'field')}" if value else "an empty object"
    if value is None:
        return "null"
    return {bool: "a boolean", int: "an integer", float: "a number"}[type(value)]


def _count(number: Any, noun: str) -> str:
    return counted(min(int(number), _LARGEST), noun)


def _either(choices: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(choices[:-1]), *choices[-1:])))


def _types(asked: Any) -> str | None:
    names = [asked] if isinstance(asked, str) else asked
    return _either([text for name, text in _TYPES.items() if name in names]) or "nothing"


def _choice(value: object) -> str:
    """Return a value from a schema; the engines do not agree on the order of its keys."""
    return short_json(value, sort_keys=True)


def _choices(choices: Any) -> str | None:
    listed = [_choice(choice) for choice in choices[:8]]
    return (_either(listed) if len(listed) == len(choices) else ", ".join([*listed, "…"])) or None


def _limit(value: Any) -> str:
    return str(value) if isinstance(value, int) else f"{value:.15g}"


_EXPECTED: dict[str, Callable[[Any], str | None]] = {
    "anyOf": lambda types: _types(types) if types else None,
    "const": _choice,
    "enum": _choices,
    "exclusiveMaximum": lambda limit: f"a number below {_limit(limit)}",
    "exclusiveMinimum": lambda limit: f"a number above {_limit(limit)}",
    "format": lambda name: _FORMATS.get(str(name), f"text in the format {name}"),
    "maxItems": lambda size: f"at most {_count(size, 'item')}",
    "maxLength": lambda size: f"at most {_count(size, 'character')}",
    "maxProperties": lambda size: f"at most {_count(size, 'field')}",
    "maximum": lambda limit: f"a number of at most {_limit(limit)}",
    "minItems": lambda size: f"at least {_count(size, 'item')}",
    "minLength": lambda size: f"at least {_count(size, 'character')}",
    "minProperties": lambda size: f"at least {_count(size, 'field')}",
    "minimum": lambda limit: f"a number of at least {_limit(limit)}",
    "multipleOf": lambda number: f"a number that is a multiple of {_limit(number)}",
    "pattern": lambda pattern: OF_DIGITS.get(str(pattern), f"text that matches {pattern}"),
    "type": _types,
}
"""What a keyword's value asks for, where the message tells that and what came; None where it tells neither."""

_UNEXPECTED = "unexpected: the schema allows no such field here"
_TOO_MANY_ITEMS = "has more items than the schema allows"
_MISSING_BESIDE = "required beside another field that is there, but missing"
_MESSAGES = {
    "additionalItems": _TOO_MANY_ITEMS,
    "additionalProperties": _UNEXPECTED,
    "anyOf": "fits none of the alternatives that the schema allows",
    "contains": "has too few or too many items of the kind that the schema asks for",
    "dependencies": _MISSING_BESIDE,
    "dependentRequired": _MISSING_BESIDE,
    "enum": "the schema's list of allowed values is empty",
    "items": "unexpected: the schema allows no further item",
    "not": "is what the schema rules out",
    NOT_THERE: "normally there and not null, says the schema",
    "oneOf": "does not fit exactly one of the alternatives that the schema allows",
    "propertyNames": "the schema does not allow a field of this name here",
    "required": "required, but missing",
    TOO_DEEP: "nested too deeply for this engine to follow the schema's references",
    "unevaluatedItems": _TOO_MANY_ITEMS,
    "unevaluatedProperties": _UNEXPECTED,
    "uniqueItems": "expected items that are all different",
}
