"""The body schemas against the facts: every event, field, type and mistake, as ``validate --strict`` finds them."""

import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.model import Record
from canvas_events_cli.validation import ENGINES, Engine, EventChecker, ValidationSpec, compile_checker

HERE = Path(__file__).parents[1]
SCHEMAS = HERE.parent / "schemas"
BODIES = {path.stem: json.loads(path.read_text()) for path in (SCHEMAS / "bodies").glob("*.json")}
DEFINITIONS = json.loads((SCHEMAS / "bodies" / "definitions" / "types.json").read_text())["$defs"]
EVENTS = json.loads((HERE / "facts" / "live_events.json").read_text())["events"]
METADATA = json.loads((HERE / "example.json").read_text())["metadata"]
RETRY = "outcomes.retry_outcome_alignment_clone"

TYPES = {
    "id": {"string", "integer"},
    "id or empty": {"string", "integer"},
    "string": {"string"},
    "timestamp": {"string"},
    "number": {"number"},
    "boolean": {"boolean"},
    "object": {"object"},
    "array": {"array"},
}
ANYTHING_BUT_NULL = {"string", "number", "boolean", "object", "array"}

RIGHT: dict[str, list[Any]] = {
    "id": ["0", "21070000000000565", 565, 21070000000000565, "9" * 40, 2**64],
    "id or empty": ["", "0", "21070000000000565", 565],
    "string": ["", " ", "é\u2028\x1b", "x" * 8192],
    "timestamp": ["2024-09-03T14:05:11Z", "2024-09-03T08:05:11.402-06:00", "2016-12-31T23:59:60Z"],
    "number": [0, -1, 17.31, 4.0, 1e300],
    "boolean": [True, False],
    "object": [{}],
    "array": [[]],
    "any": ["", "9", 9, 9.5, True, [], {}, {"id": [None]}],
}
WRONG: dict[str, list[Any]] = {
    "id": ["", "abc", "12.5", "-1", "12 ", "१२", 12.5, True, [], ["1"], {}],
    "id or empty": [" ", "abc", "12.5", "-1", "12 ", "१२", 12.5, True, [], ["1"], {}],
    "string": [0, 7, 1.5, True, [], ["x"], {"x": 1}],
    "timestamp": [
        *("", "yesterday", "2024-09-03", "2024-09-03T14:05:11", "2024-09-03 06:05:11 -0800", "024-09-03T14:05:11Z"),
        *("2023-02-29T00:00:00Z", 1725372311, True, [], {}),
    ],
    "number": ["", "7", "17.31", True, [], {}],
    "boolean": ["", "true", 0, 1, [], {}],
    "object": ["", "{}", 1, True, [], [{}]],
    "array": ["", "[]", 1, True, {}],
    "any": [],
}

NESTED_MISTAKES: list[tuple[str, str, Any]] = [
    ("course_progress", "/course/id", "abc"),
    ("course_progress", "/course/name", 5),
    ("course_progress", "/progress/requirement_count", "12"),
    ("course_progress", "/progress/completed_at", "2024-12-18"),
    ("course_completed", "/user/email", ["a"]),
    ("course_completed", "/user/id", True),
    ("course_section_created", "/stuck_sis_fields/1", 5),
    ("submission_comment_created", "/attachment_ids/0", "a.pdf"),
    ("outcome_proficiency_created", "/outcome_proficiency_ratings/0", "high"),
    ("outcome_proficiency_updated", "/outcome_proficiency_ratings/1/points", "3"),
    ("outcome_proficiency_updated", "/outcome_proficiency_ratings/1/mastery", "yes"),
    ("learning_outcome_created", "/rubric_criterion/ratings", {}),
    ("learning_outcome_updated", "/rubric_criterion/ratings/2/points", "0"),
    ("learning_outcome_updated", "/rubric_criterion/mastery_points", True),
    ("blueprint_restrictions_updated", "/restrictions/points", "true"),
    ("default_blueprint_restrictions_updated", "/restrictions/Assignment/content", 1),
    ("quiz_export_complete", "/assignment/title", 7),
    ("quiz_export_complete", "/assignment/points_possible", "10"),
    ("quizzes.item_created", "/owner/course_id", "abc"),
    ("quiz_export_complete", "/qti_export/url", {}),
]
BODIES_THAT_CANVAS_SENDS = [
    ("course_progress", {"progress": {"error": {"message": "none"}}, "user": {}, "course": {}}),
    ("course_section_updated", {"course_section_id": "1", "stuck_sis_fields": ['["course_id"', ' "name"]']}),
    ("default_blueprint_restrictions_updated", {"canvas_course_id": 1, "restrictions": {"content": True}}),
    ("submission_comment_created", {"submission_comment_id": "1", "attachment_ids": []}),
    ("learning_outcome_created", {"learning_outcome_id": "1", "rubric_criterion": {"ratings": [{"points": 3.5}]}}),
    ("account_created", {"account_id": 3, "root_account_id": 1, "parent_account_id": None}),
    ("quizzes.quiz_session_graded", {"id": "9", "quiz_id": "", "attempt": "2", "points_possible": "10.0"}),
    ("learning_outcome_result_created", {"id": "9"}),
    ("learning_outcome_result_created", {"id": None, "learning_outcome_id": 9}),
    ("conversation_message_created", {"message_id": "9", "conversation_id": None}),
    ("quiz_caliper.quiz_session_updated", {"id": 9, "label": "Membranes", "started_at": "2024-10-01"}),
    ("quizzes.quiz_graded", {"quiz_session_id": "9", "grader_id": "", "score": 1.0, "fudge_points": None}),
    ("logged_in", {"redirect_url": None}),
    ("quiz_export_complete", {}),
]

