"""What all the schemas that apply to one value ask for together, as far as types can say it, and objects as such types.

Types are made of the common keywords alone. They ask for more than the schemas do, never for less.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Annotated, Any, NewType, Union

from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.catalog.dialects import DEFAULT, EXPECTED, TYPES, annotates
from canvas_events_cli.catalog.schema_file import Part
from canvas_events_cli.framing.fast.json_types import anything, integer, object_of
from canvas_events_cli.timestamps import USUAL_DATE_TIME
from canvas_events_cli.validation.messages import OF_DIGITS

_UNDERSTOOD = frozenset(
    (
        *("$ref", "additionalProperties", "anyOf", "else", "format", "if", "items", "minLength", "pattern"),
        *("properties", "required", "then", "type"),
    )
)
_PLAIN_PATTERN = re.compile(
    r"\^(?:(?:[A-Za-z0-9:/_-]|\\[./]|\[(?:[A-Za-z0-9]-[A-Za-z0-9]|[A-Za-z0-9])+\])(?:\?|[*+](?!.*[*+])|\{[0-9]{1,3}\})?)*\$?"
)
"""Those that mean the same to Python, and take little time: one repetition without end, after all others."""
_TELLING_PATTERNS = {USUAL_DATE_TIME, *(rf"\A{pattern[1:-1]}\Z" for pattern in OF_DIGITS)}
IDS = r"\A[0-9]+\Z"
LEFT = {IDS: {"string", "integer", "null"}, USUAL_DATE_TIME: {"string", "null"}}
"""Patterns that may be left to the caller, and the types that fields with them may have then."""
_NUMBERS = count()


class NoType(Exception):
    """A schema says what no type here does."""


@dataclass(slots=True)
class Asked:
    """What all the schemas that apply to one value ask for together."""

    types: set[str] = field(default_factory=lambda: {*TYPES})
    required: set[str] = field(default_factory=set)
    expected: set[str] = field(default_factory=set)
    properties: dict[str, list[Part]] = field(default_factory=dict)
    items: list[Part] = field(default_factory=list)
    min_length: int = 0
    patterns: set[str] = field(default_factory=set)
    allows_more: bool = False
    """Whether a schema says that any other fields may be there, too."""
    chosen: set[str] | None = None
    """The fields of which a branch says something that was chosen, where there are branches at all."""

    def leaves_open(self, names: Set[str]) -> bool:
        """Tell whether what the schemas say of one of *names* depends on what a value has elsewhere, or is a pattern.

        That of digits and that of times aside.
        """
        chosen = self.chosen or ()
        for below in (gather(self.properties.get(name, ())) for name in names):
            if below.chosen is not None or not below.patterns <= _TELLING_PATTERNS:
                return True
        return not names.isdisjoint(chosen)


def part_of(file: SchemaFile) -> Part:
    """Return the whole schema of *file*. Raises NoType where that is no object, or in another dialect."""
    if not isinstance(file.document, dict) or file.dialect != DEFAULT.name:
        raise NoType
    return file.document, file.targets


def gather(parts: Iterable[Part], accepted: frozenset[str] | None = None) -> Asked:
    """Return what *parts* ask for together; *accepted* are the fields that the value has, where that is known."""
    asked = Asked()
    for (schema, targets), is_chosen in _applying(parts, accepted):
        if is_chosen:
            asked.chosen = (asked.chosen or set()).union(schema.get("required", ()), schema.get("properties", ()))
        types = schema.get("type", asked.types)
        types = {types} if isinstance(types, str) else set(types)
        asked.types &= types | {"integer"} if "number" in types else types
        asked.required |= {*schema.get("required", ())}
        asked.expected |= {*schema.get(EXPECTED, ())}
        asked.allows_more |= "additionalProperties" in schema
        asked.min_length = max(asked.min_length, schema.get("minLength", 0))
        asked.patterns.update(_patterns(schema))
        asked.items += [(schema["items"], targets)] if "items" in schema else []
        for name, below in schema.get("properties", {}).items():
            asked.properties.setdefault(name, []).append((below, targets))
    return asked


def _applying(
    parts: Iterable[Part], accepted: frozenset[str] | None, *, is_chosen: bool = False
) -> Iterator[tuple[Part, bool]]:
    """Yield *parts*, and what their references and conditions add, with whether it is of a branch that was chosen.

    Of alternatives the first is asked for, and what a condition asks for is asked for always: both ask for more than
    the schema does. Raises NoType for what no type can say.
    """
    for schema, targets in parts:
        if not isinstance(schema, dict) or not all(map(annotates, schema.keys() - _UNDERSTOOD)):
            raise NoType
        # Without a condition they ask for nothing, but the fields that they name are documented.
        has_ways = "if" not in schema and not schema.keys().isdisjoint(("then", "else"))
        if has_ways or schema.get("additionalProperties", True) is not True:
            raise NoType
        yield (schema, targets), is_chosen
        if "$ref" in schema:
            below = targets.get(schema["$ref"], ())
            if len(below) != 1:
                raise NoType
            yield from _applying([(below[0], targets)], accepted, is_chosen=is_chosen)
        if "anyOf" in schema:
            yield from _applying([(schema["anyOf"][0], targets)], accepted, is_chosen=True)
        if "if" in schema and "else" in schema:
            # Where it is known which fields a value has, and that is what the condition asks for, the way is known.
            asked = schema["if"]
            if accepted is None or asked.keys() != {"required"}:
                raise NoType
            way = schema.get("then", {}) if accepted.issuperset(asked["required"]) else schema["else"]
            yield from _applying([(way, targets)], accepted, is_chosen=is_chosen)
        elif "if" in schema:
            yield from _applying([(schema.get("then", {}), targets)], accepted, is_chosen=True)


def _patterns(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield patterns for Python of which a text that matches is one that *schema* asks for."""
    if "pattern" in schema:
        if not _PLAIN_PATTERN.fullmatch(schema["pattern"]):
            raise NoType
        # Python's `$` also matches before a last line feed.
        yield "\\A" + re.sub(r"\$\Z", r"\\Z", schema["pattern"][1:])
    if "format" in schema:
        if schema["format"] != "date-time":
            raise NoType
        yield USUAL_DATE_TIME


