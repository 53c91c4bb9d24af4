"""``KIND:ID``: the events that concern one object, wherever the schemas say that its id stands.

Schemas say so with ``x-refers``: which kind of object a field names, itself or by the field beside it; or that it is an
address, whose path and parameters name objects. In Caliper events every urn names one, too.

Sources: the routes of Canvas' published REST API and of its pages; for what types are called, the events themselves
(``Course``, ``Quizzes::Quiz``, ``wiki_page``, and ``urn:instructure:canvas:wikiPage:…`` in Caliper).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, repeat
from typing import Any

from canvas_events_cli import caliper
from canvas_events_cli.canvas_ids import local_id, same_object, written_id
from canvas_events_cli.catalog import Catalog
from canvas_events_cli.catalog.dialects import ADDRESS, REFERS
from canvas_events_cli.catalog.fields import DocumentedField, fields_of
from canvas_events_cli.errors import CeventsError, did_you_mean
from canvas_events_cli.model import Record
from canvas_events_cli.same_event import event_name
from canvas_events_cli.validation.outline import Outline, Outlines

Named = tuple[str, object]
"""A kind of object, and what names one."""

_ALIASES = {
    "content_tag": "module_item", "context_external_tool": "external_tool", "context_module": "module",
    "course_section": "section", "discussion": "discussion_topic", "enrollment_term": "term",
    "entry": "discussion_entry", "file": "attachment", "grader": "user", "observer": "user",
    "outcome": "learning_outcome", "outcome_group": "learning_outcome_group", "student": "user",
    "topic": "discussion_topic",
}  # fmt: skip
"""Kinds by other names that types, urns or parameters give them."""
_PLURALS = (
    *("accounts", "assignment_groups", "assignments", "content_exports", "content_migrations", "conversations"),
    *("courses", "discussion_topics", "enrollments", "external_tools", "folders", "grading_periods", "groups"),
    *("modules", "sections", "terms", "users"),
)
_IN_PATHS = {word: word.removesuffix("s") for word in _PLURALS} | {
    "entries": "discussion_entry", "files": "attachment", "group_categories": "group_category",
    "outcome_groups": "learning_outcome_group", "outcomes": "learning_outcome", "overrides": "assignment_override",
    "quizzes": "quiz", "sis_imports": "sis_batch",
}  # fmt: skip
"""By the word of a path after which the object's id stands."""
KINDS = frozenset(_IN_PATHS.values())

