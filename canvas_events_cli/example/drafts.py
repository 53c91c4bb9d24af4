"""Drafts: an event of which all is made but the little that differs from one like it to the next.

Objects have numbers (see ``world``): of the ids in a schema's examples the last digits stay, the number stands before
them, so that all ids of one object, in whichever event, are made alike. Ids of accounts stay as they are.
"""

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import cache, lru_cache, partial
from itertools import chain
from random import Random
from typing import Any

import orjson

from canvas_events_cli import caliper
from canvas_events_cli.catalog.catalog import Catalog
from canvas_events_cli.catalog.dialects import ADDRESS, EXPECTED
from canvas_events_cli.catalog.fields import ANY_ELEMENT, DocumentedField, fields_of
from canvas_events_cli.catalog.schema_file import SchemaFile, always, parts_of
from canvas_events_cli.example.requests import CONTEXT, RARE, REQUEST, ROLES, USER, Event, caused, is_of_jobs
from canvas_events_cli.example.values import random_of, value_of
from canvas_events_cli.example.world import About, Numbers
from canvas_events_cli.model import Json
from canvas_events_cli.query.about import in_address, in_urn, kind_of
from canvas_events_cli.timestamps import Instant, parse_instant

_JOB = ("job_id", "job_tag")
_JOB_ID = "1020020528469291"
_BY_JOB, _OLDER = 0.15, 0.1
_LACK = (
    (0.1, (*USER, "session_id", "real_user_id", "context_role")),
    (0.15, CONTEXT),
    (0.3, ("referrer",)),
    (0.9, ("developer_key_id",)),
    (0.97, ("real_user_id",)),
)
"""How many of all events a job caused; how many carry nulls, which Canvas leaves out since mid-2024; which fields of
the envelope events lack together, and how many do."""
_NULL = {
    "*_duplicated_from": 0.8, "copied_from_*": 0.8, "resource_map*": 0.8, "nonxlist_*": 0.9, "associated_*_id": 0.9,
    "due_at": 0.3, "*lock_at": 0.6, "start_at": 0.6, "end_at": 0.6, "*correct_answers_at": 0.8, "*_access_code_at": 0.9,
    "description": 0.2, "instructions": 0.2, "access_code": 0.9, "ip_filter": 0.9, "time_limit": 0.5,
    "group_id": 0.7, "group_limit": 0.6, "max_membership": 0.6, "parent_discussion_entry_*": 0.6,
    "grading_period_id": 0.4, "sis_*": 0.3, "integration_*": 0.7, "vendor_guid": 0.7, "old_grade": 0.4,
    "old_score": 0.4, "posted_at": 0.3,
}  # fmt: skip
"""How many bodies lack a field of such a name: what Canvas' tables let be null, and is set for some objects only. Those
that one pattern matches lack together."""
DRAFTS = 20
"""Of each name: so many that each share above is that of some of them."""
START = 1_725_372_311
"""When the first event happens, in seconds since 1970: 2024-09-03T14:05:11Z."""
_DAY = 24 * 60 * 60
_SIS = ("user_sis_id", "student_sis_id", "context_sis_source_id")
"""Ids of a school's own information system, of people and courses."""

_MOMENTS = frozenset(("event_time", "eventTime", "sendTime"))
_FIXED = ("account", "developer_key")
_MARK = re.compile("\ue000([a-z0-9]+)\ue001")
"""A slot of the draft, in characters that are for private use: no example has them."""
_NAME_LENGTH = 12
"""Characters of a uuid or link id, at least, whose last eight tell the object's number."""
_SHARED = 1000
"""Digits of an id below this stay: they tell objects of one number apart."""


