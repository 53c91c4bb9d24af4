"""The command without a process of its own, for tests that run it very often. A bug raises here."""

import sys
import tempfile
from typing import NamedTuple
from unittest.mock import patch

from canvas_events_cli.cli.app import _app
from canvas_events_cli.cli.interrupts import Interrupts
from canvas_events_cli.cli.streams import errors_if_possible, output_in_whole

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


def cevents(*arguments: object) -> Done:
    """Run ``cevents`` with *arguments* and return how it ended."""
    words = [*map(str, arguments)]
    with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
        streams = patch.multiple(sys, argv=["cevents", *words], stdout=stdout, stderr=stderr)
        with streams, errors_if_possible(), output_in_whole():
            code = _app(words)(args=words, prog_name="cevents", standalone_mode=False)
        written = []
        for stream in (stdout, stderr):
            stream.flush()
            stream.buffer.seek(0)
            written.append(stream.buffer.read())
    return Done(int(code or 0), *written)
