"""What events and wrappers look like: a table of shapes, each with the place of what it holds.

Sources: the developer guides of AWS for SQS, SNS, Lambda, API Gateway, EventBridge, Kinesis, Firehose, CloudWatch Logs,
MSK and Amazon MQ; for what Canvas sends, its own description of the delivery methods.
"""

from dataclasses import dataclass

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of wrapper: a row of the table."""

    name: str
    """What people call it; a list of wrappers, and an object around a token, have no name of their own."""
    content: tuple[Path, ...] = ()
    """Where its content can be: the first place counts that holds an event or a wrapper, else the first there is."""
    marks: tuple[str | tuple[str, str], ...] = ()
    """Members, or members with a value, of which it has one at least; without any its content marks it."""
    listed: tuple[str, ...] = ()
    """Lists whose elements need no other mark than their content."""
    base64: bool = False
    """Whether the content is in base64; else it is text, or JSON in place."""
    base64_flag: str = ""
    """The member that says whether it is."""
    token: bool = False
    """Whether only a signed token is such content."""
    details: tuple[tuple[str, Path], ...] = ()
    """Names and places of what is worth showing."""


def _message_details(
    message_id: str, attributes: str, message_attributes: str, text: str
) -> tuple[tuple[str, Path], ...]:
    """Return the places in an SQS message; Caliper bodies do not carry the event's name, its attributes do."""
    return (
        ("message id", (message_id,)),
        ("sent", (attributes, "SentTimestamp")),
        ("event_name", (message_attributes, "event_name", text)),
        ("event_time", (message_attributes, "event_time", text)),
    )


def _notification_details(*where: str) -> tuple[tuple[str, Path], ...]:
    return (
        ("message id", (*where, "MessageId")),
        ("sent", (*where, "Timestamp")),
        ("event_name", (*where, "MessageAttributes", "event_name", "Value")),
        ("event_time", (*where, "MessageAttributes", "event_time", "Value")),
    )


CALIPER = Shape("Caliper envelope", details=(("sensor", ("sensor",)), ("sendTime", ("sendTime",))))
LIST = Shape("")
ROW = Shape("warehouse row")
_ARRIVED = ("arrived", ("approximateArrivalTimestamp",))
SHAPES = (
    Shape(
        "SQS message",
        (("Body",),),
        marks=("MessageId", "ReceiptHandle", "MD5OfBody"),
        listed=("Messages",),
        details=_message_details("MessageId", "Attributes", "MessageAttributes", "StringValue"),
    ),
    Shape(
        "SQS message",
        (("body",),),
        marks=("messageId", "receiptHandle", "md5OfBody", "eventSource"),
        listed=("Records",),
        details=_message_details("messageId", "attributes", "messageAttributes", "stringValue"),
    ),
    Shape(
        "SQS message",
        (("MessageBody",),),
        listed=("Entries",),
        details=_message_details("Id", "MessageSystemAttributes", "MessageAttributes", "StringValue"),
    ),
    Shape(
        "HTTP request",
        (("body",),),
        marks=("requestContext", "httpMethod", "routeKey", "rawPath", "isBase64Encoded", "statusCode"),
        base64_flag="isBase64Encoded",
        details=(
            ("request id", ("requestContext", "requestId")),
            ("sent", ("requestContext", "timeEpoch")),
            ("sent", ("requestContext", "requestTimeEpoch")),
        ),
    ),
    Shape(
        "Kinesis record",
        (("kinesis", "data"),),
        base64=True,
        listed=("Records",),
        details=(
            ("sequence number", ("kinesis", "sequenceNumber")),
            ("arrived", ("kinesis", "approximateArrivalTimestamp")),
        ),
    ),
    Shape(
        "Kinesis record",
        (("Data",),),
        marks=("SequenceNumber", "PartitionKey", "ApproximateArrivalTimestamp", "StreamName", "StreamARN"),
        base64=True,
        listed=("Records",),
        details=(("sequence number", ("SequenceNumber",)), ("arrived", ("ApproximateArrivalTimestamp",))),
    ),
    Shape(
        "Kinesis record",
        (("data",),),
        marks=("sequenceNumber", "partitionKey"),
        base64=True,
        details=(("sequence number", ("sequenceNumber",)), _ARRIVED),
    ),
    Shape("SNS notification", (("Sns", "Message"),), listed=("Records",), details=_notification_details("Sns")),
    Shape(
        "SNS notification",
        (("Message",),),
        marks=(("Type", "Notification"), "TopicArn", "TargetArn"),
        listed=("PublishBatchRequestEntries",),
        details=_notification_details(),
    ),
    Shape(
        "EventBridge event",
        (("detail",),),
        marks=("detail-type",),
        details=(("message id", ("id",)), ("sent", ("time",))),
    ),
    Shape(
        "EventBridge event",
        (("Detail",),),
        marks=("DetailType", "EventBusName"),
        listed=("Entries",),
        details=(("sent", ("Time",)),),
    ),
    Shape(
        "Firehose record",
        (("data",),),
        marks=("recordId",),
        base64=True,
        listed=("records",),
        details=(("record id", ("recordId",)), _ARRIVED),
    ),
    Shape("Firehose record", (("Record", "Data"),), marks=("DeliveryStreamName",), base64=True),
    Shape(
        "Firehose error",
        (("rawData",),),
        marks=("errorCode", "attemptsMade", "arrivalTimestamp"),
        base64=True,
        details=(("error", ("errorCode",)), ("arrived", ("arrivalTimestamp",))),
    ),
    Shape("CloudWatch Logs data", (("awslogs", "data"),), base64=True),
    Shape(
        "log event",
        (("message",),),
        marks=("ingestionTime", "logStreamName"),
        listed=("logEvents", "events"),
        details=(("message id", ("id",)), ("message id", ("eventId",)), ("sent", ("timestamp",))),
    ),
    Shape(
        "Lambda result",
        (("requestPayload",), ("responsePayload",)),
        details=(("request id", ("requestContext", "requestId")), ("sent", ("timestamp",))),
    ),
    Shape(
        "Kafka record",
        (("value",),),
        marks=("topic", "partition", "offset"),
        base64=True,
        listed=("records",),
        details=(("topic", ("topic",)), ("sent", ("timestamp",))),
    ),
    Shape(
        "queue message",
        (("data",),),
        marks=("basicProperties", "redelivered", "messageID", "messageType"),
        base64=True,
        listed=("rmqMessagesByQueue",),
        details=(("message id", ("messageID",)), ("sent", ("timestamp",))),
    ),
    Shape("CloudEvent", (("data",),), marks=("specversion",), details=(("message id", ("id",)), ("sent", ("time",)))),
    Shape("CloudEvent", (("data_base64",),), base64=True, details=(("message id", ("id",)), ("sent", ("time",)))),
    Shape("", (("token",), ("jwt",), ("access_token",)), token=True),
)
"""The first row that fits counts."""
