"""What makes two values of one structure."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.structure import MOST_LEVELS, structure_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.sampled_from([0, 1, 0.0, 1.0, 0.5, "", "a"]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from("abc"), below, max_size=3),
    max_leaves=6,
)


def spelled(value: Any) -> str:
    """Return *value* with nothing in it but what its structure is made of."""
    if isinstance(value, dict):
        return f"{{{[(name, spelled(held)) for name, held in value.items()]}}}"
    if isinstance(value, list):
        return str([*map(spelled, value)])
    return f"{type(value).__name__}{isinstance(value, float) and value.is_integer()}"


@given(VALUES, VALUES)
def test_equal_where_names_and_types_are(one: Any, other: Any) -> None:
    # Only objects have a structure that is not also that of another type.
    one, other = {"": one}, {"": other}
    assert (structure_of(one) == structure_of(other)) == (spelled(one) == spelled(other))
    assert hash(structure_of(one)) == hash(structure_of({"": one[""]}))


@pytest.mark.parametrize(("levels", "same"), [(MOST_LEVELS - 1, False), (MOST_LEVELS + 2, True), (900, True)])
def test_what_is_nested_too_deeply_counts_for_nothing(levels: int, same: bool) -> None:
    one: Any = [1]
    other: Any = [None]
    for _ in range(levels):
        one, other = [one], [other]
    assert (structure_of(one) == structure_of(other)) == same
