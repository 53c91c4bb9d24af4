"""How the command behaves between other programs: closed pipes, slow producers, interrupts, full disks."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

EXAMPLE = json.loads((Path(__file__).parent / "example.json").read_text())
VALID = json.dumps(EXAMPLE).encode() + b"\n"
INVALID = json.dumps(EXAMPLE | {"body": {}}).encode() + b"\n"
CEVENTS = [sys.executable, "-m", "canvas_events_cli"]
PATIENCE = 30.0


@contextmanager
def running(*arguments: str, **options: object) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [*CEVENTS, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
        **options,  # type: ignore[call-overload]
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def arrives(process: subprocess.Popen[bytes]) -> bytes:
    """Return what comes next on stdout; nothing when it takes too long."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
    return os.read(process.stdout.fileno(), 65536) if ready else b""


def test_closed_pipe_ends_silently(tmp_path: Path) -> None:
    capture = tmp_path / "capture.ndjson"
    capture.write_bytes(INVALID * 2000)
    with running("validate", "--max-findings", "0", str(capture)) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(PATIENCE) == 141
        assert process.stderr.read() == b""


def test_finding_of_a_slow_producer_appears_when_its_line_arrives() -> None:
    with running("validate", "-") as process:
        assert process.stdin is not None
        process.stdin.write(VALID + INVALID)
        process.stdin.flush()
        assert b"<stdin>:2:" in arrives(process)


def test_interrupt_leaves_what_was_found() -> None:
    with running("validate", "-") as process:
        assert process.stdin is not None
        process.stdin.write(VALID + INVALID)
        process.stdin.flush()
        assert arrives(process)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130
        assert b"interrupted" in stderr
        assert b"2 events: 1 valid, 1 invalid" in stderr
        assert b"Traceback" not in stderr


@pytest.mark.parametrize("output_format", ["text", "json", "jsonl"])
def test_full_disk_is_an_error(tmp_path: Path, output_format: str) -> None:
    capture = tmp_path / "capture.ndjson"
    capture.write_bytes(INVALID)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*CEVENTS, "validate", "-o", output_format, str(capture)], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 2
    assert b"cannot write to standard output: No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(("stream", "code"), [("<&-", 2), (">&-", 2), ("2>&-", 1)])
def test_closed_streams(tmp_path: Path, stream: str, code: int) -> None:
    capture = tmp_path / "capture.ndjson"
    capture.write_bytes(INVALID)
    source = "-" if stream == "<&-" else str(capture)
    done = subprocess.run(
        ["bash", "-c", f'"$@" {stream}', "bash", *CEVENTS, "validate", source],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == code
    assert b"Traceback" not in done.stderr
