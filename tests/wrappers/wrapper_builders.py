"""Wrappers to put an event's text into, as the services that make them do."""

import json
from base64 import b64encode, urlsafe_b64encode

EVENT_TEXT = (
    '{"metadata":{"event_name":"logged_in","event_time":"2024-09-03T13:58:21.064Z","user_id":"21070000000000042"},'
    '"body":{"redirect_url":"https:\\/\\/learn.example.edu/","score":1.10,"id":12345678901234567890123}}'
)
EVENT = json.loads(EVENT_TEXT)

SQS_ATTRIBUTES = {"SentTimestamp": "1725371901500", "ApproximateReceiveCount": "1", "SenderId": "AIDAEXAMPLE"}


def text(value):
    return json.dumps(value, ensure_ascii=False)


def base64(content):
    return b64encode(content.encode()).decode()


def base64url(content):
    content = content if isinstance(content, bytes) else content.encode()
    return urlsafe_b64encode(content).decode().rstrip("=")


def unsigned_token(claims, header='{"typ":"JWT","alg":"RS256","kid":"2024-09"}', signature="c2ln"):
    return f"{base64url(header)}.{base64url(claims)}.{signature}"


def attributes(kind):
    value, type_ = ("StringValue", "DataType") if kind == "SQS" else ("stringValue", "dataType")
    return {
        "event_name": {value: "logged_in", type_: "String"},
        "event_time": {value: "2024-09-03T13:58:21.064Z", type_: "String"},
    }


def sqs_message(content):
    return {
        "MessageId": "m-1",
        "ReceiptHandle": "AQEB",
        "MD5OfBody": "0" * 32,
        "Body": content,
        "Attributes": SQS_ATTRIBUTES,
        "MessageAttributes": attributes("SQS"),
    }


def lambda_message(content):
    return {
        "messageId": "m-1",
        "receiptHandle": "AQEB",
        "body": content,
        "attributes": SQS_ATTRIBUTES,
        "messageAttributes": attributes("Lambda"),
        "md5OfBody": "0" * 32,
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:live-events",
        "awsRegion": "us-east-1",
    }


def kinesis_record(content):
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "1",
            "sequenceNumber": "4959",
            "data": base64(content),
            "approximateArrivalTimestamp": 1725371901.5,
        },
        "eventSource": "aws:kinesis",
        "eventID": "shardId-000000000006:4959",
    }


def notification(content):
    return {
        "Type": "Notification",
        "MessageId": "n-1",
        "TopicArn": "arn:aws:sns:us-east-1:123456789012:live-events",
        "Message": content,
        "Timestamp": "2024-09-03T13:58:22.000Z",
        "SignatureVersion": "1",
        "MessageAttributes": {"event_name": {"Type": "String", "Value": "logged_in"}},
    }


def event_bridge(detail):
    return {
        "version": "0",
        "id": "b-1",
        "detail-type": "logged_in",
        "source": "aws.partner/example.com/canvas",
        "account": "123456789012",
        "time": "2024-09-03T13:58:22Z",
        "region": "us-east-1",
        "resources": [],
        "detail": detail,
    }


def firehose_record(content):
    return {"recordId": "r-1", "approximateArrivalTimestamp": 1725371901500, "data": base64(content)}


def row(content):
    return {"id": 7, "event_type": "logged_in", "created_at": "2024-09-03", "event": content, "note": "{not JSON"}


def records(*messages):
    return {"Records": list(messages)}


# Each puts the JSON text of something into a wrapper and returns the wrapper's JSON text.
BUILDERS = {
    "receive-message": lambda inner: text({"Messages": [sqs_message(inner)]}),
    "SQS message": lambda inner: text(sqs_message(inner)),
    "SQS to Lambda": lambda inner: text(records(lambda_message(inner))),
    "one message to Lambda": lambda inner: text(lambda_message(inner)),
    "Kinesis to Lambda": lambda inner: text(records(kinesis_record(inner))),
    "SNS": lambda inner: text(notification(inner)),
    "SNS to Lambda": lambda inner: text(records({"EventSource": "aws:sns", "Sns": notification(inner)})),
    "EventBridge, text": lambda inner: text(event_bridge(inner)),
    "EventBridge, object": lambda inner: text(event_bridge("DETAIL")).replace('"DETAIL"', f" {inner} "),
    "Firehose": lambda inner: text({"invocationId": "i", "region": "r", "records": [firehose_record(inner)]}),
    "row": lambda inner: text(row(inner)),
    "token": lambda inner: text({"token": unsigned_token(inner)}),
    "quoted token": lambda inner: text(unsigned_token(inner)),
}
