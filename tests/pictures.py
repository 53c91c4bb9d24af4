"""The README's pictures: real runs in a real terminal, exported by Rich.

``pytest --update-golden tests/test_pictures.py`` draws them anew.
"""

import fcntl
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import termios
from pathlib import Path

from rich.console import Console
from rich.text import Text

REPOSITORY = Path(__file__).parent.parent
FOLDER = REPOSITORY / "samples" / "pictures"

# Each picture's command, and the columns of its terminal.
PICTURES = {
    "validate": ("cevents validate samples/mistakes.ndjson --max-findings 8", 150),
    "show": ("cevents show samples/mistakes.ndjson -n 1 --invalid --tz America/Denver", 110),
    "table": ("cevents show samples/mixed.ndjson -o table --sort time --tz utc", 130),
    "filter": ("cevents filter samples/mixed.ndjson -w 'user_id @ 42' -w 'event_time < 2024-09-10' -c", 110),
    "summarize": ("cevents summarize samples/retries.ndjson --top 3", 110),
}

_TIMING = re.compile(r"\d+\.\d\d s, [\d,]+ events/s")
# On a busy machine short work takes long enough for a line of progress.
_WITHOUT_PROGRESS = (
    "from canvas_events_cli.rendering import progress; progress._SHORT_SECONDS = 3600;"
    "from canvas_events_cli.__main__ import main; main()"
)
_WEB_FONT = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)


def draw(name: str) -> str:
    """Run the picture's command and return what it showed as SVG, time and rate fixed."""
    command, width = PICTURES[name]
    screen = _TIMING.sub("0.01 s, 2,500 events/s", run_in_terminal(command, width))
    with open(os.devnull, "w") as nowhere:
        console = Console(width=width, record=True, file=nowhere, force_terminal=True, color_system="standard")
        console.print(Text(f"$ {command}", style="bold"))
        # Releases of Rich differ in whether they keep an empty last line.
        console.print(Text.from_ansi(screen.rstrip("\n")), soft_wrap=False)
        svg = console.export_svg(title="cevents", unique_id=f"cevents-{name}")
    # Rich links web fonts; the picture must load nothing.
    return _WEB_FONT.sub("", svg)


def run_in_terminal(command: str, width: int, height: int = 50) -> str:
    """Run *command* (a ``cevents`` call) with all its streams on a pseudo-terminal and return what it wrote."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLUMNS", "LINES"}}
    process = subprocess.Popen(
        [sys.executable, "-c", _WITHOUT_PROGRESS, *shlex.split(command)[1:]],
        cwd=REPOSITORY,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=environment | {"TERM": "xterm-256color", "TZ": "UTC", "PYTHONPATH": str(REPOSITORY)},
    )
    os.close(follower)
    written = b""
    while chunk := _read(leader):
        written += chunk
    os.close(leader)
    process.wait()
    return re.sub("\r+\n", "\n", written.decode())


def _read(leader: int) -> bytes:
    try:
        return os.read(leader, 65536)
    except OSError:  # how Linux says that the other side is closed
        return b""
