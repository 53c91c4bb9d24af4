"""One self-contained file out of a schema and all that it refers to."""

from typing import Any
from urllib.parse import unquote, urldefrag

from canvas_events_cli import pointers
from canvas_events_cli.catalog.dialects import DIALECTS, Schema, replaced
from canvas_events_cli.catalog.schema_file import SchemaFile
from canvas_events_cli.errors import CeventsError

_DYNAMIC = ("$dynamicRef", "$recursiveRef")
_NAMES = frozenset(("$id", "id", "$anchor", "$dynamicAnchor", "$recursiveAnchor"))
"""Keywords that name a schema; inside a bundle nothing is found by such a name."""


def bundled(file: SchemaFile) -> object:
    """Return the schema in *file* with every schema of other files that it uses copied into its own ``$defs``.

    References then lead inside the document only, so that it loads anywhere, and it accepts what *file* accepts.
    Raises CeventsError for a schema with dynamic references: what these mean depends on the file they stand in; and for
    one with an embedded resource of another dialect.
    """
    return _Bundle(file).document() if isinstance(file.document, dict) else file.document


class _Bundle:
    """The copies made so far, and the names that they have in the bundle."""

    def __init__(self, file: SchemaFile) -> None:
        self._file = file
        self._dialect = DIALECTS[file.dialect]
        self._container = "definitions" if self._dialect.ref_stands_alone else "$defs"
        self._copies: dict[str, Schema] = {}
        self._names: dict[str, str] = {}

    def document(self) -> Schema:
        """Return the bundle."""
        source: Any = self._file.document
        self._taken = set(source.get(self._container, ()))
        body = self._copy(source)
        head = {"$schema": self._dialect.uri + ("#" if self._dialect.ref_stands_alone else "")}
        if self._dialect.id_keyword in source:
            head[self._dialect.id_keyword] = source[self._dialect.id_keyword]
        definitions = {**body.pop(self._container, {}), **self._copies}
        return {**head, **body, **({self._container: definitions} if definitions else {})}

    def _copy(self, schema: Schema) -> Schema:
        """Return a copy of *schema* without the names that it and its parts have, its references rewritten."""
        if any(keyword in schema for keyword in _DYNAMIC):
            raise CeventsError(f"{self._file.path}: has dynamic references, which no single file can keep")
        if "$schema" in schema:
            raise CeventsError(f"{self._file.path}: has schemas of two dialects, which no single file can keep")
        copied = replaced(schema, lambda tokens, below: self._copy(below))
        for keyword in _NAMES.intersection(copied):
            del copied[keyword]
        if schema.get("$ref") in self._file.targets:
            copied["$ref"] = self._local(schema["$ref"])
        return copied

    def _local(self, reference: str) -> str:
        """Return the reference inside the bundle that stands for *reference*; its target is copied if need be."""
        uri, fragment = urldefrag(reference)
        if uri == self._file.uri and fragment[:1] in ("", "/"):
            return f"#{fragment}"
        if reference not in self._names:
            name = self._names[reference] = self._free_name(fragment or uri)
            self._copies[name] = {}  # holds its place: it may refer to itself
            self._copies[name] = self._copy(self._file.targets[reference][0])
        return f"#/{self._container}/{pointers.escape(self._names[reference])}"

    def _free_name(self, reference: str) -> str:
        name = unquote(reference).rpartition("/")[2].removesuffix(".json")
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name
