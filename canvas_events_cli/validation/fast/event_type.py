"""Schemas as types: events of a name as msgspec parses them where, and only where, they are valid.

A schema that uses the common keywords alone is also a type: msgspec parses JSON text into it, or fails. The type asks
for more than the schema does, never for less: whatever it accepts is JSON to the parser, valid to both engines, and
free of undocumented fields and of leap seconds, and has all expected fields.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property, reduce
from itertools import chain
from operator import attrgetter, or_
from typing import Annotated, Any, NamedTuple

from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.catalog.schema_file import Part
from canvas_events_cli.pointers import ABSENT, split
from canvas_events_cli.same_event import ENVELOPES
from canvas_events_cli.validation.engines import MISSING, NOT_DOCUMENTED, NOT_THERE
from canvas_events_cli.validation.fast.object_type import (
    Asked,
    Fields,
    Made,
    NoType,
    attributes_of,
    decoder_of,
    fields_of,
    gather,
    integer,
    is_open,
    object_of,
    part_of,
    type_of_object,
)
from canvas_events_cli.validation.findings import Verdict

OtherTypes = Mapping[str, Mapping[str, object]]
"""By ``envelope`` or ``body`` and by the name of a field there, a type in place of the one that a schema asks for;
ABSENT for none."""

NOT_SO = (ValueError, RecursionError)
"""What the parser raises for what is not of a type: its errors are ValueErrors, and it goes less deep than orjson."""


class EnvelopeType(NamedTuple):
    """A type that only events with a certain envelope have, whatever their body is, given that their ids are digits."""

    decoder: Any
    texts_of: Callable[[Any], tuple[str | None, ...]]
    """The name in an envelope, the ids that have to be digits where they are there, and the name again."""

    def read(self, text: bytes) -> tuple[str, bytes] | str:
        """Return name and body of the event *text*; where it is not of this type why not, in the parser's words."""
        try:
            event = self.decoder.decode(text)
        except NOT_SO as error:
            return str(error)
        name, *ids, _ = self.texts_of(event.envelope)
        return (name or "", event.body) if are_digits(ids) else "an id is no text of digits"

    def read_lines(self, lines: bytes | memoryview, objects: int) -> list[tuple[str, bytes]] | None:
        """Return name and body of each of so many *objects*; None where *lines* are not these, all of this type."""
        try:
            events = self.decoder.decode_lines(lines)
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
    decode_body: Callable[[bytes], Any]

    def fits(self, text: bytes) -> bool:
        """Tell whether the event *text* is of this type."""
        found = self.envelope.read(text)
        return not isinstance(found, str) and self._fit([found])

    def fit(self, lines: bytes | memoryview, objects: int) -> bool:
        """Tell whether *lines* are so many *objects*, all of this type."""
        found = self.envelope.read_lines(lines, objects)
        return found is not None and self._fit(found)

    def _fit(self, found: list[tuple[str, bytes]]) -> bool:
        try:
            for name, body in found:
                if name != self.name:
                    return False
                self.decode_body(body)
        except NOT_SO:
            return False
        return True