both_engines = pytest.mark.parametrize("engine", ENGINES)


@cache
def checker(engine: Engine) -> EventChecker:
    return compile_checker(ValidationSpec(load_catalog(), engine, strict=True))


def findings(name: str, body: Any, engine: Engine = "jsonschema-rs") -> list[tuple[str, str]]:
    """Return (pointer from the body, keyword) of all that is wrong with an event that has this body."""
    event = {"metadata": {**METADATA, "event_name": name}, "body": body}
    found = checker(engine).check("capture.ndjson", Record(1, json.dumps(event).encode(), event, True)).findings
    assert all(finding.kind == "body" for finding in found)
    return [(finding.pointer.removeprefix("/body"), finding.keyword) for finding in found]


def example(name: str, /, **changes: Any) -> dict[str, Any]:
    return {**BODIES[name]["examples"][0], **changes}


def set_at(value: Any, pointer: str, to: Any) -> Any:
    """Return a copy of *value* with *to* at *pointer*."""
    copied = json.loads(json.dumps(value))
    *parents, last = (int(token) if token.isdigit() else token for token in pointer.split("/")[1:])
    place = copied
    for token in parents:
        place = place[token]
    place[last] = to
    return copied


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """Return *part* with what its references lead to, the nearest keywords first."""
    whole = dict(part)
    while "$ref" in part:
        part = DEFINITIONS[part["$ref"].rpartition("/")[2]]
        whole = {**part, **whole}
    return whole


def one_of(name: str) -> list[str]:
    """Return the fields of which one has to be there; the schema names them the other way round."""
    return EVENTS[name].get("one_of", [])[::-1]


class TestAgainstTheFacts:
    def test_every_documented_event_has_a_schema_and_no_other(self) -> None:
        assert len(EVENTS) == 120
        assert BODIES.keys() == EVENTS.keys() == set(load_catalog().bodies)

    def test_its_fields(self) -> None:
        for name in EVENTS:
            schema, facts = BODIES[name], EVENTS[name]
            assert schema.get("properties", {}).keys() == facts["body"].keys()
            assert schema.get("required", []) == facts["identified_by"]
            assert schema.get("x-expected", []) == facts.get("expected", [])
            assert [branch["required"] for branch in schema.get("anyOf", ())] == [[one] for one in one_of(name)]
            first = list(schema.get("properties", {}))[: len(facts["identified_by"])]
            assert first == facts["identified_by"] or list(schema["properties"]) == list(facts["body"])

    def test_their_types(self) -> None:
        for name in EVENTS.keys() - {RETRY}:
            for field, kind in EVENTS[name]["body"].items():
                part = resolved(BODIES[name]["properties"][field])
                types = {part["type"]} if isinstance(part.get("type"), str) else set(part.get("type", ()))
                identifying = field in EVENTS[name]["identified_by"]
                if kind == "any":
                    assert types == (ANYTHING_BUT_NULL if identifying else set()), field
                else:
                    assert types == TYPES[kind] | (set() if identifying else {"null"}), field
                assert (part.get("format") == "date-time") == (kind == "timestamp"), field
                assert part.get("pattern") == {"id": "^[0-9]+$", "id or empty": "^[0-9]*$"}.get(kind), field


