"""Schemas as types: events of a name as msgspec parses them where, and only where, they are valid.

A schema that uses the common keywords alone is also a type: msgspec parses JSON text into it, or fails. The type asks
for more than the schema does, never for less: whatever it accepts is JSON to the parser, valid to both engines, and
free of undocumented fields and of leap seconds, and has all expected fields.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property, partial, reduce
from operator import attrgetter, or_
from typing import Annotated, Any, Literal, NamedTuple

from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.catalog.schema_file import Part
from canvas_events_cli.framing.fast import NOT_SO
from canvas_events_cli.framing.fast.json_types import attributes_of, decoder_of, event_of, integer, object_of
from canvas_events_cli.pointers import ABSENT, split
from canvas_events_cli.same_event import ENVELOPES
from canvas_events_cli.timestamps import are_times
from canvas_events_cli.validation.engines import MISSING, NOT_DOCUMENTED, NOT_THERE
from canvas_events_cli.validation.fast.object_type import (
    IDS,
    LEFT,
    Asked,
    Made,
    NoType,
    fields_of,
    gather,
    is_open,
    part_of,
    type_of_object,
)
from canvas_events_cli.validation.findings import Verdict

OtherTypes = Mapping[str, Mapping[str, object]]
"""By ``envelope`` or ``body`` and by the name of a field there, a type in place of the one that a schema asks for;
ABSENT for none."""
_NO_OTHERS: OtherTypes = {"envelope": {}, "body": {}}
Left = dict[str, list[str]]
"""Patterns that a type does not look at, and the attributes that have to match them besides."""

_NAME = "event_name"
_NO_DIGITS = "an id is no text of digits"


class ObjectType(NamedTuple):
    """A type that only certain objects have, given that their ids and times are right.

    One look at those of many objects takes a fifth of the time of patterns in the type, which look at each.
    """

    decoder: Any
    ids_of: "TextsOf"
    """What has to be digits where it is text."""
    times_of: "TextsOf"
    alone: Callable[[], Any]
    """Makes the decoder of one object by itself, whose times are sooner looked at by the type."""

    def read(self, text: bytes) -> Any | None:
        """Return the object *text*; None where that is not of this type."""
        try:
            found = self.alone().decode(text)
        except NOT_SO:
            return None
        return found if are_digits(self.ids_of((found,))) else None

    def read_each(self, texts: Iterable[bytes]) -> list[Any | str]:
        """Return each of the objects *texts*; where one is not of this type why not, in the parser's words."""
        decode = self.alone().decode
        found: list[Any | str] = []
        for text in texts:
            try:
                found.append(decode(text))
            except NOT_SO as error:
                found.append(str(error))
        if are_digits(self.ids_of([one for one in found if type(one) is not str])):
            return found
        return [one if type(one) is str or are_digits(self.ids_of((one,))) else _NO_DIGITS for one in found]

    def read_lines(self, lines: bytes | memoryview, objects: int) -> list[Any] | None:
        """Return so many *objects*; None where *lines* are not these, all of this type."""
        try:
            found = self.decoder.decode_lines(lines)
        except NOT_SO:
            return None
        is_right = len(found) == objects and are_digits(self.ids_of(found)) and are_times(self.times_of(found))
        return found if is_right else None


class TextsOf:
    """Gives what many objects have under certain attributes, which may be those of an attribute."""

    def __init__(self, attributes: Iterable[str]) -> None:
        parts: dict[str, list[Callable[[Any], Any]]] = {}
        for attribute in attributes:
            part, _, name = attribute.rpartition(".")
            parts.setdefault(part, []).append(attrgetter(name))
        self._parts = [(attrgetter(part) if part else None, getters) for part, getters in parts.items()]

    def __call__(self, objects: Sequence[Any]) -> list[Any]:
        """Return what is there, one attribute after another."""
        found: list[Any] = []
        for part, getters in self._parts:
            having = [*map(part, objects)] if part else objects
            for get in getters:
                found += map(get, having)
        return found


def are_digits(ids: Iterable[str | int | None]) -> bool:
    """Tell whether those of *ids* that are texts hold digits alone."""
    there = [*filter(None, ids)]
    try:
        digits = "".join(there)  # type: ignore[arg-type]
    except TypeError:  # there are integers
        digits = "".join([text for text in there if type(text) is str])
    return not digits or digits.encode(errors="replace").isdigit()  # of bytes that takes a fraction


