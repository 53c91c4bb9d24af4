"""What stands over the screen until it is answered, or read."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from canvas_events_cli.browsing.screen.event_view import LinesView

_CSS = """
{name} {{ align: center middle; }}
{name} Vertical {{ width: 90%; max-width: 110; height: auto; max-height: 90%; border: solid ansi_bright_black; }}
{name} Static {{ text-style: bold; }}
"""
_LEAVE: list[BindingType] = [Binding("escape,q,ctrl+c", "leave", show=False)]


class Choose(ModalScreen[int | None]):
    """Has one of several texts, which are safe to print, chosen; returns its place."""

    CSS = _CSS.format(name="Choose") + "OptionList { height: auto; max-height: 20; border: none; padding: 0; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        *_LEAVE,
        Binding("j", "step(1)", show=False),
        Binding("k", "step(-1)", show=False),
    ]

    def __init__(self, title: str, options: Sequence[str]) -> None:
        super().__init__()
        self._title, self._options = title, options

    def compose(self) -> ComposeResult:
        """Lay out."""
        with Vertical():
            yield Static(self._title, markup=False)
            yield OptionList(*(Option(Text(text, no_wrap=True, overflow="ellipsis")) for text in self._options))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return what was chosen."""
        self.dismiss(event.option_index)

    def action_step(self, step: int) -> None:
        """Look at the next option."""
        options = self.query_one(OptionList)
        if step > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def action_leave(self) -> None:
        """Choose nothing."""
        self.dismiss(None)


class Tell(ModalScreen[None]):
    """Shows lines, which are safe to print but for our own colours."""

    CSS = _CSS.format(name="Tell") + "Tell LinesView { height: auto; border: none; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        *_LEAVE,
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,space", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        super().__init__()
        self._title, self._lines = title, lines

    def compose(self) -> ComposeResult:
        """Lay out."""
        with Vertical():
            yield Static(self._title, markup=False)
            yield LinesView(self._lines)

    def on_mount(self) -> None:
        """Be as high as there are lines."""
        room = max(self.app.size.height * 9 // 10 - 4, 3)
        self.query_one(LinesView).styles.height = min(len(self._lines), room)

    def action_scroll(self, lines: int) -> None:
        """Scroll."""
        self.query_one(LinesView).scroll_relative(y=lines, animate=False)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
