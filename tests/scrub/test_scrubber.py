"""What becomes of whole records: which bytes change, what schemas and options say, wrappers, framing."""

import json
import pickle
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wrappers.wrapper_builders import BUILDERS, EVENT_TEXT, base64, unsigned_token

from canvas_events_cli import validate
from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Record
from canvas_events_cli.parse import parse
from canvas_events_cli.scrubbing import ScrubSpec
from canvas_events_cli.scrubbing.pseudonyms import Pseudonyms
from canvas_events_cli.sources.locate import locate
from canvas_events_cli.sources.source import Source
from canvas_events_cli.streaming import Events, scrub_parts, scrub_spec
from canvas_events_cli.wrappers import unwrap
from canvas_events_cli.wrappers.recognition import DEEPEST

KEY = scrub_spec(key="key").key
MADE = Pseudonyms(KEY)
SECRET = "Jane Doe"
HIDDEN = MADE.text(SECRET)
OTHER = MADE.text("x")
ADDRESS = MADE.text("j@x.edu")


@cache
def cached_spec(keep: tuple[str, ...], shift: int) -> ScrubSpec:
    """Return what scrubs by the bundled schemas: to derive its key takes longer than to scrub an event."""
    return scrub_spec(key="key", keep=keep, shift=f"{shift}s")


def scrub(text: str, *, keep: tuple[str, ...] = (), shift: int = 0, catalog: Any = None) -> str:
    spec = cached_spec(keep, shift) if catalog is None else scrub_spec(catalog, key="key", keep=keep, shift=f"{shift}s")
    blocks = scrub_parts(Events([Source("<lines>", lines=[text])]), spec)
    return b"".join(record for block in blocks for record in block.records).decode()


def event(name: str = "course_created", body: str = "{}", **envelope: object) -> str:
    return f'{{"metadata": {json.dumps({"event_name": name, **envelope})}, "body": {body}}}'


BODIES = {
    "spelling stays": (
        f'{{ "name" :\t"{SECRET}" , "uuid":null,"workflow_state":"\\u0061" }}',
        f'{{ "name" :\t"{HIDDEN}" , "uuid":null,"workflow_state":"\\u0061" }}',
    ),
    "escapes are read": ('{"name": "\\u004aane Doe"}', f'{{"name": "{HIDDEN}"}}'),
    "names are read": ('{"n\\u0061me": "Jane Doe"}', f'{{"n\\u0061me": "{HIDDEN}"}}'),
    "repeated names": ('{"name": "Jane Doe", "name": "Jane Doe"}', f'{{"name": "{HIDDEN}", "name": "{HIDDEN}"}}'),
    "an id as text and number": ('{"course_id": "123", "account_id": 123}', None),
    "a list in place of text": ('{"name": ["Jane Doe", {"x": ""}]}', f'{{"name": ["{HIDDEN}", {{"x": ""}}]}}'),
    "undocumented text": ('{"extra": {"deep": ["Jane Doe"]}}', f'{{"extra": {{"deep": ["{HIDDEN}"]}}}}'),
    "undocumented numbers": ('{"extra": [999, 1.5, true, null, -12.5]}', '{"extra": [999, 1.5, true, null, -12.5]}'),
    "an undocumented name that is a value": ('{"Jane Doe": 1, "j@x.edu": 1}', f'{{"{HIDDEN}": 1, "{ADDRESS}": 1}}'),
    "an undocumented name that is a field's": ('{"snake_case_2": 1, "@type": 1}', '{"snake_case_2": 1, "@type": 1}'),
    "a time": ('{"created_at": "2024-09-02t06:00:03.10+05:30"}', '{"created_at": "2024-09-02t06:00:03.10+05:30"}'),
    "no time": ('{"created_at": "Jane Doe"}', f'{{"created_at": "{HIDDEN}"}}'),
    "no object": ('"Jane Doe"', f'"{HIDDEN}"'),
}  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), BODIES.values(), ids=BODIES)
def test_bodies(body: str, expected: str | None) -> None:
    replaced = expected or f'{{"course_id": "{MADE.text("123")}", "account_id": {MADE.text("123")}}}'
    assert scrub(event(body=body)) == event(body=replaced) + "\n"


def test_a_body_without_a_schema_is_personal() -> None:
    assert (
        scrub(event("course_imploded", '{"state": "Jane Doe"}'))
        == event("course_imploded", f'{{"state": "{HIDDEN}"}}') + "\n"
    )


KEPT = {
    "a bare name": ("name", '{"name": "Jane", "uuid": "Jane Doe"}', f'{{"name": "Jane", "uuid": "{HIDDEN}"}}'),
    "a path": ("body.a.b", '{"a": {"b": ["Jane Doe"], "c": "x"}}', f'{{"a": {{"b": ["Jane Doe"], "c": "{OTHER}"}}}}'),
    "an index": ("/body/a/1", '{"a": ["Jane Doe", "Jane Doe"]}', f'{{"a": ["{HIDDEN}", "Jane Doe"]}}'),
    "an odd name": ('body."a b"', '{"a b": "Jane Doe"}', '{"a b": "Jane Doe"}'),
    "all": ("/body", '{"x": {"Jane Doe": 12345}}', '{"x": {"Jane Doe": 12345}}'),
}  # fmt: skip


