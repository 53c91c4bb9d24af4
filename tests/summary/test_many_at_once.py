"""How many retries are counted at once changes no figure: many are held against one at a time, whatever may come."""

import json
import pickle
from array import array
from collections.abc import Iterable
from functools import partial
from unittest.mock import patch

import pytest
from captured_events import FIELDS, ODD, RETRY, TIMES, document, events, shuffled, stories
from hypothesis import given
from hypothesis import strategies as st
from memory import kept

from canvas_events_cli.framing.fast.batches import in_batches
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Record
from canvas_events_cli.summary import packed, work
from canvas_events_cli.summary.fast.decode import RetryDecoder
from canvas_events_cli.summary.packed import Rows, Texts
from canvas_events_cli.summary.report import SummaryReport
from canvas_events_cli.summary.retry_clone import BODY_FIELDS, ids_from_url, subjects_of
from canvas_events_cli.summary.work import tally_records
from canvas_events_cli.timestamps import micros_of, to_micros

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


def tallied(data: bytes, at_once: int = 5, size: int | None = None, limit: int = 1 << 20) -> SummaryReport:
    """Return the report of *data*, read in blocks of *size* bytes, as the command makes it."""
    framer = Framer(limit)
    total = SummaryReport()
    with patch.object(work, "_AT_ONCE", at_once):
        for at in range(0, len(data), size or len(data) or 1):
            total.merge(tally_records(framer.feed(data[at : at + (size or len(data))])))
        return total.merge(tally_records(framer.finish()))


def decoded(data: bytes, size: int | None) -> SummaryReport:
    """Return the report of *data* as batches of lines are decoded."""
    framer, decoder, total = Framer(1 << 20), RetryDecoder(), SummaryReport()
    for at in range(0, len(data), size or len(data) or 1):
        total.merge(tally_records(decoder(in_batches(framer, data[at : at + (size or len(data))]))))
    return total.merge(tally_records(framer.finish()))


def assert_same(data: bytes, size: int | None = None) -> None:
    many, single = tallied(data, size=size), tallied(data, at_once=1)
    assert many == single == decoded(data, size)
    assert json.dumps(document(many, 0)) == json.dumps(document(single, 0))


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


@given(captures, st.integers(100, 9000))
def test_no_figure_differs(data: bytes, size: int) -> None:
    assert_same(data, size)


