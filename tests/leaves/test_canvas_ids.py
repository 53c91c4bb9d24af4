import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.canvas_ids import canvas_id, local_id, same_object

SHARD = 10**13

IDS = {
    "local": ("565", "565"),
    "global": ("21070000000000565", "21070000000000565"),
    "integer": (21070000000000565, "21070000000000565"),
    "leading zeros": ("000565", "565"),
    "zero": ("0", "0"),
    "zeros": ("000", "0"),
    "longer than Python reads": ("0" + "9" * 5000, "9" * 5000),
    "empty": ("", None),
    "negative": (-5, None),
    "negative text": ("-5", None),
    "fraction": (1.0, None),
    "true": (True, None),
    "null": (None, None),
    "list": (["5"], None),
    "other digits": ("\N{ARABIC-INDIC DIGIT FIVE}", None),
    "superscript": ("²", None),
    "space": (" 5", None),
    "with a shard's name": ("2107~565", None),
}


@pytest.mark.parametrize(("value", "expected"), IDS.values(), ids=IDS)
def test_canvas_id(value, expected):
    assert canvas_id(value) == expected


PAIRS = {
    "global and local": ("21070000000000565", "565", True),
    "equal locals": ("565", "565", True),
    "other local": ("565", "566", False),
    "end of another number": ("21070000000001565", "565", False),
    "equal globals": ("21070000000000565", "21070000000000565", True),
    "same local, other shard": ("21070000000000565", "10000000000565", False),
    "largest local": ("19999999999999", "9999999999999", True),
    "smallest global": ("10000000000000", "0", True),
    "two smallest globals": ("10000000000000", "20000000000000", False),
}


@pytest.mark.parametrize(("one", "other", "expected"), PAIRS.values(), ids=PAIRS)
def test_same_object(one, other, expected):
    assert same_object(one, other) is expected
    assert same_object(other, one) is expected


numbers = st.integers(0, 3 * SHARD) | st.builds(
    lambda shard, local: shard * SHARD + local, st.integers(0, 3), st.integers(0, 3)
)


@given(numbers, numbers)
def test_ids_are_arithmetic_on_numbers(one, other):
    assert local_id(str(one)) == str(one % SHARD)
    expected = one == other or ((one < SHARD or other < SHARD) and one % SHARD == other % SHARD)
    assert same_object(str(one), str(other)) is expected
