import json
from base64 import encodebytes, urlsafe_b64encode

import pytest
from wrapper_builders import (
    BUILDERS,
    EVENT,
    EVENT_TEXT,
    base64,
    event_bridge,
    firehose_record,
    gzipped,
    in_place,
    kinesis_record,
    lambda_message,
    lambda_result,
    notification,
    records,
    row,
    sqs_message,
    text,
    unsigned_token,
)

from canvas_events_cli.model import Record, WrapperFault
from canvas_events_cli.parse import parse
from canvas_events_cli.sources.compression import compress, compression_of
from canvas_events_cli.wrappers import is_event, unwrap
from canvas_events_cli.wrappers.recognition import DEEPEST
from canvas_events_cli.wrappers.unwrap import NOT_VERIFIED

OTHER_TEXT = '{"attributes":{"event_name":"logged_out","event_time":"2024-09-03T14:00:00Z"},"body":{}}'
CALIPER = {"@context": "http://purl.imsglobal.org/ctx/caliper/v1p1", "type": "Event", "action": "LoggedIn", "id": "u"}
CALIPER_ENVELOPE = {"sensor": "s", "sendTime": "2024-09-03T14:00:00Z", "dataVersion": "v", "data": [CALIPER]}
OLDER = {"metadata": EVENT["metadata"], "data": EVENT["body"]}


def record(raw, line=3):
    raw = raw.encode() if isinstance(raw, str) else raw
    return Record(line, raw, parse(raw), True)


def unwrapped(raw):
    return list(unwrap(record(raw)))


SQS_DETAILS = (
    ("message id", "m-1"),
    ("sent", "2024-09-03T13:58:21.500Z"),
    ("event_name", "logged_in"),
    ("event_time", "2024-09-03T13:58:21.064Z"),
)
SNS_DETAILS = (("message id", "n-1"), ("sent", "2024-09-03T13:58:22.000Z"), ("event_name", "logged_in"))
BRIDGE_DETAILS = (("message id", "b-1"), ("sent", "2024-09-03T13:58:22Z"))
HTTP_DETAILS = (("request id", "h-1"), ("sent", "2024-09-03T13:58:21.500Z"))
LOG_DETAILS = (("message id", "l-1"), ("sent", "2024-09-03T13:58:21.500Z"))
FUNCTION_DETAILS = (("request id", "f-1"), ("sent", "2024-09-03T13:58:22.000Z"))