@pytest.mark.parametrize(("field", "body", "expected"), KEPT.values(), ids=KEPT)
def test_keep(field: str, body: str, expected: str) -> None:
    assert scrub(event(body=body), keep=(field,)) == event(body=expected) + "\n"


TIMES = {
    "later": ("2024-02-28T23:59:59.123456789Z", 86_400, "2024-02-29T23:59:59.123456789Z"),
    "earlier": ("2024-03-01t00:00:00+05:30", -60, "2024-02-29t23:59:00+05:30"),
    "a leap second": ("2016-12-31T23:59:60.5Z", 1, "2017-01-01T00:00:01.5Z"),
    "off the calendar": ("9999-12-31T00:00:00Z", 86_400, "9999-12-31T00:00:00Z"),
}


@pytest.mark.parametrize(("text", "shift", "moved"), TIMES.values(), ids=TIMES)
def test_shift(text: str, shift: int, moved: str) -> None:
    assert scrub(event(event_time=text), shift=shift) == event(event_time=moved) + "\n"


@pytest.mark.parametrize(
    ("day", "shift", "moved"),
    [("2024-02-28", 86_400, "2024-02-29"), ("2024-02-28", -1, "2024-02-27"), ("9999-12-31", 86_400, "9999-12-31")],
)
def test_shift_of_dates(day: str, shift: int, moved: str) -> None:
    name = "assignment_override_created"
    assert json.loads(scrub(event(name, json.dumps({"all_day_date": day})), shift=shift))["body"] == {
        "all_day_date": moved
    }


def test_schemas_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "bodies").mkdir()
    (tmp_path / "envelope.json").write_text("{}")
    fields = {
        "kept": {"x-personal": False, "$ref": "#/$defs/text"},
        "replaced": {"$ref": "#/$defs/text"},
        "choice": {"enum": ["Jane Doe", 12345]},
        "constant": {"const": "Jane Doe"},
        "plain": {"type": "string"},
    }
    pattern = {"^free_": {"x-personal": False}}
    text = {"type": ["string", "number"], "x-personal": True}
    schema = {"properties": fields, "patternProperties": pattern, "$defs": {"text": text}}
    (tmp_path / "bodies" / "mine.json").write_text(json.dumps(schema))
    catalog = load_catalog(tmp_path)
    names = (*fields, "free_text")
    found = json.loads(
        scrub(
            event("mine", json.dumps(dict.fromkeys(names, SECRET)), event_time="2024-09-03T00:00:00Z"), catalog=catalog
        )
    )
    assert found["metadata"] == {"event_name": "mine", "event_time": "2024-09-03T00:00:00Z"}
    assert [name for name in names if found["body"][name] == SECRET] == ["choice", "constant"]
    states = json.loads(scrub(event("mine", json.dumps(dict.fromkeys(names, "pending_review"))), catalog=catalog))
    assert [name for name in names if states["body"][name] == "pending_review"] == ["kept", "free_text"]
    assert json.loads(scrub(event("mine", '{"choice": "Jane"}'), catalog=catalog))["body"] == {
        "choice": MADE.text("Jane")
    }


def test_an_annotation_that_means_nothing_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "body.json"
    path.write_text('{"properties": {"x": {"x-personal": "hots"}}}')
    catalog = load_catalog(bodies=[f"mine={path}"])
    with pytest.raises(CeventsError, match="x-personal 'hots'; did you mean 'host'"):
        scrub(event("mine", '{"x": "y"}'), catalog=catalog)


def test_the_spec_travels_and_hides_its_key() -> None:
    spec = scrub_spec(key="secret", keep=["status"], shift="5s")
    assert pickle.loads(pickle.dumps(spec)).key == spec.key
    assert repr(spec.key) not in repr(spec)
    assert isinstance(spec, ScrubSpec)


def unwrapped(text: str) -> list[Record]:
    value = parse(text.encode())
    return [item for item in unwrap(Record(1, text.encode(), value, True)) if isinstance(item, Record)]


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("content", [EVENT_TEXT, f"\n{EVENT_TEXT}"], ids=["plain", "white space"])
def test_wrapped_events_are_scrubbed_where_they_are(name: str, content: str) -> None:
    (bare,) = unwrapped(scrub(EVENT_TEXT))
    wrapped = scrub(BUILDERS[name](content))
    (inside,) = unwrapped(wrapped)
    assert inside.raw == bare.raw.rstrip()
    for secret in ("AQEB", "m-1", "AIDAEXAMPLE", "123456789012", "{not", "learn.example"):
        assert secret not in wrapped


