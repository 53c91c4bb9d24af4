"""Permutations and pseudonyms of numbers."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.canvas_ids import same_object
from canvas_events_cli.scrubbing.digits import permute, replace_digits, replace_number

KEY = b"key"


@pytest.mark.parametrize("size", [1, 2, 3, 9, 10, 90, 1000])
def test_permutation(size: int) -> None:
    images = [permute(number, size, KEY) for number in range(size)]
    assert sorted(images) == list(range(size))
    assert size == 1 or all(number != image for number, image in enumerate(images))


def test_another_key_is_another_permutation() -> None:
    assert [permute(n, 90, b"a") for n in range(90)] != [permute(n, 90, b"b") for n in range(90)]


@pytest.mark.parametrize("length", [1, 2, 3])
def test_digits_are_permuted(length: int) -> None:
    texts = [str(number) for number in range(10 ** (length - 1), 10**length)]
    assert sorted(replace_digits(text, KEY) for text in texts) == texts


@given(st.integers(1, 10**45))
def test_form_of_digits(number: int) -> None:
    replaced = replace_digits(str(number), KEY)
    assert len(replaced) == len(str(number))
    assert replaced != str(number)
    assert not replaced.startswith("0")
    for limit in (2**53, 2**63, 2**64):
        assert (int(replaced) < limit) == (number < limit)


@given(st.integers(1, 10**13 - 1), st.integers(1, 920_000))
def test_local_and_global_ids_stay_the_same_object(local: int, shard: int) -> None:
    whole = f"{shard * 10**13 + local}"
    assert same_object(replace_digits(whole, KEY), replace_digits(str(local), KEY))
    assert len(replace_digits(whole, KEY)) == len(whole)


@pytest.mark.parametrize(("text", "zeros"), [("0", "0"), ("000", "000"), ("007", "00"), ("0042", "00"), ("", "")])
def test_leading_zeros_stay(text: str, zeros: str) -> None:
    replaced = replace_digits(text, KEY)
    assert replaced[: len(zeros)] == zeros
    assert replaced[len(zeros) :] == replace_digits(text[len(zeros) :], KEY)


NUMBERS = st.one_of(
    st.integers(-(10**30), 10**30).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(json.dumps),
    st.sampled_from(
        ["1.7976931348623157e308", "-0", "0.0", "1.50", "12345.0", "0.0012345", "2.107E+16", "1" + "0" * 308]
    ),
)


@given(NUMBERS)
def test_numbers_stay_json_numbers_of_their_kind(token: str) -> None:
    replaced = replace_number(token, KEY)
    before, after = json.loads(token), json.loads(replaced)
    assert type(before) is type(after)
    assert len(token) == len(replaced)
    assert (before == int(before)) == (after == int(after)) or abs(before) > 2**53
    assert (before < 0) == (after < 0)


@pytest.mark.parametrize("token", ["999", "12.5", "0.001", "1e300", "true"])
def test_few_digits_may_stay(token: str) -> None:
    assert replace_number(token, KEY, fewest=4) == token


@pytest.mark.parametrize("token", ["1000", "51.507351", "0.0012345", "1.2345e10"])
def test_many_digits_never_stay(token: str) -> None:
    assert replace_number(token, KEY, fewest=4) != token