def are_digits(ids: Iterable[str | int | None]) -> bool:
    """Tell whether those of *ids* that are texts hold digits alone."""
    digits = "".join([text for text in ids if type(text) is str]).encode(errors="replace")
    return not digits or digits.isdigit()  # of bytes that takes a fraction


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
            fields = {} if is_open(asked) else fields_of(asked, Made(), ids)
            decode = decoder_of(object_of(fields) if fields else type_of_object(asked, Made())).decode
        except (NoType, ValueError):
            # A ValueError stands for names of fields that no type can have.
            return None
        ids_of = _texts_of([attribute for attribute, name in attributes_of(fields).items() if name in ids])
        return BodyType(decode, ids_of, cache(lambda: decoder_of(type_of_object(asked, Made())).decode))

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
            around = self._envelope_type(object_of(fields), fields)
            kind = type_of_object(of_body, Made())
            if others["body"]:
                kind = object_of(_changed(fields_of(of_body, Made()), others["body"]))
            return WrongType(event_name, around, decoder_of(kind).decode)
        except (NoType, ValueError):
            return None

    def _envelope_type(self, kind: Any, fields: Fields) -> EnvelopeType:
        import msgspec

        parts = [("envelope", kind), ("body", msgspec.Raw)]
        names = {"envelope": self._key}
        event = msgspec.defstruct("Event", parts, rename=names, forbid_unknown_fields=True, gc=False)
        attributes = {name: attribute for attribute, name in attributes_of(fields).items()}
        known = self._envelope
        ids = [attributes[field] for field in known.ids if fields.get(field) == known.fields[field]]
        return EnvelopeType(decoder_of(event), _texts_of([attributes["event_name"], *ids]))

    @cached_property
    def _envelope(self) -> "_Envelope":
        members = frozenset((self._key, "body"))
        whole = gather([part_of(self._file)], accepted=members)
        if not whole.required | whole.expected <= members <= {*whole.properties}:
            raise NoType
        asked = gather(whole.properties[self._key])
        ids: list[str] = []
        fields = fields_of(asked, Made(), ids)
        if "event_name" not in fields:
            raise NoType
        fields["event_name"] = fields["event_name"][:1]  # and so it is always there
        return _Envelope(asked, fields, object_of(fields), ids, whole.properties["body"])


class _Envelope(NamedTuple):
    """What an envelope asks for."""

    asked: Asked
    fields: Fields
    type: Any
    ids: list[str]
    """Names of fields that have to be seen to: texts of digits, where they are there."""
    body: list[Part]


def _changed(fields: Fields, others: Mapping[str, object]) -> Fields:
    """Return *fields* with *others* in place of theirs, or besides."""
    changed: Fields = fields | {name: (kind,) for name, kind in others.items()}
    return {name: kind for name, kind in changed.items() if kind != (ABSENT,)}


_NULL = type(None)
_SCALARS = (str, int, float, bool, _NULL)
_WRONG_TEXTS = {"pattern": "[^0-9]", "format": r"\A(?:[^0-9]|.{10}[^Tt]|.{0,19}\Z)", "minLength": r"\A\Z"}
"""What no text holds that is as a type asks for: such a pattern is of digits, such a format one of times, which have a
T after the date, and 20 characters at least. Of too short texts only the empty one is not wrong in other ways, too."""


def types_of_told(event: Any, key: str, verdict: Verdict) -> dict[str, dict[str, object]] | None:
    """Return the types of the fields of *event* that its *verdict* tells of; None where their values matter.

    Its envelope is under *key*.
    """
    others: dict[str, dict[str, object]] = {"envelope": {}, "body": {}}
    told = [(finding.pointer, finding.keyword) for finding in verdict.findings]
    told += [(pointer, NOT_DOCUMENTED) for pointer in verdict.undocumented_fields]
    told += [(pointer, NOT_THERE) for pointer in verdict.missing_fields]
    for pointer, keyword in told:
        part, *name = split(pointer) or ("",)
        fields = event.get(part)
        known = others.get("envelope" if part == key else part)
        if known is None or len(name) != 1 or not isinstance(fields, dict) or name[0] in known:
            return None
        kind = _type_of_told(fields.get(name[0], ABSENT), keyword)
        if kind is None:
            return None
        known[name[0]] = kind
    return others


def _type_of_told(value: object, keyword: str) -> object:
    """Return a type of values of which the same is told as of *value*; None where there is none that is made here.

    Whatever is wrong with a null, a boolean or an integer where the schema asks for another type, is its type: the
    other keywords that types are made of are about texts. Of a text its length is told.
    """
    if keyword in MISSING:
        return ABSENT if value is ABSENT else _NULL if value is None and keyword == NOT_THERE else None
    if keyword == NOT_DOCUMENTED:
        return reduce(or_, [integer(), str, float, bool, None]) if isinstance(value, _SCALARS) else None
    if keyword == "type":
        return {_NULL: _NULL, bool: bool, int: integer()}.get(type(value))
    wrong = _WRONG_TEXTS.get(keyword)
    if wrong is None or not isinstance(value, str) or re.search(wrong, value) is None:
        return None
    import msgspec

    return Annotated[str, msgspec.Meta(pattern=wrong, min_length=len(value), max_length=len(value))]
