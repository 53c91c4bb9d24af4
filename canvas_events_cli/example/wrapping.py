"""Puts an event into what a consumer receives: a table of what the services send, and tokens.

Sources: the developer guides and API references of AWS, where they show what a consumer of each service is handed; the
specification of CloudEvents 1.0. Ids, handles and signatures are made up, the rest is as it is for that event.
"""

import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import md5
from itertools import count
from typing import Any, NamedTuple

import orjson

from canvas_events_cli.example.signing import Signer

Wrap = Callable[[bytes, str, int], bytes]
"""Returns an event, of that name, in what it arrives in; it happened that many milliseconds after 1970 began."""


class _Sent(NamedTuple):
    """An event on its way."""

    text: bytes
    name: str
    moment: int
    number: int
    """How many came before."""
    digest: str
    event_time: str

    def digest_of_attributes(self) -> str:
        """Return what SQS computes of a message's attributes, and SDKs compare: of each name, type and value."""
        texts = (
            begin + len(text).to_bytes(4) + text
            for name, value in ((b"event_name", self.name.encode()), (b"event_time", self.event_time.encode()))
            for begin, text in ((b"", name), (b"", b"String"), (b"\1", value))
        )
        return _md5(b"".join(texts))


def _md5(data: bytes) -> str:
    return md5(data, usedforsecurity=False).hexdigest()


def _uuid(digest: str) -> str:
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-9{digest[17:20]}-{digest[20:]}"


