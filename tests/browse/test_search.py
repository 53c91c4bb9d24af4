"""The list has what ``filter`` gives, in its order, however it is searched."""

from pathlib import Path

import pytest
from browse.looking import SAMPLES, SPEC, all_rows, looking_at, wait

from canvas_events_cli.browsing import indexing
from canvas_events_cli.browsing.search import Query
from canvas_events_cli.query.work import SelectOptions
from canvas_events_cli.running.pool import START_METHOD
from canvas_events_cli.same_event import event_name
from canvas_events_cli.sources.locate import locate
from canvas_events_cli.streaming import Events, as_it_is, choose, select_parts

QUERIES = [
    Query(),
    Query(where=("status = outcome_alignment_cloning",)),
    Query(where=("status != outcome_alignment_cloning",)),
    Query(where=("body.name",)),
    Query(about=("course:612",)),
    Query(events=("assignment_*", "*.retry_*")),
    Query(where=("no_such = 1",)),
]


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("method", ["", "spawn"])
def test_the_list_has_what_is_selected(method: str, plain: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "_SEGMENT_BYTES", 3000)
    monkeypatch.setenv(START_METHOD, method)
    if plain:
        monkeypatch.setenv("CEVENTS_WITHOUT_FAST_PATHS", "1")
    paths = sorted(SAMPLES.glob("*.*json"))
    with looking_at(*paths) as session:
        for query in QUERIES:
            session.show(query)
            options = SelectOptions(malformed_too=query == Query())
            blocks = select_parts(Events(locate([*map(str, paths)]), query.selection(SPEC)), options, as_it_is)
            selected = [(block.source, row) for block in blocks for row in block.records]
            assert all_rows(session) == selected


def test_a_query_looks_among_what_the_command_was_asked_for() -> None:
    choice = choose(events=["assignment_*"], spec=lambda: SPEC)
    with looking_at(SAMPLES / "mixed.ndjson", choice=choice) as session:
        assert {event_name(row.value) for _, row in all_rows(session)} == {"assignment_created", "assignment_updated"}
        session.show(Query(events=("logged_*",)))
        assert all_rows(session) == []
        session.show(Query(events=("logged_*",), among=False))
        assert len(all_rows(session)) == 2


def test_rows_that_come_later_are_found(tmp_path: Path) -> None:
    lines = (SAMPLES / "mixed.ndjson").read_bytes().splitlines(keepends=True)
    path = tmp_path / "grows.ndjson"
    path.write_bytes(lines[0] + lines[1][:50])
    with looking_at(path, follow=True) as session:
        session.show(Query(events=("*created",)))
        wait(lambda: len(session.listing) == 1)
        with path.open("ab") as file:
            file.write(lines[1][50:] + lines[2])
        wait(lambda: len(session.listing) == 3)
        assert [session.index.row(number).raw + b"\n" for number in range(3)] == lines[:3]
        path.write_bytes(lines[0])
        wait(lambda: session.told)
        assert session.told == [f"{path}: is shorter than it was; it is no longer followed"]
