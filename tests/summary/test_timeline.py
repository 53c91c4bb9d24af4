import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.summary.timeline import timeline
from canvas_events_cli.timestamps import NO_TIME, format_utc, instant_of, micros_of, parse_instant, to_micros

MINUTE, HOUR, DAY = 60 * 10**6, 3600 * 10**6, 86_400 * 10**6

MICROS = {
    "epoch": ("1970-01-01T00:00:00Z", 0),
    "offset": ("1970-01-01T01:00:00+01:00", 0),
    "before the epoch": ("1969-12-31T23:59:59.5Z", -500_000),
    "cut, not rounded": ("1970-01-01T00:00:00.0000019Z", 1),
    "leap second": ("1972-06-30T23:59:60Z", 912 * DAY),
    "first on the calendar": ("0001-01-01T00:00:00Z", -719_162 * DAY),
    "before it": ("0001-01-01T00:00:00+00:01", NO_TIME),
    "last on the calendar": ("9999-12-31T23:59:59.999999Z", 2_932_897 * DAY - 1),
    "after it": ("9999-12-31T23:59:59-00:01", NO_TIME),
    "leap second at its end": ("9999-12-31T23:59:60Z", NO_TIME),
    "year zero": ("0000-01-01T00:00:00Z", NO_TIME),
    "unreadable": ("soon", NO_TIME),
    "number": (0, NO_TIME),
    "absent": (None, NO_TIME),
}


@pytest.mark.parametrize(("text", "expected"), MICROS.values(), ids=MICROS)
def test_micros_of(text, expected):
    assert micros_of(text) == expected


TEXTS = (
    r"\A(0001|0999|1000|2024|2999|9999)-(02|12)-(29|31)[Tt ](00|23|24):(00|59):(00|59|60)(\.\d{1,8})?"
    r"([Zz]|[+-](00|05|23|24):?(00|30|60))?\n?\Z"
)


@given(st.lists(st.from_regex(TEXTS) | st.sampled_from(["2024-07-30T19:04:35.872Z", "", None, 5]), max_size=4))
def test_many_times_at_once_are_those_of_each(texts):
    instants = [*map(parse_instant, texts)]
    micros, are_exact = to_micros(texts)
    for instant, at, is_exact in zip(instants, micros, are_exact, strict=True):
        if instant is None:
            assert (at, is_exact) == (NO_TIME, False)
        else:
            assert at == instant.seconds * 10**6 + int(instant.fraction[:6].ljust(6, "0"))
            assert is_exact == (len(instant.fraction) <= 6)


@pytest.mark.parametrize(
    "text",
    ["2024-07-30T19:04:35.872Z", "0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"],
)
def test_an_instant_is_that_of_its_micros(text):
    assert format_utc(instant_of(micros_of(text))) == text


@pytest.mark.parametrize(
    ("span", "bucket"),
    [
        (0, "minute"),
        (3 * HOUR, "minute"),
        (3 * HOUR + 1, "hour"),
        (7 * DAY, "hour"),
        (7 * DAY + 1, "day"),
        (9000 * DAY, "day"),
    ],
)
def test_the_span_chooses_the_bucket(span, bucket):
    assert timeline([0, span], span)["bucket"] == bucket


def test_buckets_start_on_whole_units_in_order_also_before_1970():
    counts = timeline([MINUTE, -1, 2 * MINUTE - 1, 0], 2 * MINUTE)["counts"]
    assert [(row["start"].seconds, row["retries"]) for row in counts] == [(-60, 1), (0, 1), (60, 2)]


def test_nothing_to_count():
    assert timeline([], 0) == {"bucket": "minute", "counts": []}
