"""What the schemas say of events."""

from typing import TYPE_CHECKING

from canvas_events_cli.catalog import Catalog, bundled_schemas, load_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from canvas_events_cli.schema.check import CheckReport
    from canvas_events_cli.schema.diff import CatalogDiff
    from canvas_events_cli.schema.listing import Described, DocumentedEvent


def documented_events(catalog: Catalog | None = None) -> "list[DocumentedEvent]":
    """Return what is known of each event, by name. Raises CeventsError for a broken schema."""
    from canvas_events_cli.schema.listing import events_of

    return list(events_of(catalog or load_catalog()))


def describe_event(catalog: Catalog, name: str) -> "Described":
    """Return the fields of the event *name*, or of ``envelope``. Raises CeventsError where it is not known."""
    from canvas_events_cli.schema.listing import describe

    return describe(catalog, name)


def bundled_schema(catalog: Catalog, name: str) -> object:
    """Return the schema of the event *name*, or of ``envelope``, with all that it refers to in one document.

    Raises CeventsError where the event is not known, or for a schema with dynamic references.
    """
    from canvas_events_cli.schema.bundle import bundled
    from canvas_events_cli.schema.listing import schema_named

    return bundled(schema_named(catalog, name))


def check_schemas(path: "Path | None" = None) -> "CheckReport":
    """Check the schema file at *path*, or all files of the folder there; None stands for the bundled ones.

    Raises CeventsError where nothing can be read.
    """
    from canvas_events_cli.schema import check

    return check.check_schemas(path or bundled_schemas())


def compare_schemas(old: "Path | None", new: "Path") -> "CatalogDiff":
    """Compare two folders of schemas, or two schema files; None stands for the bundled ones.

    Raises CeventsError where one is a folder and the other is not, or a schema cannot be used.
    """
    from canvas_events_cli.schema.diff import compare

    return compare(old, new)
