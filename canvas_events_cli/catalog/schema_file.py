"""A schema file with all that it refers to, ready for an engine."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from canvas_events_cli.catalog.dialects import Schema, walk
from canvas_events_cli.catalog.folder import Folder
from canvas_events_cli.catalog.references import Closure
from canvas_events_cli.catalog.wellformed import patterns_in

_NUMERIC = frozenset(("exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf", "uniqueItems"))


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
    targets: Mapping[str, tuple[Schema, ...]]
    """The schemas, inside these documents, that each reference in them can lead to."""
    files: tuple[Path, ...] = ()
    """Where all of this was read."""

    def schemas(self) -> Iterator[Schema]:
        """Yield each schema in these documents, once."""
        targets = (target for targets in self.targets.values() for target in targets)
        return (schema for _, schema in walk(self.document, *(document for _, document in self.resources), *targets))

    @property
    def patterns(self) -> tuple[str, ...]:
        """Every regular expression in these documents."""
        return tuple({pattern: None for schema in self.schemas() for _, pattern in patterns_in(schema)})

    @property
    def compares_numbers(self) -> bool:
        """Whether anything in these documents depends on the last digit of a number."""
        return any(
            not _NUMERIC.isdisjoint(schema)
            or any(map(_may_hold_number, (schema.get("const"), *schema.get("enum", ()))))
            for schema in self.schemas()
        )


def load_schema(path: Path, folder: Folder, *, shown: str, checked: bool) -> SchemaFile:
    """Return the schema in the file at *path* (resolved, inside *folder*).

    *checked* also holds it and the files it refers to against their metaschema, and tries every pattern. Raises
    CeventsError that names the file and the place for all that can be wrong with a schema file.
    """
    closure = Closure(folder, checked=checked)
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


def _may_hold_number(value: object) -> bool:
    return isinstance(value, int | float | list | dict) and not isinstance(value, bool)
