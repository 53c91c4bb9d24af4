import json
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hostile import HOSTILE
from hypothesis import given
from hypothesis import strategies as st
from memory import kept

from canvas_events_cli.model import Finding, Malformed, Record, Wrapping
from canvas_events_cli.rendering.show import BlockForm, Blocks
from canvas_events_cli.rendering.show_fields import FieldLines
from canvas_events_cli.streaming import validation_spec
from canvas_events_cli.validation import Verdict

DENVER = ZoneInfo("America/Denver")

EVENT = {
    "metadata": {
        "context_type": "Course",
        "context_id": "10000000000001",
        "context_sis_source_id": None,
        "root_account_uuid": "8H3aGjEatiLI42zzV0ly8t5UGQAxYfvrI3MDlrCx",
        "user_login": "ada@school.example",
        "user_id": "10000000000003",
        "context_role": "TeacherEnrollment",
        "hostname": "school.example",
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0",
        "url": "https://school.example/api/v1/courses/1/assignments/2/retry_alignment_clone?target_assignment_id=3"
        "&target_course_id=2",
        "event_name": "outcomes.retry_outcome_alignment_clone",
        "event_time": "2024-07-30T19:04:35.872Z",
    },
    "body": {
        "original_course_uuid": "RuBP4jfbRXyaG6LpOFW70jkZyFmj5beZxeGO5bMB",
        "original_assignment_resource_link_id": "aececbb42db5da02927f416330b6aed170351ab5",
        "domain": "school.example",
        "status": "",
        "due_at": "2024-08-01T05:59:59Z",
        "attempts": 3,
        "settings": {"graded": True, "rubric": {}, "tags": ["a", "1", 1.5]},
    },
}
RAW = json.dumps(EVENT).encode().replace(b"1.5", b"1.50")


def written(members):
    inside = ", ".join(f"{json.dumps(key)}: {value}" for key, value in members)
    return f"{{{inside}}}"


def record(raw):
    return Record(7, raw, json.loads(raw), True)


def finding(pointer, message, keyword="type"):
    return Finding("day.ndjson", 7, "e", "body", keyword, pointer, message)


def block(item, findings=(), tz=DENVER, width=80, *, source="day.ndjson", unknown=(), **options):
    blocks = Blocks(BlockForm(validation_spec(), tz, width, **options))
    if isinstance(item, Malformed):
        made = blocks.malformed(item)
    else:
        made = blocks.event(item, Verdict("e", tuple(findings), unknown))
    return blocks.placed(made, source, item.line).decode()


FINDINGS = [
    finding("", "has something to say about the whole"),
    finding("/metadata/context_id", "is not one of the courses"),
    finding("/body/status", "is an empty string; expected at least 1 character", "minLength"),
    finding("/body/new_course_uuid", "is missing", "required"),
    finding("/elsewhere/deep", "is where nothing is shown"),
]


@pytest.mark.parametrize("width", [80, 200])
def test_looks(golden, width):
    golden(f"show_{width}.txt", block(record(RAW), FINDINGS, width=width))


def test_colours(golden):
    golden("show_colours.txt", block(record(RAW), FINDINGS, width=80, color=True))


SHOWN = {
    "big integer": (b'{"body": {"n": 12345678901234567890123}}', "n  12345678901234567890123\n"),
    "decimal": (b'{"body": {"n": 1.10}}', "n  1.10\n"),
    "digits in a string": (b'{"body": {"n": "1.10"}}', 'n  "1.10"\n'),
    "null as a string": (b'{"body": {"n": "null"}}', 'n  "null"\n'),
    "null": (b'{"body": {"n": null}}', "n  null\n"),
    "address is no number": (b'{"body": {"n": "10.0.0.1"}}', "n  10.0.0.1\n"),
    "trailing blank": (b'{"body": {"n": "a "}}', 'n  "a "\n'),
    "empty containers": (b'{"body": {"a": {}, "b": []}}', "a  {}\n│ b  []\n"),
    "repeated key": (b'{"body": {"a": 1, "a": 2}}', "a  1  (a later member of this name counts)\n│ a  2\n"),
    "array at the top": (b"[5, {}]", "├ 0  5\n├ 1  {}\n"),
    "scalar": (b"42", "│ 42\n"),
    "nothing": (b"{}", "│ {}\n"),
    "job": (b'{"metadata": {"job_tag": "Course#go", "job_id": "5"}}', "job Course#go"),
    "user without login": (b'{"metadata": {"user_id": "5"}}', "user 5"),
    "attributes for metadata": (b'{"attributes": {"event_name": "course_created"}}', "course_created"),
    "number in the title": (
        b'{"metadata": {"context_id": 12345678901234567890123}}',
        "12345678901234567890123  day.ndjson:7",
    ),
    "no name": (b'{"metadata": {"event_name": null}}', "(none)"),
    "no time": (b'{"metadata": {}}', "no event_time"),
    "other moments": (b'{"body": {"at": "2024-08-01T05:00:00Z"}}', "05:00:00Z  (2024-07-31 23:00:00 -06:00)"),
}


