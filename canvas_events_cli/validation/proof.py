"""Proving events valid while they are parsed, which is several times as fast as checking what was parsed.

A schema that uses the common keywords alone is also a type: msgspec parses JSON text into it, or fails. The type asks
for more than the schema does, never for less: whatever it accepts is JSON to the parser, valid to both engines, and
free of undocumented fields and of leap seconds. What it does not accept is not thereby wrong: the engine decides.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import chain
from operator import attrgetter, or_
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple

from canvas_events_cli.catalog import Catalog, SchemaFile
from canvas_events_cli.catalog.dialects import DEFAULT
from canvas_events_cli.validation.spec import ValidationSpec

Schema = Mapping[str, Any]
Part = tuple[Schema, Mapping[str, tuple[dict[str, Any], ...]]]
"""A schema, and what the references in its file lead to."""

_UNDERSTOOD = frozenset(
    (
        *("$ref", "format", "if", "else", "items", "minLength", "pattern", "properties", "required", "type"),
        *("$comment", "$defs", "$id", "$schema", "default", "deprecated", "description", "examples", "title"),
    )
)
"""What is read here, and what asks for nothing, as keywords that begin with ``x-`` do."""
_SCALARS: dict[str, Any] = {"string": str, "null": None, "boolean": bool, "integer": int, "number": int | float}
_DATE_TIME = (
    r"\A(?!0000)[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8]))[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])\Z"
)
_DIGITS = r"\A[0-9]+\Z"
_STRICTER = {
    # Python's `$` also matches before a last line feed. A pattern that is not here is left to the engine.
    "pattern": {"^[0-9]+$": _DIGITS},
    # RFC 3339, without the year 0, the 29th of February, and leap seconds.
    "format": {"date-time": _DATE_TIME},
}
_LEEWAY = 200
_DEEPEST = 16
_NOTHING: Mapping[str, object] = MappingProxyType({})
_NO_NAMES: Mapping[str, str] = MappingProxyType({})
_FIELDS = frozenset(("metadata", "body"))
_NAME = b'"event_name":"'


def compile_prover(spec: ValidationSpec) -> "Prover | None":
    """Return what proves events valid by *spec*; None where the reference is asked for, or a look at every byte.

    ``--strict`` looks for repeated keys, of which a parser shows the last alone.
    """
    if spec.strict or spec.engine != "jsonschema-rs":
        return None
    return Prover(spec.catalog)


class Prover:
    """Tells which events are proven valid; a type is made for each event name when it is first met."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._types: dict[bytes, _EventType | None] = {}
        self._about = 0

    def prove(self, raw: bytes) -> str | None:
        """Return the name of the event whose JSON text *raw* is, where it is valid for sure; else None."""
        # Wherever it stands, the type asks for that name; events in a row have it at about the same place.
        place = raw.find(_NAME, self._about)
        if place < 0:
            place = raw.find(_NAME)
        self._about = max(0, place - _LEEWAY)
        kind = self._type_named_at(raw, place)
        if kind is None:
            return None
        try:
            event = kind.decode(raw)
            return kind.name if kind.ids_are_digits([event]) else None
        except (ValueError, RecursionError):
            # The parser's errors are all ValueErrors; what is nested too deeply for it may not be for orjson.
            return None

    def prove_all(self, block: bytes, start: int, end: int, objects: int) -> str | None:
        """Return the name that the *objects* in *block* from *start* to *end* share, where all are valid for sure.

        They are lines of one object or more. None says nothing of any one of them.
        """
        kind = self._type_named_at(block, block.find(_NAME, start, end))
        if kind is None:
            return None
        try:
            events = kind.decode_lines(memoryview(block)[start:end])
            return kind.name if len(events) == objects and kind.ids_are_digits(events) else None
        except (ValueError, RecursionError):
            return None

    def _type_named_at(self, raw: bytes, place: int) -> "_EventType | None":
        """Return the type of events of the name at *place*.

        Names without a schema are not remembered: there can be many.
        """
        start = place + len(_NAME)
        name = raw[start : raw.find(b'"', start)]
        if name not in self._types:
            event_name = name.decode("utf-8", "replace")
            if place < 0 or event_name not in self._catalog.bodies:
                return None
            self._types[name] = _event_type(self._catalog.envelope, self._catalog.bodies[event_name], event_name)
        return self._types[name]


class _EventType(NamedTuple):
    """The type that only valid events of a name have, given that their ids are digits."""

    name: str
    decode: Callable[[bytes], Any]
    decode_lines: Callable[[memoryview], list[Any]]
    ids: Callable[[Any], Iterable[str | None]] | None
    """The ids in an envelope that have to be digits, where they are there."""

    def ids_are_digits(self, events: Iterable[Any]) -> bool:
        """Tell whether the ids of *events* are; one look at all takes a fifth of the time of one at each."""
        if self.ids is None:
            return True
        texts = chain.from_iterable(map(self.ids, [event.metadata for event in events]))
        return "".join(filter(None, texts)).encode().isdigit()


