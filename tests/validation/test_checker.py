"""The verdict on one event: what is found, where, in which words and in which order."""

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Finding, Malformed, Overflow, Record
from canvas_events_cli.parse import parse
from canvas_events_cli.pointers import resolve, split
from canvas_events_cli.query.selection import event_record
from canvas_events_cli.running.reading import ReadOptions, events_in
from canvas_events_cli.validation import ENGINES, Engine, ValidationSpec, Verdict, compile_checker

EXAMPLE = json.loads((Path(__file__).parent.parent / "example.json").read_text())
EVENT = "outcomes.retry_outcome_alignment_clone"


def example(**edits: Any) -> dict[str, Any]:
    """Return the published example with pointers (``body/status=…``) set; Ellipsis drops."""
    event: dict[str, Any] = copy.deepcopy(EXAMPLE)
    for pointer, value in edits.items():
        *parents, name = split("/" + pointer)
        place: Any = resolve(event, parents)
        if value is ...:
            del place[name]
        else:
            place[name] = value
    return event


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    return request.param


def check(event: Any, engine: Engine, *, strict: bool = False, show_values: bool = False, **catalog: Any) -> Verdict:
    spec = ValidationSpec(load_catalog(**catalog), engine, strict, show_values)
    raw = json.dumps(event).encode() if strict else b""
    return compile_checker(pickle.loads(pickle.dumps(spec))).check("a.ndjson", Record(7, raw, event, True))


def told(verdict: Verdict) -> list[tuple[str, str, str, str]]:
    return [(finding.kind, finding.pointer, finding.keyword, finding.message) for finding in verdict.findings]


class TestFindings:
    def test_the_published_example_is_valid(self, engine: Engine) -> None:
        assert check(EXAMPLE, engine, strict=True) == Verdict(EVENT)

    def test_a_finding_names_source_and_line(self, engine: Engine) -> None:
        message = "expected a string, got an integer"
        finding = Finding("a.ndjson", 7, EVENT, "body", "type", "/body/status", message)
        assert check(example(**{"body/status": 5}), engine).findings == (finding,)

    @pytest.mark.parametrize("value", [[], [1], "x", "", 5, 1.5, True, None])
    def test_what_is_not_an_object(self, value: Any, engine: Engine, tmp_path: Path) -> None:
        (tmp_path / "any.json").write_text("true")
        for options in ({}, {"envelope": tmp_path / "any.json"}):
            verdict = check(value, engine, strict=True, **options)
            assert [finding[:3] for finding in told(verdict)] == [("envelope", "", "type")]
            assert verdict.event_name is None

    def test_the_order_is_that_of_the_event(self, engine: Engine) -> None:
        event = example(**{"metadata/user_id": 5, "metadata/event_time": "", "body/domain": 7, "body/status": ...})
        event = {"body": event["body"], "metadata": event["metadata"]}
        event["body"]["original_course_uuid"] = ""
        assert [finding.pointer for finding in check(event, engine).findings] == [
            "/body/original_course_uuid",
            "/body/domain",
            "/body/status",
            "/metadata/user_id",
            "/metadata/event_time",
        ]

    def test_where_both_schemas_object_the_body_s_finding_stays(self, engine: Engine) -> None:
        assert [finding[:3] for finding in told(check(example(body=[]), engine))] == [("body", "/body", "type")]
        unknown = example(**{"body": [], "metadata/event_name": "unknown"})
        assert [finding[:3] for finding in told(check(unknown, engine))] == [("envelope", "/body", "type")]

    @pytest.mark.parametrize(
        ("one", "other", "expected"),
        [
            ("object", ["object", "array"], "an object"),
            (["object", "null"], ["object", "array"], "an object"),
            (["number", "null"], ["integer", "object"], "an integer"),
            (["array", "null", "object"], ["object", "null"], "an object or null"),
            ("object", ["array", "null"], "an object"),
        ],
    )
    def test_two_types_asked_of_one_value(
        self, one: Any, other: Any, expected: str, engine: Engine, tmp_path: Path
    ) -> None:
        schema = {"properties": {"a": {"allOf": [{"type": one}, {"type": other}]}}}
        (tmp_path / "b.json").write_text(json.dumps(schema))
        found = told(check(example(body={"a": True}), engine, bodies=[str(tmp_path / "b.json")]))
        assert found == [("body", "/body/a", "type", f"expected {expected}, got a boolean")]

    def test_one_fault_is_told_once(self, engine: Engine, tmp_path: Path) -> None:
        branch = {"required": ["a"], "properties": {"b": {"minLength": 3}}}
        (tmp_path / "b.json").write_text(
            json.dumps({"allOf": [branch, branch, {"properties": {"b": {"minLength": 5}}}]})
        )
        verdict = check(example(body={"b": ""}), engine, bodies=[str(tmp_path / "b.json")])
        assert [finding[1:] for finding in told(verdict)] == [
            ("/body/b", "minLength", "expected at least 3 characters, got an empty string"),
            ("/body/b", "minLength", "expected at least 5 characters, got an empty string"),
            ("/body/a", "required", "required, but missing"),
        ]

    def test_unexpected_properties_each_have_their_place(self, engine: Engine, tmp_path: Path) -> None:
        schema = {"properties": {"name": True, "size": True}, "additionalProperties": False}
        (tmp_path / "b.json").write_text(json.dumps(schema))
        verdict = check(example(body={"size": 1, "nmae": 1, "a/b": 2}), engine, bodies=[str(tmp_path / "b.json")])
        text = "unexpected: the schema allows no such field here"
        assert told(verdict) == [
            ("body", "/body/nmae", "additionalProperties", f"{text}; did you mean 'name'?"),
            ("body", "/body/a~1b", "additionalProperties", text),
        ]
        assert verdict.undocumented_fields == ()

    def test_a_missing_field_is_looked_for_among_the_unknown_ones(self, engine: Engine) -> None:
        event = example()
        event["body"]["new_course_uid"] = event["body"].pop("new_course_uuid")
        assert told(check(event, engine)) == [
            (
                "body",
                "/body/new_course_uuid",
                "required",
                "required, but missing; did you mean this by 'new_course_uid'?",
            )
        ]

    def test_attributes_take_the_place_of_metadata(self, engine: Engine) -> None:
        event = example(**{"metadata/producer": ..., "metadata/event_time": "yesterday"})
        event = {"attributes": event["metadata"], "body": event["body"]}
        verdict = check(event, engine)
        assert (verdict.event_name, [finding.pointer for finding in verdict.findings]) == (
            EVENT,
            ["/attributes/event_time"],
        )

    @pytest.mark.parametrize(
        ("metadata", "attributes", "name"),
        [
            ({"event_name": "a"}, {"event_name": "b"}, "a"),
            ({"event_name": ""}, {"event_name": "b"}, "b"),
            ({"event_name": 5}, None, None),
            (None, {"event_name": "b"}, "b"),
            ("a", {"event_name": ["b"]}, None),
        ],
    )
    def test_the_event_s_name(self, metadata: Any, attributes: Any, name: str | None, engine: Engine) -> None:
        assert check({"metadata": metadata, "attributes": attributes, "body": {}}, engine).event_name == name

    def test_values_are_quoted_only_on_request(self, engine: Engine) -> None:
        event = example(
            **{"body/status": {"secret": ["x" * 100]}, "body/new_course_uuid": "", "metadata/user_id": "se\ncret"}
        )
        assert "cret" not in "".join(finding.message for finding in check(event, engine).findings)
        shown = [finding.message for finding in check(event, engine, show_values=True).findings]
        assert shown == [
            'expected decimal digits only, got a string of 7 characters: "se\\ncret"',
            "expected at least 1 character, got an empty string",
            f'expected a string, got an object with 1 field: {{"secret": ["{"x" * 47}…',
        ]


