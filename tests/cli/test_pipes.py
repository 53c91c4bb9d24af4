"""How the command behaves between other programs: closed pipes, slow producers, interrupts, full disks."""

import fcntl
import json
import os
import signal
import subprocess
import termios
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest
from processes import CEVENTS, INVALID, PATIENCE, VALID, arrives, running, until


def is_drained(pipe: IO[bytes]) -> bool:
    """Tell whether the other end of *pipe* has read all that was written into it."""
    return not any(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))


COMMANDS = {
    "validate": ["validate", "--max-findings", "0"],
    "filter": ["filter"],
    "show": ["show"],
    "show-table": ["show", "-o", "table"],
    "show-ndjson": ["show", "-o", "ndjson"],
    "scrub": ["scrub"],
}


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_closed_pipe_ends_silently(tmp_path: Path, arguments: list[str]) -> None:
    capture = tmp_path / "capture.ndjson"
    capture.write_bytes(INVALID * 2000)
    with running(*arguments, str(capture)) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(PATIENCE) == 141
        assert process.stderr.read() == b""


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_what_a_slow_producer_sends_is_seen_when_its_line_arrives(arguments: list[str]) -> None:
    with running(*arguments, "-") as process:
        assert process.stdin is not None
        process.stdin.write(INVALID)
        process.stdin.flush()
        assert arrives(process)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"])
def test_interrupt_leaves_what_was_found(number: signal.Signals, code: int) -> None:
    with running("validate", "-") as process:
        assert process.stdin is not None
        process.stdin.write(VALID + INVALID)
        process.stdin.flush()
        assert arrives(process)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=PATIENCE)
        assert process.returncode == code
        assert b"interrupted" in stderr
        assert b"2 events: 1 valid, 1 invalid" in stderr
        assert b"Traceback" not in stderr


@pytest.mark.parametrize(
    ("arguments", "figure"),
    [
        (["summarize", "-o", "json"], lambda text: json.loads(text)["events"]),
        (["filter", "-c"], int),
        (["filter", "-c", "--unique", "--sort", "time"], int),
    ],
    ids=["summarize", "count", "count-in-order"],
)
def test_interrupt_leaves_the_figures_so_far(arguments: list[str], figure: Callable[[bytes], int]) -> None:
    with running(*arguments, "-") as process:
        assert process.stdin is not None
        for part in (VALID, b"\n"):  # once the second one has been read, the first has been counted
            process.stdin.write(part)
            process.stdin.flush()
            until(lambda: is_drained(process.stdin) or None)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130
        assert figure(stdout) == 1
        assert stderr == b"interrupted: these figures are of what was read so far\n"


FULL = COMMANDS | {
    "validate-json": ["validate", "-o", "json"],
    "count": ["filter", "-c"],
    "summarize": ["summarize"],
    "sample": ["sample"],
}


# Many container images set PYTHONUNBUFFERED: standard streams then take what they can of what is written.
@pytest.mark.parametrize(
    ("unbuffered", "arguments"), [("1" * (number % 2), words) for number, words in enumerate(FULL.values())], ids=FULL
)
def test_full_disk_is_an_error(tmp_path: Path, arguments: list[str], unbuffered: str) -> None:
    capture = tmp_path / "capture.ndjson"
    capture.write_bytes(INVALID)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*CEVENTS, *arguments, str(capture)],
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert b"cannot write to standard output: No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


def test_full_disk_of_rejects_is_an_error() -> None:
    done = subprocess.run(
        [*CEVENTS, "filter", "--rejects", "/dev/full", "-"], input=b"oops\n", capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (
        2,
        b"cevents: --rejects /dev/full: cannot write: No space left on device\n",
    )


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


@pytest.mark.parametrize(("command", "unbuffered"), [("filter", "1"), ("scrub", ""), ("show -o ndjson", "1")])
def test_a_slow_reader_gets_everything(tmp_path: Path, command: str, unbuffered: str) -> None:
    """Through a pipe that does not block, which takes a part of what is written, or nothing."""
    capture = tmp_path / "capture.ndjson"
    capture.write_bytes(VALID * 2000)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    process = subprocess.Popen(
        [*CEVENTS, *command.split(), str(capture)],
        stdout=writing,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )
    os.close(writing)
    with open(reading, "rb") as pipe:
        received = sum(1 for _ in pipe)
    _, stderr = process.communicate()
    assert (received, process.returncode, stderr) == (2000, 0, b"")


@pytest.mark.parametrize(
    ("arguments", "code", "stderr"),
    [
        ("validate valid", 0, "2> /dev/full"),
        ("validate invalid", 1, "2>&-"),
        ("validate invalid", 1, "2> >(exec 0<&-)"),
        ("validate missing", 2, "2> /dev/full"),
        ("filter -v valid", 1, "2> >(exec 0<&-)"),
        ("nonsense", 2, "2> /dev/full"),
        ("nonsense", 2, "2>&-"),
    ],
)
def test_standard_error_does_not_change_the_verdict(tmp_path: Path, arguments: str, code: int, stderr: str) -> None:
    (tmp_path / "valid").write_bytes(VALID + b"oops\n" * arguments.startswith("filter"))
    (tmp_path / "invalid").write_bytes(INVALID)
    done = subprocess.run(
        ["bash", "-c", f'"$@" {arguments} > /dev/null {stderr}', "bash", *CEVENTS],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        check=False,
    )
    assert done.returncode == code


UNWRITABLE = {"> /dev/full": (2,), ">&-": (2,), "| exec true": (141, 0, 2)}
HELP = {
    "help": ([], "--help"),
    "help of a command": ([], "filter --help"),
    "no command": ([], ""),
    "version": ([], "--version"),
    "completion": (["_CEVENTS_COMPLETE=complete_bash", "COMP_CWORD=1", "COMP_WORDS=cevents val"], ""),
    "what completes": ([], "--show-completion bash"),
}


@pytest.mark.parametrize(
    ("name", "stdout"), [*((name, "> /dev/full") for name in HELP), *(("help", each) for each in list(UNWRITABLE)[1:])]
)
def test_help_that_cannot_be_written(name: str, stdout: str) -> None:
    variables, arguments = HELP[name]
    done = subprocess.run(
        ["bash", "-c", f'set -o pipefail; env "$@" {arguments} {stdout}', "bash", *variables, *CEVENTS],
        capture_output=True,
        check=False,
    )
    assert done.returncode in UNWRITABLE[stdout]
    assert b"Traceback" not in done.stderr
    assert done.stderr.count(b"\n") == (0 if "|" in stdout else 1)
