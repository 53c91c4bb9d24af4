"""A line of several styles that is too long for a terminal goes on below."""

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from canvas_events_cli.rendering.styled import cells, folded, folded_pieces, plain


@given(
    st.lists(st.tuples(st.text("ab/?= é世", max_size=30), st.sampled_from(["", "dim"])), min_size=1), st.integers(8, 60)
)
def test_all_is_kept_and_fits(pieces, width):
    lines = [plain(line) for line in folded_pieces(pieces, width)]
    assert max(map(cells, lines)) <= width
    assert "".join("".join(lines).split()) == "".join(plain(pieces).split())


def test_what_goes_on_is_no_command():
    assert plain(folded_pieces([("twelve cells ::error::x", "")], 17)[1]) == r"    \x3a:error::x"


def test_an_address_that_fits_a_line_stands_whole():
    address = "https://learn.example.edu/courses/612/assignments/5110"
    assert folded(f"worst is {address}, retried", 56) == ["worst is", f"{address},", "retried"]
    assert folded(f"worst is {address}", 40) == ["worst is https://learn.example.edu/", "courses/612/assignments/5110"]


@given(st.lists(st.sampled_from(["a", "\u00e9", " ", "\xa0", "\u2026", "\u044f", "words"])), st.integers(1, 12))
def test_other_alphabets_are_folded_as_rich_does(parts, width):
    text = "".join([*parts, "\u00e9"])
    if cells(text) > width:
        lines = Text(text).wrap(Console(width=width), width, overflow="fold")
        assert folded(text, width) == [line.plain for line in lines]
