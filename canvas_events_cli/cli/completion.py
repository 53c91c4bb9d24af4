"""What the shell offers for an option's value: event names and field names."""

from collections.abc import Iterator

_ENVELOPE = ("metadata", "attributes", "body")


def complete_event(incomplete: str) -> list[str]:
    """Return the known event names that begin with *incomplete*."""
    from canvas_events_cli.catalog import load_catalog

    return [name for name in sorted(load_catalog().bodies) if name.startswith(incomplete)]


def complete_field(incomplete: str) -> list[str]:
    """Return the known fields, as dotted paths, that begin with *incomplete*."""
    return [field for field in sorted(set(_fields())) if field.startswith(incomplete)]


def _fields() -> Iterator[str]:
    from canvas_events_cli.catalog import load_catalog

    catalog = load_catalog()
    names = set(_property_names(catalog.envelope.document)).difference(_ENVELOPE)
    yield from (f"metadata.{name}" for name in names)
    for schema in catalog.bodies.values():
        if isinstance(schema.document, dict):
            yield from (f"body.{name}" for name in schema.document.get("properties", {}))


def _property_names(schema: object) -> Iterator[str]:
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties")
    if isinstance(properties, dict):
        yield from properties
    for value in schema.values():
        yield from _property_names(value)
