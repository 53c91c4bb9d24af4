"""The command without a command."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("arguments", [[], ["schema"]], ids=["cevents", "schema"])
def test_help_and_nothing_else(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "canvas_events_cli", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "")
    assert "Usage: cevents" in done.stdout
