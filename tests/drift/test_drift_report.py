"""What is counted, what is told of it, and that any cut of the input gives the same."""

import json
import pickle
from functools import reduce
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli import validate
from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.drifting.comparison import Drift, compare_seen
from canvas_events_cli.drifting.report import DriftReport
from canvas_events_cli.drifting.work import observe_records
from canvas_events_cli.model import Malformed, Record, WrapperFault
from canvas_events_cli.sources.locate import locate
from canvas_events_cli.streaming import Events, drift_parts, validation_spec
from canvas_events_cli.validation import ValidationSpec, compile_checker

HERE = Path(__file__).parent.parent
EXAMPLE = json.loads((HERE / "example.json").read_text())
RETRY = EXAMPLE["metadata"]["event_name"]
CHECKER = compile_checker(ValidationSpec(load_catalog(), "jsonschema-rs"))


def event(name: str = RETRY, /, time: str = "2024-09-03T14:05:11Z", **body: Any) -> dict[str, Any]:
    base = EXAMPLE["body"] if name == RETRY else {}
    return {"metadata": {**EXAMPLE["metadata"], "event_name": name, "event_time": time}, "body": {**base, **body}}


def record(value: Any) -> Record:
    return Record(1, json.dumps(value).encode(), value, True)


def observed(*values: Any) -> DriftReport:
    return observe_records(CHECKER, map(record, values))


def drift(*values: Any, examples: bool = False) -> Drift:
    return compare_seen(observed(*values), load_catalog(), with_examples=examples)


class TestWhatIsTold:
    def test_nothing_of_events_as_documented(self) -> None:
        found = drift(EXAMPLE, event())
        assert not found.found
        assert (found.events, found.invalid, found.event_types) == (2, 0, {RETRY: 2})

    def test_undocumented_fields(self) -> None:
        found = drift(
            event(extra=None, time="2024-09-03T14:05:11Z"),
            event(extra="x", time="2024-09-03T08:05:10-06:00"),
            event(extra=7, time="no time"),
            event(),
        )
        (field,) = found.undocumented_fields
        assert (field.event_name, field.pointer) == (RETRY, "/body/extra")
        assert field.types == {"null": 1, "string": 1, "integer": 1}
        assert field.null_rate == 0.3333
        assert (field.count, field.first, field.last) == (
            3,
            "2024-09-03T14:05:10.000Z",
            "2024-09-03T14:05:11.000Z",
        )
        assert field.example is None
        assert found.found

    def test_an_example_only_on_request(self) -> None:
        (field,) = drift(
            event(extra=None), event(extra="first"), event(extra="second"), examples=True
        ).undocumented_fields
        assert field.example == "first"

    def test_elements_of_arrays_are_one_field(self) -> None:
        ratings = [{"points": 1, "new": 1}, {"points": 0, "new": "x"}]
        found = drift(event("learning_outcome_created", learning_outcome_id="1", rubric_criterion={"ratings": ratings}))
        (field,) = found.undocumented_fields
        assert field.pointer == "/body/rubric_criterion/ratings/*/new"
        assert field.types == {"integer": 1, "string": 1}

    def test_undocumented_types(self) -> None:
        found = drift(event(status=5, new_course_uuid=None), event())
        assert [(field.pointer, field.documented, field.types) for field in found.undocumented_types] == [
            ("/body/new_course_uuid", ("string",), {"null": 1}),
            ("/body/status", ("string",), {"integer": 1}),
        ]
        assert found.invalid == 1

    def test_a_type_that_a_pattern_of_names_describes(self) -> None:
        (field,) = drift(
            event("default_blueprint_restrictions_updated", canvas_course_id=1, restrictions={"Quiz": "all"})
        ).undocumented_types
        assert field.pointer == "/body/restrictions/Quiz"

    def test_whole_numbers_are_integers_however_they_are_written(self) -> None:
        assert not drift(event("course_created", course_id=4.0)).undocumented_types

    def test_new_events(self) -> None:
        found = drift(event("brand_new", a=1), event("brand_new", b=2), event("newer"))
        assert [(new.event_name, new.fields, new.count) for new in found.new_events] == [
            ("brand_new", 2, 2),
            ("newer", 0, 1),
        ]
        assert not found.undocumented_fields

    def test_fields_never_seen_are_no_drift(self) -> None:
        found = drift(event("course_created", course_id="1", name=None))
        assert [field.pointer for field in found.never_seen if field.event_name] == [
            f"/body/{name}"
            for name in ("uuid", "account_id", "account_uuid", "created_at", "updated_at", "workflow_state")
        ]
        assert "/metadata/user_id" not in {field.pointer for field in found.never_seen}
        assert "/metadata/job_id" in {field.pointer for field in found.never_seen}
        assert not found.found

    def test_a_field_of_the_envelope_counts_under_either_name_of_it(self) -> None:
        self_hosted = {"attributes": {**EXAMPLE["metadata"], "job_id": "1"}, "body": EXAMPLE["body"]}
        assert not [field for field in drift(EXAMPLE, self_hosted).never_seen if field.pointer.endswith("/job_id")]

    def test_a_field_that_the_schema_forbids_is_undocumented(self, tmp_path: Path) -> None:
        (tmp_path / "closed.json").write_text('{"properties": {"a": {}}, "additionalProperties": false}')
        catalog = load_catalog(bodies=[f"e={tmp_path / 'closed.json'}"])
        checker = compile_checker(ValidationSpec(catalog, "jsonschema-rs"))
        found = compare_seen(observe_records(checker, [record(event("e", a=1, b=2))]), catalog)
        assert [field.pointer for field in found.undocumented_fields] == ["/body/b"]

    def test_what_is_no_event_is_counted(self) -> None:
        items = [record(5), Malformed(1, b"{", ""), WrapperFault(1, b"{}", "wrapper", ""), record(EXAMPLE)]
        found = compare_seen(observe_records(CHECKER, items), load_catalog())
        assert (found.events, found.invalid, found.malformed, found.event_types) == (4, 2, 1, {RETRY: 1})


