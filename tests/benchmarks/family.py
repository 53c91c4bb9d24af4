"""A family of streams: the same retries as they really arrive, each spelled or wrapped in another way.

Each member is a function from the plain lines of :func:`stream.retries` to the bytes of a file.
"""

import base64
import gzip
import json
import random
from collections.abc import Callable, Iterator, Mapping
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from uuid import UUID

import stream

Lines = Iterator[bytes]
SAMPLES = Path(__file__).parents[2] / "samples"


def _each(change: Callable[[Any], Any], **style: Any) -> Callable[[Lines], Lines]:
    options = {"separators": (",", ":"), "ensure_ascii": False} | style
    return lambda lines: (json.dumps(change(json.loads(line)), **options).encode() + b"\n" for line in lines)


def _same(event: Any) -> Any:
    return event


def _offset(event: Any) -> Any:
    time = event["metadata"]["event_time"]
    event["metadata"]["event_time"] = time.replace("Z", "-06:00")
    return event


def _other_order(event: Any) -> Any:
    return {"body": dict(reversed(event["body"].items())), "metadata": dict(sorted(event["metadata"].items()))}


def _attributes(event: Any) -> Any:
    return {"attributes": event["metadata"], "body": event["body"]}


def _not_ascii(event: Any) -> Any:
    event["metadata"]["user_login"] = "İnès Çelik 王小明"
    event["metadata"]["user_agent"] = "Sæfarí/5.0 (日本語)"
    return event


def _with_nulls(event: Any) -> Any:
    optional = ("real_user_id", "context_sis_source_id", "developer_key_id", "user_sis_id", "job_id", "job_tag")
    return {"metadata": dict.fromkeys(optional) | event["metadata"], "body": event["body"]}


def redelivered(lines: Lines) -> Lines:
    chance = random.Random(1)
    kept: list[bytes] = []
    for line in lines:
        if kept and chance.random() < 0.05:
            yield chance.choice(kept)
        else:
            kept = [*kept[-500:], line]
            yield line


def _a_tenth_wrong(lines: Lines) -> Lines:
    chance = random.Random(1)
    wrong: list[Callable[[Any], object]] = [
        lambda event: event["body"].pop("status"),
        lambda event: event["body"].update(status=None),
        lambda event: event["metadata"].update(user_id=21070000000000042),
        lambda event: event["metadata"].update(event_time="2024-07-30 19:04:35"),
        lambda event: event["body"].update(new_course_uuid=""),
    ]
    for line in lines:
        if chance.random() < 0.1:
            event = json.loads(line)
            chance.choice(wrong)(event)
            line = json.dumps(event, separators=(",", ":")).encode() + b"\n"
        yield line


def _all_types(lines: Lines) -> Lines:
    schemas = sorted((Path(__file__).parents[2] / "schemas" / "bodies").glob("*.json"))
    bodies = [(path.stem, json.loads(path.read_text())["examples"][0]) for path in schemas]
    chance = random.Random(1)
    for line in lines:
        event = json.loads(line)
        event["metadata"]["event_name"], event["body"] = chance.choice(bodies)
        yield json.dumps(event, separators=(",", ":")).encode() + b"\n"


def _caliper(lines: Lines) -> Lines:
    values = map(json.loads, (SAMPLES / "caliper.ndjson").read_bytes().splitlines())
    events = [event for value in values for event in value.get("data", [value])]
    for number, line in enumerate(lines):
        event = json.loads(line)
        time = event["metadata"]["event_time"]
        one = events[number % len(events)] | {"eventTime": time, "id": UUID(event["metadata"]["request_id"]).urn}
        sent = {
            "sensor": "http://learn.example.edu/",
            "sendTime": time,
            "dataVersion": "http://purl.imsglobal.org/ctx/caliper/v1p1",
            "data": [one],
        }
        yield json.dumps(sent, separators=(",", ":")).encode() + b"\n"


def _sqs(lines: Lines) -> Lines:
    """One Lambda event of ten messages a line."""
    while messages := [_message(line.rstrip(b"\n").decode()) for line in islice(lines, 10)]:
        yield json.dumps({"Records": messages}, separators=(",", ":")).encode() + b"\n"


def _message(body: str) -> dict[str, object]:
    return {
        "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a" * 3,
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1722366275872",
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": "1722366275880",
        },
        "messageAttributes": {
            "event_name": {"stringValue": stream.EXAMPLE["metadata"]["event_name"], "dataType": "String"}
        },
        "md5OfBody": "098f6bcd4621d373cade4e832627b4f6",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:live-events",
        "awsRegion": "us-east-1",
    }


