"""What is told keeps to the width of the terminal; events themselves, which are data, do not."""

import re
from pathlib import Path

import pytest
from in_process import on_a_terminal

from canvas_events_cli.cli import COMMANDS

SAMPLES = Path(__file__).parents[2] / "samples"
TOLD: list[tuple[object, ...]] = [
    *(("help", command) for command in COMMANDS),
    *(("help", "schema", command) for command in ("list", "show", "check", "diff")),
    ("schema", "show", "submission_created"),
    ("drift", "--all", SAMPLES / "mixed.ndjson"),
    ("example", "submission_created", "--invalid"),
    ("explain", "root_account_id"),
]


@pytest.mark.parametrize("arguments", TOLD, ids=lambda arguments: " ".join(str(each) for each in arguments[:3]))
def test_lines_fit_the_terminal(arguments: tuple[object, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = [line for line in on_a_terminal(*arguments, width=80).splitlines() if not line.startswith("{")]
    assert lines
    assert [line for line in map(without_colours, lines) if len(line) > 80] == []


def without_colours(line: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", line)
