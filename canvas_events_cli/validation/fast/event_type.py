"""Schemas as types: events of a name as msgspec parses them where, and only where, they are valid.

A schema that uses the common keywords alone is also a type: msgspec parses JSON text into it, or fails. The type asks
for more than the schema does, never for less: whatever it accepts is JSON to the parser, valid to both engines, and
free of undocumented fields and of leap seconds, and has all expected fields.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from itertools import chain
from operator import attrgetter, or_
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.catalog.dialects import DEFAULT, EXPECTED

ABSENT = object()
"""In place of the type of a field that is not there."""

Schema = Mapping[str, Any]
Part = tuple[Schema, Mapping[str, tuple[dict[str, Any], ...]]]
"""A schema, and what the references in its file lead to."""
Fields = dict[str, tuple[Any, ...]]
"""Types of an object's fields by name; with None where a field may be absent."""

_UNDERSTOOD = frozenset(
    (
        *("$ref", "anyOf", "else", "format", "if", "items", "minLength", "pattern", "properties", "required", "then"),
        *("type",),
        *("$comment", "$defs", "$id", "default", "deprecated", "description", "examples", "title"),
    )
)
"""What is read here, and what asks for nothing, as keywords that begin with ``x-`` do."""
_SCALARS: dict[str, Any] = {"string": str, "null": None, "boolean": bool, "integer": int, "number": int | float}
_DATE_TIME = (
    r"\A(?!000[01]|9999)[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8]))[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])\Z"
)
_DIGITS = r"\A[0-9]+\Z"
_DIGITS_OR_EMPTY = r"\A[0-9]*\Z"
_STRICTER = {
    # Python's `$` also matches before a last line feed. A pattern that is not here is left to the engine.
    "pattern": {"^[0-9]+$": _DIGITS, "^[0-9]*$": _DIGITS_OR_EMPTY},
    # RFC 3339, without the calendar's first and last year, the 29th of February, and leap seconds.
    "format": {"date-time": _DATE_TIME},
}
_DEEPEST = 16
_NOTHING: Mapping[str, Mapping[str, object]] = MappingProxyType({})
_NO_TYPES: Mapping[str, object] = MappingProxyType({})
_PARTS = frozenset(("metadata", "body"))


class EventType(NamedTuple):
    """A type that only certain events have, given that their name is the one here, and their ids are digits."""

    name: str
    decode: Callable[[bytes], Any]
    decode_lines: Callable[[memoryview], list[Any]]
    texts_of: Callable[[Any], tuple[str | None, ...]]
    """The name in an envelope, twice, and the ids that have to be digits where they are there."""
    has_ids: bool

    def refusal(self, raw: bytes) -> str | None:
        """Return why *raw* is not the JSON text of an event of this type, in the parser's words; None where it is."""
        try:
            name, _, *ids = self.texts_of(self.decode(raw).metadata)
        except (ValueError, RecursionError) as error:
            # The parser's errors are all ValueErrors; what is nested too deeply for it may not be for orjson.
            return str(error)
        return None if name == self.name and (not self.has_ids or _are_digits(ids)) else "ids"

    def accepts_lines(self, lines: memoryview, objects: int) -> bool:
        """Tell whether *lines* are so many *objects*, and all of them events that have this type."""
        try:
            events = self.decode_lines(lines)
        except (ValueError, RecursionError):
            return False
        names, _, *ids = zip(*map(self.texts_of, [event.metadata for event in events]), strict=True)
        is_named = names.count(self.name) == len(events) == objects
        return is_named and (not self.has_ids or _are_digits(chain.from_iterable(ids)))


def _are_digits(texts: Iterable[str | None]) -> bool:
    """Tell whether *texts* are, those that are there; one look at all takes a fifth of the time of one at each."""
    return "".join(filter(None, texts)).encode(errors="replace").isdigit()


class _NotProvable(Exception):
    """A schema says what no type here does."""


