"""What a type tells of an event the engine says too, whatever the bytes and the schemas are."""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from test_generated_schemas import NAMES, SCHEMAS, TYPES
from test_generated_schemas import VALUES as SMALL_VALUES
from wrong_events import CATALOG, EVENTS, EXAMPLE, VALUES, wrong_events

from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.framing.fast.batches import Batch
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Record
from canvas_events_cli.running.fast.batches import fast_way
from canvas_events_cli.running.reading import ReadOptions, plain_way
from canvas_events_cli.timestamps import is_date_time, is_usual
from canvas_events_cli.validation import ValidationSpec, Verdict, compile_checker
from canvas_events_cli.validation.fast.event_type import are_times
from canvas_events_cli.validation.fast.judging import fast_path
from canvas_events_cli.validation.fast.verdicts import VerdictTypes
from canvas_events_cli.validation.findings import Judged
from canvas_events_cli.validation.report import ReportOptions
from canvas_events_cli.validation.work import ValidationWork

SPEC, STRICT = (ValidationSpec(CATALOG, "jsonschema-rs", strict) for strict in (False, True))
CHECKER, STRICT_CHECKER = compile_checker(SPEC), compile_checker(STRICT)
TYPES_OF_EVENTS, STRICT_TYPES = VerdictTypes(SPEC), VerdictTypes(STRICT)
LINES = [orjson.dumps(event) for event in EVENTS]
# They hold objects of other names by a pattern: no type says what the parser has to make of these.
LEFT_TO_THE_ENGINE = {"default_blueprint_restrictions_updated"}
ODD_VALUES = [
    *(b"null", b"1e999", b"-0", b"1" * 400, b"tru", b"[" * 2000, b'{"a":1}', b'""', b'"\xff"', b'"\xed\xa0\x80"'),
    *(b'"\\ud800"', b'"\\udc00"', b'"\\u0031"', b'"\x01"', b'"12\\n"', '"\u0661"'.encode(), b'"logged_in"'),
    *(b'"2024-07-05 13:40:39Z"', b'"2024-07-05T13:40:39+1400"', b'"0000-01-01T00:00:00Z"', b'"2023-02-29T00:00:00Z"'),
    b'"x","event_name":"logged_in"',
]


def name_of(event: Any) -> str:
    return str(event["metadata"]["event_name"])


def told(types: VerdictTypes, raw: bytes) -> Verdict | None:
    if b"\n" in raw:
        return None  # two lines
    told = types.told(Batch(raw + b"\n", 0, len(raw) + 1, [1], lambda _: (), lambda: ()))
    verdict = next((known.clean for known in told.clean), None)
    # Of a repeated time all have to be right for it, not only the last.
    assert types.clean(raw) in (None, verdict)
    return verdict or types.wrong(raw, told.wrong[0], in_any_order=False)


def is_json(raw: bytes) -> bool:
    try:
        orjson.loads(raw)
    except orjson.JSONDecodeError:
        return False
    return True


def assert_sound(raw: bytes, types: VerdictTypes = TYPES_OF_EVENTS, checker: Any = CHECKER) -> None:
    verdict = told(types, raw)
    if verdict is not None:
        assert verdict == checker.check("capture.ndjson", Record(1, raw, orjson.loads(raw), True))


@pytest.mark.parametrize("event", EVENTS, ids=name_of)
def test_documented_events_are_told_by_their_types(event: Any) -> None:
    name = name_of(event)
    assert told(TYPES_OF_EVENTS, orjson.dumps(event)) == (None if name in LEFT_TO_THE_ENGINE else Verdict(name))


@pytest.mark.parametrize(
    "event_time",
    [
        "2024-02-28T00:00:00Z",
        "2024-12-31t23:59:59.123456789z",
        "1970-04-30T12:00:00-23:59",
        "9998-10-31T00:00:00+00:00",
    ],
)
def test_dates_are_told(event_time: str) -> None:
    event = {**EXAMPLE, "metadata": {**EXAMPLE["metadata"], "event_time": event_time}}
    assert told(TYPES_OF_EVENTS, orjson.dumps(event))