class EventTypes:
    """Makes types of events that have their envelope under one *key*; None where no type can tell."""

    def __init__(self, envelope: SchemaFile, key: str = ENVELOPES[0]) -> None:
        self._file = envelope
        self._key = key

    @cached_property
    def envelope(self) -> ObjectType | None:
        """The type of events with valid envelopes, whatever their name and body are."""
        return _type(partial(self._event, name=None, file=None, others=_NO_OTHERS))

    @cached_property
    def name_of(self) -> Callable[[Any], str]:
        """What gives the name in an event of the type ``envelope``."""
        (name,) = (attribute for attribute, name in attributes_of(self._asked[0].properties).items() if name == _NAME)
        return attrgetter(f"envelope.{name}")

    def body(self, file: SchemaFile | None) -> ObjectType | None:
        """Return the type of valid bodies by *file*."""
        return _type(partial(self._body, file=file))

    def event(self, name: str, file: SchemaFile | None, others: OtherTypes = _NO_OTHERS) -> ObjectType | None:
        """Return the type of events of this *name*, with bodies by *file*, that are valid but for what *others* say.

        *others* are types instead: of a field that the schemas know, which may be ABSENT, or of another one that has to
        be there too. That of the envelope is under ``envelope`` whatever its key.
        """
        return _type(partial(self._event, name=name, file=file, others=others))

    def _event(self, left: Left, name: str | None, file: SchemaFile | None, others: OtherTypes) -> Any:
        import msgspec

        around = _object_of(self._asked[0], left, others["envelope"], "envelope.", name)
        body = msgspec.Raw if name is None else self._body(left, file, others, "body.")
        return event_of(self._key, around, body)

    def _body(self, left: Left, file: SchemaFile | None, others: OtherTypes = _NO_OTHERS, place: str = "") -> Any:
        asked = gather([*self._asked[1], *([part_of(file)] if file else ())])
        return _object_of(asked, left, others["body"], place)

    @cached_property
    def _asked(self) -> tuple[Asked, list[Part]]:
        """What is asked of an envelope, and of any body."""
        members = frozenset((self._key, "body"))
        whole = gather([part_of(self._file)], accepted=members)
        if not whole.required | whole.expected <= members <= {*whole.properties}:
            raise NoType
        asked = gather(whole.properties[self._key])
        if _NAME not in asked.properties:
            raise NoType
        asked.required.add(_NAME)
        asked.properties[_NAME].append(({"type": "string", "minLength": 1}, {}))
        return asked, whole.properties["body"]


def _type(made: Callable[[Left], Any]) -> ObjectType | None:
    """Return a type that is *made* with what it leaves to be looked at; None where no type can tell."""
    left: Left = {pattern: [] for pattern in LEFT}
    try:
        decoder = decoder_of(made(left))
    except (NoType, ValueError):
        # A ValueError stands for names of fields that no type can have.
        return None
    ids, times = map(TextsOf, left.values())
    return ObjectType(decoder, ids, times, cache(lambda: decoder_of(made({IDS: []}))))


def _object_of(asked: Asked, left: Left, others: Mapping[str, object], place: str, name: str | None = None) -> Any:
    """Return the type of objects that are as *asked* for, but for *others*, and have this *name*, where one is given.

    *left* gets, by their patterns, where texts are that have to be looked at; *place* is where the object is. Raises
    NoType, or ValueError, where none can tell.
    """
    import msgspec

    if asked.leaves_open(others.keys()):
        raise NoType
    if is_open(asked) and not others:
        return type_of_object(asked, Made())
    names: Left = {pattern: [] for pattern in left}
    fields = fields_of(asked, Made(), names)
    if name is not None:
        fields[_NAME] = (Literal[msgspec.convert(name, fields[_NAME][0])],)
    fields |= {field: (kind,) for field, kind in others.items()}
    fields = {field: kind for field, kind in fields.items() if kind != (ABSENT,)}
    for attribute, field in attributes_of(fields).items():
        for pattern, known in names.items():
            left[pattern] += [place + attribute] if field in known and field not in others else []
    return object_of(fields)


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
