from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.rendering.moments import clock, converted, span, zone

DENVER = ZoneInfo("America/Denver")

CONVERTED = {
    "summer": ("2024-07-30T19:04:35.872Z", DENVER, "2024-07-30 13:04:35.872 -06:00"),
    "winter": ("2024-01-30T19:04:35Z", DENVER, "2024-01-30 12:04:35 -07:00"),
    "offset to utc": ("2024-07-30T21:04:35+02:00", UTC, "2024-07-30 19:04:35 +00:00"),
    "short fraction": ("2024-07-30T19:04:35.5Z", DENVER, "2024-07-30 13:04:35.500 -06:00"),
    "leap second": ("2016-12-31T23:59:60Z", DENVER, "2016-12-31 17:00:00 -07:00"),
    "same wall clock": ("2024-07-30t13:04:35.1-06:00", DENVER, None),
    "first moment of the calendar": ("0001-01-01T00:00:00Z", DENVER, None),
    "before the calendar": ("0000-01-01T00:00:00Z", UTC, None),
    "last moment of the calendar": ("9999-12-31T23:59:59Z", ZoneInfo("Asia/Tokyo"), None),
    "no timestamp": ("2024-07-30", DENVER, None),
    "no text": (5, DENVER, None),
}


@pytest.mark.parametrize(("text", "tz", "expected"), CONVERTED.values(), ids=CONVERTED)
def test_converted(text, tz, expected):
    assert converted(text, tz) == expected


ZONES = [*map(ZoneInfo, ("America/Denver", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia")), None, UTC]


@given(
    st.datetimes(datetime(1880, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
)
@example(datetime(2011, 12, 30, 9, 59, 59, tzinfo=UTC), UTC, ZoneInfo("Pacific/Apia"))
@example(datetime(2024, 11, 3, 8, tzinfo=UTC), UTC, DENVER)
def test_clock_of_any_day(moment, written_in, tz):
    text = moment.replace(microsecond=0).astimezone(written_in).isoformat()
    if len(text) == len("2024-07-30T19:04:35+02:00"):
        shown = str(datetime.fromisoformat(text).astimezone(tz))
        assert clock(text, tz) == shown[:19] + shown[19:25].replace("+00:00", "Z")


def test_local_time_has_no_zone_of_its_own():
    assert zone("local") is None
    assert zone("UTC") is UTC
    assert converted("2024-07-30T19:04:35+14:00", None) is not None


def test_named_zone():
    assert zone("America/Denver") == DENVER


UNKNOWN_ZONES = {
    "typo": ("Amerika/Denver", "did you mean 'America/Denver'"),
    "case": ("europe/berlin", "did you mean 'Europe/Berlin'"),
    "nothing like it": ("qqqqqqqq", "such as Europe/Berlin"),
    "folder": ("America", "unknown time zone"),
    "traversal": ("../../etc/passwd", "unknown time zone"),
    "absolute": ("/etc/passwd", "unknown time zone"),
    "empty": ("", "unknown time zone"),
    "nul": ("a\x00b", "unknown time zone"),
    "undecodable": ("a\udcff", "unknown time zone"),
    "very long": ("a" * 5000, "unknown time zone"),
}


@pytest.mark.parametrize(("name", "message"), UNKNOWN_ZONES.values(), ids=UNKNOWN_ZONES)
def test_unknown_zone(name, message):
    with pytest.raises(CeventsError, match=message):
        zone(name)


def test_no_time_zone_data(monkeypatch):
    monkeypatch.setattr("zoneinfo.available_timezones", lambda: set())
    with pytest.raises(CeventsError, match="pip install tzdata"):
        zone("Nowhere/Town")


SPANS = {
    "none": (0, "0 s"),
    "seconds": (36, "36 s"),
    "even minutes": (120, "2 min"),
    "hours and minutes": (7512, "2 h 5 min"),
    "the next unit is nought": (86_400 + 60, "1 d"),
    "many days": (1000 * 86_400, "1,000 d"),
}


@pytest.mark.parametrize(("seconds", "expected"), SPANS.values(), ids=SPANS)
def test_span(seconds, expected):
    assert span(seconds) == expected