@pytest.mark.parametrize("name", ["mixed.ndjson", "mistakes.ndjson", "retries.ndjson"])
def test_it_knows_what_validate_notes(name: str) -> None:
    sample = HERE.parent / "samples" / name
    notes = validate(sample)
    total = DriftReport()
    for part in drift_parts(Events(locate([str(sample)])), validation_spec()):
        total.merge(part)
    found = compare_seen(total, load_catalog())
    fields = {f"{field.event_name} {field.pointer}": field.count for field in found.undocumented_fields}
    assert fields == notes.undocumented_fields
    assert {new.event_name: new.count for new in found.new_events} == notes.undocumented_events
    assert (found.events, found.invalid, found.malformed) == (notes.events, notes.invalid, notes.malformed)


def test_deep_values_are_no_problem() -> None:
    deep: Any = 1
    for _ in range(900):
        deep = [deep]
    (field,) = drift(event(extra=deep)).undocumented_fields
    assert field.types == {"array": 1}


bodies = st.dictionaries(
    st.sampled_from(["status", "domain", "extra", "nested"]),
    st.recursive(
        st.none() | st.integers() | st.sampled_from([0.5, 2.0]) | st.text(max_size=2),
        lambda below: st.lists(below, max_size=2) | st.dictionaries(st.sampled_from("ab"), below, max_size=2),
        max_leaves=3,
    ),
)
times = st.sampled_from(["2024-09-03T14:05:11Z", "2024-09-03T14:05:11.5+01:00", "never"])
events = st.builds(
    lambda name, time, body: event(name, time, **body), st.sampled_from([RETRY, "new", ""]), times, bodies
)


@given(values=st.lists(events, max_size=6), cuts=st.lists(st.integers(0, 6), max_size=3), left=st.booleans())
def test_any_cut_and_grouping_gives_the_same(values: list[Any], cuts: list[int], left: bool) -> None:
    values = [*values, *values]  # so that some are made alike
    bounds = [0, *sorted(min(cut, len(values)) for cut in cuts), len(values)]
    parts = [observed(*values[start:end]) for start, end in pairwise(bounds)]
    if left:
        merged = reduce(lambda done, part: done.merge(part), parts, DriftReport())
    else:
        merged = reduce(lambda later, part: part.merge(later), reversed(parts), DriftReport())
    serial = observed(*values)
    assert pickle.loads(pickle.dumps(merged)) == merged == serial
    by_themselves = reduce(lambda done, value: done.merge(observed(value)), values, DriftReport())
    assert by_themselves == serial
    assert compare_seen(merged, load_catalog()) == compare_seen(serial, load_catalog())
    told = [compare_seen(report, load_catalog(), with_examples=True).to_dict() for report in (by_themselves, serial)]
    assert json.dumps(told[0]) == json.dumps(told[1]), "in the same order, too"
