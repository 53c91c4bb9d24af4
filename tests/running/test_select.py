"""Selecting from a stream: the fast way equals the plain one, and the selection partitions the input."""

from pathlib import Path

import pytest
from event_streams import STREAMS
from hypothesis import example, given
from hypothesis import strategies as st

from canvas_events_cli.framing.fast import WITHOUT_FAST_PATHS
from canvas_events_cli.model import Record
from canvas_events_cli.query.arranging import select_blocks
from canvas_events_cli.query.expressions import parse_condition
from canvas_events_cli.query.fast import typed_events
from canvas_events_cli.query.selection import Selection
from canvas_events_cli.query.work import SelectedBlock, SelectOptions, SelectWork
from canvas_events_cli.sources import blocks
from canvas_events_cli.sources.source import Source

WHERE = st.lists(
    st.sampled_from(
        [
            "status=ok",
            "body.status = bad",
            "status ~ A.",
            "body",
            "status != ok",
            "!status",
            "event_name=e",
            "score=1.1",
        ]
    ),
    max_size=2,
)


def as_it_is(record: Record) -> Record:
    return record


def selected(
    stream: bytes, selection: Selection, *, fast: bool, block_bytes: int, folder: Path
) -> SelectedBlock[Record]:
    path = folder / "stream"
    path.write_bytes(stream)
    whole: SelectedBlock[Record] = SelectedBlock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_BYTES", block_bytes)
        patch.setattr(typed_events, "LEAST_BATCHES", 0)
        patch.setenv(WITHOUT_FAST_PATHS, "" if fast else "1")
        work = SelectWork(selection, SelectOptions(), as_it_is)
        for part in select_blocks([Source("stream", path)], work):
            whole.records += part.records
            whole.rejects += part.rejects
    return whole


@given(STREAMS, WHERE, st.booleans(), st.integers(20, 4000))
@example(b"{", ["status=ok"], False, 20)
def test_the_fast_way_is_the_plain_way(
    tmp_path_factory: pytest.TempPathFactory, stream: bytes, where: list[str], any_where: bool, block_bytes: int
) -> None:
    selection = Selection(where=tuple(map(parse_condition, where)), any_where=any_where)
    folder = tmp_path_factory.getbasetemp()
    plain = selected(stream, selection, fast=False, block_bytes=1 << 20, folder=folder)
    fast = selected(stream, selection, fast=True, block_bytes=block_bytes, folder=folder)
    assert fast.records == plain.records
    assert fast.rejects == plain.rejects


@given(STREAMS, WHERE)
def test_a_selection_and_its_inverse_partition_the_input(
    tmp_path_factory: pytest.TempPathFactory, stream: bytes, where: list[str]
) -> None:
    conditions = tuple(map(parse_condition, where))
    folder = tmp_path_factory.getbasetemp()

    def run(selection: Selection) -> SelectedBlock[Record]:
        return selected(stream, selection, fast=False, block_bytes=1 << 20, folder=folder)

    everything, some, others = run(Selection()), run(Selection(conditions)), run(Selection(conditions, invert=True))
    assert sorted(map(_identity, some.records + others.records)) == sorted(map(_identity, everything.records))
    assert some.rejects == others.rejects == everything.rejects


def _identity(record: Record) -> tuple[int, bytes]:
    return record.line, record.raw
