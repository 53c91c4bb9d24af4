"""The command without a process of its own, for tests that run it very often."""

import sys
import tempfile
from typing import NamedTuple
from unittest.mock import patch

from canvas_events_cli.cli.app import run


class Done(NamedTuple):
    code: int
    stdout: bytes
    stderr: bytes


def cevents(*arguments: object) -> Done:
    """Run ``cevents`` with *arguments* and return how it ended."""
    with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
        with patch.multiple(sys, argv=["cevents", *map(str, arguments)], stdout=stdout, stderr=stderr):
            code = run()
        written = []
        for stream in (stdout, stderr):
            stream.flush()
            stream.buffer.seek(0)
            written.append(stream.buffer.read())
    return Done(int(code), *written)
