"""Progress on a terminal: there for long work, gone in the end, never in the way of results."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import CEVENTS, INVALID, VALID

from canvas_events_cli.rendering.progress import said

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def on_terminal(*arguments: str, pauses: int, results_too: bool, until: bytes = b"") -> str:
    """Run a command that gets a line of input before each pause; return what its terminal received.

    A loaded machine starts it late: *until* is what is waited for after the last pause.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*CEVENTS, *arguments, "-"],
        stdin=subprocess.PIPE,
        stdout=theirs if results_too else subprocess.DEVNULL,
        stderr=theirs,
        env=os.environ | {"TERM": "xterm-256color", "COLUMNS": "150"},
        cwd=Path(__file__).parents[2],
    )
    os.close(theirs)
    assert process.stdin is not None
    for number in range(pauses):
        process.stdin.write(INVALID if number % 2 else VALID)
        process.stdin.flush()
        time.sleep(0.3)
    received = b""
    deadline = time.monotonic() + 30
    while until not in received and time.monotonic() < deadline:
        process.stdin.write(VALID)
        process.stdin.flush()
        if select.select([ours], [], [], 0.3)[0]:
            received += _read(ours)
    process.stdin.close()
    # Linux says that a terminal has ended by an error.
    while data := _read(ours):
        received += data
    process.wait()
    os.close(ours)
    return received.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


COUNTED = {
    "validate": (["validate"], "events, "),
    "filter": (["filter"], "matches"),
    "summarize": (["summarize"], "events"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
@pytest.mark.parametrize(("arguments", "counted"), COUNTED.values(), ids=COUNTED)
def test_long_work_shows_how_far_it_has_come(arguments: list[str], counted: str) -> None:
    received = on_terminal(*arguments, pauses=4, results_too=False, until=counted.strip(" ,").encode())
    assert re.search(rf"(?:bytes|kB) .*{counted}", CONTROL.sub("", received))
    assert received.count("\x1b[?25l") == received.count("\x1b[?25h"), "the cursor is back"
    assert "\x1b[?25l" not in received[received.rindex("\x1b[2K") :], "the line is gone"


def test_findings_stand_on_lines_of_their_own() -> None:
    received = on_terminal("validate", pauses=4, results_too=True)
    lines = [CONTROL.sub("", line).rpartition("\r")[2] for line in received.split("\n")]
    assert sum(bool(re.fullmatch(r"<stdin>:\d: outcomes\S+ /body/\w+ .*\[required\]", line)) for line in lines) == 6
    assert sum("kB" in line and "<stdin>" in line for line in lines) == 0


@pytest.mark.parametrize(("arguments", "pauses"), [(["-q"], 4), ([], 1)], ids=["quiet", "short work"])
def test_nothing_is_drawn(arguments: list[str], pauses: int) -> None:
    received = on_terminal("validate", *arguments, pauses=pauses, results_too=False)
    assert "\x1b[" not in COLOUR.sub("", received), "the verdict has its colour, and nothing moves the cursor"


SAID = {
    "a file": (
        (166_000_000, 2_600_000_000, "1,234 events", 2.0),
        "166 MB of 2.6 GB · 1,234 events · 83 MB/s · 0:29 left",
    ),
    "a pipe": ((57_000, None, "34 matches", 65.0), "57 kB read · 34 matches · 877 bytes/s · 1:05"),
    "nothing counted yet": ((999_600, None, "", 4000.0), "1 MB read · 250 bytes/s · 1:06:40"),
    "a file that has grown": ((30, 20, "", 1.0), "30 bytes of 20 bytes · 30 bytes/s"),
    "nothing read yet": ((0, 20, "", 1.0), "0 bytes of 20 bytes · 0 bytes/s"),
}


@pytest.mark.parametrize(("come", "expected"), SAID.values(), ids=SAID)
def test_what_is_not_known_is_not_told(come: tuple[int, int | None, str, float], expected: str) -> None:
    assert said(*come) == expected