def _sns(lines: Lines) -> Lines:
    for line in lines:
        notification = {
            "Type": "Notification",
            "MessageId": "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
            "TopicArn": "arn:aws:sns:us-east-1:123456789012:live-events",
            "Message": line.rstrip(b"\n").decode(),
            "Timestamp": "2024-07-30T19:04:36.001Z",
            "SignatureVersion": "1",
            "Signature": "EXAMPLE" * 40,
            "SigningCertURL": "https://sns.us-east-1.amazonaws.com/cert.pem",
        }
        yield json.dumps(notification, separators=(",", ":")).encode() + b"\n"


def _event_bridge(lines: Lines) -> Lines:
    for line in lines:
        event = json.loads(line)
        wrapped = {
            "version": "0",
            "id": event["metadata"]["request_id"],
            "detail-type": event["metadata"]["event_name"],
            "source": "aws.partner/instructure.com/canvas",
            "account": "123456789012",
            "time": "2024-07-30T19:04:36Z",
            "region": "us-east-1",
            "resources": [],
            "detail": event,
        }
        yield json.dumps(wrapped, separators=(",", ":")).encode() + b"\n"


def _tokens(lines: Lines) -> Lines:
    head = _base64url(b'{"typ":"JWT","alg":"RS256","kid":"2024-09"}')
    for line in lines:
        yield head + b"." + _base64url(line.rstrip(b"\n")) + b"." + _base64url(b"s" * 256) + b"\n"


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _array(lines: Lines) -> Lines:
    yield b"[" + next(lines).rstrip(b"\n")
    for line in lines:
        yield b"," + line.rstrip(b"\n")
    yield b"]\n"


def _nothing_between(lines: Lines) -> Lines:
    return (line.rstrip(b"\n") for line in lines)


FAMILY: Mapping[str, Callable[[Lines], Lines]] = {
    "plain": lambda lines: lines,
    "times with offsets": _each(_offset),
    "spaces after colons and commas": _each(_same, separators=(", ", ": ")),
    "keys in another order": _each(_other_order),
    "`attributes`": _each(_attributes),
    "text not ASCII": _each(_not_ascii),
    "the same, escaped": _each(_not_ascii, ensure_ascii=True),
    "nulls kept": _each(_with_nulls),
    "5 % redelivered": redelivered,
    "a tenth wrong, in five ways": _a_tenth_wrong,
    "all event types": _all_types,
    "gzip": lambda lines: lines,
    "SQS messages": _sqs,
    "SNS notifications": _sns,
    "EventBridge": _event_bridge,
    "webhook tokens": _tokens,
    "one array": _array,
    "nothing between": _nothing_between,
    "pretty-printed": _each(_same, indent=2, separators=(",", ": ")),
    "Caliper": _caliper,
}
"""What the floors are relative to comes first."""

COMMANDS: Mapping[str, list[str]] = {
    "validate": ["validate", "-q"],
    "filter <": ["filter", "-c", "-w", "event_time<2024-07-03"],
    "filter =": ["filter", "-c", "-w", f"status={stream.HALF}"],
    "summarize": ["summarize", "-q", "-o", "json"],
    "show": ["show", "-q"],
}

GROWING: Mapping[str, list[str]] = {
    "validate": ["validate", "-q"],
    "filter": ["filter", "-c", "-w", "user_id=21070000000000042"],
    "summarize": ["summarize", "-q"],
    "show": ["show", "-q"],
    "drift": ["drift", "-q"],
    "sample": ["sample", "-q"],
    "scrub": ["scrub", "-q"],
    "filter --sort time": ["filter", "-q", "--sort", "time"],
}
"""What must not take more memory for more of the same."""


def events_in(megabytes: int) -> int:
    """Return how many retries make so many megabytes, as plain lines."""
    return megabytes * 1_000_000 // 1_538


def mixed(path: Path, megabytes: int) -> Path:
    """Write events of all types, so many megabytes of them; the same 10,000 again and again."""
    lines = [*_all_types(stream.retries(10_000))]
    size = sum(map(len, lines))
    return stream.write(path, islice(cycle(lines), len(lines) * megabytes * 1_000_000 // size))


def files(folder: Path, megabytes: int) -> dict[str, Path]:
    """Write each member of the family to *folder*, of about so many megabytes as plain lines; return them by name."""
    written = {}
    for name, member in FAMILY.items():
        ending = "ndjson.gz" if name == "gzip" else "ndjson"
        path = folder / f"family-{megabytes}-{''.join(c if c.isalnum() else '-' for c in name)}.{ending}"
        lines = member(stream.retries(events_in(megabytes)))
        if name == "gzip":
            lines = (gzip.compress(b"".join(part), 5) for part in iter(lambda lines=lines: [*islice(lines, 5000)], []))
        written[name] = stream.write(path, lines)
    return written
