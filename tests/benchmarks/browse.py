"""What ``cevents browse`` takes until it shows something, and what it takes in all, beside other viewers of lines.

``browse.py FILE|MB [PROGRAM…]``, on Linux; with a number, of so many megabytes of events of all types. For each:
seconds to its first rows; after a condition (a search, in the others) was typed, to its first matches, and to the last;
the processor seconds and the most memory of all its processes, what they share counted once (PSS). toolong is looked
for in PATH as ``tl``.
"""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import family

MOST_SECONDS, REST_SECONDS = 600, 2.0
WANTED = "retry_outcome_alignment_clone"


class Program(NamedTuple):
    """A program, and how it is asked."""

    command: list[str]
    rows: bytes
    """What its first rows hold."""
    asks: bytes
    """What is typed for what has WANTED in its name, or in its text."""
    matches: bytes
    """What then shows first matches."""


PROGRAMS = {
    "cevents browse": Program(
        [sys.executable, "-m", "canvas_events_cli", "browse"],
        rb"20\d\d-\d\d-\d\d",
        f"/event_name = outcomes.{WANTED}\r".encode(),
        rb" of [\d,]+[^\x1b]*event_name = ",
    ),
    "lnav": Program(["lnav", "-q"], rb"metadata", f"/{WANTED}\r".encode(), rb"[1-9][\d,]* hits for"),
    "toolong": Program(["tl"], rb"metadata", b"", b""),
}


def processes(root: int) -> Iterator[int]:
    """Yield *root* and all below it."""
    yield root
    for task in Path(f"/proc/{root}/task").glob("*/children"):
        for child in task.read_text().split():
            yield from processes(int(child))


def figures(root: int) -> tuple[float, float]:
    """Return the processor seconds of *root* and all below it, and their memory in MB."""
    ticks, kilobytes = 0, 0
    for process in processes(root):
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:  # it has ended meanwhile
            continue
        ticks += sum(map(int, fields[11:13]))
        found = re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)
        kilobytes += int(found[1]) if found else 0
    return ticks / os.sysconf("SC_CLK_TCK"), kilobytes / 1024


class Watched:
    """A program in a terminal of 120 columns."""

    def __init__(self, command: list[str]) -> None:
        self.begun = time.monotonic()
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.environ |= {"TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
            os.execvp(command[0], command)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.written = b""
        self.used = self.most = 0.0

    def look(self) -> None:
        """Take what it has written, and measure."""
        if select.select([self.terminal], [], [], 0.01)[0]:
            self.written = (self.written + os.read(self.terminal, 65536))[-200_000:]

    def until(self, shown: bytes) -> float:
        """Return seconds until it has written what *shown* is, since this was asked."""
        asked = time.monotonic()
        while not re.search(shown, self.written) and time.monotonic() < asked + MOST_SECONDS:
            self.look()
        return time.monotonic() - asked

    def rest(self) -> float:
        """Return seconds until its processes have nothing to do."""
        asked = since = time.monotonic()
        before, _ = figures(self.process)
        while (now := time.monotonic()) < since + REST_SECONDS and now < asked + MOST_SECONDS:
            self.look()
            self.used, memory = figures(self.process)
            self.most = max(self.most, memory)
            if self.used > before + 0.1 * max(now - since, 0.2):  # a screen that blinks takes some
                before, since = self.used, now
        return since - asked

    def ask(self, keys: bytes) -> None:
        """Type *keys*."""
        self.written = b""
        for key in keys:
            os.write(self.terminal, bytes([key]))
            self.look()

    def end(self) -> None:
        """End it."""
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.terminal)


def row(name: str, program: Program, file: str) -> str:
    """Return the row of a table about *program*."""
    watched = Watched([*program.command, file])
    first = watched.until(program.rows)
    cells = [f"{first:.2f} s", f"{first + watched.rest():.1f} s"]
    if program.asks:
        watched.ask(program.asks[:-1])
        watched.rest()
        watched.ask(program.asks[-1:])
        matches = watched.until(program.matches)
        cells += [f"{matches:.2f} s", f"{matches + watched.rest():.1f} s"]
    else:
        cells += ["", ""]
    watched.end()
    return f"| {name} | {' | '.join(cells)} | {watched.used:.1f} s | {watched.most:.0f} MB |"


def main(what: str, *names: str) -> None:
    """Print a table of *what*, a file or how many megabytes."""
    if not what.isdigit():
        table(what, *names)
        return
    with tempfile.TemporaryDirectory() as folder:
        table(str(family.mixed(Path(folder) / "mixed.ndjson", int(what))), *names)


def table(file: str, *names: str) -> None:
    """Print a row for each program that there is."""
    print("| program | first rows | all read | first matches | all | processor | memory |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name in names or PROGRAMS:
        if shutil.which(PROGRAMS[name].command[0]) is None:
            print(f"{name}: not installed", file=sys.stderr)
        else:
            print(row(name, PROGRAMS[name], file), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
