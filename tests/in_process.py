"""The command without a process of its own, for tests that run it very often. A bug raises here."""

import fcntl
import os
import pty
import re
import struct
import sys
import tempfile
import termios
import threading
from typing import NamedTuple
from unittest.mock import patch

from canvas_events_cli.cli.app import _app, run
from canvas_events_cli.cli.interrupts import Interrupts
from canvas_events_cli.cli.streams import errors_if_possible, output_in_whole
from canvas_events_cli.rendering import progress

COMMANDS = [
    ["validate", "--strict", "--show-values"],
    ["validate", "--strict", "--engine", "jsonschema", "-o", "json"],
    ["show"],
    ["show", "--brief", "--tz", "America/Denver", "--color", "always"],
    ["show", "-o", "lines"],
    ["show", "-o", "lines", "--fields", "body.x,body", "--unique", "--sort", "time"],
    ["show", "-o", "table"],
    ["show", "-o", "table", "--fields", "body.x,body"],
    ["show", "-o", "json", "--sort", "time"],
    ["show", "-o", "ndjson"],
    ["filter", "--unique", "--sort", "time"],
    ["filter", "-w", "body.x ~ a", "-w", "body.x=[1]", "--any"],
    ["filter", "--invalid"],
    ["filter", "--valid", "--engine", "jsonschema"],
    ["drift"],
    ["drift", "-o", "json"],
    ["summarize", "--by", "body.x"],
    ["summarize", "-o", "csv", "--by", "body"],
    ["scrub", "--keep", "body.x.0"],
    ["sample"],
]
"""Every command and format that reads events, with options that look into them."""


class NoInterrupts(Interrupts):
    """For commands that run inside the tests' own process, whose signals stay as they are."""

    def __init__(self) -> None:
        self._number = 0


class Done(NamedTuple):
    code: int
    stdout: bytes
    stderr: bytes


def cevents(*arguments: object, as_user: bool = False) -> Done:
    """Run ``cevents`` with *arguments* and return how it ended; *as_user* tells errors, which are raised else."""
    words = [*map(str, arguments)]
    with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
        streams = patch.multiple(sys, argv=["cevents", *words], stdout=stdout, stderr=stderr)
        with streams:
            code = run(NoInterrupts()) if as_user else _raising(words)
        written = []
        for stream in (stdout, stderr):
            stream.flush()
            stream.buffer.seek(0)
            written.append(stream.buffer.read())
    return Done(code, *written)


def _raising(words: list[str]) -> int:
    with errors_if_possible(), output_in_whole():
        return int(_app(words)(args=words, prog_name="cevents", standalone_mode=False) or 0)


def on_a_terminal(*arguments: object, width: int = 100) -> str:
    """Run ``cevents`` with *arguments*, errors told as to a user, and return what a terminal gets."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    written: list[bytes] = []
    reader = threading.Thread(target=lambda: written.extend(iter(lambda: _read(leader), b"")))
    reader.start()
    with os.fdopen(follower, "w") as terminal:
        streams = patch.multiple(sys, argv=["cevents", *map(str, arguments)], stdout=terminal, stderr=terminal)
        with streams, patch.object(progress, "_SHORT_SECONDS", 3600):
            run(NoInterrupts())
    reader.join()
    os.close(leader)
    return re.sub("\r+\n", "\n", b"".join(written).decode())


def _read(leader: int) -> bytes:
    try:
        return os.read(leader, 65536)
    except OSError:  # how Linux says that the other side is closed
        return b""
