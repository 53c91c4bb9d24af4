"""Following every reference of a schema file, to files inside its folder only.

References are written over with the absolute URI of what they lead to. Both engines then get a closed set of
documents that they can find by URI alone, whatever their own rules for relative references are.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag

from canvas_events_cli import pointers
from canvas_events_cli.catalog.dialects import IN_PLACE, REFERENCES, is_official, subschemas
from canvas_events_cli.catalog.faults import Refused, SchemaFault
from canvas_events_cli.catalog.folder import Folder
from canvas_events_cli.catalog.scan import Document, Reference, Schema, scan
from canvas_events_cli.catalog.uris import join_uri, quoted
from canvas_events_cli.errors import CeventsError

Opener = Callable[[Path], Document]
"""Reads, checks and scans the file at a resolved path."""

_NOTHING = object()


class Closure:
    """A schema document and all others that it leads to; raises CeventsError where a reference cannot be followed."""

    def __init__(self, first: Document, folder: Folder, opener: Opener) -> None:
        self.folder = folder
        self.opener = opener
        self.documents: dict[str, Document] = {}
        self._by_path: dict[Path, Document] = {}
        self._holders: list[Schema] = []
        self._targets: dict[str, Schema] = {}
        self._followed: dict[tuple[str, str, str], str | None] = {}
        self._add(first)
        self._settle_all()
        self._refuse_loops()

    def targets(self, first: Document) -> dict[str, tuple[Schema, ...]]:
        """Return the schemas that each reference, as rewritten, can lead to; ``#`` stands for *first* as a whole.

        For a dynamic one these are all schemas of that name: which one it is depends on the way to it.
        """
        found: dict[str, tuple[Schema, ...]] = {reference: (schema,) for reference, schema in self._targets.items()}
        if isinstance(first.root, dict):
            found["#"] = (first.root,)
        for reference in {str(schema["$dynamicRef"]) for schema in self._holders if "$dynamicRef" in schema}:
            found[reference] = (*found.get(reference, ()), *self._dynamic(urldefrag(reference).fragment))
        return found

    def _dynamic(self, name: str) -> Iterator[Schema]:
        for document in self.documents.values():
            for (_, anchor), schema in document.anchors.items():
                if anchor == name == schema.get("$dynamicAnchor"):
                    yield schema

    def _add(self, document: Document) -> None:
        twin = self.documents.setdefault(document.uri, document)
        if twin is not document:
            raise CeventsError(f"{twin.shown} and {document.shown} have the same $id, {document.uri}")
        self._by_path[document.path] = document

    def _settle_all(self) -> None:
        """Settle references until no document has any left: following one can bring in more."""
        while pending := [found for found in self.documents.values() if found.references]:
            for document in pending:
                while document.references:
                    reference = document.references.pop()
                    try:
                        self._settle(document, reference)
                    except SchemaFault as fault:
                        raise fault.of(document.shown) from fault

    def _settle(self, document: Document, reference: Reference) -> None:
        """Write over one reference. Most files repeat a few references many times: each is followed once."""
        text = str(reference.schema[reference.keyword])
        known = (document.uri, reference.base, text)
        if known not in self._followed:
            self._followed[known] = self._follow(document, reference, text)
        absolute = self._followed[known]
        if absolute is not None:
            reference.schema[reference.keyword] = absolute
            self._holders.append(reference.schema)

    def _follow(self, document: Document, reference: Reference, text: str) -> str | None:
        """Return the absolute URI that *reference* means; None for a metaschema, which the packages carry."""
        try:
            uri, fragment = urldefrag(join_uri(reference.base, text))
            if is_official(uri, document.dialect):
                return None
            owner, resource = self._resource(uri, document)
            target = _target(owner, resource, fragment)
        except Refused as refusal:
            raise SchemaFault(reference.pointer, f"{text!r} {refusal}") from refusal
        absolute = quoted(f"{resource}#{fragment}" if fragment else resource)
        if isinstance(target, dict):
            start = owner.scanned.get(id(owner.resources[resource]), "")
            scan(owner, target, resource, start + unquote(fragment))
            self._targets[absolute] = target
        return absolute

    def _resource(self, uri: str, document: Document) -> tuple[Document, str]:
        """Return the document that holds the resource *uri*, opened if need be, and the resource's own URI."""
        for known in self.documents.values():
            if uri in known.resources:
                return known, uri
        path = self.folder.locate(uri, document.uri, document.path)
        found = self._by_path.get(path)
        if found is None:
            found = self.opener(path)
            self._add(found)
        if found.dialect is not document.dialect:
            raise Refused(
                f"leads from {document.dialect.name} to {found.dialect.name}: both files must be of one dialect"
            )
        return found, found.uri

    def _refuse_loops(self) -> None:
        """Raise CeventsError where a reference leads back to its start without going deeper into the value."""
        done: set[int] = set()
        active: set[int] = set()
        stack = [(schema, False) for schema in self._holders]
        while stack:
            schema, leaving = stack.pop()
            key = id(schema)
            if leaving:
                active.remove(key)
                done.add(key)
            elif key in active:
                raise self._fault(key, "refers to itself without going deeper into the value")
            elif key not in done:
                active.add(key)
                stack.append((schema, True))
                stack += [(below, False) for below in self._in_place(schema)]

    def _in_place(self, schema: Schema) -> Iterator[Schema]:
        """Yield the schemas that apply to the same value as *schema* does."""
        for keyword in REFERENCES:
            reference = schema.get(keyword)
            if isinstance(reference, str) and reference in self._targets:
                yield self._targets[reference]
        for tokens, below in subschemas(schema):
            if tokens[0] in IN_PLACE:
                yield below

    def _fault(self, key: int, reason: str) -> CeventsError:
        owner = next(found for found in self.documents.values() if key in found.scanned)
        return SchemaFault(owner.scanned[key], reason).of(owner.shown)


def _target(owner: Document, resource: str, fragment: str) -> object:
    """Return the schema that *fragment* names in a resource: the whole, a JSON Pointer or an anchor."""
    root = owner.resources[resource]
    text = unquote(fragment)
    if not text:
        return root
    if text.startswith("/"):
        found = pointers.resolve(root, pointers.split(text), _NOTHING)
        missing = f"leads to {text}, where {owner.shown} has nothing"
    else:
        found = owner.anchors.get((resource, text), _NOTHING)
        missing = f"leads to the anchor {text!r}, which {owner.shown} does not have"
    if found is _NOTHING:
        raise Refused(missing)
    if not isinstance(found, dict | bool):
        raise Refused(f"leads to {text} of {owner.shown}, which is not a schema")
    return found
