"""Wrappers to put an event's text into, as the services that make them do."""

import json
from base64 import b64encode, urlsafe_b64encode

from canvas_events_cli.sources.compression import compress

EVENT_TEXT = (
    '{"metadata":{"event_name":"logged_in","event_time":"2024-09-03T13:58:21.064Z","user_id":"21070000000000042"},'
    '"body":{"redirect_url":"https:\\/\\/learn.example.edu/","score":1.10,"id":12345678901234567890123}}'
)
EVENT = json.loads(EVENT_TEXT)

SQS_ATTRIBUTES = {"SentTimestamp": "1725371901500", "ApproximateReceiveCount": "1", "SenderId": "AIDAEXAMPLE"}


def text(value):
    return json.dumps(value, ensure_ascii=False)


def base64(content):
    return b64encode(content if isinstance(content, bytes) else content.encode()).decode()


def gzipped(content):
    return compress("gzip", content.encode())


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


def http_request(body, version="1.0", **members):
    context = {"requestId": "h-1", "accountId": "123456789012"}
    if version == "2.0":
        about = {"routeKey": "POST /events", "rawPath": "/events"}
        context |= {"http": {"method": "POST", "sourceIp": "192.0.2.1"}, "timeEpoch": 1725371901500}
    elif version == "ALB":
        about = {"httpMethod": "POST", "path": "/events", "queryStringParameters": {}}
        context = {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/x/y"}}
    else:
        about = {"resource": "/events", "path": "/events", "httpMethod": "POST"}
        context |= {"stage": "prod", "requestTimeEpoch": 1725371901500}
    headers = {"content-type": "application/json", "authorization": "Bearer AQEB"}
    return {"version": version, **about, "headers": headers, "requestContext": context, "body": body} | members


def stored_kinesis_record(content):
    return {
        "SequenceNumber": "4957",
        "ApproximateArrivalTimestamp": 1725371901.5,
        "Data": base64(content),
        "PartitionKey": "AQEB",
    }


def piped_kinesis_record(content):
    return {
        "kinesisSchemaVersion": "1.0",
        "partitionKey": "AQEB",
        "sequenceNumber": "4959",
        "data": base64(content),
        "approximateArrivalTimestamp": 1725371901.5,
        "eventSource": "aws:kinesis",
    }


def log_data(message):
    return {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "live-events",
        "logStream": "AQEB",
        "subscriptionFilters": ["all"],
        "logEvents": [{"id": "l-1", "timestamp": 1725371901500, "message": message}],
    }


def logged(message):
    log = {"logStreamName": "AQEB", "timestamp": 1725371901500, "message": message, "ingestionTime": 1725371901501}
    return {"events": [log | {"eventId": "l-1"}], "searchedLogStreams": []}


def lambda_result(request, response=None):
    context = {"requestId": "f-1", "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:live-events:$LATEST"}
    return {
        "version": "1.0",
        "timestamp": "2024-09-03T13:58:22.000Z",
        "requestContext": context | {"condition": "RetriesExhausted", "approximateInvokeCount": 3},
        "requestPayload": request,
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": response or {"errorMessage": "AQEB", "errorType": "Error"},
    }


def firehose_error(content):
    return {
        "attemptsMade": 4,
        "arrivalTimestamp": 1725371901500,
        "errorCode": "Lambda.FunctionError",
        "errorMessage": "AQEB",
        "attemptEndingTimestamp": 1725371902500,
        "rawData": base64(content),
        "lambdaArn": "arn:aws:lambda:us-east-1:123456789012:function:live-events",
    }


def kafka(content, source="aws:kafka"):
    record = {"topic": "live-events", "partition": 0, "offset": 15, "timestamp": 1725371901500, "key": base64("AQEB")}
    record |= {"timestampType": "CREATE_TIME", "value": base64(content), "headers": [{"headerKey": [104, 101]}]}
    return {"eventSource": source, "bootstrapServers": "b-1.example.com:9092", "records": {"live-events-0": [record]}}


def rabbit(content):
    message = {"basicProperties": {"contentType": "text/plain", "headers": {"header1": {"bytes": [118]}}}}
    message |= {"redelivered": False, "data": base64(content)}
    source = {"eventSource": "aws:rmq", "eventSourceArn": "arn:aws:mq:us-east-1:123456789012:broker:x:b"}
    return source | {"rmqMessagesByQueue": {"events::/": [message]}}


def active_mq(content):
    message = {"messageID": "q-1", "messageType": "jms/text-message", "deliveryMode": 1, "timestamp": 1725371901500}
    return {"eventSource": "aws:mq", "messages": [message | {"data": base64(content)}]}


def entry(detail):
    return {"Source": "canvas", "DetailType": "logged_in", "EventBusName": "AQEB", "Detail": detail}


def records(*messages):
    return {"Records": list(messages)}


def in_place(value, inner):
    """Return the JSON text of *value* with the text *inner* where it says "HERE"."""
    return text(value).replace('"HERE"', f" {inner} ")


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
    "EventBridge, object": lambda inner: in_place(event_bridge("HERE"), inner),
    "Firehose": lambda inner: text({"invocationId": "i", "region": "r", "records": [firehose_record(inner)]}),
    "row": lambda inner: text(row(inner)),
    "token": lambda inner: text({"token": unsigned_token(inner)}),
    "quoted token": lambda inner: text(unsigned_token(inner)),
    "Kinesis get-records": lambda inner: text(records(stored_kinesis_record(inner)) | {"MillisBehindLatest": 0}),
    "one record of Kinesis": lambda inner: text(stored_kinesis_record(inner)),
    "Kinesis to a pipe": lambda inner: text(piped_kinesis_record(inner)),
    "gzip in Kinesis": lambda inner: text(records(kinesis_record(gzipped(inner)))),
    "zstd in Kinesis": lambda inner: text(records(stored_kinesis_record(compress("zstd", inner.encode())))),
    "gzip in Firehose": lambda inner: text({"records": [firehose_record(gzipped(inner))]}),
    "xz in Firehose": lambda inner: text(firehose_record(compress("xz", inner.encode()))),
    "Firehose to a stream": lambda inner: text({"DeliveryStreamName": "x", "Record": {"Data": base64(inner)}}),
    "Firehose error": lambda inner: text(firehose_error(inner)),
    "API Gateway": lambda inner: text(http_request(inner, isBase64Encoded=False)),
    "API Gateway, version 2": lambda inner: text(http_request(inner, "2.0", isBase64Encoded=False)),
    "API Gateway, base64": lambda inner: text(http_request(base64(inner), isBase64Encoded=True)),
    "function URL, base64": lambda inner: text(http_request(base64(inner), "2.0", isBase64Encoded=True)),
    "function URL, gzip": lambda inner: text(http_request(base64(gzipped(inner)), "2.0", isBase64Encoded=True)),
    "ALB": lambda inner: text(http_request(inner, "ALB", isBase64Encoded=False)),
    "ALB, base64": lambda inner: text(http_request(base64(inner), "ALB", isBase64Encoded=True)),
    "HTTP response": lambda inner: text({"statusCode": 200, "body": inner}),
    "CloudWatch Logs": lambda inner: text({"awslogs": {"data": base64(gzipped(text(log_data(inner))))}}),
    "CloudWatch Logs to Kinesis": lambda inner: text(records(kinesis_record(gzipped(text(log_data(inner)))))),
    "logs that were asked for": lambda inner: text(logged(inner)),
    "text in text": lambda inner: text(sqs_message(text(inner))),
    "text in text in text": lambda inner: text(notification(text(text(inner)))),
    "quoted text": text,
    "text quoted twice": lambda inner: text(text(inner)),
    "base64 in SQS": lambda inner: text(sqs_message(base64(inner))),
    "gzip in SQS": lambda inner: text(sqs_message(base64(gzipped(inner)))),
    "gzip in a row": lambda inner: text({"id": 7, "payload": base64(gzipped(inner))}),
    "token in a row": lambda inner: text({"id": 7, "payload": unsigned_token(inner)}),
    "token over HTTP": lambda inner: text(http_request(unsigned_token(inner), "2.0")),
    "base64 of a token over HTTP": lambda inner: text(
        http_request(base64(unsigned_token(inner)), isBase64Encoded=True)
    ),
    "Lambda destination": lambda inner: in_place(lambda_result("HERE"), inner),
    "Lambda destination, text": lambda inner: text(lambda_result(inner)),
    "Lambda destination, response": lambda inner: in_place(lambda_result({"a": 1}, "HERE"), inner),
    "MSK": lambda inner: text(kafka(inner)),
    "Kafka": lambda inner: text(kafka(inner, "SelfManagedKafka")),
    "RabbitMQ": lambda inner: text(rabbit(inner)),
    "ActiveMQ": lambda inner: text(active_mq(inner)),
    "EventBridge entries": lambda inner: text({"Entries": [entry(inner)]}),
    "EventBridge entry": lambda inner: text(entry(inner)),
    "SQS entries": lambda inner: text({"QueueUrl": "x", "Entries": [{"Id": "m-1", "MessageBody": inner}]}),
    "SNS entries": lambda inner: text({"PublishBatchRequestEntries": [{"Id": "n-1", "Message": inner}]}),
    "CloudEvent": lambda inner: in_place({"specversion": "1.0", "id": "c-1", "type": "x", "data": "HERE"}, inner),
    "CloudEvent, base64": lambda inner: text({"specversion": "1.0", "id": "c-1", "data_base64": base64(inner)}),
    "list of events": lambda inner: in_place({"events": ["HERE"]}, inner),
    "another list": lambda inner: in_place({"count": 1, "items": ["HERE"]}, inner),
}
