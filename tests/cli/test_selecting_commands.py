"""Every command that reads events can be told which: it then finds what it finds in what ``filter`` writes."""

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from in_process import Done, cevents

from canvas_events_cli.cli import COMMANDS
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.running import runner
from canvas_events_cli.sources import chunks

SAMPLES = Path(__file__).parents[2] / "samples"
MALFORMED = 11

FIGURES = {
    "validate": ("-o", "json", "--max-findings", "0", "--allow-empty"),
    "summarize": ("-o", "json", "--top", "0", "--by", "user_login"),
    "drift": ("-o", "json", "--exit-code"),
    "sample": (),
    "scrub": ("--key", "the same each time"),
}
"""Each command with options that make it tell all it knows."""
SELECTING = ("filter", "show")
SELECTIONS = {
    "event": ["-e", "outcomes.*"],
    "about": ["--about", "assignment:5110"],
    "others than any": ["-v", "--any", "-w", "status", "--about", "course:612"],
    "where and when": ["-w", "user_login", "--since", "2024-09-03T14:06:00Z", "--until", "2025-06-01"],
    "none": ["-e", "no such event"],
    "valid": ["--valid"],
    "invalid": ["--invalid", "-e", "outcomes.*"],
}
CASES = [
    pytest.param(command, name, id=f"{command}: {name}")
    for command in FIGURES
    for name in SELECTIONS
    if (name in ("about", "valid", "others than any") or command == "scrub")
    and (command, name) != ("validate", "valid")
]
"""They are told which events in one way: each selection is tried with one command, and each command with some."""


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A capture with malformed records, faulty wrappers, an array, and lines that do not begin where events do."""
    path = tmp_path_factory.mktemp("capture") / "capture.ndjson"
    mixed, mistakes = ((SAMPLES / name).read_bytes() for name in ("mixed.ndjson", "mistakes.ndjson"))
    fault = b'{"MessageId": "1", "ReceiptHandle": "h", "MD5OfBody": "m", "Body": "no event"}\n'
    first = json.dumps(json.loads(mixed.splitlines()[0]), indent=2).encode()
    path.write_bytes(b"\n".join((mixed, fault, mistakes, first, mixed)))
    return path


def figures(done: Done) -> tuple[int, list[Any]]:
    """Return what a command answered, but for white space and for where in its input events are."""
    text = done.stdout.decode()
    values: list[Any] = []
    at = 0
    while at < len(text):
        value, end = json.JSONDecoder().raw_decode(text, at)
        values.append(value)
        at = end + len(text[end:]) - len(text[end:].lstrip())
    for value in values:
        for finding in value.get("findings", ()) if isinstance(value, dict) else ():
            del finding["line"], finding["source"]
    return done.code, values


def test_every_command_that_reads_events_is_tried() -> None:
    assert {*FIGURES, *SELECTING} == set(COMMANDS) - {"browse", "capture", "example", "explain", "help", "schema"}


@pytest.fixture(scope="module")
def filtered(capture: Path) -> Callable[[str], Path]:
    """Write what ``filter`` selects of the capture to a file, once for each selection."""

    @cache
    def write(name: str) -> Path:
        path = capture.with_name(f"{name}.ndjson")
        path.write_bytes(cevents("filter", *SELECTIONS[name], capture).stdout)
        return path

    return write


@pytest.mark.parametrize(("command", "name"), CASES)
def test_the_same_as_of_what_filter_writes(
    command: str, name: str, capture: Path, filtered: Callable[[str], Path]
) -> None:
    done = cevents(command, *FIGURES[command], *SELECTIONS[name], capture)
    assert figures(done) == figures(cevents(command, *FIGURES[command], filtered(name)))
    told = re.search(rb"(at least )?([0-9]+) malformed records? left out", done.stderr)
    assert told is not None
    assert int(told[2]) == MALFORMED or (told[1] and int(told[2]) < MALFORMED)


def test_lines_are_those_of_the_source(capture: Path) -> None:
    def found(*selection: str) -> list[dict[str, Any]]:
        findings = json.loads(cevents("validate", *FIGURES["validate"], *selection, capture).stdout)["findings"]
        return [finding for finding in findings if finding["kind"] != "malformed"]

    every, wanted = found(), found("-e", "outcomes.*")
    assert wanted == [finding for finding in every if (finding["event_name"] or "").startswith("outcomes.")]
    assert 0 < len(wanted) < len(every)


def test_malformed_records_alone_are_no_reason_to_fail(tmp_path: Path) -> None:
    path = tmp_path / "capture.ndjson"
    path.write_bytes(b"{\n" + (SAMPLES / "mixed.ndjson").read_bytes())
    assert cevents("validate", path).code == 1
    done = cevents("validate", "-e", "*", path)
    assert done.code == 0
    assert b"1 malformed record left out (they belong to no selection" in done.stderr


def test_a_web_page_is_told_under_a_selection(tmp_path: Path) -> None:
    path = tmp_path / "capture.ndjson"
    path.write_bytes(b"<html>\n")
    for command in (*FIGURES, *SELECTING):
        done = cevents(command, "-v", "-e", "x", path)
        assert b"looks like HTML" in done.stderr, command


@pytest.mark.parametrize("command", ["filter", "sample"])
def test_a_wrapper_without_an_event_is_one_line(command: str, tmp_path: Path) -> None:
    path = tmp_path / "capture.json"
    path.write_text('{\n  "recordId": "1",\n  "data": "xx"\n}\n[{"recordId": "2", "data": "xx"}]\n')
    assert cevents(command, path).stdout == b'{"recordId":"1","data":"xx"}\n{"recordId":"2","data":"xx"}\n'


def test_scrub_keeps_a_wrapping_record_for_one_of_its_events(tmp_path: Path) -> None:
    lines = (SAMPLES / "mixed.ndjson").read_text().splitlines()[:4]
    path = tmp_path / "capture.ndjson"
    with path.open("w") as file:
        for pair in (lines[:2], lines[2:]):
            file.write(json.dumps({"Records": [{"messageId": "m", "body": line} for line in pair]}) + "\n")
    name = json.loads(lines[3])["metadata"]["event_name"]
    done = cevents("scrub", "--key", "k", "-e", name, path)
    (kept,) = done.stdout.splitlines()
    assert [json.loads(record["body"])["metadata"]["event_name"] for record in json.loads(kept)["Records"]] == [
        json.loads(line)["metadata"]["event_name"] for line in lines[2:]
    ]


def test_an_event_that_no_schema_knows_is_told(capture: Path) -> None:
    for command in (*FIGURES, *SELECTING):
        for asked, meant in (("submision_created", "submission_created"), ("Submision_*", "submission_*")):
            assert f"did you mean '{meant}'".encode() in cevents(command, "-e", asked, capture).stderr, command


@pytest.mark.parametrize("command", [*FIGURES, *SELECTING])
def test_a_time_that_ends_before_it_begins_is_refused(command: str) -> None:
    with pytest.raises(CeventsError, match=r"--since 1h is later than --until 2024-09-02"):
        cevents(command, "--since", "1h", "--until", "2024-09-02", SAMPLES / "mixed.ndjson")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            ["-w", "statuz=x"],
            b"-w statuz: no event that was read has this field, and no schema; did you mean 'status'?",
        ),
        (["-w", "!body.statuz", "-e", "logged_in"], b"-w body.statuz: no event that was read has"),
        (["-e", "logged_in", "-e", "loged_out"], b"-e loged_out: no event that was read has such a name"),
        (["-e", "submision_*"], b"-e submision_*: no event that was read has such a name, and no schema; did you mean"),
        (["-e", "COURSE_*", "-w", "user_id"], b"did you mean 'course_*'?"),
        (["-e", "*_craeted", "-e", "logged_in", "-v"], b"did you mean '*_created'?"),
        (["--since", "2030-01-01", "-w", "user_id"], b"from 2024-09-02T06:00:04.210Z to 2024-12-18T22:05:30.777Z"),
        (
            ["--since", "2030-01-01", "-w", "ours = 2", "-w", "user_id"],
            b"no event is in this time; those",
        ),
        (["--since", "2030-01-01", "-w", "user_id != 1"], b"no event is in this time; those there are, are from 2024"),
        (["-w", "status=x", "-w", "score_type != 1"], None),
        (["-w", "ours = 2", "-w", "body.status"], None),
        (["-e", "ours", "-w", "!ours"], None),
        (["-e", "our?", "-w", "status = nowhere"], None),
        (["-e", "sis_*", "-w", "status = nowhere"], None),
    ],
    ids=str,
)
def test_what_occurs_nowhere_is_told(asked: list[str], told: bytes | None, tmp_path: Path) -> None:
    """In the schemas and in events alike, in whichever process."""
    path = tmp_path / "capture.ndjson"
    undocumented = b'{"metadata": {"event_name": "ours"}, "body": {"score_type": 1, "ours": null}}\n'
    path.write_bytes((SAMPLES / "mixed.ndjson").read_bytes() + undocumented)
    for jobs in (1, 2):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(chunks, "CHUNK_BYTES", 4096)
            patch.setattr(chunks, "TASK_BYTES", 4096)
            patch.setattr(runner, "LEAST_BYTES", 1)
            done = cevents("filter", "-c", *asked, "-j", jobs, path)
        assert told in done.stderr if told else b"no schema" not in done.stderr


@pytest.mark.parametrize(
    "asked", [["-w", "metadata.a/b > 2"], ["-w", "status = 7"], ["-e", "name"], ["-e", "*\u00e9"]], ids=str
)
def test_what_is_written_with_escapes_occurs(asked: list[str], tmp_path: Path) -> None:
    path = tmp_path / "capture.ndjson"
    names = r'"event_name": "n\u0061me"', r'"event_name": "caf\u00E9"'
    path.write_text(
        "".join(rf'{{"metadata": {{{name}, "a\/b": 1, "st\u0061tus": 1}}, "body": {{}}}}' "\n" for name in names)
    )
    assert b"no event that was read" not in cevents("filter", "-v", *asked, path).stderr


@pytest.mark.parametrize("command", FIGURES)
def test_each_command_tells_what_occurs_nowhere(command: str) -> None:
    done = cevents(command, "-w", "!statuz", "-w", "assignment_id", "-e", "*", SAMPLES / "mixed.ndjson")
    assert done.stderr.count(b"no event that was read has this field") == 1
    assert b"-w statuz" in done.stderr


@pytest.mark.parametrize("command", ["filter", "show", "scrub", "sample"])
@pytest.mark.parametrize("limit", [["-n", "2"], ["--limit=2"], ["-m2"], ["--max-count", "2"]], ids=str)
def test_a_limit_is_of_events(command: str, limit: list[str]) -> None:
    form = ["-o", "ndjson"] if command == "show" else []
    everything, some = (cevents(command, *form, *given, SAMPLES / "mixed.ndjson").stdout for given in ([], limit))
    if command != "scrub":
        assert some == b"".join(everything.splitlines(keepends=True)[:2])
    assert len(some.splitlines()) == 2


def test_a_limit_closes_the_array_that_scrub_was_in() -> None:
    assert len(json.loads(cevents("scrub", "-n", "2", SAMPLES / "array.json").stdout)) == 2


@pytest.mark.parametrize("source", ["status = x", "status=x"])
def test_a_condition_without_its_option_is_told(source: str) -> None:
    with pytest.raises(CeventsError, match=r"a condition comes with --where: -w .?status"):
        cevents("filter", source, SAMPLES / "mixed.ndjson")


@pytest.mark.parametrize("source", ["!status=x", "no such file", "a<b/c"])
def test_what_is_no_condition_is_a_file(source: str) -> None:
    done = cevents("filter", source, SAMPLES / "mixed.ndjson")
    assert (done.code, b"-w" in done.stderr) == (2, False)
    assert done.stdout


@pytest.mark.parametrize(
    ("command", "fields", "told"),
    [
        ("summarize", ["--by", "statuz", "--by", "user_id", "--by", "score"], b"--by statuz: no event"),
        ("show", ["-o", "lines", "--fields", "statuz,user_id,score"], b"--fields statuz: no event"),
        ("show", ["-o", "table", "--fields", "user_id,statuz"], b"--fields statuz: no event"),
        ("summarize", ["--by", "status"], b""),
        ("show", ["-o", "lines", "--fields", "event_name", "-n", "0"], b""),
    ],
)
def test_fields_that_are_shown_are_told_too(command: str, fields: list[str], told: bytes) -> None:
    done = cevents(command, *fields, SAMPLES / "mixed.ndjson")
    assert told in done.stderr
    assert done.stderr.count(b"no schema") == bool(told)


def test_two_captures_are_asked_in_vain_once() -> None:
    """What is in one of them occurs."""
    before, after = SAMPLES / "retries.ndjson", SAMPLES / "new-quizzes.ndjson"
    done = cevents("drift", "--against", before, "-w", "!statuz", "-w", "!referrer", "--any", after)
    assert done.stderr.count(b"no event that was read") == done.stderr.count(b"-w statuz: ") == 1
