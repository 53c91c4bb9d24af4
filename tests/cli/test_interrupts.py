"""Ctrl-C and SIGTERM wherever the command is: their own exit code, and no traceback."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUN = """
import os, runpy, signal, sys
sys.argv[1:], number, call = sys.argv[3:], int(sys.argv[1]), int(sys.argv[2])
calls = 0
def count(frame, kind, argument):
    global calls
    calls += kind == "call"
    if calls == call:
        sys.setprofile(None)
        signal.raise_signal(number)
class Begin:
    def find_spec(self, name, path, target=None):
        if name == "canvas_events_cli.errors":  # the first module that is imported once signals are taken care of
            sys.meta_path.remove(self)
            sys.setprofile(count)
def leave(code, end=os._exit):
    sys.setprofile(None)
    print("calls", calls, file=sys.stderr, flush=True)
    end(code)
sys.meta_path.insert(0, Begin())
os._exit = leave
runpy.run_module("canvas_events_cli", run_name="__main__", alter_sys=True)
"""
"""Runs the command with a signal at the CALLth call of a function."""


def run(number: int, call: int, *arguments: str, start: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", RUN, str(number), str(call), *arguments]
    return subprocess.run(
        ["bash", "-c", f'{start} exec "$@"', "bash", *command], capture_output=True, text=True, check=False, cwd=ROOT
    )


COMMANDS = {
    "version": ["--version"],
    "filter": ["filter", "-w", "status~x", "samples/retries.ndjson"],
}


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_a_signal_at_any_time(arguments: list[str]) -> None:
    *_, calls = run(signal.SIGTERM, -1, *arguments).stderr.split()
    for part, (number, code) in enumerate([(signal.SIGINT, 130), (signal.SIGTERM, 143)] * 2):
        done = run(number, 1 + int(calls) * part // 4, *arguments)
        assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr


IN_A_FINALIZER = """
import signal
from canvas_events_cli.cli.interrupts import Interrupts
class Dying:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)
with Interrupts():
    Dying()
    print("lost")
"""


def test_an_interrupt_is_not_lost_where_exceptions_are() -> None:
    done = subprocess.run([sys.executable, "-c", IN_A_FINALIZER], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize(("number", "name"), [(signal.SIGINT, "INT"), (signal.SIGTERM, "TERM")])
def test_an_ignored_signal_stays_ignored(number: int, name: str) -> None:
    done = run(number, 1000, "--version", start=f"trap '' {name};")
    assert (done.returncode, done.stdout[:8]) == (0, "cevents ")


@pytest.mark.parametrize("again", ["signal.raise_signal(15)", "time.monotonic = lambda: 1e9; signal.raise_signal(2)"])
def test_who_interrupts_twice_does_not_wait(again: str) -> None:
    # What is at work when the first one comes would not be interrupted by a second KeyboardInterrupt.
    lines = f"""
import signal, sys, time
from canvas_events_cli.cli.interrupts import Interrupts
interrupts = Interrupts()
with interrupts:
    try:
        signal.raise_signal(2)
    except KeyboardInterrupt:
        {again}
print("on")
sys.exit(interrupts.code)
"""
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "")
    assert done.stdout == ("on\n" if "monotonic" not in again else "")
