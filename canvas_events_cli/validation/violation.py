"""What an engine reports: the same thing from each of them."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

from canvas_events_cli.catalog.dialects import NAMED

Path = tuple[str | int, ...]

_REFERENCES = frozenset(("$ref", "$dynamicRef", "$recursiveRef"))

TOO_DEEP = "$ref"
"""The keyword of the violation for a value in which references lead deeper than an engine can follow."""

UNTOLD = frozenset(
    (
        *("additionalItems", "additionalProperties", "contains", "dependencies", "dependentRequired", "not", "oneOf"),
        *("propertyNames", "unevaluatedItems", "unevaluatedProperties", "uniqueItems"),
    )
)
"""Keywords whose value says nothing that a message could use, so that engines need not agree on it."""

MISSING = frozenset(("dependencies", "dependentRequired", "required"))
"""Keywords whose violations are about a property that is not there."""

UNEXPECTED = frozenset(("additionalProperties", "unevaluatedProperties"))
"""Keywords whose violations are about a property that should not be there."""

FALSE_SCHEMA = "false"
"""The keyword where the whole schema is ``false``, which has no keyword."""


class Violation(NamedTuple):
    """One way in which a value breaks a schema."""

    path: Path
    """Where, from the validated value: for a missing or unexpected property, that property's own place."""
    keyword: str
    value: object
    """What the keyword asks for, as the schema has it; the name for a missing property; None where nothing is told."""
    instance: object
    """What is at the path; for a missing property the object that lacks it."""


class CompiledSchema(Protocol):
    """A schema as an engine has compiled it."""

    def is_valid(self, instance: object, /) -> bool:
        """Tell whether *instance* keeps to the schema."""

    def violations(self, instance: object, /) -> Iterator[Violation]:
        """Yield every violation, in any order, possibly one more than once."""


def value_at(instance: object, path: Iterable[str | int]) -> object:
    """Return the part of *instance* at *path*, which is there."""
    for token in path:
        instance = instance[token]  # type: ignore[index]
    return instance


def last_keyword(schema_path: Iterable[str | int]) -> str:
    """Return the innermost keyword of a path into a schema; ``false`` for the empty path.

    ``["properties", "items", "then"]`` has the keywords ``properties`` and ``then``: what follows ``properties`` is a
    name. References are passed over.
    """
    last, is_name = FALSE_SCHEMA, False
    for token in schema_path:
        if is_name or isinstance(token, int):
            is_name = False
        elif token not in _REFERENCES:
            last, is_name = token, token in NAMED
    return last
