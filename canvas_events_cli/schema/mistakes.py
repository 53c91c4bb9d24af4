"""What a schema may say but surely does not mean: it would be passed over, or rule out every value."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from canvas_events_cli import pointers
from canvas_events_cli.catalog.dialects import (
    DIALECTS,
    IN_PLACE,
    LEADS,
    Dialect,
    Schema,
    annotates,
    dialect_of,
    subschemas,
)
from canvas_events_cli.errors import did_you_mean
from canvas_events_cli.json_text import duplicate_keys
from canvas_events_cli.regex import best_matcher
from canvas_events_cli.validation import messages

Mistake = tuple[str, str, str]
"""(pointer, rule, message)"""

_NAMES = frozenset(("$id", "id", "$anchor", "$dynamicAnchor", "$vocabulary"))
"""Keywords that annotate, though only in the dialects that have them."""
_HINTS = {
    "nullable": '; a value that may be null has it among its types, as in ["string", "null"]',
    "example": "; examples are an array under 'examples'",
    "id": "; a schema is named by '$id'",
    "$id": "; a schema is named by 'id'",
}


class _Around(NamedTuple):
    """What is known of a schema's value from the schemas around it that apply to the same value."""

    declared: frozenset[str] = frozenset()
    """Names of fields."""
    is_open: bool = False
    """Whether further fields may be declared where the schema is referred to, or where it refers to."""


def mistakes(raw: bytes, root: Schema, dialect: Dialect) -> Iterator[Mistake]:
    """Yield the likely mistakes in the schema *root*, of *dialect* and sound; *raw* is its JSON text."""
    for pointer in duplicate_keys(raw):
        yield pointer, "duplicateKey", messages.DUPLICATE_KEY
    pending = [("", root, dialect, _Around())]
    while pending:
        pointer, schema, outside, around = pending.pop()
        own = dialect_of(schema, outside)
        yield from _unknown_keywords(pointer, schema, own)
        if schema.get("enum") == []:
            yield pointers.join(pointer, "enum"), "enum", "allows no value at all: the list is empty"
        inside = _inside(schema, around)
        yield from _unknown_required(pointer, schema, inside)
        for tokens, below in subschemas(schema):
            known = inside if tokens[0] in IN_PLACE else _Around(is_open=tokens[0] in ("$defs", "definitions"))
            pending.append((pointers.join(pointer, *tokens), below, own, known))


def _inside(schema: Schema, around: _Around) -> _Around:
    """Return what is known of the value of *schema*, from it and the schemas around it."""
    declared, is_open = around
    parts = [schema]
    for part in parts:
        declared |= {*part.get("properties", ())}
        is_open = is_open or not part.keys().isdisjoint(LEADS)
        parts += [below for tokens, below in subschemas(part) if tokens[0] in IN_PLACE]
    return _Around(declared, is_open)


def _unknown_keywords(pointer: str, schema: Schema, dialect: Dialect) -> Iterator[Mistake]:
    known = _keywords(dialect)
    for keyword in schema.keys() - known:
        if annotates(keyword) and keyword not in _NAMES:
            continue
        homes = [name for name, other in DIALECTS.items() if keyword in _keywords(other)]
        elsewhere = f"; a keyword of {', '.join(homes)}" if homes else ""
        hint = _HINTS.get(keyword) or did_you_mean(keyword, [*known]) or elsewhere
        message = f"{keyword!r} is no keyword of JSON Schema ({dialect.name}): it asks for nothing{hint}"
        yield pointers.join(pointer, keyword), "keyword", message


@cache
def _keywords(dialect: Dialect) -> frozenset[str]:
    """Return the keywords that the metaschema of *dialect* describes."""
    from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]

    whole: Any = REGISTRY.contents(dialect.uri)
    base = dialect.uri.removesuffix("schema")
    parts = [REGISTRY.contents(base + part["$ref"]) for part in whole.get("allOf", ())]
    return frozenset({"$ref"}.union(*(part["properties"] for part in [whole, *parts])))


def _unknown_required(pointer: str, schema: Schema, inside: _Around) -> Iterator[Mistake]:
    """Tell of required fields that ``properties`` beside does not know: of an open object only where it would know."""
    known, required = schema.get("properties"), schema.get("required")
    if not known or not isinstance(required, list):
        return
    rest = schema.get("additionalProperties", schema.get("unevaluatedProperties"))
    patterns = [best_matcher(pattern) for pattern in schema.get("patternProperties", ())]
    for index, name in enumerate(required):
        if name in known or any(matches(name) for matches in patterns):
            continue
        place = pointers.join(pointer, "required", index)
        hint = did_you_mean(name, [*known])
        if schema.get("additionalProperties") is False:
            yield place, "required", f"asks for {name!r}, which additionalProperties rules out{hint}"
        elif name not in inside.declared and rest in (None, False) and (hint or not inside.is_open):
            yield place, "required", f"asks for {name!r}, which is not among the properties{hint}"
