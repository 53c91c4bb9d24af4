"""A value that a schema allows: one of its examples, else one made from its types and limits.

No more than a good guess where a schema has conditions; whoever asks for a value validates what comes of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from operator import ge, gt, le, lt
from random import Random
from typing import Any, TypeVar

from canvas_events_cli.catalog.fields import EVERY_TYPE, allowed_types
from canvas_events_cli.catalog.schema_file import Part, always, subparts
from canvas_events_cli.model import Json
from canvas_events_cli.regex import best_matcher

Value = TypeVar("Value")

_DEEPEST = 4
"""Levels at which an object has all of its fields; below these, those that it must have."""
_TEXTS = (
    ("date-time", "2024-09-03T14:05:11Z"), ("date", "2024-09-03"), ("time", "14:05:11Z"), ("duration", "PT20M"),
    ("email", "m.okafor@example.edu"), ("hostname", "learn.example.edu"), ("ipv4", "192.0.2.17"),
    ("ipv6", "2001:db8::4f"), ("uri", "https://learn.example.edu/courses/565"), ("iri", "https://learn.example.edu/"),
    ("uuid", "0d5e2f6a-7c41-4b89-9a3e-58f1c6d2b074"), ("json-pointer", "/body/status"), ("regex", "[a-z]+"),
    ("", "text"), ("", "Text"), ("", "TEXT"), ("", "21070000000000565"), ("", "565"), ("", "5"), ("", "a"),
    ("", "urn:uuid:0d5e2f6a-7c41-4b89-9a3e-58f1c6d2b074"), ("", "text_0"), ("", "a-1"), ("", "AB-123"),
)  # fmt: skip
"""Texts by their format, and some of none: a pattern is met by one of them or by an example."""
_BOUNDS = {"minimum": ge, "maximum": le, "exclusiveMinimum": gt, "exclusiveMaximum": lt}
_USUAL = ("object", "string", "integer", "number", "boolean", "array", "null")


def random_of(*seed: str) -> Random:
    """Return the generator for *seed*; only its ``random()`` gives the same on every version of Python."""
    return Random(" ".join(seed))  # noqa: S311 (nothing is secret)


def pick(values: Sequence[Value], random: Random) -> Value:
    """Return one of *values*."""
    return values[int(random.random() * len(values))]


def value_of(parts: Iterable[Part], random: Random, depth: int = 0) -> Json:
    """Return a value to which the schemas *parts* apply, fields that may be missing included."""
    roots = list(parts)
    applied = list(_applied(roots))
    for keyword in ("const", "examples", "enum"):
        for schema, _ in applied:
            if keyword in schema and (found := [schema[keyword]] if keyword == "const" else schema[keyword]):
                chosen: Json = pick(found, random)
                return chosen
    types = EVERY_TYPE.intersection(*map(allowed_types, applied))
    limits: dict[str, Any] = {keyword: schema[keyword] for schema, _ in applied for keyword in schema}
    usual = _USUAL if "properties" in limits or "required" in limits else (*_USUAL[1:], "object")
    kind = next((name for name in usual if name in types), "null")
    if kind == "object":
        return _object(applied, random, depth)
    if kind == "array":
        items = list(subparts(applied, frozenset(("items",))))
        first = [value_of([part], random, depth + 1) for part in subparts(applied, frozenset(("prefixItems",)))]
        count = max(limits.get("minItems", 0), 1 if items and depth < _DEEPEST else 0) - len(first)
        return first + [value_of(items, random, depth + 1) for _ in range(count)]
    if kind == "string":
        return _text(limits)
    if kind in ("integer", "number"):
        return _number(limits)
    return pick([True, False], random) if kind == "boolean" else None


def _applied(roots: Iterable[Part]) -> Iterator[Part]:
    """Yield the schemas that apply to a value that takes the first of every choice of branches."""
    for part in always(roots):
        yield part
        for keyword in ("oneOf", "anyOf"):
            yield from _applied(list(subparts([part], frozenset((keyword,))))[:1])


def _object(applied: Sequence[Part], random: Random, depth: int) -> dict[str, Json]:
    needed = {name: True for schema, _ in applied for name in schema.get("required", ())}
    members: dict[str, list[Part]] = {}
    for schema, targets in applied:
        for name, below in schema.get("properties", {}).items():
            if below is not False and (depth < _DEEPEST or name in needed):
                members.setdefault(name, []).append((below if isinstance(below, dict) else {}, targets))
    return {name: value_of(members.get(name, ()), random, depth + 1) for name in {**members, **needed}}


def _text(limits: dict[str, Any]) -> str:
    fits = best_matcher(limits["pattern"]) if "pattern" in limits else bool
    least, most = limits.get("minLength", 0), limits.get("maxLength")
    texts = [text for kind, text in _TEXTS if limits.get("format", kind) == kind]
    texts = [(text * max(1, -(-least // len(text))))[:most] for text in texts]
    return next((text for text in texts if len(text) >= least and fits(text)), "text"[:most])


def _number(limits: dict[str, Any]) -> int | float:
    bounds = [(is_within, limits[keyword]) for keyword, is_within in _BOUNDS.items() if keyword in limits]
    step: int | float | None = limits.get("multipleOf")
    near: list[int | float] = [10, 1, 0, *(bound + by for _, bound in bounds for by in (0, 1, -1, 0.01))]
    steps = [step * -(-number // step) for number in near] if step else near
    return next((number for number in steps if all(is_within(number, bound) for is_within, bound in bounds)), 0)
