"""How tables find room: what is left out, cut, folded, or goes below."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from canvas_events_cli.rendering.grid import column_widths, fit, grid_lines
from canvas_events_cli.rendering.styled import plain
from canvas_events_cli.rendering.tables import Column, Table

WIDTHS = {
    "all fit": ([1, 2], 80, [1, 1], [1, 2]),
    "the narrow keep theirs": ([1, 2, 90], 26, [1, 1, 1], [1, 2, 23]),
    "the wide share the rest": ([20, 50, 50], 60, [20, 3, 3], [20, 20, 20]),
    "what must not be cut comes first": ([50, 40], 60, [50, 3], [50, 10]),
    "no room at all": ([9, 9], 2, [3, 3], [3, 3]),
}


@pytest.mark.parametrize(("wanted", "room", "least", "expected"), WIDTHS.values(), ids=WIDTHS)
def test_column_widths(wanted, room, least, expected):
    assert column_widths(wanted, room, least) == expected


FITTING = {
    "short enough": ("abc", 3, "abc"),
    "text": ("abcdefgh", 6, "abc…gh"),
    "wide characters": ("世界世界", 6, "世…界"),
    "both ends tell": ("outcomes.retry_outcome_alignment_clone", 13, "outcomes…lone"),
    "after an id": ("user 2107~42, TeacherEnrollment", 29, "user 2107~42, Teach…nrollment"),
    "rather the first id than words": ("user 2107~42, TeacherEnrollment", 11, "…2107~42…"),
    "what follows the first id": ("user 2107~42, TeacherEnrollment", 15, "user 2107~42…nt"),
    "the only id": ("assignment 2107~5110", 12, "…2107~5110"),
    "no id is cut": ("user 2107~42, TeacherEnrollment", 8, "user…ent"),
    "nothing but an id": ("2107~5110", 5, "…"),
    "no room": ("abc", 1, "…"),
}


@pytest.mark.parametrize(("text", "width", "expected"), FITTING.values(), ids=FITTING)
def test_fitting(text, width, expected):
    assert fit(text, width) == expected


@given(st.text(st.sampled_from("ab 1~世é"), max_size=30), st.integers(1, 20))
def test_what_is_fitted_takes_no_more_than_it_may(text, width):
    assert cell_len(fit(text, width)) <= width


def lines(table, width):
    return [plain(line) for line in grid_lines(table, width)]


COLUMNS = (Column("n", "count"), Column("name", "name"), Column("first", "time", "first", spare=True), Column("about"))
LONG = "what there is to be said of it"
ROWS = [(1234, "x" * 20, "2024-07-30T19:04:35Z", LONG), (5, "y", None, "")]
GRIDS = {
    90: [
        "    n  name                  first                about",
        f"1,234  {'x' * 20}  2024-07-30 19:04:35  {LONG}",
        "    5  y                     -",
    ],
    62: ["    n  name                  about", f"1,234  {'x' * 20}  {LONG}", "    5  y"],
    40: ["    n  name", f"1,234  {'x' * 20}", f"    {LONG}", "    5  y"],
    20: ["    n", "1,234", f"    name {'x' * 20}", f"    {LONG}", "    5", "    name y"],
}


@pytest.mark.parametrize("width", GRIDS)
def test_a_grid(width):
    assert lines(Table(COLUMNS, ROWS), width) == GRIDS[width]


def test_the_last_column_is_folded_in_its_place():
    table = Table((Column("n", "count"), Column("about")), [(1, f"{LONG} {LONG}")])
    assert lines(table, 36) == ["n  about", f"1  {LONG}", f"   {LONG}"]


def test_first_and_last_stay_together():
    columns = (Column("n", "count"), Column("first", "time", "first"), Column("last", "time", "last"))
    table = Table(columns, [(1, "2024-07-30T19:04:35Z", "2024-07-30T19:04:36Z")])
    assert lines(table, 30) == ["n", "1", "    2024-07-30 19:04:35 to", "    2024-07-30 19:04:36"]


def test_addresses_are_never_cut():
    address = "https://school.example/courses/1/assignments/2"
    table = Table((Column("n", "count"), Column("assignment", "address")), [(1, address)])
    assert lines(table, 30) == ["n", "1", f"    {address}"]


@given(
    st.lists(st.tuples(st.integers(0, 10**9), st.text("ab c", max_size=60), st.text("de f", max_size=90)), min_size=1),
    st.integers(40, 120),
)
def test_a_grid_is_never_wider_than_the_terminal(rows, width):
    table = Table((Column("n", "count"), Column("name", "name"), Column("about")), rows)
    assert max(map(len, lines(table, width))) <= width
