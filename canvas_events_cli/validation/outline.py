"""Which fields the schemas of an event know, and which they expect: of what they say nothing is undocumented.

An outline is read from the schema documents alone, independent of the engines. Every branch counts: what an ``anyOf``
or an ``if`` knows of is documented whether it applies or not. An object for which no properties are declared is open,
and so is one with ``additionalProperties`` or ``unevaluatedProperties``, which then evaluate the rest. Expected is only
what schemas name in ``x-expected`` that apply whatever the value is: no branch.
"""

from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from typing import TypeGuard

from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.catalog.dialects import EXPECTED, OF_OTHER_FIELDS, Schema
from canvas_events_cli.catalog.schema_file import Part, always, in_place, parts_of, subparts
from canvas_events_cli.regex import best_matcher
from canvas_events_cli.validation.engines import Path

_HOLD_FIELDS = frozenset((dict, list))
_ITEMS = ("additionalItems", "contains", "items", "prefixItems", "unevaluatedItems")


class Outlines:
    """Makes outlines, one for each set of schemas that apply together; recursive schemas end where they began."""

    def __init__(self) -> None:
        self.matcher = cache(best_matcher)
        self._made: dict[tuple[frozenset[int], frozenset[int]], Outline] = {}

    def event(self, schema: SchemaFile, body: SchemaFile | None = None) -> "Outline":
        """Return the outline of whole events, of whose body another schema may say more."""
        outline = Outline(self, parts_of(schema), parts_of(schema))
        if body is not None:
            outline.add("body", parts_of(body))
        return outline

    def together(self, parts: list[Part], certain: Iterable[Part]) -> "Outline":
        """Return the outline of the values that all of *parts* may apply to, and the *certain* ones among them do."""
        certain = list(certain)
        key = (frozenset(id(schema) for schema, _ in in_place(parts)), frozenset(id(schema) for schema, _ in certain))
        if key not in self._made:
            self._made[key] = Outline(self, parts, certain)
        return self._made[key]


class Outline:
    """What is known about the fields at one place of a value."""

    def __init__(self, outlines: Outlines, parts: Iterable[Part], certain: Iterable[Part]) -> None:
        """*parts* are schemas that may apply to the value, of which the *certain* ones do, whatever the value is."""
        self._outlines = outlines
        self._parts = parts = list(in_place(parts))
        self._always = list(always(certain))
        self._children: dict[str, Outline] = {}
        declared = [schema.get("properties", {}).keys() for schema, _ in parts]
        rest = [schema[keyword] for schema, _ in parts for keyword in OF_OTHER_FIELDS if keyword in schema]
        self._patterns = [outlines.matcher(name) for schema, _ in parts for name in schema.get("patternProperties", ())]
        self.names: frozenset[str] = frozenset().union(*declared)
        """The fields declared by name."""
        self.expected = tuple(dict.fromkeys(name for schema, _ in self._always for name in schema.get(EXPECTED, ())))
        """The fields that normally are there and not null."""
        self.closed = (any(declared) or bool(self._patterns)) and not rest
        """Whether a field that is not declared is undocumented."""
        self.by_rule = bool(self._patterns) or any(map(_is_schema, rest))
        self._elements = list(subparts(parts, _ITEMS))

    def add(self, name: str, more: list[Part]) -> None:
        """Add what *more* schemas say of the field *name*; the other fields stay as open as they were."""
        self.names |= {name}
        self._children[name] = self._child(name, more)

    def notes(self, value: object) -> tuple[list[Path], list[Path]]:
        """Return the paths of the undocumented fields in *value*, and of the expected ones that are absent or null.

        Without those inside of undocumented ones. This runs for every event, so what nothing is said of is left out.
        """
        undocumented: list[Path] = []
        missing: list[Path] = []
        pending: list[tuple[Path, Outline, object]] = [((), self, value)]
        for path, here, value in pending:  # grows on the way
            if type(value) is dict:
                if here.closed and not here.names.issuperset(value):
                    undocumented += [(*path, name) for name in value if not here.declares(name)]
                # Loops cost half as much as comprehensions where nearly always nothing comes of them.
                for name in here.expected:
                    if value.get(name) is None:
                        missing.append((*path, name))
                nested = here._nested
                for name, member in value.items():
                    if name in nested and type(member) in _HOLD_FIELDS:
                        pending.append(((*path, name), nested[name], member))
                if here.by_rule:
                    others = ((name, here.child(name)) for name in value.keys() - here.names)
                    pending += [((*path, name), below, value[name]) for name, below in others if below.has_fields]
            elif type(value) is list and here.element is not None and here.element.has_fields:
                pending += [((*path, index), here.element, item) for index, item in enumerate(value)]
        return undocumented, missing

    def at(self, path: Path) -> "Outline":
        """Return the outline at *path* below this one."""
        outline = self
        for token in path:
            below = outline.child(token) if isinstance(token, str) else outline.element
            outline = below or self._outlines.together([], [])
        return outline

    def declares(self, name: str) -> bool:
        """Tell whether a field is declared, by its name or by a pattern."""
        return name in self.names or any(matches(name) for matches in self._patterns)

    def annotation(self, keyword: str) -> object:
        """Return what the nearest schema with *keyword* says there; None where no schema has it."""
        return next((schema[keyword] for schema, _ in self._parts if keyword in schema), None)

    def child(self, name: str) -> "Outline":
        """Return the outline of the field *name*."""
        found = self._children.get(name)
        if found is None:
            found = self._child(name, [])
            # Events can hold any number of other names.
            if name in self.names:
                self._children[name] = found
        return found

    @cached_property
    def element(self) -> "Outline | None":
        """The outline of an array's elements; None where nothing is said of them."""
        # What follows ``prefixItems`` is not said of every element.
        certain = subparts([part for part in self._always if "prefixItems" not in part[0]], ("items",))
        is_list = any(isinstance(schema.get("items"), list) for schema, _ in self._always)
        return self._outlines.together(self._elements, () if is_list else certain) if self._elements else None

    @cached_property
    def has_fields(self) -> bool:
        """Whether anything at all is said of fields, of this value or of values inside."""
        return bool(self.names or self.by_rule or self._elements or self.expected)

    @cached_property
    def _nested(self) -> dict[str, "Outline"]:
        """The fields declared by name of whose own fields anything is said."""
        children = ((name, self.child(name)) for name in sorted(self.names))
        return {name: child for name, child in children if child.has_fields}

    def _child(self, name: str, more: list[Part]) -> "Outline":
        return self._outlines.together(
            [*more, *self._child_parts(self._parts, name)], [*more, *self._child_parts(self._always, name)]
        )

    def _child_parts(self, parts: list[Part], name: str) -> Iterator[Part]:
        """Yield what *parts* have for the field *name*."""
        for schema, targets in parts:
            found = [schema["properties"][name]] if name in schema.get("properties", ()) else []
            by_pattern = schema.get("patternProperties", {})
            found += [below for pattern, below in by_pattern.items() if self._outlines.matcher(pattern)(name)]
            found += [schema.get(keyword) for keyword in OF_OTHER_FIELDS[bool(found) :]]
            yield from ((below, targets) for below in found if _is_schema(below))


def _is_schema(value: object) -> TypeGuard[Schema]:
    return isinstance(value, dict)
