"""What events and wrappers look like: a table of shapes, each with the place of what it holds.

Sources: the AWS developer guides of SQS, SNS, Lambda, EventBridge and Firehose; for what Canvas sends, its own
description of the delivery methods.
"""

from collections.abc import Callable
from dataclasses import dataclass

from canvas_events_cli import caliper
from canvas_events_cli.model import Json
from canvas_events_cli.parse import ParseError, loads
from canvas_events_cli.pointers import resolve
from canvas_events_cli.timestamps import Instant, format_utc
from canvas_events_cli.wrappers.tokens import read_token

Object = dict[str, Json]
Path = tuple[str, ...]
Details = tuple[tuple[str, str], ...]

_TOKEN_KEYS = ("token", "jwt", "access_token")
_YEAR_5138 = 10**11
"""In seconds since 1970; larger numbers count milliseconds (since 1973)."""


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
        return value if _caliper_events(value) is None else None
    if type(value.get("metadata")) is not dict:
        return None
    if "body" in value or type(value.get("data", "")) is str:
        return value
    return {"body" if key == "data" else key: member for key, member in value.items()}


def resembles_event(value: Json) -> bool:
    """Tell whether *value*, in no wrapper's shape, has one half of an event: better judged as one than as nothing."""
    return type(value) is dict and (type(value.get("attributes")) is dict or type(value.get("body")) is dict)


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of wrapper."""

    name: str
    """What people call it; a list of wrappers has no name of its own."""
    find: Callable[[Object], Path | None]
    """Returns where in a wrapper of this kind its content is, None for an object that is not of this kind."""
    base64: bool = False
    """Whether the content is text in base64; else it is text, or JSON in place."""
    listed: str = ""
    """The list in which nothing but the content marks one: an element that has it is of this kind."""
    content: Path = ()
    """Where the content of a listed one is."""
    details: tuple[tuple[str, Path], ...] = ()
    """Names and places of what is worth showing."""


def recognise(value: Json, listed: str = "") -> tuple[Shape, Path] | None:
    """Return the shape of the wrapper *value*, an element of a list named *listed*, and where its content is."""
    if type(value) is not dict:
        return None
    for shape in SHAPES:
        path = shape.find(value)
        if path is None and shape.listed and shape.listed == listed and _has(value, shape.content):
            path = shape.content
        if path is not None:
            return shape, path
    return None


def details_of(shape: Shape, path: Path, value: Object) -> Details:
    """Return what is worth showing of the wrapper *value*; times since 1970 in RFC 3339, texts as they are."""
    found = [(name, resolve(value, place)) for name, place in shape.details]
    if shape is _ROW:
        found.append(("column", path[0]))
    texts = ((name, _moment(item) if name in ("sent", "arrived") else item) for name, item in found)
    return tuple((name, text) for name, text in texts if isinstance(text, str))


def _at(*content: str, marks: tuple[str, ...] = ()) -> Callable[[Object], Path | None]:
    """Find *content* in an object that has one of *marks*, or needs none."""
    return lambda value: (
        content if (not marks or any(map(value.__contains__, marks))) and _has(value, content) else None
    )


def _notification(value: Object) -> Path | None:
    return ("Message",) if value.get("Type") == "Notification" and "Message" in value else None


def _list_of(name: str) -> Callable[[Object], Path | None]:
    """Find a list that is empty, or has an element by which it can be known."""

    def find(value: Object) -> Path | None:
        items = value.get(name)
        if type(items) is not list:
            return None
        contents = [shape.content for shape in SHAPES if shape.listed == name]
        known = not items or any(is_event(item) or any(_has(item, path) for path in contents) for item in items)
        return (name,) if known else None

    return find


def _signed(value: Object) -> Path | None:
    for name in _TOKEN_KEYS:
        text = value.get(name)
        if type(text) is str and read_token(text.encode()) is not None:
            return (name,)
    return None


def _event_column(value: Object) -> Path | None:
    """Find the one column that holds an event as JSON text; where two do, neither is taken."""
    columns = [name for name, text in value.items() if type(text) is str and _holds_event(text)]
    return (columns[0],) if len(columns) == 1 else None


def _holds_event(text: str) -> bool:
    if not text.lstrip(" \t\r\n").startswith("{"):
        return False
    try:
        value = loads(text)
    except ParseError:
        return False
    if is_event(as_event(value)) or caliper.is_event(value):
        return True
    return any(shape.find(value) for shape in SHAPES if shape is not _ROW)


def _has(value: Json, path: Path) -> bool:
    return resolve(value, path, _ABSENT) is not _ABSENT


def _caliper_events(value: Object) -> Path | None:
    return ("data",) if caliper.is_envelope(value) and type(value.get("data")) is list else None


def _moment(value: object) -> object:
    """Return seconds or milliseconds since 1970, a number or its digits, as an RFC 3339 time; else *value*."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 16:
        value = int(value)
    if not isinstance(value, int | float) or abs(value) > _YEAR_5138 * 1000:
        return value
    milliseconds = round(value if abs(value) > _YEAR_5138 else value * 1000)
    return format_utc(Instant(milliseconds // 1000, f"{milliseconds % 1000:03}".rstrip("0")))


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


_ABSENT = object()
_ROW = Shape("warehouse row", _event_column)
CALIPER = Shape("Caliper envelope", _caliper_events, details=(("sensor", ("sensor",)), ("sendTime", ("sendTime",))))
SHAPES = (
    CALIPER,
    Shape("", _list_of("Messages")),
    Shape("", _list_of("Records")),
    Shape("", _list_of("records")),
    Shape(
        "SQS message",
        _at("Body", marks=("MessageId", "ReceiptHandle", "MD5OfBody")),
        listed="Messages",
        content=("Body",),
        details=_message_details("MessageId", "Attributes", "MessageAttributes", "StringValue"),
    ),
    Shape(
        "SQS message",
        _at("body", marks=("messageId", "receiptHandle", "md5OfBody", "eventSource")),
        listed="Records",
        content=("body",),
        details=_message_details("messageId", "attributes", "messageAttributes", "stringValue"),
    ),
    Shape(
        "Kinesis record",
        _at("kinesis", "data"),
        base64=True,
        listed="Records",
        content=("kinesis", "data"),
        details=(
            ("sequence number", ("kinesis", "sequenceNumber")),
            ("arrived", ("kinesis", "approximateArrivalTimestamp")),
        ),
    ),
    Shape(
        "SNS notification",
        _at("Sns", "Message"),
        listed="Records",
        content=("Sns", "Message"),
        details=_notification_details("Sns"),
    ),
    Shape("SNS notification", _notification, details=_notification_details()),
    Shape(
        "EventBridge event",
        _at("detail", marks=("detail-type",)),
        details=(("message id", ("id",)), ("sent", ("time",))),
    ),
    Shape(
        "Firehose record",
        _at("data", marks=("recordId",)),
        base64=True,
        listed="records",
        content=("data",),
        details=(("record id", ("recordId",)), ("arrived", ("approximateArrivalTimestamp",))),
    ),
    Shape("", _signed),
    _ROW,
)
