"""What a person wants to know of an event first: when, what, who, where, and what it is about."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from canvas_events_cli import caliper
from canvas_events_cli.canvas_ids import short_id
from canvas_events_cli.model import NO_NAME, Json, Record
from canvas_events_cli.same_event import envelope
from canvas_events_cli.summary.retry_clone import (
    OLDER_NAME,
    RETRY_CLONE,
    body_of,
    ids_from_url,
    is_older_retry,
    source_assignment_from_url,
)
from canvas_events_cli.wrappers import exact_event


class Overview(NamedTuple):
    """Texts as they stand in the event, ids in their short form, empty where it has none; not yet safe to print."""

    time: str
    """``event_time``, of a Caliper event ``eventTime``, as written."""
    event: str
    who: str
    where: str
    """The context, and the host."""
    retried: str
    """For a retry, from which course and assignment to which."""
    about: str
    """The object that the event is about, and the context; for a retry what ``retried`` says."""
    subject: str = ""
    """That object alone, where it is not the context."""
    user_field: str = ""
    """Which field of the envelope ``who`` begins with."""

    @property
    def told(self) -> frozenset[str]:
        """The fields of the envelope that all this tells, where they are texts that are not empty, or numbers."""
        return (
            _TOLD | {self.user_field} | ({"url"} if " to " in self.retried else set())
            if self.user_field
            else frozenset()
        )


def overview(record: Record) -> Overview:
    """Return what an event's envelope tells about it, of a Caliper event its members."""
    event = record.value
    if isinstance(event, dict) and caliper.is_event(event):
        return _overview_of_caliper(event)
    fields = [*map(envelope(event).get, _FIELDS)]
    if float in map(type, fields):  # what integers beyond 64 bits have become
        fields = [*map(envelope(exact_event(record)).get, _FIELDS)]
    time, name, login, user, tag, job, role, kind, identifier, host, url = [
        field if type(field) is str else _text(field) for field in fields
    ]
    is_retry = name == RETRY_CLONE or (name == OLDER_NAME and is_older_retry(event))
    around = _around if len(record.raw) <= _ORDINARY_BYTES else _around.__wrapped__
    who, context, where = around(login, "" if login else user, tag or job, role, kind, identifier, host)
    retried = _retried(url) if is_retry else ""
    subject = "" if retried else next(_subjects(name, body_of(event)), "")
    if subject.casefold() == context.casefold():
        subject = ""
    return Overview(
        time,
        name or NO_NAME,
        who,
        where,
        retried,
        retried or _joined(" in ", subject, context),
        subject,
        "user_login" if login else "user_id",
    )


_ORDINARY_BYTES = 16 * 1024
"""How long a record is of which texts are remembered: of hostile ones it stays little."""
_TOLD = frozenset(("event_time", "event_name", "context_role", "context_type", "context_id", "hostname"))
_FIELDS = (
    *("event_time", "event_name", "user_login", "user_id", "job_tag", "job_id"),
    *("context_role", "context_type", "context_id", "hostname", "url"),
)


@lru_cache(1024)
def _around(login: str, user: str, job: str, role: str, kind: str, identifier: str, host: str) -> tuple[str, str, str]:
    """Return who it was, the context, and the context with the host: of most events the same as of some other."""
    who = login or (f"user {short_id(user)}" if user else f"job {job}" if job else "")
    context = _joined(" ", kind, short_id(identifier))
    return _joined(", ", who, role), context, _joined(" on ", context, host)


def _retried(url: str | None) -> str:
    source_course, course, assignment = ids_from_url(url)
    ends = ((source_course, source_assignment_from_url(url)), (course, assignment))
    return " to ".join(
        f"course {short_id(course)}, assignment {short_id(assignment)}"
        for course, assignment in ends
        if course and assignment
    )