@lru_cache(1)
def _seconds(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


_SLOTS: dict[str, Callable[[_Sent], object]] = {
    "EVENT": lambda sent: sent.text.decode(),
    "TEXT": lambda sent: orjson.dumps(sent.text.decode()).decode(),
    "BYTES": lambda sent: len(sent.text),
    "SECONDS": lambda sent: sent.moment / 1000,
    "MILLISECONDS": lambda sent: sent.moment,
    "LATER": lambda sent: sent.moment + 12,
    "NUMBER": lambda sent: sent.number,
    "base64": lambda sent: b64encode(sent.text).decode(),
    "bytes": lambda sent: len(sent.text),
    "name": lambda sent: orjson.dumps(sent.name).decode()[1:-1],
    "uuid": lambda sent: _uuid(sent.digest),
    "md5": lambda sent: sent.digest,
    "md5_of_attributes": lambda sent: sent.digest_of_attributes(),
    "handle": lambda sent: b64encode(sent.digest.encode()).decode(),
    "event_time": lambda sent: sent.event_time,
    "time": lambda sent: f"{sent.event_time[:19]}Z",
    "request_time": lambda sent: time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(sent.moment // 1000)),
    "sent": lambda sent: sent.moment,
    "received": lambda sent: sent.moment + 12,
    "sequence": lambda sent: f"4963{sent.moment:026d}{sent.number:026d}",
    "trace": lambda sent: f"Root=1-{sent.moment // 1000:08x}-{sent.digest[:24]}",
}
"""What differs from event to event, by the name of its slot: in capitals, what is JSON by itself."""


def _arn(service: str, resource: str = "live-events") -> str:
    return f"arn:aws:{service}:us-east-1:123456789012:{resource}"


def _attributes(value: str, kind: str, **more: list[str]) -> dict[str, Any]:
    """Return the attributes that Canvas gives a message, with members that are called *value* and *kind*."""
    return {name: {value: f"%({name})s", **more, kind: "String"} for name in ("event_name", "event_time")}


_ARRIVED = {
    "SenderId": "AIDAQ3KD8X1ZT5EXAMPLE",
    "ApproximateFirstReceiveTimestamp": "%(received)s",
    "ApproximateReceiveCount": "1",
    "SentTimestamp": "%(sent)s",
}
_HOST = "q3kd8x1zt5.execute-api.us-east-1.amazonaws.com"
_HEADERS = {
    "Content-Length": "%(bytes)s",
    "Content-Type": "application/json",
    "Host": _HOST,
    "User-Agent": "Ruby",
    "X-Amzn-Trace-Id": "%(trace)s",
    "X-Forwarded-For": "192.0.2.44",
    "X-Forwarded-Port": "443",
    "X-Forwarded-Proto": "https",
}
_UUID = "0d5e2f6a-7c41-4b89-9a3e-58f1c6d2b074"
_SNS = "https://sns.us-east-1.amazonaws.com"
_RECEIVED: Mapping[str, dict[str, Any]] = {
    "sqs": {
        "Messages": [
            {
                "MessageId": "%(uuid)s",
                "ReceiptHandle": "%(handle)s",
                "MD5OfBody": "%(md5)s",
                "Body": "%(TEXT)s",
                "Attributes": _ARRIVED,
                "MD5OfMessageAttributes": "%(md5_of_attributes)s",
                "MessageAttributes": _attributes("StringValue", "DataType"),
            }
        ]
    },
    "lambda": {
        "Records": [
            {
                "messageId": "%(uuid)s",
                "receiptHandle": "%(handle)s",
                "body": "%(TEXT)s",
                "attributes": _ARRIVED,
                "messageAttributes": _attributes("stringValue", "dataType", stringListValues=[], binaryListValues=[]),
                "md5OfMessageAttributes": "%(md5_of_attributes)s",
                "md5OfBody": "%(md5)s",
                "eventSource": "aws:sqs",
                "eventSourceARN": _arn("sqs"),
                "awsRegion": "us-east-1",
            }
        ]
    },
    "http": {
        "version": "1.0",
        "resource": "/events",
        "path": "/events",
        "httpMethod": "POST",
        "headers": _HEADERS,
        "multiValueHeaders": {name: [value] for name, value in _HEADERS.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "q3kd8x1zt5",
            "domainName": _HOST,
            "domainPrefix": "q3kd8x1zt5",
            "extendedRequestId": "%(handle)s",
            "httpMethod": "POST",
            "identity": {"sourceIp": "192.0.2.44", "userAgent": "Ruby"},
            "path": "/prod/events",
            "protocol": "HTTP/1.1",
            "requestId": "%(uuid)s",
            "requestTime": "%(request_time)s",
            "requestTimeEpoch": "%(MILLISECONDS)s",
            "resourceId": "a1b2c3",
            "resourcePath": "/events",
            "stage": "prod",
        },
        "body": "%(TEXT)s",
        "isBase64Encoded": False,
    },
    "kinesis": {
        "Records": [
            {
                "SequenceNumber": "%(sequence)s",
                "ApproximateArrivalTimestamp": "%(SECONDS)s",
                "Data": "%(base64)s",
                "PartitionKey": "%(uuid)s",
            }
        ],
        "NextShardIterator": "%(handle)s",
        "MillisBehindLatest": 0,
    },
    "sns": {
        "Type": "Notification",
        "MessageId": "%(uuid)s",
        "TopicArn": _arn("sns"),
        "Message": "%(TEXT)s",
        "Timestamp": "%(event_time)s",
        "SignatureVersion": "1",
        "Signature": "%(handle)s",
        "SigningCertURL": f"{_SNS}/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
        "UnsubscribeURL": f"{_SNS}/?Action=Unsubscribe&SubscriptionArn={_arn('sns')}:{_UUID}",
        "MessageAttributes": _attributes("Value", "Type"),
    },
    "eventbridge": {
        "version": "0",
        "id": "%(uuid)s",
        "detail-type": "%(name)s",
        "source": "canvas.live-events",
        "account": "123456789012",
        "time": "%(time)s",
        "region": "us-east-1",
        "resources": [],
        "detail": "%(EVENT)s",
    },
    "firehose": {
        "invocationId": "%(uuid)s",
        "deliveryStreamArn": _arn("firehose", "deliverystream/live-events"),
        "region": "us-east-1",
        "records": [
            {
                "recordId": "%(sequence)s",
                "approximateArrivalTimestamp": "%(MILLISECONDS)s",
                "data": "%(base64)s",
            }
        ],
    },
    "log": {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "live-events",
        "logStream": "live-events",
        "subscriptionFilters": ["all"],
        "logEvents": [{"id": "%(sequence)s", "timestamp": "%(MILLISECONDS)s", "message": "%(TEXT)s"}],
    },
    "kafka": {
        "eventSource": "aws:kafka",
        "eventSourceArn": _arn("kafka", f"cluster/live-events/{_UUID}-2"),
        "bootstrapServers": "b-1.live-events.example.com:9092,b-2.live-events.example.com:9092",
        "records": {
            "live-events-0": [
                {
                    "topic": "live-events",
                    "partition": 0,
                    "offset": "%(NUMBER)s",
                    "timestamp": "%(MILLISECONDS)s",
                    "timestampType": "CREATE_TIME",
                    "key": "%(handle)s",
                    "value": "%(base64)s",
                    "headers": [],
                }
            ]
        },
    },
    "queue": {
        "eventSource": "aws:mq",
        "eventSourceArn": _arn("mq", f"broker:live-events:b-{_UUID}"),
        "messages": [
            {
                "messageID": "ID:%(uuid)s",
                "messageType": "jms/text-message",
                "deliveryMode": 1,
                "replyTo": None,
                "type": None,
                "expiration": "0",
                "priority": 4,
                "correlationId": "%(uuid)s",
                "redelivered": False,
                "destination": {"physicalName": "live-events"},
                "data": "%(base64)s",
                "timestamp": "%(MILLISECONDS)s",
                "brokerInTime": "%(MILLISECONDS)s",
                "brokerOutTime": "%(LATER)s",
                "properties": {},
            }
        ],
    },
    "cloudevent": {
        "specversion": "1.0",
        "id": "%(uuid)s",
        "source": "https://learn.example.edu/live-events",
        "type": "%(name)s",
        "time": "%(event_time)s",
        "datacontenttype": "application/json",
        "data": "%(EVENT)s",
    },
}
"""What each service hands to a consumer, with slots."""
_SIGNED = "jwt"
KINDS = (*_RECEIVED, _SIGNED)
"""What an event can be put into."""


def wrapper(kind: str, signer: Signer | None = None) -> Wrap:
    """Return what puts an event into a wrapper of this *kind*; a token takes a *signer*."""
    if kind == _SIGNED:
        assert signer is not None  # noqa: S101 (the command sees to it)
        return signer.sign
    template = orjson.dumps(_RECEIVED[kind]).decode().replace("%(event_name)s", "%(name)s")
    slots = {slot: value for slot, value in _SLOTS.items() if f"%({slot})s" in template}
    for slot in filter(str.isupper, slots):
        template = template.replace(f'"%({slot})s"', f"%({slot})s")
    numbers = count()

    def wrap(text: bytes, name: str, moment: int) -> bytes:
        event_time = f"{_seconds(moment // 1000)}.{moment % 1000:03d}Z"
        sent = _Sent(text, name, moment, next(numbers), _md5(text), event_time)
        return (template % {slot: value(sent) for slot, value in slots.items()}).encode()

    return wrap
