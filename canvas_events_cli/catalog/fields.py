"""The fields that a schema documents, as rows: to list, to compare, and to tell drift against."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from canvas_events_cli import pointers
from canvas_events_cli.catalog.catalog import Catalog
from canvas_events_cli.catalog.dialects import EXPECTED, OF_OTHER_FIELDS, REFERENCES, REFERS, TYPES, annotates
from canvas_events_cli.catalog.schema_file import Part, SchemaFile, always, in_place, leads_to, parts_of, subparts
from canvas_events_cli.errors import CeventsError

EVERY_TYPE = frozenset(TYPES)
ANY_ELEMENT = "*"
"""In a path: every element of an array, or every field that a rule (a pattern, "all others") describes."""

_ROOTS = ("metadata", "body")
_IS_PLAIN = re.compile(r"[\w-]+").fullmatch
_MOST_FIELDS = 20_000
_LOOP_DEPTH = 2
_TYPE_NAMES = dict(zip((type(None), bool, dict, list, float, int, str), TYPES, strict=True))

_ELEMENTS = frozenset(("items", "prefixItems", "additionalItems"))
_FIELDS_BY_RULE = frozenset(("patternProperties", *OF_OTHER_FIELDS))
_TOLD_OTHERWISE = frozenset(("type", "format", "required", "properties", "items", "allOf", *REFERENCES))
"""Keywords that a row tells by itself; all others that ask for something are rules."""


@dataclass(frozen=True, slots=True)
class DocumentedField:
    """What a schema says of one field, all that applies to it taken together."""

    path: tuple[str, ...]
    """Where; see :data:`ANY_ELEMENT`."""
    types: frozenset[str]
    """The JSON types it may have; ``number`` never without ``integer``."""
    required: bool
    """Whether its object always has it."""
    expected: bool
    """Whether its object normally has it, and not null; not told of one that is required."""
    format: str | None
    description: str
    rules: frozenset[tuple[str, str]]
    """(keyword, value as JSON text) of whatever else is asked of it."""
    refers: tuple[str, ...] = ()
    """The kinds of objects of which its value names one; a field beside it that tells the kind as ``(FIELD)``."""

    @property
    def pointer(self) -> str:
        """Return the path as a JSON Pointer."""
        return pointers.join("", *self.path)

    @property
    def nullable(self) -> bool:
        """Whether it may be null."""
        return "null" in self.types

    @property
    def type_names(self) -> tuple[str, ...]:
        """Return its types but null, in a fixed order; ``("any",)`` for all, ``number`` stands for integers too."""
        named = self.types - {"null"}
        if named == EVERY_TYPE - {"null"}:
            return ("any",)
        return tuple(name for name in TYPES if name in named and not (name == "integer" and "number" in named))

    @property
    def types_text(self) -> str:
        """Return :attr:`type_names` as people write them."""
        return " or ".join(self.type_names) or "null"

    @property
    def values_text(self) -> str:
        """Return the same with null, where that is one of several."""
        return self.types_text + (" or null" if self.nullable and self.type_names not in ((), ("any",)) else "")


def fields_of(file: SchemaFile, root: tuple[str, ...] = ()) -> list[DocumentedField]:
    """Return all fields that the schema in *file* documents, each before those inside it, the schema itself first.

    *root* is where the value that it describes stands: ``("body",)`` gives paths from the event's root. Every branch
    counts, as for what is undocumented. A schema inside itself is told one level deep, and of schemas that lead to each
    other two: Caliper's would be told in every order otherwise. Raises CeventsError where there are still more fields
    than anybody can read.
    """
    parts = parts_of(file)
    base = file.uri.rpartition("/")[0] + "/"
    fields = [_field(root, parts, base, required=True), *islice(_below(root, parts, base, ()), _MOST_FIELDS)]
    if len(fields) > _MOST_FIELDS:
        raise CeventsError(f"{file.path}: has more than {_MOST_FIELDS:,} fields, one inside the other")
    return fields


def documented_names(catalog: Catalog) -> Iterator[str]:
    """Yield each field of a body or the envelope as a FIELD, where that takes no quotes; one right in these twice."""
    fields = [field for name in catalog.bodies for field in fields_of(catalog.bodies[name], ("body",))]
    for path in [field.path for field in fields + fields_of(catalog.envelope)]:
        if len(path) > 1 and path[0] in _ROOTS and all(map(_IS_PLAIN, path)):
            yield ".".join(path)
            if len(path) == 2:
                yield path[1]


def is_documented(path: Sequence[str], catalog: Catalog) -> bool:
    """Tell whether some schema has a field at *path*, from the event's root."""
    if path[0] == "body":
        return len(path) == 1 or any(parts_at(body, path[1:]) is not None for body in catalog.bodies.values())
    return any(parts_at(file, path) is not None for file in (catalog.envelope, *catalog.caliper.values()))


