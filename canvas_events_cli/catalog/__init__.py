"""Schema files, and what they say is known about events."""

from canvas_events_cli.catalog.catalog import Catalog, load_catalog
from canvas_events_cli.catalog.schema_file import SchemaFile
from canvas_events_cli.defaults import bundled_schemas

__all__ = ["Catalog", "SchemaFile", "bundled_schemas", "load_catalog"]
