"""One self-contained file out of a schema and all that it refers to."""

from urllib.parse import unquote, urldefrag

from canvas_events_cli import pointers
from canvas_events_cli.catalog.dialects import DIALECTS, Schema, replaced
from canvas_events_cli.catalog.schema_file import SchemaFile
from canvas_events_cli.errors import CeventsError

_REFUSED = {
    "$dynamicRef": "dynamic references",
    "$recursiveRef": "dynamic references",
    "$schema": "schemas of two dialects",
}
_NAMES = frozenset(("$id", "id", "$anchor", "$dynamicAnchor", "$recursiveAnchor"))
"""Keywords that name a schema; inside a bundle nothing is found by such a name."""


def bundled(file: SchemaFile) -> object:
    """Return the schema in *file* with every schema of other files that it uses copied into its own ``$defs``.

    References then lead inside the document only, so that it loads anywhere, and it accepts what *file* accepts.
    Raises CeventsError for a schema with dynamic references: what these mean depends on the file they stand in; and for
    one with an embedded resource of another dialect.
    """
    source = file.document
    if not isinstance(source, dict):
        return source
    dialect = DIALECTS[file.dialect]
    container = "definitions" if dialect.ref_stands_alone else "$defs"
    taken = {*source.get(container, ())}
    names: dict[str, str] = {}
    copies: dict[str, Schema] = {}

    def copy(schema: Schema) -> Schema:
        """Return a copy of *schema* without the names that it and its parts have, its references rewritten."""
        for keyword, what in _REFUSED.items():
            if keyword in schema:
                raise CeventsError(f"{file.path}: has {what}, which no single file can keep")
        copied = replaced(schema, lambda tokens, below: copy(below))
        if schema.get("$ref") in file.targets:
            copied["$ref"] = local(schema["$ref"])
        return {keyword: value for keyword, value in copied.items() if keyword not in _NAMES}

    def local(reference: str) -> str:
        """Return the reference inside the bundle that stands for *reference*; its target is copied if need be."""
        uri, fragment = urldefrag(reference)
        if uri == file.uri and fragment[:1] in ("", "/"):
            return f"#{fragment}"
        if reference not in names:
            name = unquote(fragment or uri).rpartition("/")[2].removesuffix(".json")
            while name in taken:
                name += "_"
            taken.add(name)
            names[reference] = name
            copies[name] = {}  # holds its place: it may refer to itself
            copies[name] = copy(file.targets[reference][0])
        return f"#/{container}/{pointers.escape(names[reference])}"

    body = copy(source)
    head = {"$schema": dialect.uri + ("#" if dialect.ref_stands_alone else "")}
    if dialect.id_keyword in source:
        head[dialect.id_keyword] = source[dialect.id_keyword]
    definitions = {**body.pop(container, {}), **copies}
    return {**head, **body, **({container: definitions} if definitions else {})}
