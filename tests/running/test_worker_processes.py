"""Real processes: the same answer from any number, and none that outlives its work."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from processes import CEVENTS, INVALID, PATIENCE, VALID, arrives, running, until

MIXED = VALID * 300 + INVALID * 3 + b'{"cut":\r\n' + VALID + VALID.replace(b", ", b",\n ") * 3 + b"[5,\n6]\n" + INVALID
LARGE = 18 * 1024 * 1024


def capture(folder: Path, lines: bytes, size: int = LARGE) -> str:
    path = folder / "capture.ndjson"
    path.write_bytes(lines * (size // len(lines) + 1))
    return str(path)


def workers_of(process: subprocess.Popen[bytes], count: int) -> list[int]:
    """Return the processes that *process* has started, once there are *count*."""
    listing = Path(f"/proc/{process.pid}/task/{process.pid}/children")

    def workers() -> list[int]:
        found = list(map(int, listing.read_text().split()))
        return [pid for pid in found if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()]

    return until(lambda: found if len(found := workers()) == count else None)


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


RUNS = {
    "first findings": ["validate", "-o", "jsonl", "--max-findings", "7", "-q"],
    "filter wrapped": ["filter", "--unique", "--sort", "time", "-m", "40", "--whole-record"],
    "summarize": ["summarize", "-o", "json"],
}
"""test_jobs.py tries every command, with tasks that go through pickle: here are the processes themselves."""


@pytest.mark.parametrize("arguments", RUNS.values(), ids=RUNS)
def test_the_answer_is_the_same(tmp_path: Path, arguments: list[str]) -> None:
    """From one process and three, of a file and of what streams in."""
    path = capture(tmp_path, MIXED)
    one, three = (
        subprocess.run([*CEVENTS, *arguments, "-j", jobs, path], capture_output=True, check=False) for jobs in "13"
    )
    assert (three.returncode, three.stdout) == (one.returncode, one.stdout)
    assert one.stdout
    with open(path, "rb") as stream:
        piped = subprocess.run(
            ["bash", "-c", 'cat | "$@"', "bash", *CEVENTS, *arguments, "-j", "3", "-"],
            stdin=stream,
            capture_output=True,
            check=False,
        )
    assert (piped.returncode, piped.stdout.replace(b"<stdin>", path.encode())) == (one.returncode, one.stdout)


def test_a_killed_worker_is_an_error(tmp_path: Path) -> None:
    path = capture(tmp_path, VALID)
    with running("validate", "--engine", "jsonschema", "-j", "2", path) as process:
        first, second = workers_of(process, 2)
        os.kill(second, signal.SIGKILL)
        _, stderr = process.communicate(timeout=PATIENCE)
        assert process.returncode == 2
        assert b"cevents: a worker process was ended from outside (signal 9)" in stderr
        assert b"Traceback" not in stderr
        assert is_gone(first)


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    path = capture(tmp_path, VALID)
    with running("validate", "--engine", "jsonschema", "-j", "2", path) as process:
        workers = workers_of(process, 2)
        process.kill()
        until(lambda: all(map(is_gone, workers)) or None)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"])
def test_interrupt_leaves_what_was_found(tmp_path: Path, number: signal.Signals, code: int) -> None:
    path = capture(tmp_path, INVALID, 64 * 1024 * 1024)
    with running("validate", "-j", "2", path, start_new_session=True) as process:
        assert arrives(process)
        workers = workers_of(process, 2)
        os.killpg(process.pid, number)
        _, stderr = process.communicate(timeout=PATIENCE)
        assert process.returncode == code
        assert b"interrupted" in stderr
        assert b"Traceback" not in stderr
        assert all(map(is_gone, workers))


def test_a_reader_that_goes_away_ends_all(tmp_path: Path) -> None:
    path = capture(tmp_path, VALID, 64 * 1024 * 1024)
    with running("filter", "-j", "2", path) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        workers = workers_of(process, 2)
        process.stdout.close()
        assert process.wait(PATIENCE) == 141
        assert process.stderr.read() == b""
        assert all(map(is_gone, workers))


def test_small_input_starts_no_process(tmp_path: Path) -> None:
    path = capture(tmp_path, VALID, 64 * 1024)
    with running("validate", "--engine", "jsonschema", "-j", "2", path, "-") as process:
        assert process.stdin is not None
        process.stdin.write(INVALID)
        process.stdin.flush()
        assert arrives(process)
        assert workers_of(process, 0) == []
