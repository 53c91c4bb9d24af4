"""``show --pager``: on a terminal, results go through the pager."""

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[2] / "samples" / "retries.ndjson"


def shown(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """Return the exit code, what the terminal got, and what standard error got."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "canvas_events_cli", "show", *arguments, str(SAMPLE)],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.PIPE,
        env={**os.environ, "TERM": "xterm", **environment},
    )
    os.close(theirs)
    received = b""
    while True:
        try:
            data = os.read(ours, 65536)
        except OSError:  # how Linux says that a terminal has ended
            break
        if not data:
            break
        received += data
    os.close(ours)
    _, stderr = process.communicate()
    return process.returncode, received.decode().replace("\r\n", "\n"), stderr.decode()


@pytest.mark.parametrize(
    ("output_format", "unbuffered"), [("pretty", ""), ("table", "1"), ("json", ""), ("ndjson", "1")]
)
def test_every_line_is_paged(output_format: str, unbuffered: str) -> None:
    code, plain, _ = shown("-n", "3", "-o", output_format)
    assert code == 0
    environment = {"PAGER": "sed s/^/paged:/", "PYTHONUNBUFFERED": unbuffered}
    code, paged, stderr = shown("-n", "3", "-o", output_format, "--pager", **environment)
    assert (code, stderr) == (0, "")
    assert paged == "".join(f"paged:{line}\n" for line in plain.splitlines())


def test_who_leaves_the_pager_has_seen_enough() -> None:
    code, paged, stderr = shown("--pager", PAGER="head -n 1")
    assert (code, paged.count("\n"), stderr) == (0, 1, "")


def test_a_pager_that_cannot_be_run() -> None:
    code, paged, stderr = shown("--pager", PAGER="no-such-pager -x")
    assert (code, paged) == (2, "")
    assert stderr == "cevents: --pager: cannot run 'no-such-pager' (PAGER): No such file or directory\n"


def test_without_a_pager_it_is_written(tmp_path: Path) -> None:
    code, paged, stderr = shown("-n", "1", "--pager", PAGER="", PATH=str(tmp_path))
    assert (code, stderr) == (0, "")
    assert "outcomes.retry_outcome_alignment_clone" in paged


@pytest.mark.skipif(shutil.which("less") is None, reason="less is not there")
def test_less_is_the_usual_pager() -> None:
    code, paged, _ = shown("-n", "1", "--pager", PAGER="", LESS="FRX")
    assert code == 0
    assert "outcomes.retry_outcome_alignment_clone" in paged


def test_a_pipe_is_not_paged() -> None:
    command = [sys.executable, "-m", "canvas_events_cli", "show", "--pager", "-n", "1", "-o", "ndjson", str(SAMPLE)]
    done = subprocess.run(command, env={**os.environ, "PAGER": "no-such-pager"}, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, SAMPLE.read_bytes().split(b"\n")[0] + b"\n")
