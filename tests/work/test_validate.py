"""A report is the same whether events are proven valid from their bytes or checked one by one."""

from collections import Counter
from typing import Any

import orjson
import pytest
from event_streams import JUNK, RECORDS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wrong_events import CATALOG, EVENTS, wrong_events

from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.reports import ValidationReport
from canvas_events_cli.validation import ValidationSpec
from canvas_events_cli.work import validate
from canvas_events_cli.work.validate import ReportOptions, ValidationWork

LINES = [orjson.dumps(event) for event in EVENTS]
STREAMS = st.lists(
    st.one_of(
        *(st.sampled_from(LINES), st.sampled_from(LINES), wrong_events().map(orjson.dumps)),
        *(RECORDS.map(str.encode), JUNK.map(str.encode)),
    ),
    max_size=12,
)


def report_of(data: bytes, piece: int) -> ValidationReport:
    part, feed = ValidationWork(ValidationSpec(CATALOG, "jsonschema-rs"), ReportOptions()).compile()
    framer = Framer(2000)
    total = ValidationReport()
    for start in range(0, len(data), piece):
        total.merge(part("capture", feed(framer, data[start : start + piece])), 100)
    total.merge(part("capture", framer.finish()), 100)
    return total


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=STREAMS, ending=st.sampled_from([b"\n", b"\r\n"]), piece=st.sampled_from([50, 700, 100_000]))
def test_reports_are_the_same(lines: list[bytes], ending: bytes, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = ending.join(lines)
    with monkeypatch.context() as patch:
        patch.setattr(validate, "LEAST_PROVEN_BYTES", 0)
        fast = report_of(data, piece)
        patch.setattr(validate, "LEAST_PROVEN_BYTES", len(data) + 1)
        assert fast == report_of(data, piece)


def test_valid_events_are_not_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: Counter[str] = Counter()
    original = validate.validate_records

    def count(checker: Any, source: str, framed: Any, options: ReportOptions) -> ValidationReport:
        items = list(framed)
        checked["records"] += len(items)
        return original(checker, source, items, options)

    monkeypatch.setattr(validate, "validate_records", count)
    monkeypatch.setattr(validate, "LEAST_PROVEN_BYTES", 0)
    report = report_of(b"\n".join([LINES[0]] * 50) + b"\n", 100_000)
    assert (report.valid, checked["records"]) == (50, 0)
