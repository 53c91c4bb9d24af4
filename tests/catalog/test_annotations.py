"""What the schemas say of ids, held against the names of the fields; and what our own keywords must be."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.catalog.fields import DocumentedField, fields_of
from canvas_events_cli.errors import CeventsError

CATALOG = load_catalog()
IS_ID = re.compile(r"(?:.*_)?(?:id|ids|uuid|guid)(?:_duplicated_from)?")
# Why an id names no object of Canvas that could be asked for.
WHY_NOT = {
    "sis_source_id": "the school's",
    "student_sis_id": "the school's",
    "user_sis_id": "the school's",
    "context_sis_source_id": "the school's",
    "integration_id": "the school's",
    "associated_integration_id": "the guid of a tool by its maker",
    "vendor_guid": "the maker's of imported outcomes",
    "grade_passback_guid": "stands for one sending of a score",
    "outcome_alignment_set_guid": "of the outcomes service",
    "canvas_id": "of which kind is not documented",
}
WHY_NOT_IN = {
    "quiz_export_complete /content_export_id": "a text around the id",
    "quizzes.quiz_created /context_id": "of New Quizzes, as what is in it",
    "quizzes.quiz_updated /context_id": "of New Quizzes, as what is in it",
    "quizzes.item_created /owner/context_id": "of New Quizzes, as what is in it",
    "quizzes.item_updated /owner/context_id": "of New Quizzes, as what is in it",
    "quizzes.quiz_graded /grader_id": "of New Quizzes, as what is in it",
    "quiz_caliper.asset_accessed /id": "of which kind is not documented",
    "quiz_caliper.quiz_started /id": "of which kind is not documented",
    "quiz_caliper.quiz_submitted /id": "of which kind is not documented",
}


def fields() -> list[tuple[str, DocumentedField]]:
    files = {"": CATALOG.envelope, **CATALOG.bodies}
    return [(name, field) for name, file in files.items() for field in fields_of(file) if field.path]


def names_of(field: DocumentedField) -> str:
    """Return the nearest name: that of the array, for its elements."""
    return next(token for token in reversed(field.path) if token != "*")


def test_every_id_says_what_it_names_or_here_is_why_not() -> None:
    silent = {
        f"{event} {field.pointer}": names_of(field)
        for event, field in fields()
        if IS_ID.fullmatch(names_of(field)) and not field.refers and field.types & {"string", "integer"}
    }
    assert {place: name for place, name in silent.items() if name not in WHY_NOT and place not in WHY_NOT_IN} == {}
    assert silent.keys() >= WHY_NOT_IN.keys()
    assert {*silent.values()} >= WHY_NOT.keys()


def test_only_ids_name_something() -> None:
    odd = {names_of(field) for _, field in fields() if field.refers and not IS_ID.fullmatch(names_of(field))}
    assert odd == {"url"}


def test_what_says_the_kind_stands_beside() -> None:
    places = {(event, field.path) for event, field in fields()}
    typed = [(event, field) for event, field in fields() if field.refers and field.refers[0].startswith("(")]
    for event, field in typed:
        assert (event, (*field.path[:-1], field.refers[0][1:-1])) in places
    assert {names_of(field) for _, field in typed} == {
        *("context_id", "context_uuid", "asset_id", "artifact_id", "associated_asset_id", "resource_id"),
        *("result_context_id", "result_context_uuid", "lti_context_id"),
    }


# The end of a field's name, for the kinds that most are asked for.
ENDS = {
    "course": r"course_(id|uuid|lti_id|resource_link_id)",
    "account": r"account_(id|uuid|lti_guid)",
    "user": r"(user_(id|uuid)|student_id|author_id|grader_id)",
    "section": r"section_id",
    "assignment": r"(assignment_(id|resource_link_id)|lti_resource_link_id)(_duplicated_from)?",
    "submission": r"submission_id",
    "assignment_group": r"assignment_group_id",
    "enrollment": r"enrollment_id",
}


@pytest.mark.parametrize("kind", ENDS)
def test_names_end_as_what_they_name(kind: str) -> None:
    for event, field in fields():
        if re.fullmatch(rf"(.*_)?{ENDS[kind]}", names_of(field)) and f"{event} {field.pointer}" not in WHY_NOT_IN:
            assert field.refers == (kind,), (event, field.pointer)


BROKEN: list[tuple[str, Any]] = [
    ("x-expected", "a"),
    ("x-expected", {"a": True}),
    ("x-expected", [1]),
    ("x-refers", ""),
    ("x-refers", []),
    ("x-refers", ["course", 5]),
    ("x-refers", {"type": 5}),
    ("x-refers", {"kind": "course"}),
    ("x-refers", None),
]


@pytest.mark.parametrize(("keyword", "value"), BROKEN)
def test_what_our_keywords_cannot_be(keyword: str, value: Any, tmp_path: Path) -> None:
    path = tmp_path / "body.json"
    path.write_text(json.dumps({"properties": {"a": {keyword: value}}}))
    with pytest.raises(CeventsError, match=f"/properties/a/{keyword}.*expected"):
        load_catalog(bodies=[str(path)])