class _NotProvable(Exception):
    """A schema says what no type here does."""


def _event_type(envelope: SchemaFile, body: SchemaFile, event_name: str) -> _EventType | None:
    """Return the type of valid events of this name; None where no type can tell."""
    import msgspec

    try:
        whole = _gather([_part(envelope)], accepted=_FIELDS)
        metadata = _gather(whole.properties.get("metadata", ()))
        name = _gather(metadata.properties.get("event_name", ()))
        if name.min_length > len(event_name) or name.patterns or not whole.required <= _FIELDS <= {*whole.properties}:
            return None
        ids: list[str] = []
        named = _struct(metadata, {"event_name": Literal[event_name]}, ids)
        described = _struct(_gather([*whole.properties["body"], _part(body)]))
    except _NotProvable:
        return None
    event = _object([("metadata", named), ("body", described)])
    decoder = msgspec.json.Decoder(event)
    # One of them twice, since of a single attribute an attrgetter makes no tuple.
    texts_of = attrgetter(*ids, ids[0]) if ids else None
    return _EventType(event_name, decoder.decode, decoder.decode_lines, texts_of)


@dataclass(slots=True)
class _Gathered:
    """What all the schemas that apply to one value ask for together."""

    types: set[str] = field(default_factory=lambda: {*_SCALARS, "object", "array"})
    required: set[str] = field(default_factory=set)
    properties: dict[str, list[Part]] = field(default_factory=dict)
    items: list[Part] = field(default_factory=list)
    min_length: int = 0
    patterns: set[str] = field(default_factory=set)


def _part(file: SchemaFile) -> Part:
    if not isinstance(file.document, dict) or file.dialect != DEFAULT.name:
        raise _NotProvable
    return file.document, file.targets


def _gather(parts: Iterable[Part], accepted: frozenset[str] | None = None) -> _Gathered:
    """Return what *parts* ask for together; *accepted* are the fields that the value can have, where that is known."""
    found = _Gathered()
    for schema, targets in _applying(parts, accepted):
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


def _applying(parts: Iterable[Part], accepted: frozenset[str] | None) -> Iterator[Part]:
    """Yield *parts*, and what their references and conditions add; raises _NotProvable for what no type can say."""
    for schema, targets in parts:
        if not isinstance(schema, dict) or not all(key in _UNDERSTOOD or key.startswith("x-") for key in schema):
            raise _NotProvable
        yield schema, targets
        if "$ref" in schema:
            below = targets.get(schema["$ref"], ())
            if len(below) != 1:
                raise _NotProvable
            yield from _applying([(below[0], targets)], accepted)
        if "if" in schema:
            # A value that cannot have one of the fields that the condition asks for goes the other way.
            asked = schema["if"]
            if accepted is None or asked.keys() != {"required"} or accepted.issuperset(asked["required"]):
                raise _NotProvable
            yield from _applying([(schema.get("else", {}), targets)], accepted)


def _stricter(known: Mapping[str, str], wanted: str) -> str:
    if wanted not in known:
        raise _NotProvable
    return known[wanted]


def _struct(
    found: _Gathered, given: Mapping[str, object] = _NOTHING, ids: list[str] | None = None, depth: int = 0
) -> Any:
    """Return the type of objects that have what *found* asks for, and no other fields; *given* are types of fields.

    Where *ids* is a list, it gets the attributes that the caller has to see to: texts of digits, or None.
    """
    if "object" not in found.types or not found.properties or not found.required <= found.properties.keys():
        raise _NotProvable
    fields: list[Any] = []
    names: dict[str, str] = {}
    for number, (name, parts) in enumerate(found.properties.items()):
        names[f"f{number}"] = name
        below = _gather(parts)
        if ids is not None and below.patterns == {_DIGITS} and below.types <= {"string", "null"}:
            ids.append(f"f{number}")
            below.patterns, below.min_length = set(), max(below.min_length, 1)
        kind = given[name] if name in given else _type(below, depth + 1)
        fields.append((f"f{number}", kind) if name in found.required else (f"f{number}", kind, None))
    return _object(fields, names)


def _object(fields: Sequence[tuple[str, Any] | tuple[str, Any, None]], names: Mapping[str, str] = _NO_NAMES) -> Any:
    """Return the type of objects of *fields* and no other ones; *names* are what they are called in JSON."""
    import msgspec

    # What is parsed holds no cycles, so the garbage collector need not look at it.
    return msgspec.defstruct("Object", fields, rename=names, kw_only=True, forbid_unknown_fields=True, gc=False)


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
        kinds.append(_struct(found, depth=depth))
    if "array" in found.types and found.items:
        kinds.append(list[_type(_gather(found.items), depth + 1)])  # type: ignore[misc]
    if not kinds:
        raise _NotProvable
    return reduce(or_, kinds)
