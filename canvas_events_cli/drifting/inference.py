"""Schemas for what was seen, and schemas that accept more than before."""

from collections.abc import Iterable
from typing import Any

from canvas_events_cli.catalog.dialects import TYPES, Schema, annotates
from canvas_events_cli.drifting.report import ELEMENT, Seen

_BY_ITSELF = frozenset(
    (
        *("oneOf", "not", "contains", "dependencies", "dependentRequired", "dependentSchemas", "propertyNames"),
        *("minProperties", "maxProperties", "minItems", "maxItems", "uniqueItems", "enum", "const"),
    )
)
"""Keywords that mean the same wherever they stand beside others."""


def inferred(
    seen: Seen, kinds: Iterable[str] | None = None, *, nullable: bool = False, exactly: bool = False
) -> Schema:
    """Return a schema that accepts all that was *seen*, or the values of some *kinds* of types.

    No field is required, and each may be null: a capture cannot tell what Canvas always sends. But *exactly* what was
    seen asks for the fields that were always there, and for null only where it was.
    """
    names = {*(seen.types if kinds is None else kinds), *(["null"] if nullable else ())}
    names -= {"integer"} if "number" in names else set()
    if not names:
        return {}
    ordered = sorted(names, key=TYPES[::-1].index)
    schema: Schema = {"type": ordered if len(ordered) > 1 else ordered[0]}
    fields = {str(name): below for name, below in seen.inside.items() if name != ELEMENT}
    if "object" in names and fields:
        objects = seen.types["object"].count
        always = [name for name, below in fields.items() if exactly and below.together().count == objects]
        schema |= {"required": always} if always else {}
        schema["properties"] = {
            name: inferred(below, nullable=not exactly, exactly=exactly) for name, below in fields.items()
        }
    if "array" in names and ELEMENT in seen.inside:
        schema["items"] = inferred(seen.inside[ELEMENT], exactly=exactly)
    return schema


def told_and_asked(schema: Schema) -> tuple[Schema, Schema]:
    """Return what *schema* says of itself, its definitions too, and what it asks of values."""
    told = {keyword: value for keyword, value in schema.items() if annotates(keyword)}
    return told, {keyword: value for keyword, value in schema.items() if keyword not in told}


def accepting(schema: Any, more: Schema, keywords: Iterable[str] = ()) -> Schema:
    """Return a schema that accepts what *schema* accepts, and what *more* does.

    Where nothing but *keywords* of it object to that, the others may stay as they are.
    """
    if not isinstance(schema, dict):
        return {"anyOf": [schema, more]} if schema else more
    told, asked = told_and_asked(schema)
    if more.keys() == {"type"} and "type" in asked and asked.keys() <= {"type", "required", "properties"}:
        old, new = ([types] if isinstance(types, str) else types for types in (asked["type"], more["type"]))
        if asked.keys() == {"type"} or "object" not in new:
            return {**schema, "type": list(dict.fromkeys([*old, *new]))}
    objecting = {keyword: asked[keyword] for keyword in keywords if keyword in asked}
    rest = {keyword: value for keyword, value in asked.items() if keyword not in objecting}
    if rest and objecting and objecting.keys() == {*keywords} and objecting.keys() <= _BY_ITSELF:
        return {**told, **rest, "allOf": [*rest.get("allOf", ()), {"anyOf": [objecting, more]}]}
    return {**told, "anyOf": [asked, more]}
