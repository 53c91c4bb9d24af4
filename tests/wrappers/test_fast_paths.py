"""What only makes things faster changes no answer: every command, with all fast paths and with none.

A folder of small captures, since most fast paths decide by what is all alike in a block: plain events, the same spelled
in other ways, each wrapper there is, wrappers in wrappers, and all of these mixed with what is malformed.
"""

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from in_process import cevents
from wrapper_builders import BUILDERS, base64, gzipped, unsigned_token

from canvas_events_cli.framing.fast import WITHOUT_FAST_PATHS
from canvas_events_cli.query.fast import by_verdict, typed_events
from canvas_events_cli.summary.fast import decode
from canvas_events_cli.validation.fast import judging
from canvas_events_cli.wrappers.fast import columns

RETRY = json.loads((Path(__file__).parents[1] / "example.json").read_text())
SENT = [
    json.loads(line) for line in (Path(__file__).parents[2] / "samples" / "caliper.ndjson").read_text().splitlines()
]
CALIPER = [event for value in SENT for event in value.get("data", [value])]
CALIPER_VERSION = "http://purl.imsglobal.org/ctx/caliper/v1p1"
TIMES = ['"2024-09-03T13:58:21Z"'] * 20 + [f'"2024-09-03T{hour:02}:58:21.064Z"' for hour in range(20)]
TIMES += ['"2024-09-03T13:58:21-06:00"', '"2024-09-03T13:58:21.0641234Z"', '"2024-09-03"', '""', "null", "7", "[]"]
ODD_LINES = (
    "{",
    "[INFO] started",
    '{"a":NaN}',
    "",
    "7",
    '"text"',
    '{"Body":"no event","MessageId":"m"}',
    "}",
    "\ufeff",
)


class Number(str):
    """A JSON number, as written."""

    __slots__ = ()


def event(rng, keys=("metadata", "metadata", "metadata", "attributes")):
    """Return the JSON text of an event as Canvas writes it, its envelope under one of *keys*."""
    if rng.random() < 0.4:
        retry = json.loads(json.dumps(RETRY))
        retry["metadata"]["user_id"] = str(rng.randrange(5))
        retry["metadata"] |= rng.choice([*[{}] * 8, {'a"b': "x"}, {"a\\b\n": None}, {"\x7f\u2028": "x"}])
        retry["body"] |= rng.choice([{}, {}, {"more": rng.choice([1, "x", None, [1]])}, {"status": None}])
        return json.dumps(retry, separators=(",", ":"))
    name = rng.choice(["logged_in", "logged_out", "course_created"])
    key = rng.choice(keys)
    body = rng.choice(['{"score":1.10,"status":"a/b"}', '{"status":"open","score":11e-1}', '{"data":[1],"value":"x"}'])
    envelope = f'{{"event_name":"{name}","event_time":{rng.choice(TIMES)},"user_id":"{rng.randrange(5)}"}}'
    return f'{{"{key}":{envelope},"body":{body}}}'


def older(rng):
    """Return the JSON text of an event in Canvas' older shape, or nearly so."""
    text = event(rng, ["metadata"]).replace('"body":', '"data":', 1)
    odd = [text[:-1] + ',"data":{}}', text.replace('"data":', r'"d\u0061ta":', 1)]
    odd += [
        json.dumps(json.loads(text) | change) for change in ({"data": "x"}, {"data": []}, {"sensor": "", "body": 1})
    ]
    text = rng.choice(odd) if rng.random() < 0.2 else text
    return respelled(text, rng) if rng.random() < 0.3 else text


def row(rng):
    """Return a row with an event, or with a row."""
    text = rng.choice([event, event, older])(rng)
    message = {"data": base64(text), "messageId": "1", "attributes": rng.choice([{}, {"a": "b"}, {"token": text}])}
    inner = rng.choice([{"x": json.loads(text)}, {"x": {"y": text}}, {"x": {"y": text}, "z": [text]}, [text], message])
    row = {"id": 7, "column": rng.choice([message, message, inner, json.dumps(inner), text, json.loads(text)])}
    return json.dumps(row | rng.choice([{}, {}, {"other": {"value": 1}}, {"other": {"a": "{}"}}]))


def respelled(text, rng):
    """Return the same JSON with members in another order, white space, and escapes."""
    value = json.loads(text, parse_int=Number, parse_float=Number)
    return written(value, rng, rng.choice([0, 0, 0.05, 1]))


