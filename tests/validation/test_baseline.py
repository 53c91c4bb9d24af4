"""Known findings: the file that lists their kinds, and what they change in a report."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Finding, Malformed
from canvas_events_cli.validation.baseline import baseline_text, kind_of, load_baseline
from canvas_events_cli.validation.findings import Verdict
from canvas_events_cli.validation.report import ReportOptions, ValidationReport

KINDS = st.frozensets(st.tuples(st.text(), st.text(), st.sampled_from(["type", "required", "json"])), max_size=5)


@given(KINDS)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, kinds: frozenset[tuple[str, str, str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "known.json"
    path.write_text(baseline_text(kinds), encoding="ascii")
    assert load_baseline(path) == kinds


def test_a_line_a_kind_in_order() -> None:
    lines = baseline_text([("b", "/body/x", "type"), ("a", "/body/y", "required")]).splitlines()
    assert [json.loads(line.rstrip(","))["event_name"] for line in lines if "event_name" in line] == ["a", "b"]
    assert json.loads(baseline_text([])) == {"cevents_baseline": 1, "findings": []}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"cevents_baseline": 1}', '{"cevents_baseline": 2, "findings": []}']
    + [f'{{"cevents_baseline": 1, "findings": {rows}}}' for rows in ("{}", "[1]", '[{"event_name": "a"}]')],
)
def test_what_is_no_baseline(text: str, tmp_path: Path) -> None:
    (tmp_path / "known.json").write_text(text)
    with pytest.raises(CeventsError, match="--update-baseline writes it anew"):
        load_baseline(tmp_path / "known.json")


@pytest.mark.parametrize(
    ("pointer", "kind"),
    [("/body/answers/3/id", "/body/answers/*/id"), ("/body/12", "/body/*"), ("/body/a1/2b", "/body/a1/2b"), ("", "")],
)
def test_elements_are_of_one_kind(pointer: str, kind: str) -> None:
    assert kind_of(finding(pointer)) == ("x", kind, "type")


def finding(pointer: str) -> Finding:
    return Finding("a.ndjson", 1, "x", "body", "type", pointer, "expected a string, got null")


def test_an_event_fails_for_what_is_not_known() -> None:
    options = ReportOptions(kinds=True, baseline=frozenset({("x", "/body/a", "type")}))
    report = ValidationReport()
    report.add("a.ndjson", Verdict("x", (finding("/body/a"),)), (1, 2), options)
    assert (report.invalid, report.failing, report.passed, report.findings_total) == (2, 0, True, 0)
    report.add("a.ndjson", Verdict("x", (finding("/body/a"), finding("/body/b"))), (3,), options)
    assert (report.invalid, report.failing, report.passed, report.findings_total) == (3, 1, False, 1)
    assert report.known == {("x", "/body/a", "type"): 3}
    assert report.kinds == {("x", "/body/b", "type"): (1, ("a.ndjson", 3), ("a.ndjson", 3))}


def test_kinds_know_where_they_were_first_and_last() -> None:
    options = ReportOptions(kinds=True)
    first, second, other = ValidationReport(), ValidationReport(), ValidationReport()
    first.add("a.ndjson", Verdict("x", (finding("/body/a"),)), (5, 2), options)
    second.add("a.ndjson", Verdict("x", (finding("/body/a"),)), (1,), options)
    second.shift(10)
    other.add("b.ndjson", Verdict("x", (finding("/body/a"),)), (7, 9), options)
    assert first.merge(second).merge(other).kinds == {("x", "/body/a", "type"): (5, ("a.ndjson", 2), ("b.ndjson", 9))}


@pytest.mark.parametrize(
    "options", [ReportOptions(learns=True), ReportOptions(baseline=frozenset({("(none)", "", "json")}))]
)
def test_no_baseline_takes_malformed_records(options: ReportOptions) -> None:
    report = ValidationReport()
    report.add_malformed(Malformed(1, b"<html>", "not JSON"))
    report.add_findings("a.ndjson", (Finding("a.ndjson", 1, None, "malformed", "json", "", "not JSON"),), (1,), options)
    assert (report.malformed, report.failing, report.findings_total, report.known) == (1, 1, 1, {})
