"""What is said of names that no schema knows."""

import pytest

from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.catalog.catalog import name_hint, sent_instead

BODIES = load_catalog().bodies


@pytest.mark.parametrize("subject", ["course", "assignment", "enrollment", "user", "submission", "module", "quiz"])
@pytest.mark.parametrize("ending", ["deleted", "destroyed", "removed"])
def test_names_that_canvas_never_sends(subject: str, ending: str) -> None:
    assert sent_instead(f"{subject}_{ending}", BODIES) == f"{subject}_updated"


@pytest.mark.parametrize("name", ["attachment_deleted", "wiki_page_deleted", "discussion_entry_removed"])
def test_what_canvas_does_send(name: str) -> None:
    assert sent_instead(name, BODIES) is None


@pytest.mark.parametrize("name", ["deleted", "_deleted", "syllabus_deleted", "heartbeat_deleted", "course_updated"])
def test_what_nothing_is_known_of(name: str) -> None:
    assert sent_instead(name, BODIES) is None


def test_hints() -> None:
    assert name_hint("course_creatd", BODIES) == "; did you mean 'course_created'?"
    assert name_hint("envelop", BODIES, "envelope") == "; did you mean 'envelope'?"
    assert name_hint("x" * 100_000, BODIES) == ""
