"""Schemas as types: events of a name as msgspec parses them where, and only where, they are valid.

A schema that uses the common keywords alone is also a type: msgspec parses JSON text into it, or fails. The type asks
for more than the schema does, never for less: whatever it accepts is JSON to the parser, valid to both engines, and
free of undocumented fields and of leap seconds, and has all expected fields.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property, reduce
from itertools import chain, count
from operator import attrgetter, or_
from typing import Annotated, Any, NamedTuple, NewType, Union

from canvas_events_cli import caliper
from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.catalog.schema_file import Part
from canvas_events_cli.pointers import ABSENT
from canvas_events_cli.same_event import ENVELOPES
from canvas_events_cli.validation.fast.asked import Asked, NoType, gather, part_of

Fields = dict[str, tuple[Any, ...]]
"""Types of an object's fields by name; with None where a field may be absent."""
OtherTypes = Mapping[str, Mapping[str, object]]
"""By ``envelope`` or ``body`` and by the name of a field there, a type in place of the one that a schema asks for;
ABSENT for none."""

_DIGITS = r"\A[0-9]+\Z"
_NUMBERS = count()
_LEVELS = 4
"""How deep is what a field holds of which the schemas say nothing."""
_NO_DIGITS = "an id is no text of digits"
NOT_SO = (ValueError, RecursionError)
"""What the parser raises for what is not of a type: its errors are ValueErrors, and it goes less deep than orjson."""


class EnvelopeType(NamedTuple):
    """A type that only events with a certain envelope have, whatever their body is, given that their ids are digits."""

    decode: Callable[[bytes], Any]
    decode_lines: Callable[[bytes | memoryview], list[Any]]
    texts_of: Callable[[Any], tuple[str | None, ...]]
    """The name in an envelope, the ids that have to be digits where they are there, and the name again."""

    def read(self, text: bytes) -> tuple[str, bytes] | str:
        """Return name and body of the event *text*; where it is not of this type why not, in the parser's words."""
        try:
            event = self.decode(text)
        except NOT_SO as error:
            return str(error)
        name, *ids, _ = self.texts_of(event.envelope)
        return (name or "", event.body) if are_digits(ids) else _NO_DIGITS

    def read_lines(self, lines: bytes | memoryview, objects: int) -> list[tuple[str, bytes]] | None:
        """Return name and body of each of so many *objects*; None where *lines* are not these, all of this type."""
        try:
            events = self.decode_lines(lines)
        except NOT_SO:
            return None
        if len(events) != objects:
            return None
        # One look at all ids takes a fifth of the time of a pattern in the type, which looks at each; and columns are
        # quicker than rows.
        names, *columns, _ = zip(*[self.texts_of(event.envelope) for event in events], strict=True)
        is_right = are_digits(chain.from_iterable(columns))
        return [*zip(names, [event.body for event in events], strict=True)] if is_right else None


class BodyType(NamedTuple):
    """A type that only certain bodies have, given that their ids are digits."""

    decode: Callable[[bytes], Any]
    ids_of: Callable[[Any], tuple[str | int | None, ...]]
    """The ids that have to be digits where they are texts."""
    exact: Callable[[], Callable[[bytes], Any]]
    """Makes what decodes only what has such ids, and says otherwise where there is another one."""


class WrongType(NamedTuple):
    """A type of events that are wrong in a certain way, given that their name is the one here."""

    name: str
    envelope: EnvelopeType
    body: Callable[[bytes], Any]

    def fits(self, text: bytes) -> bool:
        """Tell whether the event *text* is of this type."""
        found = self.envelope.read(text)
        if isinstance(found, str) or found[0] != self.name:
            return False
        try:
            self.body(found[1])
        except NOT_SO:
            return False
        return True


def are_digits(ids: Iterable[str | int | None]) -> bool:
    """Tell whether those of *ids* that are texts hold digits alone."""
    digits = "".join([text for text in ids if type(text) is str])
    return not digits or (digits.isascii() and digits.isdigit())


