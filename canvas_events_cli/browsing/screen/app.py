"""The screen: a list, the event beside or below it, and a line that says where one is. It only wires."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, ClassVar, TypeVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import WorkType

from canvas_events_cli.browsing.listing import Listing
from canvas_events_cli.browsing.screen import asking
from canvas_events_cli.browsing.screen.event_list import EventList
from canvas_events_cli.browsing.screen.event_view import EventView
from canvas_events_cli.browsing.screen.keys import KEYS
from canvas_events_cli.browsing.screen.list_lines import BESIDE_WIDTH, ListLines
from canvas_events_cli.browsing.screen.prompt import Prompt
from canvas_events_cli.browsing.screen.terminal import GONE, end_at_signals, end_soon, is_gone
from canvas_events_cli.browsing.search import Query
from canvas_events_cli.browsing.session import Session
from canvas_events_cli.errors import ExitCode
from canvas_events_cli.rendering.safe_text import shorten, visible

_LOOK_SECONDS = 0.1
_TOLD_SECONDS = 3
"""How long what is told stands over the event."""
_LEAST_STATUS = 24
"""Columns that the last line wants before it reminds of keys."""
Result = TypeVar("Result")


class BrowseApp(App[int]):
    """Looks through the events of a session; returns an exit code."""

    CSS = """
    #panes { layout: vertical; }
    #panes.beside { layout: horizontal; }
    EventList, LinesView { width: 1fr; height: 1fr; }
    #panes LinesView { border-top: solid ansi_bright_black; }
    #panes.beside LinesView { border-top: none; border-left: solid ansi_bright_black; }
    #status { height: 1; text-style: reverse; }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        # First of all, in the order in which they are pressed: what comes after a key that asks belongs to the answer.
        *(Binding(key.keys, key.action, key.does, show=False, priority=True) for key in KEYS),
        Binding("ctrl+c", "interrupt", show=False, priority=True),
    ]

    def __init__(self, session: Session, lines: ListLines) -> None:
        """*lines* say how the list has events; the event itself is by the same schemas, in the same zone."""
        super().__init__(ansi_color=True)  # else NO_COLOR gives shades of grey, black on black among them
        self.theme = next(name for name in ("ansi-dark", "textual-ansi") if name in self.available_themes)
        self.session = session
        self.lines = lines
        self._doing: dict[threading.Event, str] = {}
        self._told = 0
        self._has_failed = self._is_ending = False
        self.wanted: Query = Query()
        """What the list is to show."""
        self.hint = ""
        """Why it may show nothing."""
        self._explained: Listing | None = None

    def compose(self) -> ComposeResult:
        """Lay out."""
        self.event_list = EventList(self.lines, self.session.listing)
        self.event_view = EventView(self.lines)
        self.status_line = Static(id="status", markup=False)
        self.prompt = Prompt()
        with Container(id="panes"):
            yield self.event_list
            yield self.event_view
        yield self.prompt
        yield self.status_line

    def on_mount(self) -> None:
        """Begin to look what has come, and to listen to signals: they leave the terminal as it was."""
        end_at_signals(self.exit)
        self.watch(self.screen, "focused", self._keep_focus)
        self.event_list.focus()
        self.look()
        self.run_worker(self.session.gather_names, thread=True)
        self.set_interval(_LOOK_SECONDS, self.look)

    def _keep_focus(self, focused: Widget | None) -> None:
        """Let keys always have somebody to go to: a click beside the screen would leave them to nobody."""
        if focused is None:
            self.screen_stack[0].set_focus(self.prompt.line if self.prompt.display else self.event_list)
        elif focused is self.event_list and self.prompt.display:
            self.prompt.action_leave()

    def on_resize(self, event: events.Resize) -> None:
        """Put the event where there is room for it."""
        self.query_one("#panes").set_class(event.size.width >= BESIDE_WIDTH, "beside")

    @property
    def is_unsorted(self) -> bool:
        """Whether the list is to be in the order of time, and is not yet."""
        return self.wanted.times and not self.session.listing.is_sorted

    def look(self) -> None:
        """See what has come, and whether the terminal has gone."""
        if not self._is_ending and is_gone():
            self._is_ending = True
            end_soon(self.exit, GONE)
        session, listing = self.session, self.session.listing
        self.event_list.look()
        told = session.told[self._told :]
        self._told += len(told)
        for text in dict.fromkeys(told):
            self.tell(text, is_wrong=True)
        if session.failure is not None and not self._has_failed:
            self._has_failed = True
            self.tell(str(session.failure), is_wrong=True)
        if self.is_unsorted and listing.is_done and not any(worker.group == "sort" for worker in self.workers):
            self.do(self._sort, group="sort")
        if listing is not self._explained and not len(listing) and listing.is_done and session.is_read:
            self._explained = listing
            if self.wanted.where:
                self.do(self._explain, group="explain")
        self.show_status()

    async def _explain(self) -> None:
        listing = self.session.listing
        for text in await self.in_thread("looking …", lambda stop: self.session.unknown(listing, stop)):
            self.tell(text)
            what, _, why = text.removeprefix("-w ").partition(": ")
            self.hint = f"{what}: {why.rpartition('; ')[2]}"  # the last line is short
        self.show_status()

    async def _sort(self) -> None:
        listing = self.session.listing
        rows = await self.in_thread("sorting …", lambda _: listing.in_order_of_time())
        if listing is self.session.listing:
            self.stop("look")
            row = self.event_list.row
            listing.put_in_order(rows)
            self.event_list.show(listing, row)

    def tell(self, text: str, *, is_wrong: bool = False) -> None:
        """Say *text* for some seconds."""
        self.notify(
            visible(text), severity="warning" if is_wrong else "information", markup=False, timeout=_TOLD_SECONDS
        )

    def show_status(self) -> None:
        """Say where one is, and what is under way."""
        session, shown, wanted = self.session, self.event_list.listing, self.wanted
        parts = [f"{self.event_list.cursor + 1:,} of {len(shown):,}" if len(shown) else "no event"]
        parts += [*dict.fromkeys(session.told)][-1:]
        if self.event_list.matches is not None:
            parts.append(f"{len(session.listing):,} of them meet")
        parts += [self.hint] if self.hint and not len(shown) else [*wanted.where, *wanted.about]
        parts += [text for is_on, text in ((wanted.times, "by time"), (wanted.digests, "without copies")) if is_on]
        parts += dict.fromkeys(self._doing.values())
        if not session.listing.is_done:
            parts.append(f"searching {session.listing.searched * 100 // max(session.index.rows, 1)} %")
        if not session.is_indexed:
            parts.append("following" if session.is_read else "reading …")
        text = " " + " · ".join(map(visible, parts))
        hint = "? keys  q quit "
        room = self.size.width - len(hint) - 1
        self.status_line.update(f"{shorten(text, room).ljust(room)} {hint}" if room > _LEAST_STATUS else text)

    def do(self, work: Callable[..., Coroutine[Any, Any, object]], *arguments: object, group: str = "look") -> None:
        """Have *work* done with *arguments*, in place of what else of its *group* was under way."""
        begun: WorkType[object] = partial(work, *arguments)
        self.run_worker(begun, group=group, exclusive=True)

    def stop(self, group: str) -> bool:
        """Stop what of *group* is under way; tell whether something was."""
        return bool(self.workers.cancel_group(self, group))

    async def in_thread(self, what: str, function: Callable[[threading.Event], Result]) -> Result:
        """Return what *function* gives in another thread; the last line says *what* is under way.

        It is given an event that is set once nobody waits for it any more.
        """
        stop = threading.Event()
        self._doing[stop] = what
        self.show_status()
        try:
            return await asyncio.to_thread(function, stop)
        finally:
            stop.set()
            del self._doing[stop]
            self.show_status()

    def want(self, query: Query, *, keep: bool = False) -> None:
        """Have the list show what *query* wants; *keep* stays at the event that is looked at.

        Raises CeventsError for what the query cannot mean.
        """
        row = self.event_list.row if keep else None
        self.stop("look")
        listing = self.session.show(query)
        self.wanted, self.hint = query, ""
        self.stop("explain")
        self.event_list.matches = None
        self.event_list.show(listing, row)
        self.show_status()

    def on_event_list_chosen(self) -> None:
        """Draw the event that is looked at now."""
        self.show_status()
        self.event_view.draw(self.event_list.row)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Tell whether keys are for the list, and not for a line to type into, or what stands over the screen."""
        return action == "interrupt" or self.focused is self.event_list

    def action_move(self, places: int, pages: int = 0) -> None:
        """Look at another event, as far away, or at the first or the last one."""
        self.stop("look")
        page = max(self.event_list.size.height - 1, 1)
        self.event_list.go(self.event_list.cursor + places + pages * page)

    def action_scroll_event(self, lines: int) -> None:
        """Scroll the event."""
        self.event_view.scroll_relative(y=lines * max(self.event_view.size.height // 2, 1), animate=False)

    def action_around(self) -> None:
        """Show all events around those that are wanted, or only these."""
        row, listing = self.event_list.row, self.session.listing
        if listing.is_all:
            return
        is_around = self.event_list.matches is None
        self.event_list.matches = listing if is_around else None
        self.event_list.show(self.session.everything if is_around else listing, row)

    def action_match(self, step: int) -> None:
        """Look at the next event that is wanted."""
        row = self.event_list.row
        if self.event_list.matches is None or row is None:
            self.action_move(step)
        elif (found := self.session.listing.next_of(row, step)) is not None:
            self.stop("look")
            self.event_list.go(found)

    def action_ask(self, what: str) -> None:
        """Ask for what a key needs to know, or tell what it shows."""
        asked = asking.ASKED[what]
        if iscoroutinefunction(asked):
            self.do(asked, self)
        else:
            asked(self)

    def action_take_back(self) -> None:
        """Stop what is under way, else take back what was wanted last."""
        wanted = self.wanted
        if self.stop("look") or self.stop("write"):
            self.show_status()
        elif self._notifications:
            self.clear_notifications()
        elif wanted.about or wanted.where:
            last = "about" if wanted.about else "where"
            self.want(replace(wanted, **{last: getattr(wanted, last)[:-1]}), keep=True)

    def action_change(self, what: str) -> None:
        """Order by time, or hide redelivered copies; or take that back."""
        changed: dict[str, Any] = {what: not getattr(self.wanted, what)}
        self.want(replace(self.wanted, **changed), keep=True)

    def _fatal_error(self) -> None:
        """End at a bug, which :func:`run` raises: Textual would print what all variables hold."""
        self._close_messages_no_wait()

    def action_interrupt(self) -> None:
        """End as Ctrl-C ends every command."""
        self.exit(ExitCode.INTERRUPTED)


def run(session: Session, lines: ListLines) -> int:
    """Show *session* until the user has enough, and return the exit code."""
    app = BrowseApp(session, lines)
    code = app.run()
    if app._exception is not None:
        raise app._exception
    return code or 0
