"""A schema file with all that it refers to, ready for an engine, and which schemas in it apply to one value."""

from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from canvas_events_cli.catalog.dialects import DEFAULT, IN_PLACE, LEADS, Schema, subschemas, walk
from canvas_events_cli.catalog.wellformed import patterns_in

Part = tuple[Schema, Mapping[str, tuple[Schema, ...]]]
"""A schema, and what the references in its file lead to."""

_BRANCHES = IN_PLACE - {"not"}
_ALWAYS = frozenset({"allOf"})
_NUMERIC = frozenset(("exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf", "uniqueItems"))


class SchemaFile(NamedTuple):
    """A schema ready for an engine: nothing else has to be looked up to use it. Picklable."""

    path: str
    """As shown to the user."""
    uri: str
    """Base URI: the ``$id``, else the file's own URI."""
    document: object
    """The schema, its references made absolute."""
    dialect: str
    """A name in ``dialects.DIALECTS``."""
    resources: tuple[tuple[str, object], ...]
    """(URI, document) of every other file that it refers to, directly or not, in the same form."""
    targets: Mapping[str, tuple[Schema, ...]]
    """The schemas, inside these documents, that each reference in them can lead to."""
    files: tuple[Path, ...] = ()
    """Where all of this was read."""

    def schemas(self) -> Iterator[Schema]:
        """Yield each schema that may apply, once: of the other documents, what no reference leads to does not.

        But for older drafts, which have references to a whole document, and for the way of a reference past a pattern.
        """
        is_all = self.dialect != DEFAULT.name or any("/patternProperties/" in reference for reference in self.targets)
        others = [document for _, document in self.resources] if is_all else []
        return (schema for _, schema in walk(self.document, *others, *chain(*self.targets.values())))

    @property
    def patterns(self) -> tuple[str, ...]:
        """Every regular expression in these documents."""
        return tuple({pattern: None for schema in self.schemas() for _, pattern in patterns_in(schema)})

    @property
    def compares_numbers(self) -> bool:
        """Whether anything in these documents depends on the last digit of a number."""
        schemas = list(self.schemas())
        choices = (choice for schema in schemas for choice in (schema.get("const"), *schema.get("enum", ())))
        return not all(map(_NUMERIC.isdisjoint, schemas)) or any(
            isinstance(choice, int | float | list | dict) and not isinstance(choice, bool) for choice in choices
        )


def parts_of(file: SchemaFile) -> list[Part]:
    """Return the schema of *file* as a part; none for ``true`` and ``false``, which say nothing of fields."""
    return [(file.document, file.targets)] if isinstance(file.document, dict) else []


def in_place(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield *parts* and all schemas that may apply to the same value as one of them, each once."""
    return _gather(parts, _BRANCHES)


def always(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield *parts* and the schemas that apply wherever they do: no branch of ``anyOf``, ``if`` and the like."""
    return _gather(parts, _ALWAYS)


def subparts(parts: Iterable[Part], keywords: Container[str]) -> Iterator[Part]:
    """Yield the schemas that *parts* hold under *keywords*."""
    for schema, targets in parts:
        for tokens, below in subschemas(schema):
            if tokens[0] in keywords:
                yield below, targets


def referred(part: Part) -> Iterator[Part]:
    """Yield the schemas that the references of *part* itself can lead to."""
    schema, targets = part
    for keyword in LEADS:
        for below in targets.get(schema.get(keyword, ""), ()):
            yield below, targets


def leads_to(parts: Iterable[Part]) -> set[int]:
    """Return the ids of all schemas that *parts* lead to, at any depth; of themselves where they lead back."""
    reached: set[int] = set()
    pending = list(parts)
    for part in pending:
        below = [*referred(part), *((inner, part[1]) for _, inner in subschemas(part[0]))]
        new = [inner for inner in below if id(inner[0]) not in reached]
        reached.update(id(schema) for schema, _ in new)
        pending += new
    return reached


def _gather(parts: Iterable[Part], keywords: Container[str]) -> Iterator[Part]:
    seen: set[int] = set()
    pending = list(parts)
    for part in pending:  # grows on the way: what a reference leads to has references and branches itself
        if id(part[0]) not in seen:
            seen.add(id(part[0]))
            yield part
            pending += [*referred(part), *subparts([part], keywords)]
