"""A report is the same whether events are judged by their types or checked one by one."""

import json
from collections import Counter
from typing import Any

import orjson
import pytest
from event_streams import JUNK, RECORDS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wrong_events import CATALOG, EVENTS, EXAMPLE, wrong_events

from canvas_events_cli.framing.fast import batches
from canvas_events_cli.framing.fast.batches import in_batches
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.validation import EventChecker, ValidationSpec
from canvas_events_cli.validation import work as validate
from canvas_events_cli.validation.fast import judging, verdicts
from canvas_events_cli.validation.findings import Judged
from canvas_events_cli.validation.report import ReportOptions, ValidationReport
from canvas_events_cli.validation.work import ValidationWork

LINES = [orjson.dumps(event) for event in EVENTS]
STREAMS = st.lists(
    st.one_of(
        *(st.sampled_from(LINES), st.sampled_from(LINES), wrong_events().map(orjson.dumps)),
        *(RECORDS.map(str.encode), JUNK.map(str.encode)),
    ),
    max_size=12,
)

EVERYTHING = ReportOptions(kinds=True, by_source=True)
KNOWN = frozenset({("outcomes.retry_outcome_alignment_clone", "/body/status", "required"), ("(none)", "", "json")})


def report_of(data: bytes, piece: int, options: ReportOptions = EVERYTHING) -> ValidationReport:
    compiled = ValidationWork(ValidationSpec(CATALOG, "jsonschema-rs"), options).compile()
    assert compiled.fast is not None
    fast = compiled.fast()
    assert fast is not None
    framer = Framer(10_000)
    total = ValidationReport()
    for start in range(0, len(data), piece):
        block = data[start : start + piece]
        items = fast.read(in_batches(framer, block)) if len(block) >= fast.least_bytes else framer.feed(block)
        total.merge(compiled.report("capture", items), 100)
    total.merge(compiled.report("capture", framer.finish()), 100)
    return total