class Made:
    """The types of objects that schemas ask for: one for each set of schemas, which may be inside of itself."""

    def __init__(self) -> None:
        self._names: dict[object, str] = {}
        self._types: dict[str, Any] = {}

    def of(self, asked: Asked) -> Any:
        """Return the type of objects that are as *asked* for; its name, while it is made."""
        parts = frozenset((name, *(id(schema) for schema, _ in parts)) for name, parts in asked.properties.items())
        key = (parts, frozenset(asked.required), frozenset(asked.expected))
        if key not in self._names:
            name = self._names[key] = f"Object{next(_NUMBERS)}"
            self._types[name] = object_of(fields_of(asked, self, {}))
            self.link(self._types.values())
        return self._types.get(self._names[key], self._names[key])

    def link(self, kinds: Iterable[Any]) -> None:
        """Have *kinds* find by name what is made: msgspec looks for names among the attributes of what has them."""
        for kind in kinds:
            for name, other in self._types.items():
                setattr(kind, name, other)


def fields_of(asked: Asked, made: Made, left: Mapping[str, list[str]]) -> dict[str, tuple[Any, ...]]:
    """Return the types of the fields of objects that are as *asked* for, and have no other fields.

    Each pattern of *left* gets the names of the fields in which texts have to match it besides.
    """
    always = asked.required | asked.expected
    if "object" not in asked.types or not asked.properties or not always <= asked.properties.keys():
        raise NoType
    fields: dict[str, tuple[Any, ...]] = {}
    for name, parts in asked.properties.items():
        below = gather(parts)
        if name in asked.expected:
            below.types.discard("null")
        for pattern, names in left.items():
            if below.patterns == {pattern} and below.types <= LEFT[pattern]:
                names.append(name)
                below.patterns, below.min_length = set(), max(below.min_length, 1)
        kind = _type(below, made)
        fields[name] = (kind,) if name in always else (kind, None)
    return fields


def is_open(asked: Asked) -> bool:
    """Tell whether objects that are as *asked* for may have any fields, which may be anything."""
    return (
        (asked.allows_more or not asked.properties)
        and asked.chosen is None  # what a condition names is documented
        and not asked.required | asked.expected
        and all(gather(parts) == Asked() for parts in asked.properties.values())
    )


def type_of_object(asked: Asked, made: Made) -> Any:
    """Return the type of objects that are as *asked* for."""
    if "object" not in asked.types:
        raise NoType
    if is_open(asked):
        return dict[str, anything()]  # type: ignore[misc]
    return made.of(asked)


def _type(asked: Asked, made: Made) -> Any:
    """Return the type of values that are as *asked* for: all of the simple ones, and of containers some."""
    if asked == Asked():
        return anything()
    if len(asked.patterns) > 1:
        raise NoType
    kinds: list[Any] = [*_simple(frozenset(asked.types), asked.min_length, next(iter(asked.patterns), None))]
    if "object" in asked.types and (asked.properties or "array" not in asked.types):
        kinds.append(type_of_object(asked, made))
    if "array" in asked.types and asked.items:
        if asked.patterns:
            # Types of a text with a pattern or a list crash msgspec 0.22 when they are freed.
            raise NoType
        kinds.append(list[_type(gather(asked.items), made)])  # type: ignore[misc]
    if not kinds:
        raise NoType
    return Union[tuple(kinds)]  # noqa: UP007 (some may be names)


@cache
def _simple(types: frozenset[str], least: int, pattern: str | None) -> tuple[Any, ...]:
    """Return the type of what *types* allow but for containers, if anything; texts of this length and pattern.

    Under a name, as msgspec looks for names in each member of a union, and for each field that has it: half its time.
    """
    import msgspec

    text = Annotated[str, msgspec.Meta(min_length=least or None, pattern=pattern)] if least or pattern else str
    known: dict[str, list[Any]] = {
        "null": [None],
        "boolean": [bool],
        "integer": [integer()],
        "number": [integer(), float],
        "string": [text],
    }
    kinds = tuple(kind for name, some in known.items() if name in types for kind in some)
    return (NewType("Simple", Union[kinds]),) if kinds else ()  # noqa: UP007
