"""The first rows, on the screen before Textual is: to import that takes longer than to read and draw them."""

import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from canvas_events_cli.browsing.screen.list_lines import BESIDE_WIDTH, ListLines, Shown
from canvas_events_cli.browsing.session import Session
from canvas_events_cli.browsing.store import LONG_BYTES
from canvas_events_cli.rendering.safe_text import shorten
from canvas_events_cli.rendering.styled import Piece, cells, paint, painted, plain

_PATIENCE_SECONDS = 0.2
"""How long rows are waited for: with none, Textual has time to be imported."""
_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l\x1b[2J", b"\x1b[?25h\x1b[?1049l"
"""The screen that leaves the other one as it was (xterm's private modes), without a cursor; and back."""


@contextmanager
def drawn_first(session: Session, lines: ListLines) -> Iterator[None]:
    """Return a context in which the first rows stand on the terminal, and keys wait unseen for who comes next."""
    if sys.platform == "win32":
        yield
        return
    import termios

    before = termios.tcgetattr(0)
    silent = [*before]
    silent[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(0, termios.TCSANOW, silent)
    try:
        os.write(1, (_ENTER + first_screen(session, lines, *os.get_terminal_size(1))).encode())
        yield
    except BaseException:
        with suppress(OSError):  # the terminal may have gone
            os.write(1, _LEAVE)
        raise
    finally:
        with suppress(termios.error):
            termios.tcsetattr(0, termios.TCSANOW, before)


def first_screen(session: Session, lines: ListLines, width: int, height: int) -> str:
    """Return what draws the list where it will stand, once there are rows to fill it with."""
    is_beside = width >= BESIDE_WIDTH
    room, count = (width // 2 if is_beside else width) - 1, height - 1 if is_beside else (height - 1) // 2
    session.wait_for(count, time.monotonic() + _PATIENCE_SECONDS)
    listing, shown, size = session.listing, list[Shown](), 0
    for place in range(min(count, len(listing))):
        size += lines.index.size_of(listing[place])
        if size > LONG_BYTES:
            break
        shown.append(lines.read(listing[place]))
    lines.lay_out(shown, room)
    rows = [[*_cut(lines.pieces(line), room)] for line in shown]
    painter = plain if os.environ.get("NO_COLOR") else painted
    texts = [paint(plain(row), "reverse") if place == 0 else painter(row) for place, row in enumerate(rows)]
    texts += [""] * (height - 1 - len(texts))
    return "\r\n".join([*texts, paint(shorten(" reading …", width - 1).ljust(width), "reverse")])


def _cut(line: Iterable[Piece], width: int) -> Iterator[Piece]:
    for text, style in line:
        while cells(text) > width:
            text = text[:-1]
        width -= cells(text)
        yield text, style
