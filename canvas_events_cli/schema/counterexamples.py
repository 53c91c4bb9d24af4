"""Values that one schema accepts and another does not: each proves what no comparison of the schemas themselves can.

Examples of both schemas are changed at a place, to what each type has and what the schemas name, and checked against
both. That none is found proves nothing.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.catalog.dialects import Schema
from canvas_events_cli.catalog.fields import ANY_ELEMENT
from canvas_events_cli.same_event import ENVELOPES
from canvas_events_cli.validation.engines import CompiledSchema, compile_schema, default_engine

Path = tuple[str, ...]
"""From the value that the schemas describe; may hold :data:`ANY_ELEMENT`."""

_ABSENT = object()
_UNKNOWN = "a field that no schema names"
_USUAL: tuple[Any, ...] = (
    *(None, True, 0, 1, -1, 1.5, 10**9, "", "a", "A b", "12", "é\n", {}, [], [None], {_UNKNOWN: None}),
    *("2024-09-02T06:00:03Z", "2024-09-02", "https://canvas.example/a", "a@canvas.example", "canvas.example"),
    *("00000000-0000-4000-8000-000000000000", "127.0.0.1", "::1", "P1D", "06:00:03Z", "/a"),
)
"""Of each type some, and of each format one."""
_LONGEST = 10_000
_MOST_NAMED = 200
_MOST_REPAIRS = 20
_MOST_PATHS = 300


class Pair:
    """Two schemas of the same thing. Raises CeventsError for one that no engine can use."""

    def __init__(self, old: SchemaFile, new: SchemaFile) -> None:
        engine = default_engine()
        self._old, self._new = compile_schema(old, engine), compile_schema(new, engine)
        named = chain.from_iterable(_named(schema) for file in (old, new) for schema in file.schemas())
        self._values = [*_USUAL, *islice(named, _MOST_NAMED)]
        self._examples = [*_examples(old), *_examples(new)]

    def narrowed(self, paths: Iterable[Path]) -> frozenset[Path] | None:
        """Return at which of *paths* the new schema refuses what the old one accepts; None where it never does so.

        None of them, where it refuses some event for a reason that is elsewhere.
        """
        found = {path: self._differs_at(path, self._old, self._new) for path in _looked_at(paths)}
        if not any(seen for seen, _ in found.values()):
            return None
        return frozenset(path for path, (_, is_here) in found.items() if is_here)

    def widens(self, paths: Iterable[Path]) -> bool:
        """Tell whether the new schema accepts, with another value at one of *paths*, what the old one refuses."""
        return any(self._differs_at(path, self._new, self._old)[0] for path in _looked_at(paths))

    def _differs_at(self, path: Path, accepts: CompiledSchema, refuses: CompiledSchema) -> tuple[bool, bool]:
        """Tell whether there is a value that one of the schemas *accepts* and one *refuses*, and if for what is there.

        Something is refused for what is at *path*, or in it, by a violation there: it may have others.
        """
        seen = False
        for base in [*self._examples, *self._made(accepts)]:
            # With each value there, without anything there, and with more in an object there.
            values = (_set(base, path, value) for value in (_ABSENT, *self._values))
            more = (_set(base, (*path, _UNKNOWN), value) for value in self._values)
            for value in chain((base,), values, more):
                if accepts.is_valid(value) and not refuses.is_valid(value):
                    seen = True
                    if any(_is_in(violation.path, path) for violation in refuses.violations(value)):
                        return True, True
        return seen, False

    def _made(self, schema: CompiledSchema) -> Iterator[Any]:
        """Yield a value that keeps to *schema*, where an empty object can be mended to be one."""
        value: Any = {}
        for _ in range(_MOST_REPAIRS):
            violations = list(schema.violations(value))
            if not violations:
                yield value
                return
            path = tuple(map(str, violations[0].path))
            mended = (_set(value, path, candidate) for candidate in ({}, "a", *self._values))
            better = (each for each in mended if len([*schema.violations(each)]) < len(violations))
            if (value := next(better, _ABSENT)) is _ABSENT:
                return


def _looked_at(paths: Iterable[Path]) -> list[Path]:
    """Return the first of *paths*, and the whole value."""
    return sorted({*paths, ()})[:_MOST_PATHS]


def _examples(file: SchemaFile) -> Iterator[Any]:
    """Yield the examples of a schema, and each that has an envelope also with the other name for it."""
    for example in file.document.get("examples", []) if isinstance(file.document, dict) else ():
        yield example
        if isinstance(example, dict) and ENVELOPES[0] in example:
            yield {ENVELOPES[1] if name == ENVELOPES[0] else name: value for name, value in example.items()}


def _named(schema: Schema) -> Iterator[Any]:
    """Yield the values that *schema* names, and those at the limits that it sets."""
    yield from (schema[keyword] for keyword in ("const", "default") if keyword in schema)
    yield from chain(schema.get("enum", ()), schema.get("examples", ()))
    for keyword in ("minLength", "maxLength", "minItems", "maxItems"):
        limit = schema.get(keyword, _LONGEST)
        for length in {limit, max(limit - 1, 0), limit + 1} if limit < _LONGEST else ():
            yield from ("a" * length, "1" * length, [None] * length)
    for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
        if isinstance(limit := schema.get(keyword), int | float):
            yield from (limit, limit - 1, limit + 1)


def _is_in(place: Iterable[str | int], path: Path) -> bool:
    """Tell whether *place* is at *path*; or in it, where there is nothing that *path* could say."""
    tokens = tuple(map(str, place))
    deep = len(path) + (tokens[len(path) : len(path) + 1] == (_UNKNOWN,))
    return len(tokens) == deep and all(name in (ANY_ELEMENT, token) for name, token in zip(path, tokens, strict=False))


def _set(base: Any, path: Path, value: Any) -> Any:
    """Return *base* with *value* at *path*; what is missing on the way is made. Nothing else is changed."""
    if not path:
        return base if value is _ABSENT else value
    name, *rest = path
    whole = base.copy() if isinstance(base, dict | list) else {}
    if isinstance(whole, list):
        place = int(name) if name.isdecimal() else 0
        whole += [None] * (place + 1 - len(whole))
        if value is _ABSENT and not rest:
            del whole[place]
        else:
            whole[place] = _set(whole[place], tuple(rest), value)
        return whole
    if name == ANY_ELEMENT:
        name = _UNKNOWN
    if value is _ABSENT and not rest:
        whole.pop(name, None)
    else:
        whole[name] = _set(whole.get(name, {}), tuple(rest), value)
    return whole
