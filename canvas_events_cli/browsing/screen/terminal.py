"""The terminal, for a program that takes all of it: whatever standard input and standard error lead to.

The first rows stand there before Textual is imported: that takes longer than to read and draw them.
"""

import errno
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from canvas_events_cli.browsing.screen.list_lines import BESIDE_WIDTH, ListLines, Shown
from canvas_events_cli.browsing.session import Session
from canvas_events_cli.browsing.store import LONG_BYTES
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.rendering.safe_text import shorten
from canvas_events_cli.rendering.styled import Piece, cells, paint, painted, plain

GONE = 128 + getattr(signal, "SIGHUP", 1)
"""What the process tells its caller where the terminal has gone."""
_END_SECONDS, _LONGEST_END_SECONDS = 2.0, 10.0
"""How long it may take to end where the terminal has gone, and where it is there to be left as it was."""
_PATIENCE_SECONDS = 0.2
"""How long rows are waited for: with none, Textual has time to be imported."""
_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l\x1b[2J", b"\x1b[?25h\x1b[?1049l"
"""The screen that leaves the other one as it was (xterm's private modes), without a cursor; and back."""


def need_terminal() -> None:
    """Raise CeventsError where results do not go to a terminal, or there is none to type at."""
    try:
        if sys.__stdout__ is None or not sys.__stdout__.isatty() or os.environ.get("TERM") == "dumb":
            raise OSError
        if sys.__stdin__ is None or not sys.__stdin__.isatty():
            os.close(_keyboard())
    except OSError as error:
        raise CeventsError(
            "browse takes a terminal: cevents show prints events, cevents show -o lines a line each"
        ) from error


@contextmanager
def whole_terminal() -> Iterator[None]:
    """Return a context in which descriptor 0 is the keyboard, and 2 the screen; what they were comes back.

    Textual reads the one and writes to the other. What is piped in has to be read by a process that began before.
    Where the terminal goes, the context ends silently.
    """
    kept: dict[int, int] = {}
    try:
        for descriptor, take in ((0, _keyboard), (2, lambda: os.dup(1))):
            if not os.isatty(descriptor):
                kept[descriptor] = os.dup(descriptor)
                terminal = take()
                os.dup2(terminal, descriptor)
                os.close(terminal)
        yield
    except Exception:
        if not is_gone():
            raise
    finally:
        for descriptor, before in kept.items():
            os.dup2(before, descriptor)
            os.close(before)


def is_gone() -> bool:
    """Tell whether the terminal that descriptor 0 led to is no more; a signal need not have told."""
    if sys.platform == "win32":
        return False
    import termios

    try:
        termios.tcgetattr(0)
    except termios.error as error:
        return bool(error.args[0] == errno.EIO)
    return False


def _keyboard() -> int:
    return os.open("CONIN$" if sys.platform == "win32" else "/dev/tty", os.O_RDWR)


def end_at_signals(end: Callable[[int], object]) -> None:
    """Have the running loop *end*, with the code of the signal, where the terminal is closed or somebody ends this."""
    if threading.current_thread() is not threading.main_thread() or sys.platform == "win32":
        return
    import asyncio  # which Textual has imported by now

    loop = asyncio.get_running_loop()
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end_soon, end, 128 + number)


def end_soon(end: Callable[[int], object], code: int) -> None:
    """Call *end* with *code*, and see to it that the process ends."""
    # Textual waits for ever for its thread that writes, which has ended where the terminal is gone.
    latest = threading.Timer(_END_SECONDS if is_gone() else _LONGEST_END_SECONDS, os._exit, [code])
    latest.daemon = True
    latest.start()
    end(code)


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
