"""What a violation is called in plain words; made from the violation alone, so that both engines say the same.

Messages tell what was expected, and the type or the length of what came. Values of events may be personal: they are
quoted only on request. Names of fields may always be quoted.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

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
    message = _MESSAGES.get(violation.keyword, _no_value)(violation)
    if show_values and violation.keyword not in MISSING and violation.instance not in _SHOWN_ALREADY:
        return f"{message}: {shorten(violation.instance)}"
    return message


_SHOWN_ALREADY: tuple[object, ...] = (None, "", [], {})
"""Values that messages name anyway."""


def shorten(value: object, *, sort_keys: bool = False) -> str:
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


def _count(number: Any, unit: str) -> str:
    whole = min(int(number), _LARGEST)
    return f"{whole:,} {unit}" if whole == 1 else f"{whole:,} {unit}s"


def _either(choices: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(choices[:-1]), *choices[-1:])))


def _types(asked: Any) -> str:
    names = [asked] if isinstance(asked, str) else asked
    return _either([text for name, text in _TYPES.items() if name in names]) or "nothing"


def _type(violation: Violation) -> str:
    return f"expected {_types(violation.value)}, got {_came(violation.instance)}"


def _any_of(violation: Violation) -> str:
    return _type(violation) if violation.value else "fits none of the alternatives that the schema allows"


def _format(violation: Violation) -> str:
    expected = _FORMATS.get(str(violation.value), f"text in the format {violation.value}")
    return f"expected {expected}, got {_came(violation.instance)}"


def _pattern(violation: Violation) -> str:
    pattern = str(violation.value)
    return f"expected {OF_DIGITS.get(pattern, f'text that matches {pattern}')}, got {_came(violation.instance)}"


def _choice(value: object) -> str:
    """Return a value from a schema; the engines do not agree on the order of its keys."""
    return shorten(value, sort_keys=True)


def _enum(violation: Violation) -> str:
    choices: Any = violation.value
    listed = [_choice(choice) for choice in choices[:8]]
    if not choices:
        return "the schema's list of allowed values is empty"
    expected = _either(listed) if len(listed) == len(choices) else ", ".join([*listed, "…"])
    return f"expected {expected}, got {_came(violation.instance)}"


def _const(violation: Violation) -> str:
    return f"expected {_choice(violation.value)}, got {_came(violation.instance)}"


def _number(bound: str) -> Callable[[Violation], str]:
    return lambda violation: f"expected a number {bound} {_limit(violation.value)}, got {_came(violation.instance)}"


def _limit(value: Any) -> str:
    return str(value) if isinstance(value, int) else f"{value:.15g}"


def _size(bound: str, unit: str) -> Callable[[Violation], str]:
    return lambda violation: f"expected {bound} {_count(violation.value, unit)}, got {_came(violation.instance)}"


def _says(text: str) -> Callable[[Violation], str]:
    return lambda violation: text


_no_value = _says("the schema allows nothing here")
_unexpected_field = _says("unexpected: the schema allows no such field here")
_unexpected_items = _says("has more items than the schema allows")

_MESSAGES: dict[str, Callable[[Violation], str]] = {
    "additionalItems": _unexpected_items,
    "additionalProperties": _unexpected_field,
    "anyOf": _any_of,
    "const": _const,
    "contains": _says("has too few or too many items of the kind that the schema asks for"),
    "dependencies": _says("required beside another field that is there, but missing"),
    "dependentRequired": _says("required beside another field that is there, but missing"),
    "enum": _enum,
    "exclusiveMaximum": _number("below"),
    "exclusiveMinimum": _number("above"),
    NOT_THERE: _says("normally there and not null, says the schema"),
    "format": _format,
    "items": _says("unexpected: the schema allows no further item"),
    "maxItems": _size("at most", "item"),
    "maxLength": _size("at most", "character"),
    "maxProperties": _size("at most", "field"),
    "maximum": _number("of at most"),
    "minItems": _size("at least", "item"),
    "minLength": _size("at least", "character"),
    "minProperties": _size("at least", "field"),
    "minimum": _number("of at least"),
    "multipleOf": _number("that is a multiple of"),
    "not": _says("is what the schema rules out"),
    "oneOf": _says("does not fit exactly one of the alternatives that the schema allows"),
    "pattern": _pattern,
    "propertyNames": _says("the schema does not allow a field of this name here"),
    "required": _says("required, but missing"),
    TOO_DEEP: _says("nested too deeply for this engine to follow the schema's references"),
    "type": _type,
    NOT_DOCUMENTED: lambda violation: str(violation.value or "not in the schema"),
    "unevaluatedItems": _unexpected_items,
    "unevaluatedProperties": _unexpected_field,
    "uniqueItems": _says("expected items that are all different"),
}
