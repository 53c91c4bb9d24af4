"""Reading one schema file with all it refers to, and saying what is wrong with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from canvas_events_cli.catalog.dialects import DEFAULT, Dialect, dialect_of
from canvas_events_cli.catalog.faults import SchemaFault
from canvas_events_cli.catalog.folder import Folder, read_json
from canvas_events_cli.catalog.references import Closure
from canvas_events_cli.catalog.scan import Document, check_depth, open_document
from canvas_events_cli.catalog.wellformed import pattern_faults, schema_faults


@dataclass(frozen=True, slots=True)
class SchemaFile:
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
    patterns: tuple[str, ...]
    """Every regular expression in these documents."""
    targets: Mapping[str, tuple[dict[str, Any], ...]]
    """The schemas, inside these documents, that each reference in them can lead to."""
    files: tuple[Path, ...] = ()
    """Where all of this was read."""


def load_schema(path: Path, folder: Folder, *, shown: str, checked: bool) -> SchemaFile:
    """Return the schema in the file at *path* (resolved, inside *folder*).

    *checked* also holds it and the files it refers to against their metaschema, and tries every pattern. Raises
    CeventsError that names the file and the place for all that can be wrong with a schema file.
    """

    def opener(path: Path, shown: str, default: Dialect) -> Document:
        root = read_json(path, shown)
        try:
            return _open(path, shown, root, default, checked)
        except SchemaFault as fault:
            raise fault.of(shown) from fault

    first = opener(path, shown, DEFAULT)
    closure = Closure(first, folder, lambda path: opener(path, folder.shown_path(path), first.dialect))
    documents = closure.documents.values()
    return SchemaFile(
        path=shown,
        uri=first.uri,
        document=first.root,
        dialect=first.dialect.name,
        resources=tuple((found.uri, found.root) for found in documents if found is not first),
        patterns=tuple({pattern: None for found in documents for _, pattern in found.patterns}),
        targets=closure.targets(first),
        files=tuple(found.path for found in documents),
    )


def _open(path: Path, shown: str, root: object, default: Dialect, checked: bool) -> Document:
    if not isinstance(root, dict | bool):
        raise SchemaFault("", "not a schema: expected an object, or true or false")
    dialect = dialect_of(root, default)
    if checked:
        check_depth(root)
        _raise_first(schema_faults(root, dialect))
    document = open_document(path, shown, root, dialect)
    if checked:
        _raise_first(pattern_faults(document.patterns))
    return document


def _raise_first(faults: Iterator[SchemaFault]) -> None:
    for fault in faults:
        raise fault
