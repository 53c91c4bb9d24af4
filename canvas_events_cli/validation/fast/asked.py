"""What all the schemas that apply to one value ask for together, as far as types can say it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.catalog.dialects import DEFAULT, EXPECTED, annotates
from canvas_events_cli.catalog.schema_file import Part
from canvas_events_cli.timestamps import USUAL_DATE_TIME
from canvas_events_cli.validation.messages import OF_DIGITS

_UNDERSTOOD = frozenset(
    (
        "$ref",
        "additionalProperties",
        "anyOf",
        "else",
        "format",
        "if",
        "items",
        "minLength",
        "pattern",
        "properties",
        "required",
        "then",
        "type",
    )
)
_KINDS = frozenset(("string", "null", "boolean", "integer", "number", "object", "array"))


_PLAIN_PATTERN = re.compile(
    r"\^(?:(?:[A-Za-z0-9:/_-]|\\[./]|\[(?:[A-Za-z0-9]-[A-Za-z0-9]|[A-Za-z0-9])+\])(?:\?|[*+](?!.*[*+])|\{[0-9]{1,3}\})?)*\$?"
)
"""Those that mean the same to Python, and take little time: one repetition without end, after all others."""
_TELLING_PATTERNS = {USUAL_DATE_TIME, *(rf"\A{pattern[1:-1]}\Z" for pattern in OF_DIGITS)}


class NoType(Exception):
    """A schema says what no type here does."""


@dataclass(slots=True)
class Asked:
    """What all the schemas that apply to one value ask for together."""

    types: set[str] = field(default_factory=lambda: {*_KINDS})
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
        if not isinstance(schema, dict) or not all(keyword in _UNDERSTOOD or annotates(keyword) for keyword in schema):
            raise NoType
        if schema.get("additionalProperties", True) is not True:
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
