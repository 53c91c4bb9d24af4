"""Streams of events in every way to write them, whole and broken."""

import base64
import json

from hypothesis import strategies as st


def event(status: str, number: int) -> dict[str, object]:
    return {
        "metadata": {"event_name": "e", "event_time": f"2024-05-01T10:00:{number:02d}Z"},
        "body": {"status": status},
    }


def base64url(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


EVENTS = st.builds(event, st.sampled_from(["ok", "bad", "A\u00e9", 'q"\\']), st.integers(0, 59))
WRITERS = {
    "plain": lambda value: json.dumps(value),
    "compact": lambda value: json.dumps(value, separators=(",", ":")),
    "unicode": lambda value: json.dumps(value, ensure_ascii=False),
    "pretty": lambda value: json.dumps(value, indent=2),
    "array": lambda value: json.dumps([value, value]),
    "sqs": lambda value: json.dumps({"MessageId": "m", "Body": json.dumps(value)}),
    "quotes as escapes": lambda value: json.dumps({"MessageId": "m", "Body": json.dumps(value)}).replace(
        '\\"', "\\u0022"
    ),
    "kinesis": lambda value: json.dumps(
        {"Records": [{"kinesis": {"data": base64.b64encode(json.dumps(value).encode()).decode()}}]}
    ),
    "kinesis alone": lambda value: json.dumps(
        {"kinesis": {"data": base64.b64encode(json.dumps(value, indent=1).encode()).decode()}}
    ),
    "token": lambda value: json.dumps({"jwt": ".".join(map(base64url, [' {"alg": "none"}', json.dumps(value), ""]))}),
    "body first": lambda value: json.dumps({"body": value["body"], "metadata": value["metadata"]}),
    "older": lambda value: json.dumps({"metadata": value["metadata"], "data": value["body"]}),
    "doubled": lambda value: json.dumps(value) * 2,
    "cut": lambda value: json.dumps(value)[:-3],
    "open": lambda value: json.dumps(value)[:-1],
    "rest": lambda value: ',"x":{}}',
}
RECORDS = st.builds(lambda value, writer: WRITERS[writer](value), EVENTS, st.sampled_from(sorted(WRITERS)))
JUNK = st.sampled_from(["", "junk", "{", "}", "[", "]", '{"a":{}', "[INFO] x", "5"])
PLAIN = st.builds(lambda value, writer: WRITERS[writer](value), EVENTS, st.sampled_from(["plain", "compact"]))


def streams(line: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    """Return streams of lines."""
    endings = st.sampled_from(["\n", "\r\n"])
    return st.builds(lambda lines, ending: ending.join(lines).encode(), st.lists(line, max_size=30), endings)


STREAMS = st.one_of(
    streams(st.one_of(RECORDS, RECORDS, RECORDS, JUNK)),
    streams(st.one_of(*[PLAIN] * 12, RECORDS)),
)
