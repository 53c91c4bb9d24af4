"""Event names that Canvas never sends, and what it sends instead."""

import pytest

from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.catalog.catalog import name_hint

BODIES = load_catalog().bodies


@pytest.mark.parametrize("subject", ["course", "assignment", "enrollment", "user", "submission", "module", "quiz"])
@pytest.mark.parametrize("ending", ["deleted", "destroyed", "removed"])
def test_names_that_canvas_never_sends(subject: str, ending: str) -> None:
    instead = f"; Canvas never sends it: a deletion shows as '{subject}_updated' with workflow_state 'deleted'"
    assert name_hint(f"{subject}_{ending}", BODIES) == instead


@pytest.mark.parametrize(
    "name",
    [
        # What Canvas does send, and what nothing is known of.
        *("attachment_deleted", "wiki_page_deleted", "discussion_entry_removed"),
        *("deleted", "_deleted", "syllabus_deleted", "heartbeat_deleted", "course_updated"),
    ],
)
def test_other_names(name: str) -> None:
    assert "Canvas never sends it" not in name_hint(name, BODIES)


def test_hints() -> None:
    assert name_hint("course_creatd", BODIES) == "; did you mean 'course_created'?"
    assert name_hint("envelop", BODIES, "envelope") == "; did you mean 'envelope'?"
    assert name_hint("x" * 100_000, BODIES) == ""
