"""What stands on the screen, and what keys do there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browse.conftest import Screen
from browse.looking import SAMPLES, task

Golden = Callable[[str, str], None]
Playing = Callable[..., Any]


@pytest.mark.parametrize(("width", "height"), [(80, 24), (160, 30)])
def test_first_screen(play: Playing, golden: Golden, width: int, height: int) -> None:
    async def do(screen: Screen) -> None:
        golden(f"first_{width}.txt", screen.text())

    play(task("mistakes.ndjson"), do, width, height)


def test_moving(play: Playing) -> None:
    async def do(screen: Screen) -> None:
        where = []
        for key in ("down", "j", "up", "end", "pageup", "home", "pagedown", "k", "G", "g"):
            await screen.press(key)
            where.append(screen.app.event_list.cursor)
        page = screen.app.event_list.size.height - 1
        assert where == [1, 2, 1, 45, 45 - page, 0, page, page - 1, 45, 0]
        await screen.press("end")
        assert "46 of 46" in screen.lines[-1]
        assert "mistakes.ndjson:47" in screen.text()

    play(task("mistakes.ndjson"), do)


def test_a_malformed_record_is_a_row_that_opens(play: Playing, tmp_path: Path) -> None:
    event = (SAMPLES / "mixed.ndjson").read_bytes().splitlines()[0]
    (tmp_path / "x.ndjson").write_bytes(event + b"\n{broken \x1b[31m\n" + event + b"\n")

    async def do(screen: Screen) -> None:
        assert screen.lines[1].startswith("✗ ")
        await screen.press("down")
        assert any("malformed" in line for line in screen.lines[2:])
        assert r"{broken \x1b[31m" in screen.text()

    play(task(tmp_path / "x.ndjson"), do)


@pytest.mark.parametrize(("key", "code"), [("q", None), ("ctrl+q", None), ("ctrl+c", 130)])
def test_leaving(play: Playing, key: str, code: int | None) -> None:
    async def do(screen: Screen) -> None:
        await screen._pilot.press(key)

    assert play(task("mixed.ndjson"), do).return_value == code
