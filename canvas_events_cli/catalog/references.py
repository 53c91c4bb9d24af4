"""One schema file in memory, and all others that its references lead to, inside its folder only.

References are written over with the absolute URI of what they lead to. Both engines then get a closed set of
documents that they can find by URI alone, whatever their own rules for relative references are.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote, urldefrag

from canvas_events_cli import pointers
from canvas_events_cli.catalog.dialects import (
    DEFAULT,
    IN_PLACE,
    REFERENCES,
    Dialect,
    Schema,
    SchemaError,
    check_own_keywords,
    dialect_of,
    is_official,
    subschemas,
)
from canvas_events_cli.catalog.folder import Folder, Refused, join_uri, read_json
from canvas_events_cli.catalog.wellformed import faults_of
from canvas_events_cli.errors import CeventsError

_NOTHING = object()


class _Reference(NamedTuple):
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
    references: list[_Reference] = field(default_factory=list)
    """Those that are not followed yet."""
    scanned: dict[int, str] = field(default_factory=dict)
    """The pointer of every schema met, by its ``id()``."""

    def scan(self, schema: Schema, base: str, pointer: str) -> None:
        """Add what *schema* and all schemas below it hold; *base* is the URI that applies there.

        Removes each ``$schema``, since the engines are told the documents' dialect; not those of embedded resources of
        another one.
        """
        pending = [(schema, base, pointer, self.dialect)]
        while pending:
            schema, base, pointer, dialect = pending.pop()
            if id(schema) in self.scanned:
                continue
            self.scanned[id(schema)] = pointer
            dialect = _enter_dialect(schema, dialect, pointer)
            if dialect is self.dialect:
                schema.pop("$schema", None)
            check_own_keywords(schema, pointer)
            base = self._enter_resource(schema, base, pointer, dialect)
            for name in ("$anchor", "$dynamicAnchor"):
                if isinstance(anchor := schema.get(name), str):
                    self.anchors[base, anchor] = schema
            self.references += [
                _Reference(schema, keyword, base, pointers.join(pointer, keyword))
                for keyword in REFERENCES
                if isinstance(schema.get(keyword), str)
            ]
            pending += [(below, base, pointers.join(pointer, *tokens), dialect) for tokens, below in subschemas(schema)]

    def _enter_resource(self, schema: Schema, base: str, pointer: str, dialect: Dialect) -> str:
        """Return the base URI inside *schema*, and note the resource or the anchor that its ``$id`` makes it."""
        own = _identifier(schema, dialect)
        if own is None or (schema is self.root and not own.startswith("#")):
            return base
        if own.startswith("#"):
            self.anchors[base, own[1:]] = schema
            return base
        base = _resource_uri(base, own, dialect, pointer)
        self.resources[base] = schema
        return base

    def target(self, resource: str, fragment: str) -> object:
        """Return the schema that *fragment* names in a resource: the whole, a JSON Pointer or an anchor.

        Raises Refused where there is none.
        """
        text = unquote(fragment)
        if not text:
            return self.resources[resource]
        if text.startswith("/"):
            found = pointers.resolve(self.resources[resource], pointers.split(text), _NOTHING)
            missing = f"leads to {text}, where {self.shown} has nothing"
        else:
            found = self.anchors.get((resource, text), _NOTHING)
            missing = f"leads to the anchor {text!r}, which {self.shown} does not have"
        if found is _NOTHING:
            raise Refused(missing)
        if not isinstance(found, dict | bool):
            raise Refused(f"leads to {text} of {self.shown}, which is not a schema")
        return found


def open_document(path: Path, shown: str, root: object, dialect: Dialect) -> Document:
    """Return the scanned document for the JSON value *root* that was read from *path* (resolved)."""
    own = _identifier(root, dialect) if isinstance(root, dict) else None
    uri = quoted(_resource_uri(path.as_uri(), own, dialect, "") if own else path.as_uri())
    document = Document(path, shown, uri, root, dialect, {uri: root})
    if isinstance(root, dict):
        if own and not own.startswith("#"):
            root[dialect.id_keyword] = uri
        document.scan(root, uri, "")
    return document


class Closure:
    """A schema document and all others that it leads to; raises CeventsError where a reference cannot be followed."""

    def __init__(self, folder: Folder, *, checked: bool) -> None:
        self.documents: dict[str, Document] = {}
        """By URI."""
        self._folder = folder
        self._checked = checked
        self._by_path: dict[Path, Document] = {}
        self._holders: list[Schema] = []
        self._targets: dict[str, Schema] = {}
        self._followed: dict[tuple[str, str, str], str | None] = {}

    def open(self, path: Path, shown: str, default: Dialect = DEFAULT) -> Document:
        """Read, check and scan the file at *path* (resolved)."""
        root = read_json(path, shown)
        try:
            dialect = dialect_of(root, default)
            for _, fault in faults_of(root, dialect) if self._checked else ():
                raise fault
            document = open_document(path, shown, root, dialect)
        except SchemaError as error:
            raise error.of(shown) from error
        twin = self.documents.setdefault(document.uri, document)
        if twin is not document:
            raise CeventsError(f"{twin.shown} and {document.shown} have the same $id, {document.uri}")
        self._by_path[path] = document
        return document

    def follow_all(self) -> None:
        """Follow references until no document has any left: following one can bring in more."""
        while pending := [found for found in self.documents.values() if found.references]:
            for document in pending:
                while document.references:
                    self._settle(document, document.references.pop())
        self._refuse_loops()

    def targets(self, first: Document) -> dict[str, tuple[Schema, ...]]:
        """Return the schemas that each reference, as rewritten, can lead to; ``#`` stands for *first* as a whole.

        For a dynamic one these are all schemas of that name: which one it is depends on the way to it.
        """
        found: dict[str, tuple[Schema, ...]] = {reference: (schema,) for reference, schema in self._targets.items()}
        if isinstance(first.root, dict):
            found["#"] = (first.root,)
        for reference in {str(schema["$dynamicRef"]) for schema in self._holders if "$dynamicRef" in schema}:
            name = urldefrag(reference).fragment
            anchors = [item for document in self.documents.values() for item in document.anchors.items()]
            named = (schema for (_, anchor), schema in anchors if anchor == name == schema.get("$dynamicAnchor"))
            found[reference] = (*found.get(reference, ()), *named)
        return found

    def _settle(self, document: Document, reference: _Reference) -> None:
        """Write over one reference. Most files repeat a few references many times: each is followed once."""
        schema, keyword, base, pointer = reference
        text = str(schema[keyword])
        known = (document.uri, base, text)
        if known not in self._followed:
            try:
                self._followed[known] = self._follow(document, base, text)
            except Refused as refusal:
                raise SchemaError(pointer, f"{text!r} {refusal}", document.shown) from refusal
        absolute = self._followed[known]
        if absolute is not None:
            schema[keyword] = absolute
            self._holders.append(schema)

    def _follow(self, document: Document, base: str, text: str) -> str | None:
        """Return the absolute URI that *text* means; None for a metaschema, which the packages carry."""
        uri, fragment = urldefrag(join_uri(base, text))
        if is_official(uri, document.dialect):
            return None
        owner, resource = self._resource(uri, document)
        target = owner.target(resource, fragment)
        absolute = quoted(f"{resource}#{fragment}" if fragment else resource)
        if isinstance(target, dict):
            start = owner.scanned.get(id(owner.resources[resource]), "")
            try:
                # It may lie where no schema is looked for, under a keyword of the author's own.
                owner.scan(target, resource, start + unquote(fragment))
            except SchemaError as error:
                raise error.of(owner.shown) from error
            self._targets[absolute] = target
        return absolute

    def _resource(self, uri: str, document: Document) -> tuple[Document, str]:
        """Return the document that holds the resource *uri*, opened if need be, and the resource's own URI."""
        for known in self.documents.values():
            if uri in known.resources:
                return known, uri
        path = self._folder.locate(uri, document.uri, document.path)
        found = self._by_path.get(path) or self.open(path, self._folder.shown_path(path), self._default)
        if found.dialect is not document.dialect:
            raise Refused(
                f"leads from {document.dialect.name} to {found.dialect.name}: both files must be of one dialect"
            )
        return found, found.uri

    @property
    def _default(self) -> Dialect:
        """The dialect of the first document: that of the others, where they declare none."""
        return next(iter(self.documents.values())).dialect

    def _refuse_loops(self) -> None:
        """Raise CeventsError where a reference leads back to its start without going deeper into the value."""
        graph: dict[int, list[int]] = {}
        pending = [*self._holders]
        for schema in pending:
            if id(schema) not in graph:
                below = list(self._in_place(schema))
                graph[id(schema)] = [*map(id, below)]
                pending += below
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            key = next(id(schema) for schema in reversed(self._holders) if id(schema) in error.args[1])
            owner = next(found for found in self.documents.values() if key in found.scanned)
            reason = "refers to itself without going deeper into the value"
            raise SchemaError(owner.scanned[key], reason, owner.shown) from error

    def _in_place(self, schema: Schema) -> Iterator[Schema]:
        """Yield the schemas that apply to the same value as *schema* does."""
        for keyword in REFERENCES:
            reference = schema.get(keyword)
            if isinstance(reference, str) and reference in self._targets:
                yield self._targets[reference]
        yield from (below for tokens, below in subschemas(schema) if tokens[0] in IN_PLACE)