def written(value, rng, escaped):
    def space():
        return rng.choice(["", "", "", " ", "\t", "\r "])

    def inside(value):
        return written(value, rng, escaped)

    if isinstance(value, Number):
        return value
    if isinstance(value, str):
        return f'"{"".join(character(char, rng, escaped) for char in value)}"'
    if isinstance(value, list):
        return f"[{','.join(space() + inside(item) + space() for item in value)}]"
    if not isinstance(value, dict):
        return json.dumps(value)
    members = [(key, inside(item)) for key, item in value.items()]
    rng.shuffle(members)
    return f"{{{','.join(f'{space()}{inside(key)}{space()}:{space()}{item}{space()}' for key, item in members)}}}"


def character(char, rng, escaped):
    usual = json.dumps(char, ensure_ascii=False)[1:-1]
    return rf"\u{ord(char):04x}" if ord(char) < 0x10000 and rng.random() < escaped else usual


def wrapped(text, names, rng):
    for name in names:
        if "token" in name and not text.lstrip().startswith("{"):
            continue
        text = BUILDERS[name](text)
        if rng.random() < 0.3:
            text = respelled(text, rng)
    return text


def twice_named(text, rng):
    """Return a message that begins as an event does, whose envelope is then taken back."""
    again = rng.choice(["metadata", r"\u006detadata"])
    body = rng.choice([text, unsigned_token(text)])
    body = rng.choice(["", " ", "\n", "\f"]) + body
    return f'{{"metadata":{{"user_id":"4"}},"MessageId":"m","Body":{json.dumps(body)},"{again}":null}}'


def messages(rng):
    """Return what Lambda gets of a queue or a stream: events, and now and then what is none, or several."""
    name = rng.choice(["SQS to Lambda", "Kinesis to Lambda", "SNS to Lambda"])
    usual = event(rng)
    odd = [
        "",
        "no event",
        "null",
        "{}",
        usual + usual,
        f"[{usual}]",
        f"{usual},",
        usual.replace(",", ",\n"),
        usual[:-1],
    ]
    odd += [
        " " + usual,
        '{"a":"\n"}',
        "\ufeff" + usual,
        unsigned_token(usual),
        BUILDERS["SNS"](usual),
        respelled(usual, rng),
    ]
    contents = [rng.choice(odd) if rng.random() < 0.2 else event(rng) for _ in range(rng.randrange(1, 6))]
    found = [record for content in contents for record in json.loads(BUILDERS[name](content))["Records"]]
    return json.dumps({"Records": found})


def nearly_alike(rng, name):
    """Return a wrapper of this *name*, of which some differ from others in what tells what they are."""
    value = json.loads(BUILDERS[name](event(rng)))
    changes = [{"Type": "x"}, {"isBase64Encoded": True}, {"attributes": {}}, {"attributes": None}, {"body": None}]
    changes += [{"Message": 5}, {"more": 1}, {"Records": []}, {"messageId": int("1" + "0" * 400)}, {"id": event(rng)}]
    return json.dumps(value | rng.choice(changes) if rng.random() < 0.2 else value)


def in_place(rng, name):
    """Return a wrapper of this *name* with an event in place, now and then with a member that stands there twice."""
    text = BUILDERS[name](event(rng))
    odd = rng.choice(
        ["1e999", "9" * 400, r'"\ud800"', "[]", "{}", "null", '{"metadata":{"user_id":1e999}}', event(rng)]
    )
    member = rng.choice(["detail", r"d\u0065tail", "data", "requestPayload", "responsePayload", "events", "more"])
    twice = [f'{{"{member}":{odd},{text[1:]}', f'{text[:-1]},"{member}":{odd}}}', text.replace('"3"', odd)]
    return rng.choice(twice) if rng.random() < 0.3 else text


def listed(rng):
    """Return a list of events, now and then with what is none, or of that alone."""
    odd = ['{"metadata":5}', '{"metadata":{},"body":"x"}']
    items = [rng.choice(odd) if rng.random() < 0.2 else event(rng, ["metadata"]) for _ in range(rng.randrange(1, 4))]
    return f'{{"count":1,"items":[{",".join(rng.choice([items, items, [odd[0]] * 3]))}]}}'


def spoken_of(rng):
    """Return a token with claims of its own, now and then odd ones, or no event beside them."""
    text = event(rng)
    claims = [f'"iat":{rng.choice(["1", "1", "1e999", "null"])}', '"iss":"Canvas"', r'"\u0069ss":1', '"iss" :"a"']
    own = rng.sample(claims, rng.randrange(3))
    if rng.random() < 0.1:
        own.append(r'"body":"\ud800"')
    return unsigned_token(f"{{{','.join([*own, text[1:-1]][:: rng.choice([1, -1])])}}}")


