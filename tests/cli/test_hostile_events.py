"""Hostile text in events and file names, through every command and format, as it would reach a terminal."""

import contextlib
import json
from pathlib import Path

import pytest
from in_process import cevents, on_a_terminal
from rendering.hostile import HOSTILE, assert_harmless

EXAMPLE = json.loads((Path(__file__).parents[1] / "example.json").read_text())
TEXT = {
    "validate": "validate --strict --show-values --max-findings 0 --color never",
    "statistics": "validate --strict --statistics --color never",
    "notes": "validate --color never",
    "show": "show --color never",
    "brief": "show --brief --color never",
    "lines": "show -o lines --color never",
    "field-lines": "show -o lines --fields user_login,status,event_name --color never",
    "table": "show -o table --color never",
    "fields": "show -o table --fields user_login,status,event_name --color never",
    "summarize": "summarize --by status --by user_login --color never",
    "csv": "summarize -o csv --by status",
    "markdown": "summarize -o markdown --by status",
    "validate-junit": "validate -o junit --strict --show-values --color never",
    "validate-github": "validate -o github --strict --show-values --color never",
    "validate-markdown": "validate -o markdown --strict --show-values --color never",
    "drift": "drift --color never",
    "drift-markdown": "drift -o markdown",
}
JSON = {
    "validate-json": "validate -o json --strict --show-values --color never",
    "validate-jsonl": "validate -o jsonl --strict --show-values --color never",
    "validate-sarif": "validate -o sarif --strict --show-values --color never",
    "validate-gitlab": "validate -o gitlab --strict --show-values --color never",
    "show-json": "show -o json",
    "show-ndjson": "show -o ndjson",
    "filter": "filter -w metadata",
    "scrub": "scrub -q --keep /metadata --keep /body",
    "sample": "sample --per-type 100",
    "summarize-json": "summarize -o json --by status",
    "drift-json": "drift -o json",
}


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "::x \x1b[31m [red]\u202e.ndjson"
    with path.open("w", encoding="utf-8") as file:
        for text in HOSTILE.values():
            text = text[:400]
            event = json.loads(json.dumps(EXAMPLE))
            event["metadata"] |= {"user_login": text, "event_name": text, "hostname": text, text: text}
            event["body"] |= {"status": text, text: text, "nested": {text: [text]}}
            retry = json.loads(json.dumps(EXAMPLE))
            retry["metadata"] |= {"user_id": text, "context_role": text, "request_id": text}
            retry["body"] = dict.fromkeys(retry["body"], text)
            file.write(json.dumps(event, ensure_ascii=False) + "\n" + json.dumps(retry, ensure_ascii=False) + "\n")
    return path


@pytest.mark.parametrize("arguments", TEXT.values(), ids=TEXT)
def test_nothing_raw_reaches_a_terminal(capture: Path, arguments: str) -> None:
    screen = on_a_terminal(*arguments.split(), capture)
    assert "Traceback" not in screen
    # The commands that cevents gives itself, where it is asked for them.
    assert_harmless(screen.replace("\n::error file=", "\n").removeprefix("::error file="))


@pytest.mark.parametrize("arguments", JSON.values(), ids=JSON)
def test_json_on_a_terminal_escapes_what_it_must_not_get(capture: Path, arguments: str) -> None:
    screen = on_a_terminal(*arguments.split(), capture)
    assert "Traceback" not in screen
    assert_harmless(screen.replace("##", ""))


NAMES = ["::error::x.ndjson", "a\n::error::b.ndjson", "##[error]x.ndjson", " ::warning::y.ndjson", "\x1b[2Jz.ndjson"]
FORMATS = ["jsonl", "json", "junit", "sarif", "gitlab", "markdown"]


@pytest.mark.parametrize(
    ("name", "output"),
    [*((name, output) for name in NAMES for output in ("text", "github")), *((NAMES[1], each) for each in FORMATS)],
    ids=ascii,
)
def test_no_file_name_begins_a_line_of_a_log(name: str, output: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("{}\n{\n")
    missing, absent_folder = f"no {name}", f"{name}/absent/out"
    for arguments in (["-o", output, "--", name, missing], ["-o", f"{output}={absent_folder}", "--", name]):
        with contextlib.chdir(tmp_path):
            done = cevents("validate", *arguments, as_user=True)
        assert done.code == 2
        lines = (done.stdout + b"\n" + done.stderr).decode().splitlines()
        commands = [line for line in lines if line.lstrip().startswith("::")]
        assert all(line.startswith(("::error ", "::error::no ")) for line in commands)
        assert len(commands) == (4 if output == "github" and done.stdout else 0)
        assert not any("\x1b" in line or line.startswith(("##[", "\\x3a")) for line in lines)
