"""Which objects of Canvas a text names: an address by its path and parameters, a urn, the name of a type its kind.

Sources: the routes of Canvas' published REST API and of its pages; for what types are called, the events themselves
(``Course``, ``Quizzes::Quiz``, ``wiki_page``, and ``urn:instructure:canvas:wikiPage:…`` in Caliper).
"""

import re
from collections.abc import Iterator

from canvas_events_cli.caliper import URN

Named = tuple[str, str]
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

_PARTS = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?(?://[^/?#]*)?([^?#]*)(?:\?([^#]*))?", re.IGNORECASE | re.DOTALL)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER_NAME = re.compile(r"(?:uuid|lti_[a-z0-9_]+):", re.ASCII)
"""Before an id that is not Canvas' own, which the API takes as well."""
_ENDING = re.compile(r"(?<=[0-9])\.[a-z]+", re.ASCII)
_OF_PARAMETER = re.compile(r"(?!sis_)([a-z_]+)_ids?", re.ASCII)


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
        *_, name = ["", *filter(None, re.split(r"\[|\]|%5B|%5D", key))]
        kind = _kind_of_parameter(name)
        if kind is not None:
            yield from ((kind, one) for one in _plain(value).split(","))


def in_urn(text: str) -> Iterator[Named]:
    """Yield what a urn of Canvas' Caliper events names; a membership in a course names the member too."""
    if text.startswith(URN):
        kind, _, rest = text[len(URN) :].partition(":")
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