SPELLINGS_OF_TIMES = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["2024-02-29", "2023-02-29", "0001-01-01", "9999-12-31", "1970-1-1", "20240229"]),
        st.sampled_from(["T", "t", " ", "_", "\n", ""]),
        st.sampled_from(["23:59:59", "23:59:60", "24:00:00", "00:00", "000000"]),
        st.sampled_from(["", ".5", ".123456789123", ".", ",5"]),
        st.sampled_from(["Z", "z", "+05:30", "-00:00", "+0530", "+05", "+24:00", "", "Zx", "\\u005a"]),
    ),
)


@given(SPELLINGS_OF_TIMES, st.integers(0, 9))
@example("2024-02-29T23:59:59.123456789123-00:00", 3)
def test_times_among_many_are_looked_at(time: str, place: int) -> None:
    times: list[str | None] = ["2024-07-30T19:04:35.872Z", "2024-07-30T19:04:35-06:00", None] * 5
    assert are_times(times)
    are_right = are_times([*times[:place], time, *times[place:]])
    assert is_date_time(time) if are_right else is_usual(time) is None
    assert are_right == are_times([time])


@settings(suppress_health_check=list(HealthCheck))
@given(st.one_of(wrong_events(), wrong_events(), VALUES))
def test_wrong_events_are_told_of_as_the_engine_does(event: Any) -> None:
    assert_sound(json.dumps(event, separators=(",", ":")).encode())
    assert_sound(json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass"))


# What becomes of a text, or of a member in it; of repeated keys the last counts.
CHANGES = {
    "as it is": lambda text: text,
    "attributes": lambda text: text.replace('"metadata"', '"attributes"'),
    "name in an escape": lambda text: text.replace('"event_name"', r'"event\u005fname"'),
    "key in an escape": lambda text: text.replace('"metadata"', r'"met\u0061data"'),
    "repeated": lambda text: text.replace('"event_name"', '"event_time": "x", "event_name"'),
    "repeated in another spelling": lambda text: text.replace('"body"', r'"b\u006fdy" : {"a": "b\u0022:"}, "body"'),
    "repeated envelope": lambda text: text.replace('"body"', '"metadata":{},"body"', 1),
    "both envelopes": lambda text: text.replace('"body"', '"attributes":{},"body"', 1),
    "quotes and colons": lambda text: text.replace('"hostname"', r'"hostname": "\":\":", "user_login"'),
    "space": lambda text: text.replace('":', '" \t:').replace("}", " \r}"),
}


@st.composite
def spelled(draw: Any) -> bytes:
    """Return an event in some spelling: the order of keys, spaces, escapes, what is repeated."""
    event = draw(st.one_of(wrong_events(), st.sampled_from(EVENTS), st.just(EXAMPLE)))
    members = [
        (
            key,
            dict(draw(st.permutations([*value.items()]))) if isinstance(value, dict) and draw(st.booleans()) else value,
        )
        for key, value in (draw(st.permutations([*event.items()])) if isinstance(event, dict) else [])
    ]
    separators = draw(st.sampled_from([None, (",", ":"), (" , ", " : ")]))
    text = json.dumps(dict(members), separators=separators, ensure_ascii=draw(st.booleans()))
    return str(CHANGES[draw(st.sampled_from([*CHANGES]))](text)).encode("utf-8", "surrogatepass")


@settings(suppress_health_check=list(HealthCheck))
@given(spelled())
def test_spellings_change_no_verdict(raw: bytes) -> None:
    for types, checker in ((TYPES_OF_EVENTS, CHECKER), (STRICT_TYPES, STRICT_CHECKER)):
        assert_sound(raw, types, checker)
        if is_json(raw):
            record = Record(1, raw, orjson.loads(raw), True)
            types.learn(record, checker.check("capture.ndjson", record))


@pytest.mark.parametrize("change", ["as it is", "attributes", "name in an escape", "key in an escape", "space"])
@pytest.mark.parametrize("types", [TYPES_OF_EVENTS, STRICT_TYPES], ids=["", "strict"])
def test_types_tell_of_every_spelling(types: VerdictTypes, change: str) -> None:
    raw = CHANGES[change](json.dumps(EXAMPLE)).encode()
    assert told(types, raw) == types.clean(raw) == Verdict(name_of(EXAMPLE))


@given(st.sampled_from(LINES), st.integers(0, 2000), st.integers(0, 3), st.binary(max_size=3))
@example(LINES[0], 0, 0, b"\xef\xbb\xbf")
def test_damaged_events_are_told_of_as_the_engine_does(line: bytes, place: int, cut: int, put: bytes) -> None:
    assert_sound(line[:place] + put + line[place + cut :])


@given(
    st.sampled_from(["user_id", "event_time", "status", "event_name", "user_login"]),
    st.sampled_from(ODD_VALUES),
)
def test_odd_values_are_told_of_as_the_engine_does(name: str, value: bytes) -> None:
    line = orjson.dumps(EXAMPLE)
    start = line.index(b'"%b":' % name.encode()) + len(name) + 3
    end = line.index(b'"', start + 1) + 1
    assert_sound(line[:start] + value + line[end:])


def schemas_as_types(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return schemas of keywords that types are made of."""
    keywords = {
        "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
        "minLength": st.integers(0, 3),
        "pattern": st.just("^[0-9]+$"),
        "format": st.just("date-time"),
        "items": inner,
        "properties": st.dictionaries(NAMES, inner, min_size=1, max_size=2),
        "required": st.lists(NAMES, max_size=1),
        "x-expected": st.lists(NAMES, max_size=2),
        "anyOf": st.lists(inner, min_size=1, max_size=2),
        "if": inner,
        "then": inner,
    }
    return st.fixed_dictionaries({}, optional=keywords)


SCHEMAS_AS_TYPES = st.recursive(schemas_as_types(st.just({})), schemas_as_types, max_leaves=4)
TEXTS = st.sampled_from(
    ["12", "1", "ab", "x", "a1", "12\n", "2024-05-01T10:00:00Z", "2024-05-01t10:00:00", "yesterday"]
)


@settings(suppress_health_check=list(HealthCheck))
@example(schema={"then": {"properties": {"a": {}}}}, values=[{"a": None, "b": None}] * 4, is_required=False)
@given(
    schema=st.one_of(SCHEMAS, SCHEMAS_AS_TYPES, SCHEMAS_AS_TYPES),
    values=st.lists(SMALL_VALUES | TEXTS, min_size=4, max_size=8),
    is_required=st.booleans(),
)
def test_no_schema_misleads(schema: dict[str, Any], values: list[Any], is_required: bool, tmp_path: Path) -> None:
    body = {"type": "object", "properties": {"value": schema}, "$defs": schema.pop("$defs", {})}
    if is_required:
        body["required"] = ["value"]
    (tmp_path / "body.json").write_text(json.dumps(body))
    catalog = load_catalog(bodies=[f"made_up={tmp_path / 'body.json'}"])
    spec = ValidationSpec(catalog, "jsonschema-rs")
    types, checker = VerdictTypes(spec), compile_checker(spec)
    metadata = {**EXAMPLE["metadata"], "event_name": "made_up"}
    bodies = [{}, *({"value": value} for value in values), {"value": values[0], "more": values[1]}]
    lines = [orjson.dumps({"metadata": metadata, "body": body}) for body in bodies]
    for line in lines * 4:
        event = orjson.loads(line)
        record = Record(1, line, event, True)
        types.learn(record, checker.check("capture.ndjson", record))
        assert_sound(line, types, checker)


BOTH = st.sampled_from(["value", "more"])
SAID_OF_BOTH = st.one_of(
    st.builds(lambda name: {"required": [name]}, BOTH),
    st.builds(
        lambda name, kind: {"properties": {name: kind}},
        BOTH,
        st.sampled_from([{"type": "string"}, {"type": ["boolean", "null"]}, {"const": "x"}, {"not": {"type": "null"}}]),
    ),
)
CHOICES = st.fixed_dictionaries(
    {},
    optional={
        "x-expected": st.lists(BOTH, min_size=1, max_size=2),
        "anyOf": st.lists(SAID_OF_BOTH, min_size=1, max_size=2),
        "if": SAID_OF_BOTH,
        "then": SAID_OF_BOTH,
        "else": SAID_OF_BOTH,
    },
)
MISSING = object()


@settings(suppress_health_check=list(HealthCheck))
@example(said={"if": {"properties": {"more": {"const": "x"}}}, "then": {"required": ["value"]}}, first=MISSING)
@example(said={"anyOf": [{"required": ["value"]}, {"properties": {"more": {"const": "x"}}}]}, first=True)
@example(
    said={"anyOf": [{"properties": {"value": {"type": "string"}}}, {"properties": {"more": {"const": "x"}}}]},
    first=True,
)
@given(said=CHOICES, first=st.sampled_from([MISSING, None, True, "x"]))
def test_no_branch_misleads(tmp_path: Path, said: dict[str, Any], first: Any) -> None:
    """What is learned of some events must hold of others that differ in the fields that a branch speaks of."""
    kinds = {"type": ["string", "null"]}
    (tmp_path / "body.json").write_text(
        json.dumps({"type": "object", "properties": {"value": kinds, "more": kinds}, **said})
    )
    spec = ValidationSpec(load_catalog(bodies=[f"made_up={tmp_path / 'body.json'}"]), "jsonschema-rs")
    types, checker = VerdictTypes(spec), compile_checker(spec)
    metadata = {**EXAMPLE["metadata"], "event_name": "made_up"}
    bodies = [
        {name: value for name, value in (("value", one), ("more", other)) if value is not MISSING}
        for one in (first, MISSING, None, True, False, "x", "y")
        for other in (MISSING, None, False, "x", "y")
    ]
    lines = [orjson.dumps({"metadata": metadata, "body": body}) for body in bodies]
    for line in [*lines[:5] * 4, *lines]:
        record = Record(1, line, orjson.loads(line), True)
        assert_sound(line, types, checker)
        verdict = checker.check("capture.ndjson", record)
        if verdict != Verdict("made_up"):
            types.learn(record, verdict)


@pytest.mark.parametrize(("name", "is_learned"), [("new", True), ("new" * 500, False)])
def test_names_that_are_very_long_are_not_learned(name: str, is_learned: bool) -> None:
    types = VerdictTypes(SPEC)
    event = {**EXAMPLE, "body": {**EXAMPLE["body"], name: 1}}
    record = Record(1, orjson.dumps(event), event, True)
    assert told(types, record.raw) is None
    for _ in range(5):
        types.learn(record, CHECKER.check("capture.ndjson", record))
    assert (told(types, record.raw) is not None) == is_learned


@pytest.mark.parametrize("text", [b"5", b'"text"', b"[]", b"null", b'{"metadata":{}}'])
def test_nothing_is_learned_of_what_is_no_event(text: bytes) -> None:
    types = VerdictTypes(SPEC)
    record = Record(1, text, orjson.loads(text), True)
    assert not any(types.learn(record, CHECKER.check("capture.ndjson", record)) for _ in range(5))


@pytest.mark.parametrize("ids", [["user_id"], ["user_id", "root_account_id"]])
def test_ids_are_looked_at_however_few_there_are(ids: list[str], tmp_path: Path) -> None:
    fields = {"event_name": {"type": "string"}} | {name: {"type": "string", "pattern": "^[0-9]+$"} for name in ids}
    metadata = {"type": "object", "required": [*fields], "properties": fields}
    envelope = {"type": "object", "required": ["metadata"], "properties": {"metadata": metadata, "body": {}}}
    (tmp_path / "envelope.json").write_text(json.dumps(envelope))
    types = VerdictTypes(ValidationSpec(load_catalog(envelope=tmp_path / "envelope.json"), "jsonschema-rs"))
    body = EXAMPLE["body"]
    event = {"metadata": {"event_name": name_of(EXAMPLE), **dict.fromkeys(ids, "12")}, "body": body}
    assert told(types, orjson.dumps(event))
    event["metadata"]["user_id"] = "x"
    assert not told(types, orjson.dumps(event))


@pytest.mark.parametrize("body", ["{}", '{"a":[{"b":null}]}', '{"a":1e999}', "[]", "null"])
@pytest.mark.parametrize("note", [{}, {"producer": None}])
def test_events_without_a_schema_are_told(body: str, note: dict[str, None]) -> None:
    types = VerdictTypes(SPEC)
    metadata = json.dumps({**EXAMPLE["metadata"], "event_name": "new_one", **note})
    raw = f'{{"metadata":{metadata},"body":{body}}}'.encode()
    if is_json(raw):
        record = Record(1, raw, orjson.loads(raw), True)
        for _ in range(3):
            types.learn(record, CHECKER.check("capture.ndjson", record))
        assert types.clean(raw) in (None, CHECKER.check("capture.ndjson", record))
    assert_sound(raw, types)
    assert (told(types, raw) is not None) == (body in ("{}", '{"a":[{"b":null}]}'))


@pytest.mark.parametrize("kind", ["string", "array", ["null", "integer"]])
def test_a_body_that_may_be_no_object_is_left_to_the_engine(kind: object, tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text(json.dumps({"type": kind}))
    types = VerdictTypes(
        ValidationSpec(load_catalog(bodies=[f"{name_of(EXAMPLE)}={tmp_path / 'body.json'}"]), "jsonschema-rs")
    )
    assert told(types, orjson.dumps(EXAMPLE)) is None


def test_the_reference_looks_at_everything() -> None:
    spec = ValidationSpec(CATALOG, "jsonschema")
    assert fast_path(compile_checker(spec), spec, ReportOptions()) is None


@pytest.mark.parametrize("name", ["logged_out", "quizzes.quiz_created", "asset_accessed", "submission_created"])
def test_a_number_that_is_malformed_is_so_for_types(name: str) -> None:
    (event,) = (event for event in EVENTS if name_of(event) == name) if name in CATALOG.bodies else (EXAMPLE,)
    for field in [*event["body"], "more"]:
        raw = json.dumps({**event, "body": {**event["body"], field: "HERE"}}).replace('"HERE"', "9" * 400).encode()
        assert told(TYPES_OF_EVENTS, raw) is None


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [("metadata", "producer", MISSING), ("metadata", "producer", None), ("body", "domain", MISSING)],
)
def test_missing_fields_are_learned(part: str, name: str, value: object) -> None:
    types = VerdictTypes(SPEC)
    fields = {field: known for field, known in EXAMPLE[part].items() if field != name}
    event = {**EXAMPLE, part: fields if value is MISSING else {**fields, name: value}}
    record = Record(1, orjson.dumps(event), event, True)
    verdict = CHECKER.check("capture.ndjson", record)
    assert verdict == Verdict(name_of(EXAMPLE), missing_fields=(f"/{part}/{name}",))
    assert told(types, record.raw) is None
    for _ in range(5):
        types.learn(record, verdict)
    assert told(types, record.raw) == verdict


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("change", [{"more": 1}, {"status": 7}])
def test_events_with_the_same_mistake_are_judged_together(strict: bool, change: dict[str, Any]) -> None:
    wrong = orjson.dumps({**EXAMPLE, "body": {**EXAMPLE["body"], **change}}) + b"\n"
    blocks = [wrong * 90, wrong * 90, wrong * 45 + orjson.dumps(EXAMPLE) + b"\n" + wrong * 45]
    blocks.append(wrong * 45 + wrong.replace(b'"status"', b'"status":null,"status"') + wrong * 45)
    found = both_ways(blocks, strict)
    assert {*map(type, found[1])} == {Judged}
    assert len(found[1]) < 4


ODD_AMONG_VALID = {
    "letters": (b'"user_id":"', b'"user_id":"x'),
    "no digits of ours": (b'"user_id":"', '"user_id":"\u0661'.encode()),
    "no offset": (b'Z"', b'"'),
    "no colon": (b'Z"', b'+0100"'),
    "no T": (b"T19:", b" 19:"),
    "another name": (b'"outcomes.retry', b'"new.retry'),
    "attributes": (b'"metadata"', b'"attributes"'),
    "repeated": (b'"user_id"', b'"user_id":null,"user_id"'),
    "two on a line": (b"}}\n", b'}}{"metadata":{},"body":{}}\n'),
}


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("change", ODD_AMONG_VALID.values(), ids=ODD_AMONG_VALID)
def test_one_event_among_many_valid_ones_is_seen(strict: bool, change: tuple[bytes, bytes]) -> None:
    valid = orjson.dumps(EXAMPLE) + b"\n"
    odd = valid.replace(*change)
    assert odd != valid
    found = both_ways([valid * 90, valid * 90, odd + valid * 90, valid * 45 + odd + valid * 45, valid * 90], strict)
    assert {*map(type, found[1])} == {Judged}


def both_ways(blocks: list[bytes], strict: bool) -> list[list[Any]]:
    """Return what is found in each of *blocks*, where the report is that of the plain way."""
    compiled = ValidationWork(
        ValidationSpec(CATALOG, "jsonschema-rs", strict), ReportOptions(kinds=True, max_findings=300)
    ).compile()
    found: list[list[Any]] = []
    for way in (fast_way, plain_way):
        framer, events_of = Framer(), way(compiled, ReadOptions())
        found.append([[*events_of(framer, block)] for block in blocks])
    fast, plain = ([compiled.report("capture", items) for items in each] for each in found)
    assert fast == plain
    return found[0]
