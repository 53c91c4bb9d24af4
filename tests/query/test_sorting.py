"""Events in the order of their instants, however many runs they wait in."""

from collections.abc import Iterator
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st
from memory import kept

from canvas_events_cli.model import Record, Wrapping
from canvas_events_cli.parse import parse
from canvas_events_cli.query import sorting
from canvas_events_cli.query.sorting import spooled
from canvas_events_cli.query.work import SelectedBlock
from canvas_events_cli.timestamps import LATEST, order_keys, parse_instant

Block = SelectedBlock[bytes]

TIMES = st.sampled_from(
    [
        *(
            f"2024-07-30T19:04:{second}.{digits}Z"
            for second in (34, 35)
            for digits in ("1", "1234567", "12345670", "2")
        ),
        "2024-07-30T21:04:35.12345671+02:00",
        "1969-12-31T23:59:59.99999999Z",
        "1969-12-31T23:59:60Z",
        "2024-07-30T19:04:35." + "1" * 5000 + "Z",
        None,
        "soon",
        5,
    ]
)


@given(st.lists(TIMES))
def test_keys_order_as_instants(times: list[object]) -> None:
    instants = [parse_instant(time) or LATEST for time in times]
    keys = order_keys(times)
    for key, instant in zip(keys, instants, strict=True):
        assert [key < other for other in keys] == [instant < other for other in instants]


@given(
    st.lists(st.lists(st.tuples(TIMES, st.binary(max_size=9)))),
    st.tuples(st.integers(1, 2000), st.integers(1, 4), st.integers(1, 40)),
    st.booleans(),
)
def test_runs_are_merged_in_order(
    found: list[list[tuple[object, bytes]]], sizes: tuple[int, int, int], as_lines: bool
) -> None:
    """Ties in the order of arrival; of each event its source and line, unless these do not matter."""
    parts: list[Block] = []
    for number, events in enumerate(found):
        times, texts = ([event[at] for event in events] for at in (0, 1))
        parts.append(SelectedBlock(source=str(number), lines=[*range(len(events))], records=texts))
        parts[-1].keys = [*order_keys(times)]
    events = [event for part in parts for event in zip(part.keys, part.lines, part.records, strict=True)]
    sources = [part.source for part in parts for _ in part.lines]
    order = sorted(range(len(events)), key=lambda number: events[number][0])
    run_bytes, page_events, merged_bytes = sizes
    with (
        patch.object(sorting, "_RUN_BYTES", run_bytes),
        patch.object(sorting, "_PAGE_EVENTS", page_events),
        patch.object(sorting, "_MERGED_BYTES", merged_bytes),
    ):
        blocks = [*spooled(parts, as_lines=as_lines)]
    assert [block.records for block in blocks[: len(parts)]] == [[]] * len(parts)
    got = [
        (block.source, line, text) for block in blocks for line, text in zip(block.lines, block.records, strict=True)
    ]
    if as_lines:
        assert [text for _, _, text in got] == [events[number][2] for number in order]
    else:
        assert got == [(sources[number], *events[number][1:]) for number in order]


def test_records_that_wait_may_be_nested_deeply() -> None:
    deep = b"[" * 1000 + b"]" * 1000
    record = Record(3, b'{"x":%b}' % deep, {"x": parse(deep)}, False)
    sent = record._replace(wrapping=Wrapping("Caliper", b"{}", envelope={"more": parse(deep)}))
    for item in (record, sent):
        _, block = spooled([SelectedBlock(lines=[3], records=[item], keys=[0])])
        (found,) = block.records
        assert (found[:2], [*found.value]) == ((3, record.raw), ["x"])


def test_events_that_wait_are_not_held_nor_are_their_keys() -> None:
    def parts() -> Iterator[Block]:
        for number in range(100):
            keys = [number - 997 * row for row in range(1000)]
            yield SelectedBlock(lines=[0] * 1000, records=[b"%1000d" % key for key in keys], keys=keys)

    with patch.object(sorting, "_RUN_BYTES", 1024 * 1024):
        waiting = spooled(parts(), as_lines=True)

        def read() -> int:
            return sum(next(waiting).matched for _ in range(101))

        first, size = kept(read)
        assert 0 < first < 100_000
        assert size < 16 * 1024 * 1024
        assert first + sum(block.matched for block in waiting) == 100_000
