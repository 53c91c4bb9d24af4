"""Any number of jobs gives the same answer, wherever sources are cut."""

import gzip
import pickle
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from event_streams import RECORDS, STREAMS
from hypothesis import example, given
from hypothesis import strategies as st
from mixed_lines import ARRAYS, PARTS, mixed

from canvas_events_cli.drifting.report import DriftReport
from canvas_events_cli.query.about import About
from canvas_events_cli.query.expressions import parse_condition
from canvas_events_cli.query.selection import Selection
from canvas_events_cli.query.work import SelectedBlock, SelectOptions
from canvas_events_cli.rendering.event_bytes import Enclosed, enclosed
from canvas_events_cli.rendering.show import BlockForm
from canvas_events_cli.running import pool, runner
from canvas_events_cli.running.reading import ReadOptions, RunOptions
from canvas_events_cli.sources import blocks, chunks
from canvas_events_cli.sources.locate import locate
from canvas_events_cli.sources.source import Source, SourceError
from canvas_events_cli.streaming import (
    Events,
    drift_parts,
    scrub_parts,
    scrub_spec,
    select_parts,
    summarize_parts,
    validate_parts,
    validation_spec,
)
from canvas_events_cli.summary.figures import figures
from canvas_events_cli.summary.report import SummaryReport
from canvas_events_cli.validation.report import ReportOptions, ValidationReport


class PoolHere:
    """A pool whose tasks are done in this process, each when its result is asked for."""

    room = 3

    def __init__(self, prepare: Callable[[], Callable[[Any], Any]], jobs: int) -> None:
        self._work = pickle.loads(pickle.dumps(prepare))()
        self._tasks: list[bytes] = []

    def __enter__(self) -> "PoolHere":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def submit(self, task: object) -> int:
        self._tasks.append(pickle.dumps(task))
        return len(self._tasks) - 1

    def result(self, ticket: int) -> object:
        return pickle.loads(pickle.dumps(self._work(pickle.loads(self._tasks[ticket]))))


@pytest.fixture(autouse=True)
def _pool_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "Pool", PoolHere)
    monkeypatch.setattr(runner, "LEAST_BYTES", 1)


SPEC = validation_spec()
READING = ReadOptions(max_record_bytes=600)
INPUT = st.builds(
    lambda parts, ends, mark: mark + b"".join(part + end for part, end in zip(parts, ends, strict=False)),
    st.lists(
        st.one_of(
            STREAMS, mixed(*PARTS, ARRAYS), RECORDS.map(str.encode), st.just(b'{"pad": "' + b"\xc3\xa9" * 200 + b'"}')
        ),
        max_size=4,
    ),
    st.lists(st.sampled_from([b"\n", b"\r\n", b"\x1e", b"", b"\n\n"]), min_size=8),
    st.sampled_from([b"", b"", b"\xef\xbb\xbf"]),
)
"""Streams one after another, some of them with a record that is longer than most chunks, or than the limit."""


def events(sources: list[Source | SourceError], jobs: int, selection: Selection | None) -> Events:
    return Events(sources, replace(selection, spec=SPEC) if selection is not None else None, RunOptions(READING, jobs))


def sources_of(data: bytes, folder: Path) -> list[Source | SourceError]:
    """Return files that hold *data*: plain, compressed, and compressed but cut off; and one that is not there."""
    packed = gzip.compress(data, mtime=0)
    for name, content in {"plain": data, "packed": packed, "cut off": packed[:-9]}.items():
        (folder / name).write_bytes(content)
    return list(locate([str(folder / name) for name in ("plain", "absent", "packed", "cut off", "plain")]))