_OBJECTS = {
    "blueprint_restrictions_updated": ("assignment", "canvas_assignment_id"),
    "blueprint_subscription_created": ("blueprint subscription", "child_subscription_id"),
    "blueprint_subscription_deleted": ("blueprint subscription", "child_subscription_id"),
    "convert_new_quiz_youtube_link": ("resource", "resource_id"),
    "course_completed": ("user", "user", "id"),
    "course_progress": ("user", "user", "id"),
    "default_blueprint_restrictions_updated": ("course", "canvas_course_id"),
    "final_grade_custom_status": ("enrollment", "enrollment_id"),
    "grade_change": ("submission", "submission_id"),
    "grade_override": ("enrollment", "enrollment_id"),
    "lti_resource_link_created": ("resource link", "resource_link_id"),
    "lti_resource_link_updated": ("resource link", "resource_link_id"),
    "plagiarism_resubmit": ("submission", "submission_id"),
    "quiz_export_complete": ("assignment", "assignment", "assignment_id"),
    "quizzes-lti.grade_changed": ("quiz", "quiz_id"),
    "quizzes.qti_import_completed": ("quiz", "quiz_id"),
    "quizzes.quiz_graded": ("quiz session", "quiz_session_id"),
    "quizzes_next_migration_urls_complete": ("content migration", "migrated_urls_content_migration_id"),
    "quizzes_next_quiz_duplicated": ("assignment", "new_assignment_id"),
}
"""What events are about that do not begin with its name: what it is called, and where in the body its id stands."""
_OF_QUIZZES = ("quizzes.", "quiz_caliper.")
"""How the names of events begin whose object's id is called ``id`` alone."""


@lru_cache(256)
def _places(name: str) -> Sequence[Sequence[str]]:
    """Return what the object of events of this *name* can be called, and where in the body its id stands then.

    >>> _places("quizzes.course_section_updated")
    [('course section', 'course_section_id'), ('course section', 'id'), ('course', 'course_id')]
    """
    if name in _OBJECTS:
        return [_OBJECTS[name]]
    words = name.rpartition(".")[2][:100].split("_")[:-1]
    places = [(" ".join(words[:end]), f"{'_'.join(words[:end])}_id") for end in range(len(words), 0, -1)]
    if name.startswith(_OF_QUIZZES) and places:
        places.insert(1, (places[0][0], "id"))
    return places


def _subjects(name: str, body: dict[str, Json]) -> Iterator[str]:
    for kind, *path in _places(name):
        identifier: Json = body
        for key in path:
            identifier = _member(identifier, key)
        if identifier != "" and type(identifier) in (str, int):
            yield f"{kind} {short_id(str(identifier))}"


def _overview_of_caliper(event: dict[str, Json]) -> Overview:
    actor, group, thing = event.get("actor"), event.get("group"), event.get("object")
    # What Canvas adds to each.
    in_actor, in_group, in_event = (
        _member(_member(entity, "extensions"), caliper.CANVAS) for entity in (actor, group, event)
    )
    kind, identifier = _text(_member(in_group, "context_type")), _text(_member(in_group, "entity_id"))
    context = _joined(" ", kind, short_id(identifier)) or _called(group)
    roles = _member(event.get("membership"), "roles")
    who = [_text(_member(in_actor, "user_login")) or _called(actor), *(roles if isinstance(roles, list) else ())]
    return Overview(
        _text(event.get("eventTime")),
        caliper.event_name(event) or NO_NAME,
        ", ".join(filter(None, map(_text, who))),
        _joined(" on ", context, _text(_member(in_event, "hostname"))),
        "",
        _joined(" in ", _called(thing), context),
        _called(thing),
    )


def _called(entity: Json) -> str:
    """Return the kind and the id in the urn that *entity* has, or is; any other id as it is."""
    identifier = entity if isinstance(entity, str) else _member(entity, "id")
    if not isinstance(identifier, str):
        return ""
    bare = identifier.removeprefix(caliper.URN)
    return bare if bare == identifier else " ".join(map(short_id, bare.split(":")))


def _member(value: Json, name: str) -> Json:
    return value.get(name) if isinstance(value, dict) else None


def _text(value: Json) -> str:
    """Return a text, or a number as it is written; nothing for anything else."""
    return value if isinstance(value, str) else str(value) if type(value) is int else ""


def _joined(between: str, one: str, other: str) -> str:
    return f"{one}{between}{other}" if one and other else one or other
