"""Signed tokens through every command: their text is no JSON, and their payload may be no event."""

import json

import pytest
from in_process import cevents
from wrapper_builders import EVENT_TEXT, unsigned_token

PAYLOADS = {
    "array": "[1,1]",
    "number": "7",
    "empty": "",
    "no JSON": "{",
    "another object": '{"a":1}',
    "text": '"x"',
    "deep": f'{{"a":{"[" * 900}{"]" * 900}}}',
    "half an event": '{"body":{"a":1}}',
    "event": EVENT_TEXT,
}
SPELLINGS = {
    "bare": "TOKEN\n",
    "indented": " \t TOKEN \r\n",
    "after a mark": "\ufeffTOKEN\n",
    "quoted": '"TOKEN"\n',
    "in an array": '[\n"TOKEN", "TOKEN"]',
    "in a message": '{"MessageId":"m","Body":"TOKEN"}\n',
    "beside events": f"{EVENT_TEXT}\nTOKEN\n{EVENT_TEXT}\n",
}
COMMANDS = [
    *(f"show{wrapped} -o {form}" for wrapped in ("", " --no-unwrap") for form in ("pretty", "table", "json", "ndjson")),
    *("show --sort time", "show --unique -n 1", "show -o table --fields a,b", "show -o table --no-unwrap --fields a"),
    *("show --invalid", "show -w a=1", "show -v -w a=1", "show -v -w a>1 --no-unwrap"),
    *("filter", "filter -v -w a=1", "filter -v -w a<1 --no-unwrap", "filter -c --sort time", "filter --unique"),
    *("filter --whole-record", "filter --invalid", "sample", "sample --no-unwrap", "drift", "drift --no-unwrap"),
    *("drift -o json", "scrub -q", "summarize", "summarize --by a --no-unwrap", "summarize --by body -o json"),
    *("validate", "validate --strict", "validate --no-unwrap -o json", "validate --engine jsonschema"),
]


@pytest.fixture(scope="module")
def captures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokens")
    tokens = {payload: unsigned_token(claims) for payload, claims in PAYLOADS.items()}
    for payload, token in (tokens | {"none at all": "eyJh.b.c", "no header": "eyJhIjoxfQ.e30."}).items():
        for spelling, text in SPELLINGS.items():
            if spelling not in ("bare", "in a message") and payload not in ("event", "half an event", "no JSON"):
                continue
            path = folder / f"{payload}, {spelling}.ndjson"
            path.write_text(text.replace("TOKEN", token), encoding="utf-8")
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_them(command, captures):
    done = cevents(*command.split(), captures)
    assert done.code in (0, 1)
    if command.endswith("-o json"):
        json.loads(done.stdout)
    if command.endswith("-o ndjson"):
        assert all(map(json.loads, done.stdout.splitlines()))