@pytest.mark.parametrize(("outer", "inner"), [("SQS to Lambda", "SNS"), ("Firehose", "SQS message"), ("row", "SNS")])
def test_wrappers_in_wrappers(outer: str, inner: str) -> None:
    (found,) = unwrapped(scrub(BUILDERS[outer](BUILDERS[inner](EVENT_TEXT))))
    assert found.raw == scrub(EVENT_TEXT).encode().rstrip()


@pytest.mark.parametrize("content", ["{}", "[{}, {}]"])
def test_what_is_around_events_in_a_message_stays(content: str) -> None:
    text = f"\ufeff\n {content.replace('{}', EVENT_TEXT)}\n"
    expected = text.replace(EVENT_TEXT, scrub(EVENT_TEXT).rstrip())
    assert json.loads(scrub(BUILDERS["SQS message"](text)))["Body"] == expected


def test_the_deepest_event_is_scrubbed_as_one() -> None:
    value = json.loads(EVENT_TEXT)
    for _ in range(DEEPEST + 1):
        value = {"MessageId": "1", "Body": value}
    (found,) = unwrapped(scrub(json.dumps(value)))
    assert json.loads(found.raw) == json.loads(scrub(EVENT_TEXT))


def test_several_events_in_one_message() -> None:
    found = unwrapped(scrub(BUILDERS["SQS message"](f"{EVENT_TEXT}\n[{EVENT_TEXT},{EVENT_TEXT}]")))
    assert [record.raw for record in found] == [scrub(EVENT_TEXT).encode().rstrip()] * 3


def test_a_token_becomes_an_unsigned_one() -> None:
    claims = f'{EVENT_TEXT[:-1]},"iss":"Jane Doe","iat":1725371901}}'
    scrubbed = scrub(unsigned_token(claims), shift=60).strip()
    assert scrubbed.startswith("eyJhbGciOiJub25lIn0.")
    assert scrubbed.endswith(".")
    (found,) = unwrapped(json.dumps(scrubbed))
    assert dict(found.wrapping.details)["iss"] == HIDDEN
    assert dict(found.wrapping.details)["iat"] == "2024-09-03T13:59:21.000Z"
    assert found.raw == scrub(EVENT_TEXT, shift=60).encode().strip()


def test_the_older_shape() -> None:
    older = event("logged_in", '{"redirect_url": "/courses/1"}').replace('"body"', '"data"')
    assert scrub(older) == older.replace("/1", f"/{MADE.text('1')}") + "\n"


SOURCES = {
    "lines": (f"{event()}\n\n{event()}", "{0}\n{0}\n"),
    "CRLF": (f"{event()}\r\n{event()}\r\n", "{0}\r\n{0}\r\n"),
    "pretty": ('{\n  "metadata": {},\n  "body": {}\n}\n', '{{\n  "metadata": {{}},\n  "body": {{}}\n}}\n'),
    "an array": (f" [{event()},\n {event()} ]", "[\n{0},\n{0}\n]\n"),
    "an empty array": ("[]", ""),
    "malformed": (f"{event()}\noops Jane\n", "{0}\n"),
    "malformed in an array": (f"[{event()}, oops]", "[\n{0}\n]\n"),
}


@pytest.mark.parametrize(("source", "expected"), SOURCES.values(), ids=SOURCES)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_framing_stays(source: str, expected: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("canvas_events_cli.sources.blocks.BLOCK_BYTES", size)
    path = tmp_path / "capture.json"
    path.write_bytes(source.encode())
    blocks = list(scrub_parts(Events(locate([str(path)])), scrub_spec(key="key")))
    assert b"".join(record for block in blocks for record in block.records).decode() == expected.format(event())


WORDS = st.sampled_from(
    ["metadata", "attributes", "body", "event_name", "Body", "MessageId", "data", "recordId", "token", "Records",
     "user_id", "Messages", "kinesis", "detail", "detail-type", "Jane Doe", "1234", "type", "Type", "Message"]
)  # fmt: skip
TEXTS = st.sampled_from(
    ["Notification", EVENT_TEXT, EVENT_TEXT * 2, f"[{EVENT_TEXT}, 1]", base64(EVENT_TEXT), unsigned_token(EVENT_TEXT),
     unsigned_token("[]"), "{", "", "course_created", "2024-09-03T13:58:21Z", "12", "a\n[1]", "\ud83d\ude00"]
) | st.text(max_size=5)  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
ODD = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=12,
)


@given(st.lists(ODD, min_size=1, max_size=3), st.sampled_from([None, 1]))
def test_anything_keeps_its_findings_and_counts(values: list[Any], spaces: int | None) -> None:
    lines = [json.dumps(value, indent=spaces) for value in values]
    before, after = validate(lines), validate([scrub("\n".join(lines))])
    assert (after.valid, after.invalid, after.malformed) == (before.valid, before.invalid, before.malformed)
    # What no event can be called is replaced like any other text.
    assert sorted(after.event_types.values()) == sorted(before.event_types.values())
    kinds = [[found.keyword for found in report.findings] for report in (before, after)]
    assert kinds[0] == kinds[1]