ONE_WRAPPER = {
    "receive-message": ("SQS message", SQS_DETAILS),
    "SQS message": ("SQS message", SQS_DETAILS),
    "SQS to Lambda": ("SQS message", SQS_DETAILS),
    "one message to Lambda": ("SQS message", SQS_DETAILS),
    "Kinesis to Lambda": ("Kinesis record", (("sequence number", "4959"), ("arrived", "2024-09-03T13:58:21.500Z"))),
    "SNS": ("SNS notification", SNS_DETAILS),
    "SNS to Lambda": ("SNS notification", SNS_DETAILS),
    "EventBridge, text": ("EventBridge event", BRIDGE_DETAILS),
    "EventBridge, object": ("EventBridge event", BRIDGE_DETAILS),
    "Firehose": ("Firehose record", (("record id", "r-1"), ("arrived", "2024-09-03T13:58:21.500Z"))),
    "row": ("warehouse row", (("column", "event"),)),
    "token": ("signed token", (NOT_VERIFIED,)),
    "quoted token": ("signed token", (NOT_VERIFIED,)),
    "Kinesis get-records": ("Kinesis record", (("sequence number", "4957"), ("arrived", "2024-09-03T13:58:21.500Z"))),
    "one record of Kinesis": ("Kinesis record", (("sequence number", "4957"), ("arrived", "2024-09-03T13:58:21.500Z"))),
    "Kinesis to a pipe": ("Kinesis record", (("sequence number", "4959"), ("arrived", "2024-09-03T13:58:21.500Z"))),
    "gzip in Kinesis": (
        "Kinesis record > gzip data",
        (("sequence number", "4959"), ("arrived", "2024-09-03T13:58:21.500Z")),
    ),
    "zstd in Kinesis": (
        "Kinesis record > zstd data",
        (("sequence number", "4957"), ("arrived", "2024-09-03T13:58:21.500Z")),
    ),
    "gzip in Firehose": (
        "Firehose record > gzip data",
        (("record id", "r-1"), ("arrived", "2024-09-03T13:58:21.500Z")),
    ),
    "xz in Firehose": ("Firehose record > xz data", (("record id", "r-1"), ("arrived", "2024-09-03T13:58:21.500Z"))),
    "Firehose to a stream": ("Firehose record", ()),
    "Firehose error": ("Firehose error", (("error", "Lambda.FunctionError"), ("arrived", "2024-09-03T13:58:21.500Z"))),
    "API Gateway": ("HTTP request", HTTP_DETAILS),
    "API Gateway, version 2": ("HTTP request", HTTP_DETAILS),
    "API Gateway, base64": ("HTTP request", HTTP_DETAILS),
    "function URL, base64": ("HTTP request", HTTP_DETAILS),
    "function URL, gzip": ("HTTP request > gzip data", HTTP_DETAILS),
    "ALB": ("HTTP request", ()),
    "ALB, base64": ("HTTP request", ()),
    "HTTP response": ("HTTP request", ()),
    "CloudWatch Logs": ("CloudWatch Logs data > gzip data > log event", LOG_DETAILS),
    "CloudWatch Logs to Kinesis": (
        "Kinesis record > gzip data > log event",
        (
            ("sequence number", "4959"),
            ("arrived", "2024-09-03T13:58:21.500Z"),
            ("message id", "l-1"),
            ("sent", "2024-09-03T13:58:21.500Z"),
        ),
    ),
    "logs that were asked for": ("log event", LOG_DETAILS),
    "text in text": ("SQS message > quoted text", SQS_DETAILS),
    "text in text in text": ("SNS notification > quoted text > quoted text", SNS_DETAILS),
    "quoted text": ("quoted text", ()),
    "text quoted twice": ("quoted text", ()),
    "base64 in SQS": ("SQS message > base64 text", SQS_DETAILS),
    "gzip in SQS": ("SQS message > base64 text > gzip data", SQS_DETAILS),
    "gzip in a row": ("warehouse row > base64 text > gzip data", (("column", "payload"),)),
    "token in a row": ("warehouse row > signed token", (("column", "payload"), NOT_VERIFIED)),
    "token over HTTP": ("HTTP request > signed token", (*HTTP_DETAILS, NOT_VERIFIED)),
    "base64 of a token over HTTP": ("HTTP request > signed token", (*HTTP_DETAILS, NOT_VERIFIED)),
    "Lambda destination": ("Lambda result", FUNCTION_DETAILS),
    "Lambda destination, text": ("Lambda result", FUNCTION_DETAILS),
    "Lambda destination, response": ("Lambda result", FUNCTION_DETAILS),
    "MSK": ("Kafka record", (("topic", "live-events"), ("sent", "2024-09-03T13:58:21.500Z"))),
    "Kafka": ("Kafka record", (("topic", "live-events"), ("sent", "2024-09-03T13:58:21.500Z"))),
    "RabbitMQ": ("queue message", ()),
    "ActiveMQ": ("queue message", (("message id", "q-1"), ("sent", "2024-09-03T13:58:21.500Z"))),
    "EventBridge entries": ("EventBridge event", ()),
    "EventBridge entry": ("EventBridge event", ()),
    "SQS entries": ("SQS message", (("message id", "m-1"),)),
    "SNS entries": ("SNS notification", ()),
    "CloudEvent": ("CloudEvent", (("message id", "c-1"),)),
    "CloudEvent, base64": ("CloudEvent", (("message id", "c-1"),)),
    "list of events": ("list of records", ()),
    "another list": ("list of records", ()),
}


@pytest.mark.parametrize("name", BUILDERS)
def test_one_wrapper(name):
    raw = BUILDERS[name](EVENT_TEXT)
    (event,) = unwrapped(raw)
    assert event.value == parse(EVENT_TEXT.encode())
    assert event.raw == EVENT_TEXT.encode()
    assert (event.line, event.own_line, event.wrapping.raw) == (3, False, raw.encode())
    assert (event.wrapping.kind, event.wrapping.details) == ONE_WRAPPER[name]


