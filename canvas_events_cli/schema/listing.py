"""The events of a catalogue, one row each."""

from collections.abc import Iterator
from dataclasses import dataclass

from canvas_events_cli.catalog import Catalog, SchemaFile
from canvas_events_cli.catalog.catalog import name_hint
from canvas_events_cli.catalog.fields import DocumentedField, fields_of
from canvas_events_cli.errors import CeventsError

ENVELOPE_NAME = "envelope"
"""What ``schema show`` and ``schema diff`` call the envelope's schema; no event of Canvas has this name."""


@dataclass(frozen=True, slots=True)
class DocumentedEvent:
    """What is known of one event."""

    event_name: str
    title: str
    fields: int
    """Fields of the body, without those inside others."""
    required: tuple[str, ...]
    """The fields that every body has."""
    expected: tuple[str, ...]
    """The fields that a body normally has."""


@dataclass(frozen=True, slots=True)
class Described:
    """One schema for a person: its title, what it says of itself, and its fields."""

    name: str
    title: str
    description: str
    fields: tuple[DocumentedField, ...]
    """Their paths are from the event's root."""


def events_of(catalog: Catalog) -> Iterator[DocumentedEvent]:
    """Yield the events that *catalog* has a body schema for, by name. Raises CeventsError for a broken schema."""
    for name in sorted(catalog.bodies):
        file = catalog.bodies[name]
        fields = [field for field in fields_of(file) if len(field.path) == 1]
        required = tuple(field.path[0] for field in fields if field.required)
        normal = tuple(field.path[0] for field in fields if field.expected)
        yield DocumentedEvent(name, annotation(file, "title"), len(fields), required, normal)


def description_of(catalog: Catalog, name: str) -> Described:
    """Return the schema of the event *name*, or of the envelope. Raises CeventsError where there is none."""
    file = schema_named(catalog, name)
    _, *fields = fields_of(file, () if file is catalog.envelope else ("body",))
    return Described(name, annotation(file, "title"), annotation(file, "description"), tuple(fields))


def schema_named(catalog: Catalog, name: str) -> SchemaFile:
    """Return the body schema of the event *name*, or the envelope's; raises CeventsError where there is none."""
    if name in catalog.bodies:
        return catalog.bodies[name]
    if name == ENVELOPE_NAME:
        return catalog.envelope
    hint = name_hint(name, catalog.bodies, ENVELOPE_NAME)
    raise CeventsError(f"no schema for an event named {name!r}{hint} ('cevents schema list' lists all)")


def annotation(file: SchemaFile, keyword: str) -> str:
    """Return what *file* says under *keyword*, a text such as its title; empty where it says nothing."""
    text = file.document.get(keyword) if isinstance(file.document, dict) else None
    return text if isinstance(text, str) else ""
