"""One pass over a schema document: its resources, anchors, references and patterns."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urldefrag

from canvas_events_cli import pointers
from canvas_events_cli.catalog.annotations import fault_of
from canvas_events_cli.catalog.dialects import REFERENCES, Dialect, dialect_of, subschemas
from canvas_events_cli.catalog.faults import Refused, SchemaFault
from canvas_events_cli.catalog.uris import join_uri, quoted

MAX_DEPTH = 200
"""Levels of JSON in a schema file; the packages stop at some 250."""

Schema = dict[str, object]


@dataclass(frozen=True, slots=True)
class Reference:
    """One ``$ref`` or ``$dynamicRef``: ``schema[keyword]`` at *pointer*, relative to *base*."""

    schema: Schema
    keyword: str
    base: str
    pointer: str


@dataclass(slots=True)
class Document:
    """A schema file in memory, with what the scan found in it."""

    path: Path
    """Resolved."""
    shown: str
    uri: str
    """What it is known by: its ``$id``, else its file's URI."""
    root: object
    dialect: Dialect
    resources: dict[str, object] = field(default_factory=dict)
    """Schemas by their URI: the document itself, and each schema in it with an ``$id``."""
    anchors: dict[tuple[str, str], Schema] = field(default_factory=dict)
    """Schemas by (URI of their resource, name)."""
    references: list[Reference] = field(default_factory=list)
    patterns: list[tuple[str, str]] = field(default_factory=list)
    """(pointer, regular expression) of each ``pattern`` and each name in ``patternProperties``."""
    scanned: dict[int, str] = field(default_factory=dict)
    """The pointer of every schema met, by its ``id()``."""


def open_document(path: Path, shown: str, root: object, dialect: Dialect) -> Document:
    """Return the scanned document for the JSON value *root* that was read from *path* (resolved)."""
    own = _identifier(root, dialect) if isinstance(root, dict) else None
    uri = quoted(_resource_uri(path.as_uri(), own, dialect, "") if own else path.as_uri())
    document = Document(path, shown, uri, root, dialect)
    document.resources[uri] = root
    if isinstance(root, dict):
        if own and not own.startswith("#"):
            root[dialect.id_keyword] = uri
        scan(document, root, uri, "")
    return document


def scan(document: Document, schema: Schema, base: str, pointer: str) -> None:
    """Add to *document* what *schema* and all schemas below it hold; *base* is the URI that applies there.

    Removes each ``$schema``, since the engines are told the documents' dialect; not those of embedded resources of
    another one.
    """
    pending = [(schema, base, pointer, document.dialect)]
    while pending:
        schema, base, pointer, dialect = pending.pop()
        if id(schema) in document.scanned:
            continue
        document.scanned[id(schema)] = pointer
        dialect = _enter_dialect(schema, dialect, pointer)
        if dialect is document.dialect:
            schema.pop("$schema", None)
        for keyword, value in schema.items():
            if (reason := fault_of(keyword, value)) is not None:
                raise SchemaFault(pointers.join(pointer, keyword), reason)
        base = _enter_resource(document, schema, base, pointer, dialect)
        for name in ("$anchor", "$dynamicAnchor"):
            if isinstance(anchor := schema.get(name), str):
                document.anchors[base, anchor] = schema
        document.references += [
            Reference(schema, keyword, base, pointers.join(pointer, keyword))
            for keyword in REFERENCES
            if isinstance(schema.get(keyword), str)
        ]
        document.patterns += _patterns(schema, pointer)
        pending += [(below, base, pointers.join(pointer, *tokens), dialect) for tokens, below in subschemas(schema)]


def check_depth(root: object) -> None:
    """Raise SchemaFault where the JSON value *root* is nested deeper than MAX_DEPTH."""
    level, depth = [root], 0
    while level:
        if depth > MAX_DEPTH:
            raise SchemaFault("", f"nested deeper than {MAX_DEPTH} levels")
        below: list[object] = []
        for value in level:
            if isinstance(value, dict):
                below += value.values()
            elif isinstance(value, list):
                below += value
        level, depth = below, depth + 1


def _enter_dialect(schema: Schema, outside: Dialect, pointer: str) -> Dialect:
    """Return the dialect of *schema*; raises SchemaFault where only a resource of its own could have another one."""
    try:
        dialect = dialect_of(schema, outside)
    except SchemaFault as fault:
        raise SchemaFault(pointer + fault.pointer, fault.reason) from fault
    if dialect is not outside and not (_identifier(schema, dialect) or "#").partition("#")[0]:
        reason = (
            f"differs from the dialect around it, {outside.name}; only a schema with its own {dialect.id_keyword} can"
        )
        raise SchemaFault(f"{pointer}/$schema", reason)
    return dialect


def _enter_resource(document: Document, schema: Schema, base: str, pointer: str, dialect: Dialect) -> str:
    """Return the base URI inside *schema*, and note the resource or the anchor that its ``$id`` makes it."""
    own = _identifier(schema, dialect)
    if own is None:
        return base
    if own.startswith("#"):
        document.anchors[base, own[1:]] = schema
        return base
    if schema is document.root:
        return base
    base = _resource_uri(base, own, dialect, pointer)
    document.resources[base] = schema
    return base


def _resource_uri(base: str, own: str, dialect: Dialect, pointer: str) -> str:
    try:
        return urldefrag(join_uri(base, own)).url
    except Refused as refusal:
        raise SchemaFault(pointers.join(pointer, dialect.id_keyword), f"{own!r} {refusal}") from refusal


def _patterns(schema: Schema, pointer: str) -> list[tuple[str, str]]:
    found = []
    if isinstance(pattern := schema.get("pattern"), str):
        found.append((f"{pointer}/pattern", pattern))
    if isinstance(named := schema.get("patternProperties"), dict):
        found += [(pointers.join(pointer, "patternProperties", name), name) for name in named]
    return found


def _identifier(schema: Schema, dialect: Dialect) -> str | None:
    if dialect.ref_stands_alone and "$ref" in schema:
        return None
    own = schema.get(dialect.id_keyword)
    return own if isinstance(own, str) else None
