"""Which fields a schema knows, and which it expects: what it says nothing about is undocumented.

A shape is read from the schema document alone, independent of the engines. Every branch counts: what an ``anyOf`` or an
``if`` knows of is documented whether it applies or not. An object for which no properties are declared is open, and
so is one with ``additionalProperties`` or ``unevaluatedProperties``, which then evaluate the rest. Expected is only
what schemas name in ``x-expected`` that apply whatever the value is: no branch.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TypeGuard

from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.catalog.dialects import EXPECTED, Schema
from canvas_events_cli.catalog.parts import Part, always, in_place, parts_of, subparts
from canvas_events_cli.regex import Matcher
from canvas_events_cli.validation.violation import Path

_REST = ("additionalProperties", "unevaluatedProperties")
_ITEMS = ("additionalItems", "contains", "items", "prefixItems", "unevaluatedItems")


class Shapes:
    """Makes shapes, one for each set of schemas that apply together; recursive schemas end where they began."""

    def __init__(self, matcher: Callable[[str], Matcher]) -> None:
        self.matcher = matcher
        self._made: dict[tuple[frozenset[int], frozenset[int]], Shape] = {}

    def event(self, envelope: SchemaFile, body: SchemaFile | None) -> "Shape":
        """Return the shape of whole events."""
        return Shape(self, parts_of(envelope), parts_of(envelope), {"body": parts_of(body)} if body else {})

    def together(self, parts: list[Part], certain: Iterable[Part]) -> "Shape":
        """Return the shape of the values that all of *parts* may apply to, and the *certain* ones among them do."""
        certain = list(certain)
        key = (frozenset(id(schema) for schema, _ in in_place(parts)), frozenset(id(schema) for schema, _ in certain))
        if key not in self._made:
            self._made[key] = Shape(self, parts, certain, {})
        return self._made[key]


class Shape:
    """What is known about the fields at one place of a value."""

    def __init__(
        self, shapes: Shapes, parts: Iterable[Part], certain: Iterable[Part], more: Mapping[str, list[Part]]
    ) -> None:
        """*parts* are schemas that may apply to the value, of which the *certain* ones do, whatever the value is.

        *more* are further ones for some of its fields.
        """
        self._shapes = shapes
        self._parts = parts = list(in_place(parts))
        self._always = list(always(certain))
        self._more = more
        declared = [schema.get("properties", {}).keys() for schema, _ in parts]
        rest = [schema[keyword] for schema, _ in parts for keyword in _REST if keyword in schema]
        self._patterns = [shapes.matcher(name) for schema, _ in parts for name in schema.get("patternProperties", ())]
        self.names = frozenset(more).union(*declared)
        """The fields declared by name."""
        self.expected = tuple(dict.fromkeys(name for schema, _ in self._always for name in schema.get(EXPECTED, ())))
        """The fields that normally are there and not null."""
        self.closed = (any(declared) or bool(self._patterns)) and not rest
        """Whether a field that is not declared is undocumented."""
        self.by_rule = bool(self._patterns) or any(map(_is_schema, rest))
        self._elements = list(subparts(parts, _ITEMS))
        self._children: dict[str, Shape] = {}

    def notes_nothing(self, value: Mapping[str, object]) -> bool:
        """Tell whether all fields of *value* are documented, and all expected ones there; False where it is not sure.

        This runs for every event, by comparisons alone; ``undocumented`` takes three times as long.
        """
        if self._flat is None or not self.names.issuperset(value):
            return False
        for name, known in self._flat:
            inner = value.get(name)
            if type(inner) is dict and not known.issuperset(inner):
                return False
        for name, asked in self._flat_expected:
            inner = value.get(name)
            if type(inner) is dict:
                for field in asked:
                    if inner.get(field) is None:
                        return False
        return not self.expected or all(value.get(name) is not None for name in self.expected)

    @property
    def is_flat(self) -> bool:
        """Whether the names of the fields, of a value and one level down, decide which of them are undocumented."""
        return self._flat is not None

    def undocumented(self, value: object) -> list[Path]:
        """Return the paths of the undocumented fields in *value*, without those inside other undocumented ones."""
        found: list[Path] = []
        pending: list[tuple[Path, Shape, object]] = [((), self, value)]
        while pending:
            path, shape, value = pending.pop()
            if isinstance(value, dict):
                if shape.closed and not shape.names.issuperset(value):
                    found += [(*path, name) for name in value if not shape.declares(name)]
                pending += [((*path, name), below, value[name]) for name, below in shape._inner(value)]
            elif isinstance(value, list) and shape.element is not None:
                pending += [((*path, index), shape.element, item) for index, item in enumerate(value)]
        return found

    def missing(self, value: object) -> list[Path]:
        """Return the paths of the expected fields that *value*, and the objects in it, do not have, or have as null."""
        found: list[Path] = []
        pending: list[tuple[Path, Shape, object]] = [((), self, value)] if self.expects else []
        while pending:
            path, shape, value = pending.pop()
            if isinstance(value, dict):
                found += [(*path, name) for name in shape.expected if value.get(name) is None]
                pending += [((*path, name), below, value[name]) for name, below in shape._inner(value) if below.expects]
            elif isinstance(value, list) and shape.element is not None and shape.element.expects:
                pending += [((*path, index), shape.element, item) for index, item in enumerate(value)]
        return found

    def at(self, path: Path) -> "Shape":
        """Return the shape at *path* below this one."""
        shape = self
        for token in path:
            shape = shape.child(token) if isinstance(token, str) else shape.element or self._shapes.together([], [])
        return shape

    def declares(self, name: str) -> bool:
        """Tell whether a field is declared, by its name or by a pattern."""
        return name in self.names or any(matches(name) for matches in self._patterns)

    def _inner(self, value: dict[str, object]) -> Iterator[tuple[str, "Shape"]]:
        """Yield (name, shape) for the fields of *value* of whose fields anything is said."""
        for name, below in self._nested:
            if name in value:
                yield name, below
        if self.by_rule:
            for name in value.keys() - self.names:
                if (below := self.child(name)).has_fields:
                    yield name, below

    def annotation(self, keyword: str) -> object:
        """Return what the nearest schema with *keyword* says there; None where no schema has it."""
        return next((schema[keyword] for schema, _ in self._parts if keyword in schema), None)

    @cached_property
    def has_fields(self) -> bool:
        """Whether anything at all is said of fields, of this value or of values inside."""
        return bool(self.names or self.by_rule or self._elements or self.expected)

    @cached_property
    def expects(self) -> bool:
        """Whether any field is expected, of this value or of values inside, as far as can be told without a value."""
        pending, seen = [self], {id(self)}
        for shape in pending:
            if shape.expected or shape.by_rule:
                return True
            inner = [below for _, below in shape._nested] + ([shape.element] if shape.element else [])
            fresh = [below for below in inner if id(below) not in seen]
            seen.update(map(id, fresh))
            pending += fresh
        return False

    @cached_property
    def _nested(self) -> tuple[tuple[str, "Shape"], ...]:
        children = ((name, self.child(name)) for name in sorted(self.names))
        return tuple((name, child) for name, child in children if child.has_fields)

    @cached_property
    def _flat(self) -> tuple[tuple[str, frozenset[str]], ...] | None:
        """The names known inside each field, where that is all there is to know two levels down."""
        inner = [below for _, below in self._nested]
        if self.by_rule or any(below.by_rule or below._elements or below._nested for below in inner):
            return None
        return tuple((name, below.names) for name, below in self._nested if below.closed)

    @cached_property
    def _flat_expected(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return tuple((name, below.expected) for name, below in self._nested if below.expected)

    @cached_property
    def element(self) -> "Shape | None":
        """The shape of an array's elements; None where nothing is said of them."""
        # What follows ``prefixItems`` is not said of every element.
        certain = subparts([part for part in self._always if "prefixItems" not in part[0]], ("items",))
        is_list = any(isinstance(schema.get("items"), list) for schema, _ in self._always)
        return self._shapes.together(self._elements, () if is_list else certain) if self._elements else None

    def child(self, name: str) -> "Shape":
        """Return the shape of the field *name*."""
        found = self._children.get(name)
        if found is None:
            more = self._more.get(name, [])
            found = self._shapes.together(
                [*more, *self._child_parts(self._parts, name)], [*more, *self._child_parts(self._always, name)]
            )
            # Events can hold any number of other names.
            if name in self.names:
                self._children[name] = found
        return found

    def _child_parts(self, parts: list[Part], name: str) -> Iterator[Part]:
        for schema, targets in parts:
            yield from ((below, targets) for below in self._members(schema, name) if _is_schema(below))

    def _members(self, schema: Schema, name: str) -> list[object]:
        """Return the schemas that *schema* has for the field *name*."""
        found = [schema["properties"][name]] if name in schema.get("properties", ()) else []
        by_pattern = schema.get("patternProperties", {})
        found += [below for pattern, below in by_pattern.items() if self._shapes.matcher(pattern)(name)]
        return [*found, *(schema.get(keyword) for keyword in (_REST[bool(found) :]))]


def _is_schema(value: object) -> TypeGuard[Schema]:
    return isinstance(value, dict)
