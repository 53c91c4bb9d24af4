"""``cevents browse`` where it cannot be, and in a terminal of its own."""

import importlib.util
import os
from pathlib import Path

import pytest
from in_process import cevents

from canvas_events_cli.browsing.screen import terminal
from canvas_events_cli.errors import CeventsError


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CeventsError, match='not installed: the extra browse brings them, see "Extras" in the README'):
        cevents("browse", "capture.ndjson")


def test_nothing_is_drawn_where_nothing_can_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(terminal, "need_terminal", lambda: None)
    binary, missing = tmp_path / "binary.dat", tmp_path / "nope.ndjson"
    binary.write_bytes(bytes(range(256)))
    done = cevents("browse", str(missing), str(binary))
    assert (done.code, done.stdout) == (2, b"")
    assert done.stderr.decode().splitlines() == [
        f"cevents: {missing}: no such file or directory",
        f"cevents: {binary}: this is no text but binary data: export the events as JSON first",
    ]


def test_a_terminal_that_goes_at_the_start_ends_it_silently(monkeypatch: pytest.MonkeyPatch) -> None:
    pty, termios = pytest.importorskip("pty"), pytest.importorskip("termios")
    screen, keyboard = pty.openpty()
    before = os.dup(0)
    os.dup2(keyboard, 0)
    try:
        monkeypatch.setattr(os, "isatty", lambda descriptor: True)
        with terminal.whole_terminal():
            os.close(keyboard)
            os.close(screen)
            assert terminal.is_gone()
            termios.tcsetattr(0, termios.TCSANOW, [])
        assert terminal.is_gone()
    finally:
        os.dup2(before, 0)
        os.close(before)
    with pytest.raises(ZeroDivisionError), terminal.whole_terminal():
        assert 1 / 0
