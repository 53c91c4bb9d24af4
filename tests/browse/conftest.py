"""A screen that tests can look at and type at."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC

import pytest
from browse.looking import SAMPLES, SPEC
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from canvas_events_cli.browsing.screen.app import BrowseApp
from canvas_events_cli.browsing.screen.list_lines import ListLines
from canvas_events_cli.browsing.session import Session
from canvas_events_cli.rendering.show_table import RowForm
from canvas_events_cli.running.pool import START_METHOD

Play = Callable[["Screen"], Awaitable[None]]


class Screen:
    """What a person has before them."""

    def __init__(self, app: BrowseApp, pilot: Pilot[int]) -> None:
        self.app = app
        self._pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press *keys*, without waiting between them, and see what comes of it."""
        for key in keys:
            is_character = len(key) == 1
            name = _character_to_key(key) if is_character else key
            self.app.post_message(events.Key(name, key if is_character else None))
        await self.settle()

    async def type(self, text: str, *keys: str) -> None:
        """Type *text*, and press *keys*."""
        await self.press(*text, *keys)

    async def settle(self) -> None:
        """Wait until all that is under way has come to the screen, and nothing changes there."""
        session, same, before = self.app.session, 0, ""
        end = time.monotonic() + 20
        while same < 3:
            assert time.monotonic() < end, self.text()
            await self._pilot.pause(0.005)
            self.app.look()
            text = self.text()
            is_busy = self.app.event_view.is_drawing or self.app._doing or self.app.is_unsorted
            is_calm = session.is_indexed and session.listing.is_done and not is_busy
            same = same + 1 if is_calm and text == before else 0
            before = text

    async def until(self, holds: Callable[[], object], seconds: float = 20) -> None:
        """Wait until something *holds*."""
        for _ in range(int(seconds / 0.01)):
            if holds():
                return
            await self._pilot.pause(0.01)
        raise AssertionError(self.text())

    @property
    def lines(self) -> list[str]:
        """The screen as text."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    def text(self) -> str:
        """Return it as one."""
        return "\n".join([*self.lines, ""])

    def told(self) -> str:
        """Return what is said for some seconds, as it is before it is broken into lines."""
        return "\n".join(notice.message for notice in self.app._notifications)

    def style(self, line: int, column: int) -> str:
        """Return the style of a cell, in the words of Rich."""
        strip = self.app.screen._compositor.render_strips()[line]
        for segment in strip:
            if column < segment.cell_length:
                return str(segment.style)
            column -= segment.cell_length
        raise IndexError


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[..., BrowseApp]:
    """Return what shows a task on a screen of some size, and plays what somebody does there."""
    monkeypatch.chdir(SAMPLES)  # names of files stand on the screen
    monkeypatch.setenv(START_METHOD, "spawn")  # where nothing forks, threads do the work

    def run(session: Session, do: Play, width: int = 80, height: int = 24) -> BrowseApp:
        async def main() -> BrowseApp:
            with session:
                app = BrowseApp(session, ListLines(session.index, RowForm(SPEC, UTC)))
                async with app.run_test(size=(width, height), notifications=True) as pilot:
                    screen = Screen(app, pilot)
                    await screen.settle()
                    await do(screen)
                return app

        return asyncio.run(main())

    return run
