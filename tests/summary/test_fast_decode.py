"""The decoder that knows retry events changes no figure: it is held against the plain way on whatever may come."""

import json
import pickle
import tracemalloc
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from captured_events import FIELDS, ODD, RETRY, TIMES, document, events, shuffled, stories, story
from hypothesis import given, settings
from hypothesis import strategies as st

from canvas_events_cli.framing.fast import batches
from canvas_events_cli.framing.fast.batches import in_batches
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Framed
from canvas_events_cli.running.reading import Read
from canvas_events_cli.summary.fast.decode import retry_batches, url_ids
from canvas_events_cli.summary.retries import RetryBatch, ValueColumn
from canvas_events_cli.summary.retry_clone import BODY_FIELDS, ids_from_url
from canvas_events_cli.summary.timeline import NO_TIME, latest_of, micros_of
from canvas_events_cli.summary.work import SummaryReport, tally_records

URL = "https://canvas.test/api/v1/courses/{}/assignments/2/retry_alignment_clone?target_assignment_id={}&target_course_id=2"


def retry(number=0, **fields):
    """Return a retry event with all fields of the body; *fields* are of the envelope or of the body."""
    body = {name: fields.pop(name, f"{name} {number % 3}") for name in BODY_FIELDS}
    envelope = {
        "event_name": RETRY,
        "event_time": "2024-07-30T19:04:35.872Z",
        "request_id": f"r{number}",
        "user_id": str(number % 5),
        "user_sis_id": None,
        "context_role": "TeacherEnrollment",
        "url": URL.format(number % 2, number % 7),
        "hostname": "canv\u00e1s.test",
    }
    return {"metadata": envelope | fields, "body": body}


def feed_retries(framer: Framer, data: bytes) -> Iterator[Read | RetryBatch]:
    return retry_batches(in_batches(framer, data))


def tallied(data: bytes, feed=feed_retries, size: int | None = None, limit: int = 1 << 20) -> SummaryReport:
    """Return the report of *data*, read in blocks of *size* bytes, as the command makes it."""
    framer = Framer(limit)
    total = SummaryReport()
    for at in range(0, len(data), size or len(data) or 1):
        total.merge(tally_records(feed(framer, data[at : at + (size or len(data))])))
    return total.merge(tally_records(framer.finish()))


def batched(data: bytes) -> int:
    """Count the events of *data* that were decoded many at a time."""
    return sum(len(item.requests) for item in feed_retries(Framer(), data) if type(item) is RetryBatch)


def assert_same(data: bytes, size: int | None = None, limit: int = 1 << 20) -> None:
    fast, plain = tallied(data, size=size, limit=limit), tallied(data, Framer.feed, limit=limit)
    assert fast == plain
    assert json.dumps(document(fast, 0)) == json.dumps(document(plain, 0))


SAMPLE = Path(__file__).parents[2] / "samples" / "retries.ndjson"


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "_BATCH_BYTES", 3000)


regular = st.builds(
    retry,
    st.integers(0, 9),
    status=st.sampled_from(["a", "b\n", "\u20ac"]),
    event_time=st.sampled_from(TIMES),
    user_id=st.sampled_from(["1", "2", None]),
    url=FIELDS["url"].filter(lambda url: url is None or isinstance(url, str)),
    root_account_uuid=st.sampled_from(["u1", "u1", "u2", None]),
    user_login=st.sampled_from(["m@canvas.test", None]),
    hostname=st.sampled_from(["canvas.test", "canvas.test", "b.test", "canv\u00e1s.test", "", None]),
)
odd_values = st.sampled_from([*ODD, "", "x", "2024-07-30T19:04:35Z", "2024-02-30T00:00:00Z"])


@st.composite
def mutated(draw):
    """Return a retry event in which one member of some object is gone, new, or of another value."""
    event = draw(regular)
    inside = draw(st.sampled_from([event, event["metadata"], event["metadata"], event["body"], event["body"]]))
    name = draw(st.sampled_from([*inside, "job_id", "more"]))
    if draw(st.booleans()):
        inside.pop(name, None)
    else:
        inside[name] = draw(odd_values)
    return event


