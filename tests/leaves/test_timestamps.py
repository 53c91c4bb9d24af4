from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli import timestamps
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.timestamps import (
    Instant,
    format_utc,
    is_date_time,
    parse_duration,
    parse_instant,
    parse_time,
    to_datetime,
)

NOW = 1_722_366_275  # 2024-07-30T19:04:35Z

INSTANTS = {
    "zulu": ("2024-07-30T19:04:35Z", (NOW, "")),
    "fraction": ("2024-07-30T19:04:35.872Z", (NOW, "872")),
    "zeros at the end": ("2024-07-30T19:04:35.8720Z", (NOW, "872")),
    "zeros only": ("2024-07-30T19:04:35.000Z", (NOW, "")),
    "finer than any clock": ("2024-07-30T19:04:35.0000000000001Z", (NOW, "0000000000001")),
    "east": ("2024-07-30T21:04:35+02:00", (NOW, "")),
    "west, half an hour": ("2024-07-30T15:34:35-03:30", (NOW, "")),
    "lower case": ("2024-07-30t19:04:35z", (NOW, "")),
    "leap second": ("2016-12-31T23:59:60Z", (1_483_228_800, "")),
    "leap second elsewhere": ("2017-01-01T00:59:60+01:00", (1_483_228_800, "")),
    "before 1970": ("1969-12-31T23:59:59Z", (-1, "")),
    "first": ("0001-01-01T00:00:00Z", (-62_135_596_800, "")),
    "first, in the year 1 elsewhere": ("0001-01-01T23:59:00+23:59", (-62_135_596_800, "")),
    "last": ("9999-12-31T23:59:59.9Z", (253_402_300_799, "9")),
    "last, elsewhere": ("9999-12-31T00:00:59-23:59", (253_402_300_799, "")),
}


@pytest.mark.parametrize(("text", "expected"), INSTANTS.values(), ids=INSTANTS)
def test_instants(text, expected):
    assert parse_instant(text) == expected
    assert is_date_time(text)


NO_INSTANTS = [
    "", "2024-07-30", "2024-07-30T19:04Z", "2024-07-30T19:04:35", "2024-07-30 19:04:35Z", "2024-07-30T19:04:35+0200",
    "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-00-10T00:00:00Z",
    "2024-07-30T24:00:00Z", "2024-07-30T00:60:00Z", "2024-07-30T00:00:61Z", "2024-07-30T12:00:60Z",
    "2024-07-30T00:00:00+24:00", "2024-07-30T00:00:00+00:60", "2024-07-30T00:00:00.Z", "2024-07-30T00:00:00Z\n",
    "0000-01-01T00:00:00Z", "0000-02-29T00:00:00Z", "0000-12-31T23:59:59Z", "0001-01-01T00:00:00+00:01",
    "0000-12-31T23:59:59-00:01", "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:59-23:59", "9999-12-31T23:59:60Z",
    "٢٠٢٤-07-30T00:00:00Z", " 2024-07-30T00:00:00Z", None, 5, ["2024-07-30T19:04:35Z"],
]  # fmt: skip


@pytest.mark.parametrize("value", NO_INSTANTS, ids=repr)
def test_what_is_no_instant(value):
    assert parse_instant(value) is None


def test_instants_have_the_order_of_time():
    texts = ["59.9Z", "59.90001Z", "59.91Z", "59.99-00:01"]
    instants = [parse_instant("2024-07-30T19:04:" + text) for text in texts]
    assert all(earlier < later for earlier, later in pairwise(instants))


offsets = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


usual_times = st.builds(
    "{:%Y-%m-%dT%H:%M:%S}{}{}".format,
    st.datetimes(datetime(1000, 1, 1)),
    st.from_regex(r"(\.[0-9]+)?", fullmatch=True),
    st.sampled_from(["Z", "z", "+05:30", "-23:59", "+00:00"]),
)


@given(usual_times | st.from_regex(timestamps._DATE_TIME, fullmatch=True))
def test_what_the_parser_of_python_takes_is_what_is_computed(text):
    assert timestamps._instant(text) == timestamps._computed(text)


