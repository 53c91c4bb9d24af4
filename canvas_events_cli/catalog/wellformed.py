"""Holding a schema against its metaschema, and trying its regular expressions.

Only files that the user names are checked, so the packages are imported when that is asked for.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any

from canvas_events_cli import pointers
from canvas_events_cli.catalog.dialects import Dialect, Schema, SchemaError, dialect_of, replaced, walk
from canvas_events_cli.catalog.rust_paths import AmbiguousPath, Paths
from canvas_events_cli.errors import did_you_mean
from canvas_events_cli.regex import UnsupportedPattern, best_matcher, has_rust

MAX_DEPTH = 200
"""Levels of JSON in a schema file; the packages stop at some 250."""
_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
_Path = tuple[str | int, ...]


def faults_of(root: object, dialect: Dialect) -> Iterator[tuple[str, SchemaError]]:
    """Yield (rule, what is wrong) for the schema *root*, of *dialect*, by itself: whatever its references lead to.

    The rule is ``schema``; or, where all else is sound, ``pattern``.
    """
    found = list(_too_deep(root)) or list(_metaschema_faults(root, dialect))
    yield from (("schema", fault) for fault in found)
    if not found:
        yield from (("pattern", fault) for fault in _pattern_faults(root))


def _too_deep(root: object) -> Iterator[SchemaError]:
    level, depth = [root], 0
    while level and depth <= MAX_DEPTH:
        level = [
            below
            for value in level
            if isinstance(value, dict | list)
            for below in (value.values() if isinstance(value, dict) else value)
        ]
        depth += 1
    if level:
        yield SchemaError("", f"nested deeper than {MAX_DEPTH} levels")


def _metaschema_faults(root: object, dialect: Dialect) -> Iterator[SchemaError]:
    """Yield each place where *root*, or a resource of another dialect inside it, is not what its metaschema asks.

    What stands under another draft's keyword is held against it as well: whoever reads schemas takes it for one.
    """
    pending = [("", root, dialect)]
    for pointer, schema, own in pending:
        part = _without_others(schema, own, pointer, pending) if isinstance(schema, dict) else schema
        try:
            paths = sorted(set(_faulty_paths(part, own)), key=lambda path: tuple(map(str, path)))
        except RecursionError:
            yield SchemaError(pointer, "nested too deeply to be checked")
            return
        for path in paths:
            value = _at(part, path)
            name = next((token for token in reversed(path) if isinstance(token, str)), "")
            hint = did_you_mean(value, _TYPES) if name == "type" and isinstance(value, str) else ""
            reason = f"{_shorten(value)} is not a value that JSON Schema ({own.name}) allows there{hint}"
            yield SchemaError(pointers.join(pointer, *path), reason)


def _without_others(
    schema: Schema, dialect: Dialect, pointer: str, others: list[tuple[str, Any, Dialect]]
) -> dict[str, Any]:
    """Return *schema* without what is of another dialect in it: resources and what keywords of its hold.

    These are added to *others*.
    """

    def change(tokens: tuple[str, ...], below: Schema) -> Schema:
        place = pointers.join(pointer, *tokens)
        own = dialect
        with suppress(SchemaError):  # the scan tells of an unknown one
            own = dialect_of(below, dialect)
        if own is dialect and tokens[0] not in dialect.passed_over:
            return _without_others(below, dialect, place, others)
        others.append((place, below, own))
        return {}

    return replaced(schema, change)


def _faulty_paths(root: object, dialect: Dialect) -> Iterator[_Path]:
    """Yield the path of each value in *root* that the metaschema of *dialect* objects to, some more than once."""
    if has_rust():
        with suppress(AmbiguousPath):
            places = Paths(root)
            yield from [places.to(error.instance_path) for error in _rust_metaschema(dialect).iter_errors(root)]
            return
    import jsonschema

    kind = getattr(jsonschema, dialect.validator)
    yield from (tuple(error.absolute_path) for error in kind(kind.META_SCHEMA).iter_errors(root))


@cache
def _rust_metaschema(dialect: Dialect) -> Any:
    import jsonschema_rs

    return getattr(jsonschema_rs, dialect.validator)({"$ref": dialect.uri}, offline=True, validate_formats=False)


def _pattern_faults(root: object) -> Iterator[SchemaError]:
    """Yield a fault for each regular expression in *root* that cannot run."""
    for pointer, schema in walk(root):
        for tokens, pattern in patterns_in(schema):
            try:
                best_matcher(pattern)
            except UnsupportedPattern as error:
                reason = f"{_shorten(pattern)} is not a regular expression that can be used: {error}"
                yield SchemaError(pointers.join(pointer, *tokens), reason)


def patterns_in(schema: Schema) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (pointer tokens, regular expression) for those that *schema* itself has, of values and of names."""
    if isinstance(pattern := schema.get("pattern"), str):
        yield ("pattern",), pattern
    if isinstance(named := schema.get("patternProperties"), dict):
        yield from ((("patternProperties", name), name) for name in named)


def _shorten(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _at(root: Any, path: _Path) -> object:
    for token in path:
        root = root[token]
    return root
