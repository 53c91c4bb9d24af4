"""What events and wrappers look like: a table of shapes, each with the place of what it holds.

Sources: the developer guides of AWS for SQS, SNS, Lambda, API Gateway, EventBridge, Kinesis, Firehose, CloudWatch Logs,
MSK and Amazon MQ; for what Canvas sends, its own description of the delivery methods.
"""

from typing import NamedTuple

from canvas_events_cli import caliper
from canvas_events_cli.exact_json import parse_exact
from canvas_events_cli.model import Json, Record
from canvas_events_cli.pointers import KeyPath


class Shape(NamedTuple):
    """One kind of wrapper, in one spelling: a row of the table."""

    name: str
    """What people call it; a list of wrappers, and an object around a token, have no name of their own."""
    content: tuple[KeyPath, ...] = ()
    """Where its content can be: the first place counts that holds an event or a wrapper, else the first there is."""
    marks: tuple[tuple[str, str], ...] = ()
    """Members, with a value or whatever it is (``""``), of which it has one at least; without any its content marks it.
    """
    listed: tuple[str, ...] = ()
    """Lists whose elements need no other mark than their content."""
    base64: bool = False
    """Whether the content is in base64; else it is text, or JSON in place."""
    base64_flag: str = ""
    """The member that says whether it is."""
    token: bool = False
    """Whether only a signed token is such content."""


def _shape(
    name: str,
    content: str,
    marks: str = "",
    listed: str = "",
    *,
    base64: bool = False,
    flag: str = "",
    token: bool = False,
) -> Shape:
    """Return a row: paths are written with dots, a member with a value as ``Type=Notification``."""
    members = tuple((mark.partition("=")[0], mark.partition("=")[2]) for mark in marks.split())
    return Shape(name, _paths(content), members, tuple(listed.split()), base64, flag, token)


def _paths(text: str) -> tuple[KeyPath, ...]:
    return tuple(tuple(path.split(".")) for path in text.split())


CALIPER = Shape("Caliper envelope")
LIST = Shape("")
ROW = Shape("warehouse row")

SHAPES = (
    _shape("SQS message", "Body", "MessageId ReceiptHandle MD5OfBody", "Messages"),
    _shape("SQS message", "body", "messageId receiptHandle md5OfBody eventSource", "Records"),
    _shape("SQS message", "MessageBody", listed="Entries"),
    _shape(
        "HTTP request",
        "body",
        "requestContext httpMethod routeKey rawPath isBase64Encoded statusCode",
        flag="isBase64Encoded",
    ),
    _shape("Kinesis record", "kinesis.data", listed="Records", base64=True),
    _shape(
        "Kinesis record",
        "Data",
        "SequenceNumber PartitionKey ApproximateArrivalTimestamp StreamName StreamARN",
        "Records",
        base64=True,
    ),
    _shape("Kinesis record", "data", "sequenceNumber partitionKey", base64=True),
    _shape("SNS notification", "Sns.Message", listed="Records"),
    _shape("SNS notification", "Message", "Type=Notification TopicArn TargetArn", "PublishBatchRequestEntries"),
    _shape("EventBridge event", "detail", "detail-type"),
    _shape("EventBridge event", "Detail", "DetailType EventBusName", "Entries"),
    _shape("Firehose record", "data", "recordId", "records", base64=True),
    _shape("Firehose record", "Record.Data", "DeliveryStreamName", base64=True),
    _shape("Firehose error", "rawData", "errorCode attemptsMade arrivalTimestamp", base64=True),
    _shape("CloudWatch Logs data", "awslogs.data", base64=True),
    _shape("log event", "message", "ingestionTime logStreamName", "logEvents events"),
    _shape("Lambda result", "requestPayload responsePayload"),
    _shape("Kafka record", "value", "topic partition offset", "records", base64=True),
    _shape(
        "queue message",
        "data",
        "basicProperties redelivered messageID messageType",
        "rmqMessagesByQueue",
        base64=True,
    ),
    _shape("CloudEvent", "data", "specversion"),
    _shape("CloudEvent", "data_base64", base64=True),
    _shape("", "token jwt access_token", token=True),
)
"""The first row that fits counts."""

