"""The pictures of the pages for users: real runs in a real terminal, exported by Rich.

``pytest --update-golden tests/project/test_pictures.py`` draws them anew.
"""

import asyncio
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from datetime import UTC
from html.parser import HTMLParser
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from rich.console import Console, RenderableType
from rich.segment import Segment, Segments
from rich.text import Text

REPOSITORY = Path(__file__).parent.parent
FOLDER = REPOSITORY / "samples" / "pictures"

# Each picture's command, and the columns of its terminal.
SCREENS = {
    "validate": ("cevents validate samples/mistakes.ndjson --max-findings 8", 150),
    "explain": ("cevents explain quiz_submitted /body/quiz_id", 110),
    "show": ("cevents show samples/mistakes.ndjson -n 1 --invalid --tz America/Denver", 110),
    "brief": ("cevents show samples/mixed.ndjson -n 2 -e 'submission_*' --brief --tz America/Denver", 110),
    "lines": ("cevents show samples/mixed.ndjson -n 8 -o lines --sort time --tz utc", 175),
    "table": ("cevents show samples/mixed.ndjson -o table --sort time --tz utc", 130),
    "filter": ("cevents filter samples/mixed.ndjson -w 'user_id @ 42' -w 'event_time < 2024-09-10' -c", 110),
    "summarize": ("cevents summarize samples/retries.ndjson --top 3", 110),
    "schema": ("cevents schema show assignment_override_created", 130),
    "scrub": (
        "cevents scrub -e submission_created samples/mixed.ndjson | cevents show --brief --tz America/Denver",
        110,
    ),
    "drift": ("cevents drift --against samples/last-week.ndjson.gz samples/this-week.ndjson.gz", 110),
    "example": ("cevents example assignment_updated --invalid -n 12 > /dev/null", 130),
}
# What is looked at there, the keys that are pressed, and the size of the screen.
BROWSE = "samples/mistakes.ndjson"
BROWSE_KEYS = ("e", "e", "e")
BROWSE_WIDTH, BROWSE_HEIGHT = 150, 30
# The page that it writes, and how much of it is shown.
REPORT = "cevents summarize -o html samples/retries.ndjson"
REPORT_WIDTH, REPORT_HEIGHT = 1200, 870
PICTURES = [*SCREENS, "browse", "report"]

_SCRUB_KEY = "it makes the same pseudonyms in every picture"
_TIMING = re.compile(r"\d+\.\d\d s,\s+[\d,]+\s+events/s")
# On a busy machine short work takes long enough for a line of progress.
_WITHOUT_PROGRESS = (
    "from canvas_events_cli.rendering import progress; progress._SHORT_SECONDS = 3600;"
    "from canvas_events_cli.__main__ import main; main()"
)
_WEB_FONT = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)


def draw(name: str) -> str:
    """Run the picture's command and return what it showed as SVG, time and rate fixed."""
    if name == "report":
        return page_as_svg(run_in_terminal(REPORT, REPORT_WIDTH))
    if name == "browse":
        return as_svg(name, f"cevents browse {BROWSE}", BROWSE_WIDTH, asyncio.run(browse_screen()))
    command, width = SCREENS[name]
    screen = with_fixed_time(run_in_terminal(command, width))
    # Releases of Rich differ in whether they keep an empty last line.
    return as_svg(name, command, width, Text.from_ansi(screen.rstrip("\n")))


def as_svg(name: str, command: str, width: int, shown: RenderableType) -> str:
    """Return what *command* has *shown* in a terminal so wide."""
    with open(os.devnull, "w") as nowhere:
        console = Console(width=width, record=True, file=nowhere, force_terminal=True, color_system="standard")
        console.print(Text(f"$ {command}", style="bold"))
        console.print(shown, soft_wrap=False)
        svg = console.export_svg(title="cevents", unique_id=f"cevents-{name}")
    # Rich links web fonts; the picture must load nothing.
    return _WEB_FONT.sub("", svg)


async def browse_screen() -> Segments:
    """Return the screen of ``browse`` once keys have been pressed there."""
    from browse.conftest import Screen
    from browse.looking import SPEC, looking_at

    from canvas_events_cli.browsing.screen.app import BrowseApp
    from canvas_events_cli.browsing.screen.list_lines import ListLines
    from canvas_events_cli.rendering.show_table import RowForm

    with looking_at(BROWSE) as session:
        app = BrowseApp(session, ListLines(session.index, RowForm(SPEC, UTC)))
        async with app.run_test(size=(BROWSE_WIDTH, BROWSE_HEIGHT)) as pilot:
            screen = Screen(app, pilot)
            await screen.settle()
            for key in BROWSE_KEYS:
                await screen.press(key)
            strips = app.screen._compositor.render_strips()
            return Segments(segment for strip in strips for segment in (*strip, Segment.line()))


def page_as_svg(page: str) -> str:
    """Return the top of an HTML page as a picture: browsers draw what stands in a ``foreignObject``."""
    xml = _AsXml()
    xml.feed(page)
    size = f'width="{REPORT_WIDTH}" height="{REPORT_HEIGHT}"'
    shown = "".join(xml.parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n<foreignObject {size}>{shown}</foreignObject>\n</svg>\n'


class _AsXml(HTMLParser):
    """The style and the body of a page as XML, which has names in one spelling and no tags that stay open."""

    _WITHOUT_END = frozenset({"br", "hr", "img", "link", "meta"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._inside = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in {"style", "body"}:
            self._inside += 1
        if not self._inside:
            return
        spaces = {"body": "http://www.w3.org/1999/xhtml", "style": "http://www.w3.org/1999/xhtml"}
        spaces["svg"] = "http://www.w3.org/2000/svg"
        named = {"viewbox": "viewBox", "preserveaspectratio": "preserveAspectRatio"}
        told = [(named.get(key, key), value or "") for key, value in attributes if key != "xmlns"]
        told += [("xmlns", spaces[tag])] if tag in spaces else []
        written = "".join(f" {key}={quoteattr(value)}" for key, value in told)
        self.parts.append(f"<{tag}{written}{'/' if tag in self._WITHOUT_END else ''}>")

    def handle_endtag(self, tag: str) -> None:
        if self._inside and tag not in self._WITHOUT_END:
            self.parts.append(f"</{tag}>")
        self._inside -= tag in {"style", "body"}

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.parts.append(escape(data))


def with_fixed_time(screen: str) -> str:
    """Return *screen* with the same elapsed time and rate in each closing line."""
    return _TIMING.sub("0.01 s, 2,500 events/s", screen)


def run_in_terminal(script: str, width: int, folder: Path = REPOSITORY, height: int = 50) -> str:
    """Run a script for a shell in *folder*, all its streams on a pseudo-terminal, and return what was written there."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLUMNS", "LINES"}}
    environment |= {
        "TERM": "xterm-256color",
        "TZ": "UTC",
        "SOURCE_DATE_EPOCH": "0",
        "CEVENTS_SCRUB_KEY": _SCRUB_KEY,
        "PYTHONPATH": str(REPOSITORY),
    }
    process = subprocess.Popen(
        ["bash", "-c", f'cevents() {{ "$PYTHON" -c "$CEVENTS" "$@"; }}\n{script}'],
        cwd=folder,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=environment | {"PYTHON": sys.executable, "CEVENTS": _WITHOUT_PROGRESS},
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
