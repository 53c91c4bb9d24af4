"""What the shell offers for an option's value: event names and field names."""

import typer


def complete_event(incomplete: str) -> list[str]:
    """Return the known event names that begin with *incomplete*."""
    from canvas_events_cli.catalog import load_catalog

    return [name for name in sorted(load_catalog().bodies) if name.startswith(incomplete)]


def complete_explained(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return what begins with *incomplete*: keywords and events, or after an event the pointers of its fields."""
    from canvas_events_cli.catalog import load_catalog
    from canvas_events_cli.catalog.fields import fields_of
    from canvas_events_cli.schema.listing import ENVELOPE_NAME
    from canvas_events_cli.validation.explanations import EXPLANATIONS

    words = ctx.params.get("words") or ()
    if not words:
        return [word for word in (*EXPLANATIONS, ENVELOPE_NAME) if word.startswith(incomplete)] + complete_event(
            incomplete
        )
    catalog = load_catalog()
    fields = fields_of(catalog.envelope)
    if words[0] in catalog.bodies:
        fields += fields_of(catalog.bodies[words[0]], ("body",))
    return [field.pointer for field in fields if field.path and field.pointer.startswith(incomplete)]


def complete_field(incomplete: str) -> list[str]:
    """Return the known fields that begin as *incomplete* ends, as ``query.suggestions`` has them."""
    from canvas_events_cli.catalog import load_catalog
    from canvas_events_cli.catalog.fields import documented_names
    from canvas_events_cli.query.suggestions import suggest_fields

    return suggest_fields(incomplete, sorted(set(documented_names(load_catalog()))))
