"""Holding a schema against its metaschema, and trying its regular expressions.

Only files that the user names are checked, so the packages are imported when that is asked for.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any

from canvas_events_cli import pointers
from canvas_events_cli.catalog.dialects import (
    HOLDERS,
    TYPES,
    Dialect,
    Schema,
    SchemaError,
    dialect_of,
    replaced,
    subschemas,
    walk,
)
from canvas_events_cli.errors import did_you_mean
from canvas_events_cli.regex import UnsupportedPattern, best_matcher, has_rust

MAX_DEPTH = 200
"""Levels of JSON in a schema file; the packages stop at some 250."""


def faults_of(root: object, dialect: Dialect) -> Iterator[tuple[str, SchemaError]]:
    """Yield (rule, what is wrong) for the schema *root*, of *dialect*, by itself: whatever its references lead to.

    The rule is ``schema``; or, where all else is sound, ``pattern``.
    """
    if _is_too_deep(root):
        yield "schema", SchemaError("", f"nested deeper than {MAX_DEPTH} levels")
        return
    schemas = list(walk(root))
    is_sound = False
    if has_rust():
        holds, passed_over = fast_check(dialect)
        has_others = any(
            ("$schema" in part and part is not root) or not passed_over.isdisjoint(part) for _, part in schemas
        )
        is_sound = not has_others and holds(root)
    if not is_sound:
        found = sorted(_metaschema_faults(root, dialect), key=lambda fault: pointers.split(fault.pointer))
        yield from (("schema", fault) for fault in found)
        if found:
            return
    for pointer, schema in schemas:
        for tokens, pattern in patterns_in(schema):
            try:
                best_matcher(pattern)
            except UnsupportedPattern as error:
                reason = f"{_shorten(pattern)} is not a regular expression that can be used: {error}"
                yield "pattern", SchemaError(pointers.join(pointer, *tokens), reason)


def _is_too_deep(root: object) -> bool:
    level, depth = [root], 0
    while level and depth <= MAX_DEPTH:
        level = [
            below
            for value in level
            if isinstance(value, dict | list)
            for below in (value.values() if isinstance(value, dict) else value)
        ]
        depth += 1
    return bool(level)


def _metaschema_faults(root: object, dialect: Dialect) -> Iterator[SchemaError]:
    """Yield each place where *root*, or a resource of another dialect inside it, is not what its metaschema asks.

    Each schema is held against it by itself, with nothing in the place of those inside it, and these in turn: also what
    is of another dialect, or under a keyword of another draft, where whoever reads schemas takes it for one.
    """
    import jsonschema

    pending = [("", root, dialect)] if isinstance(root, dict) else []
    for pointer, schema, outside in pending:
        own = outside
        with suppress(SchemaError):  # the scan tells of an unknown one
            own = dialect_of(schema, outside)
        pending += [(pointers.join(pointer, *tokens), below, own) for tokens, below in subschemas(schema)]
        validator = getattr(jsonschema, own.validator)
        errors = validator(validator.META_SCHEMA).iter_errors(replaced(schema, lambda tokens, below: {}))
        for path in {tuple(error.absolute_path) for error in errors}:
            value: Any = schema
            for token in path:
                value = value[token]
            hint = did_you_mean(value, TYPES) if isinstance(value, str) and "type" in path[-2:] else ""
            reason = f"{_shorten(value)} is not a value that JSON Schema ({own.name}) allows there{hint}"
            yield SchemaError(pointers.join(pointer, *path), reason)


@cache
def fast_check(dialect: Dialect) -> tuple[Callable[[object], bool], frozenset[str]]:
    """Return the check against the metaschema, and the keywords that it passes over, since other drafts have them."""
    import jsonschema_rs

    validator = getattr(jsonschema_rs, dialect.validator)({"$ref": dialect.uri}, offline=True, validate_formats=False)
    # None that holds schemas takes a number: where one passes, the draft does not know the keyword.
    return validator.is_valid, frozenset(keyword for keyword in HOLDERS if validator.is_valid({keyword: 0}))


def patterns_in(schema: Schema) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (pointer tokens, regular expression) for those that *schema* itself has, of values and of names."""
    if isinstance(pattern := schema.get("pattern"), str):
        yield ("pattern",), pattern
    if isinstance(named := schema.get("patternProperties"), dict):
        yield from ((("patternProperties", name), name) for name in named)


def _shorten(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"
