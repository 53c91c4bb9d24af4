"""Which schemas of a file apply to one value: a schema, what its references lead to, and its branches."""

from collections.abc import Container, Iterable, Iterator, Mapping

from canvas_events_cli.catalog.dialects import IN_PLACE, LEADS, Schema, subschemas
from canvas_events_cli.catalog.schema_file import SchemaFile

Part = tuple[Schema, Mapping[str, tuple[Schema, ...]]]
"""A schema, and what the references in its file lead to."""

_BRANCHES = IN_PLACE - {"not"}
_ALWAYS = frozenset({"allOf"})


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
    for part in pending:
        if id(part[0]) not in seen:
            seen.add(id(part[0]))
            yield part
            pending += [*referred(part), *subparts([part], keywords)]
