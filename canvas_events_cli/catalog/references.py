"""Loading a schema file, and all others that its references lead to, inside its folder only.

References are written over with the absolute URI of what they lead to. Both engines then get a closed set of
documents that they can find by URI alone, whatever their own rules for relative references are.
"""

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
    check_keywords,
    dialect_of,
    is_official,
    subschemas,
)
from canvas_events_cli.catalog.folder import Folder, Refused, join_uri
from canvas_events_cli.catalog.schema_file import Part, SchemaFile, referred, subparts
from canvas_events_cli.catalog.wellformed import faults_of
from canvas_events_cli.errors import CeventsError

_NOTHING = object()


def load_schema(path: Path, folder: Folder, *, shown: str) -> SchemaFile:
    """Return the schema in the file at *path* (resolved, inside *folder*).

    It and the files it refers to are held against their metaschema, and every pattern is tried, unless the folder is
    the bundled one. Raises CeventsError that names the file and the place for all that can be wrong with a schema file.
    """
    closure = Closure(folder)
    first = closure.open(path, shown)
    closure.follow_all()
    documents = closure.documents.values()
    return SchemaFile(
        path=shown,
        uri=first.uri,
        document=first.root,
        dialect=first.dialect.name,
        resources=tuple((found.uri, found.root) for found in documents if found is not first),
        targets=closure.targets(first),
        files=tuple(found.path for found in documents),
    )


class Document(NamedTuple):
    """A schema file in memory."""

    path: Path
    """Resolved."""
    shown: str
    uri: str
    """What it is known by: its ``$id``, else its file's URI."""
    root: object
    dialect: Dialect


