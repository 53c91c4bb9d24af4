"""Which objects of Canvas a text names: an address by its path and parameters, a urn, the name of a type its kind.

Sources: the routes of Canvas' published REST API and of its pages; for what types are called, the events themselves
(``Course``, ``Quizzes::Quiz``, ``wiki_page``, and ``urn:instructure:canvas:wikiPage:…`` in Caliper).
"""

import re
from collections.abc import Iterator

from canvas_events_cli.caliper import URN

Named = tuple[str, str]
"""A kind of object, and what names one."""

_IN_PATHS = {
    "accounts": "account",
    "assignment_groups": "assignment_group",
    "assignments": "assignment",
    "content_exports": "content_export",
    "content_migrations": "content_migration",
    "conversations": "conversation",
    "courses": "course",
    "discussion_topics": "discussion_topic",
    "enrollments": "enrollment",
    "entries": "discussion_entry",
    "external_tools": "external_tool",
    "files": "attachment",
    "folders": "folder",
    "grading_periods": "grading_period",
    "group_categories": "group_category",
    "groups": "group",
    "modules": "module",
    "outcome_groups": "learning_outcome_group",
    "outcomes": "learning_outcome",
    "overrides": "assignment_override",
    "quizzes": "quiz",
    "sections": "section",
    "sis_imports": "sis_batch",
    "terms": "term",
    "users": "user",
}
"""By the word of a path after which the object's id stands."""
_ALIASES = {
    "content_tag": "module_item",
    "context_external_tool": "external_tool",
    "context_module": "module",
    "course_section": "section",
    "discussion": "discussion_topic",
    "enrollment_term": "term",
    "entry": "discussion_entry",
    "file": "attachment",
    "grader": "user",
    "observer": "user",
    "outcome": "learning_outcome",
    "outcome_group": "learning_outcome_group",
    "student": "user",
    "topic": "discussion_topic",
}
"""Kinds by other names that types, urns or parameters give them."""
KINDS = frozenset(_IN_PATHS.values())

_PARTS = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?(?://[^/?#]*)?([^?#]*)(?:\?([^#]*))?", re.IGNORECASE | re.DOTALL)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER_NAME = re.compile(r"(?:uuid|lti_[a-z0-9_]+):", re.ASCII)
"""Before an id that is not Canvas' own, which the API takes as well."""
_ENDING = re.compile(r"(?<=[0-9])\.[a-z]+", re.ASCII)
_OF_PARAMETER = re.compile(r"([a-z_]+)_ids?", re.ASCII)


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
    match = _PARTS.match(address)
    assert match is not None  # noqa: S101 (every text has these parts, all of which may be empty)
    path, query = match.groups(default="")
    words = _plain(path).split("/")
    for before, word, name in zip(["", *words], words, words[1:], strict=False):
        kind = _IN_PATHS.get(word)
        if word == "submissions" and before.isdigit():
            kind = "user"
        if kind is not None:
            yield kind, _ENDING.sub("", _OTHER_NAME.sub("", name, count=1))
    for pair in query.split("&"):
        key, _, value = pair.partition("=")
        # What stands in brackets is the name inside an object, or nothing for one of several.
        names = [name for name in re.split(r"\[|\]|%5B|%5D", key) if name]
        of = _OF_PARAMETER.fullmatch(names[-1]) if names else None
        for name in _plain(value).split(",") if of else ():
            yield from ((kind, name) for kind in _kinds_of_parameter(of[1]))  # type: ignore[index]


def in_urn(text: str) -> Iterator[Named]:
    """Yield what a urn of Canvas' Caliper events names; a membership in a course names the member too."""
    if text.startswith(URN):
        kind, _, rest = text[len(URN) :].partition(":")
        name, *role = rest.split(":")
        yield kind_of(kind), name
        if len(role) == 2:
            yield "user", role[1]


def _kinds_of_parameter(name: str) -> Iterator[str]:
    """Yield what a parameter's name, without its ``_id``, can end in: ``target_course``, ``assignment_group``."""
    words = name.split("_")
    if words[0] == "sis":
        return
    for start in range(len(words)):
        kind = kind_of("_".join(words[start:]))
        if kind in KINDS:
            yield kind
            return


def _plain(text: str) -> str:
    return re.sub("%7e", "~", re.sub("%2c", ",", text, flags=re.IGNORECASE), flags=re.IGNORECASE)