class EventTypes:
    """Makes types of events that share an envelope."""

    def __init__(self, envelope: SchemaFile) -> None:
        self._envelope_file = envelope

    def of(
        self, event_name: str, body: SchemaFile, apart: Mapping[str, Mapping[str, object]] = _NOTHING
    ) -> EventType | None:
        """Return the type of valid events of this name; None where no type can tell.

        *apart* are types of values instead, by ``metadata`` or ``body`` and by the name of a field there: of one that
        the schemas know, which may be ABSENT, or of another one that has to be there too.
        """
        import msgspec

        try:
            envelope = self._envelope
            if envelope.name.min_length > len(event_name) or envelope.name.patterns:
                return None
            fields = _changed(envelope.fields, apart.get("metadata", _NO_TYPES))
            metadata = envelope.type if fields == envelope.fields else _object(fields)
            of_body = _gather([*envelope.body, _part(body)])
            if envelope.metadata.leaves_open(apart.get("metadata", ())) or of_body.leaves_open(apart.get("body", ())):
                return None
            described = _changed(_fields(of_body), apart.get("body", _NO_TYPES))
            parts = [("metadata", metadata), ("body", _object(described))]
        except (_NotProvable, ValueError):
            # A ValueError stands for names of fields that no type can have.
            return None
        attributes = {name: attribute for attribute, name in _attributes(fields).items()}
        name = attributes["event_name"]
        ids = [
            attributes[field] for field in fields if field in envelope.ids and fields[field] == envelope.fields[field]
        ]
        decoder = msgspec.json.Decoder(msgspec.defstruct("Event", parts, forbid_unknown_fields=True, gc=False))
        return EventType(event_name, decoder.decode, decoder.decode_lines, attrgetter(name, name, *ids), bool(ids))

    @cached_property
    def _envelope(self) -> "_Envelope":
        whole = _gather([_part(self._envelope_file)], accepted=_PARTS)
        if not whole.required | whole.expected <= _PARTS <= {*whole.properties}:
            raise _NotProvable
        metadata = _gather(whole.properties["metadata"])
        name = _gather(metadata.properties.get("event_name", ()))
        ids: set[str] = set()
        # One type for the envelopes of all names, rather than one of each, stays in the processor's caches.
        fields = _changed(_fields(metadata, ids), {"event_name": str})
        return _Envelope(metadata, fields, _object(fields), frozenset(ids), name, whole.properties["body"])


class _Envelope(NamedTuple):
    """What an envelope asks for."""

    metadata: "_Gathered"
    fields: "Fields"
    type: Any
    ids: frozenset[str]
    """Names of fields that have to be seen to: texts of digits, where they are there."""
    name: "_Gathered"
    body: list[Part]


@dataclass(slots=True)
class _Gathered:
    """What all the schemas that apply to one value ask for together."""

    types: set[str] = field(default_factory=lambda: {*_SCALARS, "object", "array"})
    required: set[str] = field(default_factory=set)
    expected: set[str] = field(default_factory=set)
    properties: dict[str, list[Part]] = field(default_factory=dict)
    items: list[Part] = field(default_factory=list)
    min_length: int = 0
    patterns: set[str] = field(default_factory=set)
    chosen: set[str] | None = None
    """The fields of which a branch says something that was chosen, where there are branches at all."""

    def leaves_open(self, names: Iterable[str]) -> bool:
        """Tell whether what the schemas say of one of the fields *names* depends on what a value has elsewhere."""
        chosen = self.chosen or ()
        return any(name in chosen or _gather(self.properties.get(name, ())).chosen is not None for name in names)


def _part(file: SchemaFile) -> Part:
    if not isinstance(file.document, dict) or file.dialect != DEFAULT.name:
        raise _NotProvable
    return file.document, file.targets


def _gather(parts: Iterable[Part], accepted: frozenset[str] | None = None) -> _Gathered:
    """Return what *parts* ask for together; *accepted* are the fields that the value can have, where that is known."""
    found = _Gathered()
    for schema, targets, is_chosen in _applying(parts, accepted):
        if is_chosen:
            found.chosen = (found.chosen or set()).union(schema.get("required", ()), schema.get("properties", ()))
        found.expected |= {*schema.get(EXPECTED, ())}
        types = schema.get("type", found.types)
        types = {types} if isinstance(types, str) else set(types)
        found.types &= types | {"integer"} if "number" in types else types
        found.required |= {*schema.get("required", ())}
        found.min_length = max(found.min_length, schema.get("minLength", 0))
        for name, below in schema.get("properties", {}).items():
            found.properties.setdefault(name, []).append((below, targets))
        if "items" in schema:
            found.items.append((schema["items"], targets))
        for keyword, known in _STRICTER.items():
            if keyword in schema:
                found.patterns.add(_stricter(known, schema[keyword]))
    return found