class Closure:
    """A schema document and all others that it leads to; raises CeventsError for what cannot be used or followed."""

    def __init__(self, folder: Folder) -> None:
        self.documents: dict[str, Document] = {}
        """By URI, the first one first."""
        self._folder = folder
        self._checked = not folder.is_bundled
        self._resources: dict[str, tuple[Document, object]] = {}
        """Schemas by URI: the documents, and each schema in them with an ``$id``."""
        self._anchors: dict[tuple[str, str], Schema] = {}
        """Schemas by (URI of their resource, name)."""
        self._scanned: dict[int, tuple[Document, str]] = {}
        """Where each schema stands, by its ``id()``: schemas cannot be hashed, and the documents keep all of them."""
        self._pending: list[tuple[Document, Schema, str, str, str]] = []
        """References that are not followed yet: ``schema[keyword]`` of a document, relative to a base, at a pointer."""
        self._followed: dict[tuple[str, str, str], str | None] = {}
        """The absolute form of each reference, by document, base and text: most files repeat a few many times."""
        self._holders: list[Schema] = []
        self._targets: dict[str, tuple[Schema, ...]] = {}
        """The schema that each absolute reference leads to."""

    def open(self, path: Path, shown: str, default: Dialect = DEFAULT) -> Document:
        """Read, check and scan the file at *path* (resolved)."""
        root = self._folder.read(path, shown)
        try:
            dialect = dialect_of(root, default)
            sound, checked = self._folder.sound, (path, dialect.name)
            for _, fault in faults_of(root, dialect) if self._checked and checked not in sound else ():
                raise fault
            sound.add(checked)
            return self.add(path, shown, root, dialect)
        except SchemaError as error:
            raise error.of(shown) from error

    def add(self, path: Path, shown: str, root: object, dialect: Dialect) -> Document:
        """Take in the JSON value *root* that was read from *path*."""
        own = _identifier(root, dialect) if isinstance(root, dict) else None
        uri = percent_encoded(_resource_uri(path.as_uri(), own, dialect, "") if own else path.as_uri())
        document = Document(path, shown, uri, root, dialect)
        twin = self.documents.setdefault(uri, document)
        if twin is not document:
            raise CeventsError(f"{twin.shown} and {shown} have the same $id, {uri}")
        self._resources.setdefault(uri, (document, root))
        if isinstance(root, dict):
            if own and not own.startswith("#"):
                root[dialect.id_keyword] = uri
            if self._checked or len(self.documents) == 1:
                self._scan(document, root, uri, "")
            else:
                # Of what is known to be right, what is referred to is looked at: most of it is not, and a hundred files
                # refer to the same one. It has no ``$id`` or anchor inside.
                root.pop("$schema", None)
        return document

    def follow_all(self) -> None:
        """Follow references until none is left: following one can bring in more."""
        while self._pending:
            document, schema, keyword, base, pointer = self._pending.pop()
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
        if self._checked:
            self._refuse_loops()

    def targets(self, first: Document) -> dict[str, tuple[Schema, ...]]:
        """Return the schemas that each reference, as rewritten, can lead to; ``#`` stands for *first* as a whole.

        For a dynamic one these are all schemas of that name: which one it is depends on the way to it.
        """
        found = {**self._targets}
        if isinstance(first.root, dict):
            found["#"] = (first.root,)
        for reference in {str(schema["$dynamicRef"]) for schema in self._holders if "$dynamicRef" in schema}:
            name = urldefrag(reference).fragment
            anchors = self._anchors.items()
            named = (schema for (_, anchor), schema in anchors if anchor == name == schema.get("$dynamicAnchor"))
            found[reference] = (*found.get(reference, ()), *named)
        return found

    def _scan(self, document: Document, schema: Schema, base: str, pointer: str) -> None:
        """Note what *schema* and all schemas below it hold; *base* is the URI that applies there.

        Removes each ``$schema``, since the engines are told the documents' dialect; not those of embedded resources of
        another one.
        """
        pending = [(schema, base, pointer, document.dialect)]
        while pending:
            schema, base, pointer, dialect = pending.pop()
            if id(schema) in self._scanned:
                continue
            self._scanned[id(schema)] = document, pointer
            outside, dialect = dialect, dialect_of(schema, dialect, pointer)
            own = _identifier(schema, dialect)
            if dialect is not outside and not (own or "#").partition("#")[0]:
                reason = f"differs from the dialect around it, {outside.name}; only a schema with its own "
                raise SchemaError(f"{pointer}/$schema", f"{reason}{dialect.id_keyword} can")
            if dialect is document.dialect:
                schema.pop("$schema", None)
            check_keywords(schema, pointer)
            if own is not None and own.startswith("#"):
                self._anchors[base, own[1:]] = schema
            elif own is not None and schema is not document.root:
                base = _resource_uri(base, own, dialect, pointer)
                self._resources.setdefault(base, (document, schema))
            for name in ("$anchor", "$dynamicAnchor"):
                if isinstance(anchor := schema.get(name), str):
                    self._anchors[base, anchor] = schema
            self._pending += [
                (document, schema, keyword, base, pointers.join(pointer, keyword))
                for keyword in REFERENCES
                if isinstance(schema.get(keyword), str)
            ]
            pending += [(below, base, pointers.join(pointer, *tokens), dialect) for tokens, below in subschemas(schema)]

    def _follow(self, document: Document, base: str, text: str) -> str | None:
        """Return the absolute URI that *text* means; None for a metaschema, which the packages carry.

        Raises Refused where it leads to no schema, or to none that may be used.
        """
        resource, _, fragment = text.partition("#")
        uri = join_uri(base, resource)
        if is_official(uri, document.dialect):
            return None
        if uri in self._resources:
            owner, root = self._resources[uri]
        else:
            path = self._folder.locate(uri, document.uri, document.path)
            known = next((known for known in self.documents.values() if known.path == path), None)
            # A file that declares no dialect has that of the first one.
            default = next(iter(self.documents.values())).dialect
            owner = known or self.open(path, self._folder.shown_path(path), default)
            if owner.dialect is not document.dialect:
                dialects = f"{document.dialect.name} to {owner.dialect.name}"
                raise Refused(f"leads from {dialects}: both files must be of one dialect")
            uri, root = owner.uri, owner.root
        target = self._target(owner, root, uri, fragment)
        absolute = percent_encoded(f"{uri}#{fragment}" if fragment else uri)
        if isinstance(target, dict):
            place = (self._scanned[id(root)][1] if id(root) in self._scanned else "") + unquote(fragment)
            try:
                # It may lie where no schema is looked for, under a keyword of the author's own.
                is_unchecked = self._checked and id(target) not in self._scanned
                for _, fault in faults_of(target, owner.dialect) if is_unchecked else ():
                    raise SchemaError(place + fault.pointer, fault.reason)
                self._scan(owner, target, uri, place)
            except SchemaError as error:
                raise error.of(owner.shown) from error
            self._targets[absolute] = (target,)
        return absolute

    def _target(self, owner: Document, root: object, uri: str, fragment: str) -> object:
        """Return the schema that *fragment* names in the resource *root*: the whole, a JSON Pointer or an anchor."""
        text = unquote(fragment)
        if not text:
            return root
        if text.startswith("/"):
            found = pointers.resolve(root, pointers.split(text), _NOTHING)
            missing = f"leads to {text}, where {owner.shown} has nothing"
        else:
            found = self._anchors.get((uri, text), _NOTHING)
            missing = f"leads to the anchor {text!r}, which {owner.shown} does not have"
        if found is _NOTHING:
            raise Refused(missing)
        if not isinstance(found, dict | bool):
            raise Refused(f"leads to {text} of {owner.shown}, which is not a schema")
        return found

    def _refuse_loops(self) -> None:
        """Raise CeventsError where a reference leads back to its start without going deeper into the value."""
        graph: dict[int, list[int]] = {}
        pending: list[Part] = [(schema, self._targets) for schema in self._holders]
        for part in pending:
            if id(part[0]) not in graph:
                below = [*referred(part), *subparts([part], IN_PLACE)]
                graph[id(part[0])] = [id(schema) for schema, _ in below]
                pending += below
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            key = next(id(schema) for schema in reversed(self._holders) if id(schema) in error.args[1])
            document, pointer = self._scanned[key]
            reason = "refers to itself without going deeper into the value"
            raise SchemaError(pointer, reason, document.shown) from error


def _identifier(schema: Schema, dialect: Dialect) -> str | None:
    """Return the ``$id`` of *schema*; up to draft 7 one beside a ``$ref`` is ignored."""
    own = schema.get(dialect.id_keyword)
    return own if isinstance(own, str) and not (dialect.ref_stands_alone and "$ref" in schema) else None


def _resource_uri(base: str, own: str, dialect: Dialect, pointer: str) -> str:
    try:
        return join_uri(base, own)
    except Refused as refusal:
        raise SchemaError(pointers.join(pointer, dialect.id_keyword), f"{own!r} {refusal}") from refusal


@lru_cache(maxsize=1024)
def percent_encoded(uri: str) -> str:
    """Return *uri* with what is not allowed in a URI percent-encoded, as the Rust package demands it."""
    return quote(uri, safe="%/:=&?~#+!$,;'@()*[]")
