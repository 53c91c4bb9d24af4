"""What the shell offers for an option's value: event names and field names."""

import re

import typer

# A condition may ask for what is absent (!FIELD), --fields takes several; past an operator there is no FIELD.
_FIELD_TYPED = re.compile(r'(!|(?:[^\s,<>=!~@"]+,)+)?([^\s,<>=!~@"]*)')


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
    """Return the known fields that begin with *incomplete*, as dotted paths and by their bare names.

    What stands before the last FIELD in it (``!``, or other FIELDs and a comma) stays before each.
    """
    from canvas_events_cli.catalog import load_catalog
    from canvas_events_cli.catalog.fields import documented_names

    typed = _FIELD_TYPED.fullmatch(incomplete)
    if typed is None:
        return []
    before, start = typed[1] or "", typed[2]
    return [before + name for name in sorted(set(documented_names(load_catalog()))) if name.startswith(start)]
