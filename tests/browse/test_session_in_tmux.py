"""Whole sessions in a terminal, of events that come through a pipe: the keyboard is another file then."""

import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browse.looking import SAMPLES

pytestmark = pytest.mark.slow


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Return what runs tmux in a server of its own."""
    if shutil.which("tmux") is None:
        pytest.skip("there is no tmux")

    def run(*words: str) -> str:
        command = ["tmux", "-f", os.devnull, "-S", str(tmp_path / "tmux"), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    yield run
    run("kill-server")


@pytest.mark.parametrize(("end", "code"), [("q", 0), ("C-c", 130), (signal.SIGHUP, 129), (signal.SIGTERM, 143)])
def test_a_session(tmux: Callable[..., str], tmp_path: Path, end: str | signal.Signals, code: int) -> None:
    program, left = tmp_path / "program", tmp_path / "left"
    program.write_text(
        f"stty -g > {left}.before\n"
        f"(cat {SAMPLES}/retry-story.ndjson; sleep 1; cat {SAMPLES}/mixed.ndjson) "
        f"| sh -c 'echo $$ > {left}.pid; exec {sys.executable} -m canvas_events_cli browse --tz utc'\n"
        f"code=$?; stty -g > {left}.after; echo ended with $code; sleep 100\n"
    )

    def wait(text: str) -> None:
        limit = time.monotonic() + 60
        while text not in (screen := tmux("capture-pane", "-p")):
            assert time.monotonic() < limit, screen
            time.sleep(0.05)

    tmux("new-session", "-d", "-x", "100", "-y", "24", f"bash {program}")
    wait("1 of 35")
    tmux("send-keys", "/status = outcome_alignment_cloning", "Enter")
    wait("1 of 8")
    tmux("send-keys", "r")
    wait("succeeded after 16 s")
    if isinstance(end, signal.Signals):
        os.kill(int(Path(f"{left}.pid").read_text()), end)
    else:
        tmux("send-keys", "Escape")
        time.sleep(1)  # or the terminal takes it for a part of the next key
        tmux("send-keys", end)
    wait(f"ended with {code}")
    assert Path(f"{left}.after").read_text() == Path(f"{left}.before").read_text()


@pytest.mark.parametrize("told", [True, False])
def test_a_terminal_that_goes_ends_it(told: bool) -> None:
    command = [sys.executable, "-m", "canvas_events_cli", "browse", str(SAMPLES / "mixed.ndjson")]
    terminal, screen = pty.openpty()  # it controls no session: no signal tells that it goes
    environment = os.environ | {"TERM": "xterm-256color"}
    with subprocess.Popen(
        command, stdin=screen, stdout=screen, stderr=subprocess.PIPE, env=environment, start_new_session=True
    ) as process:
        os.close(screen)
        shown = b""
        while b"? keys" not in shown:
            shown += os.read(terminal, 65536)
        if told:
            process.send_signal(signal.SIGTERM)  # both at once: what Textual writes in the end goes nowhere
        os.close(terminal)
        _, said = process.communicate(timeout=60)
        assert process.returncode in {128 + signal.SIGHUP, 128 + signal.SIGTERM}
        assert said == b""
