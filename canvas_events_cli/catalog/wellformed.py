"""Holding a schema file against its metaschema, and trying its regular expressions.

Only files that the user names are checked, so the packages are imported when that is asked for.
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from canvas_events_cli import pointers
from canvas_events_cli.catalog.dialects import Dialect
from canvas_events_cli.catalog.faults import SchemaFault
from canvas_events_cli.errors import did_you_mean
from canvas_events_cli.regex import UnsupportedPattern, best_matcher, has_rust

Path = tuple[str | int, ...]

_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")


def schema_faults(root: object, dialect: Dialect) -> Iterator[SchemaFault]:
    """Yield each place where *root* is not what the metaschema of *dialect* asks for."""
    faults = _rust_faults if has_rust() else _reference_faults
    try:
        found = sorted({tuple(map(str, path)): (path, value) for path, value in faults(root, dialect)}.items())
    except RecursionError:
        yield SchemaFault("", "nested too deeply to be checked")
        return
    for tokens, (path, value) in found:
        yield SchemaFault(pointers.join("", *tokens), _explain(path, value, dialect))


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
    for error in _rust_metaschema(dialect).iter_errors(root):
        yield tuple(error.instance_path), _at(root, error.instance_path)


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
