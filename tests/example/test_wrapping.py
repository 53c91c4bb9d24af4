"""What events are put into has what the services send, and every command finds the events in it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from in_process import cevents

from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.example import KINDS, Examples, wrapper
from canvas_events_cli.summary.retry_clone import RETRY_CLONE
from canvas_events_cli.validation import ValidationSpec
from canvas_events_cli.wrappers.shapes import SHAPES

CATALOG = load_catalog()
WRAPPED = [kind for kind in KINDS if kind != "jwt"]


def examples(kind: str | None = None) -> Examples:
    return Examples(ValidationSpec(CATALOG, "jsonschema-rs", strict=True), "0", wrapper(kind) if kind else None)


NAMES = ["course_created", RETRY_CLONE, "AssignableEvent/Submitted", "grade_change"]


def written(path: Path, kind: str | None) -> Path:
    """Write events to *path*, the same ones for every kind of wrapper."""
    path.write_bytes(b"".join(text + b"\n" for text, _ in examples(kind).valid(NAMES, 3)))
    return path


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give the same events once for each kind of wrapper: as they are, and in it."""
    plain, wrapped = tmp_path_factory.mktemp("plain"), tmp_path_factory.mktemp("wrapped")
    for kind in WRAPPED:
        written(plain / f"{kind}.json", None)
        written(wrapped / f"{kind}.json", kind)
    return plain, wrapped


@pytest.mark.parametrize(
    "command",
    [
        ["filter"],
        ["filter", "-w", "new_course_uuid"],
        ["filter", "--about", "user:339", "-v"],
        ["show", "-o", "ndjson"],
        ["summarize", "-o", "json"],
        ["sample", "-n", "3"],
        ["validate", "--strict", "-o", "json"],
        ["drift", "-o", "json"],
    ],
    ids=" ".join,
)
def test_every_command_finds_them(folders: tuple[Path, Path], command: list[str]) -> None:
    plain, wrapped = (cevents(*command, folder).stdout for folder in folders)
    assert wrapped == plain != b""


def test_scrub_leaves_the_wrappers(folders: tuple[Path, Path], tmp_path: Path) -> None:
    (key := tmp_path / "key").write_bytes(b"0" * 32)
    scrubbed = []
    for folder in folders:
        (tmp_path / "scrubbed").write_bytes(cevents("scrub", "--key-file", key, folder).stdout)
        scrubbed.append(cevents("filter", tmp_path / "scrubbed").stdout)
    assert scrubbed[0] == scrubbed[1] != cevents("filter", folders[0]).stdout


MEMBERS = {
    "sqs": (
        "Messages.0.MessageId ReceiptHandle MD5OfBody Body Attributes MD5OfMessageAttributes MessageAttributes",
        "Messages.0.Attributes.SenderId SentTimestamp ApproximateReceiveCount ApproximateFirstReceiveTimestamp",
        "Messages.0.MessageAttributes.event_name.StringValue DataType",
    ),
    "lambda": (
        "Records.0.messageId receiptHandle body attributes messageAttributes md5OfBody eventSource eventSourceARN",
        "Records.0.awsRegion md5OfMessageAttributes",
        "Records.0.attributes.SenderId SentTimestamp ApproximateReceiveCount ApproximateFirstReceiveTimestamp",
        "Records.0.messageAttributes.event_time.stringValue dataType stringListValues binaryListValues",
    ),
    "http": (
        "version resource path httpMethod headers multiValueHeaders queryStringParameters pathParameters",
        "stageVariables requestContext body isBase64Encoded multiValueQueryStringParameters",
        "requestContext.accountId apiId domainName httpMethod identity path protocol requestId requestTime stage",
        "requestContext.requestTimeEpoch resourceId resourcePath domainPrefix extendedRequestId",
    ),
    "kinesis": (
        "Records NextShardIterator MillisBehindLatest",
        "Records.0.SequenceNumber ApproximateArrivalTimestamp Data PartitionKey",
    ),
    "sns": (
        "Type MessageId TopicArn Message Timestamp SignatureVersion Signature SigningCertURL UnsubscribeURL",
        "MessageAttributes.event_name.Type Value",
    ),
    "eventbridge": ("version id detail-type source account time region resources detail",),
    "firehose": (
        "invocationId deliveryStreamArn region records",
        "records.0.recordId approximateArrivalTimestamp data",
    ),
    "log": (
        "messageType owner logGroup logStream subscriptionFilters logEvents",
        "logEvents.0.id timestamp message",
    ),
    "kafka": (
        "eventSource eventSourceArn bootstrapServers records",
        "records.live-events-0.0.topic partition offset timestamp timestampType key value headers",
    ),
    "queue": (
        "eventSource eventSourceArn messages",
        "messages.0.messageID messageType deliveryMode data timestamp brokerInTime brokerOutTime properties",
        "messages.0.destination redelivered priority correlationId expiration replyTo type",
    ),
    "cloudevent": ("specversion id source type time datacontenttype data",),
}
"""What the services document: the place of an object, then its members, the first one behind the last point."""


def test_it_has_the_members_that_the_service_documents() -> None:
    assert {*MEMBERS} == {*WRAPPED}
    for kind, lines in MEMBERS.items():
        document = json.loads(next(examples(kind).valid(["logged_in"], 1)).text)
        found = {".".join(path) for path in _paths(document)}
        for line in lines:
            first, *others = line.split()
            above = first.rpartition(".")[0]
            assert {first, *(f"{above}.{name}".lstrip(".") for name in others)} <= found, kind


def _paths(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in members:
        yield from _paths(inner, (*path, str(name)))


def test_digests_are_those_of_sqs() -> None:
    from moto.sqs.models import Message

    for text, _ in examples("sqs").valid(["logged_in", RETRY_CLONE], 2):
        (sent,) = json.loads(text)["Messages"]
        message = Message(sent["MessageId"], sent["Body"])
        message.message_attributes = sent["MessageAttributes"]
        assert (sent["MD5OfBody"], sent["MD5OfMessageAttributes"]) == (message.body_md5, message.attribute_md5)


@pytest.mark.parametrize("kind", WRAPPED)
def test_no_two_are_alike(kind: str) -> None:
    assert len({text for text, _ in examples(kind).valid(["logged_in"], 5)}) == 5


def test_every_wrapper_that_something_marks_is_known() -> None:
    marked = {shape.name.split()[0].lower() for shape in SHAPES if shape.name and shape.marks}
    assert {*KINDS} == marked | {"lambda", "jwt"}


@pytest.mark.parametrize("kind", ["sqs", "sns", "kinesis", "eventbridge", "lambda"])
def test_wrapped_mistakes_have_their_finding(kind: str) -> None:
    judge = Examples(ValidationSpec(CATALOG, "jsonschema", strict=True), "0")
    for text, mistake in examples(kind).invalid(["logged_in"], None):
        assert mistake is not None
        (found,) = judge.findings(text)
        assert (found.pointer, found.keyword, found.message) == (mistake.pointer, mistake.keyword, mistake.message)