class TestWithoutFalseAlarms:
    @both_engines
    def test_the_example_has_every_field_and_is_valid(self, engine: Engine) -> None:
        for name in EVENTS:
            assert example(name).keys() == EVENTS[name]["body"].keys()
            assert findings(name, example(name), engine) == []

    @both_engines
    def test_all_but_the_identifying_fields_may_be_null_or_dropped(self, engine: Engine) -> None:
        for name in EVENTS:
            needed = [*EVENTS[name]["identified_by"], *one_of(name)[:1]]
            missing = [(f"/{field}", "expected") for field in EVENTS[name].get("expected", ())]
            body = example(name)
            assert sorted(findings(name, {field: body[field] for field in needed}, engine)) == sorted(missing)
            nulls = {field: body[field] if field in needed else None for field in body}
            assert sorted(findings(name, nulls, engine)) == sorted(missing)

    def test_every_right_value_of_a_field_is_accepted(self) -> None:
        for name in EVENTS:
            for field, kind in EVENTS[name]["body"].items():
                for value in RIGHT[kind]:
                    if field in EVENTS[name]["identified_by"] and kind == "string" and not value:
                        continue
                    assert findings(name, example(name, **{field: value})) == [], (field, value)

    @pytest.mark.parametrize(
        ("name", "body"), BODIES_THAT_CANVAS_SENDS, ids=[name for name, _ in BODIES_THAT_CANVAS_SENDS]
    )
    @both_engines
    def test_bodies_that_canvas_sends(self, name: str, body: Any, engine: Engine) -> None:
        assert findings(name, body, engine) == []


class TestSingleMistakes:
    def test_a_missing_identifying_field(self) -> None:
        for name in EVENTS:
            for field in EVENTS[name]["identified_by"]:
                body = example(name)
                del body[field]
                assert findings(name, body) == [(f"/{field}", "required")]
                assert findings(name, {**body, field: None}) == [(f"/{field}", "type")]

    @pytest.mark.parametrize("name", [name for name in EVENTS if one_of(name)])
    @pytest.mark.parametrize("nothing", [{}, {"id": None}, {"id": None, "learning_outcome_id": None}])
    def test_none_of_those_of_which_one_has_to_be_there(self, name: str, nothing: Any) -> None:
        body = {field: value for field, value in example(name).items() if field not in one_of(name)}
        assert findings(name, {**body, **nothing}) == [("", "anyOf")]

    @pytest.mark.parametrize("engine", ENGINES)
    @pytest.mark.parametrize("name", [name for name in EVENTS if one_of(name)])
    def test_a_wrong_value_of_the_only_one_that_is_there(self, name: str, engine: Engine) -> None:
        body = {field: value for field, value in example(name).items() if field not in one_of(name)}
        for field in one_of(name):
            assert findings(name, {**body, field: {}}, engine) == [(f"/{field}", "type")]

    def test_a_wrong_value_anywhere(self) -> None:
        for name in EVENTS:
            for field, kind in EVENTS[name]["body"].items():
                for value in WRONG[kind]:
                    found = {pointer for pointer, _ in findings(name, example(name, **{field: value}))}
                    assert found == {f"/{field}"}, (field, value)

    @pytest.mark.parametrize(("name", "pointer", "value"), NESTED_MISTAKES)
    @both_engines
    def test_a_wrong_value_inside(self, name: str, pointer: str, value: Any, engine: Engine) -> None:
        found = findings(name, set_at(example(name), pointer, value), engine)
        assert [pointer for pointer, _ in found] == [pointer]

    def test_an_undocumented_field(self) -> None:
        """logged_out has no fields, and so is open; of quiz_caliper.* little more than an id is known."""
        for name in EVENTS:
            is_open = not EVENTS[name]["body"] or name.startswith("quiz_caliper.")
            expected = [] if is_open else [("/added_yesterday", "undocumented")]
            assert findings(name, example(name, added_yesterday=1)) == expected


class TestAsFiles:
    def test_only_what_a_capture_holds_is_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        read = []
        read_bytes = Path.read_bytes
        monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path.name) or read_bytes(path))
        counted = compile_checker(ValidationSpec(load_catalog(), "jsonschema-rs"))
        assert read == ["envelope.json"]
        for name in ("course_created", "course_created", "logged_out", "unknown"):
            event = {"metadata": {**METADATA, "event_name": name}, "body": example("course_created")}
            counted.check("capture.ndjson", Record(1, json.dumps(event).encode(), event, True))
        assert read == ["envelope.json", "course_created.json", "types.json", "logged_out.json"]

    def test_one_by_itself(self) -> None:
        catalog = load_catalog(bodies=[str(SCHEMAS / "bodies" / "course_created.json")])
        assert catalog.every_body

    def test_a_copy_of_the_folder(self, tmp_path: Path) -> None:
        shutil.copytree(SCHEMAS, tmp_path / "mine")
        assert load_catalog(schemas=tmp_path / "mine").bodies.keys() == EVENTS.keys()