def _enter_dialect(schema: Schema, outside: Dialect, pointer: str) -> Dialect:
    """Return the dialect of *schema*; raises SchemaError where only a resource of its own could have another one."""
    dialect = dialect_of(schema, outside, pointer)
    if dialect is not outside and not (_identifier(schema, dialect) or "#").partition("#")[0]:
        reason = (
            f"differs from the dialect around it, {outside.name}; only a schema with its own {dialect.id_keyword} can"
        )
        raise SchemaError(f"{pointer}/$schema", reason)
    return dialect


def _identifier(schema: Schema, dialect: Dialect) -> str | None:
    if dialect.ref_stands_alone and "$ref" in schema:
        return None
    own = schema.get(dialect.id_keyword)
    return own if isinstance(own, str) else None


def _resource_uri(base: str, own: str, dialect: Dialect, pointer: str) -> str:
    try:
        return urldefrag(join_uri(base, own)).url
    except Refused as refusal:
        raise SchemaError(pointers.join(pointer, dialect.id_keyword), f"{own!r} {refusal}") from refusal


@lru_cache(maxsize=1024)
def quoted(uri: str) -> str:
    """Return *uri* with what is not allowed in a URI percent-encoded, as the Rust package demands it."""
    return quote(uri, safe="%/:=&?~#+!$,;'@()*[]")