SPELLINGS = ["compact", "spaced", "unicode", "keys in another order", "attributes"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_only_what_is_odd_goes_the_plain_way(spelling: str) -> None:
    events = [retry(number) for number in range(30)]
    events[7]["body"]["status"] = None
    events[9]["body"] |= {"more": 1, "status": True}
    events[12]["body"]["more"] = [1]
    events[15]["body"]["more"] = 1 << 63
    events[20]["metadata"]["event_time"] = "yesterday"
    data = b"".join(WRITERS[spelling](event).encode() + b"\n" for event in events)
    decoder = RetryDecoder()
    # The fields of the envelope, the first event tells; that bodies can be others, the first of these.
    for plain in ([0, 7, 12, 15, 20], [12, 15, 20]):
        items = [*decoder(in_batches(Framer(1 << 20), data))]
        assert [item.line - 1 for item in items if isinstance(item, Record)] == plain
        assert sum(len(item.keys) for item in items if isinstance(item, Rows)) == 30 - len(plain)
    other = b'{"metadata":{"event_name":"course_created"},"body":{}}\n'
    assert [type(item) for item in decoder(in_batches(Framer(1 << 20), other * 3))] == [Record] * 3


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
    assert tallied(data + data).retries.unique == tallied(data, at_once=1).retries.unique == 30
    assert tallied(data).merge(tallied(data)).retries.unique == tallied(data).retries.unique


def lines_of(numbers: Iterable[int]) -> bytes:
    events = (retry(n, status=str(n % 7), event_time=f"2024-07-{1 + n % 31:02}T19:04:35Z") for n in numbers)
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


@pytest.mark.parametrize("copies", [1, 3, 50, 100])
def test_few_or_many_copies_of_what_came_long_before(copies: int) -> None:
    first, later = range(100), [*range(100 - copies, 150 - copies // 2), *range(200, 250)]
    expected = document(tallied(lines_of([*first, *later])), 0)
    merged = tallied(lines_of(first))
    for part in (later, later[::-1]):
        merged.merge(pickle.loads(pickle.dumps(tallied(lines_of(part)))))
    assert merged.retries.unique == len({*first, *later})
    again = document(merged, 0)["retry_clone"]
    assert again | {"events": 0, "redelivered": 0} == expected["retry_clone"] | {"events": 0, "redelivered": 0}


def test_processes_may_hash_texts_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "codes_of", lambda keys: array("d", range(len([*keys]))))
    monkeypatch.setattr(packed, "_HASHED", "otherwise")
    elsewhere = pickle.dumps(tallied(lines_of(range(9))))
    monkeypatch.undo()
    merged = tallied(lines_of(range(5))).merge(pickle.loads(elsewhere))
    assert (merged.retries.events, merged.retries.unique) == (14, 9)


URL_PIECES = [
    "/courses/", "1", "/assignments/", "/", "2/retry_alignment_clone", "?", "target_assignment_id=",
    "target_course_id=2",
    "&", "#", "\n", "9" * 20, "\u0661",
]  # fmt: skip
DATES = r"\A(2024|0000|9999)-(02|12)-(29|30|31)[Tt](00|23|24):(00|59|60):(00|59|60)(\.\d{1,8})?([Zz]|\+00:01)\Z"


TEXT_OR_NONE = FIELDS["url"].filter(lambda url: url is None or isinstance(url, str))


@given(st.one_of(TEXT_OR_NONE, st.text(), st.lists(st.sampled_from(URL_PIECES)).map("".join)))
def test_ids_of_many_urls_are_those_of_each(url: object) -> None:
    ordinary = URL.format(1, 2)
    for urls in ([url], [ordinary, url], [ordinary, ordinary]):
        events = [{"metadata": {"url": url}} for url in urls]
        assert list(zip(*subjects_of(events)[-3:], strict=True)) == [ids_from_url(url) for url in urls]


TIMES_OF_DAY = st.one_of(FIELDS["event_time"], st.from_regex(DATES))


@given(st.lists(TIMES_OF_DAY, max_size=4))
def test_many_times_at_once(times: list[object]) -> None:
    for some in (times, [time for time in times if time in TIMES]):
        assert to_micros(some)[0] == [*map(micros_of, some)]


def test_rows_are_small_in_memory_and_between_processes() -> None:
    tallied(json.dumps(retry()).encode() + b"\n")

    def merged() -> SummaryReport:
        total = SummaryReport()
        for start in range(0, 6000, 100):
            data = b"".join(json.dumps(retry(number)).encode() + b"\n" for number in range(start, start + 100))
            total.merge(tallied(data))
        assert total.retries.unique == 6000
        return total

    total, size = kept(merged)
    assert size < 6000 * 100
    assert len(pickle.dumps(total)) < 6000 * 70


def test_what_ctrl_c_leaves_half_done_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (b"".join(json.dumps(retry(n)).encode() + b"\n" for n in part) for part in ((1, 2, 3), (4, 5)))
    total, later = tallied(first), pickle.dumps(tallied(second).retries)
    expected = document(tallied(first))
    pack, done = packed.pack, []

    def interrupted(values: Texts) -> object:
        if len(done) == 5:
            raise KeyboardInterrupt
        done.append(values)
        return pack(values)

    monkeypatch.setattr(packed, "pack", interrupted)
    with pytest.raises(KeyboardInterrupt):
        total.retries.merge(pickle.loads(later))
    monkeypatch.undo()
    assert document(total) == expected
