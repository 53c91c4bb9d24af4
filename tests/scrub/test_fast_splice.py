"""Records that are spelled alike become, spliced, byte for byte what they become one by one."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.framing.fast import WITHOUT_FAST_PATHS
from canvas_events_cli.model import Record
from canvas_events_cli.parse import loads
from canvas_events_cli.scrubbing import Scrubber
from canvas_events_cli.scrubbing.fast import splice
from canvas_events_cli.scrubbing.fast.splice import Splicer
from canvas_events_cli.scrubbing.places import Places
from canvas_events_cli.scrubbing.pseudonyms import Pseudonyms
from canvas_events_cli.scrubbing.rewriting import rewrite
from canvas_events_cli.streaming import scrub_spec

RETRY = json.loads((Path(__file__).parents[1] / "example.json").read_text())
SPEC = scrub_spec(key="k", keep=["body.title", "body.list.1"], shift="2h")
MADE = Pseudonyms(SPEC.key)
PLACES = Places(SPEC, MADE)

TEXTS = st.sampled_from(
    [
        *(
            "",
            "Ada",
            'say "hi"',
            "\\",
            '\\"',
            '"',
            "a\\\\b",
            "é",
            "\n",
            "5110",
            "21070000000000565",
            "published",
            "null",
        ),
        *("2024-09-03T14:05:11Z", "http://canvas.example.edu/courses/5?a=1#b", "[1]", '{"a":"b"}', ":", " : "),
    ]
)
SCALARS = st.none() | st.booleans() | TEXTS | st.sampled_from([0, -5, 12345, 1.5, -2.5e-7, 1e300, 21070000000000565])
NAMES = st.sampled_from(["status", "title", "list", "assignment_id", "workflow_state", "Ada Lovelace", "a7", 'q"x', ""])
VALUES = st.recursive(
    SCALARS, lambda below: st.lists(below, max_size=3) | st.dictionaries(NAMES, below, max_size=3), max_leaves=5
)
EVENTS = st.builds(
    lambda key, name, body: {key: RETRY["metadata"] | {"event_name": name}, "body": body},
    st.sampled_from(["metadata", "metadata", "attributes"]),
    st.sampled_from([RETRY["metadata"]["event_name"], "course_created", "unknown"]),
    st.dictionaries(NAMES, VALUES, max_size=4),
)
SPELLINGS = st.fixed_dictionaries(
    {
        "ensure_ascii": st.booleans(),
        "separators": st.sampled_from([(",", ":"), (", ", " : "), ("\t,", ":\n")]),
        "indent": st.sampled_from([None, None, 1]),
    }
)


def other_values(value: Any, scalar: Any) -> Any:
    """Return *value* with texts and numbers of its own in place of those that *scalar* is of the type of."""
    if isinstance(value, dict):
        return {name: other_values(held, scalar) for name, held in value.items()}
    if isinstance(value, list):
        return [other_values(held, scalar) for held in value]
    return scalar if type(value) is type(scalar) and not isinstance(value, bool) else value


@given(EVENTS, SPELLINGS, st.lists(SCALARS, max_size=5), st.booleans())
def test_all_become_what_they_become_by_themselves(
    event: Any, spelling: dict[str, Any], scalars: list[Any], repeated: bool
) -> None:
    splicer = Splicer(MADE)
    bodies = [event["body"], event["body"], *(other_values(event["body"], scalar) for scalar in scalars)]
    for body in bodies:
        raw = json.dumps({**event, "body": body}, **spelling).encode()
        raw = raw.replace(b'"title"', b'"status"') if repeated else raw
        place = PLACES.event(loads(raw))
        assert splicer.rewrite(raw, place) == rewrite(raw, place, MADE)


def test_spellings_are_learned_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splice, "_MOST_BYTES", 3000)
    monkeypatch.setattr(splice, "_MOST_MET", 3)
    monkeypatch.setattr(splice, "_MOST_VALUES", 2)
    splicer = Splicer(MADE)
    for number in range(40):
        raw = json.dumps({**RETRY, "body": {"name": str(number), "ids": [1] * (number % 5)}}).encode()
        place = PLACES.event(loads(raw))
        assert splicer.rewrite(raw, place) == rewrite(raw, place, MADE)


def wrapped(kind: str, text: str, number: int) -> bytes:
    """Return a record of wrappers of this *kind*, all spelled alike, around *text*."""
    data = base64.b64encode(text.encode()).decode()
    records: dict[str, Any] = {
        "sqs": {"MessageId": f"m-{number}", "Body": text, "Attributes": {"SentTimestamp": f"17221234{number:05}"}},
        "lambda": {"Records": [{"messageId": f"m-{number}", "body": text, "eventSource": "aws:sqs"}] * 2},
        "notification in a message": {"MessageId": "m", "Body": json.dumps({"Type": "Notification", "Message": text})},
        "quoted": text,
        "kinesis": {"Records": [{"kinesis": {"data": data, "sequenceNumber": str(number)}}]},
    }
    raw = json.dumps(records.get(kind, records["sqs"])).encode()
    return raw.replace(b'"MessageId": ', b'"Body": {"deep": ["Ada"]}, "MessageId": ') if kind == "repeated" else raw


SCRUBBER = Scrubber(SPEC)
with pytest.MonkeyPatch.context() as without:
    without.setenv(WITHOUT_FAST_PATHS, "1")
    PLAIN_SCRUBBER = Scrubber(SPEC)
KINDS = ["sqs", "lambda", "notification in a message", "kinesis", "quoted", "repeated"]


@given(st.lists(EVENTS, min_size=1, max_size=2), st.sampled_from(KINDS), st.booleans())
def test_what_is_in_wrappers_becomes_what_it_becomes_by_itself(events: Any, kind: str, is_broken: bool) -> None:
    texts = [json.dumps(event) for event in events * 3]
    texts.insert(3, "[5" if is_broken else json.dumps([events[0]] * 2))
    for number, text in enumerate(texts):
        raw = wrapped(kind, text, number)
        record = Record(1, raw, loads(raw), True)
        assert SCRUBBER.scrub(record) == PLAIN_SCRUBBER.scrub(record)