def _texts_of(attributes: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what gives the values of *attributes*, the first once more: of one alone no tuple would be given."""
    return attrgetter(*attributes, attributes[0]) if attributes else lambda _: ()


class EventTypes:
    """Makes types of events that have their envelope under one *key*."""

    def __init__(self, envelope: SchemaFile, key: str = ENVELOPES[0]) -> None:
        self._file = envelope
        self._key = key

    @cached_property
    def envelope(self) -> EnvelopeType | None:
        """The type of valid envelopes around any body; None where no type can tell."""
        try:
            return self._envelope_type(self._envelope.type, self._envelope.fields)
        except (NoType, ValueError):
            return None

    def body(self, file: SchemaFile | None) -> BodyType | None:
        """Return the type of valid bodies by *file*; None where no type can tell."""
        ids: list[str] = []
        try:
            asked = self._asked_of_body(file)
            fields = {} if _is_open(asked) else _fields(asked, Made(), ids)
            decode = _decoder(_object(fields) if fields else _of_object(asked, Made())).decode
        except (NoType, ValueError):
            # A ValueError stands for names of fields that no type can have.
            return None
        attributes = [attribute for attribute, name in _attributes(fields).items() if name in ids]
        return BodyType(decode, _texts_of(attributes), cache(lambda: _decoder(_of_object(asked, Made())).decode))

    def _asked_of_body(self, file: SchemaFile | None) -> Asked:
        return gather([*self._envelope.body, *([part_of(file)] if file else ())])

    def wrong(self, event_name: str, body: SchemaFile | None, others: OtherTypes) -> WrongType | None:
        """Return the type of events of this name that are wrong in what *others* say; None where no type can tell.

        *others* are types instead: of a field that the schemas know, which may be ABSENT, or of another one that has to
        be there too. That of the envelope is under ``envelope`` whatever its key.
        """
        try:
            envelope = self._envelope
            of_body = self._asked_of_body(body)
            if envelope.asked.leaves_open(others["envelope"].keys()) or of_body.leaves_open(others["body"].keys()):
                return None
            fields = _changed(envelope.fields, others["envelope"])
            around = self._envelope_type(_object(fields), fields)
            made, of_others = Made(), others["body"]
            kind = _object(_changed(_fields(of_body, made), of_others)) if of_others else _of_object(of_body, made)
            inside = _decoder(kind)
        except (NoType, ValueError):
            return None
        return WrongType(event_name, around, inside.decode)

    def _envelope_type(self, kind: Any, fields: Fields) -> EnvelopeType:
        import msgspec

        parts = [("envelope", kind), ("body", msgspec.Raw)]
        names = {"envelope": self._key}
        event = msgspec.defstruct("Event", parts, rename=names, forbid_unknown_fields=True, gc=False)
        attributes = {name: attribute for attribute, name in _attributes(fields).items()}
        known = self._envelope
        ids = [attributes[field] for field in known.ids if fields.get(field) == known.fields[field]]
        decoder = _decoder(event)
        return EnvelopeType(decoder.decode, decoder.decode_lines, _texts_of([attributes["event_name"], *ids]))

    @cached_property
    def _envelope(self) -> "_Envelope":
        members = frozenset((self._key, "body"))
        whole = gather([part_of(self._file)], accepted=members)
        if not whole.required | whole.expected <= members <= {*whole.properties}:
            raise NoType
        asked = gather(whole.properties[self._key])
        ids: list[str] = []
        fields = _fields(asked, Made(), ids)
        if "event_name" not in fields:
            raise NoType
        fields["event_name"] = fields["event_name"][:1]  # and so it is always there
        return _Envelope(asked, fields, _object(fields), ids, whole.properties["body"])


class _Envelope(NamedTuple):
    """What an envelope asks for."""

    asked: "Asked"
    fields: Fields
    type: Any
    ids: list[str]
    """Names of fields that have to be seen to: texts of digits, where they are there."""
    body: list[Part]


def caliper_types(event: SchemaFile, envelope: SchemaFile) -> tuple[Any, Any] | None:
    """Return decoders of valid Caliper events, by ``type`` and ``action``, and of envelopes, by ``data``; or None."""
    try:
        made = Made()
        asked = gather([part_of(event)])
        fields = _fields(asked, made)
        around = _fields(gather([part_of(envelope)]), made)
    except NoType:
        return None
    if not {"@context", "type", "action"} <= asked.required or any(
        len(around.get(n, ())) != 1 for n in caliper.ENVELOPE
    ):
        return None
    one = _object(fields, named=("type", "action"))
    made.link([one])
    sent = _object(around | {"data": (list[one],)}, named=("data",))  # type: ignore[valid-type]
    return _decoder(one), _decoder(sent)


class Made:
    """The types of objects that schemas ask for: one for each set of schemas, which may be inside of itself."""

    def __init__(self) -> None:
        self._names: dict[object, str] = {}
        self._types: dict[str, Any] = {}

    def of(self, asked: Asked) -> Any:
        """Return the type of objects that are as *asked* for; its name, while it is made."""
        parts = {(name, *(id(schema) for schema, _ in parts)) for name, parts in asked.properties.items()}
        key = (frozenset(parts), frozenset(asked.required), frozenset(asked.expected))
        if key not in self._names:
            name = self._names[key] = f"Object{next(_NUMBERS)}"
            self._types[name] = _object(_fields(asked, self))
            self.link(self._types.values())
        return self._types.get(self._names[key], self._names[key])

    def link(self, kinds: Iterable[Any]) -> None:
        """Have *kinds* find by name what is made: msgspec looks for names among the attributes of what has them."""
        for kind in kinds:
            for name, other in self._types.items():
                setattr(kind, name, other)


def _fields(asked: Asked, made: Made, ids: list[str] | None = None) -> Fields:
    """Return the types of the fields of objects that are as *asked* for, and have no other fields.

    Where *ids* is a list, it gets the names that the caller has to see to: texts of digits, or null.
    """
    always = asked.required | asked.expected
    if "object" not in asked.types or not asked.properties or not always <= asked.properties.keys():
        raise NoType
    fields: Fields = {}
    for name, parts in asked.properties.items():
        below = gather(parts)
        if name in asked.expected:
            below.types.discard("null")
        if ids is not None and below.patterns == {_DIGITS} and below.types <= {"string", "integer", "null"}:
            ids.append(name)
            below.patterns, below.min_length = set(), max(below.min_length, 1)
        kind = _type(below, made)
        fields[name] = (kind,) if name in always else (kind, None)
    return fields


def _changed(fields: Fields, others: Mapping[str, object]) -> Fields:
    """Return *fields* with *others* in place of theirs, or besides."""
    changed: Fields = fields | {name: (kind,) for name, kind in others.items()}
    return {name: kind for name, kind in changed.items() if kind != (ABSENT,)}


def _decoder(kind: Any) -> Any:
    import msgspec

    return msgspec.json.Decoder(kind)


@cache
def integer() -> Any:
    """Return the type of integers that orjson reads as such; one of 400 digits is malformed to it."""
    import msgspec

    return Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


@cache
def _anything() -> Any:
    """Return the type of values of any kind, some levels deep."""
    scalar: Any = reduce(or_, [integer(), float, str, bool, None])
    kind: Any = scalar
    for _ in range(_LEVELS):
        kind = scalar | dict[str, kind] | list[kind]
    return kind


def _is_open(asked: Asked) -> bool:
    """Tell whether objects that are as *asked* for may have any fields, which may be anything."""
    return (
        (asked.allows_more or not asked.properties)
        and not asked.required | asked.expected
        and all(gather(parts) == Asked() for parts in asked.properties.values())
    )


def _of_object(asked: Asked, made: Made) -> Any:
    """Return the type of objects that are as *asked* for."""
    if "object" not in asked.types:
        raise NoType
    if _is_open(asked):
        return dict[str, _anything()]  # type: ignore[misc]
    return made.of(asked)


def _object(fields: Fields, named: Sequence[str] = ()) -> Any:
    """Return the type of objects of *fields* and no other ones; those *named* are attributes of these names."""
    import msgspec

    names = {name if name in named else attribute: name for attribute, name in _attributes(fields).items()}
    described = [(attribute, *fields[name]) for attribute, name in names.items()]
    # What is parsed holds no cycles, so the garbage collector need not look at it.
    return msgspec.defstruct("Object", described, rename=names, kw_only=True, forbid_unknown_fields=True, gc=False)


def _attributes(fields: Fields) -> dict[str, str]:
    """Return the attributes that stand for *fields*, whose names may be none that attributes can have."""
    return {f"f{number}": name for number, name in enumerate(fields)}


def _type(asked: Asked, made: Made) -> Any:
    """Return the type of values that are as *asked* for: all of the simple ones, and of containers some."""
    if asked == Asked():
        return _anything()
    if len(asked.patterns) > 1:
        raise NoType
    kinds: list[Any] = [*_simple(frozenset(asked.types), asked.min_length, next(iter(asked.patterns), None))]
    if "object" in asked.types and (asked.properties or "array" not in asked.types):
        kinds.append(_of_object(asked, made))
    if "array" in asked.types and asked.items:
        if asked.patterns:
            # Types of a text with a pattern or a list crash msgspec 0.22 when they are freed.
            raise NoType
        kinds.append(list[_type(gather(asked.items), made)])  # type: ignore[misc]
    if not kinds:
        raise NoType
    return Union[tuple(kinds)]  # noqa: UP007 (some may be names)


@cache
def _simple(types: frozenset[str], least: int, pattern: str | None) -> tuple[Any, ...]:
    """Return the type of what *types* allow but for containers, if anything; texts of this length and pattern.

    Under a name, as msgspec looks for names in each member of a union, and for each field that has it: half its time.
    """
    import msgspec

    text = Annotated[str, msgspec.Meta(min_length=least or None, pattern=pattern)] if least or pattern else str
    known: dict[str, list[Any]] = {
        "null": [None],
        "boolean": [bool],
        "integer": [integer()],
        "number": [integer(), float],
        "string": [text],
    }
    kinds = tuple(kind for name, some in known.items() if name in types for kind in some)
    return (NewType("Simple", Union[kinds]),) if kinds else ()  # noqa: UP007
