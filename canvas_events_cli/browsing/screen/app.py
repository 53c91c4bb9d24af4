"""The screen: a list, the event beside or below it, and a line that says where one is. It only wires."""

import asyncio
from collections.abc import Callable
from datetime import tzinfo
from functools import lru_cache
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widgets import Static

from canvas_events_cli.browsing.screen.event_list import EventList
from canvas_events_cli.browsing.screen.event_view import LinesView
from canvas_events_cli.browsing.screen.keys import KEYS
from canvas_events_cli.browsing.session import Session
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Malformed, Record
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.show import Block, BlockForm, Blocks
from canvas_events_cli.rendering.show_table import RowForm
from canvas_events_cli.validation import ValidationSpec

_BESIDE_WIDTH = 120
"""Columns from which on the event stands beside the list."""
_LOOK_SECONDS = 0.1


class BrowseApp(App[int]):
    """Looks through the events of a session; returns an exit code."""

    CSS = """
    #panes { layout: vertical; }
    #panes.beside { layout: horizontal; }
    EventList, LinesView { width: 1fr; height: 1fr; }
    .beside LinesView { border-left: solid ansi_bright_black; }
    #panes LinesView { border-top: solid ansi_bright_black; }
    #panes.beside LinesView { border-top: none; border-left: solid ansi_bright_black; }
    #status { height: 1; text-style: reverse; }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key.keys, key.action, key.does, show=False) for key in KEYS),
        Binding("ctrl+c", "interrupt", show=False, priority=True),
    ]

    def __init__(self, session: Session, rows: RowForm) -> None:
        """*rows* says how the list has events; the event itself is by the same schemas, in the same zone."""
        super().__init__()
        self.theme = "ansi-dark"
        self.session = session
        self._form = rows
        self._blocks = lru_cache(2)(self._new_blocks)
        self._drawn: tuple[int | None, int] = None, 0
        self.is_busy = False
        """Whether the event that is looked at is still to be drawn."""
        self._told = 0

    def compose(self) -> ComposeResult:
        """Lay out."""
        self.event_list = EventList(self.session.index, self.session.listing, self._form)
        self.event_view = LinesView()
        self.status_line = Static(id="status", markup=False)
        with Container(id="panes"):
            yield self.event_list
            yield self.event_view
        yield self.status_line

    def on_mount(self) -> None:
        """Begin to look what has come."""
        self.event_list.focus()
        self._look()
        self.set_interval(_LOOK_SECONDS, self._look)

    def on_resize(self) -> None:
        """Put the event where there is room for it."""
        self.query_one("#panes").set_class(self.size.width >= _BESIDE_WIDTH, "beside")
        self.call_after_refresh(self._draw_event)

    def _look(self) -> None:
        self.event_list.look()
        for told in self.session.told[self._told :]:
            self._told += 1
            self.notify(visible(told), severity="warning", markup=False, timeout=10)
        self.status_line.update(self._status())

    def _status(self) -> str:
        session, listing = self.session, self.event_list.listing
        place = f"{self.event_list.cursor + 1:,} of {len(listing):,}" if len(listing) else "no event"
        parts = [place]
        if not session.is_indexed:
            parts.append("following" if session.task.follow else "reading …")
        return " " + " · ".join(parts)

    def on_event_list_chosen(self) -> None:
        """Draw the event that is looked at now."""
        self.status_line.update(self._status())
        self._draw_event()

    def _draw_event(self) -> None:
        if not self.is_busy:
            self.is_busy = True
            self.run_worker(self._draw_events())

    async def _draw_events(self) -> None:
        """Draw the event that is looked at, in another thread, until none else has been chosen meanwhile."""
        try:
            while (wanted := (self.event_list.row, self.event_view.width)) != self._drawn:
                row, width = wanted
                lines = await asyncio.to_thread(self._event_lines, row, width) if row is not None and width else []
                self._drawn = wanted
                self.event_view.show(lines)
        finally:
            self.is_busy = False

    def _new_blocks(self, width: int) -> tuple[Blocks, Callable[[Record], Block]]:
        form = BlockForm(self._form.spec, self._form.tz, width, color=True)
        return form.blocks(), form.compile()

    def _event_lines(self, row: int, width: int) -> list[str]:
        try:
            item = self.session.index.row(row)
        except CeventsError as error:
            return [visible(str(error))]
        blocks, block_of = self._blocks(width)
        block = blocks.malformed(item) if isinstance(item, Malformed) else block_of(item)
        text = blocks.placed(block, self.session.index.source_of(row), item.line).decode()
        return text.rstrip("\n").split("\n")

    def action_move(self, places: int) -> None:
        """Look at another event."""
        self.event_list.move(places)

    def action_page(self, pages: int) -> None:
        """Look at an event a page away."""
        self.event_list.move(pages * max(self.event_list.size.height - 1, 1))

    def action_to_end(self, end: int) -> None:
        """Look at the first or the last event."""
        self.event_list.go(0 if end < 0 else len(self.event_list.listing))

    def action_scroll_event(self, lines: int) -> None:
        """Scroll the event."""
        self.event_view.scroll_relative(y=lines * max(self.event_view.size.height // 2, 1), animate=False)

    def action_interrupt(self) -> None:
        """End as Ctrl-C ends every command."""
        self.exit(130)


def run(session: Session, spec: ValidationSpec, tz: tzinfo | None) -> int:
    """Show *session* until the user has enough, and return the exit code."""
    app = BrowseApp(session, RowForm(spec, tz))
    code = app.run()
    return app.return_code or code or 0
