"""What a schema says of a field in some events only, by its ``if``, in words."""

import json
from collections.abc import Iterator

from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.catalog.dialects import Schema, annotates
from canvas_events_cli.catalog.fields import DocumentedField, parts_at
from canvas_events_cli.catalog.schema_file import in_place

_NOT_NULL = {"not": {"type": "null"}}
_IS_NOT_NULL = " is not null"
_BRANCHES = (("then", "where"), ("else", "unless"))


def conditions_of(file: SchemaFile, field: DocumentedField) -> tuple[str, ...]:
    """Return what the branches of an ``if`` beside *field* ask of it, and when they do.

    For example ``required, string where producer is "canvas"``. An ``if`` that takes more words than these has is left
    out: that a field is required in some events is told beside this.
    """
    path = field.path[1:] if field.path[:1] == ("body",) and len(field.path) > 1 else field.path
    told: list[str] = []
    for schema, _ in in_place(parts_at(file, path[:-1]) or ()) if path else ():
        when = _in_words(schema["if"]) if isinstance(schema.get("if"), dict) else None
        for branch, word in _BRANCHES:
            asked = ", ".join(_asked(schema.get(branch), path[-1]))
            told += [f"{asked} {word} {when}"] if when and asked else []
    return tuple(told)


def _asked(branch: object, name: str) -> Iterator[str]:
    """Yield what *branch* asks of the field called *name*, each in a word or two."""
    if not isinstance(branch, dict):
        return
    if name in branch.get("required", ()):
        yield "required"
    schema = branch.get("properties", {}).get(name)
    for keyword, value in schema.items() if isinstance(schema, dict) else ():
        if keyword == "type":
            yield value if isinstance(value, str) else " or ".join(value)
        elif not annotates(keyword):
            yield f"{keyword} {json.dumps(value)}"


def _in_words(condition: Schema) -> str | None:
    """Return *condition* in words; None for one with other keywords, or with a field that may be absent."""
    if not condition.keys() <= {"required", "properties", "anyOf"}:
        return None
    properties, required = condition.get("properties", {}), condition.get("required", ())
    words = [_value_in_words(name, properties.get(name)) for name in required]
    if "anyOf" in condition:
        ways = [_in_words(way) if isinstance(way, dict) else None for way in condition["anyOf"]]
        words.append(_either([way for way in ways if way]) if all(ways) else None)
    if not words or None in words or not properties.keys() <= {*required}:
        return None
    return ", and ".join(filter(None, words))


def _either(ways: list[str]) -> str:
    same = _IS_NOT_NULL if all(way.endswith(_IS_NOT_NULL) for way in ways) else ""
    return " or ".join(way.removesuffix(same) for way in ways) + same


def _value_in_words(name: str, schema: object) -> str | None:
    if schema is None:
        return f"{name} is there"
    if schema == _NOT_NULL:
        return f"{name}{_IS_NOT_NULL}"
    if isinstance(schema, dict) and schema.keys() == {"const"}:
        return f"{name} is {json.dumps(schema['const'])}"
    return None
