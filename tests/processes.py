"""The command as a process, for tests of what it does between other programs."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

EXAMPLE = json.loads((Path(__file__).parent / "example.json").read_text())
VALID = json.dumps(EXAMPLE).encode() + b"\n"
INVALID = json.dumps(EXAMPLE | {"body": {}}).encode() + b"\n"
CEVENTS = [sys.executable, "-m", "canvas_events_cli"]
PATIENCE = 30.0
T = TypeVar("T")


@contextmanager
def running(*arguments: str, **options: object) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [*CEVENTS, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
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


def until(condition: Callable[[], T | None]) -> T:
    """Return what *condition* gives, once it gives something."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        if (found := condition()) is not None:
            return found
        time.sleep(0.01)
    raise AssertionError("it took too long")