WRITERS = {
    "compact": partial(json.dumps, separators=(",", ":")),
    "spaced": json.dumps,
    "unicode": partial(json.dumps, ensure_ascii=False),
    "keys in another order": lambda event: json.dumps(shuffled(event, 1)),
    "over lines": partial(json.dumps, indent=1),
    "line feed inside": lambda event: json.dumps(event).replace(" ", "\n", 1),
    "twice a line": lambda event: json.dumps(event) * 2,
    "in an array": lambda event: json.dumps([event]),
    "in a message": lambda event: json.dumps({"MessageId": "m", "Body": json.dumps(event)}),
    "attributes": lambda event: json.dumps({"attributes" if key == "metadata" else key: event[key] for key in event}),
    "twice the same key": lambda event: json.dumps(event).replace('{"', '{"request_id": "r1", "', 2),
    "cut": lambda event: json.dumps(event)[:-2],
    "space around": lambda event: f" \t{json.dumps(event)} \r",
}
written = st.one_of(
    st.builds(WRITERS["compact"].__call__, regular),
    st.builds(
        lambda name, event: WRITERS[name](event), st.sampled_from(sorted(WRITERS)), st.one_of(regular, mutated())
    ),
    st.builds(json.dumps, events),
    st.builds(json.dumps, stories),
    st.sampled_from(["", "junk", "{", "}", "[", "]", "{}", "5", "\x1e{}"]),
)
captures = st.builds(
    lambda lines, ending: ending.join([*lines, ""]).encode(),
    st.lists(written, max_size=20),
    st.sampled_from(["\n", "\n", "\r\n"]),
)


@settings(max_examples=120, deadline=None)
@given(captures, st.integers(100, 9000))
def test_no_figure_differs_from_the_plain_way(data: bytes, size: int) -> None:
    assert_same(data, size)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["x", "x" * 200, "x" * 4000]), max_size=12), st.integers(100, 9000))
def test_longer_lines_than_the_limit_are_malformed(names: list[str], size: int) -> None:
    lines = [json.dumps(retry(number, hostname=name)).encode() + b"\n" for number, name in enumerate(names)]
    assert_same(b"".join(lines), size, limit=len(json.dumps(retry(hostname="x" * 200))))


@settings(max_examples=100, deadline=None)
@given(st.lists(regular, min_size=1, max_size=6), st.data())
def test_one_byte_changed_anywhere(events, data) -> None:
    raw = bytearray(b"".join(json.dumps(event, ensure_ascii=False).encode() + b"\n" for event in events))
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(
        st.sampled_from(b'\x00\n\r \x1f"\\,:[]{}019.-eu\x7f\x80\xc3\xff')
    )
    assert_same(bytes(raw))


# What may stand where a value does; the first word of a name says whether orjson takes it for JSON.
TEXTS = {
    "bad: not utf-8": b'"\xff"',
    "bad: half of a surrogate pair, as bytes": b'"\xed\xa0\x80"',
    "bad: overlong": b'"\xc0\x80"',
    "bad: half of a surrogate pair": b'"\\ud800"',
    "bad: cut escape": b'"\\ud8"',
    "bad: the other half": b'"\\udc00"',
    "bad: unknown escape": b'"\\q"',
    "bad: control character": b'"\x01"',
    "bad: tab": b'"\t"',
    "bad: NUL": b'"\x00"',
    "bad: too large": b"1e999",
    "bad: 400 digits": b"9" * 400,
    "bad: not a number": b"NaN",
    "bad: infinity": b"-Infinity",
    "bad: leading zero": b"01",
    "bad: plus": b"+1",
    "bad: bare point": b"1.",
    "bad: single quotes": b"'x'",
    "bad: nested too deeply": b"[" * 2000 + b"]" * 2000,
    "bad: trailing comma": b"[1,]",
    "bad: cut word": b"nul",
    "bad: form feed": b"\x0cnull",
    "good: nested": b"[" * 900 + b"]" * 900,
    "good: escapes": b'"\\ud83d\\ude00\\u0000\\/"',
    "good: delete": b'"\x7f"',
    "good: line separator": b'"\xe2\x80\xa8"',
    "good: number": b"21070000000000565",
    "good: decimals": b"0." + b"1" * 500,
    "good: null": b"null",
    "good: object": b'{"a":{}}',
}
PLACES = (
    "request_id",
    "event_name",
    "event_time",
    "url",
    "hostname",
    "user_sis_id",
    "developer_key_id",
    "more",
    "status",
)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", TEXTS)
def test_what_is_malformed_is_so_wherever_it_stands(name: str, place: str) -> None:
    events = [retry(number) for number in range(5)]
    events[2]["body" if place == "status" else "metadata"][place] = "HERE"
    lines = [json.dumps(event).encode().replace(b'"HERE"', TEXTS[name]) + b"\n" for event in events]
    assert_same(b"".join(lines))
    assert tallied(b"".join(lines)).malformed == name.startswith("bad")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_keys_too(text: bytes) -> None:
    line = json.dumps(retry()).encode()
    for where in (b'"metadata": {', b'"body": {', b"{"):
        assert_same(line.replace(where, where + text + b': "x", ', 1) + b"\n" + line + b"\n")