@given(st.datetimes(timezones=offsets))
def test_instants_agree_with_datetime(moment):
    instant = parse_instant(moment.isoformat())
    try:
        moment.astimezone(UTC)
    except OverflowError:
        assert instant is None
    else:
        assert instant is not None
        assert to_datetime(instant) == moment


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (Instant(NOW, ""), "2024-07-30T19:04:35.000Z"),
        (Instant(NOW, "8729999"), "2024-07-30T19:04:35.872Z"),
        (Instant(-62_167_219_200, ""), None),
        (Instant(253_402_387_139, ""), None),
        (Instant(10**30, ""), None),
    ],
    ids=["whole", "cut, not rounded", "year 0", "year 10000", "far away"],
)
def test_format_utc(instant, expected):
    assert format_utc(instant) == expected


TIMES = {
    "date": ("2024-07-30", datetime(2024, 7, 30, tzinfo=UTC)),
    "date without hyphens": ("20240730", datetime(2024, 7, 30, tzinfo=UTC)),
    "minutes": ("2024-07-30T19:04", datetime(2024, 7, 30, 19, 4, tzinfo=UTC)),
    "a space for the T": ("2024-07-30 19:04:35", datetime(2024, 7, 30, 19, 4, 35, tzinfo=UTC)),
    "zulu": ("2024-07-30T19:04:35Z", datetime(2024, 7, 30, 19, 4, 35, tzinfo=UTC)),
    "fraction": ("2024-07-30T19:04:35.5Z", datetime(2024, 7, 30, 19, 4, 35, 500_000, tzinfo=UTC)),
    "fraction after a comma": ("2024-07-30T19:04:35,5", datetime(2024, 7, 30, 19, 4, 35, 500_000, tzinfo=UTC)),
    "offset": ("2024-07-30T19:04:35-06:00", datetime(2024, 7, 31, 1, 4, 35, tzinfo=UTC)),
    "offset without colon": ("2024-07-30T19:04:35+0530", datetime(2024, 7, 30, 13, 34, 35, tzinfo=UTC)),
    "offset of hours": ("2024-07-30T19:04 +02", datetime(2024, 7, 30, 17, 4, tzinfo=UTC)),
    "basic form": ("20240730T190435Z", datetime(2024, 7, 30, 19, 4, 35, tzinfo=UTC)),
    "seconds ago": ("30s", datetime(2024, 7, 30, 19, 4, 5, tzinfo=UTC)),
    "minutes ago": ("90m", datetime(2024, 7, 30, 17, 34, 35, tzinfo=UTC)),
    "hours ago": ("2h", datetime(2024, 7, 30, 17, 4, 35, tzinfo=UTC)),
    "days ago": ("7d", datetime(2024, 7, 23, 19, 4, 35, tzinfo=UTC)),
    "weeks ago": (" 1w ", datetime(2024, 7, 23, 19, 4, 35, tzinfo=UTC)),
}


@pytest.mark.parametrize(("text", "expected"), TIMES.values(), ids=TIMES)
def test_times(text, expected):
    assert to_datetime(parse_time(text, NOW)) == expected


def test_a_time_before_the_calendar_is_an_instant_all_the_same():
    assert parse_time("999999999w", NOW) == Instant(NOW - 999_999_999 * 604_800, "")


NO_TIMES = {
    "empty": ("", "is no TIME"),
    "word": ("yesterday", "is no TIME"),
    "unit as a word": ("7 days", "did you mean '7d'?"),
    "short unit": ("90min", "did you mean '90m'?"),
    "months": ("2months", "is no TIME. Write"),
    "month out of range": ("2024-13-01", "the calendar has no '2024-13-01'"),
    "30 February": ("2024-02-30T10:00Z", "the calendar has no"),
    "offset out of range": ("2024-02-03T10:00+99:00", "the calendar has no"),
    "number": ("1722366275", "is no TIME"),
    "endless": ("9" * 5000 + "d", "is no TIME"),
    "not UTF-8": ("\udcff", "is no TIME"),
}


@pytest.mark.parametrize(("text", "message"), NO_TIMES.values(), ids=NO_TIMES)
def test_what_is_no_time(text, message):
    with pytest.raises(CeventsError, match=message.replace("?", r"\?").replace(".", r"\.")):
        parse_time(text, NOW)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90m", 5400), (" +2h", 7200), ("-7d", -604_800), ("0s", 0), ("1w", 604_800)]
)
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "7", "d", "1.5h", "7 years", "--7d", "+-7d", "\u0667d"])
def test_no_durations(text: str) -> None:
    with pytest.raises(CeventsError, match="is no DURATION"):
        parse_duration(text)