class TestUndocumented:
    EVENT = example(**{"body/extra": {"inner": 1}, "metadata/extra": 1, "top": 1})

    def test_fields_are_notes(self, engine: Engine) -> None:
        verdict = check(self.EVENT, engine)
        assert verdict == Verdict(EVENT, (), ("/metadata/extra", "/body/extra", "/top"))

    def test_fields_are_findings_in_strict_mode(self, engine: Engine) -> None:
        verdict = check(self.EVENT, engine, strict=True)
        assert told(verdict) == [
            ("envelope", "/metadata/extra", "undocumented", "not in the schema"),
            ("body", "/body/extra", "undocumented", "not in the schema"),
            ("envelope", "/top", "undocumented", "not in the schema"),
        ]
        assert verdict.undocumented_fields == ()

    def test_a_misspelt_field_is_recognised(self, engine: Engine) -> None:
        event = example(**{"metadata/user_agent": ..., "metadata/user_agnet": "x"})
        assert told(check(event, engine, strict=True)) == [
            ("envelope", "/metadata/user_agnet", "undocumented", "not in the schema; did you mean 'user_agent'?")
        ]

    def test_an_event_without_a_body_schema(self, engine: Engine) -> None:
        event = example(**{"metadata/event_name": f"{EVENT}d", "body": {"anything": 1}})
        assert check(event, engine) == Verdict(f"{EVENT}d", (), (), undocumented_event=True)
        hint = f"no body schema is known for this event; did you mean {EVENT!r}?"
        assert told(check(event, engine, strict=True)) == [("envelope", "/metadata/event_name", "undocumented", hint)]
        event["attributes"] = event.pop("metadata")
        assert [finding.pointer for finding in check(event, engine, strict=True).findings] == ["/attributes/event_name"]

    def test_an_event_without_a_name_is_not_an_undocumented_one(self, engine: Engine) -> None:
        assert not check(example(**{"metadata/event_name": ...}), engine).undocumented_event

    def test_a_schema_for_every_body_documents_every_event(self, engine: Engine, tmp_path: Path) -> None:
        (tmp_path / "b.json").write_text(json.dumps({"properties": {"a": {"type": "null"}}}))
        event = example(**{"metadata/event_name": "own", "body": {"a": 1, "b": 2}})
        verdict = check(event, engine, bodies=[str(tmp_path / "b.json")])
        assert (told(verdict)[0][:2], verdict.undocumented_fields) == (("body", "/body/a"), ("/body/b",))
        assert not verdict.undocumented_event

    def test_elements_of_arrays_are_one_field_in_notes(self, engine: Engine, tmp_path: Path) -> None:
        schema = {"properties": {"list": {"items": {"properties": {"known": True}}}}}
        (tmp_path / "b.json").write_text(json.dumps(schema))
        event = example(body={"list": [{"known": 1, "x": 1}, {"x": 2}]})
        options = {"bodies": [str(tmp_path / "b.json")]}
        assert check(event, engine, **options).undocumented_fields == ("/body/list/*/x",)
        pointers = [finding.pointer for finding in check(event, engine, strict=True, **options).findings]
        assert pointers == ["/body/list/0/x", "/body/list/1/x"]