def test_an_ordinary_capture_is_decoded_many_events_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"".join(json.dumps(retry(number)).encode() + b"\n" for number in range(2000))
    fed: list[bytes] = []
    plain_feed = Framer.feed

    def watched(framer: Framer, block: bytes) -> Iterator[Framed]:
        fed.append(block)
        return plain_feed(framer, block)

    monkeypatch.setattr(Framer, "feed", watched)
    report = tallied(data, size=1 << 16)
    assert report.retries.unique == 2000
    assert sum(map(len, fed)) < len(data) / 20


def test_the_bundled_sample_is_decoded_so() -> None:
    data = SAMPLE.read_bytes()
    assert batched(data) > data.count(b"\n") / 2
    assert_same(data)


def updated(number: int) -> dict[str, object]:
    return story("assignment_updated", "2024-07-30T19:05:00Z", f"x{number}", "u1", f"L{number}", "c", 3, "published")


def test_updates_between_retries_are_decoded_with_them() -> None:
    events = [event for number in range(200) for event in (updated(number), retry(number))]
    data = b"".join(json.dumps(event).encode() + b"\n" for event in events)
    batches = [item for item in feed_retries(Framer(), data) if type(item) is RetryBatch]
    assert sum(len(batch.requests) for batch in batches) == sum(len(batch.updates) for batch in batches) == 200
    assert_same(data, 5000)


MENTIONS = {
    "another event": {"metadata": {"event_name": "x", "event_time": "assignment_updated"}, "body": {}},
    "a message": {"MessageId": "m", "Body": json.dumps(updated(1))},
    "a retry": retry(1, status="assignment_updated"),
    "a list": [updated(1)],
}


@pytest.mark.parametrize("event", MENTIONS.values(), ids=MENTIONS)
def test_what_only_mentions_an_update_is_read_the_plain_way(event: object) -> None:
    lines = [json.dumps(item).encode() for item in (retry(2), updated(2), event, retry(3))]
    for data in (b"\n".join([*lines, b""]), b"\n".join([*lines[:2], lines[2] + lines[2], lines[3], b""])):
        assert_same(data)


def test_one_odd_line_costs_its_stretch_only() -> None:
    lines = [json.dumps(retry(number)).encode() for number in range(200)]
    lines[100] = b"{}"
    assert 150 < batched(b"\n".join(lines) + b"\n") < 199


COPIES = {
    "the copy itself": retry(),
    "attributes": {"attributes": retry()["metadata"], "body": retry()["body"]},
    "another field of the envelope": retry(user_id="9", hostname="h", more=1),
    "offset": retry(event_time="2024-07-30T13:04:35.872-06:00"),
    "trailing zeros": retry(event_time="2024-07-30T19:04:35.87200Z"),
    "a request that is a job": retry(request_id=None, job_id="r0"),
}
OTHERS = {
    "time": retry(event_time="2024-07-30T19:04:35.873Z"),
    "decimals beyond microseconds": retry(event_time="2024-07-30T19:04:35.8720001Z"),
    "no time": retry(event_time=None),
    "off the calendar": retry(event_time="0000-07-30T19:04:35Z"),
    "status": retry(status="x"),
    "field without use": retry(new_course_resource_link_id="x"),
    "null in the body": retry(domain=None),
    "one more in the body": {"metadata": retry()["metadata"], "body": retry()["body"] | {"x": "y"}},
    "request": retry(request_id="r9"),
    "no request": retry(request_id=None),
}