_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?(?://[^/?#]*)?([^?#]*)(?:\?([^#]*))?", re.IGNORECASE | re.DOTALL)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER_NAME = re.compile(r"\A(?:uuid|lti_[a-z0-9_]+):", re.ASCII)
"""Before an id that is not Canvas' own, which the API takes as well."""
_ENDING = re.compile(r"(?<=[0-9])\.[a-z]+\Z", re.ASCII)
_OF_PARAMETER = re.compile(r"(?!sis_)([a-z_]+)_ids?", re.ASCII)
_USUAL = ("course", "assignment", "user", "account", "section", "session", "request")
_OTHER_ID = re.compile(r"(?=.*[0-9]|.{32})[A-Za-z0-9][A-Za-z0-9_.:-]{7,}", re.ASCII)
"""A uuid, a link id, or the like: no word."""
_DIGITS = "[0-9]"
_HOLD_VALUES = frozenset((dict, list))
_NAME_OBJECTS = frozenset((str, int))
_Place = tuple[Outline, Any]
"""What is known of a field, and what it refers to."""


@dataclass(frozen=True, slots=True)
class About:
    """One object; picklable."""

    kind: str
    identifier: str
    """Digits without leading zeros; else a uuid or another id."""

    @property
    def trace(self) -> str:
        """What is in all that names the object."""
        return local_id(self.identifier) if self.identifier.isdigit() else self.identifier

    def is_named_by(self, value: object) -> bool:
        """Tell whether *value* names the object, given that it names one of this kind."""
        if isinstance(value, str) and value.startswith(caliper.URN):
            value = value.rpartition(":")[2]
        if value == self.identifier:
            return True
        identifier = written_id(value)
        return identifier is not None and self.identifier.isdigit() and same_object(identifier, self.identifier)


def parse_about(expression: str, catalog: Callable[[], Catalog]) -> About:
    """Return the object that *expression* names; *catalog* is asked for where it takes a look at the schemas.

    Raises CeventsError for what names none: a KIND that no schema knows; an ID that is neither digits nor, where the
    schemas have such a field for that kind, a uuid or the like.
    """
    word, colon, name = expression.partition(":")
    if not colon or not word or not name:
        raise CeventsError(f"--about {expression!r}: expected KIND:ID, such as course:612 or assignment:2107~5110")
    kind = kind_of(word)
    if kind not in _USUAL:
        known = sorted(KINDS.union(_USUAL, *(field.refers for field in _referring(catalog()))))
        if kind not in known:
            hint = did_you_mean(kind, known) or f"; there are {', '.join(_USUAL)} and others"
            raise CeventsError(f"--about {expression!r}: no schema knows the kind {word!r}{hint}")
    digits = written_id(name)
    if digits is not None:
        return About(kind, digits)
    if _OTHER_ID.fullmatch(name) is None:
        raise CeventsError(
            f"--about {expression!r}: {name!r} is no id: neither digits, such as 612, 21070000000000612 or 2107~612, "
            "nor a uuid or link id"
        )
    if not any(kind in field.refers and not _is_of_digits(field) for field in _referring(catalog())):
        raise CeventsError(
            f"--about {expression!r}: the schemas name the kind {kind!r} by digits only, such as {kind}:612"
        )
    return About(kind, name)


def compile_about(about: About, catalog: Catalog) -> Callable[[Record], bool]:
    """Return the test whether a record's event concerns *about*, by the schemas of *catalog*."""
    names = compile_names(catalog, about.trace)
    return lambda record: any(kind == about.kind and about.is_named_by(name) for kind, name in names(record))


def compile_names(catalog: Catalog, trace: str = "") -> Callable[[Record], Iterable[Named]]:
    """Return what yields (kind, name) of all that a record's event names by the schemas, some more than once.

    Only what stands in values with *trace* in them: there are few of these, and the others are passed over.
    """
    outlines = Outlines()
    # Both take some microseconds, and events have few names and few places.
    places_of = cache(_places)
    outline_of = cache(lambda name: outlines.event(catalog.envelope, catalog.body_for(name)))
    of_caliper = outlines.event(catalog.caliper["event"]) if "event" in catalog.caliper else None

    def names(record: Record) -> Iterable[Named]:
        event = record.value
        if not isinstance(event, dict):
            return ()
        if caliper.is_event(event):
            in_places = _in_places(event, of_caliper, places_of, trace) if of_caliper else ()
            return chain(_in_urns(event, trace), in_places)
        name = event_name(event)
        return _in_places(event, outline_of(name if name in catalog.bodies else None), places_of, trace)

    return names


def _place(outline: Outline) -> _Place:
    return outline, outline.annotation(REFERS)


def _places(outline: Outline) -> dict[str | None, _Place]:
    """Return the places of the fields declared by name that name objects or may hold such; under None of elements."""
    places = {name: _place(outline.child(name)) for name in sorted(outline.names)}
    elements = {} if outline.element is None else {None: _place(outline.element)}
    return elements | {name: place for name, place in places.items() if place[1] is not None or place[0].has_fields}


def _in_places(
    event: object, outline: Outline, places_of: Callable[[Outline], dict[str | None, _Place]], trace: str
) -> Iterator[Named]:
    """Yield (kind, name) of all that *event* names by its schemas, some more than once; the names as they stand."""
    pending: list[tuple[Outline, Any]] = [(outline, event)]
    while pending:
        here, value = pending.pop()
        places = places_of(here)
        for name, inner in value.items() if type(value) is dict else zip(repeat(None), value, strict=False):
            place = places.get(name)
            if place is None:
                if not here.by_rule or name is None or name in here.names:
                    continue
                place = _place(here.child(name))
            if type(inner) in _HOLD_VALUES:
                pending.append((place[0], inner))
            elif type(inner) in _NAME_OBJECTS and trace in str(inner):
                yield from _named(place[1], inner, value)


def _named(refers: Any, value: Any, beside: object) -> Iterator[Named]:
    """Yield what *value* names, where the annotation says *refers*, in the object *beside* which other fields stand."""
    if isinstance(refers, dict):
        kind = beside.get(refers["type"]) if isinstance(beside, dict) else None
        if isinstance(kind, str):
            yield kind_of(kind), value
    elif refers == ADDRESS:
        if isinstance(value, str):
            yield from in_address(value)
    elif refers is not None:
        yield from ((kind, value) for kind in ([refers] if isinstance(refers, str) else refers))


def _in_urns(event: object, trace: str) -> Iterator[Named]:
    pending = [event]
    for value in pending:
        if type(value) is dict:
            pending += value.values()
        elif type(value) is list:
            pending += value
        elif type(value) is str and value.startswith(caliper.URN) and trace in value:
            yield from in_urn(value)


def _referring(catalog: Catalog) -> Iterator[DocumentedField]:
    """Yield the fields that name an object of a certain kind, the envelope's first. Raises CeventsError."""
    files = chain([catalog.envelope], catalog.bodies.values())
    return (field for file in files for field in fields_of(file) if field.refers)


def _is_of_digits(field: DocumentedField) -> bool:
    return "string" not in field.types or any(key == "pattern" and _DIGITS in rule for key, rule in field.rules)


@lru_cache(256)
def kind_of(name: str) -> str:
    """Return the kind that a type, or a word for it, stands for.

    >>> kind_of("CourseSection"), kind_of("Quizzes::Quiz"), kind_of("wikiPage")
    ('section', 'quiz', 'wiki_page')
    """
    kind = _HUMP.sub("_", name.replace("::", ":")).replace(":", "_").lower().removeprefix("quizzes_")
    return _ALIASES.get(kind, kind)


def in_address(address: str) -> Iterator[Named]:
    """Yield what the path and the parameters of *address* name; digits in it that are written as escapes are not read.

    Of the work that somebody handed in, an address names the user.
    """
    match = _ADDRESS.match(address)
    assert match is not None  # noqa: S101 (every text has these parts, all of which may be empty)
    path, query = match.groups(default="")
    words = _plain(path).split("/")
    for before, word, name in zip(["", *words], words, words[1:], strict=False):
        kind = _IN_PATHS.get(word)
        if word == "submissions" and before.isdigit():
            kind = "user"
        if kind is not None:
            yield kind, _ENDING.sub("", _OTHER_NAME.sub("", name))
    for pair in query.split("&"):
        key, _, value = pair.partition("=")
        # What stands in brackets is the name inside an object, or nothing for one of several.
        *_, name = ["", *filter(None, re.split(r"\[|\]|%5B|%5D", key))]
        kind = _kind_of_parameter(name)
        if kind is not None:
            yield from ((kind, one) for one in _plain(value).split(","))


def in_urn(text: str) -> Iterator[Named]:
    """Yield what a urn of Canvas' Caliper events names; a membership in a course names the member too."""
    if text.startswith(caliper.URN):
        kind, _, rest = text[len(caliper.URN) :].partition(":")
        name, *role = rest.split(":")
        yield kind_of(kind), name
        if len(role) == 2:
            yield "user", role[1]


def _kind_of_parameter(name: str) -> str | None:
    """Return the longest kind that a parameter's name ends in: ``target_course_id``, ``assignment_group_ids``."""
    match = _OF_PARAMETER.fullmatch(name)
    words = match[1].split("_") if match else []
    kinds = (kind_of("_".join(words[start:])) for start in range(len(words)))
    return next((kind for kind in kinds if kind in KINDS), None)


def _plain(text: str) -> str:
    return re.sub("(?i)%7e", "~", re.sub("(?i)%2c", ",", text))