class TestHostileEvents:
    def test_deep_nesting(self, engine: Engine, tmp_path: Path) -> None:
        (tmp_path / "b.json").write_text(json.dumps({"properties": {"a": {"$ref": "#"}}}))
        body: Any = {"x": 1}
        for _ in range(1000):
            body = {"a": body}
        verdict = check(example(body=body), engine, bodies=[str(tmp_path / "b.json")], show_values=True)
        assert verdict.undocumented_fields == ("/body" + "/a" * 1000 + "/x",)
        assert told(verdict) == []

    def test_many_unknown_fields_are_not_compared_with_known_ones(self, engine: Engine) -> None:
        event = example(**{"body/status": ...})
        event["body"].update({f"statu{number}": 1 for number in range(3000)})
        findings = check(event, engine, strict=True).findings
        assert len(findings) == 3001
        assert not any("did you mean" in finding.message for finding in findings)

    def test_long_names_are_not_compared(self, engine: Engine) -> None:
        for event in (
            example(**{"metadata/event_name": EVENT + "x" * 100_000}),
            example(**{"body/" + "status" * 50_000: 1}),
        ):
            (finding,) = check(event, engine, strict=True).findings
            assert "did you mean" not in finding.message

    def test_names_of_unknown_events_are_not_remembered(self, engine: Engine) -> None:
        checker = compile_checker(ValidationSpec(load_catalog(), engine))
        for number in range(50):
            checker.check("a", Record(1, b"", example(**{"metadata/event_name": f"e{number}"}), True))
        assert list(checker._by_name) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_integers_beyond_64_bits_are_taken_as_written(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text('{"properties": {"n": {"const": 18446744073709551617}}}')
    checker = compile_checker(ValidationSpec(load_catalog(bodies=[str(tmp_path / "b.json")]), engine))
    for written, is_valid in (("18446744073709551617", True), ("18446744073709551616", False)):
        event = example(body={"n": "?"})
        raw = json.dumps(event).replace('"?"', written).encode()
        found = checker.check("a", Record(1, raw, parse(raw), True)).findings
        assert [(one.pointer, one.keyword) for one in found] == ([] if is_valid else [("/body/n", "const")])
        assert all("expected 18446744073709551617," in one.message for one in found)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_pattern_with_a_large_count(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(json.dumps({"properties": {"status": {"pattern": "^.{1,8192}$"}}}))
    options = {"bodies": [f"{EVENT}={tmp_path / 'b.json'}"]}
    assert check(example(), engine, **options).findings == ()


@pytest.mark.parametrize("strict", [False, True])
def test_whether_an_event_is_wrong_is_told_without_findings(engine: Engine, strict: bool) -> None:
    checker = compile_checker(ValidationSpec(load_catalog(), engine, strict))
    names = ("mistakes.ndjson", "mixed.ndjson", "caliper.ndjson", "new-quizzes.ndjson")
    paths = [Path(__file__).parents[2] / "samples" / name for name in names]
    items = (item for path in paths for item in Framer().feed(path.read_bytes()))
    records = [
        event_record(item) for item in events_in(items, ReadOptions()) if not isinstance(item, Malformed | Overflow)
    ]
    wrong = [bool(checker.check("", record).findings) for record in records]
    assert [checker.is_wrong(record) for record in records] == wrong
    assert set(wrong) == {False, True}