@pytest.mark.parametrize("name", [*COPIES, *OTHERS])
def test_copies_are_known_however_they_are_read(name: str) -> None:
    unique = 1 if name in COPIES else 2
    lines = [json.dumps(event).encode() + b"\n" for event in (retry(), (COPIES | OTHERS)[name])]
    for first, second in (lines, lines[::-1]):
        assert tallied(first + second + first + second).retries.unique == unique
        merged = tallied(first).merge(tallied(second)).merge(pickle.loads(pickle.dumps(tallied(second + first))))
        assert (merged.retries.events, merged.retries.unique) == (4, unique)


def test_one_request_with_many_events() -> None:
    data = b"".join(
        json.dumps(retry(number, request_id="r", status=str(number))).encode() + b"\n" for number in range(30)
    )
    assert tallied(data + data).retries.unique == tallied(data, Framer.feed).retries.unique == 30
    assert tallied(data).merge(tallied(data)).retries.unique == tallied(data).retries.unique


URL_PIECES = [
    "/courses/", "1", "/assignments/", "/", "2/retry_alignment_clone", "?", "target_assignment_id=",
    "target_course_id=2",
    "&", "#", "\n", "9" * 20, "\u0661",
]  # fmt: skip
DATES = r"\A(2024|0000|9999)-(02|12)-(29|30|31)[Tt](00|23|24):(00|59|60):(00|59|60)(\.\d{1,8})?([Zz]|\+00:01)\Z"


TEXT_OR_NONE = FIELDS["url"].filter(lambda url: url is None or isinstance(url, str))


@given(st.one_of(TEXT_OR_NONE, st.text(), st.lists(st.sampled_from(URL_PIECES)).map("".join)))
def test_ids_are_those_of_the_plain_way(url: object) -> None:
    ordinary = URL.format(1, 2)
    for urls in ([url], [ordinary, url], [ordinary, ordinary]):
        assert list(zip(*url_ids(urls), strict=True)) == [ids_from_url(url) for url in urls]


TIMES_OF_DAY = st.one_of(FIELDS["event_time"], st.from_regex(DATES))


@given(st.lists(TIMES_OF_DAY, max_size=4))
def test_the_latest_time_is_that_of_the_plain_way(times: list[object]) -> None:
    for some in (times, [time for time in times if time in TIMES]):
        assert latest_of(some) == max(map(micros_of, some), default=NO_TIME)


def test_rows_are_small_in_memory_and_between_processes() -> None:
    tallied(json.dumps(retry()).encode() + b"\n")
    tracemalloc.start()
    total = SummaryReport()
    for start in range(0, 6000, 100):
        data = b"".join(json.dumps(retry(number)).encode() + b"\n" for number in range(start, start + 100))
        total.merge(tallied(data))
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert total.retries.unique == 6000
    assert size < 6000 * 250
    assert len(pickle.dumps(total)) < 6000 * 70


def test_every_documented_field_of_the_envelope_is_decoded() -> None:
    schema = json.loads((Path(__file__).parents[2] / "schemas" / "envelope.json").read_bytes())
    fields = dict.fromkeys(schema["$defs"]["envelope"]["properties"], "x")
    line = json.dumps(retry(**fields | {"event_name": RETRY, "event_time": "2024-07-30T19:04:35Z"})).encode() + b"\n"
    assert batched(line) == 1
    assert batched(line.replace(b"user_sis_id", b"another_id")) == 0


def test_what_ctrl_c_leaves_half_done_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (b"".join(json.dumps(retry(n)).encode() + b"\n" for n in part) for part in ((1, 2, 3), (4, 5)))
    total, later = tallied(first), tallied(second)
    expected = document(total)
    merge, merged = ValueColumn.merge, []

    def interrupted(column: ValueColumn, other: ValueColumn) -> None:
        if len(merged) == 5:
            raise KeyboardInterrupt
        merged.append(column)
        merge(column, other)

    monkeypatch.setattr(ValueColumn, "merge", interrupted)
    with pytest.raises(KeyboardInterrupt):
        total.retries.merge(later.retries)
    assert document(total) == expected