@settings(suppress_health_check=list(HealthCheck))
@given(lines=STREAMS, ending=st.sampled_from([b"\n", b"\r\n"]), piece=st.sampled_from([50, 700, 100_000]))
def test_reports_are_the_same(lines: list[bytes], ending: bytes, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = ending.join(lines)
    with monkeypatch.context() as patch:
        patch.setattr(judging, "LEAST_BLOCK_BYTES", 0)
        ways = (EVERYTHING, EVERYTHING._replace(baseline=KNOWN, max_findings=2), EVERYTHING._replace(learns=True))
        fast = [report_of(data, piece, options) for options in ways]
        patch.setattr(judging, "LEAST_BLOCK_BYTES", len(data) + 1)
        assert fast == [report_of(data, piece, options) for options in ways]
    assert all(report.failing >= report.malformed for report in fast)


def changed(part: str, fields: dict[str, Any], *gone: str) -> bytes:
    event = json.loads(orjson.dumps(EXAMPLE))
    event[part] = {name: value for name, value in (event[part] | fields).items() if name not in gone}
    return orjson.dumps(event)


CHANGED = {
    "null": changed("body", {"status": None}),
    "boolean": changed("body", {"status": True}),
    "integer": changed("body", {"status": 7}),
    "missing": changed("body", {}, "status"),
    "missing in the envelope": changed("metadata", {}, "event_time"),
    "boolean id": changed("metadata", {"user_id": False}),
    "letters": changed("metadata", {"user_id": "me"}),
    "no time": changed("metadata", {"event_time": "yesterday"}),
    "no T": changed("metadata", {"event_time": "2024-07-30 19:04:35Z"}),
    "no offset": changed("metadata", {"event_time": "2024-07-30T19:04:35"}),
    "empty": changed("body", {"new_course_uuid": ""}),
    "undocumented": changed("body", {"new": "x"}),
    "undocumented, twice": changed("metadata", {"new": None, "newer": 1.5}),
    "misspelt": changed("body", {"statusd": "1"}, "status"),
    "undocumented beside a mistake": changed("metadata", {"new": 1, "event_time": None}),
}
"""Events with a fault of which a type can be made, and by what it is."""
SEVERAL = changed("body", {"original_course_uuid": None, "new": 1, "new_course_uuid": 3}, "status")
FAULTY = st.sampled_from([*CHANGED.values(), SEVERAL, changed("body", {'odd"name': 1.5})])


@settings(suppress_health_check=list(HealthCheck))
@given(
    pool=st.lists(st.one_of(FAULTY, wrong_events().map(orjson.dumps)), min_size=1, max_size=3),
    picks=st.lists(st.integers(0, 3), min_size=6, max_size=40),
    batch=st.sampled_from([4_000, 100_000]),
    options=st.sampled_from([EVERYTHING, ReportOptions(max_findings=3), ReportOptions(fail_fast=True)]),
)
def test_faults_that_recur_are_told_of_as_before(
    pool: list[bytes],
    picks: list[int],
    batch: int,
    options: ReportOptions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = [LINES[0], *pool]
    data = b"\n".join(lines[pick % len(lines)] for pick in picks) + b"\n"
    with monkeypatch.context() as patch:
        patch.setattr(judging, "LEAST_BLOCK_BYTES", 0)
        patch.setattr(batches, "_BATCH_BYTES", batch)
        fast = report_of(data, 100_000, options)
        patch.setattr(judging, "LEAST_BLOCK_BYTES", len(data) + 1)
        assert fast == report_of(data, 100_000, options)


@pytest.mark.parametrize("line", CHANGED.values(), ids=CHANGED)
def test_a_fault_that_recurs_is_learned(line: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    examined = []
    original = EventChecker.check
    monkeypatch.setattr(EventChecker, "check", lambda *record: examined.append(record) or original(*record))
    monkeypatch.setattr(judging, "LEAST_BLOCK_BYTES", 0)
    for module in (judging, verdicts):
        monkeypatch.setattr(module, "PAUSE", 0)
    monkeypatch.setattr(batches, "_BATCH_BYTES", 4_000)
    report = report_of((line + b"\n") * 50, 100_000)
    assert report.events == 50
    assert len(examined) == 3


def test_several_faults_are_learned_once_their_order_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    examined = []
    original = EventChecker.check
    monkeypatch.setattr(EventChecker, "check", lambda *record: examined.append(record) or original(*record))
    monkeypatch.setattr(judging, "LEAST_BLOCK_BYTES", 0)
    for module in (judging, verdicts):
        monkeypatch.setattr(module, "PAUSE", 0)
    monkeypatch.setattr(batches, "_BATCH_BYTES", 4_000)
    report = report_of((SEVERAL + b"\n") * 50, 100_000, ReportOptions(max_findings=6))
    assert (report.invalid, report.findings_total, len(report.findings)) == (50, 150, 6)
    assert len(examined) < 10


def test_valid_events_are_not_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: Counter[str] = Counter()
    original = validate.validate_records

    def count(checker: Any, source: str, framed: Any, **how: Any) -> ValidationReport:
        items = list(framed)
        checked["records"] += sum(type(item) is not Judged for item in items)
        return original(checker, source, items, **how)

    monkeypatch.setattr(validate, "validate_records", count)
    monkeypatch.setattr(judging, "LEAST_BLOCK_BYTES", 0)
    report = report_of(b"\n".join([LINES[0]] * 50) + b"\n", 100_000)
    assert (report.valid, checked["records"]) == (50, 0)


@pytest.mark.parametrize("data", [b'[1,"x",null,{},[],1.5,true]\n', b'1\n{}\nx\n"x"\n[[]]\nnull\n2\n'])
def test_values_that_are_no_events_count_whether_their_findings_are_kept_or_not(data: bytes) -> None:
    every, few = (
        report_of(data, 100_000, ReportOptions(kinds=True, by_source=True, max_findings=most)) for most in (0, 1)
    )
    assert len(few.findings) < every.findings_total == len(every.findings)
    few.findings = every.findings
    assert few == every