def _applying(
    parts: Iterable[Part], accepted: frozenset[str] | None, *, is_chosen: bool = False
) -> Iterator[tuple[Schema, Mapping[str, Any], bool]]:
    """Yield *parts*, and what their references and conditions add, with whether it is of a branch that was chosen.

    Of alternatives the first is asked for, and what a condition asks for is asked for always: both ask for more than
    the schema does. Raises _NotProvable for what no type can say.
    """
    for schema, targets in parts:
        if not isinstance(schema, dict) or not all(key in _UNDERSTOOD or key.startswith("x-") for key in schema):
            raise _NotProvable
        yield schema, targets, is_chosen
        if "$ref" in schema:
            below = targets.get(schema["$ref"], ())
            if len(below) != 1:
                raise _NotProvable
            yield from _applying([(below[0], targets)], accepted, is_chosen=is_chosen)
        if "anyOf" in schema:
            yield from _applying([(schema["anyOf"][0], targets)], accepted, is_chosen=True)
        if "if" in schema and "else" in schema:
            # A value that cannot have one of the fields that the condition asks for goes the other way.
            asked = schema["if"]
            if accepted is None or asked.keys() != {"required"} or accepted.issuperset(asked["required"]):
                raise _NotProvable
            yield from _applying([(schema["else"], targets)], accepted, is_chosen=is_chosen)
        elif "if" in schema:
            yield from _applying([(schema.get("then", {}), targets)], accepted, is_chosen=True)


def _stricter(known: Mapping[str, str], wanted: str) -> str:
    if wanted not in known:
        raise _NotProvable
    return known[wanted]


def _fields(found: _Gathered, ids: set[str] | None = None, depth: int = 0) -> Fields:
    """Return the types of the fields of objects that have what *found* asks for, and no other fields.

    Where *ids* is a set, it gets the names that the caller has to see to: texts of digits, or null.
    """
    asked = found.required | found.expected
    if "object" not in found.types or not found.properties or not asked <= found.properties.keys():
        raise _NotProvable
    fields: Fields = {}
    for name, parts in found.properties.items():
        below = _gather(parts)
        if name in found.expected:
            below.types.discard("null")
        if ids is not None and below.patterns == {_DIGITS} and below.types <= {"string", "null"}:
            ids.add(name)
            below.patterns, below.min_length = set(), max(below.min_length, 1)
        kind = _type(below, depth + 1)
        fields[name] = (kind,) if name in asked else (kind, None)
    return fields


def _changed(fields: Fields, apart: Mapping[str, object]) -> Fields:
    """Return *fields* with those *apart* in place of theirs, or besides."""
    changed: Fields = fields | {name: (kind,) for name, kind in apart.items()}
    return {name: kind for name, kind in changed.items() if kind != (ABSENT,)}


def _object(fields: Fields) -> Any:
    """Return the type of objects of *fields* and no other ones."""
    import msgspec

    names = _attributes(fields)
    described = [(attribute, *fields[name]) for attribute, name in names.items()]
    # What is parsed holds no cycles, so the garbage collector need not look at it.
    return msgspec.defstruct("Object", described, rename=names, kw_only=True, forbid_unknown_fields=True, gc=False)


def _attributes(fields: Fields) -> dict[str, str]:
    """Return the attributes that stand for *fields*, whose names may be none that attributes can have."""
    return {f"f{number}": name for number, name in enumerate(fields)}


def _type(found: _Gathered, depth: int) -> Any:
    """Return the type of values that are as *found* asks for: all of the simple ones, and of containers some."""
    import msgspec

    if depth > _DEEPEST or len(found.patterns) > 1:
        raise _NotProvable
    kinds: list[Any] = [kind for name, kind in _SCALARS.items() if name in found.types and name != "string"]
    if "string" in found.types:
        constraints = msgspec.Meta(min_length=found.min_length or None, pattern=next(iter(found.patterns), None))
        kinds.append(Annotated[str, constraints] if found.min_length or found.patterns else str)
    if "object" in found.types and found.properties:
        kinds.append(_object(_fields(found, depth=depth)))
    if "array" in found.types and found.items:
        if found.patterns:
            # Types of a text with a pattern or a list crash msgspec 0.22 when they are freed.
            raise _NotProvable
        kinds.append(list[_type(_gather(found.items), depth + 1)])  # type: ignore[misc]
    if not kinds:
        raise _NotProvable
    return reduce(or_, kinds)