# What is worth showing of a wrapper: its name, what is shown, and where that is in any of its spellings. Caliper bodies
# do not carry the event's name; the attributes of the message around them do.
_DETAILS = (
    ("SQS message", "message id", "MessageId messageId Id"),
    ("SQS message", "sent", "Attributes.SentTimestamp attributes.SentTimestamp MessageSystemAttributes.SentTimestamp"),
    ("SQS message", "event_name", "MessageAttributes.event_name.StringValue messageAttributes.event_name.stringValue"),
    ("SQS message", "event_time", "MessageAttributes.event_time.StringValue messageAttributes.event_time.stringValue"),
    ("HTTP request", "request id", "requestContext.requestId"),
    ("HTTP request", "sent", "requestContext.timeEpoch requestContext.requestTimeEpoch"),
    ("Kinesis record", "sequence number", "kinesis.sequenceNumber SequenceNumber sequenceNumber"),
    ("Kinesis record", "arrived", "kinesis.approximateArrivalTimestamp ApproximateArrivalTimestamp"),
    ("Kinesis record", "arrived", "approximateArrivalTimestamp"),
    ("SNS notification", "message id", "Sns.MessageId MessageId"),
    ("SNS notification", "sent", "Sns.Timestamp Timestamp"),
    ("SNS notification", "event_name", "Sns.MessageAttributes.event_name.Value MessageAttributes.event_name.Value"),
    ("SNS notification", "event_time", "Sns.MessageAttributes.event_time.Value MessageAttributes.event_time.Value"),
    ("EventBridge event", "message id", "id"),
    ("EventBridge event", "sent", "time Time"),
    ("Firehose record", "record id", "recordId"),
    ("Firehose record", "arrived", "approximateArrivalTimestamp"),
    ("Firehose error", "error", "errorCode"),
    ("Firehose error", "arrived", "arrivalTimestamp"),
    ("log event", "message id", "id eventId"),
    ("log event", "sent", "timestamp"),
    ("Lambda result", "request id", "requestContext.requestId"),
    ("Lambda result", "sent", "timestamp"),
    ("Kafka record", "topic", "topic"),
    ("Kafka record", "sent", "timestamp"),
    ("queue message", "message id", "messageID"),
    ("queue message", "sent", "timestamp"),
    ("CloudEvent", "message id", "id"),
    ("CloudEvent", "sent", "time"),
    ("Caliper envelope", "sensor", "sensor"),
    ("Caliper envelope", "sendTime", "sendTime"),
)
DETAILS = {
    name: tuple((label, path) for row, label, paths in _DETAILS if row == name for path in _paths(paths))
    for name, _, _ in _DETAILS
}
"""Labels and places of what is worth showing, by the wrapper's name."""
TIME_LABELS = ("sent", "arrived")
"""Those of times, in RFC 3339 once they are told."""


def is_event(value: Json) -> bool:
    """Tell whether *value* is an event as Canvas sends it: an envelope, and a body that is no text.

    A ``body`` or ``attributes`` may be a queue's as well, by type: the body of a message is a string. This runs for
    every record and takes a tenth of a microsecond.
    """
    return (
        type(value) is dict
        and (type(value.get("metadata")) is dict or type(value.get("attributes")) is dict)
        and type(value.get("body", "")) is not str
    )


def as_event(value: Json) -> Json:
    """Return the event that *value* is without any wrapper, or None.

    That is one in Canvas' format, valid or not; one in Canvas' older shape, whose ``data`` becomes ``body``, so that
    pointers and fields are the same for both; a Caliper event as it is, and an envelope of Caliper without its list.
    """
    if type(value) is not dict:
        return None
    if is_event(value) or caliper.is_event(value):
        return value
    if caliper.is_envelope(value):
        return None if holds_caliper_events(value) else value
    if type(value.get("metadata")) is not dict:
        return None
    if "body" in value or type(value.get("data", "")) is str:
        return value
    return {"body" if key == "data" else key: member for key, member in value.items()}


def exact_event(record: Record) -> Json:
    """Return the value of *record*, each number in it as written (``exact_json.NumberText``).

    Where it is nested too deeply for that, the value as it is.
    """
    exact = parse_exact(record.json)
    if exact is None:
        return record.value
    # Numbers as text satisfy whatever the older shape is known by.
    return as_event(exact) or exact


def holds_caliper_events(value: Json) -> bool:
    """Tell whether *value* is what Caliper's sensors send a list of events in."""
    return isinstance(value, dict) and caliper.is_envelope(value) and type(value.get("data")) is list


def resembles_event(value: Json) -> bool:
    """Tell whether *value*, in no wrapper's shape, has one half of an event: better judged as one than as nothing."""
    return type(value) is dict and (type(value.get("attributes")) is dict or type(value.get("body")) is dict)