def row_in_row(rng):
    """Return what Pub/Sub pushes: base64 in a row in a row, now and then with another member that may be one."""
    message = {"data": base64(event(rng)), "attributes": {"a": "b"}, "messageId": "m", "publishTime": "2024"}
    value = {"message": message, "subscription": "s"}
    changes = [{"body": event(rng)}, {"events": []}, {"events": [json.loads(event(rng))]}, {"data": 5}, {"more": "{}"}]
    rng.choice([value, message]).update(rng.choice(changes) if rng.random() < 0.2 else {})
    return json.dumps(value)


def caliper_line(rng):
    """Return a Caliper event, alone or in an envelope, with now and then what makes it wrong, odd or another's."""
    changes = [{"id": "urn:uuid:1"}, {"actor": 5}, {"more": [1]}, {"attributes": {"event_name": "x"}}, {"metadata": {}}]
    changes += [{"extensions": {"com.instructure.canvas": {"more": 1}}}, {"action": None}, {"eventTime": "2024"}, {}]
    events = [json.loads(json.dumps(rng.choice(CALIPER))) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
    events = [one | rng.choice(changes) if rng.random() < 0.3 else one for one in events]
    sent = {"sensor": "http://learn.example.edu/", "sendTime": "2024-09-03T13:58:23Z", "dataVersion": CALIPER_VERSION}
    sent[rng.choice([*sent, "more"])] = rng.choice(["", 5, *sent.values()])
    if rng.random() < 0.1:
        events = rng.choice([[], [json.loads(event(rng))], [*events, 5], [*events, {"metadata": {}, "data": {}}]])
    text = json.dumps(rng.choice([*events[:1], {**sent, "data": events}, {**sent, "data": events}]))
    return text[:-1] + rng.choice([',"sensor":"twice"}', ""]) if rng.random() < 0.1 else text


def like_a_token(rng):
    """Return a line that begins as a signed token does, and mostly is none."""
    text = event(rng)
    token = unsigned_token(text)
    odd = [base64(text), json.dumps(base64(text)), base64(token), token[:-1], token[: len(token) // 2], f"{token}."]
    return rng.choice([token, json.dumps(token), *odd, token.replace(".", "..", 1), token + "=", "eyJ", "eyJ..", "ewo"])


def columns_with_one_odd(rng):
    """Yield lines that are alike but for what is in one text, or at one of several places."""

    def compressed(text, times):
        for _ in range(times):
            text = base64(gzipped(text))
        return text

    def deep(text):
        return text if len(text) > 20000 else compressed(BUILDERS["SQS message"](text), 6)

    usual, none = event(rng, ["metadata"]), '{"metadata":5}'
    around = ("\ufeff", "  ", "\t", "\n\n", " " * 70)
    texts = [usual, *(f"{space}{usual}" for space in around), f"{usual}\ufeff", compressed(usual, 1)]
    columns = [*texts, *map(base64, texts), base64(usual.encode() + b"\xbf"), deep(deep(usual))]
    for odd in columns:
        for usually in (usual, base64(usual)):
            yield [json.dumps({"id": 7, "column": text}) for text in (usually, odd, usually, odd, odd)]
            yield [json.dumps({"MessageId": "m", "Body": text}) for text in (usually, odd, usually)]
            yield [json.dumps({"PartitionKey": "1", "Data": text}) for text in (base64(usual), odd)]
    tokens = [unsigned_token(usual), unsigned_token(usual.replace("metadata", "attributes"))]
    for odd in (usual, [tokens[1]], json.loads(usual), tokens[1], f"\ufeff{usual}"):
        lines = [json.dumps({"jwt": tokens[0], "token": token}) for token in (tokens[1], odd, tokens[1])]
        yield lines
        yield lines[::-1]
        yield [lines[1], *lines]
        yield [json.dumps({"items": [{"jwt": token}]}) for token in (tokens[0], odd, tokens[0], odd, odd)]
    lists = [f'{{"items":[{one},{other}]}}' for one in (usual, none) for other in (usual, none)]
    rows = [json.dumps({"id": 7, "column": text}) for text in (usual, none, base64(usual), base64(none))]
    row_of_two = [{"message": {"data": base64(inner)}, "subscription": "s"} for inner in (lists[0], lists[3], lists[0])]
    yield [json.dumps({"requestPayload": row}) for row in row_of_two]
    for first in ([usual, none], lists, rows, [*map(json.dumps, (usual, none))]):
        for second in ("null", usual, lists[0]):
            places = [(first[0], second), (rng.choice(first[1:]), second), (first[0], second)]
            yield [f'{{"requestContext":1,"requestPayload":{one},"responsePayload":{other}}}' for one, other in places]
            yield [f'{{"requestContext":1,"requestPayload":{other},"responsePayload":{one}}}' for one, other in places]


def captures(rng):
    """Yield the lines of captures."""
    for size in (3, 24):
        yield [event(rng) for _ in range(size)]
        yield [respelled(event(rng), rng) for _ in range(size)]
        plain = [event(rng, ["metadata"]) for _ in range(size)]
        yield [*plain, twice_named(plain[0], rng), twice_named(plain[1], rng), *plain]
        yield [BUILDERS["token"](event(rng)) if number % 9 == 5 else event(rng) for number in range(size)]
        yield [messages(rng) for _ in range(size)]
        name = rng.choice(["SQS message", "SNS", "API Gateway", "CloudEvent, base64", "row", "Lambda destination"])
        yield [nearly_alike(rng, name) for _ in range(size)]
        for name in ("EventBridge, object", "Lambda destination", "CloudEvent", "list of events"):
            yield [in_place(rng, name) for _ in range(size)]
        yield [row_in_row(rng) for _ in range(size)]
        yield [spoken_of(rng) for _ in range(size)]
        yield [listed(rng) for _ in range(size)]
        yield [f"[{','.join(event(rng) for _ in range(size))}]", f"[{', '.join(messages(rng) for _ in range(size))}]"]
        yield ["[", "\n,\n".join(json.dumps(json.loads(event(rng)), indent=2) for _ in range(size)), "]"]
        yield [json.dumps({"Records": [json.loads(event(rng)) for _ in range(size)]}, indent=2), event(rng), event(rng)]
        yield [caliper_line(rng) if rng.random() < 0.9 else event(rng) for _ in range(size)]
        yield [caliper_line(rng) for _ in range(size)]
        yield [BUILDERS["token"](event(rng)) if rng.random() < 0.2 else unsigned_token(event(rng)) for _ in range(size)]
        yield [rng.choice([event, messages, like_a_token])(rng) for _ in range(size)]
        yield [older(rng) if rng.random() < 0.9 else event(rng) for _ in range(size)]
        yield [BUILDERS["SQS to Lambda"](rng.choice([older, caliper_line])(rng)) for _ in range(size)]
        yield [row(rng) for _ in range(size)]
        yield ["[" + "\n, ".join(event(rng) if rng.random() < 0.9 else row(rng) for _ in range(size)), "]", event(rng)]
        yield [like_a_token(rng) for _ in range(size)]
        quoted = [event(rng), json.dumps(event(rng)), json.dumps('{"metadata" oops}'), '{"metadata" oops}']
        yield [json.dumps(rng.choice(quoted)) for _ in range(size)]
        yield [json.dumps(json.dumps(row(rng))) for _ in range(size)]
        yield [BUILDERS["list of events"](event(rng)) if rng.random() < 0.8 else '{"events":[]}' for _ in range(size)]
        yield ['{"Records":[]}'] * size
        yield [json.dumps({"rows": [{"id": 7, "column": {"x": event(rng)}}]}) for _ in range(size)]
        yield [*(older(rng) for _ in range(size)), '{"metadata":{},"data":' + '{"a":' * 1010 + "1" + "}" * 1011]
    for name in BUILDERS:
        yield [BUILDERS[name](event(rng)) for _ in range(4)]
        if rng.random() < 0.3:
            yield [wrapped(event(rng), [rng.choice([*BUILDERS]), name], rng) for _ in range(4)]
    yield from columns_with_one_odd(rng)
    for name in ("Lambda destination, response", "Lambda destination, text"):
        yield [BUILDERS[name](rng.choice([row, row, event])(rng)) for _ in range(12)]
    for _ in range(6):
        names = [rng.choices([*BUILDERS], k=rng.randrange(4)) for _ in range(8)]
        lines = [wrapped(event(rng), each, rng) for each in names]
        yield [*lines, *rng.choices(ODD_LINES, k=rng.randrange(3)), event(rng), unsigned_token(event(rng)), event(rng)]


@pytest.fixture(scope="module", params=range(1))
def folder(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("captures")
    for number, lines in enumerate(captures(random.Random(request.param))):
        (folder / f"{number:03}.ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    return folder


SELECTIONS = ["-w user_id=3", "-w score=1.1", "-w status=a/b -w user_id<3", "-w user_id@3 -w status=open --any"]
SELECTIONS += ["-e logged_*", "-w event_name~out", "-w !status", "--since 2024-07-01 -w context_type=Course"]
SELECTIONS += [
    "--invalid",
    "--invalid -w user_id=3",
    "--valid",
    "--valid -v",
    "--about user:3",
    "-w metadata.user_id",
    "-w more!=x",
]
SELECTIONS += ["--unique --sort time -w user_id<4", "-n 9 -w event_time<2024-08", "-e *out -e *_in --until 2025-01-01"]
SELECTIONS += ["-w body.score<2 -w !more", "--invalid -v -w score=1.1", "--valid -w status=open"]
IN_FRONT = ("-w user_id=3", "--about user:3", "-e logged_*", "-v -w status", "--since 2024-07-01")
COMMANDS = [
    *("validate -j 1 -o json --max-findings 0", "validate -j 1 -o jsonl --max-findings 0 --strict", "validate -q"),
    *("summarize -j 1 -o json", "drift -j 1 -o json", "sample"),
    *(
        f"summarize -j 1 --by {by}"
        for by in ("status -o json", "user_id --by more", "body --by score --by /attributes")
    ),
    *("show -o ndjson", "show --color never --tz utc", "show --color never -w user_id=3", "scrub -j 1 -q --key k"),
    *(
        f"{command} {selection}"
        for command in ("validate -j 1 -o json", "summarize -j 1 -o json")
        for selection in IN_FRONT
    ),
    *(f"{command} --valid" for command in ("summarize -j 1 -o json", "drift -j 1 -o json", "sample")),
    *(f"{command} {IN_FRONT[1]}" for command in ("drift -j 1 -o json", "sample", "show", "scrub -j 1 -q --key k")),
    *(f"filter -j 1 {selection}" for selection in SELECTIONS),
    *(f"filter -j 1 --sort time {selection}" for selection in ("", SELECTIONS[0], "--unique")),
    *(f"filter -j 1 -v {selection} --whole-record" for selection in SELECTIONS[:3]),
    *(f"filter -j 1 -c {selection} --rejects REJECTS" for selection in (*SELECTIONS[:2], "--invalid")),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_answer_is_the_same_without_fast_paths(command, folder, tmp_path, monkeypatch):
    for module in (judging, decode, columns):
        monkeypatch.setattr(module, "LEAST_BLOCK_BYTES", 0)
    monkeypatch.setattr(by_verdict, "WORTH_TYPES", 0)
    monkeypatch.setattr(typed_events, "LEAST_BATCHES", 0)
    rejects = tmp_path / "rejects"
    words = [str(rejects) if word == "REJECTS" else word for word in command.split()]
    answers = []
    for without in ("", "1"):
        monkeypatch.setenv(WITHOUT_FAST_PATHS, without)
        done = cevents(*words, folder)
        answers.append((done.code, done.stdout.splitlines(), rejects.read_bytes() if rejects.exists() else b""))
    assert answers[0] == answers[1]
    assert answers[0][1]


def test_what_is_decompressed_again_for_each_look_at_what_holds_it_has_the_same_limit(tmp_path, monkeypatch):
    long = base64(gzipped(json.dumps(RETRY | {"x": "a" * 100_000})))
    line = json.dumps({"c": json.dumps({"d": long})})
    path = tmp_path / "rows.ndjson"
    path.write_text(f"{line}\n{line}\n")
    monkeypatch.setattr(columns, "LEAST_BLOCK_BYTES", 0)
    answers = []
    for without in ("", "1"):
        monkeypatch.setenv(WITHOUT_FAST_PATHS, without)
        answers.append(cevents("filter", "--max-record-bytes", 130_000, path).stdout)
    assert answers[0] == answers[1]


@pytest.mark.parametrize("selection", SELECTIONS[2:4])
def test_every_event_is_on_one_side_of_a_selection(selection, folder):
    sides = [cevents("filter", "-j", 1, *invert, *selection.split(), folder) for invert in ([], ["-v"])]
    every = cevents("filter", "-j", 1, folder)
    assert Counter(every.stdout.splitlines()) == Counter(b"".join(side.stdout for side in sides).splitlines())
