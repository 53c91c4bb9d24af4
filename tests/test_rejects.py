"""``--rejects`` and the input: nothing that is to be read is emptied."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CEVENTS = (sys.executable, "-m", "canvas_events_cli")
EVENTS = b'{"metadata":{},"body":{}}\noops\n'


def run(folder: Path, *arguments: str, stdin: bytes | None = None) -> tuple[int, bytes]:
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    command = [*CEVENTS, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, input=stdin, capture_output=True, check=False)
    return done.returncode, done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "captures").mkdir()
    (tmp_path / "captures" / "events.json").write_bytes(EVENTS)
    (tmp_path / "link.json").symlink_to("captures/events.json")
    return tmp_path


@pytest.mark.parametrize("command", ["filter", "scrub"])
@pytest.mark.parametrize(
    ("rejects", "source"),
    [
        ("captures/events.json", "captures/events.json"),
        ("link.json", "captures/events.json"),
        ("captures/events.json", "captures"),
        ("captures/events.json", "*.json"),
    ],
    ids=["same name", "link", "in a folder", "by a glob"],
)
def test_input_is_no_place_for_rejects(folder: Path, command: str, rejects: str, source: str) -> None:
    code, stderr = run(folder, command, "--rejects", rejects, source)
    assert code == 2
    assert stderr.startswith(b"cevents: --rejects " + rejects.encode() + b": this is ")
    assert (folder / "captures" / "events.json").read_bytes() == EVENTS


def test_standard_input_is_no_place_for_rejects(folder: Path) -> None:
    path = folder / "captures" / "events.json"
    with path.open("rb") as stdin:
        done = subprocess.run([*CEVENTS, "filter", "--rejects", path], stdin=stdin, capture_output=True, check=False)
    assert (done.returncode, path.read_bytes()) == (2, EVENTS)


@pytest.mark.parametrize("rejects", ["new.json", "old.json", os.devnull])
def test_any_other_file_is(folder: Path, rejects: str) -> None:
    (folder / "old.json").write_bytes(b"an earlier run's\n")
    code, _ = run(folder, "filter", "--rejects", rejects, "captures/events.json", "nothing.json", os.devnull)
    assert code == 2, "of the missing file"
    assert rejects == os.devnull or (folder / rejects).read_bytes() == b"oops\n"