NESTED = {
    "SNS in SQS": (["SQS message", "SNS"], "SQS message > SNS notification"),
    "SNS in SQS in Lambda": (["SQS to Lambda", "SNS"], "SQS message > SNS notification"),
    "EventBridge in SNS in SQS": (
        ["receive-message", "SNS", "EventBridge, object"],
        "SQS message > SNS notification > EventBridge event",
    ),
    "SQS batch in Firehose": (["Firehose", "receive-message"], "Firehose record > SQS message"),
    "token in SQS in Kinesis": (
        ["Kinesis to Lambda", "one message to Lambda", "token"],
        "Kinesis record > SQS message > signed token",
    ),
    "wrapper in a row": (["row", "SNS"], "warehouse row > SNS notification"),
    "row in a wrapper": (["SNS", "row"], "SNS notification > warehouse row"),
    "object in object": (["EventBridge, object", "EventBridge, object"], "EventBridge event > EventBridge event"),
}


@pytest.mark.parametrize(("names", "kind"), NESTED.values(), ids=NESTED)
def test_nested(names, kind):
    raw = EVENT_TEXT
    for name in reversed(names):
        raw = BUILDERS[name](raw)
    (event,) = unwrapped(raw)
    assert event.raw == EVENT_TEXT.encode()
    assert event.wrapping.kind == kind


def test_details_of_nested_wrappers_come_outermost_first():
    (event,) = unwrapped(BUILDERS["SQS message"](BUILDERS["EventBridge, text"](EVENT_TEXT)))
    assert event.wrapping.details == SQS_DETAILS + BRIDGE_DETAILS


SEVERAL = {
    "messages": text({"Messages": [sqs_message(EVENT_TEXT), sqs_message(OTHER_TEXT)]}),
    "lambda records of any service": text(records(lambda_message(EVENT_TEXT), kinesis_record(OTHER_TEXT))),
    "concatenated in Kinesis": text(records(kinesis_record(EVENT_TEXT + OTHER_TEXT))),
    "a line each in Firehose": text({"records": [firehose_record(f"{EVENT_TEXT}\n{OTHER_TEXT}\n")]}),
    "an array as text": text(sqs_message(f"[{EVENT_TEXT}, {OTHER_TEXT}]")),
    "objects in place": f'{{"Records": [{EVENT_TEXT}, {{"eventSource": "aws:sqs", "body": {OTHER_TEXT}}}]}}',
    "detail as array": f'{{"detail-type": "batch", "detail": [{EVENT_TEXT}, {OTHER_TEXT}]}}',
}


@pytest.mark.parametrize("raw", SEVERAL.values(), ids=SEVERAL)
def test_several_events(raw):
    assert [event.raw.decode() for event in unwrapped(raw)] == [EVENT_TEXT, OTHER_TEXT]


MINIMAL = {
    "message": {"Messages": [{"Body": EVENT_TEXT}]},
    "lambda message": {"Records": [{"body": EVENT_TEXT}]},
    "kinesis": {"Records": [{"kinesis": {"data": base64(EVENT_TEXT)}}]},
    "SNS": {"Records": [{"Sns": {"Message": EVENT_TEXT}}]},
    "firehose": {"records": [{"data": base64(EVENT_TEXT)}]},
    "notification": {"Type": "Notification", "Message": EVENT_TEXT},
    "bridge": {"detail-type": "x", "detail": EVENT},
    "message with an object": {"MessageId": "m", "Body": EVENT},
    "jwt": {"jwt": unsigned_token(EVENT_TEXT)},
    "access_token": {"access_token": unsigned_token(EVENT_TEXT), "expires_in": 300},
}


@pytest.mark.parametrize("value", MINIMAL.values(), ids=MINIMAL)
def test_only_what_marks_a_wrapper_is_needed(value):
    (event,) = unwrapped(text(value))
    assert event.value["metadata"] == EVENT["metadata"]


