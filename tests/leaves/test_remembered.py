"""What is kept in mind is what would be made anew, of so many values at most."""

from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.remembered import Remembered


@given(st.lists(st.text("ab", max_size=3)))
def test_it_gives_what_is_made_and_forgets(keys: list[str]) -> None:
    known = Remembered[str, str](str.upper, most=2, longest=2)
    for key in keys:
        assert known[key] == key.upper()
        assert len(known) <= 2
        assert all(len(kept) <= 2 for kept in known)


def test_what_is_asked_for_again_stays() -> None:
    made: list[int] = []
    known = Remembered[int, None](made.append, most=2)
    for number in range(20):
        assert known[-1] is known[number] is None
    assert made.count(-1) == 1