def assert_same(run: Callable[[int], object], chunk_bytes: int) -> None:
    """Hold *run* with two jobs to *run* with one, where files are cut after some *chunk_bytes*."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "CHUNK_BYTES", chunk_bytes)
        patch.setattr(chunks, "TASK_BYTES", chunk_bytes * 3)
        patch.setattr(chunks, "STREAM_CHUNK_BYTES", chunk_bytes)
        patch.setattr(runner, "_MOST_BYTES", chunk_bytes * 2)
        patch.setattr(blocks, "BLOCK_BYTES", chunk_bytes // 3 + 1)
        assert run(2) == run(1)


SELECTIONS = st.sampled_from(
    [
        None,
        Selection(where=(parse_condition("status=ok"),)),
        Selection(about=(About("course", "1"),), invert=True),
    ]
)


@given(INPUT, st.integers(1, 2000), st.sampled_from([0, 3]), st.booleans(), SELECTIONS)
@example(b'{"a":\n1}\n' * 20, 10, 0, False, None)
@example(b"[" + b'{"a": 1},\n' * 20 + b"{}]\n5\n", 30, 0, False, None)
def test_validate(
    tmp_path_factory: pytest.TempPathFactory,
    data: bytes,
    chunk_bytes: int,
    most: int,
    fail_fast: bool,
    selection: Selection | None,
) -> None:
    sources = sources_of(data, tmp_path_factory.getbasetemp())
    options = ReportOptions(max_findings=most, kinds=True, fail_fast=fail_fast)

    def run(jobs: int) -> object:
        total = ValidationReport()
        for part in validate_parts(events(sources, jobs, selection), SPEC, options):
            total.merge(part, most)
        return asdict(total)

    assert_same(run, chunk_bytes)


OPTIONS = st.builds(
    SelectOptions,
    unique=st.booleans(),
    sort=st.booleans(),
    limit=st.none() | st.integers(0, 5),
)
WHERE = st.sampled_from([(), ("status=ok",), ("status ~ A.",), ("status != bad",)])


@given(INPUT, st.integers(1, 2000), OPTIONS, WHERE)
def test_filter(
    tmp_path_factory: pytest.TempPathFactory,
    data: bytes,
    chunk_bytes: int,
    options: SelectOptions,
    where: tuple[str, ...],
) -> None:
    sources = sources_of(data, tmp_path_factory.getbasetemp())
    selection = Selection(where=tuple(map(parse_condition, where)))

    def run(jobs: int) -> object:
        total: SelectedBlock[Enclosed] = SelectedBlock()
        for block in select_parts(events(sources, jobs, selection), options, enclosed):
            total.lines += block.lines
            total.records += block.records
            total.rejects += block.rejects
            total.merge(block)
        return total

    assert_same(run, chunk_bytes)


@given(INPUT, st.integers(1, 2000), st.none() | st.integers(0, 5), st.booleans(), SELECTIONS)
def test_show(
    tmp_path_factory: pytest.TempPathFactory,
    data: bytes,
    chunk_bytes: int,
    limit: int | None,
    unique: bool,
    selection: Selection | None,
) -> None:
    sources = sources_of(data, tmp_path_factory.getbasetemp())
    form = BlockForm(SPEC, None, 80)
    options = SelectOptions(unique=unique, limit=limit, malformed_too=selection is None)

    def run(jobs: int) -> list[object]:
        shown: list[object] = []
        for block in select_parts(events(sources, jobs, selection), options, form):
            shown += [(block.source, line, item) for line, item in zip(block.lines, block.records, strict=True)]
        return shown

    assert_same(run, chunk_bytes)
    if limit is not None:
        assert len(run(1)) <= limit


@given(INPUT, st.integers(1, 2000), SELECTIONS)
def test_summarize(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, chunk_bytes: int, selection: Selection | None
) -> None:
    sources = sources_of(data, tmp_path_factory.getbasetemp())

    def run(jobs: int) -> object:
        total = SummaryReport()
        for part in summarize_parts(events(sources, jobs, selection), ["status"]):
            total.merge(part)
        return figures(total, 0).to_dict(), total.failures, total.unverified, total.left_out

    assert_same(run, chunk_bytes)


@given(INPUT, st.integers(1, 2000), SELECTIONS)
@example(b"[" + b'{"a": 1},\n' * 20 + b"{}]\n", 30, None)
def test_drift(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, chunk_bytes: int, selection: Selection | None
) -> None:
    sources = sources_of(data, tmp_path_factory.getbasetemp())

    def run(jobs: int) -> object:
        total = DriftReport()
        for part in drift_parts(events(sources, jobs, selection), SPEC):
            total.merge(part)
        return total

    assert_same(run, chunk_bytes)


@given(INPUT, st.integers(1, 2000), SELECTIONS)
@example(b"[" + b'{"a": 1},\n' * 20 + b"{}]\n", 30, None)
@example(b"\n \n" + b'{"a":"b"}\n' * 20, 2, None)
def test_scrub(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, chunk_bytes: int, selection: Selection | None
) -> None:
    sources = sources_of(data, tmp_path_factory.getbasetemp())
    spec = scrub_spec(key="the same in every process")

    def run(jobs: int) -> object:
        parts = scrub_parts(events(sources, jobs, selection), spec)
        blocks = list(parts)
        records = b"".join(record for block in blocks for record in block.records)
        return (
            records,
            sum(len(block.rejects) for block in blocks),
            [block.failures for block in blocks if block.failures],
        )

    assert_same(run, chunk_bytes)
