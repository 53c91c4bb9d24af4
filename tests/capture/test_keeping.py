"""What is counted, told and written down of what arrives."""

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from receivers import event

from canvas_events_cli import validate
from canvas_events_cli.capture import keeping
from canvas_events_cli.capture.arrival import examine
from canvas_events_cli.capture.files import EventFiles, Kept
from canvas_events_cli.capture.keeping import Ending, Keeper, Unwritten
from canvas_events_cli.errors import CeventsError, ClosedPipe
from canvas_events_cli.model import Finding
from canvas_events_cli.running.reading import ReadOptions
from canvas_events_cli.streaming import validation_spec
from canvas_events_cli.validation import ENGINES, Engine, compile_checker

INVALID = json.dumps(json.loads(event(1)) | {"body": {}}).encode()


def figures(path: Path) -> dict[str, float]:
    """Return the values in a file of metrics, by name and labels."""
    lines = [line.removeprefix("cevents_capture_").split() for line in path.read_text().splitlines() if line[0] != "#"]
    return {name: float(value) for name, value in lines}


def test_figures_and_findings(tmp_path: Path) -> None:
    findings: list[Finding] = []
    keeper = Keeper(
        EventFiles(tmp_path / "events"),
        Ending(),
        tell=pytest.fail,
        show=findings.extend,
        checker=compile_checker(validation_spec()),
        metrics=tmp_path / "capture.prom",
    )
    assert figures(tmp_path / "capture.prom")["events_total"] == 0
    wrapped = json.dumps({"MessageId": "a", "Body": event(2).decode(), "Attributes": {}}).encode()
    empty = json.dumps({"MessageId": "a", "Body": "", "Attributes": {}}).encode()
    for body in (event(1), INVALID, b"no JSON", event(2), wrapped, b'{"metadata": {}, "body": {}}', empty):
        keeper.keep(keeper.examine(body)).result()
    keeper.close()
    found = figures(tmp_path / "capture.prom")
    assert {name: found[name] for name in found if name.endswith(("_total", "}"))} == {
        "messages_total": 7,
        "events_total": 6,
        "malformed_total": 1,
        "redelivered_total": 1,
        'invalid_total{kind="body"}': 1,
        'invalid_total{kind="envelope"}': 2,
    }
    assert found["last_kept_timestamp_seconds"] - found["last_event_timestamp_seconds"] == pytest.approx(
        found["lag_seconds"], abs=60
    )
    assert sorted({(finding.line, finding.kind) for finding in findings}) == [
        (2, "body"),
        (3, "malformed"),
        (6, "envelope"),
        (7, "envelope"),
    ]
    assert "line 3" in next(finding.message for finding in findings if finding.kind == "malformed")
    assert {Path(finding.source).parent for finding in findings} == {tmp_path / "events"}
    assert {path.name for path in tmp_path.iterdir()} == {"capture.prom", "events"}


PIECES = st.sampled_from(
    [
        b'{"a":',
        b"[",
        b"]",
        b"}",
        b"1",
        b",",
        b'"x',
        b'"',
        b" ",
        b"no JSON",
        b"{}",
        b"\n",
        b"\xef\xbb\xbf",
        b"\x1e",
        event(1),
    ]
)


@given(st.lists(st.lists(PIECES, max_size=4).map(b"".join), max_size=5))
@example([b'{"a": [1,', b"2]}"])
@example([b"[", event(1), b"]"])
@example([b'{"a": "', event(1), b'"}'])
@settings(max_examples=40)
def test_messages_are_counted_as_the_file_of_them_is(bodies: list[bytes]) -> None:
    arrived = [examine(body, None, ReadOptions()) for body in bodies]
    report = validate([b"".join(each.line for each in arrived)])
    assert report.malformed == sum(each.malformed for each in arrived)
    assert report.events == sum(each.events + each.malformed for each in arrived)


@pytest.mark.parametrize("engine", ENGINES)
def test_threads_share_a_checker(engine: Engine) -> None:
    keeper = Keeper(BrokenPlace(), Ending(), pytest.fail, checker=compile_checker(validation_spec(engine=engine)))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(keeper.examine, [event(1), INVALID, b"no JSON", b"{}"] * 50))
    keeper.close()
    shown = [arrived.report and arrived.report.document() for arrived in found]
    assert shown == shown[:4] * 50


def test_metrics_that_cannot_be_written_are_an_error(tmp_path: Path) -> None:
    metrics = tmp_path / "missing" / "capture.prom"
    with pytest.raises(CeventsError, match="--metrics"):
        Keeper(EventFiles(tmp_path / "events"), Ending(), pytest.fail, metrics=metrics)


def test_those_that_wait_share_one_fsync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    keeper = Keeper(EventFiles(tmp_path), Ending(), pytest.fail)
    arrived = [keeper.examine(event(number)) for number in range(500)]
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (synced.append(descriptor), sync(descriptor)))
    for future in [keeper.keep(each) for each in arrived]:
        future.result()
    keeper.close()
    assert len(synced) < 100


class BrokenPlace:
    def __init__(self, *errors: BaseException) -> None:
        self._errors = list(errors)

    def keep(self, lines: Sequence[bytes]) -> Kept:
        if self._errors:
            raise self._errors.pop(0)
        return Kept("", 1)

    def close(self) -> None:
        pass


def test_trouble_is_told_once_and_so_is_its_end() -> None:
    said: list[str] = []
    full = [OSError(28, "No space left on device") for _ in range(4)]
    keeper = Keeper(BrokenPlace(*full), Ending(), said.append)
    for _ in full:
        with pytest.raises(Unwritten):
            keeper.keep(keeper.examine(b"{}")).result()
    keeper.keep(keeper.examine(b"{}")).result()
    keeper.close()
    assert said == [
        "cannot write: No space left on device: nothing is confirmed or deleted until that works again",
        "writing again",
    ]


def test_trouble_with_metrics_is_told_once_and_so_is_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "_METRICS_SECONDS", 0)
    folder = tmp_path / "metrics"
    folder.mkdir()
    said: list[str] = []
    keeper = Keeper(BrokenPlace(), Ending(), said.append, metrics=folder / "capture.prom")

    def arrive() -> None:
        for _ in range(3):
            keeper.keep(keeper.examine(b"{}")).result()

    folder.rename(tmp_path / "away")
    arrive()
    (tmp_path / "away").rename(folder)
    arrive()
    keeper.close()
    assert [text.partition(" ")[0] for text in said] == ["--metrics", "writing"]


@pytest.mark.parametrize("error", [ClosedPipe(), CeventsError("gone"), RuntimeError("a bug")])
def test_what_does_not_pass_ends_it(error: Exception) -> None:
    ending = Ending()
    keeper = Keeper(BrokenPlace(error), ending, pytest.fail)
    arrived = keeper.examine(b"{}")
    for future in (keeper.keep(arrived), keeper.keep(arrived)):
        with pytest.raises(Unwritten):
            future.result()
    keeper.close()
    assert ending.is_set()
    assert ending.error is error


def test_the_limit_counts_what_was_reserved() -> None:
    ending = Ending()
    keeper = Keeper(BrokenPlace(), ending, pytest.fail, limit=12)
    assert [keeper.reserve(10) for _ in range(3)] == [10, 2, 0]
    keeper.give_back(1)
    assert keeper.reserve(10) == 1
    for _ in range(12):
        assert not ending.is_set()
        keeper.keep(keeper.examine(b"{}")).result()
    keeper.close()
    assert ending.is_set()
