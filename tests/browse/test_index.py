"""Rows are what every command reads, in the same lines, wherever a segment begins."""

import bz2
import gzip
from contextlib import closing
from itertools import chain
from pathlib import Path

import pytest
from browse.looking import SAMPLES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mixed_lines import ARRAYS, PARTS, mixed

from canvas_events_cli.browsing import indexing
from canvas_events_cli.browsing.index import Batch, Index, Row, rows_in
from canvas_events_cli.browsing.indexing import SourceIndex, prepare_indexing
from canvas_events_cli.browsing.store import Place, Store
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.query.work import SelectOptions
from canvas_events_cli.running.reading import ReadOptions
from canvas_events_cli.sources.locate import locate
from canvas_events_cli.sources.source import Source
from canvas_events_cli.streaming import Events, as_it_is, select_parts

EVENT = (SAMPLES / "mixed.ndjson").read_bytes().splitlines()[0]


def selected(*arguments: object) -> list[tuple[str, Row]]:
    """Return what ``show`` shows."""
    blocks = select_parts(Events(locate([*map(str, arguments)])), SelectOptions(malformed_too=True), as_it_is)
    return [(block.source, row) for block in blocks for row in block.records]


def shown(rows: list[tuple[str, Row]]) -> list[tuple[str, int, bytes]]:
    return [(source, row.line, row.raw) for source, row in rows]


@pytest.fixture
def short_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "_SEGMENT_BYTES", 8)
    monkeypatch.setattr(indexing, "_STATE_BYTES", 30)


def indexed(store: Store, sources: list[Path]) -> Index:
    reading = ReadOptions()
    index = Index(store, reading)
    step = prepare_indexing(locate([*map(str, sources)]), reading, store, follow=False)
    while not (batch := step(None)).done:
        index.take(batch)
    index.take(batch)
    return index


def rows_of(index: Index) -> list[tuple[str, Row]]:
    return [(index.source_of(number), index.row(number)) for number in range(index.rows)]


@pytest.mark.parametrize(
    "content",
    [
        EVENT + b"\n" + EVENT,
        b"\xef\xbb\xbf" + EVENT + b"\n\n" + EVENT + b"\n",
        b"[" + b",".join([EVENT] * 9) + b"]",
        b"[\n" + b",\n".join([EVENT] * 9) + b"\n]\n" + EVENT,
        b'{"a": [\n' + b"1,\n" * 40 + b"1]}\n" + EVENT,
        b'{"Records": [' + b",".join([EVENT] * 3) + b"]}\n" + EVENT + b"\njunk\n{broken\n" + EVENT,
        b"{\n" + b"  broken,\n" * 30 + b"}\n" + EVENT,
        EVENT + EVENT + b" " + EVENT,
        b"",
    ],
)
@pytest.mark.usefixtures("short_segments")
def test_rows_are_those_that_are_shown(content: bytes, tmp_path: Path) -> None:
    paths = [tmp_path / "plain", tmp_path / "a.gz", tmp_path / "b.bz2"]
    for path, compress in zip(paths, [bytes, gzip.compress, bz2.compress], strict=True):
        path.write_bytes(compress(content))
    with closing(Store()) as store:
        index = indexed(store, paths)
        assert shown(rows_of(index)) == shown(selected(*paths))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mixed(*PARTS, ARRAYS), st.lists(st.integers(1, 60), max_size=30))
@pytest.mark.usefixtures("short_segments")
def test_rows_of_any_stream_in_pieces_of_any_size(stream: bytes, sizes: list[int]) -> None:
    store, reading = Store(), ReadOptions()
    index, place = Index(store, reading), Place(Source("stream"), None)
    source = SourceIndex(0, place, reading, store)
    index.take(Batch([place], [], []))
    total = len(stream)
    for size in [*sizes, total]:
        piece, stream = stream[:size], stream[size:]
        batch = Batch([], [], [])
        if piece:
            source.feed(piece, store.keep(piece), batch)
        if not stream:
            source.finish(batch)
        index.take(batch)
    whole = store.read(place, 0, total)
    framer = Framer()
    expected = rows_in(chain(framer.feed(whole), framer.finish()), reading)
    assert [index.row(number) for number in range(index.rows)] == expected
    store.close()
