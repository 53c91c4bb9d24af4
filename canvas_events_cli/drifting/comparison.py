"""What differs between what was seen and what is documented."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from canvas_events_cli import pointers
from canvas_events_cli.catalog import Catalog
from canvas_events_cli.catalog.fields import ANY_ELEMENT, DocumentedField, fields_of
from canvas_events_cli.drifting.report import ELEMENT, DriftReport, EventSeen, Seen, Sightings, utc
from canvas_events_cli.model import Json
from canvas_events_cli.same_event import ENVELOPES
from canvas_events_cli.validation.engines import UNEXPECTED
from canvas_events_cli.validation.findings import starred

Documented = Mapping[tuple[str, ...], DocumentedField]
"""Documented fields by their path from the event's root."""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """Events of a name that has no body schema."""

    event_name: str
    fields: int
    """Different fields at the top of their bodies."""
    count: int
    first: str | None
    """When one was first seen: UTC, RFC 3339; None where no event tells."""
    last: str | None


@dataclass(frozen=True, slots=True)
class UndocumentedField:
    """A field that the schemas of an event say nothing of."""

    event_name: str
    pointer: str
    types: dict[str, int]
    """How often it had each JSON type."""
    null_rate: float
    """The part of its values that are null, 0 to 1."""
    example: Json
    """One value, where examples were asked for."""
    count: int
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class UndocumentedTypes:
    """A documented field with types that its schema does not allow."""

    event_name: str
    pointer: str
    documented: tuple[str, ...]
    types: dict[str, int]
    """How often it had each JSON type that is not documented."""
    count: int
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class NeverSeen:
    """A documented field that no event had; null counts as seen."""

    event_name: str | None
    """None for a field of the envelope, which all events lack."""
    pointer: str
    required: bool
    expected: bool
    """Whether events normally have it: its absence says more than that of others."""


@dataclass(frozen=True, slots=True)
class Drift:
    """Where a capture and the documentation part."""

    events: int
    """Records, malformed ones included."""
    invalid: int
    malformed: int
    event_types: dict[str, int]
    new_events: tuple[NewEvent, ...]
    undocumented_fields: tuple[UndocumentedField, ...]
    undocumented_types: tuple[UndocumentedTypes, ...]
    never_seen: tuple[NeverSeen, ...]
    with_examples: bool = False
    """Whether the undocumented fields have examples, which may be personal."""

    @property
    def found(self) -> bool:
        """Whether there is drift; a field that was never seen is none: Canvas may leave out what is null."""
        return bool(self.new_events or self.undocumented_fields or self.undocumented_types)

    def to_dict(self) -> dict[str, Any]:
        """Return what ``drift -o json`` prints: without examples, unless they were asked for."""
        rows = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "with_examples"}
        for name in ("new_events", "undocumented_fields", "undocumented_types", "never_seen"):
            rows[name] = [{field: getattr(row, field) for field in row.__slots__} for row in rows[name]]
        for row in rows["undocumented_fields"] if not self.with_examples else ():
            del row["example"]
        return {"drift": self.found, **rows}


def compare_seen(report: DriftReport, catalog: Catalog, *, with_examples: bool = False) -> Drift:
    """Return what differs between *report* and what *catalog* documents.

    *with_examples* keeps a value of each undocumented field, which may be personal. Raises CeventsError for a broken
    schema.
    """
    envelope = {field.path: field for field in fields_of(catalog.envelope)}
    events = sorted(report.look().items(), key=lambda item: (-item[1].sightings.count, item[0]))
    undocumented: list[UndocumentedField] = []
    types: list[UndocumentedTypes] = []
    never: list[NeverSeen] = []
    seen_in_envelope: set[tuple[str, ...]] = set()
    for name, event in events:
        body = _body_rows(catalog, name, envelope)
        paths: set[tuple[str, ...]] = set()
        for path, pointer, row, seen in _matched(event.seen, {**envelope, **body}):
            paths.add(path)
            if kinds := {kind: found.count for kind, found in seen.types.items() if kind not in row.types}:
                documented = (*row.type_names, *(("null",) if row.nullable else ()))
                types.append(UndocumentedTypes(name, pointer, documented, kinds, *_when(seen.together(kinds))))
        seen_in_envelope |= paths
        undocumented += _undocumented(name, event, with_examples)
        never += _never_seen(name, {path: row for path, row in body.items() if path not in envelope}, paths)
    count = sum(event.sightings.count for _, event in events)
    return Drift(
        events=count + report.no_events + report.malformed,
        invalid=sum(event.invalid for _, event in events) + report.no_events,
        malformed=report.malformed,
        event_types={name: event.sightings.count for name, event in events},
        new_events=tuple(
            NewEvent(name, len(event.body.inside.keys() - {ELEMENT}), *_when(event.sightings))
            for name, event in events
            if event.is_new
        ),
        undocumented_fields=tuple(undocumented),
        undocumented_types=tuple(types),
        never_seen=(*_never_seen(None, envelope, seen_in_envelope), *never),
        with_examples=with_examples,
    )


def _body_rows(catalog: Catalog, name: str, envelope: Documented) -> Documented:
    file = catalog.body_for(name)
    rows = {field.path: field for field in fields_of(file, ("body",))} if file is not None else {}
    if file is not None and ("body",) in envelope:
        # Both schemas apply to the body as a whole.
        rows["body",] = replace(rows["body",], types=rows["body",].types & envelope["body",].types)
    return rows


def _matched(seen: Seen, rows: Documented) -> Iterator[tuple[tuple[str, ...], str, DocumentedField, Seen]]:
    """Yield (path of the row, pointer, row, what was seen) for all that was seen of documented fields."""
    pending: list[tuple[tuple[str, ...], str, Seen]] = [((), "", seen)]
    while pending:
        path, pointer, place = pending.pop()
        if path not in rows:
            continue
        yield path, pointer, rows[path], place
        for name, inner in reversed(place.inside.items()):
            token = ANY_ELEMENT if name == ELEMENT else str(name)
            here = (*path, token)
            pending.append((here if here in rows else (*path, ANY_ELEMENT), pointers.join(pointer, token), inner))


def _undocumented(name: str, event: EventSeen, with_examples: bool) -> Iterator[UndocumentedField]:
    forbidden = [starred(found.path) for found in event.objections if found.keyword in UNEXPECTED]
    for pointer in dict.fromkeys([*event.undocumented, *forbidden]):
        seen = event.seen.at(event.seen.path_to(pointer))
        if seen is not None:
            types = {kind: found.count for kind, found in seen.types.items()}
            null_rate = round(types.get("null", 0) / sum(types.values()), 4)
            example = seen.example if with_examples else None
            yield UndocumentedField(name, pointer, types, null_rate, example, *_when(seen.together()))


def _never_seen(name: str | None, rows: Documented, seen: set[tuple[str, ...]]) -> Iterator[NeverSeen]:
    """Yield the fields of *rows* whose objects were seen and they were not, under either name of the envelope."""
    for path, row in rows.items():
        spelled = [path, *((key, *path[1:]) for key in ENVELOPES if path[0] in ENVELOPES)] if len(path) > 1 else ()
        if path[-1:] != (ANY_ELEMENT,) and spelled and seen.isdisjoint(spelled) and path[:-1] in seen:
            yield NeverSeen(name, row.pointer, row.required, row.expected)


def _when(sightings: Sightings) -> tuple[int, str | None, str | None]:
    return sightings.count, utc(sightings.first), utc(sightings.last)
