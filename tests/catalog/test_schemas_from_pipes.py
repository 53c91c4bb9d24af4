"""Schemas that are no regular files: a shell's ``<(…)``, an open descriptor, a FIFO."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

CEVENTS = (sys.executable, "-m", "canvas_events_cli")
STRICT = '{"properties": {"n": {"type": "integer"}}}'
EVENTS = '{"metadata": {"event_name": "a"}, "body": {"n": 1}}\n{"metadata": {"event_name": "a"}, "body": {"n": "1"}}\n'


def bash(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    (folder / "events.ndjson").write_text(EVENTS)
    (folder / "any.json").write_text("{}")
    (folder / "strict.json").write_text(STRICT)
    return subprocess.run(
        ["bash", "-c", script, "bash", *CEVENTS],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


WAYS = {
    "body of an event": '"$@" filter -c --invalid --envelope any.json --body a=<(cat strict.json) events.ndjson',
    "a descriptor": '"$@" filter -c --invalid --envelope /dev/fd/3 --body /dev/fd/4 events.ndjson'
    " 3< any.json 4< strict.json",
    "a descriptor of a pipe": 'cat strict.json | "$@" filter -c --invalid --envelope any.json --body /dev/fd/0'
    " events.ndjson",
    "standard input": '"$@" filter -c --invalid --envelope any.json --body /dev/stdin events.ndjson < strict.json',
    "two processes": '"$@" filter -c --invalid -j 2 --envelope any.json --body <(cat strict.json) events.ndjson',
}


@pytest.mark.parametrize("script", WAYS.values(), ids=WAYS)
def test_is_read(tmp_path: Path, script: str) -> None:
    done = bash(tmp_path, script)
    assert (done.stdout, done.stderr, done.returncode) == ("1\n", "", 0)


def test_a_fifo_is_read_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    writer = threading.Thread(target=(tmp_path / "fifo").write_text, args=(STRICT,))
    writer.start()
    done = bash(tmp_path, '"$@" filter -c --invalid --envelope any.json --body fifo events.ndjson')
    writer.join()
    assert (done.stdout, done.stderr, done.returncode) == ("1\n", "", 0)


def test_check_and_diff(tmp_path: Path) -> None:
    done = bash(tmp_path, '"$@" schema check <(cat strict.json)')
    assert (done.returncode, done.stdout) == (0, "")
    done = bash(tmp_path, '"$@" schema diff <(cat any.json) <(cat strict.json)')
    assert (done.returncode, done.stderr) == (1, "")
    assert "/n" in done.stdout


REFUSED = {
    "a reference beside a pipe": ('--body <(echo \'{"$ref": "3"}\') 3< any.json', "leads outside the schema's folder"),
    "a reference to a file": ('--body <(echo \'{"$ref": "any.json"}\')', "leads outside the schema's folder"),
    "no JSON": ("--body <(echo oops)", "not JSON"),
    "nothing": ("--body /dev/null", "not JSON"),
    "without end": ("--body /dev/zero", "too large for a schema (over 16 MiB)"),
    "a FIFO in a folder": ("--schemas schemas", "schemas/bodies/a.json: a schema must be a regular file"),
    "a FIFO that is referred to": ("--body refers.json", "which is not a file"),
}


@pytest.mark.parametrize(("options", "reason"), REFUSED.values(), ids=REFUSED)
def test_is_refused(tmp_path: Path, options: str, reason: str) -> None:
    (tmp_path / "schemas" / "bodies").mkdir(parents=True)
    (tmp_path / "schemas" / "envelope.json").write_text("{}")
    os.mkfifo(tmp_path / "schemas" / "bodies" / "a.json")
    os.mkfifo(tmp_path / "fifo.json")
    (tmp_path / "refers.json").write_text('{"$ref": "fifo.json"}')
    done = bash(tmp_path, f'"$@" validate {options} events.ndjson')
    assert (done.returncode, reason in done.stderr) == (2, True), done.stderr
    assert "Traceback" not in done.stderr
