"""Holding a schema file against its metaschema, and trying its regular expressions.

Only files that the user names are checked, so the packages are imported when that is asked for.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from canvas_events_cli import pointers
from canvas_events_cli.catalog.dialects import Dialect, dialect_of, subschemas
from canvas_events_cli.catalog.faults import SchemaFault
from canvas_events_cli.catalog.rust_paths import AmbiguousPath, Paths
from canvas_events_cli.errors import did_you_mean
from canvas_events_cli.regex import UnsupportedPattern, best_matcher, has_rust

Path = tuple[str | int, ...]

_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")


def schema_faults(root: object, dialect: Dialect) -> Iterator[SchemaFault]:
    """Yield each place where *root*, of *dialect*, or a resource inside it is not what its metaschema asks for."""
    faults = _rust_faults if has_rust() else _reference_faults
    for pointer, part, own in _by_dialect(root, dialect):
        try:
            found = sorted({tuple(map(str, path)): (path, value) for path, value in faults(part, own)}.items())
        except RecursionError:
            yield SchemaFault(pointer, "nested too deeply to be checked")
            return
        for tokens, (path, value) in found:
            yield SchemaFault(pointers.join(pointer, *tokens), _explain(path, value, own))


def _by_dialect(root: object, dialect: Dialect) -> Iterator[tuple[str, object, Dialect]]:
    """Yield (pointer, schema, dialect) for *root* and each resource inside of another dialect, without one another."""
    embedded: list[tuple[str, object, Dialect]] = []

    def without(schema: dict[str, Any], pointer: str) -> dict[str, Any]:
        kept = schema
        for (keyword, *name), below in subschemas(schema):
            place = pointers.join(pointer, keyword, *name)
            own = _known_dialect(below, dialect)
            if own is dialect:
                part = without(below, place)
            else:
                part = {}
                embedded.append((place, below, own))
            if part is not below:
                kept = {**kept}
                kept[keyword] = _with_member(kept[keyword], name[0], part) if name else part
        return kept

    yield "", without(root, "") if isinstance(root, dict) else root, dialect
    for place, below, own in embedded:
        for pointer, part, inner in _by_dialect(below, own):
            yield place + pointer, part, inner


def _known_dialect(schema: dict[str, Any], outside: Dialect) -> Dialect:
    """Return the dialect of *schema*, *outside* where it declares an unknown one: the scan tells of that."""
    with suppress(SchemaFault):
        return dialect_of(schema, outside)
    return outside


def _with_member(value: Any, name: str, part: object) -> Any:
    """Return a copy of an object or array with *part* under *name*."""
    copied = value.copy()
    copied[int(name) if isinstance(value, list) else name] = part
    return copied


def pattern_faults(patterns: Sequence[tuple[str, str]]) -> Iterator[SchemaFault]:
    """Yield a fault for each (pointer, regular expression) that cannot run."""
    for pointer, pattern in patterns:
        try:
            best_matcher(pattern)
        except UnsupportedPattern as error:
            yield SchemaFault(pointer, f"{_shorten(pattern)} is not a regular expression that can be used: {error}")


def _explain(path: Path, value: object, dialect: Dialect) -> str:
    name = next((token for token in reversed(path) if isinstance(token, str)), "")
    hint = did_you_mean(value, _TYPES) if name == "type" and isinstance(value, str) else ""
    return f"{_shorten(value)} is not a value that JSON Schema ({dialect.name}) allows there{hint}"


def _shorten(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"


@cache
def _rust_metaschema(dialect: Dialect) -> Any:
    import jsonschema_rs

    return getattr(jsonschema_rs, dialect.validator)({"$ref": dialect.uri}, offline=True, validate_formats=False)


def _rust_faults(root: object, dialect: Dialect) -> Iterator[tuple[Path, object]]:
    try:
        places = Paths(root)
        paths = [places.to(error.instance_path) for error in _rust_metaschema(dialect).iter_errors(root)]
    except AmbiguousPath:
        yield from _reference_faults(root, dialect)
        return
    for path in paths:
        yield path, _at(root, path)


def _reference_faults(root: object, dialect: Dialect) -> Iterator[tuple[Path, object]]:
    import jsonschema

    kind = getattr(jsonschema, dialect.validator)
    for error in kind(kind.META_SCHEMA).iter_errors(root):
        path = tuple(error.absolute_path)
        yield path, _at(root, path)


def _at(root: Any, path: Sequence[str | int]) -> object:
    for token in path:
        root = root[token]
    return root