@pytest.mark.parametrize(("raw", "expected"), SHOWN.values(), ids=SHOWN)
def test_shown(raw, expected):
    assert expected in block(record(raw))


@pytest.mark.parametrize("width", [12, 20, 41, 80, 200])
def test_lines_fit_and_nothing_is_lost(width):
    long = "word " * 300 + "x" * 500
    output = block(record(json.dumps({"body": {"a_rather_long_key" * 2: long}}).encode()), width=width, source="d")
    assert max(map(len, output.splitlines())) <= width
    assert output.replace("\n│   ", "").replace(" ", "").count("word") == 300
    assert output.count("x") == 500


def test_source_and_wrapper_are_named():
    wrapped = record(RAW)._replace(wrapping=Wrapping("SQS message", b"{}"))
    output = block(wrapped, source="day\n.ndjson")
    assert r"day\n.ndjson:7" in output
    assert "in SQS message" in output


def test_integer_of_5000_digits():
    output = block(Record(7, b'{"body": {"n": ' + b"7" * 5000 + b"}}", {}, True))
    assert output.count("7") == 5000 + 1  # and the line's number


def test_too_deep_to_lay_out():
    raw = b'{"metadata": {"event_name": "deep"}, "body": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    body: list[object] = []
    for _ in range(100_000):
        body = [body]
    deep = Record(7, raw, {"metadata": {"event_name": "deep"}, "body": body}, True)
    output = block(deep, [finding("/body", "is nested")], None, 80)
    assert "deep  day.ndjson:7" in output
    assert "bytes in all" in output
    assert "/body  ✗ is nested" in output


def test_deep_nesting_keeps_to_the_width():
    output = block(record(b"[" * 100 + b'"end"' + b"]" * 100), width=60)
    assert "end" in output
    assert max(map(len, output.splitlines())) <= 60


def test_malformed():
    broken = Malformed(9, b'{"a": \x1b[31m\xff oops', "unexpected character at column 7")
    output = block(broken, source="x.ndjson")
    assert output.splitlines()[:3] == [
        "✗ malformed  x.ndjson:9",
        "│ ✗ unexpected character at column 7",
        r"│ " + r'{"a": \x1b[31m\xff oops',
    ]


def test_malformed_is_cut_visibly():
    output = block(Malformed(9, b"x" * 10_000, "is not JSON"), width=80)
    assert output.count("x") == 2000
    assert "… 10,000 bytes in all" in output
    assert "✗ is not JSON" in output


TEXTS = [*HOSTILE.values(), "2024-07-05T13:40:39Z", "0x", "1e5", "12", "-0", "1e", "12-5", "true", "a b ", "x" * 78]
NUMBERS = ["0", "-0", "12", "1.50", "1e5", "18446744073709551616", "true", "null"]
KEYS = ["id", "user_id", "event_time", "created_at", "x" * 60, "::", "\u4e16"]
VALUES = st.recursive(
    st.sampled_from([*map(json.dumps, TEXTS), *NUMBERS]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(st.tuples(st.sampled_from(KEYS), inner), max_size=4).map(written),
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(("width", "brief"), [(24, False), (80, True), (120, False)])
@given(bodies=st.lists(VALUES, min_size=1, max_size=4), tz=st.sampled_from([UTC, DENVER]))
def test_what_is_remembered_looks_as_it_did(bodies, tz, width, brief):
    form = BlockForm(validation_spec(), tz, width, color=True, brief=brief)
    blocks = Blocks(form)
    for body in bodies:
        event = record(f'{{"body": {body}}}'.encode())
        assert blocks.event(event, Verdict(None)) == Blocks(form).event(event, Verdict(None))


@pytest.mark.parametrize(
    "keys_of",
    [lambda number: [f"{number}_{each}" for each in range(400)], lambda number: [f"{number}_" + "x" * 400_000]],
    ids=["many", "long"],
)
def test_keys_that_no_other_event_has_are_not_held(keys_of):
    lines = FieldLines(UTC, 80, color=False, brief=False)

    def lay_out(numbers):
        for number in numbers:
            members = tuple((key, "x") for key in keys_of(number))
            assert lines.lines(members, 1, "/body", {})

    lay_out(range(3))
    assert kept(lambda: lay_out(range(3, 40)))[1] < 5_000_000