class Draft:
    """One event but for its time, its request and its number."""

    def __init__(self, event: Event, fields: Iterable[DocumentedField]) -> None:
        """Make a draft of *event*, of which these *fields* name objects; without any, all ids stay.

        Of its times the last that is past becomes the event's own. What was before, and what soon follows, is as long
        before or after the first event as it was in the example; what is to come, such as when something is due, stays.
        """
        self._ids: dict[tuple[int, str], str] = {}
        """Slots, by what a number is added to there, and which one."""
        self._codes: dict[str, str] = {}
        """Slots, by which number stands there in hexadecimal."""
        self._kinds, subject = mentions(fields, event) if fields else ({}, None)
        name = str(event.get("metadata", {}).get("event_name"))
        is_new = subject is not None and name.endswith(f"{subject.rpartition('_')[2]}_created")
        self.about = About(subject, is_new, "submission" in self._kinds.values())
        ids = "|".join(map(re.escape, sorted(self._kinds, key=len, reverse=True))) or "(?!)"
        self._replace_ids = partial(re.compile(rf"(?<!\w)(?:{ids})(?!\w)").sub, self._identifier)
        self._now = _now(event)
        text = orjson.dumps(self._placed("", event)).decode().replace("%", "%%")
        self._text = _MARK.sub(r"%(\1)s", text.replace(f'"{_slot("attempt")}"', _slot("attempt")))

    def render(self, second: str, millisecond: int, request: str, numbers: Numbers) -> bytes:
        """Return the event at *second* (``2024-09-03T14:05:11``) and *millisecond*, that tells of these *numbers*.

        Runs once an event, and takes some microseconds.
        """
        other = numbers[""]
        values: dict[str, object] = {slot: base + numbers.get(role, other) for (base, role), slot in self._ids.items()}
        for role, slot in self._codes.items():
            values[slot] = f"{numbers.get(role, other):08x}"
        values["second"], values["millisecond"], values["request"] = second, f"{millisecond:03d}", request
        values["attempt"] = numbers.get("attempt", 1)
        return (self._text % values).encode()

    def _placed(self, key: str, value: Json) -> Json:
        """Return *value* with slots in it, and with what is the same in every event of the draft."""
        if isinstance(value, dict):
            return {name: self._placed(name, inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._placed(key, inner) for inner in value]
        if key == "attempt" and value and self.about.is_of_submission:
            return _slot("attempt")
        if not isinstance(value, str):
            return value
        if key in _MOMENTS:
            return f"{_slot('second')}.{_slot('millisecond')}Z"
        if key == "request_id" or value.startswith("urn:uuid:"):
            return ("" if key == "request_id" else "urn:uuid:") + _slot("request")
        instant = parse_instant(value)
        if instant is not None and self._now is not None:
            after = instant.seconds - self._now.seconds
            if after > _DAY and instant.seconds > START + _DAY:
                return value
            return f"{iso(START + after)}Z" if after else f"{_slot('second')}Z"
        if value in self._kinds or "://" in value or value.startswith(caliper.URN):
            return self._replace_ids(value)
        if key in _SIS:
            return f"{value}-{self._number('course' if key.startswith('context') else _role(value))}"
        login, at, domain = value.partition("@")
        is_login = at and "/" not in value and "." in domain
        return f"{login}{self._number(_role(login))}@{domain}" if is_login else value

    def _identifier(self, match: re.Match[str]) -> str:
        """Return what stands in the place of an id: one with a slot for the number of its object."""
        identifier = match[0]
        kind = self._kinds[identifier]
        if kind in _FIXED:
            return identifier
        role = _role(identifier) if kind in ("user", "session") else kind
        if identifier.isdecimal():
            return self._number(role, int(identifier) // _SHARED) + identifier[-3:].zfill(3)
        if len(identifier) < _NAME_LENGTH:
            return identifier
        return identifier[:-8] + _slot(self._codes.setdefault(role, f"code{len(self._codes)}"))

    def _number(self, role: str, base: int = 0) -> str:
        """Return a slot for the number of *role*, which is added to *base*."""
        return _slot(self._ids.setdefault((base, role), f"number{len(self._ids)}"))


def _slot(name: str) -> str:
    return f"\ue000{name}\ue001"


def _role(name: str) -> str:
    """Return what somebody is, whom an example names so: by an id, a session, a login."""
    return ROLES.get(name) or ROLES.get(name[-3:].zfill(3), "student")


def full_event(catalog: Catalog, name: str, seed: str, variant: str = "") -> Event:
    """Return an event with every field that its schemas know, as they have it in examples, else by its type.

    One for each *variant*, of which envelopes tell of the same users and places, whatever the name.
    """
    random = random_of(seed, name, variant)
    if (file := caliper_file(catalog, name)) is not None:
        around = catalog.caliper.get("envelope")
        event = _example(file, random)
        return {**_example(around, random), "data": [event]} if around else event
    parts = [
        (below["metadata"], targets)
        for schema, targets in always(parts_of(catalog.envelope))
        if isinstance((below := schema.get("properties", {})).get("metadata"), dict)
    ]
    envelope = value_of(parts, random_of(seed, variant)) if parts else {}
    known = envelope if isinstance(envelope, dict) else {"event_time": "2024-09-03T14:05:11Z"}
    known = {key: value for key, value in caused(name, known).items() if key not in _JOB}
    body = catalog.body_for(name)
    return {"metadata": known | {"event_name": name}, "body": _example(body, random) if body else {}}


def thinned(catalog: Catalog, name: str, event: Event, which: int) -> Event:
    """Return *event* as number *which* of :data:`DRAFTS`: what need not be there is null or lacks.

    Of all drafts together as often as in what Canvas sends, whatever the seed.
    """

    def one_of(share: float, what: str) -> bool:
        return which in _ones_of(name, share, what)

    file = caliper_file(catalog, name)
    body, schema = (event["data"][0] if "data" in event else event) if file else event["body"], file
    schema = schema or catalog.body_for(name)
    needed = {*caliper.TELLING}
    for part, _ in always(parts_of(schema)) if schema else ():
        needed.update(part.get("required", ()), part.get(EXPECTED, ()))
    is_older = one_of(_OLDER, "older") and not file
    lacks = [pattern for pattern, share in _NULL.items() if one_of(share, pattern)]
    thin: Event = {}
    for key, value in body.items():
        is_null = key not in needed and any(fnmatchcase(key, pattern) for pattern in lacks)
        if is_older or not (is_null or value is None):
            thin[key] = None if is_null else value
    if file:
        return {**event, "data": [thin]} if "data" in event else thin
    lacking = {key for share, keys in _LACK if one_of(share, keys[0]) for key in keys}
    envelope = dict(event["metadata"])
    if "request_id" in envelope and (is_of_jobs(name) or one_of(_BY_JOB, "job")):
        lacking.update((*REQUEST, *USER, *RARE, "context_role"))
        envelope |= {"job_id": _JOB_ID, "job_tag": "Delayed::Batch::PerformableBatch"}
    return {"metadata": {key: value for key, value in envelope.items() if key not in lacking}, "body": thin}


@cache
def _ones_of(name: str, share: float, what: str) -> frozenset[int]:
    """Return which drafts of events of this *name* are the *share* of all that *what* is true of.

    A fixed number instead of a chance for each: two captures of the same events, of whatever seeds, have the same
    shares of everything, and ``drift --against`` finds none between them. The first draft is as most are.
    """
    random = random_of(name, what)
    others = sorted(range(1, DRAFTS), key=lambda _: random.random())
    order = [0, *others] if share > 0.5 else [*others, 0]
    return frozenset(order[: round(share * DRAFTS)])


def referring(catalog: Catalog, name: str) -> list[DocumentedField]:
    """Return the fields of events of this *name* that name an object; takes some milliseconds."""
    body = catalog.body_for(name)
    fields = [*fields_of(catalog.envelope), *(fields_of(body, ("body",)) if body else ())]
    return [field for field in fields if field.refers]


def mentions(fields: Iterable[DocumentedField], event: Event) -> tuple[dict[str, str], str | None]:
    """Return the kinds of the objects that *event* mentions, by the ids that name them, and the kind it is about.

    *fields* are those that name an object. It is about what the first id names that its body must have.
    """
    found = chain.from_iterable(in_address(text) if "://" in text else in_urn(text) for text in _texts(event))
    kinds = {str(identifier): kind for kind, identifier in found} | {_JOB_ID: "job"}
    subject: str | None = None
    for field in fields:
        for value, beside in _values_at(event, field.path):
            kind = field.refers[0]
            if kind.startswith("(") and isinstance(beside, dict):
                kind = kind_of(str(beside.get(kind[1:-1])))
            if kind == ADDRESS:
                continue
            kinds[value] = kind
            if subject is None and field.required and field.path[0] == "body":
                subject = kind
    return kinds, subject


def caliper_name(catalog: Catalog) -> str | None:
    """Return what the example of a Caliper event in *catalog* is called; None where there is none."""
    document: Any = catalog.caliper["event"].document if "event" in catalog.caliper else None
    examples = document.get("examples") if isinstance(document, dict) else None
    return caliper.event_name(examples[0]) if examples else None


def caliper_file(catalog: Catalog, name: str) -> SchemaFile | None:
    """Return the schema of Caliper's events where *name* is that of one."""
    return catalog.caliper["event"] if name == caliper_name(catalog) else None


@lru_cache(1)
def iso(seconds: int) -> str:
    """Return a time, in *seconds* since 1970, in UTC and without the letter that says so."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _example(file: SchemaFile, random: Random) -> Event:
    value = value_of(parts_of(file), random)
    return deepcopy(value) if isinstance(value, dict) else {}


def _now(event: Event) -> Instant | None:
    """Return the last time of *event* that is past: something was ``created_at``, and will be ``due_at``, one."""
    body = event.get("body")
    times = [
        instant
        for key, value in (body.items() if isinstance(body, dict) else ())
        if key.endswith("ed_at") and (instant := parse_instant(value))
    ]
    moments = (parse_instant(value) for part in (event, event.get("metadata"), *event.get("data", ()))
               if isinstance(part, dict) for key, value in part.items() if key in _MOMENTS)  # fmt: skip
    return max(times, default=None) or next(filter(None, moments), None)


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _values_at(value: Json, path: Iterable[str], beside: Json = None) -> Iterator[tuple[str, Json]]:
    """Yield the texts at *path* in *value*, each with the object that it stands in."""
    first, *rest = path or ("",)
    if not path:
        if isinstance(value, str):
            yield value, beside
    elif isinstance(value, dict) and first in value:
        yield from _values_at(value[first], rest, value)
    elif isinstance(value, list) and first == ANY_ELEMENT:
        for inner in value:
            yield from _values_at(inner, rest, beside)