THEMSELVES = {
    "event": EVENT,
    "event with attributes": json.loads(OTHER_TEXT),
    "event with a text as body": {"metadata": EVENT["metadata"], "body": EVENT_TEXT},
    "attributes and a text as body": {"attributes": EVENT["metadata"], "body": "text"},
    "event without body": {"metadata": EVENT["metadata"]},
    "event beside wrapper's names": {**EVENT, "messageId": "m", "Message": "x", "Type": "Notification"},
    "Caliper event": CALIPER,
    "Caliper envelope without its list": CALIPER_ENVELOPE | {"data": {}},
    "stranger": {"a": 1},
    "records of something else": {"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {}}}], "records": [1]},
    "subscription": {"Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe"},
    "JSON of no event in a row": {"id": 1, "payload": '{"a":1}'},
    "token that is none": {"token": "www.example.com"},
    "array": [1],
    "text": "hello",
    "text with two points": "www.example.com",
    "number": 7,
    "null": None,
    "empty": {},
}


@pytest.mark.parametrize("value", THEMSELVES.values(), ids=THEMSELVES)
def test_what_is_no_wrapper_stays_itself(value):
    whole = record(text(value))
    (same,) = unwrap(whole)
    assert same is whole or same == whole


def test_is_event_tells_an_event_from_a_message_by_type():
    assert is_event({"attributes": {}, "body": {}})
    assert is_event({"metadata": {}, "body": None})
    assert not is_event({"attributes": {}, "body": "{}"})
    assert not is_event({"metadata": {}})
    assert not is_event({"metadata": [], "body": {}})


def test_older_shape_has_a_body_and_its_own_text():
    whole = record(text(OLDER))
    (event,) = unwrap(whole)
    assert event.value == parse(text(EVENT).encode())
    assert event == whole._replace(value=event.value)


def test_older_shape_in_a_wrapper():
    (event,) = unwrapped(BUILDERS["SNS"](text(OLDER)))
    assert list(event.value) == ["metadata", "body"]
    assert json.loads(event.raw) == OLDER


@pytest.mark.parametrize("value", [CALIPER, CALIPER_ENVELOPE], ids=["event", "envelope"])
def test_caliper_in_a_queue_brings_the_name_of_its_event(value):
    (event,) = unwrapped(text(sqs_message(text(value))))
    assert event.value == CALIPER
    assert ("event_name", "logged_in") in event.wrapping.details


def test_each_event_of_a_caliper_envelope_is_one():
    events = unwrapped(text({**CALIPER_ENVELOPE, "data": [CALIPER, {**CALIPER, "id": "v"}]}))
    assert [event.value["id"] for event in events] == ["u", "v"]


INVALID_EVENTS = {
    "no body": '{"metadata":{"event_name":"logged_in"}}',
    "text as body": '{"metadata":{"event_name":"logged_in"},"body":"x"}',
    "only a body": '{"body":{"a":1}}',
    "only attributes": '{"attributes":{"event_name":"logged_in"}}',
}


@pytest.mark.parametrize("inner", INVALID_EVENTS.values(), ids=INVALID_EVENTS)
def test_an_incomplete_event_in_a_wrapper_is_left_to_validation(inner):
    (event,) = unwrapped(text(sqs_message(inner)))
    assert event.raw.decode() == inner


def test_text_of_an_event_in_place_is_as_written_without_spaces():
    raw = '{"detail-type": "x", "\\u0064etail": {"metadata": {"n": 1.10},\n "body": {"a b": [1E5, -0 , "\\u0041"]}}}'
    (event,) = unwrapped(raw)
    assert event.raw == rb'{"metadata":{"n":1.10},"body":{"a b":[1E5,-0,"\u0041"]}}'


def test_registered_claims_are_details_not_fields():
    claims = f'{{"iss": "canvas", "aud": ["a"], "iat": 1725371902, "exp": 1725372202, {EVENT_TEXT[1:-1]}, "jti": "j"}}'
    (event,) = unwrapped(text(unsigned_token(claims)))
    assert event.raw.decode() == EVENT_TEXT
    assert event.value == parse(EVENT_TEXT.encode())
    assert event.wrapping.details == (
        NOT_VERIFIED,
        ("iss", "canvas"),
        ("jti", "j"),
        ("exp", "2024-09-03T14:03:22.000Z"),
        ("iat", "2024-09-03T13:58:22.000Z"),
    )


def test_bare_token():
    token = unsigned_token(EVENT_TEXT)
    (event,) = unwrap(Record(1, token.encode(), token, True))
    assert event.raw.decode() == EVENT_TEXT


FAULTS = {
    "no messages": (text({"Messages": []}), "no event in the list at /Messages: it is empty"),
    "no records": ('{"Records":[]}', "no event in the list at /Records: it is empty"),
    "empty text": (text(sqs_message(" ")), "no event in the SQS message at /Body: it is empty"),
    "no JSON": (
        text(notification("hello")),
        "no event in the SNS notification at /Message: not JSON: "
        "unexpected character, expected a JSON value at line 1, column 1",
    ),
    "other object": (
        text(sqs_message('{"a":1}')),
        "no event in the SQS message at /Body: it is an object, neither an event nor a wrapper",
    ),
    "number": (
        text(sqs_message("7")),
        "no event in the SQS message at /Body: it is a number, neither an event nor a wrapper",
    ),
    "text": (
        text(sqs_message('""')),
        "no event in the quoted text at /Body: it is empty",
    ),
    "empty array": (text(sqs_message("[]")), "no event in the SQS message at /Body: it is empty"),
    "null": (text(event_bridge(None)), "no event in the EventBridge event at /detail: it is null"),
    "no base64": (
        text(records({"kinesis": {"data": "e30=0"}})),
        "no event in the Kinesis record at /Records/0/kinesis/data: it is not base64",
    ),
    "base64 with letters of no alphabet": (
        text({"records": [{"recordId": "1", "data": "é=="}]}),
        "no event in the Firehose record at /records/0/data: it is not base64",
    ),
    "no text in base64": (
        text({"recordId": "1", "data": "/w=="}),
        "no event in the Firehose record at /data: not UTF-8: byte 0xff at line 1, column 1",
    ),
    "what has the form of a token": (
        text(sqs_message("eyJh.b.c")),
        "no event in the SQS message at /Body: it is a string, neither an event nor a wrapper",
    ),
    "nested": (
        text(sqs_message(text(notification("")))),
        "no event in the SNS notification at /Body/Message: it is empty",
    ),
    "claims without event": (
        text(unsigned_token('{"iss":"canvas"}')),
        "no event in the signed token: it is an object, neither an event nor a wrapper",
    ),
    "claims that are no object": (
        text({"token": unsigned_token("[]")}),
        "no event in the signed token at /token: its claims are not a JSON object",
    ),
    "claims that are no base64url": (
        text({"token": unsigned_token("").replace("..", ".A.")}),
        "no event in the signed token at /token: its claims are not a JSON object",
    ),
}


@pytest.mark.parametrize(("raw", "message"), FAULTS.values(), ids=FAULTS)
def test_wrapper_without_event(raw, message):
    assert unwrapped(raw) == [WrapperFault(3, raw.encode(), "wrapper", message)]


MIXED = {
    "messages": text({"Messages": [sqs_message(EVENT_TEXT), sqs_message("broken"), sqs_message(EVENT_TEXT)]}),
    "other elements": text(records(lambda_message(EVENT_TEXT), {"s3": {}}, lambda_message(EVENT_TEXT))),
    "lines": text(records(kinesis_record(f"{EVENT_TEXT}\nbroken\n{EVENT_TEXT}\n"))),
}


@pytest.mark.parametrize("raw", MIXED.values(), ids=MIXED)
def test_a_broken_message_among_good_ones(raw):
    assert [type(item) for item in unwrapped(raw)] == [Record, WrapperFault, Record]


def test_wrappers_nested_too_deep():
    raw = EVENT_TEXT
    for _ in range(DEEPEST - 1):
        raw = BUILDERS["EventBridge, object"](raw)
    (event,) = unwrapped(raw)
    assert event.raw.decode() == EVENT_TEXT
    for _ in range(200):
        raw = BUILDERS["EventBridge, object"](raw)
    (fault,) = unwrapped(raw)
    assert fault.message.endswith("wrappers are nested deeper than 32")


@pytest.mark.parametrize("name", ["quoted text", "list of events", "another list", "gzip in a row", "token"])
def test_encodings_nested_too_deep_raise_nothing(name):
    raw = EVENT_TEXT
    for _ in range(DEEPEST + 8):
        raw = BUILDERS[name](raw)
        if len(raw) > 1_000_000:
            break
    assert unwrapped(raw)


def bomb(levels, kind="gzip"):
    """Return content that is 4 MB in the end: more of less than any limit, each level."""
    content = b'{"metadata":{},"body":{"x":"%b"}}' % (b"x" * 4_000_000)
    for _ in range(levels):
        content = compress(kind, content)
    return base64(content)


BOMBS = {
    "one": (text(firehose_record("")).replace('""', f'"{bomb(1)}"'), "its gzip data holds more than 1,000 bytes"),
    "zstd": (text(firehose_record("")).replace('""', f'"{bomb(1, "zstd")}"'), "its zstd data holds more than 1,000 by"),
    "bomb in a bomb": (
        text(firehose_record("")).replace('""', f'"{bomb(2)}"'),
        "its gzip data holds more than 1,000 b",
    ),
}


@pytest.mark.parametrize(("raw", "why"), BOMBS.values(), ids=BOMBS)
def test_nothing_is_decompressed_beyond_the_limit_of_a_record(raw, why):
    (fault,) = unwrap(record(raw), most_bytes=1_000)
    assert fault.message.startswith(f"no event in the Firehose record at /data: {why}")


def test_bombs_beside_each_other_share_a_limit():
    many = text({"records": [firehose_record(gzipped(f"{EVENT_TEXT}{' ' * 900_000}"))] * 40})
    found = list(unwrap(record(many), most_bytes=1_000_000))
    assert [type(item) for item in found[:5]] == [Record] * 5
    assert isinstance(found[-1], WrapperFault)
    assert len(found) == 40


DAMAGED = {
    "gzip, cut off": gzipped(EVENT_TEXT)[:-12],
    "gzip, altered": gzipped(EVENT_TEXT)[:40] + b"xxxx" + gzipped(EVENT_TEXT)[44:],
    "gzip, something after it": gzipped(EVENT_TEXT) + b"{}",
    "zstd, cut off": compress("zstd", EVENT_TEXT.encode())[:-5],
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_damaged_data_is_told(content):
    (fault,) = unwrapped(text(firehose_record(content)))
    kind = compression_of(content)
    assert fault.message == f"no event in the Firehose record at /data: its {kind} data is damaged or cut off"


SPELLINGS = {
    "base64 without padding": base64(EVENT_TEXT).rstrip("="),
    "base64url": urlsafe_b64encode(f'{{"metadata":{{}},"body":{{"x":"{"?>~" * 30}"}}}}'.encode()).decode(),
    "base64 on several lines": encodebytes(EVENT_TEXT.encode()).decode(),
    "JSON that was decoded already": f" {EVENT_TEXT}",
    "a token that was decoded already": unsigned_token(EVENT_TEXT),
    "a byte order mark first": base64(f"\ufeff{EVENT_TEXT}"),
    "base64 of base64": base64(base64(EVENT_TEXT)),
    "text in text": base64(text(text(EVENT_TEXT))),
}


@pytest.mark.parametrize("data", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize(
    "build", [lambda data: {"recordId": "1", "data": data}, lambda data: {"rawData": data, "errorCode": "x"}]
)
def test_spellings_of_content_in_base64(data, build):
    (event,) = unwrapped(text(build(data)))
    assert is_event(event.value)


SEVERAL_PLACES = {
    "topics": (
        text(
            {"records": {"a-0": [{"topic": "a", "value": base64(EVENT_TEXT)}], "b-0": [{"value": base64(OTHER_TEXT)}]}}
        ),
        2,
    ),
    "columns": (text({"before": EVENT_TEXT, "after": OTHER_TEXT, "note": "{"}), 2),
    "lists": (in_place({"old": [EVENT], "new": ["HERE", 7]}, OTHER_TEXT), 3),
    "lines in a column": (text({"event": f"{EVENT_TEXT}\n{OTHER_TEXT}"}), 2),
    "lines in quoted text": (text(f"{EVENT_TEXT}\n{OTHER_TEXT}"), 2),
    "rows in a list": (text({"rows": [row(EVENT_TEXT), row(OTHER_TEXT)]}), 2),
    "request and response": (text(lambda_result(EVENT, EVENT)), 1),
}


@pytest.mark.parametrize(("raw", "count"), SEVERAL_PLACES.values(), ids=SEVERAL_PLACES)
def test_several_places(raw, count):
    assert len(unwrapped(raw)) == count


def test_an_unreadable_sent_time_is_shown_as_it_is():
    message = sqs_message(EVENT_TEXT) | {"Attributes": {"SentTimestamp": "soon"}, "MessageAttributes": 7}
    (event,) = unwrapped(text(message))
    assert event.wrapping.details == (("message id", "m-1"), ("sent", "soon"))


@pytest.mark.parametrize("sent", ["99999999999999999999", 1e300, -1e14, [1]], ids=repr)
def test_odd_sent_times_raise_nothing(sent):
    (event,) = unwrapped(text(sqs_message(EVENT_TEXT) | {"Attributes": {"SentTimestamp": sent}}))
    assert event.raw.decode() == EVENT_TEXT


def test_a_column_that_holds_the_event_is_named():
    (event,) = unwrapped(text(row("") | {"event": None, "payload": f"\n {EVENT_TEXT}"}))
    assert event.wrapping.details == (("column", "payload"),)