def parts_at(file: SchemaFile, path: Sequence[str]) -> list[Part] | None:
    """Return the schemas that *file* has for the value at *path* inside what it describes; None where it has none."""
    parts = parts_of(file)
    for name in path:
        members = dict(_members(list(in_place(parts))))
        found = members.get(name) or members.get(ANY_ELEMENT)
        if found is None:
            return None
        parts = found
    return parts


def allowed_types(part: Part, seen: frozenset[int] = frozenset()) -> frozenset[str]:
    """Return the JSON types that a value may have as far as *part* tells; a branch that may not apply tells nothing."""
    schema, targets = part
    if id(schema) in seen:
        return EVERY_TYPE
    types = EVERY_TYPE
    if "type" in schema:
        asked = schema["type"]
        types = frozenset([asked] if isinstance(asked, str) else asked)
        types |= {"integer"} if "number" in types else set()
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    if values is not None:
        types &= frozenset(map(json_type, values))
    # Of each group at least one applies.
    groups: list[Collection[object]] = [targets.get(schema.get(keyword, ""), ()) for keyword in REFERENCES]
    groups += [[below] for below in schema.get("allOf", ())]
    groups += [schema.get(keyword, ()) for keyword in ("anyOf", "oneOf")]
    for group in groups:
        parts = [(below, targets) for below in group if isinstance(below, dict)]
        if parts and len(parts) == len(group):
            types &= _any_of(parts, seen | {id(schema)})
    return types


def json_type(value: object) -> str:
    """Return the JSON Schema type of a parsed JSON value; a whole number is an integer however it is written.

    >>> json_type(4.0)
    'integer'
    """
    if isinstance(value, float) and value.is_integer():
        return "integer"
    return _TYPE_NAMES[type(value)]


def _any_of(parts: Iterable[Part], seen: frozenset[int]) -> frozenset[str]:
    return frozenset[str]().union(*(allowed_types(part, seen) for part in parts))


def _below(
    path: tuple[str, ...], roots: list[Part], base: str, above: tuple[frozenset[int], ...]
) -> Iterator[DocumentedField]:
    """Yield the fields inside the value at *path*, to which *roots* apply; *above* are the schemas of each level."""
    parts = list(in_place(roots))
    members = _members(parts)
    # Told already is one of *roots* that is above, and what leads back there from deep inside.
    if not members or any(id(schema) in level for schema, _ in roots for level in above):
        return
    if len(above) >= _LOOP_DEPTH:
        inside = leads_to(parts)
        if sum(not level.isdisjoint(inside) for level in above) >= _LOOP_DEPTH:
            return
    here = frozenset(id(schema) for schema, _ in parts)
    is_level = any(name != ANY_ELEMENT for name, _ in members)  # an array is none
    above = (*above, here) if is_level or not above else (*above[:-1], above[-1] | here)
    certain = list(always(roots))
    required = {name for schema, _ in certain for name in schema.get("required", ())}
    normal = {name for schema, _ in certain for name in schema.get(EXPECTED, ())} - required
    # What a branch says of a field need not hold; what it may be is told where it is declared for certain, if anywhere.
    sure = dict(_members(certain))
    for name, declared in members:
        inner = (*path, name)
        yield _field(inner, sure.get(name, declared), base, required=name in required, normal=name in normal)
        yield from _below(inner, declared, base, above)


def _members(parts: list[Part]) -> Collection[tuple[str, list[Part]]]:
    """Return (name, schemas) for each field that is declared by name, then for those by rule and for elements."""
    named: dict[str, list[Part]] = {}
    for schema, targets in parts:
        for name, below in schema.get("properties", {}).items():
            named.setdefault(name, []).append((below if isinstance(below, dict) else {}, targets))
    if found := list(subparts(parts, _FIELDS_BY_RULE | _ELEMENTS)):
        named.setdefault(ANY_ELEMENT, []).extend(found)
    return named.items()


def _field(
    path: tuple[str, ...], roots: list[Part], base: str, *, required: bool, normal: bool = False
) -> DocumentedField:
    parts = [part for root in roots for part in always([root])]
    rules = (
        (keyword, json.dumps(value, sort_keys=True).replace(base, ""))
        for schema, _ in parts
        for keyword, value in schema.items()
        if keyword not in _TOLD_OTHERWISE and not annotates(keyword)
    )
    refers: Any = next((schema[REFERS] for schema, _ in parts if REFERS in schema), ())
    if isinstance(refers, dict):
        refers = f"({refers['type']})"
    return DocumentedField(
        path,
        types=_any_of(roots, frozenset()) if roots else EVERY_TYPE,
        required=required,
        expected=normal,
        format=next((str(schema["format"]) for schema, _ in parts if "format" in schema), None),
        description=next((str(schema["description"]) for schema, _ in parts if "description" in schema), ""),
        rules=frozenset(rules),
        refers=(refers,) if isinstance(refers, str) else tuple(refers),
    )
