"""The essentials of an event fit a terminal of 24 lines, whatever event it is."""

from pathlib import Path

import pytest
from in_process import cevents

SAMPLES = sorted(Path("samples").glob("*.*json*"))
ROWS = 24 - 2
"""Without the empty line below, and a prompt."""


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    path = tmp_path_factory.mktemp("examples") / "events.ndjson"
    path.write_bytes(
        cevents("example", "*").stdout + cevents("example", "learning_outcome_c*", "quiz*created", "--invalid").stdout
    )
    return path


def test_brief_fits_the_smallest_terminal(monkeypatch, examples):
    monkeypatch.setenv("COLUMNS", "80")
    shown = cevents("show", "--brief", "--tz", "Europe/Berlin", *SAMPLES, examples).stdout.decode()
    blocks = shown.removesuffix("\n\n").split("\n\n")
    assert len(blocks) > 500
    assert [block for block in blocks if block.count("\n") >= ROWS] == []
    assert max(map(len, shown.splitlines())) <= 80


def test_what_is_wrong_is_never_folded(monkeypatch, examples):
    monkeypatch.setenv("COLUMNS", "80")
    full, brief = (cevents("show", "--invalid", *options, examples).stdout.decode() for options in ([], ["--brief"]))
    assert full.count("✗") > 200
    assert brief.count("✗") == full.count("✗")
